//! Files that may be large: they go to their destination while they arrive, and what breaks off goes on where it was.
//!
//! Nothing is remembered of the server that sent the beginning of a file, such as its `ETag`. Who downloads knows the
//! checksum of the whole, which is the better proof: a file that was put together wrongly does not have it.

use std::io;

use reqwest::header::{ACCEPT_ENCODING, CONTENT_RANGE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Response, StatusCode};
use vet_diagnostics::{Code, Diagnostic};

use super::FetchEvent;
use super::address::Address;
use super::exchange::{Exchange, is_absent};
use super::failure::{self, Failure};
use super::pace::Pace;

/// Where a file goes.
pub(crate) trait Destination {
    /// How many bytes are there.
    fn length(&self) -> u64;

    /// Adds bytes at the end.
    ///
    /// # Errors
    ///
    /// There is no place for them. Nothing is known then of what is there.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Begins anew.
    ///
    /// # Errors
    ///
    /// What is there cannot be dropped.
    fn clear(&mut self) -> io::Result<()>;
}

/// What a server says of the part that it sends: which byte is the first, and how many the whole has if it knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Part {
    first: u64,
    total: Option<u64>,
}

impl Exchange<'_> {
    /// Fetches a file, or what is missing of it. Returns where it was in the end, or that there
    /// is no such file.
    pub(super) async fn download(self, to: &mut impl Destination) -> Result<Option<String>, Diagnostic> {
        (self.report)(FetchEvent::Started);
        let found = match self.address() {
            Ok(address) if self.settings.offline => Err(failure::offline(&address)),
            Ok(address) => self.insist(async || self.attempt_download(&address, to).await).await,
            Err(problem) => Err(problem),
        };
        (self.report)(FetchEvent::Finished);
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
                    // The whole file, whatever was asked for.
                    to.clear().map_err(|error| no_place(&address, &error))?;
                    response.content_length()
                }
                StatusCode::PARTIAL_CONTENT
                    if start > 0 && part(&response).is_some_and(|part| part.first == start) =>
                {
                    part(&response).and_then(|part| part.total)
                }
                // What is there is not the beginning of this file, or the server cannot count.
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

/// What to ask for: everything from a byte on, as the server has it.
fn wanted(start: u64) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let (1.., Ok(range)) = (start, HeaderValue::try_from(format!("bytes={start}-"))) {
        headers.insert(RANGE, range);
    }
    headers
}

fn part(response: &Response) -> Option<Part> {
    parse(response.headers().get(CONTENT_RANGE)?.to_str().ok()?)
}

/// Reads the header of an answer that is a part, such as `bytes 100-199/200`.
fn parse(text: &str) -> Option<Part> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    let total = match total {
        "*" => None,
        total => Some(total.parse().ok().filter(|total| last < *total)?),
    };
    (first <= last).then_some(Part { first, total })
}

fn no_place(address: &Address, error: &io::Error) -> Failure {
    let message = format!("there is no place for what `{address}` sends");
    Failure::lasting(Diagnostic::error(Code::Io, message).note(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_say_what_part_they_send() {
        let part = |first, total| Some(Part { first, total });
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
