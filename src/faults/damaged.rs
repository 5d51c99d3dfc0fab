//! *damaged*: a file of the node's data is not what its server wrote: a bit is flipped, its end is missing, or zeros follow it. The file as it was can be put back.

use super::{Entry, Fault};
use crate::deployment::DATA;
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "damaged",
    doc: "A file of the node's data has one bit flipped, lacks its last bytes, is empty, or ends with zeros, as after a failing disk, a bad copy, or a crash in the middle of a write.",
    example: ("When the file \"dump.rdb\" of the master is damaged at byte 20", "When the file \"dump.rdb\" of the master is restored"),
    verified_by: "the file is read again and differs from what it was",
    preload: false,
    own_step: true,
    make: || Rc::new(Damaged::new("dump.rdb", Harm::End)),
};

/// The bit that is flipped: in text it changes capitals to small letters, so that the damage can be read.
const BIT: u8 = 0x20;

/// A block of a file system or a few: what a crash leaves.
const MOST_ZEROS: usize = 1 << 20;

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// A bit of the byte at this place, counted from 0.
    Byte(usize),
    Middle,
    /// The last byte.
    End,
    /// This many bytes are missing at the end.
    Cut(usize),
    /// All bytes are missing.
    Emptied,
    /// This many zero bytes follow the last one.
    Zeros(usize),
}

/// Harm to one file, relative to the data folder; remembers what was in it.
#[derive(Debug)]
pub struct Damaged {
    file: String,
    harm: Harm,
    before: RefCell<HashMap<String, Vec<u8>>>,
}

impl Damaged {
    pub fn new(file: &str, harm: Harm) -> Damaged {
        Damaged { file: file.to_owned(), harm, before: RefCell::default() }
    }

    fn path(&self) -> String {
        format!("{DATA}/{}", self.file)
    }
}

impl Fault for Damaged {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "restored"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move {
            let deployment = world.deployment()?;
            let before = deployment.get_file(node, &self.path()).await?;
            let after = harmed(&before, self.harm).map_err(|why| StepError::scenario(format!("{} of {node} {why}", self.file)))?;
            self.before.borrow_mut().insert(node.to_owned(), before);
            Ok(deployment.put_file(node, &self.path(), &after, 0o644).await?)
        }
        .boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let now = world.deployment()?.get_file(node, &self.path()).await?;
            let before = self.before.borrow().get(node).cloned().unwrap_or_default();
            let differs = before.iter().zip(&now).position(|(a, b)| a != b);
            match differs {
                Some(at) => Ok(format!("byte {at} of {} was {:#04x} and is {:#04x}", self.file, before[at], now[at])),
                None if now.len() > before.len() => {
                    Ok(format!("{} has {} bytes more than its {}", self.file, now.len() - before.len(), before.len()))
                }
                None if now.len() < before.len() => Ok(format!("{} has {} of {} bytes", self.file, now.len(), before.len())),
                None => Err(StepError::new(Cause::Fault, format!("{} of {node} should be damaged but is as before", self.file))),
            }
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move {
            let before = self.before.borrow().get(node).cloned();
            // Nothing to put back when the fault broke off before it had read the file.
            let Some(before) = before else { return Ok(()) };
            Ok(world.deployment()?.put_file(node, &self.path(), &before, 0o644).await?)
        }
        .boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let Some(before) = self.before.borrow().get(node).cloned() else { return Ok(String::new()) };
            let now = world.deployment()?.get_file(node, &self.path()).await?;
            // A server that lives may already have written to it again.
            if !now.starts_with(&before) {
                return Err(StepError::new(Cause::Fault, format!("{} of {node} should be as before but differs", self.file)));
            }
            Ok(format!("{} of {node} is as before", self.file))
        }
        .boxed_local()
    }
}

/// The bytes with the harm done to them, or why that cannot be.
fn harmed(bytes: &[u8], harm: Harm) -> Result<Vec<u8>, String> {
    let mut after = bytes.to_vec();
    let at = match harm {
        Harm::Cut(count) if count > 0 && count <= bytes.len() => {
            after.truncate(bytes.len() - count);
            return Ok(after);
        }
        Harm::Cut(count) => return Err(format!("has {} bytes: it cannot be cut by {count}", bytes.len())),
        Harm::Emptied if bytes.is_empty() => return Err("is empty already".to_owned()),
        Harm::Emptied => return Ok(Vec::new()),
        Harm::Zeros(count) if count > 0 && count <= MOST_ZEROS => {
            after.resize(bytes.len() + count, 0);
            return Ok(after);
        }
        Harm::Zeros(count) => return Err(format!("cannot get {count} zero bytes: 1 to {MOST_ZEROS}")),
        Harm::Byte(at) => at,
        Harm::Middle => bytes.len() / 2,
        Harm::End => bytes.len().saturating_sub(1),
    };
    let byte = after.get_mut(at).ok_or_else(|| format!("has {} bytes: there is no byte {at} to damage", bytes.len()))?;
    *byte ^= BIT;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_is_flipped_where_it_was_said() {
        assert_eq!(harmed(b"REDIS", Harm::Byte(0)).unwrap(), b"rEDIS");
        assert_eq!(harmed(b"REDIS", Harm::Middle).unwrap(), b"REdIS");
        assert_eq!(harmed(b"REDIS", Harm::End).unwrap(), b"REDIs");
        assert_eq!(harmed(b"REDIS", Harm::Cut(3)).unwrap(), b"RE");
        assert_eq!(harmed(b"REDIS", Harm::Emptied).unwrap(), b"");
        assert_eq!(harmed(b"REDIS", Harm::Zeros(2)).unwrap(), b"REDIS\0\0");
    }

    #[test]
    fn harm_beyond_the_file_is_told() {
        assert!(harmed(b"REDIS", Harm::Byte(5)).unwrap_err().contains("5 bytes"));
        assert!(harmed(b"REDIS", Harm::Cut(6)).is_err());
        assert!(harmed(b"", Harm::End).is_err());
        assert!(harmed(b"", Harm::Emptied).is_err());
        assert!(harmed(b"REDIS", Harm::Zeros(0)).is_err());
        assert!(harmed(b"REDIS", Harm::Zeros(usize::MAX)).is_err());
    }
}
