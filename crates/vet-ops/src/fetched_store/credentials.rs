//! Credentials for the servers of peers.

use vet_fetch::git;
use vet_fetch::http::{Client, Request};

use crate::operation::events::Event;
use crate::operation::report::Run;

/// Where credentials for the files of peers come from.
///
/// No credentials are looked up for other servers, so that a git helper that answers for every host
/// discloses nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// Only the URLs.
    InUrls,
    /// Git's credential helpers, for URLs without credentials.
    OfGit,
}

impl Credentials {
    /// Adds credentials to requests for files of peers. Requests without known credentials stay
    /// unchanged.
    pub(crate) fn add_to(self, requests: &mut [Request], client: &Client, run: &Run<'_>) {
        if self == Credentials::InUrls || client.is_offline() {
            return;
        }
        let urls: Vec<&str> = requests.iter().map(|request| request.url.as_str()).collect();
        let found = git::credentials(&urls);
        let known = found.iter().flatten().count();
        run.notice(Event::Info(format!("git has credentials for {known} of {} URLs", urls.len())));
        for (request, token) in requests.iter_mut().zip(found) {
            request.token = token;
        }
    }
}
