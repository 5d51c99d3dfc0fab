//! Projects of strangers: what their files say stays text. It runs nothing on this host, and nothing outside the project is read or written.
//!
//! You are in the right place when a file could do more than say what is to be played. No engine is needed: what is refused is refused by `check`.

use super::generated::played;
use super::{FEATURE, Project, expect};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

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

/// A folder beside the project, with a file that nothing may read or write.
fn outside(project: &Project) -> PathBuf {
    let outside = project.0.with_extension("outside");
    let _ = fs::remove_dir_all(&outside);
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("precious"), "root:TOPSECRET\n").unwrap();
    outside
}

/// Whether that folder is as it was.
fn is_untouched(outside: &Path) -> bool {
    fs::read_dir(outside).unwrap().count() == 1 && fs::read_to_string(outside.join("precious")).is_ok_and(|text| text == "root:TOPSECRET\n")
}

/// Puts something into the place of a file, links and folders included.
fn instead(project: &Project, file: &str, make: impl Fn(&Path)) {
    let path = project.0.join(file);
    let _ = fs::remove_file(&path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    make(&path);
}

/// Every file that `check` reads.
const READ: [&str; 7] = [
    "features/sentinel/a.feature",
    "compose/sentinel.yml",
    "compose/servers.toml",
    "compose/broken.toml",
    "rehearsal.toml",
    "claims.yaml",
    "features/b.feature",
];

#[test]
fn a_pipe_a_device_or_a_link_outside_is_no_file() {
    let mut wrong = Vec::new();
    let pipe = |path: &Path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    let zero = |path: &Path| symlink("/dev/zero", path).unwrap();
    for (what, says) in [("pipe", "it is no regular file"), ("device", "it leads out of"), ("link", "it leads out of")] {
        let project = Project::new("no-files");
        let outside = outside(&project);
        for file in READ {
            instead(&project, file, |path| match what {
                "pipe" => pipe(path),
                "device" => zero(path),
                _ => symlink(outside.join("precious"), path).unwrap(),
            });
        }
        for command in ["check", "run"] {
            let (code, stdout, stderr) = project.run(&[command]);
            // A run tells of its settings first. Of servers that are broken nothing is read where the catalogue cannot be.
            let told = |file: &&str| stderr.split("\n\n").any(|told| told.contains(&format!(" --> {file}:1")) && told.contains(says));
            let untold: Vec<_> = READ.iter().filter(|file| command == "check" && **file != "compose/broken.toml" && !told(file)).collect();
            if code != 2 || !untold.is_empty() || format!("{stdout}{stderr}").contains("TOPSECRET") || !is_untouched(&outside) {
                wrong.push(format!("{what}, {command}: exit {code}, not told {untold:?}: {stderr}"));
            }
        }
    }
    let project = Project::new("no-broken");
    instead(&project, "compose/broken.toml", pipe);
    expect(&project, &["check"], 2, &[" --> compose/broken.toml:1", "it is no regular file"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_record_reads_nothing_outside_its_folder() {
    let mut wrong = Vec::new();
    for what in ["pipe", "device", "link", "target", "runs"] {
        let project = Project::new("strange-records");
        let outside = outside(&project);
        let host = r#"{"os": "linux", "cpus": 2, "memory_mib": 1, "engine": "1"}"#;
        let index = format!(
            r#"{{"schema":1,"run":"20260101T000000-1","started":"","finished":null,"rehearsal":"0","host":{host},"servers":[],"scenarios":[]}}"#
        );
        match what {
            "target" => symlink(&outside, project.0.join("target")).unwrap(),
            "runs" => instead(&project, "target/rehearsal/runs", |path| symlink(&outside, path).unwrap()),
            _ => instead(&project, "target/rehearsal/runs/20260101T000000-1/record.json", |path| match what {
                "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
                "device" => symlink("/dev/zero", path).unwrap(),
                _ => symlink(outside.join("precious"), path).unwrap(),
            }),
        }
        let folder = project.0.join("target/rehearsal/runs/20260101T000000-1");
        let (code, _, stderr) = project.run(&["replay", "20260101T000000-1"]);
        if code == 0 || stderr.contains("TOPSECRET") {
            wrong.push(format!("replay {what}: {code} {stderr}"));
        }
        project.write("part/record.json", &index);
        if what != "target" && what != "runs" {
            expect(&project, &["merge", folder.to_str().unwrap()], 2, &["record.json"], &mut wrong);
        } else {
            let (code, _, stderr) = project.run(&["merge", project.0.join("part").to_str().unwrap()]);
            if code == 0 || !stderr.contains("leads out of") {
                wrong.push(format!("merge into {what}: {code} {stderr}"));
            }
        }
        if !is_untouched(&outside) {
            wrong.push(format!("{what}: something was written outside"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_log_that_lies_elsewhere_is_not_taken_along() {
    let mut wrong = Vec::new();
    let project = Project::new("strange-logs");
    let outside = outside(&project);
    let (mut record, mut evidence) = (played::record(), played::evidence());
    record["scenarios"][0]["verdict"] = "failed".into();
    evidence["snapshots"][0]["log"] = "logs/a.log".into();
    let id = record["run"].as_str().unwrap().to_owned();
    project.write("part/record.json", record.to_string());
    project.write(&format!("part/{}", record["scenarios"][0]["evidence"].as_str().unwrap()), evidence.to_string());
    for (what, taken) in [("file", true), ("link", false), ("pipe", false)] {
        instead(&project, "part/logs/a.log", |path| match what {
            "file" => fs::write(path, "root:LOG").unwrap(),
            "link" => symlink(outside.join("precious"), path).unwrap(),
            _ => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        });
        let (code, _, stderr) = project.run(&["merge", project.0.join("part").to_str().unwrap()]);
        let logs = fs::read_dir(project.0.join("target/rehearsal/runs")).unwrap().flatten().flat_map(|run| fs::read_dir(run.path().join("logs")));
        let texts: Vec<String> = logs.flatten().flatten().map(|log| fs::read_to_string(log.path()).unwrap()).collect();
        if !stderr.contains("1 failed") || texts != if taken { vec!["root:LOG"] } else { vec![] } {
            wrong.push(format!("{what} of {id}: exit {code}, {texts:?}: {stderr}"));
        }
        fs::remove_dir_all(project.0.join("target")).unwrap();
    }
    assert!(is_untouched(&outside) && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_written_stays_in_the_project() {
    let mut wrong = Vec::new();
    let project = Project::new("strange-writes");
    let outside = outside(&project);
    symlink(&outside, project.0.join("features/out")).unwrap();
    symlink(outside.join("new"), project.0.join("compose/mine.yml")).unwrap();
    expect(&project, &["new", "topology", "mine", "--formation", "sentinel"], 2, &["compose/mine.yml"], &mut wrong);
    expect(&project, &["check"], 2, &[" --> features/out:1", "it leads out of"], &mut wrong);
    for report in ["json=../strange-report.json", "json=/tmp/strange-report.json", "json=features/out/x.json"] {
        project.write("rehearsal.toml", format!("report = [\"{report}\"]\n"));
        expect(&project, &["run"], 2, &["rehearsal.toml", "lies outside the project"], &mut wrong);
    }
    fs::remove_file(project.0.join("features/out")).unwrap();
    fs::remove_file(project.0.join("compose/mine.yml")).unwrap();
    project.write("rehearsal.toml", "report = [\"json=report.json\"]\n");
    expect(&project, &["run"], 3, &["no Docker engine answers"], &mut wrong);
    let elsewhere = outside.with_extension("json");
    expect(&project, &["run", "--report", &format!("json={}", elsewhere.display())], 3, &["no Docker engine answers"], &mut wrong);
    assert!(is_untouched(&outside) && wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_server_executable_outside_the_project_is_refused() {
    let mut wrong = Vec::new();
    let project = Project::new("strange-binary");
    let outside = outside(&project);
    symlink(outside.join("precious"), project.0.join("server")).unwrap();
    project.write("compose/servers.toml", "mine-7.0 = { image = \"redis:7.0.15\", binary = \"server\" }\n");
    expect(&project, &["check", "--strict"], 2, &[" --> compose/servers.toml:1", "it leads out of"], &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn links_that_multiply_are_walked_once() {
    let project = Project::new("strange-links");
    for depth in 0..30 {
        fs::create_dir_all(project.0.join(format!("features/d{depth}"))).unwrap();
        for name in ["a", "b"] {
            symlink(format!("../d{}", depth + 1), project.0.join(format!("features/d{depth}/{name}"))).unwrap();
        }
    }
    project.write("features/d30/sentinel.feature", FEATURE.replace("@sentinel", "@d30"));
    let began = Instant::now();
    let mut wrong = Vec::new();
    expect(&project, &["check"], 0, &["2 scenarios"], &mut wrong);
    assert!(began.elapsed() < Duration::from_secs(10) && wrong.is_empty(), "{:?} {}", began.elapsed(), wrong.join("\n"));
}
