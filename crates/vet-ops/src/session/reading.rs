//! The content of a store, checked as far as its files and the graph tell.

use std::collections::BTreeMap;

use vet_diagnostics::{Code, Diagnostic, Problems, Severity, wording};
use vet_project::store_folder::StoreContents;
use vet_store::validate::Condition;
use vet_store::{Loaded, StoreBytes, check_formatting, check_lock, check_version, load};

use crate::operation::context::Context;
use crate::operation::report::Run;

/// Reads a store. If it must not be changed, also checks that it is in canonical form.
pub(super) fn read_store(contents: &StoreContents, context: &Context) -> Result<Loaded, Problems> {
    let bytes: StoreBytes<'_> = contents.as_store_bytes();
    let loaded = load(bytes, context.today)?;
    if !context.locked {
        return Ok(loaded);
    }
    let (store, texts) = (&loaded.store, &loaded.texts);
    if let Some(problem) = check_version(store, texts) {
        return Err(Problems::from(problem));
    }
    let mut problems = check_formatting(store, texts);
    problems.extend(check_lock(store, texts));
    if problems.is_empty() { Ok(loaded) } else { Err(problems.into()) }
}

/// Reports warnings about a store, and fails if it is invalid under the given conditions.
pub(super) fn settle(
    loaded: &mut Loaded,
    run: &Run<'_>,
    holds: impl Fn(&Condition) -> bool,
) -> Result<(), Problems> {
    let settled = loaded.conditional.drain(..).map(|finding| {
        let holds = holds(&finding.condition);
        finding.settle(holds)
    });
    let findings = loaded.warnings.drain(..).chain(settled);
    let (errors, warnings): (Vec<_>, Vec<_>) =
        findings.partition(|finding| finding.severity == Severity::Error);
    first_ones(warnings, ["warning about the store", "warnings about the store"])
        .into_iter()
        .for_each(|warning| run.found(warning));
    let errors = first_ones(errors, ["problem of the store", "problems of the store"]);
    let errors: Vec<Diagnostic> = errors.into_iter().chain(run.take_denied()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.into()) }
}

/// Findings of one kind about a store beyond this number are only counted, because showing one
/// takes time proportional to the size of the file.
const MOST_FINDINGS: usize = 100;

fn first_ones(mut findings: Vec<Diagnostic>, [one, many]: [&str; 2]) -> Vec<Diagnostic> {
    let all = findings.len();
    let mut of_kind: BTreeMap<Code, usize> = BTreeMap::new();
    findings.retain(|finding| {
        let count = of_kind.entry(finding.code).or_default();
        *count += 1;
        *count <= MOST_FINDINGS
    });
    let more = all - findings.len();
    if more > 0
        && let Some(last) = findings.last_mut()
    {
        last.notes.push(wording::not_shown(more, one, many));
    }
    findings
}

/// Both values, or the errors of both.
pub(super) fn both<A, B>(a: Result<A, Problems>, b: Result<B, Problems>) -> Result<(A, B), Problems> {
    match (a, b) {
        (Ok(a), Ok(b)) => Ok((a, b)),
        (a, b) => Err([a.err(), b.err()].into_iter().flatten().flatten().collect()),
    }
}
