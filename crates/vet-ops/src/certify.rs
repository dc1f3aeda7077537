//! `certify`: recording an audit.
//!
//! Questions come first: what was audited, whether there is such a thing, which criteria are met, and the statement.
//! Meanwhile the store is anybody's to change, because a person may take an hour over a text. Only then it is written, if
//! what the person has agreed to is still the same.

mod chosen;
mod contradictions;
mod entry;
mod form;
mod list;
mod record;
mod requested;
mod sign;
mod statement;
mod subject;
mod versions;

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::drafts::Draft;

use crate::attempts::recorded;
use crate::context::Context;
use crate::criteria_argument;
use crate::dependency;
use crate::events::{Event, Observer};
use crate::fetched_store::Network;
use crate::questions::Prompter;
use crate::session::{Session, StoreContents};

pub use entry::Entry;
pub use list::List;
pub use record::{CertifyOutcome, ChangedExemption, Fate, Imported, ImportedEntry, Left, Recorded};
pub use subject::Subject;

use record::{New, record};
use requested::Requested;
use sign::Signing;

/// What to record, and what to ask for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certify {
    /// What was audited.
    pub what: What,
    /// The criteria that are met, where a list does not name them; empty to be asked.
    pub criteria: Vec<String>,
    /// The criteria that are preselected where somebody is asked for them; empty for those that are likely.
    pub preselected: Vec<String>,
    /// The auditors; empty to ask git.
    pub who: Vec<String>,
    /// Text to keep with the audit. Where an editor is opened, it is there to be changed.
    pub notes: Option<String>,
    /// What counts as consent.
    pub consent: Consent,
    /// Whether crates and versions are taken as they are named, without looking whether there are such.
    pub force: bool,
    /// Whether an audit of changes from a git revision is made one with the audit that leads there.
    pub merge: bool,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What was looked at last, of this crate if one is named.
    LookedAtLast {
        /// The crate.
        package: Option<String>,
    },
    /// This.
    One(Subject),
    /// All of these, or nothing.
    All(List),
}

/// What counts as consent to the texts of the criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The statement, made by a person in the editor.
    Statement,
    /// That the command was given like this. Criteria that are not named are asked for.
    Given,
    /// That the command was given like this, also for criteria that are likely and were not named. Nothing is asked.
    GivenWithLikelyCriteria,
}

/// Records audits: all that are asked for, or none.
///
/// Without a network, what is locked counts, and whether versions exist is not looked at.
///
/// # Errors
///
/// It is not clear or makes no sense what was audited, nobody can be asked or consents, or something cannot be fetched or
/// written. What a person has written by then is kept as a draft.
pub fn certify(
    context: &Context,
    network: Option<Network<'_>>,
    request: &Certify,
    prompter: &dyn Prompter,
    observer: &dyn Observer,
) -> Result<CertifyOutcome, Vec<Diagnostic>> {
    check_person(request, prompter).map_err(|problem| vec![problem])?;
    let session = Session::read(context, observer)?;
    let requested = Requested::all(&request.what, &session).map_err(|problem| vec![problem])?;
    let (sound, mut problems) = check_plausible(&requested, request, &session);
    if sound.is_empty() || requested.len() == 1 && !problems.is_empty() {
        return Err(problems);
    }
    let who = who(request, context).map_err(|problem| vec![problem])?;
    let claims = match versions::look_up(&sound, &session, network, request.force, observer) {
        Ok(claims) if problems.is_empty() => claims,
        looked_up => {
            problems.extend(looked_up.err().unwrap_or_default());
            return Err(problems);
        }
    };
    let named: BTreeSet<&str> = requested.iter().map(|one| one.subject.package()).collect();
    named.into_iter().for_each(|name| session.warn_if_left_out(name, observer));
    let criteria = chosen::criteria(&requested, request, &session, network, prompter, observer)?;

    let entry = |notes: Option<String>| -> Vec<New> {
        let all = requested.iter().zip(&claims).zip(&criteria);
        let new = all.map(|((one, claim), criteria)| New {
            name: one.subject.package().to_owned(),
            entry: claim.entry(who.names.clone(), criteria.clone(), notes.clone()),
            again: false,
        });
        new.collect()
    };
    let mut new = entry(request.notes.clone());
    if request.consent != Consent::Statement {
        return write(session, network, &new, request, observer);
    }

    if let Some(question) = known_before(&new, &requested, &session) {
        match prompter.agrees(&question).map_err(|problem| vec![problem])? {
            true => new.iter_mut().for_each(|one| one.again = true),
            false => return write(session, network, &new, request, observer),
        }
    }
    // Before the user writes a text for it.
    warn_of_violations(&new, &session, observer);
    let again = new.iter().any(|one| one.again);
    let statement = statement::statement(&requested, &claims, &criteria, &who.signer);
    let mut shown: Vec<String> = criteria.iter().flatten().cloned().collect();
    shown.sort_by_key(|name| session.loaded.criteria.index(name));
    shown.dedup();
    let draft = Draft::about(&statement::key(&requested), session.offline().folder, &context.cache_folder);
    let signing = Signing {
        criteria: &shown,
        statement: &statement,
        notes: request.notes.as_deref().unwrap_or_default(),
        draft: &draft,
    };
    let client = network.map(|network| network.client);
    let signed =
        signing.ask(&session.loaded.store, client, prompter, observer).map_err(|problem| vec![problem])?;
    let signed_notes = signed.notes;
    let mut new = entry(signed_notes.clone());
    new.iter_mut().for_each(|one| one.again = again);
    let outcome =
        write(session, network, &new, request, observer).map_err(|problems| signing.after(problems))?;
    let is_worth_keeping = context.dry_run && signed_notes != request.notes;
    if !is_worth_keeping {
        draft.remove();
    }
    if !signed.left_out.is_empty() {
        observer.notice(Event::Finding(left_out(&signed.left_out)));
    }
    Ok(outcome)
}

/// Whether everything that has to be asked can be.
fn check_person(request: &Certify, prompter: &dyn Prompter) -> Result<(), Diagnostic> {
    if prompter.is_there() {
        return Ok(());
    }
    let are_named = match &request.what {
        What::All(list) => list.names_criteria(),
        What::One(_) | What::LookedAtLast { .. } => false,
    };
    let lacks_criteria = request.criteria.is_empty() && !are_named;
    let (what, options) = match (request.consent, lacks_criteria) {
        (Consent::GivenWithLikelyCriteria, _) | (Consent::Given, false) => return Ok(()),
        (Consent::Given, true) => (
            "which criteria are met",
            "name the criteria with `--criteria`, or take the likely ones with `--yes`",
        ),
        (Consent::Statement, false) => (
            "to make the statement",
            "add `--accept-all` if you have read the texts of the criteria and agree",
        ),
        (Consent::Statement, true) => (
            "which criteria are met, and to make the statement",
            "name the criteria with `--criteria` and add `--accept-all`, or take the likely criteria with `--yes`",
        ),
    };
    Err(Diagnostic::error(Code::NeedsAnswer, format!("nobody can be asked {what}"))
        .note("stdin or stderr is not a terminal, and silence is not taken for consent")
        .help(options))
}

/// Those audits that can be meant, as far as that shows without asking anybody, and what is wrong with the others and with
/// the options.
fn check_plausible(
    requested: &[Requested],
    request: &Certify,
    session: &Session<'_, StoreContents>,
) -> (Vec<Requested>, Vec<Diagnostic>) {
    let criteria = &session.loaded.criteria;
    let mut problems = criteria_argument::split(&request.criteria, criteria).err().unwrap_or_default();
    let mut sound = Vec::new();
    for one in requested {
        let mut wrong = Vec::new();
        if !request.force {
            let (graph, name) = (session.whole(), one.subject.package());
            wrong.extend(dependency::check(graph, name).err());
            let versions = one.subject.versions().into_iter();
            wrong
                .extend(versions.filter_map(|version| dependency::check_version(graph, name, version).err()));
        }
        wrong.extend(one.subject.problem(session.context.today));
        wrong.extend(criteria_argument::check(&one.criteria, criteria).err().unwrap_or_default());
        if wrong.is_empty() {
            sound.push(one.clone());
        }
        problems.extend(wrong.into_iter().map(|problem| one.blame(problem)));
    }
    (sound, problems)
}

/// The auditors.
struct Who {
    names: Vec<String>,
    /// As they are named in the statement.
    signer: String,
}

fn who(request: &Certify, context: &Context) -> Result<Who, Diagnostic> {
    if !request.who.is_empty() {
        return Ok(Who { names: request.who.clone(), signer: request.who.join(", ") });
    }
    let identity = vet_fetch::git::identity(&context.current_folder)?;
    let signer = identity.rsplit_once(" <").map_or(identity.as_str(), |(name, _)| name).to_owned();
    Ok(Who { names: vec![identity], signer })
}

/// What to ask if the same was recorded before, by the same auditor.
fn known_before(
    new: &[New],
    requested: &[Requested],
    session: &Session<'_, StoreContents>,
) -> Option<String> {
    let loaded = &session.loaded;
    let known = new.iter().zip(requested).filter(|(new, _)| {
        let old = new.entry.covered_by(&loaded.store, &loaded.criteria, &new.name);
        old.iter().any(|old| new.entry.adds_nothing_to(old))
    });
    let titles: Vec<String> = known.map(|(_, one)| one.subject.title()).collect();
    (titles.len() == new.len()).then(|| {
        let titles = wording::list(titles.iter().map(String::as_str), "and");
        format!("You have certified {titles} before. Record it once more?")
    })
}

/// Says which audits contradict violations that are locked, and so are known before anything is fetched.
fn warn_of_violations(new: &[New], session: &Session<'_, StoreContents>, observer: &dyn Observer) {
    let mut store = session.loaded.store.clone();
    new.iter().for_each(|one| one.entry.add_to(&mut store, &one.name));
    let audits = new.iter().map(|one| (one.name.as_str(), &one.entry));
    let warnings = contradictions::warnings(audits, session, &store);
    warnings.into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
}

/// Writes what was agreed to, as long as that means the same.
fn write(
    session: Session<'_, StoreContents>,
    network: Option<Network<'_>>,
    new: &[New],
    request: &Certify,
    observer: &dyn Observer,
) -> Result<CertifyOutcome, Vec<Diagnostic>> {
    let stands = |before: &Session<'_, StoreContents>, now: &Session<'_, StoreContents>| {
        means_the_same(before, now, new, request.force)
    };
    recorded(session, observer, stands, |session, observer| {
        record(session, network, new, request.merge, observer)
    })
}

/// Whether an agreement stands though the store was changed: the criteria say what they said, and the crates are in use.
fn means_the_same(
    before: &Session<'_, StoreContents>,
    now: &Session<'_, StoreContents>,
    new: &[New],
    force: bool,
) -> bool {
    let meaning = |session: &Session<'_, StoreContents>, names: &[String]| {
        let criteria = &session.loaded.criteria;
        let names =
            criteria.set(names).iter().map(|index| criteria.name(index).to_owned()).collect::<Vec<_>>();
        let entries = names.iter().map(|name| session.loaded.store.audits.criteria.get(name).cloned());
        let entries: Vec<_> = entries.collect();
        (names, entries)
    };
    new.iter().all(|one| {
        let names = one.entry.criteria();
        let is_used = || force || now.graph.uses_third_party(&one.name);
        meaning(before, names) == meaning(now, names) && is_used()
    })
}

fn left_out(lines: &[String]) -> Diagnostic {
    let message = "lines that begin like comments are no part of the notes";
    let mut warning = Diagnostic::warning(Code::TextLeftOut, message);
    for line in lines {
        warning = warning.note(wording::shown(line));
    }
    warning.help("add them to the notes in audits.toml if they are meant to be there")
}
