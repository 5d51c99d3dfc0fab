//! The JSON Schema of `rehearsal.toml`, for editors: made of the same list as the reader.

use super::{Config, KEYS, Key, Kind};
use crate::wait::spans;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

impl JsonSchema for Config {
    fn schema_name() -> Cow<'static, str> {
        "rehearsal.toml".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut top = Map::new();
        for key in KEYS {
            match key.name.split_once('.') {
                None => drop(top.insert(key.name.to_owned(), of(&key))),
                Some((table, name)) => {
                    let table = top.entry(table).or_insert_with(|| json!({"type": "object", "properties": {}, "additionalProperties": false}));
                    table["properties"][name] = of(&key);
                }
            }
        }
        json_schema!({
            "type": "object",
            "description": "How a project of Rehearsal wants its runs.",
            "properties": Value::Object(top),
            "additionalProperties": false,
        })
    }
}

fn of(key: &Key) -> Value {
    let mut schema = match key.kind {
        Kind::Span => json!({"type": "string", "pattern": format!("^\\d+(\\.\\d+)? ({})$", spans::UNITS.join("|"))}),
        Kind::Number { least, most } => json!({"type": "integer", "minimum": least, "maximum": most}),
        Kind::Choice(words) => json!({"enum": words}),
        Kind::Texts => json!({"type": "array", "items": {"type": "string"}}),
    };
    schema["description"] = key.doc.into();
    if let Ok(default) = serde_json::from_str::<Value>(key.default) {
        schema["default"] = default;
    }
    schema
}
