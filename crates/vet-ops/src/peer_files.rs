//! Audits files of other projects, as downloaded.

use vet_diagnostics::{Diagnostic, Source};
use vet_fetch::http::{Body, FetchEvent, Fetched};
use vet_store::peer::{PeerFile, parse_peer};

use crate::events::{Event, Observer};

/// The maximum size of an audits file, in bytes. Real files are far smaller.
pub(crate) const LARGEST: u64 = 64 << 20;

/// Reads a downloaded file. Entries that had to be left out are reported to the observer.
pub(crate) fn read(
    url: &str,
    fetched: Fetched,
    observer: &dyn Observer,
) -> Result<PeerFile, Vec<Diagnostic>> {
    let peer = parse_peer(&Source::new(url, text(fetched, observer)))?;
    let warnings = peer.skipped.warnings(url).into_iter().chain(peer.findings.iter().cloned());
    warnings.for_each(|warning| observer.notice(Event::Finding(warning)));
    Ok(peer)
}

/// The downloaded text.
pub(crate) fn text(fetched: Fetched, observer: &dyn Observer) -> String {
    for note in fetched.notes {
        observer.notice(Event::Info(note));
    }
    match fetched.body {
        Body::Text(text) => text,
        // The request asks for a text, so neither occurs.
        Body::Bytes(_) | Body::Absent => String::new(),
    }
}

/// Reports what happens to a request, for verbose output.
pub(crate) fn tell(event: FetchEvent<'_>, observer: &dyn Observer) {
    if let FetchEvent::Retrying { pause, problem } = event {
        let seconds = pause.as_secs_f32();
        observer.notice(Event::Info(format!("{}; retrying in {seconds:.1} s", problem.message)));
    }
}
