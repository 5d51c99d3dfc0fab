//! Mutations of the project's own valid files, thousands of them and always the same: cut short, a line gone or twice, a character replaced, a key misspelt.
//!
//! You are in the right place when one of them broke a reader. The readers are called as `check` calls them; a sample goes through the built program as well.

#[path = "fuzzed.rs"]
mod fuzzed;
#[path = "played.rs"]
pub mod played;
#[path = "readers.rs"]
mod readers;

use super::cases::{every_error_has_a_place, place, right, side_by_side};
use rehearsal::claims::Claims;
use rehearsal::config::Config;
use rehearsal::topology::{Catalogue, Problem, Topology, Variables};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Files of the project, with where a copy lies in the project of a test, and how many mutations of each go through the built program.
const FILES: [(&str, &str); 7] = [
    ("features/sentinel/quorum.feature", "features/sentinel/a.feature"),
    ("features/sentinel/tilt.feature", "features/sentinel/a.feature"),
    ("compose/sentinel.yml", "compose/sentinel.yml"),
    ("compose/cluster.yml", "compose/cluster.yml"),
    ("compose/servers.toml", "compose/servers.toml"),
    ("rehearsal.toml", "rehearsal.toml"),
    ("claims.yaml", "claims.yaml"),
];

/// Mutations of each file that are read in this process, and that go through the built program.
const READ: usize = 400;
const PLAYED: usize = 20;
const ROUNDS: usize = 20;

pub const CASES: usize = FILES.len() * PLAYED;

/// Characters that mean something to one of the formats, and some that mean nothing to any.
const STRANGE: [char; 16] = ['\t', '"', '\'', ':', '{', '[', '|', '#', '&', '*', '\\', '\0', '\u{feff}', 'é', '😀', '\r'];

/// Splitmix64: the same numbers on every machine and in every year.
fn number(seed: u64) -> usize {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as usize
}

/// The mutation of that number, with its name.
fn mutated(text: &str, n: usize) -> (&'static str, String) {
    let at = number(n as u64);
    let lines: Vec<&str> = text.lines().collect();
    let line = at % lines.len();
    let with = |f: &dyn Fn(usize, &str) -> Vec<String>| lines.iter().enumerate().flat_map(|(n, l)| f(n, l)).collect::<Vec<_>>().join("\n") + "\n";
    let chars: Vec<char> = text.chars().collect();
    let place = at % chars.len();
    let change = |new: &[char]| chars[..place].iter().chain(new).chain(&chars[place + 1..]).collect::<String>();
    match n % 8 {
        0 => ("cut short", chars[..place].iter().collect()),
        1 => ("a line less", with(&|n, l| if n == line { vec![] } else { vec![l.to_owned()] })),
        2 => ("a line twice", with(&|n, l| vec![l.to_owned(); 1 + usize::from(n == line)])),
        3 => ("a character replaced", change(&[STRANGE[number(at as u64) % STRANGE.len()]])),
        4 => ("a character less", change(&[])),
        5 => ("two characters swapped", {
            let mut swapped = chars.clone();
            swapped.swap(place, (place + 1) % chars.len());
            swapped.into_iter().collect()
        }),
        6 => ("a line indented", with(&|n, l| vec![if n == line { format!(" {l}") } else { l.to_owned() }])),
        _ => ("a value of another kind", {
            let other = ["[]", "{}", "-1", "99999999999999999999", "\"\"", "null", "<x>", "~"][number(at as u64) % 8];
            with(&|n, l| vec![if n == line { format!("{}: {other}", l.split([':', '=']).next().unwrap_or_default()) } else { l.to_owned() }])
        }),
    }
}

fn original(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

/// Reads a text as `check` does; none for features, which need a project around them.
fn read(file: &str, text: &str) -> Option<Vec<Problem>> {
    Some(match file {
        "compose/servers.toml" => Catalogue::parse(text, file).err().unwrap_or_default(),
        "rehearsal.toml" => Config::parse(text, file).err().unwrap_or_default(),
        "claims.yaml" => Claims::parse(text, file).err().unwrap_or_default(),
        file if file.ends_with(".yml") => Topology::parse(text, file, &Variables::default()).err().unwrap_or_default(),
        _ => return None,
    })
}

#[test]
fn no_mutation_breaks_a_reader() {
    let (mut wrong, mut cases, mut refused) = (Vec::new(), 0, 0);
    for (file, _) in FILES {
        // One claim of the ledger says as much as all of them.
        let text = original(file).lines().take(200).map(|l| format!("{l}\n")).collect::<String>();
        for n in 0..READ {
            let (how, text) = mutated(&text, n);
            match catch_unwind(AssertUnwindSafe(|| read(file, &text))) {
                Ok(None) => continue,
                Ok(Some(problems)) => {
                    refused += usize::from(!problems.is_empty());
                    let lines = text.lines().count().max(1);
                    wrong.extend(
                        problems.iter().filter(|p| p.line == 0 || p.line > lines + 1 || p.message.is_empty()).map(|p| format!("{how} {n}: {p}")),
                    );
                }
                Err(_) => wrong.push(format!("{file}, {how}, number {n}: panic")),
            }
            cases += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {cases}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(refused > cases / 4, "only {refused} of {cases} are refused: these mutations prove nothing");
}

#[test]
fn no_mutation_breaks_the_program() {
    // Features and topologies stand side by side, so each round has one of every other file and some of these.
    side_by_side("mutations", ROUNDS, |project, round, wrong| {
        let mut changed = Vec::new();
        for (kind, (file, to)) in FILES.into_iter().enumerate() {
            for n in (round..PLAYED).step_by(ROUNDS) {
                let (how, text) = mutated(&original(file), kind * PLAYED + n);
                let place = place(to, kind * PLAYED + n);
                project.write(&place, text);
                changed.push(format!("{how}: {file} number {n}"));
            }
        }
        let (code, _, stderr) = project.run(&["check"]);
        if (code != 0 && (code != 2 || !every_error_has_a_place(&stderr))) || stderr.contains("panicked") {
            wrong.push(format!("one of these: {changed:?}: exit {code}\n{}", stderr.chars().take(2000).collect::<String>()));
        }
        for (to, _) in FILES.map(|(file, to)| (to, file)).iter().filter(|(to, _)| place(to, 0) == **to) {
            project.write(to, right(to));
        }
    });
}
