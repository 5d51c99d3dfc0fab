//! Books of strangers: building one runs nothing, reads nothing outside the book's folder, writes nothing outside `book/html`, and removes nothing that it did not write.
//!
//! You are in the right place when a book could do more than be read. Each case is a book that is right but for one thing; what lies outside has to be as it was.

use super::{Project, expect};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A project with a book, and a folder outside that nothing may touch.
struct Book {
    project: Project,
    outside: PathBuf,
}

impl Book {
    fn new(name: &str) -> Book {
        let outer = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("strange-book-{name}"));
        let _ = fs::remove_dir_all(&outer);
        let book = Book { project: Project(outer.join("project")), outside: outer.join("outside") };
        fs::create_dir_all(&book.outside).unwrap();
        fs::create_dir_all(&book.project.0).unwrap();
        fs::write(book.outside.join("precious"), "precious").unwrap();
        fs::write(book.outside.join("secret.md"), "# TOPSECRET").unwrap();
        fs::write(book.outside.join("secret.html"), "precious").unwrap();
        static BEGUN: OnceLock<PathBuf> = OnceLock::new();
        copy(BEGUN.get_or_init(begun), &book.project.0);
        book
    }

    fn more(&self, path: &str, text: &str) {
        let path = self.project.0.join(path);
        let before = fs::read_to_string(&path).unwrap();
        fs::write(path, before + text).unwrap();
    }

    fn link(&self, to: impl AsRef<Path>, from: &str) {
        let from = self.project.0.join(from);
        if from.is_dir() {
            fs::remove_dir_all(&from).unwrap();
        }
        let _ = fs::remove_file(&from);
        fs::create_dir_all(from.parent().unwrap()).unwrap();
        symlink(to, from).unwrap();
    }

    /// Whether anything outside is another than it was, or something of it came into the project.
    fn harmed(&self) -> Option<String> {
        let mut names: Vec<String> = fs::read_dir(&self.outside).unwrap().flatten().map(|e| e.file_name().into_string().unwrap()).collect();
        names.sort();
        let texts = ["precious", "secret.html"].map(|name| fs::read_to_string(self.outside.join(name)).unwrap_or_default());
        let beside = fs::read_dir(self.outside.parent().unwrap()).unwrap().count();
        let same = names == ["precious", "secret.html", "secret.md"] && texts == ["precious", "precious"] && beside == 2;
        let html = self.project.0.join("book/html");
        let got = !html.is_symlink() && everything(&html).contains("TOPSECRET");
        (!same || got).then(|| format!("outside: {names:?} {texts:?}, beside: {beside}; read: {got}"))
    }
}

/// A project with a book, as `init` begins one; made once.
fn begun() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strange-book-begun");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    let (code, _, stderr) = Project(root.clone()).run(&["init", "--book"]);
    assert_eq!(code, 0, "{stderr}");
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The text of all files below a folder.
fn everything(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    let one = |path: PathBuf| {
        if path.is_symlink() {
            String::new()
        } else if path.is_dir() {
            everything(&path)
        } else {
            String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
        }
    };
    entries.flatten().map(|entry| one(entry.path())).collect()
}

/// What is strange, how it is made, and where and with which words both `check` and `book` refuse it.
type Refused = (&'static str, fn(&Book), &'static str, &'static str);

const REFUSED: &[Refused] = &[
    (
        "renderer",
        |b| b.more("book/book.toml", "\n[output.extra]\ncommand = \"touch ../../outside/ran\"\n"),
        "book/book.toml:",
        "a renderer is a program",
    ),
    (
        "preprocessor",
        |b| b.more("book/book.toml", "\n[preprocessor.x]\ncommand = \"touch ../../outside/ran\"\n"),
        "book/book.toml:",
        "a preprocessor is a program",
    ),
    (
        "redirect",
        |b| b.more("book/book.toml", "\n[output.html.redirect]\n\"/../../../outside/new\" = \"x\"\n"),
        "book/book.toml:",
        "is not taken from book.toml",
    ),
    ("template", |b| b.project.write("book/theme/index.hbs", "x"), "book/theme/index.hbs:1", "templates and scripts are this program's own"),
    ("head", |b| b.more("book/theme/head.hbs", "<script>x</script>"), "book/theme/head.hbs:1", "templates and scripts"),
    ("script", |b| b.more("book/theme/sizing.js", "x()"), "book/theme/sizing.js:1", "templates and scripts"),
    (
        "source",
        |b| b.project.edit("book/book.toml", "src = \"src\"", "src = \"../../outside\""),
        "book/book.toml:",
        "`book.src` cannot have this value",
    ),
    (
        "missing",
        |b| b.project.edit("book/book.toml", "create-missing = false", "create-missing = true"),
        "book/book.toml:",
        "a build makes no chapters",
    ),
    ("summary", |b| b.more("book/src/SUMMARY.md", "- [x](../../../outside/secret.md)\n"), "book/src/SUMMARY.md:", "lies outside book/src"),
    (
        "summary-encoded",
        |b| b.more("book/src/SUMMARY.md", "- [x](%2e%2e/../../outside/secret.md)\n"),
        "book/src/SUMMARY.md:",
        "lies outside book/src",
    ),
    ("chapter", |b| b.link(b.outside.join("secret.md"), "book/src/introduction.md"), "book/src/introduction.md:1", "it is a link"),
    ("folder", |b| b.link(&b.outside, "book/src/loot"), "book/src/loot:1", "it is a link"),
    ("theme", |b| b.link(b.outside.join("secret.md"), "book/theme/x.css"), "book/theme/x.css:1", "it is a link"),
    ("settings", |b| b.link(b.outside.join("secret.md"), "book/book.toml"), "book/book.toml:1", "it leads out of"),
    ("page", |b| b.project.write("book/src/own.html", "<script>own()</script>"), "book/src/own.html:1", "only chapters, pictures"),
    ("page-capitals", |b| b.project.write("book/src/own.XHTML", "<script>own()</script>"), "book/src/own.XHTML:1", "only chapters, pictures"),
    ("script-beside", |b| b.project.write("book/src/a/own.js", "own()"), "book/src/a/own.js:1", "only chapters, pictures"),
    ("nameless", |b| b.project.write("book/src/CNAME", "x"), "book/src/CNAME:1", "only chapters, pictures"),
    ("picture", |b| b.project.write("book/src/own.svg", "<svg><script>own()</script></svg>"), "book/src/own.svg:1", "could run something"),
    ("picture-of-theme", |b| b.project.write("book/theme/own.svg", "<svg onload=\"own()\"/>"), "book/theme/own.svg:1", "could run something"),
    (
        "name-of-a-chapter",
        |b| {
            b.project.write("book/src/a'+own()+'.md", "# x\n");
            b.more("book/src/SUMMARY.md", "- [x](<a'+own()+'.md>)\n");
        },
        "book/src/a'+own()+'.md:1",
        "this name has a character",
    ),
    ("chapters", |b| b.more("book/src/SUMMARY.md", &"- [x](introduction.md)\n".repeat(1_001)), "book/src/SUMMARY.md:", "at most 1000 chapters"),
    ("headings", |b| b.more("book/src/introduction.md", &"\n# x\n".repeat(1_001)), "book/src/introduction.md:1", "more than 1000 headings"),
    (
        "directives",
        |b| b.more("book/src/introduction.md", &"\n{{#matrix}}\n".repeat(1_001)),
        "book/src/introduction.md:1",
        "more than 1000 directives",
    ),
    (
        "include",
        |b| b.more("book/src/introduction.md", "\n{{#include ../../../outside/secret.md}}\n"),
        "book/src/introduction.md:",
        "knows no {{#include}}",
    ),
    (
        "include-spaced",
        |b| b.more("book/src/introduction.md", "\n{{ #include ../../../outside/secret.md }}\n"),
        "book/src/introduction.md:",
        "knows no {{#include}}",
    ),
];

#[test]
fn what_runs_or_leads_out_of_a_book_is_refused() {
    let mut wrong = Vec::new();
    for (name, make, place, says) in REFUSED {
        let book = Book::new(name);
        make(&book);
        for command in [&["check"][..], &["book", "--no-run"]] {
            expect(&book.project, command, 2, &[&format!(" --> {place}"), says], &mut wrong);
        }
        wrong.extend(book.harmed().map(|harm| format!("{name}: {harm}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_folder_for_pages_that_leads_elsewhere_is_refused() {
    let mut wrong = Vec::new();
    for place in ["book/html", "book/html/evidence", "book/src/reference", "book"] {
        let book = Book::new("links");
        if place == "book" {
            fs::rename(book.project.0.join("book"), book.outside.join("book")).unwrap();
        }
        book.link(if place == "book" { book.outside.join("book") } else { book.outside.clone() }, place);
        expect(&book.project, &["book", "--no-run"], 2, &["it "], &mut wrong);
        if place == "book" {
            fs::remove_file(book.project.0.join("book")).unwrap();
            assert!(!book.outside.join("book/html").exists());
            fs::remove_dir_all(book.outside.join("book")).unwrap();
        }
        wrong.extend(book.harmed().map(|harm| format!("{place}: {harm}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_in_the_place_of_a_page_is_replaced() {
    let book = Book::new("page");
    book.link(book.outside.join("precious"), "book/src/reference/cli.md");
    book.link(book.outside.join("precious"), "book/html/index.html");
    fs::write(book.project.0.join("book/html/letter"), "love").unwrap();
    // The page that is a link is one of the chapters, so the book is refused until it is written anew.
    let (code, _, stderr) = book.project.run(&["book", "--no-run"]);
    assert_eq!((code, book.harmed()), (0, None), "{stderr}");
    assert!(fs::symlink_metadata(book.project.0.join("book/src/reference/cli.md")).unwrap().is_file());
    assert!(fs::read_to_string(book.project.0.join("book/html/index.html")).unwrap().contains("Content-Security-Policy"));
    assert_eq!(fs::read_to_string(book.project.0.join("book/html/letter")).unwrap(), "love", "nobody of us wrote it");
}

/// What the program `mdbook` does with a book, of which ours is a preprocessor.
#[test]
fn in_a_book_of_mdbooks_own_mdbook_decides_and_what_we_put_there_is_text() {
    let book = Book::new("mdbook");
    let program = env!("CARGO_BIN_EXE_rehearsal");
    book.project.edit("book/book.toml", "command = \"rehearsal mdbook\"", &format!("command = \"{program} mdbook\""));
    book.more("book/src/introduction.md", "\n{{#include own.txt}}\n\n{{#feature application}}\n");
    book.project.write("book/src/own.txt", "INCLUDED");
    let feature = book.project.0.join("features/application.feature");
    let text = fs::read_to_string(&feature).unwrap();
    fs::write(&feature, text.replacen("What our application does", "MARK {{ #include ../../../outside/secret.md }} What our application does", 1))
        .unwrap();
    let mdbook = mdbook_driver::MDBook::load(book.project.0.join("book")).unwrap();
    mdbook.build().unwrap();
    let page = fs::read_to_string(book.project.0.join("book/html/introduction.html")).unwrap();
    assert!(page.contains("INCLUDED") && page.contains("MARK") && page.contains("rh-card"), "{page}");
    assert_eq!(book.harmed(), None);
}

/// Folders of work of this user, with whether a living process has it.
fn works() -> Vec<(PathBuf, bool)> {
    use std::os::unix::fs::MetadataExt as _;
    let folder = PathBuf::from(format!("/var/tmp/rehearsal-{}-works", fs::metadata("/proc/self").unwrap().uid()));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    entries.map(|path| (path.clone(), fs::File::open(&path).is_ok_and(|file| file.try_lock().is_err()))).collect()
}

#[test]
fn what_a_killed_build_left_is_removed_by_the_next_one_whatever_the_environment_says() {
    let book = Book::new("killed");
    let before = fs::read_dir(book.project.0.join("book")).unwrap().count();
    let command = |folder: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rehearsal"));
        command.arg("--project").arg(&book.project.0).args(["book", "--no-run"]);
        for name in ["XDG_RUNTIME_DIR", "TMPDIR", "HOME", "HOSTNAME"] {
            command.env(name, book.outside.join(folder));
        }
        command.stderr(Stdio::null()).stdout(Stdio::null());
        command
    };
    let known: Vec<PathBuf> = works().into_iter().map(|(path, _)| path).collect();
    // Killed while it builds: when a folder is there in which it works.
    let mut child = command("one").spawn().unwrap();
    while child.try_wait().unwrap().is_none() && works().iter().all(|(path, _)| known.contains(path)) {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(command("another").status().unwrap().success());
    let left: Vec<_> = works().into_iter().filter(|(path, alive)| !alive && path.exists()).collect();
    assert_eq!(left, []);
    // The pages, and nothing beside them.
    assert_eq!(fs::read_dir(book.project.0.join("book")).unwrap().count(), before + 1);
    assert!(fs::read_dir(book.project.0.join("book/html")).unwrap().flatten().all(|entry| !entry.file_name().to_string_lossy().ends_with(".tmp")));
    assert_eq!(book.harmed(), None);
}

#[test]
fn check_writes_nothing() {
    let book = Book::new("check");
    book.more("book/src/SUMMARY.md", "- [New](new/chapter.md)\n");
    let before = everything(&book.project.0);
    let (code, _, stderr) = book.project.run(&["check"]);
    assert_eq!((code, stderr.contains("new/chapter.md")), (2, true), "{stderr}");
    assert_eq!(everything(&book.project.0), before);
    assert!(!book.project.0.join("book/src/new").exists() && !book.project.0.join("target").exists());
}

#[test]
fn nothing_in_a_chapter_runs_or_loads() {
    let book = Book::new("active");
    book.project.write("book/theme/own.css", "/* own() */");
    book.more(
        "book/src/introduction.md",
        "\n<script src=\"theme/own.css\"></script>\n\n<div>\n<ScRiPt\nsrc=\"theme/own.css\">\n</div>\n\n<iframe srcdoc=\"x\"></iframe> <meta http-equiv=\"refresh\" content=\"0\">\n",
    );
    let (code, _, stderr) = book.project.run(&["book", "--no-run"]);
    assert_eq!((code, book.harmed()), (0, None), "{stderr}");
    for page in ["introduction.html", "print.html"] {
        let page = fs::read_to_string(book.project.0.join("book/html").join(page)).unwrap();
        let chapter = page[page.find("<main>").unwrap()..page.rfind("</main>").unwrap()].to_lowercase();
        for active in ["<script", "<iframe", "<meta"] {
            assert!(!chapter.contains(active) && chapter.contains(&active.replace('<', "&lt;")), "{active}");
        }
    }
}

#[test]
fn prose_of_a_feature_or_a_topology_is_text() {
    const TEXT: &str = "MARK {{ #include ../../../outside/secret.md }} <script>own()</script> <img src=x onerror=own()> [link](javascript:own()) ![i](https://198.18.0.1/x)";
    let book = Book::new("prose");
    let feature = book.project.0.join("features/application.feature");
    let text = fs::read_to_string(&feature).unwrap().replacen("What our application does", &format!("{TEXT} What our application does"), 1);
    assert!(text.contains(TEXT));
    fs::write(&feature, text).unwrap();
    let compose = book.project.0.join("compose/application.yml");
    let text = fs::read_to_string(&compose).unwrap();
    let about = text.lines().find(|line| line.trim_start().starts_with("about:")).unwrap().to_owned();
    fs::write(&compose, format!("# {TEXT}\n") + &text.replace(&about, &format!("  about: '{TEXT}'"))).unwrap();
    let (code, _, stderr) = book.project.run(&["book", "--no-run"]);
    assert_eq!((code, book.harmed()), (0, None), "{stderr}");
    // The index of the search is data, which its script escapes.
    let html = book.project.0.join("book/html");
    let indexes = fs::read_dir(&html).unwrap().flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("searchindex"));
    indexes.for_each(|entry| fs::remove_file(entry.path()).unwrap());
    let pages = everything(&html);
    assert!(pages.matches("MARK").count() > 3);
    for markup in ["<script>own", "<img src=x", "href=\"javascript:", "src=\"https://198"] {
        assert!(!pages.contains(markup), "{markup}");
    }
    // A plain `mdbook build` reads the same reference pages.
    let reference = everything(&book.project.0.join("book/src/reference"));
    assert!(reference.contains("MARK") && !reference.replace("\\{{", "").contains("{{ #include"));
}
