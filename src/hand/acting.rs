//! Faults injected and healed one command at a time, with the same verification as in a scenario.
//!
//! You are in the right place for what is refused beforehand: a fault that exists nowhere, one that a node has already, one that it cannot have as it is.

use super::journal::{self, Deed};
use super::nodes;
use super::session::Session;
use super::state::{CLOCK, OpenFault, by_hand};
use super::trouble::Trouble;
use crate::faults::Entry;
use crate::steps::params::{Direction, Nodes, Span, Who};
use crate::systems::{self, Part};
use crate::topology::located::nearest;
use crate::world::World;
use std::time::Duration;

/// What to do to whom.
#[derive(Debug, Clone, Default)]
pub struct Harm {
    pub fault: String,
    /// As typed.
    pub nodes: Vec<String>,
    /// How far a clock jumps, as typed.
    pub by: Option<String>,
    /// After how long it is healed, as typed.
    pub span: Option<String>,
}

/// The fault of that name; a dash will do for the space.
///
/// # Errors
/// No such fault: the nearest, or all.
pub fn known(name: &str) -> Result<&'static Entry, Trouble> {
    let plain = name.trim().trim_matches('"').replace('-', " ").to_lowercase();
    by_hand().find(|entry| entry.name == plain).ok_or_else(|| {
        let names = || by_hand().map(|entry| entry.name);
        let near = nearest(&plain, names()).map_or_else(
            || format!("there are {}; `rehearsal faults` explains them", names().collect::<Vec<_>>().join(", ")),
            |near| format!("did you mean {near}?"),
        );
        Trouble::usage(format!("no fault is called \"{name}\""), near)
    })
}

/// How far a clock jumps: "60 seconds", "60 seconds ahead", "-2 seconds", "2 seconds back".
///
/// # Errors
/// What is wrong with it.
pub fn distance(text: &str) -> Result<i64, Trouble> {
    let text = text.trim();
    let (text, direction) = match (text.strip_prefix('-'), text.rsplit_once(' ')) {
        (Some(back), _) => (back, Direction::Back),
        (None, Some((span, "back"))) => (span, Direction::Back),
        (None, Some((span, "ahead"))) => (span, Direction::Ahead),
        _ => (text, Direction::Ahead),
    };
    let span: Span =
        text.parse().map_err(|message| Trouble::usage(format!("--by: {message}"), "as in --by \"60 seconds\" or --by \"2 seconds back\""))?;
    Ok(direction.millis(span.0))
}

impl Harm {
    /// Distance and span, as far as they fit the fault.
    fn measures(&self, entry: &Entry) -> Result<(i64, Option<Duration>), Trouble> {
        let millis = match (&self.by, entry.name == CLOCK) {
            (Some(by), true) => distance(by)?,
            (None, true) => return Err(Trouble::usage("how far does the clock jump?", "as in --by \"60 seconds\" or --by \"2 seconds back\"")),
            (Some(_), false) => {
                return Err(Trouble::usage(format!("--by: nothing about \"{}\" has a distance", entry.name), format!("it is for \"{CLOCK}\"")));
            }
            (None, false) => 0,
        };
        let span = self.span.as_ref().map(|text| text.parse::<Span>().map(|span| span.0));
        let span = span.transpose().map_err(|message| Trouble::usage(format!("--for: {message}"), "as in --for \"3 seconds\""))?;
        Ok((millis, span))
    }
}

impl Session {
    /// Names of the nodes a word means now, with the words a sentence has for them.
    ///
    /// # Errors
    /// Unknown, or nobody has that role.
    pub fn nodes(&self, word: &str) -> Result<(Vec<String>, Nodes), Trouble> {
        let topology = self.world.deployment()?.topology();
        let meant = nodes::meant(word, topology)?;
        if !meant.any {
            let names = self.world.names(&meant)?;
            // Who was elected is another one another time, so a sentence should not name it.
            let elected = topology.parts(Part::Secondary).iter().any(|name| names == [*name]) && self.world.primaries_now() == names;
            let role = topology.node(&names[0]).map_or("master", |node| node.kind.system.primary());
            return Ok((names, if elected { nodes::meant(&format!("the {role}"), topology)? } else { meant }));
        }
        // In a sentence that observes, any of them will do; here somebody has to be chosen.
        let healthy = |name: &String| !self.state.faults.iter().any(|fault| fault.node == *name);
        let Who::Declared(role) = meant.who else {
            return Err(Trouble::usage(format!("{} names no role", meant.text), "a node by its name, or a role"));
        };
        let one = self.world.now_in_role(role).into_iter().find(healthy);
        let one =
            one.ok_or_else(|| Trouble::usage(format!("no node is a {role} now and without a fault"), "`rehearsal watch --once` shows who is what"))?;
        Ok((vec![one.clone()], nodes::named(&[one])))
    }

    /// The one node a word means.
    ///
    /// # Errors
    /// As [`Session::nodes`], or several.
    pub fn node(&self, word: &str) -> Result<(String, Nodes), Trouble> {
        let (names, said) = self.nodes(word)?;
        match <[String; 1]>::try_from(names) {
            Ok([name]) => Ok((name, said)),
            Err(names) => {
                Err(Trouble::usage(format!("\"{word}\" are {} nodes, and one is asked for", names.len()), format!("one of {}", names.join(", "))))
            }
        }
    }

    /// Injects a fault and verifies that it has bitten; answers what the probes saw.
    ///
    /// # Errors
    /// It makes no sense as things are, or it did not bite.
    pub async fn inject(&mut self, harm: &Harm) -> Result<String, Trouble> {
        let entry = known(&harm.fault)?;
        let (millis, span) = harm.measures(entry)?;
        let (mut names, mut said) = (Vec::new(), String::new());
        for word in &harm.nodes {
            let (more, words) = self.nodes(word)?;
            names.extend(more.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
            said = words.text;
        }
        if harm.nodes.len() > 1 {
            said = nodes::named(&names).text;
        }
        for name in &names {
            self.fits(entry, name)?;
        }
        self.note_roles()?;
        let began = journal::now();
        let open = |node: &String| OpenFault { fault: entry.name.to_owned(), node: node.clone(), millis };
        let faults: Vec<OpenFault> = names.iter().map(open).collect();
        let Some(fault) = faults.first().and_then(OpenFault::fault) else { return Err(Trouble::Usage("no node was named".to_owned())) };
        // Written down before it is done, so that what is interrupted half-way can be healed.
        self.state.faults.extend(faults);
        self.folder.save(&self.state)?;
        let injected = self.world.inject(fault, &names, span).await;
        self.save()?;
        injected?;
        let seen = self.world.take_observation().unwrap_or_default();
        let span = span.map(|span| span.as_millis() as u64);
        self.note(began, Deed::Inject { fault: entry.name.to_owned(), nodes: names, said, millis, span })?;
        Ok(seen)
    }

    /// Whether the node can have the fault now.
    fn fits(&self, entry: &Entry, node: &str) -> Result<(), Trouble> {
        let heal = format!("`rehearsal heal {node}` makes it whole first");
        for open in self.state.faults.iter().filter(|open| open.node == node) {
            let gone = matches!(open.fault.as_str(), "killed" | "stopped");
            let frozen = open.fault == "paused" && entry.name != "killed";
            if open.fault == entry.name || gone || frozen {
                return Err(Trouble::usage(format!("{node} cannot be {}: it is {} already", entry.name, open.fault), heal));
            }
        }
        let spec = self.world.deployment()?.topology().node(node);
        if entry.preload && !(self.state.standing.preload && spec.is_some_and(|spec| spec.under_test)) {
            let why = if self.state.standing.preload {
                "it does not run the server under test"
            } else {
                "this program was built without the library for it"
            };
            return Err(Trouble::usage(
                format!("the clock of {node} cannot be moved: {why}"),
                "choose another node, or another fault: `rehearsal faults`",
            ));
        }
        Ok(())
    }

    /// Heals the open faults of a node, or all there are, newest first, and verifies each; answers what the probes saw.
    ///
    /// # Errors
    /// There is none, or one does not heal: it stays open then.
    pub async fn heal(&mut self, word: Option<&str>) -> Result<Vec<String>, Trouble> {
        let of = match word {
            Some(word) => Some(self.nodes(word)?.0),
            None => None,
        };
        let meant = |open: &&OpenFault| of.as_ref().is_none_or(|names| names.contains(&open.node));
        let healing: Vec<OpenFault> = self.state.faults.iter().rev().filter(meant).cloned().collect();
        if healing.is_empty() {
            let open: Vec<String> = self.state.faults.iter().map(|open| format!("{} ({})", open.node, open.fault)).collect();
            let open = if open.is_empty() { "no fault is open".to_owned() } else { format!("open are: {}", open.join(", ")) };
            let who = of.map_or_else(|| "nothing".to_owned(), |names| names.join(", "));
            return Err(Trouble::usage(format!("{who} to heal"), open).worded(&self.world, word));
        }
        self.note_roles()?;
        let mut seen = Vec::new();
        for open in healing {
            let began = journal::now();
            let Some(fault) = open.fault() else { continue };
            let healed = self.world.heal(std::slice::from_ref(&open.node), fault.cure()).await;
            self.save()?;
            healed?;
            seen.push(self.world.take_observation().unwrap_or_default());
            self.note(began, Deed::Heal { node: open.node, fault: open.fault, millis: open.millis })?;
        }
        Ok(seen)
    }
}

impl Trouble {
    /// A role that means somebody else by now is worth a word.
    fn worded(self, world: &World, word: Option<&str>) -> Trouble {
        let role = word.and_then(|word| word.rsplit(' ').next()).filter(|role| systems::is_primary(role));
        match (&self, role, world.primaries_now().as_slice()) {
            (Trouble::Usage(message), Some(role), [primary]) => Trouble::Usage(format!("{message}\n  = note: {primary} is the {role} now")),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_with_a_dash_and_missed_with_a_hint() {
        assert_eq!(known("clock-jumped").unwrap().name, CLOCK);
        assert!(known("killd").err().unwrap().to_string().contains("did you mean killed?"));
        assert!(known("annoyed").err().unwrap().to_string().contains("there are killed, stopped, paused, isolated, clock jumped"));
    }

    #[test]
    fn a_distance_has_a_direction() {
        let told: Vec<i64> = ["60 seconds", "60 seconds ahead", "2 seconds back", "-2 seconds"].iter().map(|text| distance(text).unwrap()).collect();
        assert_eq!(told, [60_000, 60_000, -2_000, -2_000]);
        assert!(distance("60").is_err() && distance("far back").is_err());
    }

    #[test]
    fn only_a_clock_has_a_distance() {
        let harm = |fault: &str, by: Option<&str>| Harm { fault: fault.to_owned(), by: by.map(str::to_owned), ..Harm::default() };
        let measured = |harm: Harm| harm.measures(known(&harm.fault).unwrap());
        assert!(measured(harm("killed", Some("60 seconds"))).is_err());
        assert!(measured(harm("clock jumped", None)).is_err());
        assert_eq!(measured(harm("clock jumped", Some("1 minute"))).unwrap(), (60_000, None));
    }
}
