//! What a person at a terminal is asked, and how a program ends that goes on until it is told to.
//!
//! You are in the right place when something was pulled, built or started that nobody had agreed to, or when a signal was not obeyed. `script` gives the terminal.

use super::{Project, expect};
use rehearsal::record::hash::text_hash;
use rehearsal::run::plan::Plan;
use rehearsal::run::project;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Plays a line on a terminal: its exit code, and what was seen there. The keys are sent when the question is there.
fn typed(project: &Project, line: &str, keys: &str, env: &[(&str, &str)]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_rehearsal");
    let mut command = Command::new("script");
    command.args(["-q", "-e", "-c", &format!("'{program}' --project '{}' {line}", project.0.display()), "/dev/null"]);
    command.env_remove("CI").env("DOCKER_HOST", "unix:///nonexistent/docker.sock").envs(env.iter().copied());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut seen) = (child.stdin.take(), String::new());
    for line in BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok) {
        // What is closed behind it says Ctrl-D: nobody answers twice.
        if let Some(mut stdin) = stdin.take_if(|_| line.contains("Go on?")) {
            stdin.write_all(keys.as_bytes()).unwrap();
        }
        seen += &format!("{line}\n");
    }
    (child.wait().unwrap().code().unwrap_or(-1), seen)
}

/// Where it is noted that somebody agreed to this project as it is now.
fn agreed(project: &Project) -> PathBuf {
    let root = project.0.canonicalize().unwrap();
    let own: Vec<String> = Plan::of(&project::Project::at(&root)).unwrap().own().map(ToString::to_string).collect();
    let id = text_hash(std::iter::once(&*root.to_string_lossy()).chain(own.iter().map(String::as_str)));
    let user = std::fs::metadata("/proc/self").unwrap().uid();
    PathBuf::from(format!("/var/tmp/rehearsal-{user}/agreed-{id}"))
}

/// A line, what is typed, surroundings, whether it is asked, exit code: 3 is as far as a project comes without an engine, 130 the shell's word for Ctrl-C.
type Asked = (&'static str, &'static str, &'static [(&'static str, &'static str)], bool, i32);

const ASKED: &[Asked] = &[
    ("run", "\n", &[], true, 2),
    ("run", "n\n", &[], true, 2),
    ("run", "yes!\n", &[], true, 2),
    ("run", "\u{4}", &[], true, 2),
    ("run", "\u{3}", &[], true, 130),
    ("run", "n\n", &[("CI", "false")], true, 2),
    ("run", "", &[("CI", "true")], false, 3),
    ("run --yes", "", &[], false, 3),
    ("up sentinel", "n\n", &[], true, 2),
    ("images build", "n\n", &[], true, 2),
    ("measure failover", "n\n", &[], true, 2),
    ("check", "", &[], false, 0),
    ("run", "Yes\n", &[], true, 3),
    ("run", "", &[], false, 3),
    ("up sentinel", "", &[], false, 3),
];

#[test]
fn a_project_that_takes_something_of_its_own_is_asked_about_once() {
    let project = Project::new("asked");
    project.write("compose/servers.toml", "mine-7.0 = { image = \"localhost:1/mine:7.0\", debian = \"bookworm\", package = \"redis\" }\n");
    let _ = std::fs::remove_file(agreed(&project));
    let mut wrong = Vec::new();
    for (line, keys, env, asked, code) in ASKED {
        let (got, seen) = typed(&project, line, keys, env);
        let named = seen.contains("mine-7.0 (compose/servers.toml): takes the image localhost:1/mine:7.0");
        if got != *code || seen.contains("Go on?") != *asked || named != *asked || (got == 2 && !seen.contains("nothing was done")) {
            wrong.push(format!("{line} {keys:?} {env:?}: exit {got}, wanted {code} and asked {asked}\n{seen}"));
        }
    }
    let _ = std::fs::remove_file(agreed(&project));
    // Where nobody could answer, nobody is asked.
    expect(&project, &["run"], 3, &["no Docker engine answers"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_book_is_served_until_somebody_ends_it() {
    let project = Project::new("served");
    // Nothing of that is wanted: `init` begins where nothing is.
    std::fs::remove_dir_all(&project.0).unwrap();
    std::fs::create_dir_all(&project.0).unwrap();
    let (code, _, stderr) = project.run(&["init", "--book"]);
    assert_eq!(code, 0, "{stderr}");
    for signal in ["INT", "TERM", "HUP"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.args(["--project", project.0.to_str().unwrap(), "book", "--no-run", "serve", "--port", "0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(told.any(|line| line.contains("the book is at http://127.0.0.1:")), "it ended before it served");
        assert!(Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(0), "SIG{signal}");
    }
}
