//! `trust`: relies on the releases of a publisher.

use std::collections::{BTreeMap, BTreeSet};

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_fetch::crates_io::Needed;
use vet_resolver::Verdict;
use vet_store::entries::{Publisher, PublisherId, TrustedEntry};
use vet_store::validate::latest_end;
use vet_store::{CriteriaSet, Date};

use crate::arguments::named_criteria;
use crate::arguments::periods::backwards;
use crate::evaluation::Evaluation;
use crate::evaluation::withdrawn::warn_of_next_locked;
use crate::fetched_store::{
    self, Facts, FetchedStore, LOCKED_PUBLISHERS, Network, Offline, WhenDown, released,
};
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::questions::Prompter;
use crate::operation::report::{Report, Run};
use crate::session::Session;
use crate::session::attempts::recorded;
use crate::session::backlog::without_backlog;
use crate::update::with_new_entries;

use crate::fetched_store::publishers::{Publishers, ambiguous, name_of};

/// Which publisher to trust, and for which crates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trust {
    /// The publisher and the crates.
    pub subject: TrustSubject,
    /// The criteria that releases meet; if empty, the user is asked.
    pub criteria: Vec<String>,
    /// The first day of publication that is covered; by default the day of the publisher's first
    /// release.
    pub start: Option<Date>,
    /// The first day that is no longer covered; by default a year from today.
    pub end: Option<Date>,
    /// Free text.
    pub notes: Option<String>,
}

/// The publisher and the crates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustSubject {
    /// One crate. Without a publisher, its only publisher is meant.
    Crate {
        /// The crate.
        name: String,
        /// A login, the number of an account, or a signature of trusted publishing.
        publisher: Option<String>,
    },
    /// Every crate of one publisher that lacks an audit.
    All {
        /// A login, the number of an account, or a signature of trusted publishing.
        publisher: String,
        /// Whether to include crates with other publishers.
        allow_multiple_publishers: bool,
    },
}

/// What was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustOutcome {
    /// The crates, with their trusted publishers and periods.
    pub trusted: Vec<Trusted>,
    /// The criteria that the releases meet.
    pub criteria: Vec<String>,
    /// Crates that were skipped because they have other publishers.
    pub skipped: Vec<String>,
    /// What changed in the store.
    pub changes: Changes,
}

/// One crate whose releases are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The crate.
    pub name: String,
    /// The publisher.
    pub publisher: Publisher,
    /// The publisher, safe to print; with the account number if another account has the same login.
    pub publisher_shown: String,
    /// The first day that is covered.
    pub start: Date,
    /// The first day that is no longer covered.
    pub end: Date,
}

/// Trusts the releases of a publisher without a review.
///
/// # Errors
///
/// The publisher is ambiguous or unknown, nothing lacks an audit, or something cannot be fetched or
/// written.
pub fn trust(
    context: &Context,
    network: Network<'_>,
    trust: &Trust,
    prompter: &dyn Prompter,
    observer: &dyn Observer,
) -> Report<TrustOutcome> {
    Report::of(observer, &context.overrides.levels, |run| {
        let session = Session::open(context, run)?;
        let end = trust.end.unwrap_or_else(|| latest_end(context.today));
        if end <= context.today {
            return Err(Problems::from(in_the_past(end, context.today)));
        }
        let plan = match &trust.subject {
            TrustSubject::Crate { name, publisher } => {
                one(&session, network, name, publisher.as_deref(), run)?
            }
            TrustSubject::All { publisher, allow_multiple_publishers } => {
                all(&session, network, publisher, *allow_multiple_publishers, run)?
            }
        };
        let loaded = &session.loaded;
        let criteria = named_criteria::named_or_chosen(
            &trust.criteria,
            plan.about,
            plan.likely,
            &loaded.criteria,
            &loaded.store,
            prompter,
            run,
        )?;
        if criteria.is_empty() {
            let problem =
                Diagnostic::error(Code::NeedsAnswer, "no criteria were chosen, so nothing is trusted");
            return Err(Problems::from(problem));
        }
        let mut trusted = Vec::new();
        for Planned { name, publisher, publisher_shown, first } in plan.crates {
            let start = trust.start.unwrap_or(first);
            if end <= start {
                return Err(Problems::from(backwards(start, end)));
            }
            trusted.push(Trusted { name, publisher, publisher_shown, start, end });
        }

        let stands = |before: &Session<'_>, now: &Session<'_>| {
            before.loaded.store.audits.criteria == now.loaded.store.audits.criteria
        };
        let changes = recorded(session, run, stands, |session, run| {
            record(session, network, trust, &trusted, &criteria, run)
        })?;
        Ok(TrustOutcome { trusted, criteria, skipped: plan.skipped, changes })
    })
}

fn record(
    session: &Session<'_>,
    network: Network<'_>,
    trust: &Trust,
    trusted: &[Trusted],
    criteria: &[String],
    run: &Run<'_>,
) -> Result<Changes, Problems> {
    let mut store = session.loaded.store.clone();
    for Trusted { name, publisher, start, end, .. } in trusted {
        let entry = TrustedEntry {
            criteria: criteria.to_vec(),
            publisher: publisher.id(),
            start: *start,
            end: *end,
            notes: trust.notes.clone(),
            aggregated_from: Vec::new(),
        };
        add(store.audits.trusted.entry(name.clone()).or_default(), entry);
    }
    let offline = Offline { store: &store, ..Offline::of(session) };
    let fetched = fetched_store::fetch_or_use_locked(offline, network, run)?;
    let names: BTreeSet<&str> = trusted.iter().map(|one| one.name.as_str()).collect();
    let after = with_new_entries(session, &fetched.store, &names);
    warn_of_next_locked(session, &after, run);
    session.replace(after, run)
}

/// What to trust, before the criteria are known.
#[derive(Debug)]
struct Plan {
    crates: Vec<Planned>,
    skipped: Vec<String>,
    likely: Vec<String>,
    about: String,
}

/// A crate whose releases are to be trusted.
#[derive(Debug)]
struct Planned {
    name: String,
    publisher: Publisher,
    publisher_shown: String,
    /// The day of the publisher's first release.
    first: Date,
}

/// The plan for one crate.
fn one(
    session: &Session<'_>,
    network: Network<'_>,
    name: &str,
    publisher: Option<&str>,
    run: &Run<'_>,
) -> Result<Plan, Diagnostic> {
    session.warn_if_left_out(name, run);
    let facts = Facts::asked(network.crates_io, BTreeMap::from([(name.to_owned(), Needed::Everything)]), run);
    let details = facts.must_know(name)?;
    let publishers = Publishers::of(&released(details));
    let (publisher, first) = match publisher {
        None => publishers.only(name)?,
        Some(wanted) => publishers.find(wanted, name)?,
    };
    let likely = session.loaded.criteria.name(vet_store::Criteria::SAFE_TO_DEPLOY).to_owned();
    let publisher_shown = publishers.shown(&publisher);
    Ok(Plan {
        about: format!("{name}:* published by {}", publishers.argument(&publisher)),
        crates: vec![Planned { name: name.to_owned(), publisher, publisher_shown, first }],
        skipped: Vec::new(),
        likely: vec![likely],
    })
}

/// The plan for every crate of one publisher that lacks an audit, or would lack one without
/// exemptions.
fn all(
    session: &Session<'_>,
    network: Network<'_>,
    wanted: &str,
    allow_others: bool,
    run: &Run<'_>,
) -> Result<Plan, Problems> {
    let offline = Offline::of(session);
    let FetchedStore { store, mut facts } = fetched_store::fetch_or_use_locked(offline, network, run)?;
    let criteria = &session.loaded.criteria;
    let mut missing: BTreeMap<String, CriteriaSet> = BTreeMap::new();
    let store = without_backlog(store);
    for (ix, verdict) in Evaluation::of(session, &store).resolution.verdicts {
        if let (Some(package), Verdict::Unvetted(criteria)) = (session.view().package(ix), verdict) {
            missing.entry(package.name().to_owned()).or_default().union_with(&criteria);
        }
    }
    facts.ask(
        network.crates_io,
        missing.keys().map(|name| (name.clone(), Needed::Everything)).collect(),
        run,
    );
    facts.settle(WhenDown::UseLocked, LOCKED_PUBLISHERS, run)?;

    let (mut crates, mut skipped, mut likely) = (Vec::new(), Vec::new(), CriteriaSet::new());
    // For each crate, one account may have the login, but not the same account for all of them.
    let mut accounts: BTreeMap<PublisherId, (Publisher, Vec<String>)> = BTreeMap::new();
    for (name, criteria) in missing {
        let Some(details) = facts.details(&name) else { continue };
        let publishers = Publishers::of(&released(details));
        for (publisher, _) in publishers.named(wanted) {
            let of_account = accounts.entry(publisher.id());
            of_account.or_insert_with(|| (publisher.clone(), Vec::new())).1.push(name.clone());
        }
        let Some((publisher, first)) = publishers.named(wanted).next() else { continue };
        if publishers.several() && !allow_others {
            skipped.push(name);
        } else {
            likely.union_with(&criteria);
            let publisher_shown = publishers.shown(publisher);
            crates.push(Planned { name, publisher: publisher.clone(), publisher_shown, first });
        }
    }
    if accounts.len() > 1 {
        return Err(Problems::from(shared_login(wanted, accounts.values())));
    }
    let Some(Planned { publisher, .. }) = crates.first() else {
        return Err(Problems::from(nothing(wanted, &skipped)));
    };
    if !skipped.is_empty() {
        run.found(left_out(&skipped));
    }
    let names = crates.iter().map(|planned| planned.name.as_str());
    let about = format!("{} ({})", name_of(publisher), names.collect::<Vec<_>>().join(", "));
    Ok(Plan { about, likely: criteria.minimal_names(&likely), crates, skipped })
}

/// Adds an entry, or extends the period of an entry that is otherwise equal.
fn add(entries: &mut Vec<TrustedEntry>, new: TrustedEntry) {
    let is_same = |old: &&mut TrustedEntry| {
        old.criteria == new.criteria
            && old.publisher == new.publisher
            && new.start <= old.start
            && old.end <= new.end
            && new.notes.is_none()
    };
    match entries.iter_mut().find(is_same) {
        Some(old) => (old.start, old.end) = (new.start, new.end),
        None => entries.push(new),
    }
}

fn in_the_past(end: Date, today: Date) -> Diagnostic {
    Diagnostic::error(Code::BadPeriod, format!("the end date {end} has passed: today is {today}"))
        .help("leave out `--end-date` to trust for a year")
}

/// Accounts with the same login, and the crates that each of them has published.
fn shared_login<'a>(
    wanted: &str,
    accounts: impl Iterator<Item = &'a (Publisher, Vec<String>)>,
) -> Diagnostic {
    let line = |(publisher, names): &(Publisher, Vec<String>)| {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let account = match publisher {
            Publisher::User { id, .. } => format!("account {id}"),
            Publisher::TrustedPublisher(_) => name_of(publisher),
        };
        format!("\n  {account}, publisher of {}", wording::abbreviated(&names))
    };
    let lines: String = accounts.map(line).collect();
    ambiguous(format!("several accounts are named `{}`{lines}", wording::shown(wanted)))
}

fn nothing(wanted: &str, skipped: &[String]) -> Diagnostic {
    let wanted = wording::shown(wanted);
    let problem = Diagnostic::error(
        Code::NothingToTrust,
        format!("`{wanted}` has published no package that lacks an audit"),
    );
    match skipped {
        [] => problem.help("run `cargo vet suggest` to see what lacks an audit"),
        skipped => problem
            .note(others_too(skipped, "was", "were"))
            .help("add `--allow-multiple-publishers` to trust this publisher's releases of them"),
    }
}

fn left_out(skipped: &[String]) -> Diagnostic {
    Diagnostic::warning(Code::SeveralPublishers, others_too(skipped, "is", "are"))
        .help("add `--allow-multiple-publishers` to trust this publisher's releases of them")
}

fn others_too(skipped: &[String], is: &str, are: &str) -> String {
    let names = wording::list(skipped.iter().map(String::as_str), "and");
    match skipped.len() {
        1 => format!("{names} {is} left out, because it has other publishers"),
        _ => format!("{names} {are} left out, because they have other publishers"),
    }
}
