//! A violation and the statements that contradict it.

use std::fmt::Write as _;

use serde::Serialize;
use vet_resolver::{Conflict, Contradiction};
use vet_store::entries::{AuditEntry, AuditKind, Exemption};

use crate::visible::visible;

/// Both sides, one after the other. Only the first line of notes is indented.
pub(crate) fn human(conflict: &Conflict, indent: &str) -> String {
    let mut text = String::new();
    match &conflict.against {
        Contradiction::Exemption(exemption) => {
            let _ = writeln!(text, "{indent}the exemption {}", exemption.version);
            details(&mut text, indent, &exemption.criteria, &[], exemption.notes.as_deref());
        }
        Contradiction::Audit { source, audit } => {
            let _ = writeln!(text, "{indent}the {} audit {}", whose(source.as_deref()), subject(&audit.kind));
            details(&mut text, indent, &audit.criteria, &audit.who, audit.notes.as_deref());
        }
    }
    let Conflict { violation_source, violation, .. } = conflict;
    let whose = whose(violation_source.as_deref());
    let _ = writeln!(text, "{indent}conflicts with {whose} violation against {}", subject(&violation.kind));
    details(&mut text, indent, &violation.criteria, &violation.who, violation.notes.as_deref());
    text
}

fn whose(source: Option<&str>) -> String {
    source.map_or_else(|| "own".to_owned(), |import| format!("foreign ({})", visible(import)))
}

fn subject(kind: &AuditKind) -> String {
    match kind {
        AuditKind::Full(version) => version.to_string(),
        AuditKind::Delta { from, to } => format!("{from} -> {to}"),
        AuditKind::Violation(range) => range.to_string(),
    }
}

fn details(text: &mut String, indent: &str, criteria: &[String], who: &[String], notes: Option<&str>) {
    let _ = writeln!(text, "{indent}  criteria: {criteria:?}");
    if !who.is_empty() {
        let _ = writeln!(text, "{indent}  who: {}", visible(&who.join(", ")));
    }
    if let Some(notes) = notes {
        let _ = writeln!(text, "{indent}  notes: {}", visible(notes));
    }
}

#[derive(Serialize)]
pub(crate) enum ConflictJson<'a> {
    #[serde(rename = "UnauditedConflict")]
    Exemption {
        violation_source: Option<&'a str>,
        violation: AuditJson<'a>,
        /// A single exemption, despite the name.
        exemptions: ExemptionJson<'a>,
    },
    #[serde(rename = "AuditConflict")]
    Audit {
        violation_source: Option<&'a str>,
        violation: AuditJson<'a>,
        audit_source: Option<&'a str>,
        audit: AuditJson<'a>,
    },
}

#[derive(Serialize)]
pub(crate) struct AuditJson<'a> {
    #[serde(skip_serializing_if = "ListJson::is_empty")]
    who: ListJson<'a>,
    criteria: ListJson<'a>,
    version: Option<String>,
    delta: Option<String>,
    violation: Option<String>,
    importable: Option<bool>,
    notes: Option<&'a str>,
    #[serde(rename = "aggregated-from", skip_serializing_if = "ListJson::is_empty")]
    aggregated_from: ListJson<'a>,
}

#[derive(Serialize)]
pub(crate) struct ExemptionJson<'a> {
    version: String,
    criteria: ListJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suggest: Option<bool>,
    notes: Option<&'a str>,
}

/// A list that is written as its only element if it has one, as in the store.
#[derive(Serialize)]
#[serde(untagged)]
enum ListJson<'a> {
    One(&'a str),
    Many(&'a [String]),
}

impl<'a> From<&'a [String]> for ListJson<'a> {
    fn from(list: &'a [String]) -> Self {
        match list {
            [one] => ListJson::One(one),
            many => ListJson::Many(many),
        }
    }
}

impl ListJson<'_> {
    fn is_empty(&self) -> bool {
        matches!(self, ListJson::Many([]))
    }
}

impl<'a> From<&'a Conflict> for ConflictJson<'a> {
    fn from(conflict: &'a Conflict) -> Self {
        let violation_source = conflict.violation_source.as_deref();
        let violation = AuditJson::from(&conflict.violation);
        match &conflict.against {
            Contradiction::Exemption(exemption) => {
                ConflictJson::Exemption { violation_source, violation, exemptions: exemption.into() }
            }
            Contradiction::Audit { source, audit } => ConflictJson::Audit {
                violation_source,
                violation,
                audit_source: source.as_deref(),
                audit: audit.into(),
            },
        }
    }
}

impl<'a> From<&'a AuditEntry> for AuditJson<'a> {
    fn from(audit: &'a AuditEntry) -> Self {
        let subject = subject(&audit.kind);
        let (version, delta, violation) = match &audit.kind {
            AuditKind::Full(_) => (Some(subject), None, None),
            AuditKind::Delta { .. } => (None, Some(subject), None),
            AuditKind::Violation(_) => (None, None, Some(subject)),
        };
        AuditJson {
            who: audit.who.as_slice().into(),
            criteria: audit.criteria.as_slice().into(),
            version,
            delta,
            violation,
            importable: (!audit.importable).then_some(false),
            notes: audit.notes.as_deref(),
            aggregated_from: audit.aggregated_from.as_slice().into(),
        }
    }
}

impl<'a> From<&'a Exemption> for ExemptionJson<'a> {
    fn from(exemption: &'a Exemption) -> Self {
        ExemptionJson {
            version: exemption.version.to_string(),
            criteria: exemption.criteria.as_slice().into(),
            suggest: (!exemption.suggest).then_some(false),
            notes: exemption.notes.as_deref(),
        }
    }
}
