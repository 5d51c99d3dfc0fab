//! JSON Schemas of topology files and of the server catalogue, for editors: made of the lists that the readers use, so they know the same keys.
//!
//! You are in the right place when an editor accepts or refuses a value and `check` does not. Which keys there are stands in `keys.rs` and `servers.rs`; only
//! the shapes of values are told here. A schema is wider than `check`, which also knows what fits together.

use super::keys::{self, KEYS};
use super::servers;
use crate::systems;
use serde_json::{Map, Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a file `compose/NAME.yml`.
pub fn topology() -> Value {
    let mut schema = below("");
    let head = json!({
        "$schema": DIALECT,
        "title": "A topology of Rehearsal",
        "description": "A compose file that `docker compose up` accepts too, with what is beyond compose under x-rehearsal.",
        "required": ["x-rehearsal", "services"],
    });
    merge(&mut schema, head);
    schema
}

/// The schema of `compose/servers.toml`.
pub fn servers() -> Value {
    let shape = |field: &str| match field {
        "append" => json!({"type": "array", "items": {"type": "string"}}),
        "package" => json!({"enum": ["redis", "valkey"]}),
        _ => json!({"type": "string", "minLength": 1}),
    };
    let fields: Map<String, Value> = servers::FIELDS.iter().map(|(field, meaning)| ((*field).to_owned(), described(shape(field), meaning))).collect();
    // To TOML the dot in `redis-7.0 = {...}` parts two tables.
    let server_or_part = json!({"anyOf": [{"$ref": "#/$defs/server"}, {"$ref": "#/$defs/part"}]});
    json!({
        "$schema": DIALECT,
        "title": "The servers a scenario can be played on",
        "description": "One line a server; the first is the default.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": server_or_part,
        "$defs": {
            "server": {"type": "object", "properties": fields, "required": ["image"], "additionalProperties": false},
            "part": {"type": "object", "minProperties": 1, "additionalProperties": server_or_part},
        },
    })
}

/// What may stand at a path of the list of keys.
fn below(path: &str) -> Value {
    let join = |child: &str| if path.is_empty() { child.to_owned() } else { format!("{path}.{child}") };
    let children = keys::children(path);
    let schema = match children.as_slice() {
        [] => shape(path),
        ["[]"] => json!({"type": "array", "items": below(&join("[]"))}),
        ["*"] => json!({"type": ["object", "null"], "additionalProperties": below(&join("*"))}),
        names => {
            let properties: Map<String, Value> = names.iter().map(|name| ((*name).to_owned(), below(&join(name)))).collect();
            json!({"type": ["object", "null"], "properties": properties, "additionalProperties": false})
        }
    };
    match KEYS.iter().find(|key| key.path == path) {
        Some(key) => described(schema, key.meaning),
        None => schema,
    }
}

/// The value of a key that is read as a whole.
fn shape(path: &str) -> Value {
    let words = json!({"type": ["string", "number", "boolean"]});
    match path {
        "x-rehearsal.formation" => json!({"enum": systems::formations().map(|formation| formation.name).collect::<Vec<_>>()}),
        "x-rehearsal.masters" => json!({"type": "integer", "minimum": 3}),
        "services.*.x-rehearsal.role" => json!({"enum": systems::roles().collect::<Vec<_>>()}),
        "services.*.x-rehearsal.port" => json!({"type": "integer", "minimum": 1, "maximum": 65535}),
        "services.*.command" => json!({"anyOf": [words, {"type": "array", "items": words}]}),
        "services.*.environment" => json!({"type": ["object", "array", "null"]}),
        "services.*.depends_on" => json!({"type": ["object", "array"]}),
        "services.*.configs.[].mode" | "services.*.mem_limit" => json!({"type": ["string", "integer"]}),
        "networks.*.internal" => json!({"type": "boolean"}),
        _ => json!({"type": "string"}),
    }
}

fn described(mut schema: Value, meaning: &str) -> Value {
    merge(&mut schema, json!({"description": meaning}));
    schema
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Every path of a schema that ends in a value, as the list of keys writes it.
    fn paths(schema: &Value, at: &str, found: &mut BTreeSet<String>) {
        let join = |name: &str| if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        let leaf = KEYS.iter().any(|key| key.path == at);
        if let Some(properties) = schema["properties"].as_object() {
            assert_eq!(schema["additionalProperties"], json!(false), "{at} takes any key");
            properties.iter().for_each(|(name, inner)| paths(inner, &join(name), found));
        } else if !leaf && schema["items"].is_object() {
            paths(&schema["items"], &join("[]"), found);
        } else if !leaf && schema["additionalProperties"].is_object() {
            paths(&schema["additionalProperties"], &join("*"), found);
        } else {
            assert!(schema["description"].is_string(), "{at} is not explained");
            found.insert(at.to_owned());
        }
    }

    #[test]
    fn the_schema_has_the_keys_of_the_reader_and_no_others() {
        let mut found = BTreeSet::new();
        paths(&topology(), "", &mut found);
        assert_eq!(found, KEYS.iter().map(|key| key.path.to_owned()).collect());
        let schema = servers();
        let fields = schema["$defs"]["server"]["properties"].as_object().unwrap();
        assert_eq!(
            fields.keys().collect::<BTreeSet<_>>(),
            servers::FIELDS.iter().map(|(field, _)| (*field).to_owned()).collect::<Vec<_>>().iter().collect()
        );
    }
}
