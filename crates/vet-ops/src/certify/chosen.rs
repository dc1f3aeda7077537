//! Which criteria an audit meets: the named ones, the ones the user chooses, or the likely ones.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_store::{Criteria, Store};

use super::requested::Requested;
use super::subject::Subject;
use super::{Certify, Consent, What};
use crate::default_criteria::likely_criteria;
use crate::events::Observer;
use crate::fetched_store::{self, Network, NewTexts, WhenDown};
use crate::questions::{self, Prompter};
use crate::session::Session;

/// Which criteria each audit meets.
pub(super) fn criteria(
    requested: &[Requested],
    request: &Certify,
    session: &Session<'_>,
    network: Option<Network<'_>>,
    prompter: &dyn Prompter,
    observer: &dyn Observer,
) -> Result<Vec<Vec<String>>, Vec<Diagnostic>> {
    let loaded = &session.loaded;
    let is_known = |one: &Requested| {
        [&one.criteria, &request.criteria, &request.preselected].iter().any(|names| !names.is_empty())
    };
    // Which criteria are likely depends on what others have audited by now.
    let fetched = match network.filter(|_| !requested.iter().all(is_known)) {
        None => None,
        Some(network) => {
            let fetched = fetched_store::fetch(
                session.offline(),
                network,
                WhenDown::UseLocked,
                NewTexts::Refuse,
                observer,
            )?;
            Some(fetched.store)
        }
    };
    let store: &Store = fetched.as_ref().unwrap_or(&loaded.store);
    let likely = |subject: &Subject| match subject {
        Subject::Wildcard { .. } => {
            vec![loaded.criteria.name(Criteria::SAFE_TO_DEPLOY).to_owned()]
        }
        Subject::Full { package, version } => {
            likely_criteria(&session.view_of(package), &loaded.criteria, store, package, None, version)
        }
        Subject::Delta { package, from, to } => {
            likely_criteria(&session.view_of(package), &loaded.criteria, store, package, Some(from), to)
        }
    };
    // The user gives a list to avoid one question per line.
    let takes_likely = match request.consent {
        Consent::GivenWithLikelyCriteria => true,
        Consent::Statement => matches!(request.what, What::All(_)),
        Consent::Given => false,
    };
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for one in requested {
        let mut named = if one.criteria.is_empty() { request.criteria.clone() } else { one.criteria.clone() };
        let mut preselected = Vec::new();
        if named.is_empty() {
            preselected = match request.preselected.as_slice() {
                [] => likely(&one.subject),
                known => known.to_vec(),
            };
            if takes_likely && preselected.is_empty() {
                problems.push(one.blame(no_guess(&one.subject)));
                continue;
            }
            if takes_likely {
                named = preselected.clone();
            }
        }
        let title = one.subject.title();
        let chosen = questions::criteria(
            &named,
            title,
            preselected,
            &loaded.criteria,
            &loaded.store,
            prompter,
            observer,
        )?;
        if chosen.is_empty() {
            let message = "no criteria were chosen, so nothing is certified";
            return Err(vec![one.blame(Diagnostic::error(Code::NeedsAnswer, message))]);
        }
        all.push(chosen);
    }
    if problems.is_empty() { Ok(all) } else { Err(problems) }
}

fn no_guess(subject: &Subject) -> Diagnostic {
    let title = subject.title();
    let message = format!("it cannot be guessed which criteria `{}` is to meet", wording::shown(&title));
    Diagnostic::error(Code::NoGuess, message)
        .note("no package in use would meet more of its criteria with this audit")
        .help("name the criteria with `--criteria`")
}
