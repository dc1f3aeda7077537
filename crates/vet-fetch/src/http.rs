//! Fetches files over HTTPS.
//!
//! A caller gets the whole file, or a finding that says why not. Many requests run at the same
//! time, on one thread; callers wait for all of them.
//!
//! - Temporary failures are retried, with growing pauses. A server that stays silent, or that sends
//!   its answer drop by drop, is given up; a slow connection is not. Every request ends, whatever a
//!   server does.
//! - Texts are cached, with the data that the server needs to confirm that they have not changed.
//! - An interrupted download of a large file continues where it stopped.
//! - Nothing is fetched over a connection that others can change, and a password is sent only to
//!   the server that it belongs to.
//!
//! # Example
//!
//! ```
//! use vet_fetch::http::{Body, Client, HttpSettings, Request};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("audits.toml");
//! std::fs::write(&path, "[audits]\n")?;
//!
//! # let Ok(client) = Client::new(HttpSettings { offline: true, ..HttpSettings::new() }) else { return Ok(()) };
//! # #[cfg(unix)] {
//! let requests = [
//!     Request::text(format!("file://{}", path.display()), 1 << 20),
//!     Request::text("http://example.org/audits.toml", 1 << 20),
//! ];
//! let answers = client.fetch(&requests, &|_, _| {});
//! assert_eq!(answers[0].as_ref().unwrap().body, Body::Text("[audits]\n".to_owned()));
//! assert_eq!(answers[1].as_ref().unwrap_err().message, "`http://example.org/audits.toml` is not HTTPS");
//! # }
//! # Ok::<(), std::io::Error>(())
//! ```

mod address;
mod cache;
mod content;
mod download;
mod exchange;
mod failure;
mod file_url;
mod hosts;
mod pace;
mod patience;
mod settings;
mod tls;

use std::pin::pin;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use futures_util::stream::{self, StreamExt as _};
use reqwest::{ClientBuilder, NoProxy, Proxy, Url, redirect};
use rustls::ClientConfig;
use tokio::runtime::{Builder, Runtime};
use vet_diagnostics::Diagnostic;
use vet_project::Token;

pub use address::shown;
pub use file_url::file_url;
pub use patience::Patience;
pub use settings::{CaFile, HttpEnvironment, HttpSettings};

pub(crate) use download::Destination;

use crate::run_log::RunLog;
use address::Address;
use cache::HttpCache;
use exchange::Exchange;
use hosts::Hosts;

/// How often to check whether files are still wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Fetches URLs.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
    web: reqwest::Client,
    /// For files that are wanted exactly as the server has them: this client decompresses nothing.
    plain: OnceLock<Result<reqwest::Client, Diagnostic>>,
    settings: HttpSettings,
    tls: ClientConfig,
    cache: HttpCache,
    hosts: Hosts,
}

/// A request for a URL.
#[derive(Clone, Debug)]
pub struct Request {
    /// `https://…`, `file://…`, or `http://…` on this machine.
    pub url: String,
    /// The maximum size in bytes, after decompression.
    pub largest: u64,
    /// What is expected there.
    pub wanted: Wanted,
    /// Whether a missing file is an answer, [`Body::Absent`], and not a failure.
    pub may_be_absent: bool,
    /// The token. It is sent only to the server of the URL, and only over HTTPS.
    pub token: Option<Token>,
}

/// What is expected at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A UTF-8 text, which Gitiles may send in base64. It is stored in the cache.
    Text,
    /// Unchanged bytes. They are not stored.
    Bytes,
}

impl Request {
    /// A request for a text of at most `largest` bytes.
    pub fn text(url: impl Into<String>, largest: u64) -> Self {
        Request { url: url.into(), largest, wanted: Wanted::Text, may_be_absent: false, token: None }
    }

    /// A request for at most `largest` bytes.
    pub fn bytes(url: impl Into<String>, largest: u64) -> Self {
        Request { wanted: Wanted::Bytes, ..Self::text(url, largest) }
    }

    /// Accepts a missing file as an answer.
    #[must_use]
    pub fn or_absent(self) -> Self {
        Request { may_be_absent: true, ..self }
    }

    /// Adds a token.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Request { token, ..self }
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The final URL after redirects, without credentials.
    pub url: String,
    /// The content.
    pub body: Body,
    /// Whether the server said that the content has not changed.
    pub unchanged: bool,
    /// Notes for the user, for example that a cached file was damaged.
    pub notes: Vec<String>,
}

/// The content of a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The answer to [`Wanted::Text`].
    Text(String),
    /// The answer to [`Wanted::Bytes`].
    Bytes(Vec<u8>),
    /// The file does not exist.
    Absent,
}

/// An event of a request.
#[derive(Clone, Copy, Debug)]
pub enum FetchEvent<'a> {
    /// The request is sent for the first time.
    Started,
    /// Progress of an answer. After a retry, it starts again.
    Received {
        /// The number of bytes received, after decompression.
        bytes: u64,
        /// The length of the whole answer, if known.
        total: Option<u64>,
    },
    /// The request failed and is repeated.
    Retrying {
        /// The pause before the next attempt.
        pause: Duration,
        /// The reason.
        problem: &'a Diagnostic,
    },
    /// The request ended, with or without an answer.
    Finished,
}

impl Client {
    /// Creates a client. It opens no connection yet.
    ///
    /// # Errors
    ///
    /// The configured certificates or proxy cannot be used, or the system has no certificates.
    pub fn new(settings: HttpSettings) -> Result<Self, Diagnostic> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| failure::no_client(&error))?;
        let tls = tls::configuration(&settings.ca_files)?;
        let web = builder(&settings, tls.clone())?.build().map_err(|error| failure::no_client(&error))?;
        let cache = HttpCache::new(settings.cache.as_ref());
        Ok(Client { runtime, web, plain: OnceLock::new(), settings, tls, cache, hosts: Hosts::default() })
    }

    /// Sends all requests, and returns the answers in their order. `report` receives the events of
    /// each request, with its index.
    pub fn fetch(
        &self,
        requests: &[Request],
        report: &dyn Fn(usize, FetchEvent<'_>),
    ) -> Vec<Result<Fetched, Diagnostic>> {
        let mut answers = Vec::with_capacity(requests.len());
        self.fetch_each(requests, usize::MAX, report, &mut |index, answer| answers.push((index, answer)));
        answers.sort_by_key(|(index, _)| *index);
        answers.into_iter().map(|(_, answer)| answer).collect()
    }

    /// Sends all requests, with a limit on simultaneous ones, and passes each answer on as soon as
    /// it arrives, with the index of its request. So not all answers have to be in memory at the
    /// same time.
    pub fn fetch_each(
        &self,
        requests: &[Request],
        at_most: usize,
        report: &dyn Fn(usize, FetchEvent<'_>),
        answered: &mut dyn FnMut(usize, Result<Fetched, Diagnostic>),
    ) {
        let exchanges = requests.iter().enumerate().map(|(index, request)| async move {
            let report = |event: FetchEvent<'_>| report(index, event);
            let Client { web, settings, cache, hosts, .. } = self;
            let exchange = Exchange { web, settings, cache, hosts, request, report: &report };
            (index, exchange.run().await)
        });
        let at_most = at_most.min(self.settings.concurrent).max(1);
        let mut answers = pin!(stream::iter(exchanges).buffer_unordered(at_most));
        self.runtime.block_on(async {
            while let Some((index, answer)) = answers.next().await {
                answered(index, answer);
            }
        });
    }

    /// Sends one request.
    ///
    /// # Errors
    ///
    /// The URL cannot be fetched; the finding says why.
    pub fn fetch_one(
        &self,
        request: &Request,
        report: &dyn Fn(FetchEvent<'_>),
    ) -> Result<Fetched, Diagnostic> {
        let Client { web, settings, cache, hosts, .. } = self;
        self.runtime.block_on(Exchange { web, settings, cache, hosts, request, report }.run())
    }

    /// Downloads files, with a limit on simultaneous ones. `begin` returns the destination of a
    /// request just before it is sent. Data in the destination counts as the beginning of the file
    /// and is not fetched again, if the server can continue from there. So the caller must be able
    /// to verify the complete file. `ended` receives the destination with the final URL, with
    /// `None` if there is no such file, or with the reason why the file is incomplete. When the
    /// files are no longer wanted, the remaining ones stay as they are.
    pub(crate) fn download_each<D: Destination>(
        &self,
        requests: &[Request],
        at_most: usize,
        begin: &dyn Fn(usize) -> D,
        report: &dyn Fn(usize, FetchEvent<'_>),
        ended: &mut dyn FnMut(usize, D, Result<Option<String>, Diagnostic>),
        is_wanted: &dyn Fn() -> bool,
    ) {
        let downloads = requests.iter().enumerate().map(|(index, request)| async move {
            let report = |event: FetchEvent<'_>| report(index, event);
            let mut to = begin(index);
            let Client { settings, cache, hosts, .. } = self;
            let found = match self.plain() {
                Ok(web) => {
                    let exchange = Exchange { web, settings, cache, hosts, request, report: &report };
                    exchange.download(&mut to).await
                }
                Err(problem) => Err(problem),
            };
            (index, to, found)
        });
        let at_most = at_most.min(self.settings.concurrent).max(1);
        let mut ends = pin!(stream::iter(downloads).buffer_unordered(at_most));
        self.runtime.block_on(async {
            while is_wanted() {
                // Servers may be silent for a long time.
                match tokio::time::timeout(LOOK_AGAIN, ends.next()).await {
                    Ok(Some((index, to, found))) => ended(index, to, found),
                    Ok(None) => break,
                    Err(_) => {}
                }
            }
        });
    }

    fn plain(&self) -> Result<&reqwest::Client, Diagnostic> {
        let make = || {
            let builder = builder(&self.settings, self.tls.clone())?.no_gzip().no_brotli().no_zstd();
            builder.build().map_err(|error| failure::no_client(&error))
        };
        self.plain.get_or_init(make).as_ref().map_err(Clone::clone)
    }

    /// Where to tell what was fetched, and what did not have to be.
    pub(crate) fn log(&self) -> &RunLog {
        &self.settings.log
    }

    /// Whether the network must not be used.
    pub fn is_offline(&self) -> bool {
        self.settings.offline
    }

    /// When the server of a URL last confirmed the cached answer, if there is one.
    pub fn last_answer(&self, url: &str) -> Option<SystemTime> {
        self.cache.last_confirmed(open_url(url)?.as_str())
    }
}

fn builder(settings: &HttpSettings, tls: ClientConfig) -> Result<ClientBuilder, Diagnostic> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(&settings.user_agent)
        // Redirects are checked one by one, and passwords are sent only to the servers that they
        // belong to.
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.patience.silence)
        .read_timeout(settings.patience.silence)
        .no_proxy();
    let Some(proxy) = &settings.proxy else { return Ok(builder) };
    let unusable = |error: reqwest::Error| failure::bad_proxy(proxy, &error);
    let except = settings.no_proxy.as_deref().and_then(NoProxy::from_string);
    Ok(builder.proxy(Proxy::https(proxy).map_err(unusable)?.no_proxy(except)))
}

/// The URL of a server that may be asked, if it contains no credentials.
pub(crate) fn open_url(url: &str) -> Option<Url> {
    let address = Address::parse(url).ok().filter(|address| !address.has_credentials())?;
    Some(address.url().clone()).filter(|url| url.scheme() != "file")
}
