//! Parses values that have their own syntax inside a TOML string, and values that several fields
//! form together.

use toml::de::{DeTable, DeValue};

use crate::entries::{AuditKind, Date, Publisher, PublisherId};
use crate::version::{Version, VersionError};

/// Parses a day as `YYYY-MM-DD`. Accepts spaces around the numbers, a sign before the year and
/// missing zeros.
pub(super) fn date(text: &str) -> Result<Date, chrono::ParseError> {
    text.parse()
}

/// Returns why a text is not a version, for messages that already show the text.
pub(super) fn version_fault(error: &VersionError) -> String {
    match error {
        VersionError::Semver { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

/// Parses two versions, joined by the first `->`, with or without spaces around it.
pub(super) fn delta(text: &str) -> Result<AuditKind, DeltaError> {
    let (from, to) = text.split_once("->").ok_or(DeltaError::NoArrow)?;
    Ok(AuditKind::Delta { from: from.trim().parse()?, to: to.trim().parse()? })
}

/// The error for a text that is not a change from one version to another.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeltaError {
    #[error("there is no `->`")]
    NoArrow,
    #[error(transparent)]
    Version(#[from] VersionError),
}

/// Splits a key of `[policy]` at the first colon into the crate and the version.
pub(crate) fn policy_key(key: &str) -> Result<(&str, Option<Version>), VersionError> {
    match key.split_once(':') {
        Some((name, version)) => Ok((name, Some(version.parse()?))),
        None => Ok((key, None)),
    }
}

/// Returns the publisher of a wildcard or trusted entry. A valid `user-id` has precedence over
/// `trusted-publisher`. A valid `trusted-publisher` replaces an invalid `user-id`.
pub(crate) fn publisher_id(table: &DeTable<'_>) -> Option<PublisherId> {
    match user_id(table) {
        Some(id) => Some(PublisherId::User(id)),
        None => string(table, "trusted-publisher").map(PublisherId::TrustedPublisher),
    }
}

/// Returns the publisher of a `[[publisher.<crate>]]` entry, by the same rule as [`publisher_id`].
/// An account needs an id and a login.
pub(crate) fn store_publisher(table: &DeTable<'_>) -> Option<Publisher> {
    let name_is_usable = table.get("user-name").is_none_or(|name| name.get_ref().is_str());
    match (user_id(table), string(table, "user-login")) {
        (Some(id), Some(login)) if name_is_usable => {
            Some(Publisher::User { id, login, name: string(table, "user-name") })
        }
        _ => string(table, "trusted-publisher").map(Publisher::TrustedPublisher),
    }
}

/// Returns an account number, from 0 to the largest integer of TOML.
pub(super) fn user_id(table: &DeTable<'_>) -> Option<u64> {
    let DeValue::Integer(integer) = table.get("user-id")?.get_ref() else { return None };
    let value = i128::from_str_radix(integer.as_str(), integer.radix()).ok()?;
    i64::try_from(value).ok().and_then(|value| u64::try_from(value).ok())
}

fn string(table: &DeTable<'_>, key: &str) -> Option<String> {
    table.get(key)?.get_ref().as_str().map(str::to_owned)
}
