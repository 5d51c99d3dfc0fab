//! Taking a node's data network away and giving it back. You are in the right place for silence instead of refusal; the published port goes
//! through the control network and keeps answering, so both sides of a partition stay observable.

use super::{error::EngineError, start::Deployment};

/// A chain of our own: mending takes away exactly what cutting added, whatever rules other faults have put beside it.
const CHAIN: &str = "rehearsal-cut";

impl Deployment {
    /// Name of the interface that has the node's data address. Found by address: names follow the order in which networks were connected.
    pub async fn interface(&self, node: &str) -> Result<String, EngineError> {
        let inner = self.node(node)?;
        let name = inner.interface.get_or_try_init(|| async {
            let command = format!("ip -o -4 address show to {}", inner.spec.address);
            let said = inner.tools(&self.engine).await?.must(&command).await?;
            // `5: eth1    inet 198.18.7.11/24 brd ...`
            String::from_utf8_lossy(&said.stdout).split_whitespace().nth(1).map(str::to_string).ok_or_else(|| EngineError::Tool {
                node: node.to_string(),
                command,
                status: 0,
                stderr: "no interface has that address".into(),
            })
        });
        name.await.cloned()
    }

    /// Drops everything that enters or leaves through the data interface. An error if it is cut already.
    pub async fn cut(&self, node: &str) -> Result<(), EngineError> {
        let interface = self.interface(node).await?;
        let script = format!(
            "set -e; iptables -N {CHAIN}; iptables -A {CHAIN} -j DROP; \
             iptables -I INPUT 1 -i {interface} -j {CHAIN}; iptables -I OUTPUT 1 -o {interface} -j {CHAIN}"
        );
        self.script(node, &script).await
    }

    /// Takes the rules of `cut` away again, and nothing else. An error if it is not cut.
    pub async fn mend(&self, node: &str) -> Result<(), EngineError> {
        let interface = self.interface(node).await?;
        let script = format!(
            "set -e; iptables -D INPUT -i {interface} -j {CHAIN}; iptables -D OUTPUT -o {interface} -j {CHAIN}; \
             iptables -F {CHAIN}; iptables -X {CHAIN}"
        );
        self.script(node, &script).await
    }

    /// One script in the node's network namespace, which must succeed.
    async fn script(&self, node: &str, script: &str) -> Result<(), EngineError> {
        self.node(node)?.tools(&self.engine).await?.must(script).await.map(|_| ())
    }
}
