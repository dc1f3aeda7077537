//! The statement of the auditors.

use vet_diagnostics::wording;

use super::entry::NewEntry;
use super::pending::PendingAudit;

/// The text of the statement.
pub(super) fn statement(audits: &[PendingAudit], signer: &str) -> String {
    let signer = wording::shown(signer);
    let what = |audit: &PendingAudit| {
        let what = audit.subject.in_words();
        match &audit.entry {
            NewEntry::Wildcard { entry, .. } => format!("{what} between {} and {}", entry.start, entry.end),
            NewEntry::Audit(_) => what,
        }
    };
    let criteria = |audit: &PendingAudit| {
        audit.entry.criteria().iter().map(|name| wording::shown(name)).collect::<Vec<_>>().join(", ")
    };
    match audits {
        [audit] => {
            let (what, criteria) = (what(audit), criteria(audit));
            match &audit.entry {
                NewEntry::Wildcard { .. } => {
                    format!("I, {signer}, certify that {what} will satisfy the above criteria ({criteria}).")
                }
                NewEntry::Audit(_) => format!(
                    "I, {signer}, certify that I have audited {what} in accordance with the above criteria ({criteria})."
                ),
            }
        }
        all => {
            let mut text = format!(
                "I, {signer}, certify that I have audited each of the following in accordance with the above criteria that are named with it:\n"
            );
            for audit in all {
                text.push_str(&format!("- {}: {}\n", what(audit), criteria(audit)));
            }
            text
        }
    }
}

/// The key that identifies a draft: the subjects of the audits.
pub(super) fn key(audits: &[PendingAudit]) -> String {
    match audits {
        [one] => one.subject.key(),
        all => {
            let keys: Vec<String> = all.iter().map(|one| one.subject.key()).collect();
            format!("list {}", keys.join("\n"))
        }
    }
}
