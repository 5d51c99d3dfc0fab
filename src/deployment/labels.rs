//! The labels every container and network of ours carries. You are in the right place to see how ours are told from anybody else's.

use std::collections::HashMap;

use super::start::Options;

/// Which run it belongs to.
pub(super) const RUN: &str = "org.rehearsal.run";
/// Which host's locks decide whether that run is alive.
pub(super) const HOST: &str = "org.rehearsal.host";
/// Which deployment of the run: what is removed together.
pub(super) const DEPLOYMENT: &str = "org.rehearsal.deployment";
/// For people who look with `docker ps`.
pub(super) const SCENARIO: &str = "org.rehearsal.scenario";
/// For people who look with `docker ps`.
pub(super) const NODE: &str = "org.rehearsal.node";
/// On what was started to be played with by hand: the file that says so. As long as it does, nobody prunes it.
pub(super) const HAND: &str = "org.rehearsal.hand";
/// On images we built: the hash of their recipe.
pub(super) const RECIPE: &str = "org.rehearsal.recipe";

pub(super) type Labels = HashMap<String, String>;

/// The labels of a deployment's containers and networks.
pub(super) fn of(options: &Options, host: &str, deployment: &str) -> Labels {
    let all = [(RUN, options.run.as_str()), (HOST, host), (DEPLOYMENT, deployment), (SCENARIO, &options.scenario)];
    let hand = options.hand.iter().map(|file| (HAND, file.to_str().unwrap_or_default()));
    all.into_iter().chain(hand).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// A run id as it may stand in names of containers and files: letters, digits, `_`, `.`, `-`.
pub(super) fn name_part(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || "_.-".contains(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hold_nothing_the_engine_refuses() {
        assert_eq!(name_part("a/b c:1.2_x"), "a-b-c-1.2_x");
    }
}
