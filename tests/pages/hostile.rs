//! A book of a stranger's: its record, prose and settings try to run something in every field. You are in the right place when a page does more than show text.

use super::played;
use rehearsal::run::project::Project;
use rehearsal::run::reading;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whichever of it runs says so on the console, and whichever loads asks for an address that is not in the book.
const TEXTS: [&str; 3] = [
    "\"'><script>console.error('ran')</script><img src=\"https://198.18.255.1/x.png\" onerror=\"console.error('ran')\"> {{ #include /etc/passwd }}",
    "[x](javascript:console.error('ran')) ![x](https://198.18.255.1/x.png) <svg onload=\"console.error('ran')\"> <iframe src=\"https://198.18.255.1/\"></iframe>",
    "123456789\u{e9}</title></style></script><link rel=\"stylesheet\" href=\"https://198.18.255.1/x.css\"><script src=\"https://198.18.255.1/x.js\"></script>",
];

/// Words of closed lists, and names that tie the evidence to a scenario.
const STAY: [&str; 13] =
    ["run", "slug", "server", "feature", "verdict", "control", "status", "phase", "kind", "text_hash", "evidence", "log", "calls"];

/// Every text replaced, in turn by one of these.
fn strange(value: &mut Value, field: &str, count: &mut usize) {
    match value {
        Value::String(text) if !STAY.contains(&field) => {
            *text = TEXTS[*count % TEXTS.len()].to_owned();
            *count += 1;
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strange(item, field, count)),
        Value::Object(fields) => fields.iter_mut().for_each(|(key, field)| strange(field, key, count)),
        _ => {}
    }
}

/// Builds the book in a folder of its own; answers its pages' folder.
pub fn book() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile-book");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(&root).unwrap();
    rehearsal(&root, &["init", "--book"]);
    let edit = |file: &str, with: &dyn Fn(&str) -> String| {
        let text = fs::read_to_string(root.join(file)).unwrap();
        let new = with(&text);
        assert_ne!(text, new, "{file}");
        fs::write(root.join(file), new).unwrap();
    };
    let prose = TEXTS.join("\n\n  ");
    edit("features/application.feature", &|text| {
        text.replacen("  What our application does", &format!("  {prose}\n\n  What our application does"), 1)
    });
    edit("compose/application.yml", &|text| format!("# {}\n{text}", TEXTS.join(" ")));
    edit("book/book.toml", &|text| text.replacen("title = \"", &format!("title = \"{}", TEXTS[0].replace('"', "")), 1));
    edit("book/src/introduction.md", &|text| format!("{text}\n\n{{{{#feature application}}}}\n\n{{{{#matrix}}}}\n\n{{{{#controls}}}}\n"));
    let (features, problems) = reading::read(&Project::at(&root));
    let scenario = features.iter().flat_map(|feature| feature.scenarios()).next().unwrap_or_else(|| panic!("{problems:?}"));
    let servers: Value = serde_json::from_str(&rehearsal(&root, &["servers", "--format", "json"])).unwrap();
    let server = servers[0]["name"].as_str().unwrap();
    let (mut evidence, mut record, mut changed) = (played::evidence(), played::record(), 0);
    for build in [&mut evidence["server_build"], &mut record["servers"][0]] {
        // What was asked for decides whether it counts.
        ["asked", "executable", "append"].iter().for_each(|field| drop(build.as_object_mut().unwrap().remove(*field)));
    }
    strange(&mut evidence, "", &mut changed);
    strange(&mut record, "", &mut changed);
    assert!(changed > 50, "only {changed} texts are strange");
    for of in [&mut evidence, &mut record["scenarios"][0]] {
        for (field, text) in [("feature", &scenario.feature), ("slug", &scenario.slug), ("text_hash", &scenario.text_hash)] {
            of[field] = text.as_str().into();
        }
        of["server"] = server.into();
        of["evidence"] = "scenarios/x.json".into();
    }
    for build in [&mut evidence["server_build"], &mut record["servers"][0]] {
        build["name"] = server.into();
        build["route"] = "built".into();
    }
    let run = root.join("target/rehearsal/runs/20260102T030405-1");
    fs::create_dir_all(run.join("scenarios")).unwrap();
    fs::write(run.join("record.json"), record.to_string()).unwrap();
    fs::write(run.join("scenarios/x.json"), evidence.to_string()).unwrap();
    rehearsal(&root, &["book", "--no-run"]);
    let pages = root.join("book/html");
    let shown = fs::read_to_string(pages.join("introduction.html")).unwrap();
    assert!(shown.contains("console.error(") && shown.contains("<svg"), "the record is not shown: nothing is proved");
    pages
}

/// Runs the program in a project; answers what it printed.
fn rehearsal(root: &Path, args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_rehearsal")).arg("--project").arg(root).args(args).output().unwrap();
    // The catalogue is told where no engine is, too.
    assert!(done.status.success() || args[0] == "servers", "{args:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
