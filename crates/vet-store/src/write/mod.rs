//! Writes values as the canonical text of a store file, byte for byte.
//!
//! Text is appended to one string, without an intermediate tree. Entries are sorted while they are
//! written. The values stay unchanged.

mod accounts;
mod audits;
mod config;
mod imports;
mod section;
mod settings;
mod toml;

pub use crate::write::accounts::Accounts;
pub use crate::write::audits::{write_aggregate, write_audits};
pub use crate::write::config::write_config;
pub use crate::write::imports::write_imports;
pub use crate::write::settings::format_settings;
pub(crate) use crate::write::toml::Key;

/// The comments at the beginning of the files, each after an empty line.
pub(crate) mod header {
    pub(crate) const AUDITS: &str = "# cargo-vet audits file";
    pub(crate) const CONFIG: &str = "# cargo-vet config file";
    pub(crate) const IMPORTS: &str = "# cargo-vet imports lock";
}

/// Returns an empty file of a kind.
fn begin(header: &str) -> String {
    format!("\n{header}\n")
}
