//! What peers' servers are told about who asks.

use vet_fetch::git;
use vet_fetch::http::{Client, Request};

use crate::events::{Event, Observer};

/// Who knows the credentials for the files of peers.
///
/// Nobody is asked for those of any other server, so that a helper that answers for every host gives nothing away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Only the URLs themselves.
    InUrls,
    /// Git's helpers, for URLs without any.
    OfGit,
}

impl Credentials {
    /// Adds credentials to requests for files of peers. Those that nobody knows go without.
    pub(crate) fn add_to(self, requests: &mut [Request], client: &Client, observer: &dyn Observer) {
        if self == Credentials::InUrls || client.is_offline() {
            return;
        }
        let urls: Vec<&str> = requests.iter().map(|request| request.url.as_str()).collect();
        let found = git::credentials(&urls);
        let known = found.iter().flatten().count();
        observer.notice(Event::Info(format!("git has credentials for {known} of {} URLs", urls.len())));
        for (request, token) in requests.iter_mut().zip(found) {
            request.token = token;
        }
    }
}
