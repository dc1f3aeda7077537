//! Reads `config.toml`.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeTable;
use vet_diagnostics::{Code, Diagnostic, Source, wording};

use crate::entries::Exemption;
use crate::files::{ConfigFile, CratePolicy, ImportConfig, Policies, Policy, StoreVersion};
use crate::read::fields::{Fields, Place};
use crate::read::{Parsed, Reader, scalars};

/// Reads `config.toml`.
///
/// If a newer version of the format wrote the file, that is the only problem reported.
pub fn parse_config(source: &Arc<Source>) -> Parsed<ConfigFile> {
    let (mut reader, document) = Reader::document(source);
    let Some(document) = &document else { return reader.finish(ConfigFile::default()) };
    let version = version(&mut reader, document);
    if version > StoreVersion::CURRENT {
        reader.problems = vec![too_new(source, document, version)];
        return reader.finish(ConfigFile { version, ..ConfigFile::default() });
    }
    let default_criteria =
        Fields::new(&mut reader, document, 0..0, Place::file(&source.name)).string("default-criteria");
    let value = ConfigFile {
        default_criteria: default_criteria.unwrap_or_else(|| ConfigFile::DEFAULT_CRITERIA.to_owned()),
        version,
        imports: imports(&mut reader, document),
        policy: policies(&mut reader, document),
        exemptions: exemptions(&mut reader, document),
    };
    reader.finish(value)
}

fn version(reader: &mut Reader, document: &DeTable<'_>) -> StoreVersion {
    let place = Place::table(None, "cargo-vet");
    let Some((table, span)) = reader.table(document, "cargo-vet", place) else {
        return StoreVersion::UNSTATED;
    };
    let mut fields = Fields::new(reader, table, span, place);
    let version = fields.required("version", |fields, key| {
        let (text, span) = fields.str(key)?;
        fields.parsed(key, span, text.parse::<StoreVersion>(), "a format version such as `0.10`")
    });
    version.unwrap_or(StoreVersion::CURRENT)
}

fn too_new(source: &Arc<Source>, document: &DeTable<'_>, version: StoreVersion) -> Diagnostic {
    let stated = document.get("cargo-vet").and_then(|table| table.get_ref().get("version"));
    let span = stated.map(|value| value.span()).unwrap_or_default();
    let message = format!(
        "the store has format version {version}, but this tool reads only versions up to {}",
        StoreVersion::CURRENT
    );
    Diagnostic::error(Code::StoreTooNew, message)
        .at(source, span, "written by a newer version")
        .help("use the version of cargo-vet that wrote the store, or a newer one")
}

fn imports(reader: &mut Reader, document: &DeTable<'_>) -> BTreeMap<String, ImportConfig> {
    let mut all = BTreeMap::new();
    reader.tables(document, Place::table(None, "imports"), |name, fields| {
        let url = fields.required("url", Fields::strings);
        let exclude = fields.string_array("exclude").unwrap_or_default();
        let criteria_map = fields.string_lists("criteria-map").unwrap_or_default();
        all.insert(name.to_owned(), ImportConfig { url: url.unwrap_or_default(), exclude, criteria_map });
    });
    all
}

fn policies(reader: &mut Reader, document: &DeTable<'_>) -> Policies {
    let mut all: BTreeMap<String, CratePolicy> = BTreeMap::new();
    let mut mixed: Vec<String> = Vec::new();
    reader.tables(document, Place::table(None, "policy"), |key, fields| {
        let policy = Policy {
            audit_as_crates_io: fields.boolean("audit-as-crates-io"),
            criteria: fields.strings("criteria"),
            dev_criteria: fields.strings("dev-criteria"),
            dependency_criteria: fields.string_lists("dependency-criteria").unwrap_or_default(),
            notes: fields.string("notes"),
        };
        let (name, version) = match scalars::policy_key(key) {
            Ok(split) => split,
            Err(error) => {
                let message = format!("the key of `{}` does not end in a version", fields.place);
                let label = wording::shown(&scalars::version_fault(&error)).into_owned();
                let problem = Diagnostic::error(Code::InvalidValue, message)
                    .at(&fields.reader.source, fields.key_span(document, "policy", key), label)
                    .help("a policy applies to all versions of a crate, `[policy.name]`, or to one version, `[policy.\"name:1.2.3\"]`");
                fields.reader.push(problem);
                return;
            }
        };
        match (all.get_mut(name), version) {
            (None, None) => {
                all.insert(name.to_owned(), CratePolicy::Unversioned(policy));
            }
            (None, Some(version)) => {
                all.insert(name.to_owned(), CratePolicy::Versioned(BTreeMap::from([(version, policy)])));
            }
            // Another spelling of the same version. The last one in the order of keys is used.
            (Some(CratePolicy::Versioned(policies)), Some(version)) => {
                policies.insert(version, policy);
            }
            (Some(_), _) => mixed.push(name.to_owned()),
        }
    });
    mixed.dedup();
    for name in mixed {
        if reader.is_full() {
            reader.unreported += 1;
        } else {
            report_mixed(reader, document, &name);
        }
    }
    Policies(all)
}

fn report_mixed(reader: &mut Reader, document: &DeTable<'_>, name: &str) {
    const MOST_KEYS: usize = 10;
    let message = format!(
        "`{}` has both a policy for all versions and policies for single versions",
        wording::shown(name)
    );
    let mut problem = Diagnostic::error(Code::MixedPolicy, message);
    let policies = document.get("policy").and_then(|value| value.get_ref().as_table());
    let of_crate =
        |key: &str| key.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
    let keys = policies.into_iter().flatten().map(|(key, _)| key).filter(|key| of_crate(key.get_ref()));
    for key in keys.take(MOST_KEYS) {
        let label = if key.get_ref() == name { "for all versions" } else { "for one version" };
        problem = problem.at(&reader.source, key.span(), label);
    }
    reader.push(problem.help("give every version its own policy, or keep only the one for all versions"));
}

fn exemptions(reader: &mut Reader, document: &DeTable<'_>) -> BTreeMap<String, Vec<Exemption>> {
    const NAME: &str = "exemptions";
    const OLD_NAME: &str = "unaudited";
    if let (Some((key, _)), Some((old_key, _))) =
        (document.get_key_value(NAME), document.get_key_value(OLD_NAME))
    {
        let problem = Diagnostic::error(
            Code::DuplicateKey,
            "the file has both `exemptions` and `unaudited`, which is its old name",
        )
        .at(&reader.source, old_key.span(), "the old name")
        .at(&reader.source, key.span(), "")
        .help("rename `unaudited` to `exemptions` in all headers");
        reader.push(problem);
    }
    let name = if document.contains_key(OLD_NAME) && !document.contains_key(NAME) { OLD_NAME } else { NAME };
    reader.entries(document, Place::table(None, name), |fields| {
        let version = fields.required("version", Fields::version);
        let criteria = fields.strings("criteria").unwrap_or_default();
        let suggest = fields.boolean("suggest").unwrap_or(true);
        let notes = fields.string("notes");
        Some(Exemption { version: version?, criteria, suggest, notes })
    })
}
