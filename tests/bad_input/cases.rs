//! What a case is, and how many of them are played: each in a project that is right but for one file, by several threads.
//!
//! You are in the right place for what holds of *every* bad input. The cases themselves stand in the files beside this one, one a kind of file.

use super::{CLAIMS, FEATURE, Project, SERVERS};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What is wrong with the file.
pub enum Wrong {
    /// The first of these words is the other one.
    Edit(&'static str, &'static str),
    /// The whole file is this.
    Whole(&'static [u8]),
    /// This stands behind the last line.
    More(&'static str),
}

/// File, what is wrong with it, where that is told (`:LINE` or `:LINE:COLUMN`), and words of the message or of its way out.
pub type Case = (&'static str, Wrong, &'static str, &'static str);

/// Threads that play cases: they mostly wait for processes.
const PLAYERS: usize = 4;

/// Does `work` for every number below `all`, on some threads, each with a project of its own; everything found is told.
pub fn side_by_side(name: &str, all: usize, work: impl Fn(&Project, usize, &mut Vec<String>) + Sync) {
    let (next, found) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for player in 0..PLAYERS {
            let (next, found, work) = (&next, &found, &work);
            scope.spawn(move || {
                let (project, mut wrong) = (Project::new(&format!("{name}-{player}")), Vec::new());
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= all {
                        break;
                    }
                    work(&project, number, &mut wrong);
                }
                found.lock().unwrap().extend(wrong);
            });
        }
    });
    let found = found.into_inner().unwrap();
    assert!(found.is_empty(), "{} of {all} {name} are told wrongly:\n\n{}", found.len(), found.join("\n\n"));
}

/// Plays a table of cases with `check`: exit code 2, the place and the words.
pub fn all_are_told(name: &str, cases: &[Case]) {
    side_by_side(name, cases.len(), |project, number, wrong| {
        let (file, what, place, says) = &cases[number];
        let right = right(file);
        let text = match what {
            Wrong::Edit(from, to) => {
                assert!(right.contains(from), "{file} has no {from:?}");
                right.replacen(from, to, 1).into_bytes()
            }
            Wrong::Whole(bytes) => bytes.to_vec(),
            Wrong::More(text) => format!("{right}{text}").into_bytes(),
        };
        project.write(file, text);
        let (code, _, stderr) = project.run(&["check"]);
        // A column may follow a line, but not another digit. `:` alone stands for any line.
        let ends = |rest: &str| *place == ":" || !rest.starts_with(|c: char| c.is_ascii_digit());
        let placed = stderr.split(&format!(" --> {file}{place}")).skip(1).any(ends);
        if code != 2 || !placed || !stderr.contains(says) || !every_error_has_a_place(&stderr) {
            wrong.push(format!("{file} {place} {says:?}, case {number}: exit {code}\n{stderr}"));
        }
        match file {
            &"rehearsal.toml" => project.write(file, ""),
            _ => project.write(file, &right),
        }
    });
}

/// The file as it is in a project without mistakes.
pub fn right(file: &str) -> String {
    match file {
        "features/sentinel/a.feature" => FEATURE.to_owned(),
        "compose/servers.toml" => SERVERS.to_owned(),
        "claims.yaml" => CLAIMS.to_owned(),
        "rehearsal.toml" => String::new(),
        file => std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap(),
    }
}

/// What holds of every finding: no panic, and below each error stand file and line.
pub fn every_error_has_a_place(stderr: &str) -> bool {
    let lines: Vec<&str> = stderr.lines().collect();
    let placed = |at: usize| {
        // A message may take several lines.
        let below = lines[at + 1..].iter().take_while(|line| !line.starts_with("error: ")).find_map(|line| line.strip_prefix(" --> "));
        below.is_some_and(|place| place.split(':').nth(1).is_some_and(|line| line.parse::<usize>().is_ok_and(|line| line > 0)))
    };
    let errors: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].starts_with("error: ")).collect();
    !errors.is_empty() && errors.into_iter().all(placed) && !stderr.contains("panicked")
}
