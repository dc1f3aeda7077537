//! Warns if another project with the same store may need what is removed.

use std::collections::BTreeSet;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_project::other_lock_files;
use vet_store::entries::AuditKind;
use vet_store::files::AuditsFile;
use vet_store::{Store, Version};

use crate::session::Session;

/// A warning for each lock file below the parent folder of the store that contains versions whose
/// entries are removed.
pub(crate) fn may_need(session: &Session<'_>, after: &Store) -> Vec<Diagnostic> {
    let (before, after) = (covered(&session.loaded.store), covered(after));
    let removed: BTreeSet<(String, String)> = before
        .difference(&after)
        .map(|(name, version)| ((*name).to_owned(), version.semver.to_string()))
        .collect();
    let store = session.folder();
    let (Ok(project), Ok(store)) = (session.context.project(), store.canonicalize()) else {
        return Vec::new();
    };
    let (Some(folder), Ok(root)) = (store.parent(), project.root_folder().canonicalize()) else {
        return Vec::new();
    };
    if removed.is_empty() {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for neighbour in other_lock_files(folder, &root.join("Cargo.lock")) {
        let needed: Vec<String> = removed
            .intersection(&neighbour.packages)
            .map(|(name, version)| format!("{name} {version}"))
            .collect();
        if needed.is_empty() {
            continue;
        }
        let path = neighbour.path.display().to_string();
        let needed: Vec<&str> = needed.iter().map(String::as_str).collect();
        let message = format!(
            "`{}` may need the removed entries: {}",
            wording::shown(&path),
            wording::abbreviated(&needed)
        );
        warnings.push(
            Diagnostic::warning(Code::NeighbourMayNeed, message)
                .note(
                    "the lock file is below the folder of this store, and its project has no store of its own",
                )
                .help("if that project is checked with this store, check it before you commit the change"),
        );
    }
    warnings
}

/// The versions with an exemption, an audit that leads to them, or a publisher entry.
fn covered(store: &Store) -> BTreeSet<(&str, &Version)> {
    let exemptions = store.config.exemptions.iter();
    let exemptions =
        exemptions.flat_map(|(name, all)| all.iter().map(move |entry| (name.as_str(), &entry.version)));
    let releases = store.imports.publisher.iter();
    let releases =
        releases.flat_map(|(name, all)| all.iter().map(move |entry| (name.as_str(), &entry.version)));
    let peers = store.imports.audits.values().flat_map(audited);
    exemptions.chain(releases).chain(peers).chain(audited(&store.audits)).collect()
}

fn audited(file: &AuditsFile) -> impl Iterator<Item = (&str, &Version)> {
    file.audits.iter().flat_map(|(name, audits)| {
        audits.iter().filter_map(move |audit| match &audit.kind {
            AuditKind::Full(version) | AuditKind::Delta { to: version, .. } => Some((name.as_str(), version)),
            AuditKind::Violation(_) => None,
        })
    })
}
