//! Time limits: for a silent server, and between attempts.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Time limits of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection, and for the next byte of an answer.
    pub silence: Duration,
    /// For the complete head of an answer, including everything that may precede it.
    pub head: Duration,
    /// For the body of an answer, regardless of its size. Afterwards, it must have arrived with
    /// [`slowest`](Self::slowest) bytes per second.
    pub body: Duration,
    /// The minimum speed in bytes per second, from the beginning on.
    pub slowest: u64,
    /// For a request with all its retries.
    pub total: Duration,
    /// The pause before the second attempt. It doubles each time.
    pub first_pause: Duration,
    /// The longest pause between attempts, whatever the server asks for.
    pub longest_pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            silence: Duration::from_secs(30),
            head: Duration::from_secs(90),
            body: Duration::from_secs(60),
            slowest: 100,
            total: Duration::from_secs(60 * 60),
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// The time limit for an answer of which this many bytes have arrived.
    pub(super) fn for_an_answer_of(&self, bytes: u64) -> Duration {
        let seconds = bytes / self.slowest.max(1);
        self.body.saturating_add(Duration::from_secs(seconds)).min(self.total)
    }

    /// The pause after a number of failures, depending on whether the server asked for one.
    /// `chance` is between 0 and 1, and prevents many clients from retrying at the same moment.
    pub(super) fn pause(&self, failures: u32, asked: Option<Duration>, chance: f64) -> Duration {
        if let Some(asked) = asked {
            return asked.min(self.longest_pause);
        }
        let doublings = failures.saturating_sub(1).min(16);
        let full = self.first_pause.saturating_mul(1 << doublings).min(self.longest_pause);
        full.mul_f64(0.5 + 0.5 * chance.clamp(0.0, 1.0))
    }
}

/// A number between 0 and 1. The random seeds of hash maps are sufficient for it.
pub(super) fn chance() -> f64 {
    let number = RandomState::new().hash_one(0) >> 32;
    number as f64 / f64::from(u32::MAX)
}

/// How long the server asks to wait: a number of seconds, or a time of its own clock.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = |text: &str| chrono::DateTime::parse_from_rfc2822(text.trim()).ok();
    let now = time(headers.get(DATE)?.to_str().ok()?)?;
    Some(time(text)?.signed_duration_since(now).to_std().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_limit() {
        let patience = Patience {
            first_pause: Duration::from_millis(100),
            longest_pause: Duration::from_millis(1000),
            ..Patience::default()
        };
        for (failures, asked, chance, expected) in [
            (1, None, 1.0, 100),
            (1, None, 0.0, 50),
            (2, None, 1.0, 200),
            (4, None, 1.0, 800),
            (5, None, 1.0, 1000),
            (u32::MAX, None, 0.0, 500),
            (5, Some(0), 1.0, 0),
            (1, Some(700), 0.0, 700),
            (1, Some(u64::MAX), 0.0, 1000),
        ] {
            let asked = asked.map(Duration::from_millis);
            let found = patience.pause(failures, asked, chance);
            assert_eq!(found, Duration::from_millis(expected), "{failures} {asked:?} {chance}");
        }
        assert!((0..100).map(|_| chance()).all(|chance| (0.0..=1.0).contains(&chance)));
    }

    #[test]
    fn answers_take_as_long_as_a_slow_connection_needs() {
        let patience = Patience::default();
        for (bytes, expected) in
            [(0, 60), (99, 60), (100, 61), (100_000, 1060), (10 << 20, 60 * 60), (u64::MAX, 60 * 60)]
        {
            assert_eq!(patience.for_an_answer_of(bytes), Duration::from_secs(expected), "{bytes}");
        }
    }

    #[test]
    fn servers_may_ask_for_time() {
        let now = "Wed, 21 Oct 2015 07:28:00 GMT";
        for (value, date, expected) in [
            ("120", "", Some(120)),
            (" 0 ", "", Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", now, Some(30)),
            ("Wed, 21 Oct 2015 07:27:00 GMT", now, Some(0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", "", None),
            ("soon", now, None),
            ("-1", now, None),
            ("99999999999999999999999", now, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            headers.insert(DATE, date.parse().unwrap());
            assert_eq!(retry_after(&headers), expected.map(Duration::from_secs), "{value}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
