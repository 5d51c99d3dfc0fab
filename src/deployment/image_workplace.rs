//! Where an image is built: a folder that nobody can guess, and programs that end when this process does, however it ends.
//!
//! You are in the right place when something of an image build was left behind. What is built there stands in `image_build`.

use std::{
    fs::{self, File},
    io,
    process::{Output, Stdio},
    time::Duration,
};

use tokio::process::Command;

use crate::runtime_folder::Scratch;

/// Runs its arguments in a process group of its own until they end or its input does, which it does when the process that started it is gone. mmdebstrap alone would go on: it is several
/// processes, and asks none of them to stop when its parent dies.
///
/// What they mount is theirs alone and gone with the last of them, where this user may ask for that: what is mounted when the kill comes would otherwise stay on this host, and keep the folder. Who may not is root of nothing, and
/// mmdebstrap then has a namespace of its own.
const SUPERVISED: &str = r#"
unshare --mount true 2>/dev/null && set -- unshare --mount "$@"
trap : TERM
exec 3<&0
"$@" </dev/null 3<&- & child=$!
{ trap '' TERM; read -r _ <&3; kill -s TERM 0; sleep 5; kill -s KILL 0; } >/dev/null 2>&1 & watcher=$!
wait "$child"; status=$?
while kill -0 "$child" 2>/dev/null; do wait "$child"; status=$?; done
kill -s KILL "$watcher"
exit "$status"
"#;

/// A folder for one build.
pub(super) struct Workplace(Scratch);

impl Workplace {
    /// Makes it.
    pub fn new() -> io::Result<Workplace> {
        Scratch::new().map(Workplace)
    }

    /// A file for a root file system. It has no name, so nobody can put another in its place, and it is gone with the last process that holds it.
    pub fn archive(&self) -> io::Result<File> {
        let path = self.0.path().join("archive");
        let file = fs::OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
        fs::remove_file(&path)?;
        Ok(file)
    }

    /// Runs a program of this host here, so that no name of a file in the project's folder can mean something to it.
    ///
    /// # Errors
    /// It cannot be started.
    pub async fn run(&self, program: &str, arguments: &[String], stdout: Stdio, limit: Duration) -> io::Result<Option<Output>> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", SUPERVISED, "sh", program]).args(arguments);
        command.current_dir(self.0.path()).env("TMPDIR", self.0.path()).env("LC_ALL", "C.UTF-8");
        command.process_group(0).stdin(Stdio::piped()).stdout(stdout).stderr(Stdio::piped());
        let mut child = command.spawn()?;
        // Closed when this future is dropped, when the limit is met, and when this process dies.
        let _alive = child.stdin.take();
        match tokio::time::timeout(limit, child.wait_with_output()).await {
            Ok(output) => output.map(Some),
            Err(_) => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Waits until a process is gone; a shell does, since nothing here may.
    fn is_gone(pid: &str) -> bool {
        let script = r#"n=0; while [ -d /proc/$1 ] && ! grep -q ') Z' /proc/$1/stat; do n=$((n+1)); [ $n -lt 100 ] || exit 1; sleep 0.1; done"#;
        std::process::Command::new("sh").args(["-c", script, "sh", pid.trim()]).status().is_ok_and(|status| status.success())
    }

    #[tokio::test]
    async fn a_program_says_how_it_ended() {
        let workplace = Workplace::new().unwrap();
        let script = ["-c", "echo out; echo err >&2; pwd >&2; exit 7"].map(str::to_owned);
        let done = workplace.run("sh", &script, Stdio::piped(), Duration::from_secs(10)).await.unwrap().unwrap();
        assert_eq!((done.status.code(), done.stdout.as_slice()), (Some(7), b"out\n".as_slice()));
        assert_eq!(String::from_utf8(done.stderr).unwrap(), format!("err\n{}\n", workplace.0.path().display()));
    }

    #[tokio::test]
    async fn what_is_mounted_is_gone_with_the_program_that_did() {
        let allowed = std::process::Command::new("unshare").args(["--mount", "true"]).stderr(Stdio::null()).status();
        if !allowed.is_ok_and(|status| status.success()) {
            // Whoever may not do this may not mount on this host either.
            return;
        }
        let workplace = Workplace::new().unwrap();
        let script = ["-c", "mkdir m && mount -t tmpfs none m && touch m/mounted && ls m"].map(str::to_owned);
        let done = workplace.run("sh", &script, Stdio::piped(), Duration::from_secs(10)).await.unwrap().unwrap();
        assert_eq!(String::from_utf8(done.stdout).unwrap(), "mounted\n", "{}", String::from_utf8_lossy(&done.stderr));
        let here = fs::read_to_string("/proc/self/mounts").unwrap();
        assert!(!here.contains(&*workplace.0.path().to_string_lossy()), "{here}");
    }

    #[tokio::test]
    async fn nothing_goes_on_when_the_one_who_waits_is_gone() {
        let workplace = Workplace::new().unwrap();
        // A child of a child, as mmdebstrap has them.
        let script = ["-c", "sh -c 'echo $$ > pid; exec sleep 600' & wait"].map(str::to_owned);
        let done = workplace.run("sh", &script, Stdio::null(), Duration::from_millis(500)).await.unwrap();
        assert!(done.is_none());
        let pid = fs::read_to_string(workplace.0.path().join("pid")).unwrap();
        assert!(is_gone(&pid));
    }
}
