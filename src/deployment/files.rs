//! Files and programs of a node's server. You are in the right place for configuration that changes, RDB and AOF files, starting again with
//! empty data, and for running a program beside the server.

use std::{net::Ipv4Addr, sync::atomic::Ordering, time::Duration};

use super::{
    error::EngineError,
    shell::{Output, quote, words},
    start::Deployment,
};

/// The folder in which every topology keeps a server's data.
pub const DATA: &str = "/data";

/// A file below the data folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Relative to the data folder: `appendonlydir/appendonly.aof.manifest`.
    pub name: String,
    /// What tells it from a later file of the same name.
    pub inode: u64,
    pub bytes: u64,
}

impl Deployment {
    /// Every file below the node's data folder, by name. A file that vanishes meanwhile is left out.
    pub async fn data_files(&self, node: &str) -> Result<Vec<DataFile>, EngineError> {
        let script = format!("cd {DATA} && {{ $B find . -type f -exec $B stat -c '%i %s %n' {{}} + 2>/dev/null; true; }}");
        let said = self.node(node)?.shell.must(&script).await?.stdout;
        let mut files: Vec<DataFile> = String::from_utf8_lossy(&said).lines().filter_map(data_file).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(files)
    }

    /// Cuts a file of the data folder to a length, in place.
    pub async fn cut_file(&self, node: &str, name: &str, bytes: u64) -> Result<(), EngineError> {
        let path = quote(&format!("{DATA}/{name}"));
        self.node(node)?.shell.must(&format!("$B truncate -s {bytes} {path}")).await.map(|_| ())
    }

    /// Fills the disk on which this file lies, with this file. For disks that a topology made small; any other is the engine's own.
    pub async fn fill_disk(&self, node: &str, path: &str) -> Result<(), EngineError> {
        // It ends by being refused, which is its purpose: small pieces last, so that no block is left.
        let path = quote(path);
        let script = format!("$B dd if=/dev/zero of={path} bs=64k 2>/dev/null; $B dd if=/dev/zero bs=512 2>/dev/null >>{path}; true");
        self.node(node)?.shell.must(&script).await.map(|_| ())
    }

    pub async fn remove_file(&self, node: &str, path: &str) -> Result<(), EngineError> {
        self.node(node)?.shell.must(&format!("$B rm -f {}", quote(path))).await.map(|_| ())
    }

    /// Runs a program of our own busybox beside the node's server, where its image may have none.
    pub async fn run_tool(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        Ok(self.node(node)?.shell.run(&format!("$B {}", words(argv)), limit).await?.into())
    }

    /// As `exec`, for a program that asks a question: this line is its answer.
    pub async fn exec_answering(&self, node: &str, argv: &[&str], answer: &str, limit: Duration) -> Result<Output, EngineError> {
        let inner = self.node(node)?;
        let script = format!("echo {} | {}", quote(answer), inner.in_environment(&self.options, argv));
        Ok(inner.shell.run(&script, limit).await?.into())
    }

    /// Runs a program beside the node's server, in its image and its environment, whether the server lives or not.
    pub async fn exec(&self, node: &str, argv: &[&str], limit: Duration) -> Result<Output, EngineError> {
        let inner = self.node(node)?;
        Ok(inner.shell.run(&inner.in_environment(&self.options, argv), limit).await?.into())
    }

    /// As `exec`, for a program that may not end: it is ended (SIGTERM, since a shell's background processes ignore SIGINT) after this time, as by Ctrl-C.
    pub async fn exec_interrupted(&self, node: &str, argv: &[&str], after: Duration, limit: Duration) -> Result<Output, EngineError> {
        let inner = self.node(node)?;
        let script = format!("$B timeout -s TERM {} {}", after.as_secs().max(1), inner.in_environment(&self.options, argv));
        Ok(inner.shell.run(&script, limit).await?.into())
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

    /// Replaces what one name stands for on a node (its `/etc/hosts`), or with no address takes the name away. Written in place, since the engine mounts that file; the
    /// place is not used again afterwards.
    pub async fn set_name(&self, node: &str, name: &str, address: Option<Ipv4Addr>) -> Result<(), EngineError> {
        let inner = self.node(node)?;
        inner.names_changed.store(true, Ordering::Relaxed);
        let line = address.map_or(String::new(), |address| format!("; echo {}", quote(&format!("{address} {name}"))));
        let script = format!("kept=$($B grep -v {} /etc/hosts); {{ echo \"$kept\"{line}; }} >/etc/hosts", quote(&format!(" {name}$")));
        inner.shell.must(&script).await.map(|_| ())
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

/// `1234 88 ./appendonlydir/appendonly.aof.manifest`, as the look into the folder prints it.
fn data_file(line: &str) -> Option<DataFile> {
    let mut words = line.splitn(3, ' ');
    let (inode, bytes, name) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?, words.next()?);
    Some(DataFile { name: name.trim_start_matches("./").to_owned(), inode, bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_folder_is_read_whole() {
        let file = data_file("1234 88 ./appendonlydir/a file").unwrap();
        assert_eq!(file, DataFile { name: "appendonlydir/a file".into(), inode: 1234, bytes: 88 });
        assert_eq!(data_file("stat: no such file"), None);
    }
}
