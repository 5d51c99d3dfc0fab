//! The JSON Schemas of the record and of `rehearsal.toml`, in `schemas/`, are those of the types. `UPDATE_SCHEMAS=1 cargo test --test schemas` writes them anew.

use rehearsal::config::Config;
use rehearsal::record::{Evidence, RunRecord};
use schemars::{JsonSchema, schema_for};
use std::path::Path;

fn check<T: JsonSchema>(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    let schema = serde_json::to_string_pretty(&schema_for!(T)).expect("a schema is JSON") + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("schemas/ can be made");
        std::fs::write(&path, &schema).expect("the schema can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, schema, "schemas/{name} is not that of the types: UPDATE_SCHEMAS=1 cargo test --test schemas");
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
