//! One request, from the first attempt to the last.

use std::io;
use std::time::Instant;

use reqwest::header::{AUTHORIZATION, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LOCATION};
use reqwest::{Response, StatusCode, Version};
use vet_diagnostics::{Code, Diagnostic, wording};
use vet_project::regular_file::read_file_up_to;

use super::address::{Address, shown};
use super::cache::{HttpCache, KeptAnswer};
use super::failure::{self, Failure};
use super::hosts::{Hosts, Turn};
use super::pace::Pace;
use super::patience::{chance, retry_after};
use super::settings::HttpSettings;
use super::{Body, FetchEvent, Fetched, Request, Wanted, content};
use crate::cache::files::Recalled;

/// The maximum number of redirects.
const MOST_REDIRECTS: usize = 10;

/// What a request needs.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) web: &'a reqwest::Client,
    pub(super) settings: &'a HttpSettings,
    pub(super) cache: &'a HttpCache,
    pub(super) hosts: &'a Hosts,
    pub(super) request: &'a Request,
    pub(super) report: &'a dyn Fn(FetchEvent<'_>),
}

/// The final answer of a server.
struct Answer {
    address: Address,
    /// `None` if there is no such file.
    body: Option<Vec<u8>>,
    /// Whether the answer is the cached one.
    unchanged: bool,
}

impl Exchange<'_> {
    pub(super) async fn run(self) -> Result<Fetched, Diagnostic> {
        (self.report)(FetchEvent::Started);
        let started = Instant::now();
        let fetched = self.fetch().await;
        (self.report)(FetchEvent::Finished);
        self.tell_end(started, || match &fetched {
            Ok(Fetched { unchanged: true, .. }) => "not changed, the cached answer is used".to_owned(),
            Ok(Fetched { body: Body::Absent, .. }) => "there is no such file".to_owned(),
            Ok(Fetched { body: Body::Text(text), .. }) => wording::count(text.len(), "byte", "bytes"),
            Ok(Fetched { body: Body::Bytes(bytes), .. }) => wording::count(bytes.len(), "byte", "bytes"),
            Err(problem) => problem.message.clone(),
        });
        fetched
    }

    /// Tells how a request ended, and how long it took.
    pub(super) fn tell_end(&self, started: Instant, end: impl FnOnce() -> String) {
        self.settings.log.debug(|| {
            let seconds = started.elapsed().as_secs_f64();
            format!("GET {}: {} ({seconds:.3} s)", shown(&self.request.url), end())
        });
    }

    /// The address of the request.
    pub(super) fn address(&self) -> Result<Address, Diagnostic> {
        let address = Address::parse(&self.request.url)?;
        Ok(match &self.request.token {
            Some(token) => address.with_token(token),
            None => address,
        })
    }

    async fn fetch(self) -> Result<Fetched, Diagnostic> {
        let address = self.address()?;
        let (answer, notes) = match address.url().scheme() {
            "file" => (self.read_file(address)?, Vec::new()),
            _ if self.settings.offline => return Err(failure::offline(&address)),
            _ => self.ask(&address).await?,
        };
        let body = match (answer.body, self.request.wanted) {
            (None, _) => Body::Absent,
            (Some(bytes), Wanted::Text) => Body::Text(content::text(&answer.address, bytes)?),
            (Some(bytes), Wanted::Bytes) => Body::Bytes(bytes),
        };
        Ok(Fetched { url: answer.address.to_string(), body, unchanged: answer.unchanged, notes })
    }

    fn read_file(self, address: Address) -> Result<Answer, Diagnostic> {
        let Ok(path) = address.url().to_file_path() else {
            let message = format!("`{address}` is not the path of a file on this machine");
            return Err(Diagnostic::error(Code::UrlNotAllowed, message)
                .help("URLs of files start with `file:///` and contain an absolute path"));
        };
        let largest = self.request.largest;
        let body = match read_file_up_to(&path, largest) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                return Err(failure::too_large(&address, largest));
            }
            Err(error) if self.request.may_be_absent && error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                let message = format!("`{address}` cannot be read");
                return Err(Diagnostic::error(Code::Unreachable, message).note(error.to_string()));
            }
        };
        Ok(Answer { address, body, unchanged: false })
    }

    /// Sends the request until there is an answer or a permanent failure.
    async fn ask(self, address: &Address) -> Result<(Answer, Vec<String>), Diagnostic> {
        let mut notes = Vec::new();
        let kept = match self.is_kept(address).then(|| self.cache.read(address.url().as_str())) {
            Some(Recalled::Value(answer)) => Some(answer),
            Some(Recalled::Damaged) => {
                notes.push(format!("removed the damaged response of `{address}` from the cache"));
                None
            }
            Some(Recalled::Nothing) | None => None,
        };
        let answer = self.insist(async || self.attempt(address, kept.as_ref()).await).await?;
        Ok((answer, notes))
    }

    /// Repeats an attempt until it succeeds or fails permanently.
    pub(super) async fn insist<T>(
        self,
        mut attempt: impl AsyncFnMut() -> Result<T, Failure>,
    ) -> Result<T, Diagnostic> {
        let patience = self.settings.patience;
        let started = Instant::now();
        let mut failures = 0;
        loop {
            let failure = match attempt().await {
                Ok(found) => return Ok(found),
                Err(failure) => failure,
            };
            failures += 1;
            let pause = patience.pause(failures, failure.wait, chance());
            let is_late = started.elapsed().saturating_add(pause) > patience.total;
            if !failure.may_pass || failures > self.settings.retries || is_late {
                let tried = (failures > 1).then(|| format!("{failures} attempts failed"));
                let mut problem = *failure.problem;
                problem.notes.extend(tried);
                return Err(problem);
            }
            (self.report)(FetchEvent::Retrying { pause, problem: &failure.problem });
            self.settings
                .log
                .debug(|| format!("{}; retrying in {:.1} s", failure.problem.message, pause.as_secs_f64()));
            tokio::time::sleep(pause).await;
        }
    }

    /// Whether the answer is cached. Answers to requests with a password are not, and neither are
    /// archives, which callers store by checksum.
    fn is_kept(self, address: &Address) -> bool {
        self.request.wanted == Wanted::Text && !address.has_credentials()
    }

    async fn attempt(self, first: &Address, kept: Option<&KeptAnswer>) -> Result<Answer, Failure> {
        let kept = |address: &Address| kept.filter(|kept| kept.answered_by == address.url().as_str());
        let (address, response, _turn) = self.request(first, |address| conditions(kept(address))).await?;
        let kept = kept(&address);
        self.answer(first, address, response, kept).await
    }

    /// Sends the request once, and follows redirects. Returns the address that answers, and a
    /// permit that must be held while the answer is read.
    pub(super) async fn request(
        self,
        first: &Address,
        headers: impl Fn(&Address) -> HeaderMap,
    ) -> Result<(Address, Response, Turn), Failure> {
        let mut address = first.clone();
        for _ in 0..=MOST_REDIRECTS {
            let origin = address.origin();
            // Held until the answer arrives, or redirects.
            let turn = self.hosts.turn(&origin).await;
            let mut headers = headers(&address);
            self.settings.log.trace(|| match headers.is_empty() {
                true => format!("asking {address}"),
                false => format!("asking {address}, if it changed or for the rest of it"),
            });
            headers.extend(address.authorization().map(|value| (AUTHORIZATION, value)));
            let answer = self.web.get(address.to_send()).headers(headers).send();
            let head = self.settings.patience.head;
            let response = tokio::time::timeout(head, answer)
                .await
                .map_err(|_| Failure::lasting(failure::endless_head(&address, head)))?
                .map_err(|error| Failure::no_answer(&address, &error, self.settings))?;
            if response.version() == Version::HTTP_2 {
                self.hosts.shares_connections(&origin);
            }
            match led_to(&response) {
                Some(location) => {
                    address = address.redirected(&location).map_err(Failure::lasting)?;
                    self.settings.log.trace(|| format!("redirected to {address}"));
                }
                None => return Ok((address, response, turn)),
            }
        }
        Err(Failure::lasting(failure::too_many_redirects(first, &address, MOST_REDIRECTS)))
    }

    async fn answer(
        self,
        first: &Address,
        address: Address,
        mut response: Response,
        kept: Option<&KeptAnswer>,
    ) -> Result<Answer, Failure> {
        let status = response.status();
        if let Some(kept) = kept.filter(|_| status == StatusCode::NOT_MODIFIED) {
            if kept.body.len() as u64 > self.request.largest {
                return Err(Failure::lasting(failure::too_large(&address, self.request.largest)));
            }
            self.cache.confirm(first.url().as_str());
            return Ok(Answer { address, body: Some(kept.body.clone().into_bytes()), unchanged: true });
        }
        if self.request.may_be_absent && is_absent(status) {
            return Ok(Answer { address, body: None, unchanged: false });
        }
        if status != StatusCode::OK {
            return Err(self.refused(&address, &response));
        }
        let body = self.body(&address, &mut response).await?;
        if self.is_kept(first)
            && let Some(answer) = KeptAnswer::new(address.url().as_str(), response.headers(), &body)
        {
            self.cache.keep(first.url().as_str(), &answer);
        }
        Ok(Answer { address, body: Some(body), unchanged: false })
    }

    /// The failure if the server answers with an unexpected status.
    pub(super) fn refused(self, address: &Address, response: &Response) -> Failure {
        let status = response.status();
        let wait = retry_after(response.headers());
        if let Some(wait) = wait.filter(|_| status == StatusCode::TOO_MANY_REQUESTS) {
            self.hosts.pause(&address.origin(), wait.min(self.settings.patience.longest_pause));
        }
        Failure::status(address, status, wait)
    }

    async fn body(self, address: &Address, response: &mut Response) -> Result<Vec<u8>, Failure> {
        let largest = self.request.largest;
        let too_large = || Failure::lasting(failure::too_large(address, largest));
        let is_base64 = self.request.wanted == Wanted::Text && content::is_base64(response.headers());
        let limit = if is_base64 { content::largest_base64(largest) } else { largest };
        let total = response.content_length();
        if total.is_some_and(|total| total > limit) {
            return Err(too_large());
        }
        let mut body = Vec::new();
        let mut pace = Pace::new(address, self.settings.patience);
        while let Some(chunk) = pace.next(response).await? {
            body.extend_from_slice(chunk.as_ref());
            if body.len() as u64 > limit {
                return Err(too_large());
            }
            (self.report)(FetchEvent::Received { bytes: body.len() as u64, total });
        }
        if is_base64 {
            body = content::from_base64(address, body).map_err(Failure::lasting)?;
        }
        match body.len() as u64 > largest {
            true => Err(too_large()),
            false => Ok(body),
        }
    }
}

/// The headers that let a server reply that nothing has changed.
fn conditions(kept: Option<&KeptAnswer>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(kept) = kept else { return headers };
    for (name, value) in [(IF_NONE_MATCH, &kept.etag), (IF_MODIFIED_SINCE, &kept.last_modified)] {
        if let Some(value) = value.as_ref().and_then(|value| value.parse().ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

/// Whether a status means that there is no such file.
pub(super) fn is_absent(status: StatusCode) -> bool {
    [StatusCode::NOT_FOUND, StatusCode::GONE, StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS].contains(&status)
}

/// The target of a redirect, if the answer is one.
fn led_to(response: &Response) -> Option<String> {
    let is_redirect = [
        StatusCode::MOVED_PERMANENTLY,
        StatusCode::FOUND,
        StatusCode::SEE_OTHER,
        StatusCode::TEMPORARY_REDIRECT,
        StatusCode::PERMANENT_REDIRECT,
    ]
    .contains(&response.status());
    let location = response.headers().get(LOCATION).filter(|_| is_redirect)?;
    Some(String::from_utf8_lossy(location.as_bytes()).into_owned())
}
