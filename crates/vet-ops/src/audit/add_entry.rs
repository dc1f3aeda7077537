//! `add-exemption` and `record-violation`: entries that the user states on the command line.

use vet_diagnostics::Problems;
use vet_store::entries::{AuditEntry, AuditKind, Exemption};
use vet_store::version::VersionRange;
use vet_store::{Criteria, Loaded, Store, Version};

use crate::arguments::dependency;
use crate::arguments::named_criteria;
use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::{Report, Run};
use crate::session::attempts::repeated;
use crate::session::{Session, StoreSession};

/// An exemption to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewExemption {
    /// The crate.
    pub package: String,
    /// The version.
    pub version: Version,
    /// The criteria; if empty, the default criteria of the store.
    pub criteria: Vec<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Whether the tool should suggest audits that replace the exemption.
    pub suggest: bool,
    /// Whether to accept a crate that is not a third-party dependency.
    pub force: bool,
}

/// A violation to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewViolation {
    /// The crate.
    pub package: String,
    /// The versions that must not be used.
    pub versions: VersionRange,
    /// The criteria that these versions violate; if empty, the default criteria of the store.
    pub criteria: Vec<String>,
    /// Who reports the violation.
    pub who: Vec<String>,
    /// Free text.
    pub notes: Option<String>,
    /// Whether to accept a crate that is not a third-party dependency.
    pub force: bool,
}

/// Adds an exemption.
///
/// # Errors
///
/// The crate is not a third-party dependency, the version differs from one in use only in its build
/// metadata, a criterion does not exist, or the store cannot be read or written.
pub fn add_exemption(context: &Context, new: NewExemption, observer: &dyn Observer) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        with_store(context, &new.package, Some(&new.version), new.force, run, |loaded| {
            let criteria = criteria(loaded, &new.criteria)?;
            let exemption = Exemption {
                version: new.version.clone(),
                criteria,
                suggest: new.suggest,
                notes: new.notes.clone(),
            };
            let mut store = loaded.store.clone();
            store.config.exemptions.entry(new.package.clone()).or_default().push(exemption);
            Ok(store)
        })
    })
}

/// Records a violation.
///
/// # Errors
///
/// As for [`add_exemption`].
pub fn record_violation(context: &Context, new: NewViolation, observer: &dyn Observer) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        // A version range ignores build metadata, so there is no version to check.
        with_store(context, &new.package, None, new.force, run, |loaded| {
            let violation = AuditEntry {
                who: new.who.clone(),
                criteria: criteria(loaded, &new.criteria)?,
                kind: AuditKind::Violation(new.versions.clone()),
                importable: true,
                notes: new.notes.clone(),
                aggregated_from: Vec::new(),
            };
            let mut store = loaded.store.clone();
            store.audits.audits.entry(new.package.clone()).or_default().push(violation);
            Ok(store)
        })
    })
}

/// Changes the store. Unless `force` is set, the crate must be a dependency.
fn with_store(
    context: &Context,
    package: &str,
    version: Option<&Version>,
    force: bool,
    run: &Run<'_>,
    change: impl Fn(&Loaded) -> Result<Store, Problems>,
) -> Result<Changes, Problems> {
    repeated(run, |run| {
        if force {
            let session = StoreSession::read(context, run)?;
            return session.replace(change(&session.loaded)?, run);
        }
        let session = Session::open(context, run)?;
        dependency::check(session.whole(), package)?;
        if let Some(version) = version {
            dependency::check_version(session.whole(), package, version)?;
        }
        session.warn_if_left_out(package, run);
        session.replace(change(&session.loaded)?, run)
    })
}

/// The named criteria, or the default criteria of the store.
fn criteria(loaded: &Loaded, named: &[String]) -> Result<Vec<String>, Problems> {
    let known: &Criteria = &loaded.criteria;
    if named.is_empty() {
        let default = &loaded.store.config.default_criteria;
        if !known.contains(default) {
            let problem = named_criteria::unknown(default, known);
            return Err(Problems::from(problem.note("it is the `default-criteria` of config.toml")));
        }
        return Ok(vec![default.clone()]);
    }
    named_criteria::check(named, known)?;
    Ok(named.to_vec())
}
