//! The output of `renew`.

use std::fmt::Write as _;

use vet_ops::maintain::renew::RenewOutcome;
use vet_store::entries::{Publisher, PublisherId};

use crate::short_list::line_list;
use crate::visible::visible_line;

/// The crates and publishers whose wildcard audits were renewed; empty if there are none.
///
/// Scripts read this, so it must not change.
pub fn human(outcome: &RenewOutcome) -> String {
    let mut text = String::new();
    if !outcome.renewed.is_empty() {
        let end = outcome.end;
        let updated = if outcome.changes.preview.is_none() { "Updated" } else { "Would update" };
        let _ = writeln!(
            text,
            "{updated} wildcard audits for the following crates and publishers to expire on {end}:"
        );
    }
    for (name, publishers) in &outcome.renewed {
        let who: Vec<String> = publishers.iter().map(|id| account(id, name, outcome)).collect();
        let _ = writeln!(text, "  {}: {}", visible_line(name), visible_line(&line_list(&who)));
    }
    text
}

/// The name of an account, if a release tells it.
fn account(id: &PublisherId, name: &str, outcome: &RenewOutcome) -> String {
    let of_crate = outcome.publishers.get(name).into_iter().flatten();
    let mut records = of_crate.chain(outcome.publishers.values().flatten());
    let known = records.find(|record| record.publisher.is(id)).map(|record| &record.publisher);
    match (id, known) {
        (_, Some(Publisher::User { login, name: Some(name), .. })) => format!("{name} ({login})"),
        (_, Some(Publisher::User { login, name: None, .. })) => login.clone(),
        (PublisherId::User(id), _) => format!("id={id}"),
        (PublisherId::TrustedPublisher(signature), _) => signature.clone(),
    }
}
