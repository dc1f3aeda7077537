//! `aggregate`: merges the audits of several projects into one file.

use std::path::Path;
use std::sync::Arc;

use vet_diagnostics::{Code, Diagnostic, Levels, Problems, Source};
use vet_fetch::http::{self, Client, Request};
use vet_project::text_file::read_text;
use vet_store::peer::merge;
use vet_store::write_aggregate;

use crate::fetched_store::credentials::Credentials;
use crate::fetched_store::peer_files::{LARGEST, read, tell};
use crate::operation::events::Observer;
use crate::operation::report::Report;

/// Fetches the files that a list names and merges them. `list` is the path of the list, and `shown`
/// is the path as the user wrote it. Returns the text of an audits file.
///
/// # Errors
///
/// The list cannot be read, a file cannot be fetched or read, or two files define a criterion
/// differently. All files are examined before the errors are returned.
pub fn aggregate(
    list: &Path,
    shown: &str,
    client: &Client,
    credentials: Credentials,
    levels: &Levels,
    observer: &dyn Observer,
) -> Report<String> {
    Report::of(observer, levels, |run| {
        let list = read_text(list, shown)?;
        let urls = urls(&list)?;
        let mut requests: Vec<Request> = urls.iter().map(|url| Request::text(*url, LARGEST)).collect();
        credentials.add_to(&mut requests, client, run);
        let answers = client.fetch(&requests, &|_, event| tell(event, run));
        let mut files = Vec::new();
        let mut problems = Vec::new();
        for (url, answer) in urls.iter().zip(answers) {
            // The result is public and names the source of each entry, so the URL must not contain
            // a password.
            let url = http::shown(url);
            match answer.map_err(Problems::from).and_then(|fetched| read(&url, fetched, run)) {
                Ok(peer) => files.push((url, peer.audits)),
                Err(more) => problems.extend(more),
            }
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        Ok(write_aggregate(&merge(files)?))
    })
}

/// The URLs in a list: one per line. Blank lines and comments are skipped.
fn urls(list: &Arc<Source>) -> Result<Vec<&str>, Problems> {
    let (mut urls, mut problems) = (Vec::new(), Vec::new());
    let mut start = 0;
    for line in list.text.split_inclusive('\n') {
        let entry = line.trim();
        let span = start..start + line.trim_end().len();
        start += line.len();
        if entry.is_empty() || entry.starts_with('#') {
            continue;
        }
        if entry.contains(char::is_whitespace) {
            problems.push(
                Diagnostic::error(Code::UrlNotAllowed, "a line of the list contains more than one URL")
                    .at(list, span, "")
                    .help("write one URL per line, and each comment on its own line"),
            );
        }
        urls.push(entry);
    }
    if problems.is_empty() { Ok(urls) } else { Err(problems.into()) }
}
