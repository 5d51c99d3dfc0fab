//! *power cut*: the host of the node loses power. Needs the preload library, which notes what was synced.

use super::{Entry, Fault, killed};
use crate::deployment::Cut;
use crate::error::{Cause, StepError};
use crate::world::World;
use futures::FutureExt as _;
use futures::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

pub(super) const ENTRY: Entry = Entry {
    name: "power cut",
    doc: "The server process dies by SIGKILL, and its files are cut back to what it had synced: what lay in the page cache is gone. \
          A file that was never synced is empty; names of files count as durable.",
    example: ("When the master loses power", "When the master is started again"),
    verified_by: "the process is gone as when killed, and no file is longer than its server had synced it",
    preload: true,
    own_step: true,
    make: || Rc::new(PowerCut::default()),
};

/// Loss of power; remembers what it left of each file.
#[derive(Debug, Default)]
pub struct PowerCut {
    cuts: RefCell<HashMap<String, Vec<Cut>>>,
}

impl Fault for PowerCut {
    fn name(&self) -> &'static str {
        ENTRY.name
    }

    fn cure(&self) -> &'static str {
        "started again"
    }

    fn inject<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move {
            let cuts = world.deployment()?.cut_power(node).await?;
            self.cuts.borrow_mut().insert(node.to_owned(), cuts);
            Ok(())
        }
        .boxed_local()
    }

    fn bitten<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move {
            let gone = killed::is_gone(world, node).await?;
            let files = world.deployment()?.data_files(node).await?;
            let cuts = self.cuts.borrow().get(node).cloned().unwrap_or_default();
            for file in &files {
                let synced = cuts.iter().find(|cut| cut.name == file.name).map_or(0, |cut| cut.after);
                if file.bytes > synced {
                    let message = format!("{} of {node} should be cut to {synced} bytes but has {}", file.name, file.bytes);
                    return Err(StepError::new(Cause::Fault, message));
                }
            }
            Ok(format!("{gone}; {}", told(&cuts)))
        }
        .boxed_local()
    }

    fn heal<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<(), StepError>> {
        async move { Ok(world.deployment()?.start_server(node).await?) }.boxed_local()
    }

    fn healed<'a>(&'a self, world: &'a World, node: &'a str) -> LocalBoxFuture<'a, Result<String, StepError>> {
        async move { world.answers(node).await }.boxed_local()
    }
}

/// What was lost, in words.
fn told(cuts: &[Cut]) -> String {
    let lost = cuts.iter().filter(|cut| cut.after < cut.before);
    let lost: Vec<String> = lost.map(|cut| format!("{} has {} of {} bytes", cut.name, cut.after, cut.before)).collect();
    if lost.is_empty() { "every byte of its files was synced".to_owned() } else { lost.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_lost_is_told() {
        let cut = |name: &str, before, after| Cut { name: name.into(), before, after };
        assert_eq!(told(&[cut("a", 5, 5), cut("b", 9, 0)]), "b has 0 of 9 bytes");
        assert_eq!(told(&[cut("a", 5, 5)]), "every byte of its files was synced");
    }
}
