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

/// Where a case's file lies: features and topologies stand side by side, so that one `check` tells of all of them; of the others a project has one.
pub fn place(file: &str, number: usize) -> String {
    match file.split_once('/') {
        Some(("features", _)) => format!("features/sentinel/case-{number}.feature"),
        Some(("compose", name)) if name.ends_with(".yml") => format!("compose/case-{number}.yml"),
        _ => file.to_owned(),
    }
}

/// Plays tables of cases with `check`: exit code 2, the place and the words. Cases of the same number are played together, and all of a table whose files can
/// stand side by side.
pub fn all_are_told(name: &str, tables: &[&[Case]]) {
    let alone = |cases: &[Case]| cases.first().is_some_and(|(file, ..)| place(file, 0) == *file);
    let rounds = tables.iter().filter(|cases| alone(cases)).map(|cases| cases.len()).max().unwrap_or(1);
    side_by_side(name, rounds, |project, round, wrong| {
        let all: Vec<(usize, &Case)> =
            tables.iter().flat_map(|cases| cases.iter().enumerate().filter(|(number, _)| !alone(cases) || *number == round)).collect();
        for (number, (file, what, ..)) in &all {
            project.write(&place(file, *number), what.of(file));
        }
        let (code, _, stderr) = project.run(&["check"]);
        if code != 2 || !every_error_has_a_place(&stderr) {
            wrong.push(format!("round {round}: exit {code}\n{stderr}"));
        }
        for (number, (file, _, line, says)) in &all {
            let path = format!(" --> {}:", place(file, *number));
            let told: Vec<&str> = stderr.split("\n\n").filter(|told| told.contains(&path)).collect();
            // A column may follow a line, but not another digit. `:` alone stands for any line.
            let ends = |rest: &str| *line == ":" || !rest.starts_with(|c: char| c.is_ascii_digit());
            let wanted = format!("{}{line}", path.trim_end_matches(':'));
            let placed = told.iter().any(|told| told.contains("error: ") && told.split(&wanted).skip(1).any(ends));
            if !placed || !told.iter().any(|told| told.contains(says)) {
                wrong.push(format!("{file}{line} {says:?}, case {number}: {}", told.join("\n")));
            }
            if place(file, *number) == *file {
                project.write(file, right(file));
            }
        }
    });
}

impl Wrong {
    fn of(&self, file: &str) -> Vec<u8> {
        let right = right(file);
        match self {
            Wrong::Edit(from, to) => {
                assert!(right.contains(from), "{file} has no {from:?}");
                right.replacen(from, to, 1).into_bytes()
            }
            Wrong::Whole(bytes) => bytes.to_vec(),
            Wrong::More(text) => format!("{right}{text}").into_bytes(),
        }
    }
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
