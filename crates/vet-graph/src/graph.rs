//! Packages and edges.
//!
//! Packages are numbered in the order of all output: by name, version and source. The edges
//! determine which packages are roots, which serve development only, and in which order
//! requirements flow. This module computes all of that once.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use vet_store::Version;

use crate::rules::Rule;

/// The number of a package in a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageIx(pub usize);

/// The source of a package's code.
///
/// Sources sort like the ids that cargo gives to packages: `git+…`, `path+…`, `registry+…`,
/// `sparse+…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PackageSource {
    /// crates.io, directly or through a mirror.
    CratesIo,
    /// Any other source, as cargo writes it in `Cargo.lock`: `git+…`, `registry+…`, `sparse+…`.
    Other(String),
    /// A folder.
    Path,
}

/// What a package says about itself, for comparison with what a registry says.
///
/// An unread manifest differs from a manifest without these fields: unknown must not count as
/// different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum About {
    /// The manifest was not read.
    #[default]
    Unknown,
    /// The manifest was read.
    Known {
        /// `package.description`
        description: Option<String>,
        /// `package.repository`
        repository: Option<String>,
    },
}

/// A package as a builder of graphs describes it. Edges are indexes into [`GraphData::packages`].
#[derive(Clone, Debug)]
pub struct PackageData {
    /// The name of the package, never a rename.
    pub name: String,
    /// The version, with the revision for code from git.
    pub version: Version,
    /// The source of the code.
    pub source: PackageSource,
    /// What it says about itself. Always known for packages from folders; not used for packages
    /// from crates.io.
    pub about: About,
    /// The folder of the package, if it comes from one.
    pub folder: Option<PathBuf>,
    /// Whether the package is a member of the workspace.
    pub is_member: bool,
    /// The rule that leaves the package out. Only set in the graph without rules.
    pub left_out: Option<Rule>,
    /// Whether it is unknown if the package is a library. It counts as one. If it is not, cargo
    /// leaves it out, together with everything that only it needs.
    pub maybe_no_library: bool,
    /// Normal dependencies. In this field and the next ones order and duplicates do not matter.
    pub normal: Vec<usize>,
    /// Build dependencies.
    pub build: Vec<usize>,
    /// Development dependencies; only members have them.
    pub dev: Vec<usize>,
}

/// The packages that a builder of graphs collects.
#[derive(Clone, Debug, Default)]
pub struct GraphData {
    /// The packages, in any order.
    pub packages: Vec<PackageData>,
}

/// The dependency graph of a workspace.
#[derive(Clone, Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    order: Vec<PackageIx>,
}

#[derive(Clone, Debug)]
struct Node {
    name: String,
    version: Version,
    source: PackageSource,
    about: About,
    folder: Option<PathBuf>,
    is_member: bool,
    left_out: Option<Rule>,
    maybe_no_library: bool,
    is_third_party: bool,
    is_root: bool,
    is_dev_only: bool,
    normal: Vec<PackageIx>,
    build: Vec<PackageIx>,
    dev: Vec<PackageIx>,
    normal_and_build: Vec<PackageIx>,
    all: Vec<PackageIx>,
    reverse: Vec<PackageIx>,
}

/// A package of a [`Graph`].
#[derive(Clone, Copy, Debug)]
pub struct Package<'g> {
    ix: PackageIx,
    node: &'g Node,
}

impl PackageSource {
    /// Parses a source as cargo writes it in `Cargo.lock` and in its metadata.
    ///
    /// A manifest can name the index of crates.io by its address (`registry-index`). Cargo keeps
    /// the spelling but fetches the same packages, so such a source is crates.io as well.
    pub fn of(text: &str) -> Self {
        match is_crates_io(text) {
            true => PackageSource::CratesIo,
            false => PackageSource::Other(text.to_owned()),
        }
    }

    /// The start of the id that cargo gives to a package, and a number that orders equal texts.
    fn sort_key(&self) -> (&str, u8) {
        match self {
            PackageSource::CratesIo => ("registry+https://github.com/", 0),
            PackageSource::Path => ("path+file://", 0),
            PackageSource::Other(text) => (text, 1),
        }
    }
}

/// Whether cargo treats a source as crates.io: by the address of its git index, which cargo
/// compares without case, `.git` and trailing slash, or by its sparse index.
fn is_crates_io(source: &str) -> bool {
    if let Some(rest) = source.strip_prefix("sparse+https://index.") {
        return rest.trim_end_matches('/') == "crates.io";
    }
    let Some(address) = source.strip_prefix("registry+https://github.com/") else { return false };
    let path = address.trim_end_matches('/').to_ascii_lowercase();
    path.strip_suffix(".git").unwrap_or(&path) == "rust-lang/crates.io-index"
}

impl Ord for PackageSource {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key())
    }
}

impl PartialOrd for PackageSource {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Graph {
    /// Sorts the packages, resolves the edges, and computes roots, development-only packages and
    /// the order.
    ///
    /// For a package that does not come from crates.io, `audit_as_crates_io` returns whether the
    /// policy makes it third-party.
    pub fn new(data: GraphData, audit_as_crates_io: impl Fn(&str, &Version) -> bool) -> Self {
        let mut sorted: Vec<usize> = (0..data.packages.len()).collect();
        let key = |index: usize| data.packages.get(index).map(|p| (&p.name, &p.version, &p.source, index));
        sorted.sort_by(|&a, &b| key(a).cmp(&key(b)));
        let mut position = vec![0; sorted.len()];
        for (new, &old) in sorted.iter().enumerate() {
            if let Some(slot) = position.get_mut(old) {
                *slot = new;
            }
        }
        let resolve = |edges: &[usize]| {
            let mut targets: Vec<PackageIx> =
                edges.iter().filter_map(|&old| position.get(old).copied().map(PackageIx)).collect();
            targets.sort_unstable();
            targets.dedup();
            targets
        };

        let mut packages: Vec<Option<PackageData>> = data.packages.into_iter().map(Some).collect();
        let mut nodes = Vec::with_capacity(packages.len());
        for &old in &sorted {
            let Some(package) = packages.get_mut(old).and_then(Option::take) else { continue };
            let (normal, build, dev) =
                (resolve(&package.normal), resolve(&package.build), resolve(&package.dev));
            let normal_and_build = union(&normal, &build);
            let is_third_party = package.source == PackageSource::CratesIo
                || audit_as_crates_io(&package.name, &package.version);
            nodes.push(Node {
                all: union(&normal_and_build, &dev),
                name: package.name,
                version: package.version,
                source: package.source,
                about: package.about,
                folder: package.folder,
                is_member: package.is_member,
                left_out: package.left_out,
                maybe_no_library: package.maybe_no_library,
                is_third_party,
                is_root: false,
                is_dev_only: true,
                normal,
                build,
                dev,
                normal_and_build,
                reverse: Vec::new(),
            });
        }
        let mut graph = Graph { nodes, order: Vec::new() };
        graph.find_order();
        graph
    }

    /// Works in two passes: first everything that members need to be built, which decides what is a
    /// root, then everything that only their development needs.
    fn find_order(&mut self) {
        let members: Vec<PackageIx> = self.packages().filter(Package::is_member).map(|p| p.ix()).collect();
        let mut walk = Walk { state: vec![Visit::New; self.nodes.len()], order: Vec::new() };
        for &member in &members {
            walk.from(member, &self.nodes);
        }
        let built = walk.order.len();
        let mut reverse: Vec<Vec<PackageIx>> = vec![Vec::new(); self.nodes.len()];
        let mut link = |from: PackageIx, targets: &[PackageIx]| {
            for &target in targets {
                if let Some(list) = reverse.get_mut(target.0) {
                    list.push(from);
                }
            }
        };
        for &ix in &walk.order {
            if let Some(node) = self.nodes.get_mut(ix.0) {
                node.is_dev_only = false;
                link(ix, &node.normal_and_build);
            }
        }
        // A member may be a root if only packages need it that cargo may leave out.
        let is_certain = self.reached(&members, |node| &node.normal_and_build, |node| !node.maybe_no_library);
        for &member in &members {
            let mut parents = reverse.get(member.0).into_iter().flatten();
            let is_root = !parents.any(|parent| is_certain.get(parent.0) == Some(&true));
            if let Some(node) = self.nodes.get_mut(member.0) {
                node.is_root = is_root;
            }
        }
        for &member in &members {
            let dev = self.nodes.get(member.0).map_or_else(Vec::new, |node| node.dev.clone());
            for &dependency in &dev {
                walk.from(dependency, &self.nodes);
                if let Some(list) = reverse.get_mut(dependency.0) {
                    list.push(member);
                }
            }
        }
        for &ix in walk.order.get(built..).unwrap_or_default() {
            for &target in self.nodes.get(ix.0).map_or(&[][..], |node| &node.normal_and_build) {
                if let Some(list) = reverse.get_mut(target.0) {
                    list.push(ix);
                }
            }
        }
        for (node, mut parents) in self.nodes.iter_mut().zip(reverse) {
            parents.sort_unstable();
            parents.dedup();
            node.reverse = parents;
        }
        self.order = walk.order;
    }

    /// The packages, by name, version and source.
    pub fn packages(&self) -> impl ExactSizeIterator<Item = Package<'_>> + DoubleEndedIterator {
        self.nodes.iter().enumerate().map(|(index, node)| Package { ix: PackageIx(index), node })
    }

    /// The package with a number, which must come from this graph.
    pub fn package(&self, ix: PackageIx) -> Option<Package<'_>> {
        self.nodes.get(ix.0).map(|node| Package { ix, node })
    }

    /// Whether a third-party package has this name.
    pub fn uses_third_party(&self, name: &str) -> bool {
        self.packages().any(|package| package.is_third_party() && package.name() == name)
    }

    /// The number of packages.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether the graph has no packages.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The packages, each after its normal and build dependencies. In reverse, every package
    /// precedes what it needs, even where development dependencies form cycles.
    pub fn order(&self) -> &[PackageIx] {
        &self.order
    }

    /// The packages that are reachable from the packages in `from` along the given edges to
    /// packages that pass. Those in `from` always count.
    fn reached(
        &self,
        from: &[PackageIx],
        edges: impl Fn(&Node) -> &[PackageIx],
        passes: impl Fn(&Node) -> bool,
    ) -> Vec<bool> {
        let mut reached = vec![false; self.nodes.len()];
        let mut pending = from.to_vec();
        while let Some(ix) = pending.pop() {
            let (Some(slot @ false), Some(node)) = (reached.get_mut(ix.0), self.nodes.get(ix.0)) else {
                continue;
            };
            *slot = true;
            let targets = edges(node).iter().copied();
            pending.extend(targets.filter(|target| self.nodes.get(target.0).is_some_and(&passes)));
        }
        reached
    }

    /// The packages that may not be libraries, among the given packages and all packages that lead
    /// to them. Only these decide whether the given packages are in the graph, what depends on
    /// them, and which criteria they must meet.
    pub fn maybe_no_libraries_above(&self, packages: impl IntoIterator<Item = PackageIx>) -> Vec<PackageIx> {
        let from: Vec<PackageIx> = packages.into_iter().collect();
        let above = self.reached(&from, |node| &node.reverse, |_| true);
        let above = self.packages().filter(|package| above.get(package.ix().0) == Some(&true));
        above.filter(Package::maybe_no_library).map(|package| package.ix()).collect()
    }

    /// Whether the graph has packages that may not be libraries.
    pub fn is_assumed(&self) -> bool {
        self.packages().any(|package| package.maybe_no_library())
    }

    /// The packages that are reachable from passing members through passing packages, along edges
    /// of every kind.
    ///
    /// Roots, development-only packages and third-party packages stay the same as in the whole
    /// graph.
    #[must_use]
    pub fn filtered(&self, passes: impl Fn(Package<'_>) -> bool) -> Graph {
        let passing: Vec<bool> = self.packages().map(passes).collect();
        let passes = |ix: PackageIx| passing.get(ix.0).copied().unwrap_or(false);
        let mut kept = vec![false; self.nodes.len()];
        let mut pending: Vec<PackageIx> =
            self.packages().filter(Package::is_member).map(|p| p.ix()).collect();
        while let Some(ix) = pending.pop() {
            let (Some(slot), Some(node)) = (kept.get_mut(ix.0), self.nodes.get(ix.0)) else { continue };
            if passes(ix) && !*slot {
                *slot = true;
                pending.extend(&node.all);
            }
        }
        let mut renumbered = vec![None; self.nodes.len()];
        let kept_slots = renumbered.iter_mut().zip(&kept).filter(|(_, kept)| **kept);
        for (new, (slot, _)) in kept_slots.enumerate() {
            *slot = Some(PackageIx(new));
        }
        let renumber = |list: &[PackageIx]| -> Vec<PackageIx> {
            list.iter().filter_map(|ix| renumbered.get(ix.0).copied().flatten()).collect()
        };
        let nodes = self.nodes.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(node, _)| Node {
            normal: renumber(&node.normal),
            build: renumber(&node.build),
            dev: renumber(&node.dev),
            normal_and_build: renumber(&node.normal_and_build),
            all: renumber(&node.all),
            reverse: renumber(&node.reverse),
            ..node.clone()
        });
        Graph { nodes: nodes.collect(), order: renumber(&self.order) }
    }
}

/// The union of two sorted lists.
fn union(a: &[PackageIx], b: &[PackageIx]) -> Vec<PackageIx> {
    let mut all = [a, b].concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// A depth-first walk along normal and build edges, which lists packages as it leaves them. It has
/// its own stack, because the user decides how long a chain of dependencies is.
struct Walk {
    state: Vec<Visit>,
    order: Vec<PackageIx>,
}

#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Seen,
}

impl Walk {
    fn from(&mut self, start: PackageIx, nodes: &[Node]) {
        let mut stack = Vec::new();
        self.enter(start, nodes, &mut stack);
        while let Some((ix, children)) = stack.last_mut() {
            match children.next() {
                Some(&child) => self.enter(child, nodes, &mut stack),
                None => {
                    self.order.push(*ix);
                    stack.pop();
                }
            }
        }
    }

    fn enter<'n>(
        &mut self,
        ix: PackageIx,
        nodes: &'n [Node],
        stack: &mut Vec<(PackageIx, std::slice::Iter<'n, PackageIx>)>,
    ) {
        if let (Some(state @ Visit::New), Some(node)) = (self.state.get_mut(ix.0), nodes.get(ix.0)) {
            *state = Visit::Seen;
            stack.push((ix, node.normal_and_build.iter()));
        }
    }
}

impl<'g> Package<'g> {
    /// The number of the package.
    pub fn ix(&self) -> PackageIx {
        self.ix
    }

    /// The name, never a rename.
    pub fn name(&self) -> &'g str {
        &self.node.name
    }

    /// The version, with the git revision if the code comes from git.
    pub fn version(&self) -> &'g Version {
        &self.node.version
    }

    /// The source of the code.
    pub fn source(&self) -> &'g PackageSource {
        &self.node.source
    }

    /// What the package says about itself, if that is known.
    pub fn about(&self) -> &'g About {
        &self.node.about
    }

    /// The folder of the package, if it comes from one.
    pub fn folder(&self) -> Option<&'g Path> {
        self.node.folder.as_deref()
    }

    /// Whether the package is a member of the workspace.
    pub fn is_member(&self) -> bool {
        self.node.is_member
    }

    /// The rule that leaves the package out; `None` if none does, or if this is the graph with
    /// rules applied.
    pub fn left_out(&self) -> Option<Rule> {
        self.node.left_out
    }

    /// Whether it is unknown if the package is a library.
    pub fn maybe_no_library(&self) -> bool {
        self.node.maybe_no_library
    }

    /// Whether the package has to be vetted.
    pub fn is_third_party(&self) -> bool {
        self.node.is_third_party
    }

    /// Whether the package is a member that certainly no other package needs to be built.
    pub fn is_root(&self) -> bool {
        self.node.is_root
    }

    /// Whether only the development of members needs the package.
    pub fn is_dev_only(&self) -> bool {
        self.node.is_dev_only
    }

    /// Normal dependencies, ascending like all lists of packages here.
    pub fn normal_deps(&self) -> &'g [PackageIx] {
        &self.node.normal
    }

    /// Build dependencies.
    pub fn build_deps(&self) -> &'g [PackageIx] {
        &self.node.build
    }

    /// Development dependencies; only members have them.
    pub fn dev_deps(&self) -> &'g [PackageIx] {
        &self.node.dev
    }

    /// Normal and build dependencies.
    pub fn normal_and_build_deps(&self) -> &'g [PackageIx] {
        &self.node.normal_and_build
    }

    /// Dependencies of every kind.
    pub fn all_deps(&self) -> &'g [PackageIx] {
        &self.node.all
    }

    /// The packages that depend on this one, including members that need it for development.
    pub fn reverse_deps(&self) -> &'g [PackageIx] {
        &self.node.reverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of these was tested with cargo, which keeps the spelling in the lock file.
    #[test]
    fn crates_io_has_many_names() {
        for (source, expected) in [
            ("registry+https://github.com/rust-lang/crates.io-index", true),
            ("registry+https://github.com/rust-lang/crates.io-index/", true),
            ("registry+https://github.com/rust-lang/crates.io-index.git", true),
            ("registry+https://github.com/Rust-Lang/Crates.io-index", true),
            (concat!("sparse+https://index", ".crates.io/"), true),
            ("registry+https://github.com/rust-lang/crates.io-index-2", false),
            ("registry+https://github.com.example/rust-lang/crates.io-index", false),
            ("registry+https://registry.example/rust-lang/crates.io-index", false),
            (concat!("sparse+https://index", ".crates.io.example/"), false),
            ("git+https://github.com/rust-lang/crates.io-index#0123", false),
            ("", false),
        ] {
            assert_eq!(PackageSource::of(source) == PackageSource::CratesIo, expected, "{source}");
        }
    }
}
