//! Executables that no kernel runs, and the shell's part in putting one over the image's own, played with the shell of this host.

use super::super::shell::SCRIPT;
use super::*;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// An ELF executable's head, for this machine's numbers: 64 bits, little-endian, with one program header that names a loader.
fn elf(machine: u16, loader: &str) -> Vec<u8> {
    let mut bytes = vec![0; 0x40 + 0x38];
    bytes[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', 2, 1]);
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes[0x20] = 0x40;
    (bytes[0x36], bytes[0x38]) = (0x38, 1);
    bytes[0x40] = 3;
    bytes[0x48] = 0x78;
    bytes[0x60] = loader.len() as u8 + 1;
    bytes.extend(loader.bytes().chain([0]));
    bytes
}

#[test]
fn what_cannot_be_executed_says_why() {
    let flaw = |bytes: &[u8]| Binary::of("bin/server", bytes.to_vec()).flaw();
    assert_eq!(flaw(b"").as_deref(), Some("it is empty"));
    assert_eq!(flaw(b"this is no executable").as_deref(), Some("it is neither an ELF executable nor a script that begins with #!"));
    assert_eq!(flaw(b"#!/bin/sh\n"), None);
    let (own, other) = if cfg!(target_arch = "aarch64") { (0xb7, 0x3e) } else { (0x3e, 0xb7) };
    assert_eq!(flaw(&elf(own, "/lib/x")), None);
    let said = flaw(&elf(other, "/lib/x")).unwrap();
    assert!(said.starts_with("it is an executable for ") && said.contains("and this machine is"), "{said}");
}

#[test]
fn the_loader_is_read_off_the_file() {
    let loader = |bytes: &[u8]| Binary::of("x", bytes.to_vec()).loader();
    assert_eq!(loader(b"#! /opt/shell -e\nexec x").as_deref(), Some("/opt/shell"));
    assert_eq!(loader(&elf(0x3e, "/lib64/ld-musl.so.1")).as_deref(), Some("/lib64/ld-musl.so.1"));
    for cut in 0..elf(0x3e, "/lib64/x").len() {
        loader(&elf(0x3e, "/lib64/x")[..cut]);
    }
    let mut wild = elf(0x3e, "/lib64/x");
    wild[0x48..0x50].fill(0xff);
    assert_eq!(loader(&wild), None);
    assert_eq!(Binary::of("x", b"abc".to_vec()).sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

/// A container's file system as far as it matters: the image's own server in two places, and the tools the shell uses.
struct Image {
    folder: tempfile::TempDir,
}

impl Image {
    fn new(given: &[u8]) -> Image {
        let folder = tempfile::tempdir().unwrap();
        let image = Image { folder };
        for place in ["own", "other", "local", "tools"] {
            fs::create_dir(image.at(place)).unwrap();
        }
        let path = std::env::var_os("PATH").unwrap();
        for tool in ["mkdir", "ln", "rm", "setsid", "awk", "readlink", "base64", "sleep", "cat"] {
            let found = std::env::split_paths(&path).map(|folder| folder.join(tool)).find(|file| file.is_file()).unwrap();
            symlink(found, image.at("tools").join(tool)).unwrap();
        }
        image.executable("tools/usleep", b"#!/bin/sh\nsleep 0.005\n");
        let sleep = fs::read(image.at("tools/sleep").canonicalize().unwrap()).unwrap();
        image.executable("own/redis-server", &sleep);
        symlink("redis-server", image.at("own/redis-sentinel")).unwrap();
        image.executable("other/redis-server", &sleep);
        image.executable("given", given);
        image
    }

    fn at(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn executable(&self, path: &str, bytes: &[u8]) {
        fs::write(self.at(path), bytes).unwrap();
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the shell says to these lines, each reply on its own line.
    fn say(&self, lines: &str) -> String {
        let path = ["local", "own", "other", "tools"].map(|place| self.at(place).display().to_string()).join(":");
        let notes = self.at("notes");
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "shell", "", &notes.to_string_lossy()])
            .env("PATH", path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = lines.replace("GIVEN", &self.at("given").to_string_lossy()).replace("LOCAL", &self.at("local").to_string_lossy());
        shell.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        let said = shell.wait_with_output().unwrap();
        String::from_utf8_lossy(&said.stderr).into_owned()
    }
}

const OVER: &str = "over GIVEN LOCAL redis-server redis-sentinel valkey-server\n";

#[test]
fn no_second_server_is_left_on_the_path() {
    let image = Image::new(b"#!/bin/sh\n");
    image.say(OVER);
    for place in ["local/redis-server", "local/valkey-server", "own/redis-server", "own/redis-sentinel", "other/redis-server"] {
        assert_eq!(fs::read_link(image.at(place)).unwrap(), image.at("given"), "{place}");
    }
    assert!(!image.at("own/valkey-server").exists(), "what the image does not have is put into one place");
}

#[test]
fn what_cannot_be_executed_does_not_start() {
    for given in [&b""[..], b"this is no executable", b"#!/there/is/no/such/shell\n"] {
        let image = Image::new(given);
        let said = image.say(&format!("{OVER}start redis-server 2\nusleep 1; left=100; until [ -s \"$w/exited\" ] || [ $left = 0 ]; do left=$((left - 1)); usleep; done; state >&4\n"));
        assert!(said.lines().any(|line| line.starts_with("exited ")), "{given:?} is passed over: {said}");
    }
}

#[test]
fn what_runs_is_held_against_what_was_given() {
    let sleep = fs::read(fs::canonicalize("/bin/sleep").unwrap()).unwrap();
    let image = Image::new(&sleep);
    let end = "signal KILL\ngone 2000\n";
    let said = image.say(&format!("{OVER}start redis-server 60\nruns GIVEN 2000 >&4 && echo same >&4\n{end}"));
    assert!(said.lines().any(|line| line == "same"), "{said}");
    let said = image.say(&format!("start \"$(readlink LOCAL/../tools/sleep)\" 60\nruns GIVEN 50 >&4 || echo another >&4\n{end}"));
    assert!(said.contains("sleep") && said.lines().any(|line| line == "another"), "{said}");
    let said = image.say("start redis-server wrong\nruns GIVEN 2000 >&4 && echo ended >&4\n");
    assert!(said.lines().any(|line| line == "ended"), "one that ends at once tells by itself: {said}");
}
