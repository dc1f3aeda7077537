//! The first step: what was audited, whether it exists, and which criteria it most likely meets.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_project::state::{Look, ReviewHistory};
use vet_store::Criteria;

use super::list::Wanted;
use super::pending::{PendingAudit, blame};
use super::stages::{Prepared, minimal, no_criteria};
use super::subject::Subject;
use super::{Request, What, versions};
use crate::arguments::dependency;
use crate::arguments::named_criteria;
use crate::audit::default_criteria::likely_criteria;
use crate::fetched_store::{self, Network, Offline};
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::search::measured_lines;
use crate::session::Session;

/// Finds out everything about the requested audits that does not need the user.
///
/// Without a network, it uses the locked entries and does not check that versions exist.
///
/// # Errors
///
/// It is unclear or invalid what was audited, or something cannot be fetched.
pub fn prepare<'c>(
    context: &'c Context,
    network: Option<Network<'_>>,
    request: &Request,
    observer: &dyn Observer,
) -> Report<Prepared<'c>> {
    Report::of(observer, &context.overrides.levels, |run| {
        let session = Session::open(context, run)?;
        let looks = ReviewHistory::of(&context.state, session.folder()).all();
        let wanted = all_wanted(&request.what, &looks)?;
        let (sound, mut problems) = check_plausible(&wanted, request, &session);
        if sound.is_empty() || wanted.len() == 1 && !problems.is_empty() {
            return Err(problems.into());
        }
        let (who, signer) = auditors(request, context)?;
        let mut audits = match versions::look_up(&sound, &session, network, request.force, run) {
            Ok(audits) if problems.is_empty() => audits,
            looked_up => {
                problems.extend(looked_up.err().into_iter().flatten());
                return Err(problems.into());
            }
        };
        let named: BTreeSet<&str> = audits.iter().map(PendingAudit::package).collect();
        named.into_iter().for_each(|name| session.warn_if_left_out(name, run));
        for (audit, wanted) in audits.iter_mut().zip(&sound) {
            let named = if wanted.criteria.is_empty() { &request.criteria } else { &wanted.criteria };
            let criteria = named_criteria::split(named, &session.loaded.criteria)?;
            if criteria.is_empty() && !named.is_empty() {
                return Err(Problems::from(audit.blame(no_criteria())));
            }
            audit.entry.set_criteria(minimal(&session.loaded.criteria, &criteria));
            audit.entry.set_who(who.clone());
            audit.entry.set_notes(request.notes.clone());
        }
        guess_criteria(&mut audits, &request.preselected, &session, network, run)?;
        let is_list = matches!(request.what, What::All(_));
        let notes = request.notes.clone();
        audits.iter_mut().for_each(|audit| audit.is_read = audit.subject.is_among(&looks));
        let Request { unread, force, merge, .. } = *request;
        let lines = request.lines.or_else(|| lines(&audits, &session, network));
        run.refuse_denied()?;
        Ok(Prepared { session, audits, signer, notes, lines, is_list, unread, force, merge })
    })
}

/// The number of lines of a delta audit, if it was measured before.
fn lines(audits: &[PendingAudit], session: &Session<'_>, network: Option<Network<'_>>) -> Option<u64> {
    let [audit] = audits else { return None };
    let Subject::Delta { package, from, to } = &audit.subject else { return None };
    let crates_io = network?.crates_io;
    measured_lines(&session.context.cache, &session.lock, crates_io, package, [from, to])
}

/// All requested audits.
fn all_wanted(what: &What, looks: &[Look]) -> Result<Vec<Wanted>, Diagnostic> {
    Ok(match what {
        What::One(subject) => vec![Wanted::one(subject.clone())],
        What::LookedAtLast { package } => vec![Wanted::one(looked_at_last(package.as_deref(), looks)?)],
        What::All(list) => list.audits.clone(),
    })
}

/// What was last read in this project; of one crate, if one is named.
fn looked_at_last(package: Option<&str>, looks: &[Look]) -> Result<Subject, Diagnostic> {
    let is_meant = |name: &str| package.is_none_or(|package| package == name);
    let last = looks.iter().rev().find(|look| is_meant(&look.package));
    match last.cloned() {
        Some(look) => Ok(match look.from {
            None => Subject::Full { package: look.package, version: look.to },
            Some(from) => Subject::Delta { package: look.package, from, to: look.to },
        }),
        None => Err(nothing_looked_at(package)),
    }
}

fn nothing_looked_at(package: Option<&str>) -> Diagnostic {
    let name = package.map(wording::shown);
    let message = match &name {
        Some(name) => format!("you have read nothing of `{name}` in this project, so a version is needed"),
        None => "you have read nothing in this project, so name what to certify".to_owned(),
    };
    let name = name.as_deref().unwrap_or("NAME");
    Diagnostic::error(Code::NothingLookedAt, message).help(format!(
        "name what was audited: `cargo vet certify {name} VERSION`, or look at it with `cargo vet inspect`"
    ))
}

/// The audits that are plausible, as far as this can be told without asking the user, and what is
/// wrong with the others and with the options.
fn check_plausible(
    wanted: &[Wanted],
    request: &Request,
    session: &Session<'_>,
) -> (Vec<Wanted>, Vec<Diagnostic>) {
    let criteria = &session.loaded.criteria;
    let wrong = named_criteria::split(&request.criteria, criteria).err();
    let mut problems: Vec<Diagnostic> = wrong.into_iter().flatten().collect();
    let mut sound = Vec::new();
    for one in wanted {
        let mut wrong = Vec::new();
        if !request.force {
            let (graph, name) = (session.whole(), one.subject.package());
            wrong.extend(dependency::check(graph, name).err());
            let versions = one.subject.versions().into_iter();
            wrong
                .extend(versions.filter_map(|version| dependency::check_version(graph, name, version).err()));
        }
        wrong.extend(one.subject.problem(session.context.today));
        wrong.extend(named_criteria::check(&one.criteria, criteria).err().into_iter().flatten());
        if wrong.is_empty() {
            sound.push(one.clone());
        }
        problems.extend(wrong.into_iter().map(|problem| blame(one.place.as_ref(), problem)));
    }
    (sound, problems)
}

/// The auditors, and their names as the statement shows them.
fn auditors(request: &Request, context: &Context) -> Result<(Vec<String>, String), Diagnostic> {
    if !request.who.is_empty() {
        return Ok((request.who.clone(), request.who.join(", ")));
    }
    let identity = vet_fetch::git::identity(&context.current_folder)?;
    let signer = identity.rsplit_once(" <").map_or(identity.as_str(), |(name, _)| name).to_owned();
    Ok((vec![identity], signer))
}

/// Determines the likely criteria of audits that lack criteria.
fn guess_criteria(
    audits: &mut [PendingAudit],
    preselected: &[String],
    session: &Session<'_>,
    network: Option<Network<'_>>,
    run: &Run<'_>,
) -> Result<(), Problems> {
    let mut open: Vec<&mut PendingAudit> =
        audits.iter_mut().filter(|audit| audit.entry.criteria().is_empty()).collect();
    if open.is_empty() {
        return Ok(());
    }
    if !preselected.is_empty() {
        open.iter_mut().for_each(|audit| audit.likely = preselected.to_vec());
        return Ok(());
    }
    let loaded = &session.loaded;
    // Which criteria are likely depends on what others have audited by now.
    let fetched = match network {
        None => None,
        Some(network) => {
            let offline = Offline::of(session);
            let fetched = fetched_store::fetch_or_use_locked(offline, network, run)?;
            Some(fetched.store)
        }
    };
    let store = fetched.as_ref().unwrap_or(&loaded.store);
    for audit in open {
        let (package, from, to) = match &audit.subject {
            Subject::Wildcard { .. } => {
                audit.likely = vec![loaded.criteria.name(Criteria::SAFE_TO_DEPLOY).to_owned()];
                continue;
            }
            Subject::Full { package, version } => (package, None, version),
            Subject::Delta { package, from, to } => (package, Some(from), to),
        };
        let graph = session.view_of(package);
        audit.likely = likely_criteria(&graph, &loaded.criteria, store, package, from, to);
    }
    Ok(())
}
