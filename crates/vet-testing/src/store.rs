//! Stores as the texts of their files.

use vet_store::{Bytes, Loaded, StoreBytes, load};

/// The day on which the tests run, as far as stores are concerned.
pub const TODAY: &str = "2022-06-01";

/// Loads a store from the texts of `config.toml`, `audits.toml` and `imports.lock`.
///
/// # Panics
///
/// If anything is wrong with one of them.
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
