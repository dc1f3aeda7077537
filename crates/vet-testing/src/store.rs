//! Loads stores from the texts of their files.

use vet_store::{Bytes, Loaded, StoreBytes, load};

/// The date on which the tests run, from the point of view of stores.
pub const TODAY: &str = "2022-06-01";

/// Loads a store from the texts of `config.toml`, `audits.toml` and `imports.lock`.
///
/// # Panics
///
/// One of the texts is invalid.
pub fn store(config: &str, audits: &str, imports: &str) -> Loaded {
    let today = TODAY.parse().unwrap_or_else(|error| panic!("{TODAY}: {error}"));
    let files = StoreBytes {
        config: Bytes { name: "config.toml", bytes: config.as_bytes() },
        audits: Bytes { name: "audits.toml", bytes: audits.as_bytes() },
        imports: Bytes { name: "imports.lock", bytes: imports.as_bytes() },
    };
    load(files, today).unwrap_or_else(|problems| {
        let messages: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        panic!("in a store of a test: {messages:#?}\n{config}\n{audits}\n{imports}")
    })
}
