//! Audits files of other projects, as downloaded.

use vet_diagnostics::{Problems, Source};
use vet_fetch::http::{Body, FetchEvent, Fetched};
use vet_store::peer::{PeerFile, parse_peer};

use crate::operation::events::Event;
use crate::operation::report::Run;

/// The maximum size of an audits file, in bytes. Real files are far smaller.
pub(crate) const LARGEST: u64 = 64 << 20;

/// Reads a downloaded file. Entries that had to be left out are reported to the run.
pub(crate) fn read(url: &str, fetched: Fetched, run: &Run<'_>) -> Result<PeerFile, Problems> {
    let peer = parse_peer(&Source::new(url, text(fetched, run)))?;
    let warnings = peer.skipped.warnings(url).into_iter().chain(peer.findings.iter().cloned());
    warnings.for_each(|warning| run.found(warning));
    Ok(peer)
}

/// The downloaded text.
pub(crate) fn text(fetched: Fetched, run: &Run<'_>) -> String {
    for note in fetched.notes {
        run.notice(Event::Info(note));
    }
    match fetched.body {
        Body::Text(text) => text,
        // The request asks for a text, so neither occurs.
        Body::Bytes(_) | Body::Absent => String::new(),
    }
}

/// Reports what happens to a request, for verbose output.
pub(crate) fn tell(event: FetchEvent<'_>, run: &Run<'_>) {
    if let FetchEvent::Retrying { pause, problem } = event {
        let seconds = pause.as_secs_f32();
        run.notice(Event::Info(format!("{}; retrying in {seconds:.1} s", problem.message)));
    }
}
