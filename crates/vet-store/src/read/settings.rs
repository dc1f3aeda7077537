//! Reads `vet.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use vet_diagnostics::{Code, Diagnostic, Level, Levels, Located, Source, not_a_warning, wording};

use crate::read::fields::{Fields, Place, known, type_of};
use crate::read::{Parsed, Reader};
use crate::settings::{
    GraphSettings, MemberFeatures, MemberSettings, Settings, TargetSetting, VERSION, is_specification,
};

/// Reads `vet.toml`.
///
/// If a later version wrote the file, that is the only problem reported.
pub fn parse_settings(source: &Arc<Source>) -> Parsed<Settings> {
    let (mut reader, document) = Reader::document(source);
    let Some(document) = &document else { return reader.finish(Settings::default()) };
    let mut top = Fields::new(&mut reader, document, 0..0, Place::file(&source.name));
    if let Some(too_new) = version(&mut top) {
        reader.problems = vec![too_new];
        return reader.finish(Settings::default());
    }
    top.reject_unknown(known::SETTINGS_FILE);
    let settings =
        Settings { graph: graph(&mut reader, document), diagnostics: levels(&mut reader, document) };
    let start = |problem: &Diagnostic| problem.excerpts.first().map(|excerpt| excerpt.span.start);
    reader.problems.sort_by_key(start);
    reader.finish(settings)
}

/// Returns an error if the file has a later version.
fn version(top: &mut Fields<'_, '_>) -> Option<Diagnostic> {
    let value = top.table.get("version")?;
    let DeValue::Integer(integer) = value.get_ref() else {
        return top.wrong_type("version", value, "an integer");
    };
    // A number with too many digits for the type is also a later version.
    let version = i128::from_str_radix(integer.as_str(), integer.radix()).unwrap_or(i128::MAX);
    if (1..=i128::from(VERSION)).contains(&version) {
        return None;
    }
    if version < 1 {
        let message = format!("`version` in `{}` is not a version of the settings", top.place);
        top.reader.problem(Code::InvalidValue, value.span(), message, "expected a number of at least 1");
        return None;
    }
    let message = format!(
        "`{}` has version {}, but this tool reads only versions up to {VERSION}",
        top.place,
        wording::shown(integer.as_str())
    );
    let problem = Diagnostic::error(Code::StoreTooNew, message)
        .at(&top.reader.source, value.span(), "written for a later version")
        .help("use the later version of cargo-vet that the file was written for");
    Some(problem)
}

fn graph(reader: &mut Reader, document: &DeTable<'_>) -> GraphSettings {
    let place = Place::table(None, "graph");
    let Some((table, span)) = reader.table(document, "graph", place) else { return GraphSettings::default() };
    let mut fields = Fields::new(reader, table, span, place);
    fields.reject_unknown(known::GRAPH);
    let targets = targets(&mut fields, "targets");
    let hosts = self::targets(&mut fields, "hosts");
    let unset_cfg = names(&mut fields, "unset-cfg", cfg_fault).unwrap_or_default();
    let exclude_dev = fields.boolean("exclude-dev").unwrap_or_default();
    let members = members(&mut fields);
    GraphSettings { targets, hosts, unset_cfg, exclude_dev, members, features: features(reader, table) }
}

fn targets(fields: &mut Fields<'_, '_>, key: &str) -> Option<Vec<TargetSetting>> {
    let value = fields.table.get(key)?;
    let DeValue::Array(array) = value.get_ref() else {
        return fields.wrong_type(key, value, "an array of targets");
    };
    if array.is_empty() {
        let (what, way_out) = match key {
            "hosts" => ("host", "name a host, or remove the key to use the targets that can host a compiler"),
            _ => ("target", "name a target, or remove the key to use all targets"),
        };
        return nothing_left(fields, key, value.span(), what, way_out);
    }
    let mut list: Vec<TargetSetting> = Vec::with_capacity(array.len());
    let mut listed = BTreeMap::new();
    for element in array {
        let Some(target) = target(fields, key, element) else { continue };
        match listed.get(&identity(&target)) {
            Some(first) => twice(fields, key, first, &target.triple),
            None => {
                listed.insert(identity(&target), target.triple.clone());
                list.push(target);
            }
        }
    }
    Some(list)
}

/// Returns what distinguishes a target from others. The order of its features does not.
fn identity(target: &TargetSetting) -> (String, BTreeSet<String>) {
    let features = target.features.iter().map(|feature| feature.value.clone());
    (target.triple.value.clone(), features.collect())
}

fn target(fields: &mut Fields<'_, '_>, key: &str, element: &Spanned<DeValue<'_>>) -> Option<TargetSetting> {
    match element.get_ref() {
        DeValue::String(text) => {
            let triple = triple(fields.reader, text, element.span())?;
            Some(TargetSetting { triple, like: None, features: Vec::new() })
        }
        DeValue::Table(table) => {
            let place = Place { import: None, table: "graph", name: Some(key), is_array: true };
            let mut fields = Fields::new(fields.reader, table, element.span(), place);
            fields.reject_unknown(known::TARGET);
            let features = names(&mut fields, "features", target_feature_fault).unwrap_or_default();
            let named = fields.required("triple", |fields, key| {
                let (text, span) = fields.str(key)?;
                triple(fields.reader, text, span)
            });
            let like = fields.str("like").and_then(|(text, span)| triple(fields.reader, text, span));
            if like.is_none() && table.contains_key("like") {
                return None;
            }
            Some(TargetSetting { triple: named?, like, features })
        }
        other => {
            let found = type_of(other);
            let message =
                format!("an entry of `{key}` in `{}` must be a string or a table, not {found}", fields.place);
            let label = "expected a triple, or a table with `triple` and `features`";
            fields.reader.problem(Code::WrongType, element.span(), message, label);
            None
        }
    }
}

fn triple(reader: &mut Reader, text: &str, span: Range<usize>) -> Option<Located<String>> {
    if let Some(fault) = triple_fault(text) {
        let message = format!("`{}` is not the name of a target", wording::shown(text));
        let problem = Diagnostic::error(Code::InvalidValue, message)
            .at(&reader.source, span, fault)
            .help("use a name from `rustc --print target-list`, or the path of a target specification that ends in `.json`");
        reader.push(problem);
        return None;
    }
    Some(Located::in_text(text.to_owned(), &reader.source, span))
}

/// Returns why a text cannot be the name of a target.
fn triple_fault(text: &str) -> Option<&'static str> {
    let is_ordinary = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    match text {
        "" => Some("it is empty"),
        "all" => Some("remove the key to use all targets"),
        _ if text.contains(char::is_control) => Some("expected no control characters"),
        _ if is_specification(text) => None,
        _ if text.bytes().all(is_ordinary) => None,
        _ => Some("expected letters, digits, `-`, `_` and `.` only"),
    }
}

fn target_feature_fault(text: &str) -> Option<&'static str> {
    match text {
        _ if text.starts_with('+') => Some("write the name without `+`"),
        _ if text.starts_with('-') => Some("features can only be added"),
        _ => name_fault(text),
    }
}

/// Returns why a text cannot be the name of a condition.
fn cfg_fault(text: &str) -> Option<&'static str> {
    let is_ordinary = |character: char| character == '_' || character.is_ascii_alphanumeric();
    match text {
        "" => Some("it is empty"),
        _ if !text.chars().all(is_ordinary) || text.starts_with(|first: char| first.is_ascii_digit()) => {
            Some("expected only the name, without `cfg(…)` and without a value")
        }
        _ => None,
    }
}

fn member_feature_fault(text: &str) -> Option<&'static str> {
    match text {
        MemberFeatures::NOT_DEFAULT => None,
        _ if text.starts_with('-') => {
            Some("only `-default` is allowed: other features are off unless you name them")
        }
        _ => name_fault(text),
    }
}

fn name_fault(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("it is empty"),
        _ if text.contains(|character: char| character.is_control() || character.is_whitespace()) => {
            Some("expected a name without spaces")
        }
        _ => None,
    }
}

/// Reads an array of distinct names.
fn names(
    fields: &mut Fields<'_, '_>,
    key: &str,
    fault: fn(&str) -> Option<&'static str>,
) -> Option<Vec<Located<String>>> {
    let value = fields.table.get(key)?;
    let DeValue::Array(array) = value.get_ref() else {
        return fields.wrong_type(key, value, "an array of strings");
    };
    let mut list: Vec<Located<String>> = Vec::with_capacity(array.len());
    let mut listed: BTreeMap<&str, Located<String>> = BTreeMap::new();
    for element in array {
        let shown = wording::shown(key);
        let DeValue::String(text) = element.get_ref() else {
            let found = type_of(element.get_ref());
            let message = format!("`{shown}` in `{}` must contain only strings, not {found}", fields.place);
            fields.reader.problem(Code::WrongType, element.span(), message, "expected a string");
            continue;
        };
        if let Some(fault) = fault(text) {
            let message = format!("`{shown}` in `{}` has an invalid name", fields.place);
            fields.reader.problem(Code::InvalidValue, element.span(), message, fault);
            continue;
        }
        let name = Located::in_text(text.to_string(), &fields.reader.source, element.span());
        match listed.get(text.as_ref()) {
            Some(first) => twice(fields, key, first, &name),
            None => {
                listed.insert(text.as_ref(), name.clone());
                list.push(name);
            }
        }
    }
    Some(list)
}

fn twice(fields: &mut Fields<'_, '_>, key: &str, first: &Located<String>, second: &Located<String>) {
    let (key, name) = (wording::shown(key), wording::shown(&second.value));
    let message = format!("`{key}` in `{}` names `{name}` twice", fields.place);
    let problem = second.mark(Diagnostic::error(Code::ListedTwice, message), "duplicate");
    fields.reader.push(first.mark(problem, "the first one").help("remove one of the two"));
}

fn nothing_left<T>(
    fields: &mut Fields<'_, '_>,
    key: &str,
    span: Range<usize>,
    what: &str,
    way_out: &str,
) -> Option<T> {
    let message = format!("`{key}` in `{}` is empty, so no {what} is left", fields.place);
    let problem = Diagnostic::error(Code::NothingLeft, message)
        .at(&fields.reader.source, span, format!("names no {what}"))
        .help(way_out);
    fields.reader.push(problem);
    None
}

fn members(fields: &mut Fields<'_, '_>) -> MemberSettings {
    let keys = ["members", "exclude-members"].map(|key| fields.table.get_key_value(key));
    let only = names(fields, "members", name_fault);
    let all_but = names(fields, "exclude-members", name_fault);
    if let [Some((only, _)), Some((all_but, _))] = keys {
        let problem = Diagnostic::error(
            Code::SettingsConflict,
            "`members` and `exclude-members` are both set, but each selects the members to check",
        )
        .at(&fields.reader.source, all_but.span(), "all members but these")
        .at(&fields.reader.source, only.span(), "only these members")
        .help("keep one of the two");
        fields.reader.push(problem);
        return MemberSettings::All;
    }
    match (keys, only, all_but) {
        ([Some((_, value)), _], Some(only), _) if only.is_empty() && is_empty(value) => {
            let way_out = "name a member, or remove the key to use all members";
            nothing_left::<()>(fields, "members", value.span(), "member", way_out);
            MemberSettings::All
        }
        (_, Some(only), _) => MemberSettings::Only(only),
        (_, _, Some(all_but)) if !all_but.is_empty() => MemberSettings::AllBut(all_but),
        _ => MemberSettings::All,
    }
}

fn is_empty(value: &Spanned<DeValue<'_>>) -> bool {
    value.get_ref().as_array().is_some_and(|array| array.is_empty())
}

fn features(reader: &mut Reader, graph: &DeTable<'_>) -> BTreeMap<String, MemberFeatures> {
    let place = Place::table(None, "graph").child("features");
    let mut all = BTreeMap::new();
    let Some((table, span)) = reader.table(graph, "features", place) else { return all };
    let mut fields = Fields::new(reader, table, span, place);
    for key in table.keys() {
        let member = key.get_ref().as_ref();
        let Some(names) = names(&mut fields, member, member_feature_fault) else { continue };
        let located = Located::in_text(member.to_owned(), &fields.reader.source, key.span());
        all.insert(member.to_owned(), MemberFeatures { member: located, names });
    }
    all
}

fn levels(reader: &mut Reader, document: &DeTable<'_>) -> Levels {
    let place = Place::table(None, "diagnostics");
    let mut levels = Levels::default();
    let Some((table, span)) = reader.table(document, "diagnostics", place) else { return levels };
    let mut fields = Fields::new(reader, table, span, place);
    for (key, _) in table {
        let name = key.get_ref().as_ref();
        let code = code(&mut fields, name, key.span());
        let Some((text, span)) = fields.str(name) else { continue };
        let Some(level) = level(&mut fields, text, span) else { continue };
        if let Some(code) = code {
            levels.set(code, Located::in_text(level, &fields.reader.source, key.span()));
        }
    }
    levels
}

fn code(fields: &mut Fields<'_, '_>, name: &str, span: Range<usize>) -> Option<Code> {
    let Some(code) = Code::ALL.iter().copied().find(|code| code.to_string() == name) else {
        let warnings: Vec<String> =
            Code::ALL.iter().filter(|code| code.may_warn()).map(Code::to_string).collect();
        // Other places accept `vet204` and similar spellings.
        let meant = name.parse().ok().map(|code: Code| code.to_string());
        let meant =
            meant.or_else(|| wording::nearest(name, warnings.iter().map(String::as_str)).map(str::to_owned));
        let list = "`cargo vet explain` lists all codes";
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`? {list}"),
            None => list.to_owned(),
        };
        let message = format!("`{}` is not a diagnostic code", wording::shown(name));
        let problem = Diagnostic::error(Code::UnknownCode, message)
            .at(&fields.reader.source, span, "not a code")
            .help(help);
        fields.reader.push(problem);
        return None;
    };
    if let Some(problem) = not_a_warning(code) {
        fields.reader.push(problem.at(&fields.reader.source, span, "always an error"));
        return None;
    }
    Some(code)
}

fn level(fields: &mut Fields<'_, '_>, text: &str, span: Range<usize>) -> Option<Level> {
    match text.parse() {
        Ok(level) => Some(level),
        Err(unknown) => {
            let message = format!("`{}` is not a level", wording::shown(text));
            let problem = Diagnostic::error(Code::InvalidValue, message).at(
                &fields.reader.source,
                span,
                unknown.to_string(),
            );
            let meant = wording::nearest(text, Level::ALL.map(Level::name));
            let problem = match meant {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem,
            };
            fields.reader.push(problem);
            None
        }
    }
}
