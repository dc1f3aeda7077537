//! The minimum speed of an answer: a server that sends a byte now and then is given up like a
//! silent one.

use std::time::{Duration, Instant};

use reqwest::Response;
use tokio::time::timeout_at;

use super::address::Address;
use super::failure::{Failure, too_slow};
use super::patience::Patience;

/// The body of an answer, and how long it has been arriving.
#[derive(Debug)]
pub(super) struct Pace<'a> {
    address: &'a Address,
    patience: Patience,
    started: Instant,
    received: u64,
}

impl<'a> Pace<'a> {
    /// Starts the timer.
    pub(super) fn new(address: &'a Address, patience: Patience) -> Self {
        Pace { address, patience, started: Instant::now(), received: 0 }
    }

    /// The next bytes of the answer; `None` at its end.
    ///
    /// # Errors
    ///
    /// The answer is interrupted, or takes too long for the received amount.
    pub(super) async fn next(
        &mut self,
        response: &mut Response,
    ) -> Result<Option<impl AsRef<[u8]> + use<>>, Failure> {
        let limit = self.patience.for_an_answer_of(self.received);
        // The timer would never run if the server always has a byte ready.
        if self.started.elapsed() > limit {
            return Err(self.too_slow());
        }
        let chunk = match self.started.checked_add(limit) {
            Some(end) => timeout_at(end.into(), response.chunk()).await.map_err(|_| self.too_slow())?,
            None => response.chunk().await,
        };
        let chunk = chunk.map_err(|error| Failure::broken(self.address, &error))?;
        self.received = self.received.saturating_add(chunk.as_ref().map_or(0, |chunk| chunk.len() as u64));
        Ok(chunk)
    }

    fn too_slow(&self) -> Failure {
        let seconds = self.started.elapsed().max(Duration::from_secs(1)).as_secs();
        Failure::lasting(too_slow(self.address, self.received, seconds))
    }
}
