//! The JSON schema of `vet.toml` agrees with the parser.

use std::collections::BTreeSet;

use serde_json::Value;
use vet_diagnostics::{Code, Level, Source};

use super::fields::known;
use crate::parse_settings;
use crate::settings::VERSION;

const BOOK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src");

fn schema() -> Value {
    let text = std::fs::read_to_string(format!("{BOOK}/vet.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn keys(schema: &Value, pointer: &str) -> BTreeSet<String> {
    let table = schema.pointer(pointer).unwrap();
    assert_eq!(table["additionalProperties"], false, "{pointer}");
    table["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_schema_has_the_keys_of_the_parser() {
    let schema = schema();
    let set = |keys: &[&str]| keys.iter().map(|&key| key.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(keys(&schema, ""), set(known::SETTINGS_FILE));
    assert_eq!(keys(&schema, "/properties/graph"), set(known::GRAPH));
    assert_eq!(keys(&schema, "/$defs/targets/items/anyOf/1"), set(known::TARGET));
    let warnings = Code::ALL.iter().filter(|code| code.may_warn());
    assert_eq!(keys(&schema, "/properties/diagnostics"), warnings.map(Code::to_string).collect());
    assert_eq!(schema["$defs"]["level"]["enum"], serde_json::json!(Level::ALL.map(Level::name)));
    assert_eq!(schema["properties"]["version"]["maximum"], VERSION);
}

#[test]
fn the_schema_accepts_what_the_parser_accepts() {
    let cases = [
        ("", true),
        ("version = 1\n", true),
        ("version = 2\n", false),
        ("version = 0\n", false),
        ("version = \"1\"\n", false),
        ("other = 1\n", false),
        ("graph = 1\n", false),
        ("[graph]\ntargets = [\"a\", { triple = \"a\", features = [\"x\"] }]\n", true),
        ("[graph]\ntargets = [\"targets/a.json\"]\nhosts = [{ triple = \"a\" }]\n", true),
        ("[graph]\ntargets = []\n", false),
        ("[graph]\nhosts = []\n", false),
        ("[graph]\ntargets = \"a\"\n", false),
        ("[graph]\ntargets = [\"a\", \"a\"]\n", false),
        ("[graph]\ntargets = [\"\"]\n", false),
        ("[graph]\ntargets = [\"all\"]\n", false),
        ("[graph]\ntargets = [{ features = [\"x\"] }]\n", false),
        ("[graph]\ntargets = [{ triple = \"a\", feature = [\"x\"] }]\n", false),
        ("[graph]\ntargets = [{ triple = \"a\", features = [1] }]\n", false),
        ("[graph]\nexclude-dev = true\n", true),
        ("[graph]\nexclude-dev = 1\n", false),
        ("[graph]\nmembers = [\"a\"]\n", true),
        ("[graph]\nmembers = []\n", false),
        ("[graph]\nexclude-members = []\n", true),
        ("[graph]\nexclude-members = [\"a\", \"a\"]\n", false),
        ("[graph]\nmembers = [\"a\"]\nexclude-members = [\"b\"]\n", false),
        ("[graph.features]\na = []\nb = [\"x\", \"y\"]\n", true),
        ("[graph.features]\na = \"x\"\n", false),
        ("[graph.features]\na = [\"\"]\n", false),
        ("[graph.other]\n", false),
        ("[diagnostics]\nVET0803 = \"deny\"\nVET0310 = \"allow\"\n", true),
        ("[diagnostics]\nVET0803 = \"forbid\"\n", false),
        ("[diagnostics]\nVET0803 = true\n", false),
        ("[diagnostics]\nVET0102 = \"allow\"\n", false),
        ("[diagnostics]\nVET9999 = \"allow\"\n", false),
    ];
    for (text, is_valid) in cases {
        check(text, is_valid);
    }
}

#[test]
fn the_examples_of_the_manual_are_valid() {
    let chapter = std::fs::read_to_string(format!("{BOOK}/settings.md")).unwrap();
    let blocks = chapter.split("```toml\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let blocks: Vec<&str> = blocks.collect();
    blocks.iter().for_each(|block| check(block, true));
    for key in [known::SETTINGS_FILE, known::GRAPH, known::TARGET].into_iter().flatten() {
        assert!(blocks.iter().any(|block| block.contains(key)), "there is an example of `{key}`");
    }
}

#[track_caller]
fn check(text: &str, is_valid: bool) {
    let problems = parse_settings(&Source::new("vet.toml", text)).problems;
    assert_eq!(problems.is_empty(), is_valid, "{text}\n{problems:?}");
    let schema = schema();
    let found = Validator { root: &schema }.fault(&schema, &toml::from_str(text).unwrap());
    assert_eq!(found.is_none(), is_valid, "{text}\n{found:?}");
}

/// The part of JSON Schema that the schema uses.
struct Validator<'s> {
    root: &'s Value,
}

impl Validator<'_> {
    /// Returns the keyword that a value violates.
    fn fault(&self, schema: &Value, value: &Value) -> Option<String> {
        let keywords = schema.as_object().unwrap();
        keywords.iter().find_map(|(keyword, rule)| {
            let is_met = self.is_met(keyword, rule, schema, value);
            (!is_met).then(|| format!("{keyword} of {schema}"))
        })
    }

    fn accepts(&self, schema: &Value, value: &Value) -> bool {
        self.fault(schema, value).is_none()
    }

    fn is_met(&self, keyword: &str, rule: &Value, schema: &Value, value: &Value) -> bool {
        match keyword {
            "$schema" | "$defs" | "title" | "description" | "default" => true,
            "$ref" => {
                let target = self.root.pointer(rule.as_str().unwrap().strip_prefix('#').unwrap());
                self.accepts(target.unwrap(), value)
            }
            "type" => match rule.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_i64(),
                other => panic!("the type {other} is not known here"),
            },
            "const" => value == rule,
            "enum" => rule.as_array().unwrap().contains(value),
            "not" => !self.accepts(rule, value),
            "anyOf" => rule.as_array().unwrap().iter().any(|schema| self.accepts(schema, value)),
            "minimum" => value.as_i64().is_none_or(|number| number >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|number| number <= rule.as_i64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| text.len() as u64 >= rule.as_u64().unwrap()),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= rule.as_u64().unwrap()),
            "uniqueItems" => value.as_array().is_none_or(|items| {
                items.iter().enumerate().all(|(index, item)| !items[..index].contains(item))
            }),
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| self.accepts(rule, item))),
            "required" => {
                let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                value.as_object().is_none_or(|table| names.into_iter().all(|name| table.contains_key(name)))
            }
            "properties" => value.as_object().is_none_or(|table| {
                let mut known = table.iter().filter_map(|(key, value)| Some((rule.get(key)?, value)));
                known.all(|(schema, value)| self.accepts(schema, value))
            }),
            "additionalProperties" => value.as_object().is_none_or(|table| {
                let is_known =
                    |key: &str| schema.get("properties").is_some_and(|known| known.get(key).is_some());
                let mut others = table.iter().filter(|(key, _)| !is_known(key));
                others.all(|(_, value)| match rule {
                    Value::Bool(allowed) => *allowed,
                    schema => self.accepts(schema, value),
                })
            }),
            other => panic!("the keyword {other} is not known here"),
        }
    }
}
