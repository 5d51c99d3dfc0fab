//! The script of the containers, played on this machine by the shells that there are: busybox's, which runs it in every container, and this machine's own (dash on Debian), so that it rests on
//! nothing only one of them has.
//!
//! What it empties, a container's files and processes, is nothing to try here; places that are used again are looked at in `run/conformance.rs`.

use super::*;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::{
    io::AsyncReadExt as _,
    process::{Child, Command},
    sync::mpsc,
};

const SOON: Duration = Duration::from_secs(20);

/// What busybox is asked to do, done by this machine's own programs.
const STAND_IN: &str =
    "#!/bin/sh\ncase $1 in\nusleep) exec sleep \"$(printf '%d.%06d' $(($2 / 1000000)) $(($2 % 1000000)))\" ;;\n*) exec \"$@\" ;;\nesac\n";

/// A shell as it runs in a container.
struct Place {
    folder: tempfile::TempDir,
    shell: Shell,
    /// Statuses of servers that ended.
    ended: mpsc::UnboundedReceiver<i64>,
    /// What servers wrote comes out here.
    process: Child,
}

fn program(path: &Path, text: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

impl Place {
    /// `runs` are the words before `-c`, `tools` is its busybox.
    fn of(runs: &[&str], tools: impl FnOnce(&Path) -> PathBuf) -> Place {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("bin")).unwrap();
        let path = format!("{}:{}", folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(runs[0]);
        command.args(&runs[1..]).args(["-c", SCRIPT, "shell"]).arg(tools(folder.path())).arg(folder.path().join("notes"));
        command.env("PATH", path).current_dir(folder.path()).kill_on_drop(true);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut process = spawned.unwrap_or_else(|e| panic!("{} is needed for this test (Debian: apt-get install busybox-static): {e}", runs[0]));
        let output = futures::stream::unfold(process.stderr.take().unwrap(), |mut said| async move {
            let mut piece = vec![0; 4096];
            let read = said.read(&mut piece).await.ok().filter(|read| *read > 0)?;
            piece.truncate(read);
            Some((piece, said))
        });
        let (calls, ended, (tell, told)) = (Calls::default(), Arc::default(), mpsc::unbounded_channel());
        let reader = tokio::spawn(listen(output.boxed(), calls.clone(), Arc::clone(&ended), move |status| {
            let _ = tell.send(status);
        }))
        .abort_handle();
        let input = tokio::sync::Mutex::new(Box::pin(process.stdin.take().unwrap()) as Pin<Box<dyn AsyncWrite + Send>>);
        Place { folder, shell: Shell { name: "here".to_owned(), input, calls, ended, reader }, ended: told, process }
    }

    fn busybox() -> Place {
        Place::of(&["busybox", "sh"], |_| "busybox".into())
    }

    fn own() -> Place {
        Place::of(&["sh"], |folder| {
            let tools = folder.join("tools");
            program(&tools, STAND_IN);
            tools
        })
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    async fn run(&self, script: &str) -> Output {
        self.shell.run(script, SOON).await.unwrap_or_else(|e| panic!("{script}: {e:?}")).into()
    }

    async fn state(&self) -> String {
        self.run("state").await.stdout.trim().to_owned()
    }

    /// Back when the server is there and has nothing to do.
    async fn sleeps(&self) {
        assert_eq!(self.run("until [ \"$(state)\" = S ]; do $B usleep 1000; done").await.status, 0);
    }

    async fn start(&self, words_: &[&str]) {
        let started = self.run(&format!("start {}", words(words_))).await;
        assert_eq!((started.status, started.stderr.as_str()), (0, ""));
    }

    /// The status that was told when the server ended.
    async fn told(&mut self) -> i64 {
        tokio::time::timeout(SOON, self.ended.recv()).await.expect("the end of the server is told").unwrap()
    }

    /// The next line that a server wrote.
    async fn line(&mut self) -> String {
        let (out, mut line) = (self.process.stdout.as_mut().unwrap(), Vec::new());
        while line.last() != Some(&b'\n') {
            line.push(tokio::time::timeout(SOON, out.read_u8()).await.expect("a line").unwrap());
        }
        String::from_utf8(line).unwrap().trim_end().to_owned()
    }

    /// Ends what was started here, and the shell.
    async fn leave(self) {
        self.run("signal KILL").await;
    }
}

/// A server with a child, which says who its child is.
const WITH_CHILD: &str = "sleep 1000 & echo $!; wait";

async fn lives_and_dies(mut place: Place) {
    assert_eq!(place.state().await, "none");
    place.start(&["sh", "-c", WITH_CHILD]).await;
    let child = place.line().await;
    place.sleeps().await;
    assert_eq!(place.run("gone 5").await.status, 124, "it has not ended");

    assert_eq!(place.run("freeze").await.status, 0);
    assert_eq!(place.state().await, "T");
    let frozen = format!("until $B grep -q ') T' /proc/{child}/stat; do $B usleep 1000; done");
    assert_eq!(place.run(&frozen).await.status, 0, "its children are frozen too");
    assert_eq!(place.run("signal CONT").await.status, 0);
    place.sleeps().await;

    assert_eq!(place.run("signal KILL; gone 10000").await.status, 0);
    assert_eq!(place.told().await, 137);
    assert_eq!(place.state().await, "exited 137");
    let gone = format!("until ! [ -e /proc/{child} ] || $B grep -q ') Z' /proc/{child}/stat; do $B usleep 1000; done");
    assert_eq!(place.run(&gone).await.status, 0, "its children are killed too");

    // The next one is another, whose end nobody has noted yet.
    place.start(&["sh", "-c", "trap 'exit 0' TERM; echo ready; while :; do sleep 1000 & wait; done"]).await;
    assert_eq!(place.line().await, "ready");
    place.sleeps().await;
    assert_eq!(place.run("term; gone 10000").await.status, 0);
    assert_eq!((place.told().await, place.state().await), (0, "exited 0".to_owned()));

    place.start(&["sh", "-c", "exit 3"]).await;
    assert_eq!((place.told().await, place.run("gone 10000").await.status, place.state().await), (3, 0, "exited 3".to_owned()));
    for call in ["signal KILL", "term", "gone 5"] {
        assert_eq!(place.run(call).await.status, 0, "{call}: what has ended is left alone");
    }
    place.leave().await;
}

async fn words_arrive(mut place: Place) {
    let odd = ["two words", "it's", "\"$HOME\" `id` $(id)", "a\nb\n", "*", "-n", "--", "", "\\", "end 7 0", "ä\u{1F600}"];
    let expected: String = odd.iter().map(|word| format!("[{word}]")).collect();
    let print = |also: &'static str| [&["sh", "-c", also, "name"][..], &odd].concat();
    let said = place.run(&words(print("printf '[%s]' \"$@\""))).await;
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (0, expected.as_str(), ""));
    let file = place.path("words");
    place.start(&print("printf '[%s]' \"$@\" >words")).await;
    assert_eq!(place.told().await, 0);
    assert_eq!(std::fs::read_to_string(file).unwrap(), expected, "a server gets them as they are, too");
    let said = place.run("echo out; echo err >&2; exit 5").await;
    assert_eq!((said.status, said.stdout.as_str(), said.stderr.as_str()), (5, "out\n", "err\n"));
    assert_eq!(place.run("no-such-program").await.status, 127);
    let (waits, _) = tokio::join!(place.run("until [ -e go ]; do $B usleep 1000; done"), place.run(": >go"));
    assert_eq!(waits.status, 0, "a call waits for no other");
    place.leave().await;
}

async fn much_is_said_at_once(place: Place) {
    // Each says more than a pipe holds.
    let much = |letter: char| format!("i=0; while [ $i -lt 4000 ]; do echo {}; i=$((i + 1)); done", letter.to_string().repeat(49));
    let (a, b) = (much('a'), much('b'));
    let (a, b) = tokio::join!(place.run(&a), place.run(&b));
    for (said, letter) in [(a, 'a'), (b, 'b')] {
        assert_eq!((said.status, said.stdout.len()), (0, 200_000));
        assert!(said.stdout.lines().all(|line| line.chars().all(|one| one == letter)), "the two are not mixed");
    }
    place.leave().await;
}

async fn files_arrive(place: Place) {
    let path = place.path("a folder/it's");
    let lines = b"call 1 'exit 9'\n\0\xff\n".repeat(10_000);
    place.shell.put(&path, 0o640, &lines).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), lines);
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    // Whoever has the old file open keeps it.
    let before = std::fs::File::open(&path).unwrap();
    place.shell.put(&path, 0o600, b"new").await.unwrap();
    assert_ne!(before.metadata().unwrap().ino(), std::fs::metadata(&path).unwrap().ino());
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    place.shell.put(&path, 0o600, b"").await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    // A file that cannot be: its bytes are read all the same, and are no lines.
    for nowhere in ["/proc/none/such", "/proc/such"] {
        let error = place.shell.put(nowhere, 0o600, b"call x 'touch wrong'\n").await.unwrap_err();
        assert!(matches!(error, EngineError::Tool { status, .. } if status != 0), "{error:?}");
    }
    assert_eq!(place.run("echo still here").await.stdout, "still here\n");
    assert!(!Path::new(&place.path("wrong")).exists());
    place.leave().await;
}

async fn a_program_replaces_another(place: Place) {
    let (ours, name) = (place.path("ours"), "rehearsal-test-server");
    let theirs = place.path(&format!("bin/{name}"));
    std::fs::copy("/bin/sleep", &ours).unwrap();
    program(Path::new(&theirs), "#!/bin/sh\nexec sleep 1000\n");
    std::fs::create_dir(place.path("first")).unwrap();
    place.start(&[name]).await;
    let said = place.run(&format!("runs {} 20", quote(&ours))).await;
    assert!(said.status == 1 && said.stdout.contains("sleep"), "what runs instead is told: {said:?}");
    // Ours runs too, and is not what the server runs.
    let beside = place.run(&format!("{} 1000 >/dev/null 2>&1 & echo $!", quote(&ours))).await.stdout;
    assert_eq!(place.run(&format!("runs {} 20; status=$?; kill {}; exit $status", quote(&ours), beside.trim())).await.status, 1);
    place.run("signal KILL; gone 10000").await;
    let over = format!("over {} {} {name}", quote(&ours), quote(&place.path("first")));
    assert_eq!(place.run(&over).await, Output { status: 0, stdout: String::new(), stderr: String::new() });
    for at in [&theirs, &place.path(&format!("first/{name}"))] {
        assert_eq!(std::fs::read_link(at).unwrap(), Path::new(&ours), "{at}");
    }
    place.start(&[name, "1000"]).await;
    let said = place.run(&format!("runs {} 10000", quote(&ours))).await;
    assert_eq!((said.status, said.stdout.as_str()), (0, ""));
    place.leave().await;
}

/// Each of these under each shell.
macro_rules! under_each_shell {
    ($($test:ident),*) => {
        mod under_sh {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test(super::Place::own()).await;
                }
            )*
        }
        mod under_busybox {
            $(
                #[tokio::test]
                #[ignore = "needs busybox (Debian: apt-get install busybox-static); `.ci/nightly` has it"]
                async fn $test() {
                    super::$test(super::Place::busybox()).await;
                }
            )*
        }
    };
}
under_each_shell!(lives_and_dies, words_arrive, much_is_said_at_once, files_arrive, a_program_replaces_another);
