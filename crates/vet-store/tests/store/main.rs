//! The store as its users see it: texts in, values and findings out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod canonical;
mod content;
mod dropped;
mod hostile;
mod leniency;
mod locked;
mod peer;
mod rendering;
mod round_trip;
mod settings;
mod settings_form;
mod syntax;
