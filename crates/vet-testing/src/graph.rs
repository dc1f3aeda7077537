//! Dependency graphs written as text.

use std::collections::BTreeMap;

use vet_graph::{About, Graph, GraphData, PackageData, PackageSource};
use vet_store::{Store, Version};

use crate::version::version;

/// Parses a dependency graph from lines such as
///
/// ```text
/// *app -> lib, serde 1.0.9     normal dependencies of the member `app`
/// *app => cc                   build dependencies
/// *app ~> tempfile             dev-dependencies
/// lib -> ./here                a package from a folder that is no member
/// ```
///
/// `*` marks a member of the workspace, `./` a package from a folder, `git+` one from git. All
/// other packages come from crates.io. `?` marks a package that may not be a library. A package
/// without a version has version `1.0.0`; see [`version`] for the form of versions. A mark also
/// counts where the package is repeated without it.
///
/// # Panics
///
/// A line does not have this form.
pub fn graph_data(text: &str) -> GraphData {
    let mut packages: Vec<PackageData> = Vec::new();
    let mut numbers: BTreeMap<(String, Version), usize> = BTreeMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (arrow, at) = ["->", "=>", "~>"]
            .into_iter()
            .find_map(|arrow| line.find(arrow).map(|at| (arrow, at)))
            .unwrap_or(("", line.len()));
        let (left, right) = line.split_at(at);
        let from = number(left.trim(), &mut packages, &mut numbers);
        let right = right.trim_start_matches(arrow);
        for target in right.split(',').map(str::trim).filter(|target| !target.is_empty()) {
            let to = number(target, &mut packages, &mut numbers);
            if let Some(package) = packages.get_mut(from) {
                match arrow {
                    "->" => package.normal.push(to),
                    "=>" => package.build.push(to),
                    _ => package.dev.push(to),
                }
            }
        }
    }
    GraphData { packages }
}

/// Like [`graph_data`], without packages that are audited as if they came from crates.io.
pub fn graph(text: &str) -> Graph {
    Graph::new(graph_data(text), |_, _| false)
}

/// Like [`graph_data`], with the packages that the policies of a store audit as if they came from
/// crates.io.
pub fn graph_under(store: &Store, text: &str) -> Graph {
    Graph::new(graph_data(text), |name, version| {
        let policy = store.config.policy.get(name, version);
        policy.is_some_and(|policy| policy.audit_as_crates_io == Some(true))
    })
}

fn number(
    text: &str,
    packages: &mut Vec<PackageData>,
    numbers: &mut BTreeMap<(String, Version), usize>,
) -> usize {
    let (is_member, rest) = marked(text, "*");
    let (is_path, rest) = marked(rest, "./");
    let (is_git, rest) = marked(rest, "git+");
    let (is_unknown, rest) = marked(rest, "?");
    let (name, number) = rest.split_once(' ').unwrap_or((rest, "1"));
    let version = version(number);
    let source = match (is_member || is_path, is_git) {
        (true, _) => PackageSource::Path,
        (false, true) => PackageSource::Other("git+https://git.example/repository".to_owned()),
        (false, false) => PackageSource::CratesIo,
    };
    let number = *numbers.entry((name.to_owned(), version.clone())).or_insert_with(|| {
        packages.push(PackageData {
            name: name.to_owned(),
            version,
            source: PackageSource::CratesIo,
            about: About::default(),
            folder: None,
            is_member: false,
            left_out: None,
            maybe_no_library: false,
            normal: Vec::new(),
            build: Vec::new(),
            dev: Vec::new(),
        });
        packages.len() - 1
    });
    if let Some(package) = packages.get_mut(number) {
        package.maybe_no_library |= is_unknown;
    }
    if let Some(package) = packages.get_mut(number).filter(|_| source != PackageSource::CratesIo) {
        package.is_member |= is_member;
        package.source = source;
    }
    number
}

fn marked<'t>(text: &'t str, mark: &str) -> (bool, &'t str) {
    match text.strip_prefix(mark) {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}
