//! What is on the disk where a file should be: folders, links that lead nowhere or round in circles, files that nobody may read, and files of other editors.

use super::cases::{every_error_has_a_place, right, side_by_side};
use super::{FEATURE, Project, expect};
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

/// Every file a person writes, with what reads it.
const FILES: [&str; 5] = ["features/sentinel/a.feature", "compose/sentinel.yml", "compose/servers.toml", "rehearsal.toml", "claims.yaml"];

/// What stands in a file's place, made by a function; `true` where it has to be told, `false` where it is as good as the file itself.
type Instead = (&'static str, fn(&Project, &str), bool);

const INSTEAD: [Instead; 8] = [
    ("a folder", |p, f| fs::create_dir_all(p.0.join(f)).unwrap(), true),
    ("a link to nothing", |p, f| symlink("nowhere", p.0.join(f)).unwrap(), true),
    ("a link to itself", |p, f| symlink(p.0.join(f), p.0.join(f)).unwrap(), true),
    ("a socket's worth of zeros", |p, f| p.write(f, vec![0; 4096]), true),
    ("UTF-16", |p, f| p.write(f, format!("{} ", right(f)).encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>()), true),
    ("a line of a megabyte", |p, f| p.write(f, "x".repeat(1 << 20)), true),
    ("carriage returns", |p, f| p.write(f, right(f).replace('\n', "\r\n")), false),
    ("a byte order mark", |p, f| p.write(f, format!("\u{feff}{}", right(f))), false),
];

pub const CASES: usize = FILES.len() * INSTEAD.len();

#[test]
fn what_stands_in_the_place_of_a_file_is_told() {
    side_by_side("places of files", INSTEAD.len(), |project, number, wrong| {
        let (what, make, bad) = &INSTEAD[number];
        for file in FILES {
            let _ = fs::remove_file(project.0.join(file));
            make(project, file);
        }
        let (code, _, stderr) = project.run(&["check"]);
        for file in FILES {
            // A folder may be called anything: it is no feature, and nobody says it is a bad one.
            let bad = *bad && !(*what == "a folder" && file.ends_with(".feature"));
            if stderr.contains(&format!(" --> {file}:")) != bad {
                wrong.push(format!("{what} as {file}: exit {code}"));
            }
            let _ = fs::remove_dir(project.0.join(file));
            let _ = fs::remove_file(project.0.join(file));
            project.write(file, right(file));
        }
        if code != if *bad { 2 } else { 0 } || (*bad && !every_error_has_a_place(&stderr)) {
            wrong.push(format!("{what}: exit {code}\n{}", stderr.chars().take(2000).collect::<String>()));
        }
    });
}

#[test]
fn links_that_lead_round_in_circles_end() {
    let project = Project::new("circles");
    symlink("..", project.0.join("features/sentinel/up")).unwrap();
    symlink(".", project.0.join("features/sentinel/here")).unwrap();
    let mut wrong = Vec::new();
    expect(&project, &["check"], 0, &["1 scenarios"], &mut wrong);
    expect(&project, &["run", "features/sentinel/up/nothing.feature"], 2, &["there is no features/sentinel/up/nothing.feature"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_file_nobody_may_read_is_told() {
    let project = Project::new("unreadable");
    let path = project.0.join("features/sentinel/a.feature");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read(&path).is_ok() {
        // Whoever may read everything cannot be kept from it.
        return;
    }
    let mut wrong = Vec::new();
    expect(&project, &["check"], 2, &[" --> features/sentinel/a.feature:1", "cannot be read: Permission denied"], &mut wrong);
    fs::write(project.0.join("features/sentinel/b.feature"), FEATURE).unwrap();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
