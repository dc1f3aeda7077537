//! Which packages there are, and what they depend on.

use crate::Shape;
use crate::random::Random;

/// The packages of a project, each with its dependencies.
#[derive(Clone, Debug, Default)]
pub struct Packages {
    /// From crates.io. A package depends on earlier ones only.
    pub(crate) published: Vec<Published>,
    /// Those of the workspace. A member depends on earlier ones only.
    pub(crate) members: Vec<Member>,
}

/// A package from crates.io.
#[derive(Clone, Debug)]
pub(crate) struct Published {
    pub(crate) name: String,
    pub(crate) version: [usize; 3],
    pub(crate) checksum: String,
    /// Numbers of published packages.
    pub(crate) dependencies: Vec<usize>,
    /// Whether it is the only version of its crate.
    pub(crate) is_only: bool,
}

/// A package of the workspace.
#[derive(Clone, Debug, Default)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) is_library: bool,
    /// Numbers of members.
    pub(crate) members: Vec<usize>,
    /// Numbers of published packages; likewise below.
    pub(crate) normal: Vec<usize>,
    pub(crate) build: Vec<usize>,
    pub(crate) dev: Vec<usize>,
}

impl Published {
    pub(crate) fn version_text(&self) -> String {
        let [major, minor, patch] = self.version;
        format!("{major}.{minor}.{patch}")
    }
}

impl Packages {
    pub(crate) fn new(shape: Shape, random: &mut Random) -> Self {
        let mut packages = Packages::default();
        packages.publish(shape.packages, random);
        packages.connect(random);
        packages.add_members(shape.members, random);
        packages
    }

    /// One crate in five is locked in several versions.
    fn publish(&mut self, number: usize, random: &mut Random) {
        let mut crates = 0;
        while self.published.len() < number {
            let wanted = match random.below(100) {
                0..80 => 1,
                80..95 => 2,
                _ => 3,
            };
            let versions = wanted.min(number - self.published.len());
            let name = name(crates, random);
            crates += 1;
            for major in 0..versions {
                self.published.push(Published {
                    name: name.clone(),
                    // Never two that are compatible, of which cargo would lock one.
                    version: [major + 1, random.small_below(20), random.small_below(10)],
                    checksum: random.hexadecimal(64),
                    dependencies: Vec::new(),
                    is_only: versions == 1,
                });
            }
        }
    }

    /// Few packages are needed by very many; few need very many. Some stand in long chains.
    fn connect(&mut self, random: &mut Random) {
        for index in 1..self.published.len() {
            let number = match random.below(100) {
                0..30 => 0,
                30..90 => 1 + random.below(5),
                90..98 => 5 + random.below(10),
                _ => 30,
            };
            let mut chosen = Vec::new();
            if number > 0 && random.percent(50) {
                chosen.push(index - 1);
            }
            chosen.extend((0..number).map(|_| match random.percent(40) {
                true => random.small_below(index),
                false => random.below(index),
            }));
            let dependencies = self.of_different_crates(chosen, index);
            if let Some(package) = self.published.get_mut(index) {
                package.dependencies = dependencies;
            }
        }
    }

    /// A manifest can name a crate once, so only the first of each crate counts, and none of the
    /// crate itself.
    fn of_different_crates(&self, chosen: Vec<usize>, own: usize) -> Vec<usize> {
        let name = |index: usize| self.published.get(index).map(|package| package.name.as_str());
        let mut kept: Vec<usize> = Vec::new();
        for index in chosen {
            if name(index) != name(own) && !kept.iter().any(|&other| name(other) == name(index)) {
                kept.push(index);
            }
        }
        kept
    }

    /// Members share what no other package needs, and use popular packages besides.
    fn add_members(&mut self, number: usize, random: &mut Random) {
        let mut is_needed = vec![false; self.published.len()];
        for &dependency in self.published.iter().flat_map(|package| &package.dependencies) {
            if let Some(slot) = is_needed.get_mut(dependency) {
                *slot = true;
            }
        }
        let mut shares: Vec<Vec<usize>> = vec![Vec::new(); number];
        let tops = is_needed.iter().enumerate().filter(|(_, needed)| !**needed).map(|(index, _)| index);
        for (turn, top) in tops.enumerate() {
            if let Some(share) = shares.get_mut(turn % number) {
                share.push(top);
            }
        }
        for (index, mut share) in shares.into_iter().enumerate() {
            share.extend((0..3 + random.below(8)).map(|_| random.small_below(self.published.len())));
            if self.published.is_empty() {
                share.clear();
            }
            let mut member = Member {
                name: format!("member-{index:04}"),
                is_library: index % 10 != 9 || index + 1 == number,
                ..Member::default()
            };
            for dependency in self.of_different_crates(share, usize::MAX) {
                match random.below(10) {
                    0 => member.build.push(dependency),
                    1 | 2 => member.dev.push(dependency),
                    _ => member.normal.push(dependency),
                }
            }
            let others: Vec<usize> = (0..random.below(5)).map(|_| random.below(index)).collect();
            for other in others {
                let is_library = self.members.get(other).is_some_and(|other| other.is_library);
                if is_library && !member.members.contains(&other) {
                    member.members.push(other);
                }
            }
            self.members.push(member);
        }
    }
}

/// The name of a crate: no two are alike, and most sort far from their neighbours.
fn name(number: usize, random: &mut Random) -> String {
    const FIRST: [&str; 16] = [
        "async", "base", "chrono", "dense", "enum", "fast", "grid", "http", "index", "json", "lazy", "mini",
        "net", "open", "parse", "ring",
    ];
    const SECOND: [&str; 12] = [
        "buffer", "codec", "derive", "encoding", "format", "graph", "hash", "iter", "macros", "sys",
        "traits", "utils",
    ];
    let (first, second) = (random.pick(&FIRST), random.pick(&SECOND));
    format!("{}-{}{number}", first.unwrap_or(&"a"), second.unwrap_or(&"b"))
}
