//! What `renew` answers.

use std::fmt::Write as _;

use vet_ops::renew::RenewOutcome;
use vet_store::entries::PublisherId;

use crate::short_list::short_list;
use crate::visible::visible_line;

/// The crates and publishers whose audits were renewed; nothing if there are none.
///
/// Scripts read this, so it is kept to the letter. Names of accounts are not known without asking crates.io.
pub fn human(outcome: &RenewOutcome) -> String {
    let mut text = String::new();
    if !outcome.renewed.is_empty() {
        let end = outcome.end;
        let _ = writeln!(
            text,
            "Updated wildcard audits for the following crates and publishers to expire on {end}:"
        );
    }
    for (name, publishers) in &outcome.renewed {
        let who: Vec<String> = publishers.iter().map(account).collect();
        let _ = writeln!(text, "  {}: {}", visible_line(name), visible_line(&short_list(&who)));
    }
    text
}

fn account(publisher: &PublisherId) -> String {
    match publisher {
        PublisherId::User(id) => format!("id={id}"),
        PublisherId::TrustedPublisher(signature) => signature.clone(),
    }
}
