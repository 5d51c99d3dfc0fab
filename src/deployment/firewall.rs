//! Taking a node's data network away, or a part of it, and giving it back. You are in the right place for silence instead of refusal; the published port goes
//! through the control network and keeps answering, so both sides of a partition stay observable.

use super::{error::EngineError, start::Deployment};

/// Chains of our own: mending takes away exactly what cutting added, whatever rules other faults have put beside it.
const CUT: &str = "rehearsal-cut";
const LOSS: &str = "rehearsal-loss";

/// Which packets between two nodes are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    Both,
    /// Those that the one sends to the other.
    Out,
}

impl Way {
    fn chain(self) -> &'static str {
        match self {
            Way::Both => "rehearsal-apart",
            Way::Out => "rehearsal-mute",
        }
    }
}

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
        self.hook(node, CUT, &["-j DROP".to_owned()]).await
    }

    /// Takes the rules of `cut` away again, and nothing else. An error if it is not cut.
    pub async fn mend(&self, node: &str) -> Result<(), EngineError> {
        self.unhook(node, CUT).await
    }

    /// Drops what goes between the node and these others, or only what the node sends to them. An error if that is dropped already.
    pub async fn part(&self, node: &str, peers: &[String], way: Way) -> Result<(), EngineError> {
        let mut rules = Vec::new();
        for peer in peers {
            let address = self.node(peer)?.spec.address;
            rules.push(format!("-d {address} -j DROP"));
            if way == Way::Both {
                rules.push(format!("-s {address} -j DROP"));
            }
        }
        self.hook(node, way.chain(), &rules).await
    }

    /// Takes the rules of `part` away again. An error if there are none.
    pub async fn unite(&self, node: &str, way: Way) -> Result<(), EngineError> {
        self.unhook(node, way.chain()).await
    }

    /// Drops so many percent of what enters through the data interface, each packet by chance. An error if that is done already.
    pub async fn lose_packets(&self, node: &str, percent: u32) -> Result<(), EngineError> {
        let interface = self.interface(node).await?;
        let probability = f64::from(percent) / 100.0;
        self.hook(node, LOSS, &[format!("-i {interface} -m statistic --mode random --probability {probability} -j DROP")]).await
    }

    /// Takes the rule of `lose_packets` away again. An error if there is none.
    pub async fn keep_packets(&self, node: &str) -> Result<(), EngineError> {
        self.unhook(node, LOSS).await
    }

    /// Sends what enters and leaves through the data interface through these rules of a chain.
    async fn hook(&self, node: &str, chain: &str, rules: &[String]) -> Result<(), EngineError> {
        let interface = self.interface(node).await?;
        let rules: String = rules.iter().map(|rule| format!("iptables -A {chain} {rule}; ")).collect();
        let script = format!(
            "set -e; iptables -N {chain}; {rules}\
             iptables -I INPUT 1 -i {interface} -j {chain}; iptables -I OUTPUT 1 -o {interface} -j {chain}"
        );
        self.script(node, &script).await
    }

    async fn unhook(&self, node: &str, chain: &str) -> Result<(), EngineError> {
        let interface = self.interface(node).await?;
        let script = format!(
            "set -e; iptables -D INPUT -i {interface} -j {chain}; iptables -D OUTPUT -o {interface} -j {chain}; \
             iptables -F {chain}; iptables -X {chain}"
        );
        self.script(node, &script).await
    }

    /// One script in the node's network namespace, which must succeed.
    async fn script(&self, node: &str, script: &str) -> Result<(), EngineError> {
        self.node(node)?.tools(&self.engine).await?.must(script).await.map(|_| ())
    }
}
