//! The plan as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use vet_ops::evaluation::outcome::{PublisherShare, Saving, Suggestion, Suggestions};
use vet_store::entries::Publisher;

use super::saving_command;
use crate::reading::command;
use crate::short_list::short_list;

/// The JSON format.
#[derive(Serialize)]
pub(crate) struct SuggestJson<'a> {
    suggestions: Vec<ItemJson<'a>>,
    suggest_by_criteria: BTreeMap<&'a str, Vec<ItemJson<'a>>>,
    total_lines: u64,
    built_lines: u64,
    unmeasured: Vec<UnmeasuredJson<'a>>,
    /// Present only if a violation covers a package.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forbidden: Vec<ForbiddenJson<'a>>,
    savings: Vec<SavingJson>,
    publishers: Vec<PublisherShareJson<'a>>,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct ItemJson<'a> {
    name: &'a str,
    notable_parents: String,
    suggested_criteria: &'a [String],
    suggested_diff: DiffJson,
    command: String,
    parents: &'a [String],
    helps: Vec<String>,
    publisher: Option<PublisherJson<'a>>,
    built_lines: u64,
    registry_hints: Vec<RegistryHintJson<'a>>,
    trust_hint: Option<TrustHintJson<'a>>,
}

#[derive(Serialize)]
struct DiffJson {
    from: Option<String>,
    to: String,
    diffstat: DiffstatJson,
}

#[derive(Serialize)]
struct DiffstatJson {
    insertions: u64,
    deletions: u64,
    files_changed: u64,
}

#[derive(Serialize)]
struct RegistryHintJson<'a> {
    import: &'a str,
    remaining_lines: u64,
}

#[derive(Serialize)]
struct TrustHintJson<'a> {
    publisher: PublisherJson<'a>,
    trusted_by: &'a [String],
    published_this_version: bool,
    is_only_publisher: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum PublisherJson<'a> {
    User { id: u64, login: &'a str, name: Option<&'a str> },
    TrustedPublisher(&'a str),
}

#[derive(Serialize)]
struct UnmeasuredJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
    parents: &'a [String],
    reason: &'a str,
}

#[derive(Serialize)]
struct ForbiddenJson<'a> {
    name: &'a str,
    version: String,
    missing_criteria: &'a [String],
    parents: &'a [String],
    reason: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct SavingJson {
    command: String,
    lines: u64,
    crates: usize,
}

#[derive(Serialize)]
struct PublisherShareJson<'a> {
    publisher: PublisherJson<'a>,
    command: String,
    lines: u64,
    crates: usize,
    trusted_by: &'a [String],
}

impl<'a> From<&'a Suggestions> for SuggestJson<'a> {
    fn from(suggestions: &'a Suggestions) -> Self {
        let mut by_criteria: BTreeMap<&str, Vec<ItemJson<'_>>> = BTreeMap::new();
        for audit in &suggestions.audits {
            by_criteria.entry(&audit.criteria_label).or_default().push(ItemJson::from(audit));
        }
        let unmeasured = suggestions.unmeasured.iter().map(|it| UnmeasuredJson {
            name: &it.package.name,
            version: it.package.version.to_string(),
            missing_criteria: &it.criteria,
            parents: &it.parents,
            reason: &it.reason,
        });
        let saving = |saving: &Saving| SavingJson {
            command: saving_command(saving),
            lines: saving.lines,
            crates: saving.crates,
        };
        let forbidden = suggestions.forbidden.iter().map(|it| ForbiddenJson {
            name: &it.package.name,
            version: it.package.version.to_string(),
            missing_criteria: &it.criteria,
            parents: &it.parents,
            reason: &it.warning.message,
            help: it.warning.help.as_deref(),
        });
        SuggestJson {
            suggestions: suggestions.audits.iter().map(ItemJson::from).collect(),
            suggest_by_criteria: by_criteria,
            total_lines: suggestions.lines(),
            built_lines: suggestions.built(),
            unmeasured: unmeasured.collect(),
            forbidden: forbidden.collect(),
            savings: suggestions.savings.iter().map(saving).collect(),
            publishers: suggestions.publishers.iter().map(PublisherShareJson::from).collect(),
            warnings: suggestions.warnings.iter().map(|warning| warning.message.clone()).collect(),
        }
    }
}

impl<'a> From<&'a Suggestion> for ItemJson<'a> {
    fn from(audit: &'a Suggestion) -> Self {
        let size = &audit.size;
        let registry = audit.registry.iter();
        let registry =
            registry.map(|it| RegistryHintJson { import: &it.name, remaining_lines: it.remaining });
        ItemJson {
            name: &audit.name,
            notable_parents: short_list(&audit.parents),
            suggested_criteria: &audit.criteria,
            suggested_diff: DiffJson {
                from: audit.from.as_ref().map(ToString::to_string),
                to: audit.to.to_string(),
                diffstat: DiffstatJson {
                    insertions: size.insertions,
                    deletions: size.deletions,
                    files_changed: size.files_changed,
                },
            },
            command: command(&audit.name, audit.from.as_ref(), &audit.to),
            parents: &audit.parents,
            helps: audit.helps.iter().map(ToString::to_string).collect(),
            publisher: audit.publisher.as_ref().map(PublisherJson::from),
            built_lines: size.built,
            registry_hints: registry.collect(),
            trust_hint: audit.trust.as_ref().map(|hint| TrustHintJson {
                publisher: PublisherJson::from(&hint.publisher),
                trusted_by: &hint.trusted_by,
                published_this_version: hint.is_of_version,
                is_only_publisher: hint.is_only_publisher,
            }),
        }
    }
}

impl<'a> From<&'a PublisherShare> for PublisherShareJson<'a> {
    fn from(share: &'a PublisherShare) -> Self {
        PublisherShareJson {
            publisher: PublisherJson::from(&share.publisher),
            command: format!("cargo vet trust --all {}", share.argument),
            lines: share.lines,
            crates: share.crates,
            trusted_by: &share.trusted_by,
        }
    }
}

impl<'a> From<&'a Publisher> for PublisherJson<'a> {
    fn from(publisher: &'a Publisher) -> Self {
        match publisher {
            Publisher::User { id, login, name } => {
                PublisherJson::User { id: *id, login, name: name.as_deref() }
            }
            Publisher::TrustedPublisher(signature) => PublisherJson::TrustedPublisher(signature),
        }
    }
}
