//! Readers that leave early, and disks that are full: who prints goes on, and loses no data without a word.

use super::Project;
use std::fs::File;
use std::process::{Command, Output, Stdio};

fn played(project: &Project, args: &[&str], stdout: Stdio, stderr: Stdio) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
    command.args(["--project", project.0.to_str().unwrap()]).args(args).env("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    command.stdout(stdout).stderr(stderr).spawn().unwrap().wait_with_output().unwrap()
}

/// A pipe nobody reads from.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn a_reader_that_leaves_breaks_nothing() {
    let project = Project::new("pipes");
    for command in ["list", "steps", "claims", "topologies", "faults", "doctor", "check", "completions bash", "list --format json"] {
        let args: Vec<&str> = command.split(' ').collect();
        let told = |output: &Output| String::from_utf8_lossy(&output.stderr).into_owned();
        let read = played(&project, &args, Stdio::null(), Stdio::piped());
        let left = played(&project, &args, closed(), Stdio::piped());
        assert_eq!((left.status.code(), told(&left)), (read.status.code(), told(&read)), "{command}");
        let both = played(&project, &args, closed(), closed());
        assert_eq!(both.status.code(), read.status.code(), "{command}, with nobody at stderr either");
    }
}

#[test]
fn data_that_cannot_be_written_is_told() {
    // Where there is no such device, there is nothing to try.
    let Ok(full) = File::options().write(true).open("/dev/full") else { return };
    let output = played(&Project::new("full"), &["list"], full.into(), Stdio::piped());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), stderr.contains("error: standard output: No space left on device")), (Some(3), true), "{stderr}");
}
