//! The current time, for facts that are remembered for a limited time.

use std::time::{Duration, SystemTime};

/// The current time in seconds since 1970.
pub(crate) fn now() -> u64 {
    seconds(SystemTime::now())
}

/// A time in seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |age| age.as_secs())
}

/// Whether less than `duration` has passed since a time. A time in the future comes from another
/// clock and does not count.
pub(crate) fn is_within(time: u64, now: u64, duration: Duration) -> bool {
    now.checked_sub(time).is_some_and(|age| age < duration.as_secs())
}
