//! Findings for a `Cargo.lock` that could not be verified against the user's indexes.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_fetch::vendored::VendoredDifference;
use vet_graph::LockFile;

/// The maximum number of packages that are named.
const MOST_NAMED: usize = 10;

/// An index describes packages differently from the lock file.
pub(super) fn contradicted(lock: &LockFile, why: &[(usize, String)]) -> Diagnostic {
    let first = why.first().map_or("", |(_, why)| why.as_str());
    let message = format!("{} contradicts the index: {first}", lock.source.name);
    let packages: Vec<usize> = why.iter().map(|(package, _)| *package).collect();
    let problem = lock.mark(Diagnostic::error(Code::LockContradicted, message), &packages, "");
    let mut problem =
        why.iter().skip(1).take(MOST_NAMED).fold(problem, |problem, (_, why)| problem.note(why.clone()));
    if let Some(rest) = why.len().checked_sub(MOST_NAMED + 1).filter(|rest| *rest > 0) {
        problem = problem.note(wording::not_shown(rest, "package", "packages"));
    }
    problem.help("find out where the packages come from; `cargo update` writes the checksums of the index")
}

/// Two tables patch one source, so cargo may accept a lock file in one run and refuse it in the
/// next.
pub(super) fn patched_by_chance(tables: [&str; 2]) -> Diagnostic {
    let [one, other] = tables.map(|table| format!("`{}`", wording::shown(table)));
    let message = format!("the patches of {one} and of {other} are for the same source");
    Diagnostic::error(Code::LockFileMismatch, message)
        .note("cargo uses only one of these tables, and not the same one in every run")
        .help("write all patches of a source in one table")
}

/// Cargo accepts packages that the user's index did not confirm.
pub(super) fn unverified(names: &str, number: usize, unasked: &[Diagnostic]) -> Diagnostic {
    let verb = if number == 1 { "was" } else { "were" };
    let message = format!("{names} {verb} not verified against the registry index");
    let warning = Diagnostic::warning(Code::Unverified, message)
        .note("cargo accepts their entries in Cargo.lock, but it may have read files in the checkout");
    let warning = unasked.iter().fold(warning, |warning, problem| warning.note(problem.message.clone()));
    warning.help("run the command once where the index can be reached; the answer is cached")
}

/// Vendored sources differ from what was published.
pub(super) fn vendored_differ(lock: &LockFile, differences: &[VendoredDifference]) -> Diagnostic {
    let first = differences.first().map_or("", |first| first.message.as_str());
    let packages: Vec<usize> = differences.iter().filter_map(|difference| difference.package).collect();
    let problem = lock.mark(Diagnostic::error(Code::VendoredDiffer, first), &packages, "");
    let others = differences.iter().skip(1).take(MOST_NAMED);
    let mut problem = others.fold(problem, |problem, difference| problem.note(difference.message.clone()));
    if let Some(rest) = differences.len().checked_sub(MOST_NAMED + 1).filter(|rest| *rest > 0) {
        problem = problem.note(wording::not_shown(rest, "package", "packages"));
    }
    problem
        .note("audits cover the published package, but cargo builds the vendored one")
        .help("run `cargo vendor` again, or use `[patch]` for a package that you changed on purpose")
}

/// There is nothing to compare vendored sources with.
pub(super) fn vendored_unverified(names: &str, number: usize) -> Diagnostic {
    let verb = if number == 1 { "was" } else { "were" };
    let message = format!("the vendored sources of {names} {verb} not compared with the published packages");
    Diagnostic::warning(Code::VendoredUnverified, message)
        .note("cargo builds the vendored sources, but archives could not be downloaded or manifests were rewritten")
        .help("run the check once without `--frozen`, where the registry can be reached; the result is cached")
}

/// Vendored sources are declared to come from a git commit.
pub(super) fn vendored_from_git(names: &str, number: usize) -> Diagnostic {
    let verb = if number == 1 { "was" } else { "were" };
    let message = format!("the vendored sources of {names} {verb} not compared with the locked commit");
    Diagnostic::warning(Code::VendoredUnverified, message)
        .note("cargo builds the vendored sources, and rewrites manifests from git when it vendors")
        .help("run `cargo vendor` again, and check the differences; allow this warning if you review vendored sources")
}

/// Cargo reports that packages have no library, and no archive confirms it.
pub(super) fn unconfirmed(names: &str, number: usize) -> Diagnostic {
    let verb = if number == 1 { "has" } else { "have" };
    let message =
        format!("cargo reports that {names} {verb} no library, but their archives do not confirm it");
    distrusted(Diagnostic::error(Code::CannotVerify, message))
}

/// Cargo's home contains something other than what was published.
pub(super) fn changed_at_cargo(names: &str, number: usize) -> Diagnostic {
    let verb = if number == 1 { "is" } else { "are" };
    let message =
        format!("{names} {verb} not in cargo's home as published, so cargo's answer does not count");
    distrusted(Diagnostic::error(Code::CannotVerify, message))
}

fn distrusted(problem: Diagnostic) -> Diagnostic {
    problem
        .note("cargo trusts the index copies and unpacked packages in its home, where they can be changed")
        .help("remove `registry` and `git/checkouts` from cargo's home, and run the command again")
}

/// Neither the user's index nor cargo can be asked.
pub(super) fn impossible<'s>(
    names: &str,
    unasked: &[Diagnostic],
    said_by_cargo: impl Iterator<Item = &'s String>,
    frozen: bool,
) -> Diagnostic {
    let message = format!("cannot tell what {names} declares, so Cargo.lock cannot be verified");
    let mut problem = Diagnostic::error(Code::CannotVerify, message);
    for why in unasked {
        problem = why
            .notes
            .iter()
            .fold(problem.note(why.message.clone()), |problem, note| problem.note(note.clone()));
    }
    for said in said_by_cargo {
        problem = problem.note(format!("cargo says: {said}"));
    }
    problem.help(match frozen {
        true => "run the command once without `--frozen`; the answer of the index is cached",
        false => "run the command once where the index can be reached; the answer is cached",
    })
}
