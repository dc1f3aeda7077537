//! What a command changed in the store, as one line.

use vet_ops::maintain::init::{InitOutcome, TargetsSaving};
use vet_ops::maintain::regenerate::Fixed;
use vet_ops::operation::changes::{Changes, Count};
use vet_ops::share::import::ImportOutcome;
use vet_ops::share::trust::{TrustOutcome, Trusted};

use crate::amount::{self, counted};
use crate::short_list::short_list;
use crate::visible::visible_line;

/// Which files changed or would change, and how many entries were added and removed.
pub fn human(changes: &Changes) -> String {
    let is_done = changes.preview.is_none();
    let names: Vec<&str> = changes.files.iter().map(|file| file.name()).collect();
    let files = match names.as_slice() {
        [] => {
            let was = if is_done { "was" } else { "would be" };
            return format!("the store is up to date; nothing {was} changed");
        }
        [only] => (*only).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    };
    let counts = [
        count(changes.exemptions, "exemption", "exemptions"),
        count(changes.policies, "policy", "policies"),
        count(changes.audits, "audit", "audits"),
        count(changes.criteria, "criterion", "criteria"),
        count(changes.peers, "import", "imports"),
        count(changes.imports, "imported entry", "imported entries"),
    ];
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let done = if is_done { "changed" } else { "would change" };
    match (counts.is_empty(), changes.content) {
        (true, false) if is_done => format!("{files} rewritten in canonical form"),
        (true, false) => format!("{files} would be rewritten in canonical form"),
        (true, true) => format!("{files} {done}"),
        (false, _) => format!("{files} {done}: {}", counts.join(", ")),
    }
}

/// The content of a new store, and what was not looked up for it.
pub fn init(outcome: &InitOutcome) -> Vec<String> {
    let folder = visible_line(&outcome.folder);
    let exempted = outcome.changes.exemptions.added;
    let (made, exempts) = match outcome.changes.preview {
        None => ("made", "exempts"),
        Some(_) => ("would make", "would exempt"),
    };
    let mut lines = vec![match exempted {
        0 => format!("{made} `{folder}`, which {exempts} nothing: no third-party package is in use"),
        1 => format!("{made} `{folder}`, which {exempts} the one third-party package in use"),
        number => format!("{made} `{folder}`, which {exempts} the {number} third-party packages in use"),
    }];
    if !outcome.not_looked_up.is_empty() {
        lines.push(format!(
            "not checked whether crates.io has packages with the names of this project's packages ({}); if so, set `audit-as-crates-io` in `[policy]`",
            visible_line(&short_list(&outcome.not_looked_up))
        ));
    }
    lines
}

/// What to do with a new store, one step per line.
pub fn after_init(outcome: &InitOutcome) -> Vec<String> {
    if outcome.changes.preview.is_some() {
        return Vec::new();
    }
    let folder = visible_line(&outcome.folder);
    let mut steps = vec![format!("commit `{folder}`, and run `cargo vet --locked` in CI")];
    if outcome.changes.exemptions.added == 0 {
        return steps;
    }
    if let Some(TargetsSaving { triple, packages, lines }) = &outcome.targets {
        let need = if *packages == 1 { "needs" } else { "need" };
        let packages = counted(*packages as u64, "package", "packages");
        let size = lines.map(|number| format!(" with {}", amount::lines(number))).unwrap_or_default();
        steps.push(format!(
            "if you build only for `{triple}`, list it in `targets` of `{folder}/vet.toml`: {packages}{size} {need} \
             no audit then"
        ));
    }
    steps.push("`cargo vet suggest` shows what to audit, and whose audits to import".to_owned());
    steps
}

/// The result of an import.
pub fn import(name: &str, outcome: &ImportOutcome) -> String {
    let from = match outcome.urls.as_slice() {
        [only] => format!("{}, which has", visible_line(only)),
        urls => format!("{} files, which have", urls.len()),
    };
    let entries = match outcome.entries {
        1 => "1 entry".to_owned(),
        number => format!("{number} entries"),
    };
    let name = visible_line(name);
    match outcome.changes.preview {
        None => format!("imported `{name}` from {from} {entries}; the used entries are locked"),
        Some(_) => {
            format!("would import `{name}` from {from} {entries}; the used entries would be locked")
        }
    }
}

/// The trusted publishers, one line per crate.
pub fn trust(outcome: &TrustOutcome) -> Vec<String> {
    let criteria = outcome.criteria.join(", ");
    let are = would_be(&outcome.changes, "are");
    let line = |trusted: &Trusted| {
        let Trusted { name, publisher_shown: publisher, start, end, .. } = trusted;
        let name = visible_line(name);
        format!("releases of `{name}` by {publisher} from {start} until {end} {are} trusted: {criteria}")
    };
    outcome.trusted.iter().map(line).collect()
}

/// The corrected `audit-as-crates-io` policies.
pub fn fixed(fixed: &[Fixed], changes: &Changes) -> Vec<String> {
    let (is, was) = (would_be(changes, "is"), would_be(changes, "was"));
    let line = |fixed: &Fixed| {
        let name = visible_line(&fixed.name);
        match fixed.value {
            Some(true) => format!("`{name}` {is} audited as the published package of this name"),
            Some(false) => {
                let not = if changes.preview.is_none() { "is not" } else { "would not be" };
                format!("`{name}` {not} audited: crates.io has another package of this name, or none")
            }
            None => format!("`audit-as-crates-io` {was} removed from the policy of `{name}`"),
        }
    };
    fixed.iter().map(line).collect()
}

/// The verb of a sentence about a change that was made, or would be made.
fn would_be<'a>(changes: &Changes, done: &'a str) -> &'a str {
    if changes.preview.is_none() { done } else { "would be" }
}

fn count(count: Count, one: &str, many: &str) -> Option<String> {
    let parts = [(count.added, "added"), (count.removed, "removed"), (count.changed, "changed")];
    let mut parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let (first, what) = parts.next()?;
    let noun = if first == 1 { one } else { many };
    let rest: String = parts.map(|(number, what)| format!(" and {number} {what}")).collect();
    Some(format!("{first} {noun} {what}{rest}"))
}

#[cfg(test)]
mod tests {
    use vet_ops::operation::preview::Preview;
    use vet_store::{FolderFile, StoreFile};

    use super::*;

    #[test]
    fn changes_are_one_line() {
        let count = |added, removed| Count { added, removed, changed: 0 };
        let changes = |files: &[StoreFile], exemptions, imports| Changes {
            files: files.iter().copied().map(FolderFile::from).collect(),
            exemptions,
            imports,
            ..Changes::default()
        };
        let cases = [
            changes(&[], count(0, 0), count(0, 0)),
            changes(&[StoreFile::Audits], count(0, 0), count(0, 0)),
            changes(&[StoreFile::Config], count(1, 0), count(0, 0)),
            changes(&[StoreFile::Config, StoreFile::Imports], count(2, 3), count(0, 1)),
            changes(&StoreFile::ALL, count(0, 1), count(1, 0)),
            Changes { preview: Some(Preview::default()), ..changes(&[], count(0, 0), count(0, 0)) },
            Changes {
                preview: Some(Preview::default()),
                ..changes(&[StoreFile::Audits], count(0, 0), count(0, 0))
            },
            Changes {
                preview: Some(Preview::default()),
                ..changes(&[StoreFile::Config], count(1, 0), count(0, 0))
            },
            changes(
                &[StoreFile::Config],
                Count { changed: 2, ..count(0, 0) },
                Count { changed: 1, ..count(1, 1) },
            ),
            Changes { content: true, ..changes(&[StoreFile::Imports], count(0, 0), count(0, 0)) },
            Changes {
                criteria: count(0, 1),
                peers: count(1, 0),
                ..changes(&[StoreFile::Config], count(0, 0), count(0, 0))
            },
        ];
        let lines: Vec<String> = cases.iter().map(human).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        the store is up to date; nothing was changed
        audits.toml rewritten in canonical form
        config.toml changed: 1 exemption added
        config.toml and imports.lock changed: 2 exemptions added and 3 removed, 1 imported entry removed
        config.toml, audits.toml and imports.lock changed: 1 exemption removed, 1 imported entry added
        the store is up to date; nothing would be changed
        audits.toml would be rewritten in canonical form
        config.toml would change: 1 exemption added
        config.toml changed: 2 exemptions changed, 1 imported entry added and 1 removed and 1 changed
        imports.lock changed
        config.toml changed: 1 criterion removed, 1 import added
        ");
    }
}
