//! Projects of strangers: what their files say stays text. It runs nothing on this host, and nothing outside the project is read or written.
//!
//! You are in the right place when a file could do more than say what is to be played. No engine is needed: what is refused is refused by `check`.

use super::{Project, expect};
use std::fs;

/// File, its text, where that is told, and what is said of it.
const NAMES: &[(&str, &str, &str, &str)] = &[
    ("compose/servers.toml", "e-7.0 = { image = \"redis:7\", debian = \"--setup-hook=id > hooked; exit 1\" }\n", ":1:", "is no suite of Debian"),
    (
        "compose/servers.toml",
        "e-7.0 = { image = \"redis:7\", debian = \"bookworm main\\ndeb [trusted=yes] http://x y-backports\" }\n",
        ":1:",
        "is no suite of Debian",
    ),
    ("compose/servers.toml", "e-7.0 = { image = \"redis:7\", debian = \"./hooks\" }\n", ":1:", "is no suite of Debian"),
    ("compose/servers.toml", "e-7.0 = { image = \"../containers/x?redis:7\" }\n", ":1:", "is no reference to an image"),
    ("compose/servers.toml", "e-7.0 = { image = \"redis:7\\nRUN id\" }\n", ":1:", "is no reference to an image"),
    ("compose/servers.toml", "\"-e-7.0\" = { image = \"redis:7\" }\n", ":1:", "is no name of a server"),
    ("compose/broken.toml", "[bad]\nwhat = \"x\"\nbinary = \"/etc/shadow\"\nfails = { \"a#a\" = \"x\" }\n", ":3:", "lies outside the project"),
    ("compose/broken.toml", "[bad]\nwhat = \"x\"\nbinary = \"a/../../x\"\nfails = { \"a#a\" = \"x\" }\n", ":3:", "lies outside the project"),
    (
        "compose/broken.toml",
        "[-x]\nwhat = \"x\"\nappend = [\"appendfsync no\"]\nfails = { \"a#a\" = \"x\" }\n",
        ":1:",
        "is no name for a broken server",
    ),
];

/// Names of nodes that would be a path, markup, or a line of their own.
const NODES: [&str; 6] = ["x/y", "../x", "<img src=x>", "a\\nb", "a\\u001b[31m", "-x"];

#[test]
fn no_name_of_a_project_becomes_an_argument_or_a_path() {
    let mut wrong = Vec::new();
    for (file, text, place, says) in NAMES {
        let project = Project::new("strange-names");
        project.write(file, text);
        expect(&project, &["check"], 2, &[&format!(" --> {file}{place}"), says], &mut wrong);
        expect(&project, &["run"], 2, &[says], &mut wrong);
    }
    for name in NODES {
        let project = Project::new("strange-nodes");
        project.edit("compose/sentinel.yml", "  replica-2:\n", &format!("  \"{name}\":\n"));
        expect(&project, &["check"], 2, &[" --> compose/sentinel.yml:", "is no name of a node"], &mut wrong);
    }
    let project = Project::new("strange-images");
    let text = fs::read_to_string(project.0.join("compose/sentinel.yml")).unwrap();
    project.write("compose/sentinel.yml", text.replace("${REHEARSAL_IMAGE:-redis:7.0.15}", "../containers/x"));
    expect(&project, &["check"], 2, &[" --> compose/sentinel.yml:", "is no reference to an image"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
