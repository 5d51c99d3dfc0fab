//! Files and programs of a node's server. You are in the right place for configuration that changes, RDB and AOF files, starting again with
//! empty data, and for running a program beside the server.

use std::time::Duration;

use super::{
    error::EngineError,
    shell::{Output, quote},
    start::Deployment,
};

impl Deployment {
    /// Runs a program beside the node's server, in its image and its environment, whether the server lives or not.
    pub async fn exec(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        let inner = self.node(node)?;
        Ok(inner.shell.run(&inner.in_environment(&self.options, argv), limit).await?.into())
    }

    /// Puts a file where the node's server sees it, with the folders above it. It is a new file: a program that has the old one open keeps
    /// that one.
    pub async fn put_file(&self, node: &str, path: &str, bytes: &[u8], mode: u32) -> Result<(), EngineError> {
        self.node(node)?.shell.put(path, mode, bytes).await
    }

    /// Content of a file of the node's server; an error with what `cat` says if there is none.
    pub async fn get_file(&self, node: &str, path: &str) -> Result<Vec<u8>, EngineError> {
        let inner = self.node(node)?;
        Ok(inner.shell.must(&format!("$B cat {}", quote(path))).await?.stdout)
    }

    /// Starts the node's server anew with empty data and the files of its topology. Address, port and rules stay, and so does what it had
    /// logged.
    pub async fn wipe(&self, node: &str) -> Result<(), EngineError> {
        self.kill(node).await?;
        let inner = self.node(node)?;
        inner.shell.reset().await?;
        inner.start_first(&self.engine, &self.options).await
    }
}
