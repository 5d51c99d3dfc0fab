//! A server executable of this host, in place of the image's own: read once, put over every executable of a server's name, and held against what runs.
//!
//! You are in the right place when another server runs than the one that was given. If the kernel refuses an executable, the search along
//! the `PATH` goes on to the next one of that name, which would be the image's own: so the image must have no other.

use super::{
    error::EngineError,
    node::Node,
    shell::{Shell, quote},
    start::Deployment,
};
use crate::confined;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;

/// Where it lies in the container.
const PLACE: &str = "/usr/local/lib/rehearsal/server";
/// Every name under which a topology may start a server.
const NAMES: &str = "redis-server redis-sentinel valkey-server valkey-sentinel";
/// How long a server may take from its start until its executable runs: a few milliseconds, more behind a wrapper of the topology's.
const LIMIT_MS: u32 = 5_000;

/// A server executable, with what it is known by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Binary {
    /// As the catalogue writes it.
    pub path: String,
    /// Of its bytes, 64 hex digits.
    pub sha256: String,
    /// Whether it is a script, which the kernel reads by another program.
    script: bool,
    /// Kept for the whole run: a file that is exchanged meanwhile is not played. Empty in a deployment that was opened again, whose containers have the file.
    #[serde(skip)]
    bytes: Arc<[u8]>,
}

impl PartialEq for Binary {
    fn eq(&self, other: &Binary) -> bool {
        (&self.path, &self.sha256) == (&other.path, &other.sha256)
    }
}

impl Eq for Binary {}

impl Binary {
    /// Reads it; `path` is relative to `root`.
    ///
    /// # Errors
    /// There is no such file, or it cannot be read.
    pub fn read(root: &Path, path: &Path) -> Result<Binary, EngineError> {
        let bytes = confined::read(root, &root.join(path), confined::EXECUTABLE).map_err(|e| EngineError::host(path.display().to_string(), e))?;
        Ok(Binary::of(&path.display().to_string(), bytes))
    }

    fn of(path: &str, bytes: Vec<u8>) -> Binary {
        let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Binary { path: path.to_owned(), sha256, script: bytes.starts_with(b"#!"), bytes: bytes.into() }
    }

    /// The file for a container that is about to start.
    pub(super) fn file(&self) -> (String, u32, Vec<u8>) {
        (PLACE.to_owned(), 0o755, self.bytes.to_vec())
    }

    /// Puts it over the image's own, so that no other of a server's name is on the `PATH`.
    pub(super) async fn put_over(&self, shell: &Shell) -> Result<(), EngineError> {
        shell.must(&over()).await.map(|_| ())
    }

    /// Why no kernel like this one can execute it, as far as its first bytes say so.
    fn flaw(&self) -> Option<String> {
        let machine = |code: u16| match code {
            0x03 => "x86".to_owned(),
            0x28 => "arm".to_owned(),
            0x3e => "x86_64".to_owned(),
            0xb7 => "aarch64".to_owned(),
            0xf3 => "riscv64".to_owned(),
            code => format!("machine {code:#x}"),
        };
        match &self.bytes[..] {
            [] => Some("it is empty".to_owned()),
            [0x7f, b'E', b'L', b'F', _, little, ..] if self.bytes.len() >= 20 => {
                let code = [self.bytes[18], self.bytes[19]];
                let code = if *little == 2 { u16::from_be_bytes(code) } else { u16::from_le_bytes(code) };
                (machine(code) != std::env::consts::ARCH)
                    .then(|| format!("it is an executable for {}, and this machine is {}", machine(code), std::env::consts::ARCH))
            }
            [b'#', b'!', ..] => None,
            _ => Some("it is neither an ELF executable nor a script that begins with #!".to_owned()),
        }
    }

    /// The program that the kernel loads to run it, if it names one: the loader of an ELF executable, the interpreter of a script.
    fn loader(&self) -> Option<String> {
        let text = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).trim().to_owned()).filter(|text| !text.is_empty());
        if self.script {
            let line = self.bytes[2..].split(|byte| *byte == b'\n').next()?;
            return text(line)?.split_whitespace().next().map(str::to_owned);
        }
        // A 64-bit little-endian ELF file: the table of program headers, of which one (PT_INTERP, 3) tells where the loader's path stands.
        let number = |at: usize, width: usize| {
            let bytes = self.bytes.get(at..at.checked_add(width)?)?;
            Some(bytes.iter().rev().fold(0_u64, |all, byte| all << 8 | u64::from(*byte)))
        };
        if !self.bytes.starts_with(&[0x7f, b'E', b'L', b'F', 2, 1]) {
            return None;
        }
        let (table, size, entries) = (number(0x20, 8)?, number(0x36, 2)?, number(0x38, 2)?);
        let mut heads = (0..entries).filter_map(|n| usize::try_from(table.checked_add(n * size)?).ok());
        let head = heads.find(|head| number(*head, 4) == Some(3))?;
        let (at, length) = (usize::try_from(number(head.checked_add(8)?, 8)?).ok()?, usize::try_from(number(head.checked_add(0x20)?, 8)?).ok()?);
        text(self.bytes.get(at..at.checked_add(length)?)?.split(|byte| *byte == 0).next()?)
    }
}

impl Node {
    /// Holds what runs against what was given; nothing where the image's own is meant. A server that has ended meanwhile tells by itself.
    pub(super) async fn runs_what_was_given(&self, binary: Option<&Binary>) -> Result<(), EngineError> {
        let Some(binary) = binary.filter(|_| self.house.kind.binary.is_some()) else { return Ok(()) };
        // A script may execute any other program, so what runs later cannot be compared. That the script ran is certain, since the image has no other executable of its name.
        if binary.script {
            return Ok(());
        }
        let raw = self.shell.run(&format!("runs {} {LIMIT_MS}", quote(PLACE)), super::engine::CALL_LIMIT).await?;
        match raw.status {
            0 => Ok(()),
            _ => Err(EngineError::Replaced {
                node: self.spec.name.clone(),
                binary: binary.path.clone(),
                runs: String::from_utf8_lossy(&raw.stdout).split_whitespace().collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

impl Deployment {
    /// Why the kernel cannot execute the executable that was given, in this image: what its name is, and what is wrong with it. `None` when the image's own was meant, or nothing speaks against it.
    pub async fn flaw_of_binary(&self) -> Option<String> {
        let binary = self.options.binary.as_ref()?;
        let node = self.nodes.values().find(|node| node.house.kind.binary.is_some())?;
        let missing = async |loader: String| {
            let there = node.shell.must(&format!("[ -e {} ]", quote(&loader))).await.is_ok();
            (!there).then(|| format!("it asks for {loader}, which this image does not have"))
        };
        let flaw = match (binary.flaw(), binary.loader()) {
            (None, Some(loader)) => missing(loader).await,
            (flaw, _) => flaw,
        };
        flaw.map(|flaw| format!("{}: {flaw}", binary.path))
    }
}

/// A script that leads every name of a server on the `PATH` to the given executable; `/usr/local/bin` has all of them afterwards.
fn over() -> String {
    format!("$B mkdir -p /usr/local/bin && over {} /usr/local/bin {NAMES}", quote(PLACE))
}

#[cfg(test)]
#[path = "binary_tests.rs"]
mod tests;
