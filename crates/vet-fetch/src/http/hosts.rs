//! Limits for each server: the number of connections, and pauses that it asks for.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The maximum number of simultaneous connections to one server.
///
/// Over HTTP/2 one connection is enough for all requests, but this is unknown before the first
/// answer.
const CONNECTIONS: usize = 16;

/// The state of servers, by origin.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<BTreeMap<String, Host>>);

#[derive(Debug)]
struct Host {
    connections: Arc<Semaphore>,
    not_before: Option<Instant>,
}

impl Default for Host {
    fn default() -> Self {
        Host { connections: Arc::new(Semaphore::new(CONNECTIONS)), not_before: None }
    }
}

/// A permit to make a request, as long as it is held.
#[derive(Debug)]
pub(super) struct Turn {
    _connection: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    /// Waits until a server may be asked.
    pub(super) async fn turn(&self, origin: &str) -> Turn {
        let connections = self.with(origin, |host| Arc::clone(&host.connections));
        // The semaphore is closed once one connection is enough.
        let connection = connections.acquire_owned().await.ok();
        while let Some(until) = self.with(origin, |host| host.not_before) {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            tokio::time::sleep(left).await;
        }
        Turn { _connection: connection }
    }

    /// Records that one connection is enough for a server.
    pub(super) fn shares_connections(&self, origin: &str) {
        self.with(origin, |host| host.connections.close());
    }

    /// Records that a server asks for a pause.
    pub(super) fn pause(&self, origin: &str, pause: Duration) {
        let until = Instant::now().checked_add(pause);
        self.with(origin, |host| host.not_before = host.not_before.max(until));
    }

    fn with<T>(&self, origin: &str, look: impl FnOnce(&mut Host) -> T) -> T {
        let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        look(hosts.entry(origin.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T>(future: impl Future<Output = T>) -> Option<T> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async { tokio::time::timeout(Duration::from_millis(20), future).await.ok() })
    }

    #[test]
    fn connections_are_counted_for_each_server() {
        let hosts = Hosts::default();
        let turns: Vec<Turn> = (0..CONNECTIONS).filter_map(|_| wait(hosts.turn("a"))).collect();
        assert_eq!(turns.len(), CONNECTIONS);
        assert!(wait(hosts.turn("a")).is_none());
        assert!(wait(hosts.turn("b")).is_some());
        hosts.shares_connections("a");
        assert!(wait(hosts.turn("a")).is_some());
    }

    #[test]
    fn the_longest_pause_counts() {
        let hosts = Hosts::default();
        hosts.pause("a", Duration::from_secs(60));
        hosts.pause("a", Duration::ZERO);
        assert!(wait(hosts.turn("a")).is_none());
        assert!(wait(hosts.turn("b")).is_some());
        hosts.pause("b", Duration::from_millis(1));
        assert!(wait(hosts.turn("b")).is_some());
    }
}
