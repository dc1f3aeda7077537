//! Asks peers and crates.io. Nothing else here uses the network.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use vet_diagnostics::wording;
use vet_fetch::crates_io::{Answer, CratesIo, Needed, Wanted};
use vet_fetch::http::{Client, FetchEvent, Request};

use super::credentials::Credentials;
use super::facts::{Facts, Questions};
use super::network::Network;
use super::peer_files::{LARGEST, tell};
use super::peers::{Downloads, Imports, PeerAnswers, texts_of};
use crate::operation::events::{Event, Stage};
use crate::operation::report::Run;

/// Asks peers and crates.io at the same time.
pub(super) fn peers_and_crates_io<'i>(
    imports: Imports<'i>,
    questions: Questions,
    network: Network<'_>,
    run: &Run<'_>,
) -> (PeerAnswers<'i>, Facts) {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| Facts::asked(network.crates_io, questions, run));
        let peers = peers(imports, network, run);
        let facts = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (peers, facts)
    })
}

/// Downloads the files of all imports at the same time, and then the texts of criteria that they
/// refer to.
fn peers<'i>(imports: Imports<'i>, network: Network<'_>, run: &Run<'_>) -> PeerAnswers<'i> {
    let files = download(imports.addresses(), network.client, network.credentials, run);
    let files = imports.read(&files, run);
    // The texts of criteria can be on any server, so no passwords are sent.
    let texts = download(texts_of(&files), network.client, Credentials::InUrls, run);
    let is_complete = files.values().all(Result::is_ok) && texts.values().all(Result::is_ok);
    let last_fetched = match is_complete {
        true => BTreeMap::new(),
        false => imports.last_fetched(&|address| network.client.last_answer(address)),
    };
    PeerAnswers { files, texts, last_fetched }
}

fn download(urls: BTreeSet<String>, client: &Client, credentials: Credentials, run: &Run<'_>) -> Downloads {
    let mut requests: Vec<Request> = urls.iter().map(|url| Request::text(url, LARGEST)).collect();
    credentials.add_to(&mut requests, client, run);
    let (done, total) = (Cell::new(0), requests.len());
    let report = |_: usize, event: FetchEvent<'_>| {
        if let FetchEvent::Finished = event {
            done.set(done.get() + 1);
            run.notice(Event::Progress { stage: Stage::Imports, done: done.get(), total });
        }
        tell(event, run);
    };
    let answers = client.fetch(&requests, &report);
    urls.into_iter().zip(answers).collect()
}

impl Facts {
    /// The answers to these questions.
    pub(crate) fn asked(crates_io: &CratesIo<'_>, questions: Questions, run: &Run<'_>) -> Self {
        let mut facts = Facts::default();
        facts.ask(crates_io, questions, run);
        facts
    }

    /// Asks the questions that were not asked yet.
    pub(crate) fn ask(&mut self, crates_io: &CratesIo<'_>, questions: Questions, run: &Run<'_>) {
        let questions = self.unanswered(questions);
        if questions.is_empty() {
            return;
        }
        let answers = look_up(crates_io, &questions, run);
        for remark in crates_io.remarks() {
            run.notice(Event::Info(wording::shown(&remark).into_owned()));
        }
        self.add(questions, answers);
    }
}

/// Asks the index and the API at the same time, because they are different servers.
fn look_up(
    crates_io: &CratesIo<'_>,
    questions: &[(String, Needed)],
    run: &Run<'_>,
) -> BTreeMap<String, Answer> {
    let wanted = |of_index: bool| -> Vec<Wanted> {
        let chosen = questions.iter().filter(|(_, what)| matches!(what, Needed::Versions) == of_index);
        chosen.map(|(name, what)| Wanted { name: name.clone(), what: what.clone() }).collect()
    };
    let done = [AtomicUsize::new(0), AtomicUsize::new(0)];
    let report = |part: usize| {
        let done = &done;
        move |now: usize, _: usize| {
            if let Some(done) = done.get(part) {
                done.store(now, Ordering::Relaxed);
            }
            let done = done.iter().map(|done| done.load(Ordering::Relaxed)).sum();
            run.notice(Event::Progress { stage: Stage::CratesIo, done, total: questions.len() });
        }
    };
    let (of_index, of_api) = (wanted(true), wanted(false));
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| crates_io.look_up(&of_index, &report(0)));
        let mut answers = crates_io.look_up(&of_api, &report(1));
        match asking.join() {
            Ok(more) => answers.extend(more),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        answers
    })
}
