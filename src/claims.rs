//! The ledger of claims, `claims.yaml`: every documented statement about Redis that the book answers for.
//!
//! You are in the right place for what an entry of the ledger may say. What becomes of it once scenarios have been played is derived in [`status`].
//! Pure: text in, typed entries or located errors out; nothing here knows features or servers.

pub mod status;

pub use status::{Status, status};

use crate::confined;
use crate::topology::Problem;
use crate::topology::located::{MOST, nearest, too_deep};
use crate::topology::position::{self, Seg};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_yaml::Value;
use std::collections::HashMap;
use std::path::Path;

/// The ledger this program carries, for projects without one of their own.
pub const BUILT_IN: &str = include_str!("../claims.yaml");

/// What the ledger says of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Ledger {
    Correct,
    Imprecise,
    Wrong,
    VersionDependent,
    /// A recommendation or an estimate: nothing a server could show.
    Opinion,
}

/// What the ledger's verdict rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Seen on a real server.
    Live,
    /// Read in a server's source.
    Source,
    /// From documentation and general knowledge.
    Docs,
}

/// Where a statement came from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// One of the introductions the ledger started from.
    #[default]
    Articles,
    /// Met in operation, or found while playing.
    Field,
}

/// One entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    #[schemars(regex(pattern = r"^[A-Z0-9.-]+$"))]
    pub id: String,
    /// `sentinel`, `cluster`, ...: the part of the book it belongs to.
    pub system: String,
    /// The statement as people make it.
    pub claim: String,
    /// Where it stands: `number:line` in the articles, or an address.
    pub sources: String,
    pub verdict: Ledger,
    pub basis: Basis,
    /// Whether users of Redis ask for this behaviour by name.
    #[serde(default)]
    pub named_by_user: bool,
    /// What holds instead, or more exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truth: Option<String>,
    /// A hint for a scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    /// Why no scenario shows it, where none can or none does yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested: Option<String>,
    #[serde(default)]
    pub origin: Origin,
    /// Line of the entry in the ledger, from 1.
    #[serde(skip)]
    pub line: usize,
}

/// Fields of an entry, for messages and for the reference page.
pub const FIELDS: [&str; 11] = ["id", "system", "claim", "sources", "verdict", "basis", "named_by_user", "truth", "proof", "untested", "origin"];

/// The whole ledger, in the file's order; ids are unique.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Claims {
    claims: Vec<Claim>,
    /// Where each id stands among them.
    places: HashMap<String, usize>,
}

/// Most claims of a ledger.
const CLAIMS: usize = 10_000;

impl Claims {
    /// Reads the ledger; `file` is used in messages. Errors: everything that is wrong with it.
    pub fn parse(text: &str, file: &str) -> Result<Claims, Vec<Problem>> {
        // Some editors put a byte order mark first.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if let Some(line) = too_deep(text) {
            return Err(vec![Problem::error(file, line, "not a list of claims: more brackets are open than any ledger has")]);
        }
        let entries: Vec<Value> = serde_yaml::from_str(text).map_err(|e| {
            let (line, column) = e.location().map_or((1, 1), |l| (l.line(), l.column()));
            vec![Problem::error(file, line, format!("not a list of claims: {e}")).column(column)]
        })?;
        if entries.len() > CLAIMS {
            return Err(vec![Problem::error(file, 1, format!("a ledger has at most {CLAIMS} claims"))]);
        }
        // A list at the left margin: one pass finds every entry.
        let mut lines = text.lines().enumerate().filter(|(_, l)| l.starts_with("- ")).map(|(index, _)| index + 1);
        let mut claims: Vec<Claim> = Vec::with_capacity(entries.len());
        let mut problems = Vec::new();
        let mut owners: HashMap<String, usize> = HashMap::new();
        for (index, entry) in entries.into_iter().enumerate() {
            if problems.len() >= MOST {
                break;
            }
            let line = lines.next().unwrap_or(1);
            match claim(text, file, index, line, entry) {
                Ok(claim) => {
                    if let Some(first) = owners.insert(claim.id.clone(), line) {
                        let problem = Problem::error(file, line, format!("claim `{}` is there twice", claim.id));
                        problems.push(problem.advice(format!("the first one stands in line {first}; ids are never reused")));
                    }
                    claims.push(claim);
                }
                Err(found) => problems.extend(found),
            }
        }
        let places = claims.iter().enumerate().map(|(n, claim)| (claim.id.clone(), n)).collect();
        if problems.is_empty() { Ok(Claims { claims, places }) } else { Err(problems) }
    }

    /// Reads the ledger from a file.
    pub fn load(path: &Path) -> Result<Claims, Vec<Problem>> {
        let file = path.display().to_string();
        let text = confined::read_text(confined::above(path), path).map_err(|e| vec![Problem::error(&file, 1, format!("cannot be read: {e}"))])?;
        Claims::parse(&text, &file)
    }

    pub fn all(&self) -> &[Claim] {
        &self.claims
    }

    /// The claim of that id.
    pub fn get(&self, id: &str) -> Option<&Claim> {
        self.places.get(id).and_then(|n| self.claims.get(*n))
    }

    /// The id that was probably meant by one that is not there.
    pub fn nearest(&self, id: &str) -> Option<&str> {
        nearest(id, self.claims.iter().map(|c| c.id.as_str()))
    }
}

/// One entry; the problems of all its fields.
fn claim(text: &str, file: &str, index: usize, line: usize, entry: Value) -> Result<Claim, Vec<Problem>> {
    let at = |field: &str| position::locate(text, &[Seg::Index(index), Seg::Key(field.to_owned())]);
    let names = entry.as_mapping().map(|m| m.keys().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()).unwrap_or_default();
    let unknown: Vec<Problem> = names
        .iter()
        .filter(|name| !FIELDS.contains(&name.as_str()))
        .take(MOST)
        .map(|name| {
            let (line, column) = at(name);
            Problem::error(file, line, format!("unknown field `{name}`")).column(column).did_you_mean(name, FIELDS)
        })
        .collect();
    if !unknown.is_empty() {
        return Err(unknown);
    }
    let wrong: Vec<Problem> =
        entry.as_mapping().into_iter().flatten().filter_map(|(name, value)| kind_problem(file, name.as_str()?, value, at)).take(MOST).collect();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut claim: Claim = serde_yaml::from_value(entry).map_err(|e| vec![refused(text, file, index, line, &e.to_string())])?;
    claim.line = line;
    if claim.id.is_empty() || !claim.id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '.')) {
        let (line, column) = at("id");
        let problem = Problem::error(file, line, format!("`{}` is not an id", claim.id)).column(column);
        return Err(vec![problem.advice("capital letters, digits, dashes and dots, such as SENT-MAJORITY")]);
    }
    let needs_truth = matches!(claim.verdict, Ledger::Imprecise | Ledger::Wrong | Ledger::VersionDependent);
    if needs_truth && claim.truth.is_none() {
        let problem = Problem::error(file, line, format!("claim `{}` is not simply correct, and does not say what holds", claim.id));
        return Err(vec![problem.advice("write it under `truth`")]);
    }
    Ok(claim)
}

/// A field whose value is of the wrong kind; the YAML library would name neither.
fn kind_problem(file: &str, name: &str, value: &Value, at: impl Fn(&str) -> (usize, usize)) -> Option<Problem> {
    let message = match (name, value) {
        ("named_by_user", Value::Bool(_)) => return None,
        ("named_by_user", _) => "`named_by_user` has to be true or false".to_owned(),
        (_, Value::String(_)) => return None,
        (_, Value::Null) => format!("`{name}` has no value"),
        _ => format!("`{name}` has to be a text"),
    };
    let (line, column) = at(name);
    let problem = Problem::error(file, line, message).column(column);
    Some(if name == "named_by_user" {
        problem
    } else {
        problem.advice(format!("write `{name}: '...'`, in quotes if it looks like something else to YAML"))
    })
}

/// What the YAML library says of an entry, placed at the word it complains about.
fn refused(text: &str, file: &str, index: usize, line: usize, message: &str) -> Problem {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let (Some(word), true) = (quoted.next(), message.contains("unknown variant")) else {
        return Problem::error(file, line, message);
    };
    let (line, column) = position::locate_within(text, &[Seg::Index(index)], word);
    Problem::error(file, line, format!("unknown word `{word}`")).column(column).did_you_mean(word, quoted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        match Claims::parse(text, "claims.yaml") {
            Ok(claims) => format!("no problem: {claims:?}"),
            Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
        }
    }

    const ONE: &str = "# a ledger\n- id: A-B\n  system: sentinel\n  claim: 'x'\n  sources: '000:1'\n  verdict: correct\n  basis: live\n";

    #[test]
    fn the_projects_ledger_is_read() {
        let claims = Claims::parse(include_str!("../claims.yaml"), "claims.yaml").unwrap_or_else(|p| panic!("{}", p[0]));
        assert!(claims.all().len() >= 392);
        let majority = claims.get("SENT-MAJORITY").expect("a claim of the design's example");
        assert_eq!((majority.system.as_str(), majority.origin), ("sentinel", Origin::Articles));
        assert_eq!(claims.nearest("SENT-MAJORTY"), Some("SENT-MAJORITY"));
        let text = include_str!("../claims.yaml").lines().nth(majority.line - 1);
        assert_eq!(text, Some("- id: SENT-MAJORITY"));
    }

    #[test]
    fn ids_are_unique() {
        insta::assert_snapshot!(problems(&format!("{ONE}{}", ONE.trim_start_matches("# a ledger\n"))), @r"
        error: claim `A-B` is there twice
         --> claims.yaml:8
          = help: the first one stands in line 2; ids are never reused
        ");
    }

    #[test]
    fn fields_and_words_are_checked() {
        insta::assert_snapshot!(problems(&ONE.replace("verdict:", "verdit:")), @r"
        error: unknown field `verdit`
         --> claims.yaml:6:3
          = help: did you mean `verdict`?
        ");
        insta::assert_snapshot!(problems(&ONE.replace("correct", "corect")), @r"
        error: unknown word `corect`
         --> claims.yaml:6:12
          = help: did you mean `correct`?
        ");
        insta::assert_snapshot!(problems(&ONE.replace("  basis: live\n", "")), @r"
        error: missing field `basis`
         --> claims.yaml:2
        ");
        insta::assert_snapshot!(problems(&ONE.replace("A-B", "a b")), @r"
        error: `a b` is not an id
         --> claims.yaml:2:3
          = help: capital letters, digits, dashes and dots, such as SENT-MAJORITY
        ");
        insta::assert_snapshot!(problems(&ONE.replace("correct", "wrong")), @r"
        error: claim `A-B` is not simply correct, and does not say what holds
         --> claims.yaml:2
          = help: write it under `truth`
        ");
        insta::assert_snapshot!(problems("claims: 1"), @r"
        error: not a list of claims: invalid type: map, expected a sequence
         --> claims.yaml:1:1
        ");
    }
}
