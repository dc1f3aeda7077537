//! Downloads files of any size: they are written to their destination while they arrive, and an
//! interrupted download continues where it stopped.
//!
//! Nothing is remembered about the server that sent the beginning of a file, such as its `ETag`.
//! The caller knows the checksum of the whole file, which is a better proof: a file of parts that
//! do not fit together has a different checksum.

use std::io;
use std::time::Instant;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Response, StatusCode};
use vet_diagnostics::{Code, Diagnostic};

use super::FetchEvent;
use super::address::Address;
use super::exchange::{Exchange, is_absent};
use super::failure::{self, Failure};
use super::pace::Pace;

/// The destination of a file.
pub(crate) trait Destination {
    /// The number of bytes in it.
    fn length(&self) -> u64;

    /// Appends bytes.
    ///
    /// # Errors
    ///
    /// There is no room for them. The content of the destination is unknown then.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Removes all bytes.
    ///
    /// # Errors
    ///
    /// The bytes cannot be removed.
    fn clear(&mut self) -> io::Result<()>;
}

/// What a server says about a partial answer: the position of its first byte, and the total size if
/// known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ContentRange {
    first: u64,
    total: Option<u64>,
}

impl Exchange<'_> {
    /// Downloads a file, or the missing part of it. Returns the final URL, or `None` if there is no
    /// such file.
    pub(super) async fn download(self, to: &mut impl Destination) -> Result<Option<String>, Diagnostic> {
        (self.report)(FetchEvent::Started);
        let (started, before) = (Instant::now(), to.length());
        let found = match self.address() {
            Ok(address) if self.settings.offline => Err(failure::offline(&address)),
            Ok(address) => self.insist(async || self.attempt_download(&address, to).await).await,
            Err(problem) => Err(problem),
        };
        (self.report)(FetchEvent::Finished);
        self.tell_end(started, || match &found {
            Ok(Some(_)) if before > 0 => format!("{} bytes, continued from {before}", to.length()),
            Ok(Some(_)) => format!("{} bytes", to.length()),
            Ok(None) => "there is no such file".to_owned(),
            Err(problem) => problem.message.clone(),
        });
        found
    }

    async fn attempt_download(
        self,
        first: &Address,
        to: &mut impl Destination,
    ) -> Result<Option<String>, Failure> {
        loop {
            let start = to.length();
            let (address, response, _turn) = self.request(first, |_| wanted(start)).await?;
            let total = match response.status() {
                StatusCode::OK => {
                    // The server sends the whole file, whatever range was requested.
                    to.clear().map_err(|error| no_place(&address, &error))?;
                    response.content_length()
                }
                StatusCode::PARTIAL_CONTENT
                    if start > 0 && part(&response).is_some_and(|part| part.first == start) =>
                {
                    part(&response).and_then(|part| part.total)
                }
                // The existing bytes are not the beginning of this file, or the server handles
                // ranges incorrectly.
                StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE if start > 0 => {
                    to.clear().map_err(|error| no_place(&address, &error))?;
                    continue;
                }
                status if self.request.may_be_absent && is_absent(status) => return Ok(None),
                _ => return Err(self.refused(&address, &response)),
            };
            self.receive(&address, response, total, to).await?;
            return Ok(Some(address.to_string()));
        }
    }

    async fn receive(
        self,
        address: &Address,
        mut response: Response,
        total: Option<u64>,
        to: &mut impl Destination,
    ) -> Result<(), Failure> {
        let largest = self.request.largest;
        let too_large = || Failure::lasting(failure::too_large(address, largest));
        if total.is_some_and(|total| total > largest) {
            return Err(too_large());
        }
        let mut pace = Pace::new(address, self.settings.patience);
        while let Some(chunk) = pace.next(&mut response).await? {
            let chunk = chunk.as_ref();
            if to.length().saturating_add(chunk.len() as u64) > largest {
                return Err(too_large());
            }
            to.add(chunk).map_err(|error| no_place(address, &error))?;
            (self.report)(FetchEvent::Received { bytes: to.length(), total });
        }
        match total.filter(|total| *total != to.length()) {
            Some(total) => Err(Failure::incomplete(address, to.length(), total)),
            None => Ok(()),
        }
    }
}

/// The headers that request everything from a byte on, without compression.
fn wanted(start: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let (1.., Ok(range)) = (start, HeaderValue::try_from(format!("bytes={start}-"))) {
        headers.insert(RANGE, range);
    }
    headers
}

fn part(response: &Response) -> Option<ContentRange> {
    parse(response.headers().get(CONTENT_RANGE)?.to_str().ok()?)
}

/// Parses the header of a partial answer, such as `bytes 100-199/200`.
fn parse(text: &str) -> Option<ContentRange> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = match total {
        "*" => None,
        total => Some(total.parse().ok().filter(|total| last < *total)?),
    };
    (first <= last).then_some(ContentRange { first, total })
}

fn no_place(address: &Address, error: &io::Error) -> Failure {
    let message = format!("could not save the response of `{address}`");
    Failure::lasting(Diagnostic::error(Code::Io, message).note(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_what_part_they_send() {
        let part = |first, total| Some(ContentRange { first, total });
        for (text, expected) in [
            ("bytes 0-0/1", part(0, Some(1))),
            ("bytes 100-199/200", part(100, Some(200))),
            ("bytes 100-149/200", part(100, Some(200))),
            (" bytes  5-9/* ", part(5, None)),
            ("bytes 100-199/199", None),
            ("bytes 9-5/200", None),
            ("bytes */200", None),
            ("bytes 5-9", None),
            ("bytes -9/10", None),
            ("bytes 5-/10", None),
            ("items 5-9/10", None),
            ("bytes 99999999999999999999-199999999999999999999/*", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
