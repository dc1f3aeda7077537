//! Looks up many crates: first asks the index about those that need it, then the API.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use vet_diagnostics::{Code, Diagnostic, wording};

use super::checksums::KeptChecksums;
use super::crate_cache::{KeptCrate, KeptCrates, KeptDetails};
use super::index::Checksums;
use super::location::Location;
use super::next_request::{NextRequest, Terms, is_current, is_recent, next};
use super::{Answer, CratesIo, Needed, Wanted, api, index};
use crate::http::{Body, Fetched, Request};

/// The maximum number of simultaneous requests to the API, which also serves people.
pub(super) const AT_ONCE: usize = 12;

/// A run over many crates.
pub(super) struct LookUp<'l> {
    crates_io: &'l CratesIo<'l>,
    location: &'l Location,
    kept: KeptCrates,
    terms: Terms,
    /// By name in lower case.
    crates: BTreeMap<String, Pending>,
    /// Receives the number of completed crates.
    report: &'l dyn Fn(usize),
}

/// A crate, and what is known about it so far.
struct Pending {
    /// As the user writes it.
    name: String,
    needed: Needed,
    kept: Option<KeptCrate>,
    /// The checksums from the index, if they are not stored yet.
    checksums: Option<Checksums>,
    /// Whether the API has answered in this run.
    is_told_by_api: bool,
    problem: Option<Diagnostic>,
}

impl<'l> LookUp<'l> {
    /// Starts with cached facts.
    pub(super) fn new(
        crates_io: &'l CratesIo<'l>,
        location: &'l Location,
        now: u64,
        wanted: &[Wanted],
        report: &'l dyn Fn(usize),
    ) -> Self {
        let kept = KeptCrates::new(&crates_io.cache, location.key());
        let offline = crates_io.client.is_offline();
        let terms = Terms { now, index_first: !location.is_official(), offline };
        let asked = crates_io.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut crates: BTreeMap<String, Pending> = BTreeMap::new();
        for Wanted { name, what } in wanted.iter().filter(|wanted| index::is_name(&wanted.name)) {
            match crates.get_mut(&name.to_ascii_lowercase()) {
                Some(pending) => pending.needed = pending.needed.clone().and(what.clone()),
                None => {
                    let lower = name.to_ascii_lowercase();
                    let kept = kept.read(&lower);
                    let pending = Pending {
                        name: name.clone(),
                        needed: what.clone(),
                        kept,
                        checksums: None,
                        is_told_by_api: asked.contains(&lower),
                        problem: None,
                    };
                    crates.insert(lower, pending);
                }
            }
        }
        drop(asked);
        LookUp { crates_io, location, kept, terms, crates, report }
    }

    /// Makes all necessary requests.
    pub(super) fn run(mut self) -> BTreeMap<String, Answer> {
        self.ask_cargo();
        self.tell_known();
        self.ask_index();
        self.ask_api();
        (self.report)(self.crates.len());
        let mut asked = self.crates_io.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = |lower: &str, pending: Pending| match (pending.problem, pending.kept) {
            (Some(problem), _) => Err(problem),
            (None, kept) => {
                if pending.is_told_by_api {
                    asked.insert(lower.to_owned());
                }
                Ok(kept.and_then(|kept| kept.known(asked.contains(lower))).map(Arc::new))
            }
        };
        let answers = self.crates.into_iter().map(|(lower, pending)| {
            let answer = answer(&lower, pending);
            (lower, answer)
        });
        answers.collect()
    }

    /// Tells which crates need no request.
    fn tell_known(&self) {
        let log = self.crates_io.log();
        if self.crates.is_empty() {
            return;
        }
        let is_known = |pending: &&Pending| pending.step(self.terms) == NextRequest::Answer;
        log.debug(|| {
            let known = self.crates.values().filter(is_known).count();
            format!("crates.io: {known} of {} crates are known from the cache", self.crates.len())
        });
        for pending in self.crates.values().filter(is_known) {
            log.trace(|| format!("crates.io: `{}` is known from the cache", wording::shown(&pending.name)));
        }
    }

    fn done(&self) -> usize {
        self.crates.values().filter(|pending| pending.step(self.terms) == NextRequest::Answer).count()
    }

    /// Reads cargo's own copy of the index. It counts if cargo has just fetched it, or if the
    /// network must not be used.
    fn ask_cargo(&mut self) {
        let Some(cargo_home) = &self.crates_io.cargo_home else { return };
        let Terms { now, offline, .. } = self.terms;
        for (lower, pending) in &mut self.crates {
            let is_wanted = match offline {
                true => pending.kept.is_none() && matches!(pending.needed, Needed::Versions),
                false => pending.step(self.terms) == NextRequest::AskIndex,
            };
            if !is_wanted {
                continue;
            }
            let Some((entry, fetched)) = index::entry_of_cargo(cargo_home, self.location, lower) else {
                continue;
            };
            if offline || is_current(fetched, now) {
                let details = pending.kept.take().and_then(|kept| kept.details);
                // Offline, its age is unknown.
                let seen = if offline { 0 } else { fetched };
                pending.kept = Some(KeptCrate { seen, index: Some(entry.versions), details });
            }
        }
    }

    fn ask_index(&mut self) {
        let names = self.to_ask(NextRequest::AskIndex);
        if names.is_empty() {
            return;
        }
        match self.crates_io.index_token(self.location) {
            Ok(token) => self.ask(names, usize::MAX, Pending::learn_from_index, |location, pending| {
                let url = location.url(&index::path(&pending.name));
                Ok(Request::text(url, index::LARGEST).or_absent().with_token(token.clone()))
            }),
            Err(problem) => self.fail(&names, &problem),
        }
    }

    fn ask_api(&mut self) {
        let names = self.to_ask(NextRequest::AskApi);
        if names.is_empty() {
            return;
        }
        let service = self.crates_io.service(self.location);
        match service.and_then(|service| Ok((service, service.token(self.location)?))) {
            Ok((service, token)) => self.ask(names, AT_ONCE, Pending::learn_from_api, |location, pending| {
                let url = service.crate_url(location, &pending.name)?;
                Ok(Request::bytes(url, api::LARGEST).or_absent().with_token(token.clone()))
            }),
            Err(problem) => self.fail(&names, &problem),
        }
    }

    fn to_ask(&self, step: NextRequest) -> Vec<String> {
        let asked = self.crates.iter().filter(|(_, pending)| pending.step(self.terms) == step);
        asked.map(|(lower, _)| lower.clone()).collect()
    }

    fn fail(&mut self, names: &[String], problem: &Diagnostic) {
        for name in names {
            if let Some(pending) = self.crates.get_mut(name) {
                pending.problem = Some(problem.clone());
            }
        }
    }

    /// Makes a request for each crate. The facts from an answer are stored as soon as it arrives.
    fn ask(
        &mut self,
        names: Vec<String>,
        at_once: usize,
        learn: impl Fn(&mut Pending, Fetched, Terms) -> Result<(), Diagnostic>,
        request: impl Fn(&Location, &Pending) -> Result<Request, Diagnostic>,
    ) {
        let (mut asked, mut requests) = (Vec::new(), Vec::new());
        for lower in names {
            let Some(pending) = self.crates.get_mut(&lower) else { continue };
            match request(self.location, pending) {
                Ok(request) => {
                    asked.push(lower);
                    requests.push(request);
                }
                Err(problem) => pending.problem = Some(problem),
            }
        }
        let mut done = self.done();
        (self.report)(done);
        let LookUp { crates_io, location, kept, terms, crates, report } = self;
        let kept_checksums = KeptChecksums::new(&crates_io.cache, location);
        crates_io.client.fetch_each(&requests, at_once, &|_, _| {}, &mut |place, answer| {
            let Some(lower) = asked.get(place) else { return };
            let Some(pending) = crates.get_mut(lower) else { return };
            let is_unchanged = answer.as_ref().is_ok_and(|fetched| fetched.unchanged);
            pending.problem = answer.and_then(|fetched| learn(pending, fetched, *terms)).err();
            if let Some(checksums) = pending.checksums.take()
                && !(is_unchanged && kept_checksums.exist(lower))
            {
                kept_checksums.keep(lower, &checksums);
            }
            if let (None, Some(learned)) = (&pending.problem, &pending.kept) {
                kept.keep(lower, learned);
            }
            if pending.step(*terms) == NextRequest::Answer {
                done += 1;
                report(done);
            }
        });
    }
}

impl Pending {
    fn step(&self, terms: Terms) -> NextRequest {
        match self.problem {
            Some(_) => NextRequest::Answer,
            None if self.needed == Needed::Anew && !self.is_told_by_api && !terms.offline => {
                let knows_index = self.kept.as_ref().is_some_and(|kept| is_recent(kept, terms));
                if terms.index_first && !knows_index { NextRequest::AskIndex } else { NextRequest::AskApi }
            }
            None => next(&self.needed, self.kept.as_ref(), terms),
        }
    }

    fn learn_from_index(&mut self, fetched: Fetched, terms: Terms) -> Result<(), Diagnostic> {
        let versions = match &fetched.body {
            Body::Text(text) => {
                let entry = index::entry(&fetched.url, text)?;
                self.checksums = Some(entry.checksums);
                Some(entry.versions)
            }
            Body::Bytes(_) | Body::Absent => None,
        };
        let details = self.kept.take().and_then(|kept| kept.details).filter(|_| versions.is_some());
        self.kept = Some(KeptCrate { seen: terms.now, index: versions, details });
        Ok(())
    }

    fn learn_from_api(&mut self, fetched: Fetched, terms: Terms) -> Result<(), Diagnostic> {
        let answer = match &fetched.body {
            Body::Bytes(body) => Some(api::Answer::parse(&fetched.url, body)?),
            Body::Text(_) | Body::Absent => None,
        };
        self.is_told_by_api = true;
        // The API treats `-` and `_` as equal. For cargo they are different crates, of which one
        // does not exist.
        let is_it = |name: &String| name.eq_ignore_ascii_case(&self.name);
        let answer = answer.filter(|answer| answer.name.as_ref().is_none_or(is_it));
        let of_index = self.kept.take().filter(|kept| is_recent(kept, terms));
        self.kept = match (answer, of_index) {
            (None, Some(of_index)) if of_index.index.is_some() => {
                self.kept = Some(of_index);
                return Err(unknown_to_api(&self.name, &fetched.url));
            }
            (None, _) => Some(KeptCrate { seen: terms.now, index: None, details: None }),
            (Some(answer), of_index) => {
                let seen = of_index.as_ref().map_or(terms.now, |kept| kept.seen);
                let versions = of_index.and_then(|kept| kept.index).unwrap_or(answer.versions);
                let details = KeptDetails { asked: terms.now, of: versions.clone(), details: answer.details };
                Some(KeptCrate { seen, index: Some(versions), details: Some(details) })
            }
        };
        Ok(())
    }
}

fn unknown_to_api(name: &str, url: &str) -> Diagnostic {
    Diagnostic::error(
        Code::NoRegistry,
        format!("the index has the crate `{name}`, but the API does not have it"),
    )
    .note(format!("the API is at `{url}`"))
    .help("if the crate is new, try again in a few minutes; the API of a mirror may not support this request")
}
