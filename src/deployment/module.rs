//! A module with a data type, for servers that are to load one. You are in the right place for its life on this side: built by `build.rs`, carried in
//! this program, put into server containers; what it does in there is in `apps/module`.

use super::{error::EngineError, start::Deployment};

/// Empty when this program was built for a system or processor the module does not know.
static MODULE: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/librehearsal_module.so"));
const MODULE_PATH: &str = "/usr/local/lib/rehearsal/stamp.so";

impl Deployment {
    /// Puts the module where the node's server can load it; returns the path.
    ///
    /// # Errors
    /// This program was built without it, or the file could not be put.
    pub async fn put_module(&self, node: &str) -> Result<&'static str, EngineError> {
        if MODULE.is_empty() {
            let reason = "this program was built without it (it needs Linux on x86_64 or aarch64)".to_owned();
            return Err(EngineError::Host { what: "the module".to_owned(), reason });
        }
        self.put_file(node, MODULE_PATH, MODULE, 0o755).await?;
        Ok(MODULE_PATH)
    }
}
