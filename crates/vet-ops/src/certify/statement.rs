//! The statement of the auditors.

use vet_diagnostics::wording;

use super::entry::Claim;
use super::requested::Requested;

/// The text of the statement.
pub(super) fn statement(
    requested: &[Requested],
    claims: &[Claim],
    criteria: &[Vec<String>],
    signer: &str,
) -> String {
    let signer = wording::shown(signer);
    let one = |requested: &Requested, claim: &Claim| {
        let what = requested.subject.in_words();
        match claim {
            Claim::Wildcard { start, end, .. } => format!("{what} between {start} and {end}"),
            Claim::Full(_) | Claim::Delta { .. } => what,
        }
    };
    let names =
        |criteria: &[String]| criteria.iter().map(|name| wording::shown(name)).collect::<Vec<_>>().join(", ");
    match (requested, claims, criteria) {
        ([requested], [claim], [criteria]) => {
            let what = one(requested, claim);
            let criteria = names(criteria);
            match claim {
                Claim::Wildcard { .. } => {
                    format!("I, {signer}, certify that {what} will satisfy the above criteria ({criteria}).")
                }
                Claim::Full(_) | Claim::Delta { .. } => format!(
                    "I, {signer}, certify that I have audited {what} in accordance with the above criteria ({criteria})."
                ),
            }
        }
        _ => {
            let mut text = format!(
                "I, {signer}, certify that I have audited each of the following in accordance with the above criteria that are named with it:\n"
            );
            for ((requested, claim), criteria) in requested.iter().zip(claims).zip(criteria) {
                text.push_str(&format!("- {}: {}\n", one(requested, claim), names(criteria)));
            }
            text
        }
    }
}

/// The key that identifies a draft: the subjects of the audits.
pub(super) fn key(requested: &[Requested]) -> String {
    match requested {
        [one] => one.subject.key(),
        all => {
            let keys: Vec<String> = all.iter().map(|one| one.subject.key()).collect();
            format!("list {}", keys.join("\n"))
        }
    }
}
