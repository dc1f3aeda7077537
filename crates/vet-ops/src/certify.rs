//! `certify`: records an audit.
//!
//! Questions come first: what was audited, whether it exists, which criteria it meets, and the
//! statement. The store is not locked meanwhile, because a person may work on a text for an hour.
//! The store is written at the end, if what the person agreed to is still the same.

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
use crate::session::Session;

pub use entry::Entry;
pub use list::List;
pub use record::{CertifyOutcome, ChangedExemption, Fate, Imported, ImportedEntry, Left, Recorded};
pub use subject::Subject;

use record::{New, record};
use requested::Requested;
use sign::Signing;

/// What to record, and what to ask before recording it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certify {
    /// What was audited.
    pub what: What,
    /// The criteria that are met, unless a list names them; if empty, the user is asked.
    pub criteria: Vec<String>,
    /// The criteria that are preselected when the user is asked; if empty, the likely ones.
    pub preselected: Vec<String>,
    /// The auditors; if empty, git's user.
    pub who: Vec<String>,
    /// Notes to record with the audit. If an editor is opened, the user can change them there.
    pub notes: Option<String>,
    /// What counts as consent.
    pub consent: Consent,
    /// Whether to accept crates and versions without checking that they exist.
    pub force: bool,
    /// Whether to merge an audit of changes from a git revision with the audit that leads to that
    /// revision.
    pub merge: bool,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// What was last read; of this crate, if one is named.
    LookedAtLast {
        /// The crate.
        package: Option<String>,
    },
    /// One subject.
    One(Subject),
    /// All audits of a list, or none.
    All(List),
}

/// What counts as consent to the texts of the criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The statement that a person signs in the editor.
    Statement,
    /// The command line. The user is asked for criteria that are not named.
    Given,
    /// The command line, also for likely criteria that it does not name. The user is asked nothing.
    GivenWithLikelyCriteria,
}

/// Records all requested audits, or none.
///
/// Without a network, it uses the locked entries and does not check that versions exist.
///
/// # Errors
///
/// It is unclear or invalid what was audited, the user cannot be asked or does not consent, or
/// something cannot be fetched or written. Text that the user has written is then kept as a draft.
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
    // Warn before the user writes a text for it.
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

/// Whether the user can be asked everything that has to be asked.
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

/// The audits that are plausible, as far as this can be told without asking the user, and what is
/// wrong with the others and with the options.
fn check_plausible(
    requested: &[Requested],
    request: &Certify,
    session: &Session<'_>,
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
    /// Their names, as the statement shows them.
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

/// The question to ask if the same auditor has recorded the same audit before.
fn known_before(new: &[New], requested: &[Requested], session: &Session<'_>) -> Option<String> {
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

/// Warns of audits that contradict locked violations, which are known before anything is fetched.
fn warn_of_violations(new: &[New], session: &Session<'_>, observer: &dyn Observer) {
    let mut store = session.loaded.store.clone();
    new.iter().for_each(|one| one.entry.add_to(&mut store, &one.name));
    let audits = new.iter().map(|one| (one.name.as_str(), &one.entry));
    let warnings = contradictions::warnings(audits, session, &store);
    warnings.into_iter().for_each(|warning| observer.notice(Event::Finding(warning)));
}

/// Writes what the user agreed to, if it still means the same.
fn write(
    session: Session<'_>,
    network: Option<Network<'_>>,
    new: &[New],
    request: &Certify,
    observer: &dyn Observer,
) -> Result<CertifyOutcome, Vec<Diagnostic>> {
    let stands = |before: &Session<'_>, now: &Session<'_>| means_the_same(before, now, new, request.force);
    recorded(session, observer, stands, |session, observer| {
        record(session, network, new, request.merge, observer)
    })
}

/// Whether an agreement is still valid after the store changed: the texts of the criteria are the
/// same, and the crates are in use.
fn means_the_same(before: &Session<'_>, now: &Session<'_>, new: &[New], force: bool) -> bool {
    let meaning = |session: &Session<'_>, names: &[String]| {
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
