//! Fetching over HTTPS.
//!
//! Whoever fetches something gets it whole, or a finding that says why not. Many requests run at the same time, on one
//! thread; callers need not know, and wait for all of them.
//!
//! - Failures that may pass are tried again, after growing pauses. A server that stays silent is given up, and so is one
//!   that sends its answer drop by drop; a slow connection is not. Every request has an end, whatever a server does.
//! - Texts are kept, with what the server needs to say that they did not change.
//! - What breaks off in a large file goes on where it was.
//! - Nothing is fetched over a connection that others can change, and nobody is told a password that is not theirs.
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

use address::Address;
use cache::HttpCache;
use exchange::Exchange;
use hosts::Hosts;

/// So often somebody is asked whether files are still wanted.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Fetches what is at URLs.
#[derive(Debug)]
pub struct Client {
    runtime: Runtime,
    web: reqwest::Client,
    /// For what is wanted as the server has it: it unpacks nothing.
    plain: OnceLock<Result<reqwest::Client, Diagnostic>>,
    settings: HttpSettings,
    tls: ClientConfig,
    cache: HttpCache,
    hosts: Hosts,
}

/// What to fetch.
#[derive(Clone, Debug)]
pub struct Request {
    /// `https://…`, `file://…`, or `http://…` on this machine.
    pub url: String,
    /// How many bytes there may be, after unpacking.
    pub largest: u64,
    /// What is expected there.
    pub wanted: Wanted,
    /// That there is no such file is an answer, [`Body::Absent`], and not a failure.
    pub may_be_absent: bool,
    /// Who asks. It is told to the server of the URL, over HTTPS, and to nobody else.
    pub token: Option<Token>,
}

/// What is expected at a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// A text in UTF-8, perhaps in base64 as Gitiles sends it. It is kept in the cache.
    Text,
    /// Bytes, as they are. They are not kept.
    Bytes,
}

impl Request {
    /// Asks for a text of at most so many bytes.
    pub fn text(url: impl Into<String>, largest: u64) -> Self {
        Request { url: url.into(), largest, wanted: Wanted::Text, may_be_absent: false, token: None }
    }

    /// Asks for at most so many bytes.
    pub fn bytes(url: impl Into<String>, largest: u64) -> Self {
        Request { wanted: Wanted::Bytes, ..Self::text(url, largest) }
    }

    /// Takes it for an answer that there is no such file.
    #[must_use]
    pub fn or_absent(self) -> Self {
        Request { may_be_absent: true, ..self }
    }

    /// Tells the server who asks.
    #[must_use]
    pub fn with_token(self, token: Option<Token>) -> Self {
        Request { token, ..self }
    }
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Where it was in the end, after redirects, without credentials.
    pub url: String,
    /// What was there.
    pub body: Body,
    /// The server said that it is what was there before.
    pub unchanged: bool,
    /// What the user may want to know, such as that something in the cache was damaged.
    pub notes: Vec<String>,
}

/// What is at a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// The answer to [`Wanted::Text`].
    Text(String),
    /// The answer to [`Wanted::Bytes`].
    Bytes(Vec<u8>),
    /// There is no such file.
    Absent,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug)]
pub enum FetchEvent<'a> {
    /// It is made for the first time.
    Started,
    /// So many bytes of an answer are there, of so many if that is known. After a retry it starts anew.
    Received {
        /// Unpacked.
        bytes: u64,
        /// The length of the whole answer.
        total: Option<u64>,
    },
    /// It failed, and is made again.
    Retrying {
        /// After this time.
        pause: Duration,
        /// Why.
        problem: &'a Diagnostic,
    },
    /// It is over, with an answer or without.
    Finished,
}

impl Client {
    /// Makes a client. No connection is opened yet.
    ///
    /// # Errors
    ///
    /// The certificates or the proxy that the settings name cannot be used, or the system has no certificates.
    pub fn new(settings: HttpSettings) -> Result<Self, Diagnostic> {
        let runtime =
            Builder::new_current_thread().enable_all().build().map_err(|error| failure::no_client(&error))?;
        let tls = tls::configuration(&settings.ca_files)?;
        let web = builder(&settings, tls.clone())?.build().map_err(|error| failure::no_client(&error))?;
        let cache = HttpCache::new(settings.cache_folder.as_deref());
        Ok(Client { runtime, web, plain: OnceLock::new(), settings, tls, cache, hosts: Hosts::default() })
    }

    /// Fetches everything, and returns the answers in the order of the requests. `report` hears what happens to the
    /// request at an index.
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

    /// Fetches everything, at most so many things at the same time, and hands each answer over as soon as it is there,
    /// with the index of its request. What is handed over need not be held until the last one comes.
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

    /// Fetches one thing.
    ///
    /// # Errors
    ///
    /// It cannot be had; the finding says why.
    pub fn fetch_one(
        &self,
        request: &Request,
        report: &dyn Fn(FetchEvent<'_>),
    ) -> Result<Fetched, Diagnostic> {
        let Client { web, settings, cache, hosts, .. } = self;
        self.runtime.block_on(Exchange { web, settings, cache, hosts, request, report }.run())
    }

    /// Fetches files, at most so many at the same time. `begin` says where the answer to a request goes, as soon as it is
    /// made; what is there already is taken for the beginning of the file, and is not fetched again where the server can
    /// go on from there. Whoever looks at the file must have a way to tell whether it is the right one. `ended` gets it
    /// back, with the URL where the file was in the end, with nothing if there is no such file, or with the reason why it
    /// is not whole. Once files are not wanted any more, the rest stay as far as they are.
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
                // Servers may be silent for long.
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

    /// Whether the network must not be used.
    pub fn is_offline(&self) -> bool {
        self.settings.offline
    }

    /// When the server of a URL last said that the answer which is kept holds, if one is kept.
    pub fn last_answer(&self, url: &str) -> Option<SystemTime> {
        self.cache.last_confirmed(open_url(url)?.as_str())
    }
}

fn builder(settings: &HttpSettings, tls: ClientConfig) -> Result<ClientBuilder, Diagnostic> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(&settings.user_agent)
        // Each step is looked at, and passwords are taken along only where they belong.
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

/// The URL of a server that may be asked, if it says nothing of who asks.
pub(crate) fn open_url(url: &str) -> Option<Url> {
    let address = Address::parse(url).ok().filter(|address| !address.has_credentials())?;
    Some(address.url().clone()).filter(|url| url.scheme() != "file")
}
