//! Audits files of other organisations.

mod known;
mod merging;
mod reading;
mod translating;

use vet_diagnostics::Source;
use vet_store::peer::{PeerFile, parse_peer};

use crate::rendering::render_all;

pub(crate) const URL: &str = "https://peer.example/audits.toml";

/// Reads a file that can be read, at least in part.
pub(crate) fn peer(text: &str) -> PeerFile {
    parse_peer(&Source::new(URL, text)).map_err(|problems| render_all(&problems)).unwrap()
}

/// An entry of a table, with the fields that every wildcard and trusted entry has.
pub(crate) fn by_publisher(table: &str, name: &str, fields: &str) -> String {
    format!("[[{table}.{name}]]\nuser-id = 1\nstart = \"2020-01-01\"\nend = \"2021-01-01\"\n{fields}\n")
}
