//! The JSON Schemas in `schemas/` are those of the record's types, of the settings, and of what the readers of topologies, servers and claims know.
//! `UPDATE_SCHEMAS=1 cargo test --test schemas` writes them anew.

use rehearsal::claims::{Claim, FIELDS};
use rehearsal::config::Config;
use rehearsal::record::{Evidence, RunRecord};
use rehearsal::topology::schema;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;
use std::path::Path;

fn check<T: JsonSchema>(name: &str) {
    kept(name, &schema_for!(T));
}

fn kept(name: &str, schema: &impl serde::Serialize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let schema = serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("schemas/ can be made");
        std::fs::write(&path, &schema).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema, "schemas/{name} is not that of the program: UPDATE_SCHEMAS=1 cargo test --test schemas");
}

#[test]
fn the_index_of_a_run() {
    check::<RunRecord>("record.schema.json");
}

#[test]
fn the_evidence_of_a_scenario() {
    check::<Evidence>("evidence.schema.json");
}

#[test]
fn the_settings_of_a_project() {
    check::<Config>("rehearsal.schema.json");
}

#[test]
fn what_people_write() {
    kept("topology.schema.json", &schema::topology());
    kept("servers.schema.json", &schema::servers());
    check::<Vec<Claim>>("claims.schema.json");
}

#[test]
fn a_claim_has_the_fields_the_reader_knows() {
    let schema = serde_json::to_value(schema_for!(Claim)).expect("a schema is JSON");
    let mut known: Vec<&str> = schema["properties"].as_object().expect("fields").keys().map(String::as_str).collect();
    let mut fields = FIELDS.to_vec();
    known.sort_unstable();
    fields.sort_unstable();
    assert_eq!((known, &schema["additionalProperties"]), (fields, &Value::Bool(false)));
}

/// The project's own files name the schema they are checked with, and have no key it lacks.
#[test]
fn the_files_of_the_project_fit() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the project");
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root.join("compose")).expect("compose/").flatten() {
        let path = entry.path();
        if path.extension().is_some_and(|ending| ending == "yml") {
            let text = read(&path);
            assert!(text.starts_with("# yaml-language-server: $schema=../schemas/topology.schema.json\n"), "{} names no schema", path.display());
            fits(&serde_yaml::from_str(&text).expect("YAML"), &schema::topology(), &path.display().to_string(), &mut wrong);
        }
    }
    let servers = read(&root.join("compose/servers.toml"));
    assert!(servers.starts_with("#:schema ../schemas/servers.schema.json\n"));
    let table: toml::Table = servers.parse().expect("TOML");
    let value = serde_json::to_value(table).expect("as JSON");
    let all = schema::servers();
    for (name, part) in value.as_object().expect("a table") {
        for (version, server) in part.as_object().expect("a part of a name") {
            fits(server, &all["$defs"]["server"], &format!("{name}.{version}"), &mut wrong);
        }
    }
    assert!(read(&root.join("claims.yaml")).starts_with("# yaml-language-server: $schema=schemas/claims.schema.json\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let mut found = Vec::new();
    fits(&serde_json::json!({"image": "x", "imge": 1}), &all["$defs"]["server"], "", &mut found);
    fits(&serde_json::json!({"x-rehearsal": {"formation": "heap"}}), &schema::topology(), "", &mut found);
    assert_eq!(found.len(), 3, "a wrong key, a wrong word and a missing key are found: {found:?}");
}

/// The part of JSON Schema that ours are made of.
fn fits(value: &Value, schema: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(words) = schema["enum"].as_array() {
        if !words.contains(value) {
            wrong.push(format!("{at}: {value} is none of {words:?}"));
        }
        return;
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let fitting = |choice: &Value| {
            let mut inner = Vec::new();
            fits(value, choice, at, &mut inner);
            inner.is_empty()
        };
        if !choices.iter().any(fitting) {
            wrong.push(format!("{at}: {value} fits nothing"));
        }
        return;
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds: Vec<&str> =
        schema["type"].as_array().map_or_else(|| schema["type"].as_str().into_iter().collect(), |all| all.iter().filter_map(Value::as_str).collect());
    if !(kinds.contains(&kind) || kind == "integer" && kinds.contains(&"number")) {
        wrong.push(format!("{at}: {kind} is none of {kinds:?}"));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.get(required).is_none() {
            wrong.push(format!("{at} has no {required}"));
        }
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        let at = format!("{at}.{name}");
        match schema["properties"].get(name).or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) | None if schema["properties"].get(name).is_none() && schema.get("properties").is_some() => {
                wrong.push(format!("{at}: unknown key"))
            }
            Some(below) if below.is_object() => fits(inner, below, &at, wrong),
            _ => {}
        }
    }
    for (index, inner) in value.as_array().into_iter().flatten().enumerate() {
        if schema["items"].is_object() {
            fits(inner, &schema["items"], &format!("{at}[{index}]"), wrong);
        }
    }
}
