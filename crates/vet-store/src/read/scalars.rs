//! Values that have a syntax of their own inside a TOML string, or that several fields make up together.

use toml::de::{DeTable, DeValue};

use crate::entries::{AuditKind, Date, Publisher, PublisherId};
use crate::version::{Version, VersionError};

/// A day as `YYYY-MM-DD`. Blanks around the numbers, a sign before the year and missing zeros are tolerated.
pub(super) fn date(text: &str) -> Result<Date, chrono::ParseError> {
    text.parse()
}

/// What keeps a text from being a version, where the text itself stands beside it.
pub(super) fn version_fault(error: &VersionError) -> String {
    match error {
        VersionError::Semver { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}

/// Two versions, joined by the first `->`, with or without blanks around them.
pub(super) fn delta(text: &str) -> Result<AuditKind, DeltaError> {
    let (from, to) = text.split_once("->").ok_or(DeltaError::NoArrow)?;
    Ok(AuditKind::Delta { from: from.trim().parse()?, to: to.trim().parse()? })
}

/// Why a text is not a change from one version to another.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeltaError {
    #[error("there is no `->`")]
    NoArrow,
    #[error(transparent)]
    Version(#[from] VersionError),
}

/// The crate and, after the first colon, the version that a key of `[policy]` means.
pub(crate) fn policy_key(key: &str) -> Result<(&str, Option<Version>), VersionError> {
    match key.split_once(':') {
        Some((name, version)) => Ok((name, Some(version.parse()?))),
        None => Ok((key, None)),
    }
}

/// The publisher of a wildcard or trusted entry. A usable `user-id` wins over `trusted-publisher`, a usable
/// `trusted-publisher` stands in for an unusable `user-id`.
pub(crate) fn publisher_id(table: &DeTable<'_>) -> Option<PublisherId> {
    match user_id(table) {
        Some(id) => Some(PublisherId::User(id)),
        None => string(table, "trusted-publisher").map(PublisherId::TrustedPublisher),
    }
}

/// The publisher of a `[[publisher.<crate>]]` entry, by the same rule as [`publisher_id`]: an account needs an id and
/// a login.
pub(crate) fn store_publisher(table: &DeTable<'_>) -> Option<Publisher> {
    let name_is_usable = table.get("user-name").is_none_or(|name| name.get_ref().is_str());
    match (user_id(table), string(table, "user-login")) {
        (Some(id), Some(login)) if name_is_usable => {
            Some(Publisher::User { id, login, name: string(table, "user-name") })
        }
        _ => string(table, "trusted-publisher").map(Publisher::TrustedPublisher),
    }
}

/// An account number, from zero to the largest integer of TOML.
pub(super) fn user_id(table: &DeTable<'_>) -> Option<u64> {
    let DeValue::Integer(integer) = table.get("user-id")?.get_ref() else { return None };
    let value = i128::from_str_radix(integer.as_str(), integer.radix()).ok()?;
    i64::try_from(value).ok().and_then(|value| u64::try_from(value).ok())
}

fn string(table: &DeTable<'_>, key: &str) -> Option<String> {
    table.get(key)?.get_ref().as_str().map(str::to_owned)
}
