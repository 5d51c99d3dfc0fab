//! Files into and out of containers, running or not. You are in the right place for configuration that changes, RDB and AOF files, and for
//! starting again with empty data.

use std::io::{self, Read};

use futures::TryStreamExt;
use testcontainers::bollard::{
    body_full,
    query_parameters::{DownloadFromContainerOptionsBuilder, UploadToContainerOptionsBuilder},
};

use super::{
    clean,
    engine::{CALL_LIMIT, Engine, limited},
    error::EngineError,
    node::lock,
    process,
    start::Deployment,
};

impl Deployment {
    /// Puts a file into the node's server container, with the folders above it. It is a new file: a program that has the old one open
    /// keeps that one.
    pub async fn put_file(&self, node: &str, path: &str, bytes: &[u8], mode: u32) -> Result<(), EngineError> {
        let archive = archive(&[(path, mode, bytes)]).map_err(|e| EngineError::host(path, e))?;
        let id = self.node(node)?.server_id();
        let options = UploadToContainerOptionsBuilder::new().path("/").build();
        self.engine.call("put file", self.engine.docker().upload_to_container(&id, Some(options), body_full(archive.into()))).await
    }

    /// Content of a file in the node's server container; an API error with status 404 if there is none.
    pub async fn get_file(&self, node: &str, path: &str) -> Result<Vec<u8>, EngineError> {
        get(&self.engine, &self.node(node)?.server_id(), path).await
    }

    /// Starts the node's server anew with empty data: another container in the same sandbox, so address, port and rules stay. What the
    /// old one had logged is kept.
    pub async fn wipe(&self, node: &str) -> Result<(), EngineError> {
        let node = self.node(node)?;
        let old = node.server_id();
        let said = process::container_log(&self.engine, &old).await?;
        clean::remove_container(&self.engine, old).await?;
        lock(&node.earlier_log).push_str(&said);
        node.start_server(&self.networks, &self.options).await
    }
}

async fn get(engine: &Engine, container: &str, path: &str) -> Result<Vec<u8>, EngineError> {
    let options = DownloadFromContainerOptionsBuilder::new().path(path).build();
    let download = async {
        let archive: Vec<u8> = engine
            .docker()
            .download_from_container(container, Some(options))
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
            .map_err(|e| EngineError::from_docker(&format!("get file {path}"), e))?;
        first_file(&archive).map_err(|e| EngineError::host(path, e))
    };
    limited("get file", CALL_LIMIT, download).await
}

/// A tar archive of files with absolute or relative paths, owned by root.
pub(super) fn archive(files: &[(&str, u32, &[u8])]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, mode, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(*mode);
        header.set_cksum();
        builder.append_data(&mut header, path.trim_start_matches('/'), *bytes)?;
    }
    builder.into_inner()
}

fn first_file(archive: &[u8]) -> io::Result<Vec<u8>> {
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        if entry.header().entry_type().is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            return Ok(bytes);
        }
    }
    Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let archive = archive(&[("/etc/redis/a.conf", 0o644, b"port 6379\n")]).unwrap();
        assert_eq!(first_file(&archive).unwrap(), b"port 6379\n");
    }
}
