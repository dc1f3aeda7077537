//! Mutations of the content of a lock file.

use super::{Mutation, Subject};
use crate::lock::{Lock, Locked};
use crate::random::Random;
use crate::registry::{ALTERNATIVE_INDEX, ATTACKER_INDEX};

pub(super) const CATALOG: &[(&str, Mutation)] = &[
    ("edge removed", edge_removed),
    ("edge removed", edge_removed),
    ("edge redirected", edge_redirected),
    ("edge added", edge_added),
    ("package removed", package_removed),
    ("package renamed", package_renamed),
    ("names exchanged", names_exchanged),
    ("other source", other_source),
    ("other source", other_source),
    ("other version", other_version),
    ("other version", other_version),
    ("checksum", checksum),
    ("replace", replace),
    ("replaced package", replaced),
    ("replaced package", replaced),
    ("patch unused", patch_unused),
    ("unreachable package", unreachable),
    ("git revision", git_revision),
    ("edge of a git package removed", edge_of_git_removed),
];

/// The index of a package in the lock file.
fn find(lock: &Lock, name: &str, version: &str) -> Option<usize> {
    lock.packages.iter().position(|one| one.name == name && one.version == version)
}

fn is_name(dependency: &str, name: &str) -> bool {
    dependency.split(' ').next() == Some(name)
}

/// Removes packages that nothing needs any more.
pub(super) fn prune(lock: &mut Lock) {
    loop {
        let needed: Vec<String> = lock
            .packages
            .iter()
            .flat_map(|one| &one.dependencies)
            .filter_map(|dependency| lock.meant(dependency))
            .map(|one| format!("{} {}", one.name, one.version))
            .collect();
        let before = lock.packages.len();
        lock.packages
            .retain(|one| one.source.is_none() || needed.contains(&format!("{} {}", one.name, one.version)));
        if lock.packages.len() == before {
            return;
        }
    }
}

fn edge_removed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let parent = subject.parent(random, &victim)?;
    let everywhere = random.chance(60);
    let keep_package = random.chance(20);
    subject.lock(|lock| {
        for package in &mut lock.packages {
            if everywhere || package.name == parent.name && package.version == parent.version {
                package.dependencies.retain(|one| !is_name(one, &victim.name));
            }
        }
        if !keep_package {
            prune(lock);
        }
        let variant = if everywhere { "all" } else { "one" };
        Some(format!("{variant}{}", if keep_package { ", package kept" } else { "" }))
    })
}

fn edge_of_git_removed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let number = random.below(1000);
    subject.lock(|lock| {
        let with: Vec<usize> = (0..lock.packages.len())
            .filter(|place| {
                let package = &lock.packages[*place];
                package.source.as_deref().is_some_and(|source| source.starts_with("git+"))
                    && !package.dependencies.is_empty()
            })
            .collect();
        let place = *with.get(number % with.len().max(1))?;
        let list = &mut lock.packages[place].dependencies;
        list.remove(number % list.len());
        prune(lock);
        Some("one".to_owned())
    })
}

fn edge_redirected(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let number = random.below(1000);
    subject.lock(|lock| {
        let others: Vec<String> = lock
            .packages
            .iter()
            .filter(|one| one.name != victim.name && one.source.is_some())
            .map(|one| one.name.clone())
            .collect();
        let other = others.get(number % others.len().max(1))?.clone();
        for package in &mut lock.packages {
            for dependency in &mut package.dependencies {
                if is_name(dependency, &victim.name) && package.name != other {
                    dependency.clone_from(&other);
                }
            }
        }
        prune(lock);
        Some("to another package".to_owned())
    })
}

fn edge_added(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let (from, to) = (random.below(1000), random.below(1000));
    subject.lock(|lock| {
        let count = lock.packages.len();
        let name = lock.packages[to % count].name.clone();
        let package = &mut lock.packages[from % count];
        if package.name == name || package.dependencies.iter().any(|one| is_name(one, &name)) {
            return None;
        }
        package.dependencies.push(name);
        Some("between any two".to_owned())
    })
}

fn package_removed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    subject.lock(|lock| {
        let place = find(lock, &victim.name, &victim.version)?;
        lock.packages.remove(place);
        Some("edges kept".to_owned())
    })
}

fn package_renamed(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let other = random.pick(&subject.base.graph.nodes).clone();
    let (variant, name) = match random.below(3) {
        0 => ("capital", capital(&victim.name)),
        1 => ("unknown", format!("{}-x", victim.name)),
        _ => ("other", other.name),
    };
    subject.lock(|lock| {
        for package in &mut lock.packages {
            if package.name == victim.name && package.version == victim.version {
                package.name.clone_from(&name);
            }
            for dependency in &mut package.dependencies {
                if is_name(dependency, &victim.name) {
                    *dependency = dependency.replacen(&victim.name, &name, 1);
                }
            }
        }
        Some(variant.to_owned())
    })
}

fn capital(name: &str) -> String {
    name[..1].to_uppercase() + &name[1..]
}

fn names_exchanged(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let number = random.below(1000);
    subject.lock(|lock| {
        let first = find(lock, &victim.name, &victim.version)?;
        let second = number % lock.packages.len();
        if lock.packages[first].name == lock.packages[second].name {
            return None;
        }
        let name = lock.packages[first].name.clone();
        lock.packages[first].name = lock.packages[second].name.clone();
        lock.packages[second].name = name;
        Some("of two packages".to_owned())
    })
}

fn other_source(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let repository = random.pick(&subject.universe.repositories);
    let commit = random.pick(&repository.commits);
    let git = format!("git+{}#{}", repository.url, commit.revision);
    let with_revision = format!("git+{}?rev={}#{}", repository.url, commit.revision, commit.revision);
    let variants = [
        ("none", None),
        ("git", Some(git)),
        ("git with rev", Some(with_revision)),
        ("other registry", Some(ALTERNATIVE_INDEX.to_owned())),
        ("unknown registry", Some(ATTACKER_INDEX.to_owned())),
        ("unknown registry in git", Some("registry+https://attacker.test/index".to_owned())),
        ("folder", Some("path+file:///tmp/elsewhere".to_owned())),
        ("directory", Some("directory+file:///tmp/elsewhere".to_owned())),
    ];
    let (variant, source) = random.pick(&variants);
    let keep_checksum = random.chance(30);
    let drop_dependencies = random.chance(30);
    subject.lock(|lock| {
        let place = find(lock, &victim.name, &victim.version)?;
        let package = &mut lock.packages[place];
        package.source.clone_from(source);
        if !keep_checksum {
            package.checksum = None;
        }
        if drop_dependencies {
            package.dependencies.clear();
            prune(lock);
        }
        Some((*variant).to_owned())
    })
}

fn other_version(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let releases = subject.universe.crates_io.versions(&victim.name);
    let release = (*random.maybe(&releases)?).clone();
    let unpublished = random.chance(15);
    let keep_checksum = random.chance(30);
    subject.lock(|lock| {
        let place = find(lock, &victim.name, &victim.version)?;
        let version = if unpublished { "1.0.9".to_owned() } else { release.package.version.clone() };
        if find(lock, &victim.name, &version).is_some() {
            return None;
        }
        for package in &mut lock.packages {
            for dependency in &mut package.dependencies {
                if is_name(dependency, &victim.name) {
                    *dependency = dependency.replace(&victim.version, &version);
                }
            }
        }
        let package: &mut Locked = &mut lock.packages[place];
        package.version = version;
        if !keep_checksum && !unpublished {
            package.checksum = Some(release.checksum.clone());
        }
        Some(if unpublished { "unpublished" } else { "published" }.to_owned())
    })
}

fn checksum(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let other = random.pick(&subject.universe.crates_io.releases).checksum.clone();
    let variants = [("missing", None), ("of another", Some(other)), ("zeros", Some("0".repeat(64)))];
    let (variant, checksum) = random.pick(&variants);
    let everywhere = random.chance(20);
    subject.lock(|lock| {
        for package in lock.packages.iter_mut().filter(|one| one.checksum.is_some()) {
            if everywhere || package.name == victim.name {
                package.checksum.clone_from(checksum);
            }
        }
        Some(format!("{variant}{}", if everywhere { ", all" } else { "" }))
    })
}

fn replace(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let number = random.below(1000);
    subject.lock(|lock| {
        let other = lock.packages[number % lock.packages.len()].name.clone();
        let place = find(lock, &victim.name, &victim.version)?;
        let package = &mut lock.packages[place];
        package.replace = Some(other);
        if number < 500 {
            package.dependencies.clear();
            package.checksum = None;
        }
        Some("without the table".to_owned())
    })
}

/// Changes the locked data of a package that the manifest replaces, or adds a replacement and locks
/// it more or less correctly.
fn replaced(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let is_replaced = subject.text("Cargo.toml")?.contains("\n[replace]\n");
    if !is_replaced {
        let victim = subject.victim(random)?;
        let folder = format!("replacing/{}", victim.name);
        let features: String =
            victim.features.iter().map(|feature| format!("\"{feature}\" = []\n")).collect();
        let manifest = format!(
            "[package]\nname = \"{}\"\nversion = \"{}\"\nedition = \"2021\"\n[features]\n{features}[workspace]\n",
            victim.name, victim.version
        );
        subject.put(&format!("{folder}/Cargo.toml"), &manifest);
        subject.put(&format!("{folder}/src/lib.rs"), "");
        let line = format!("\"{}:{}\" = {{ path = \"{folder}\" }}", victim.name, victim.version);
        subject.add("Cargo.toml", "replace", &line)?;
        let source = format!("{} {} ({})", victim.name, victim.version, *vet_testing::CRATES_IO);
        let briefly = format!("{} {}", victim.name, victim.version);
        subject.lock(|lock| {
            let place = find(lock, &victim.name, &victim.version)?;
            let package = lock.packages.get_mut(place)?;
            let local =
                Locked { name: victim.name.clone(), version: victim.version.clone(), ..Locked::default() };
            package.dependencies.clear();
            package.replace = Some(briefly.clone());
            lock.packages.push(local);
            for dependency in lock.packages.iter_mut().flat_map(|one| &mut one.dependencies) {
                if *dependency == victim.name || *dependency == briefly {
                    dependency.clone_from(&source);
                }
            }
            Some("made".to_owned())
        })?;
        if random.chance(35) {
            return Some("made".to_owned());
        }
    }
    let variant = *random.pick(&[
        "line removed",
        "by another package",
        "dependents moved",
        "edges of the replacement removed",
        "edges beside it",
        "checksum removed",
        "replacement removed",
    ]);
    let number = random.below(1000);
    let made = if is_replaced { "" } else { "made, " };
    subject.lock(|lock| {
        let place = lock.packages.iter().position(|one| one.replace.is_some())?;
        let other = lock.packages[number % lock.packages.len()].name.clone();
        let package = &mut lock.packages[place];
        let (name, version) = (package.name.clone(), package.version.clone());
        let is_replacing = |one: &Locked| one.name == name && one.version == version && one.replace.is_none();
        match variant {
            "line removed" => package.replace = None,
            "by another package" => package.replace = Some(other),
            "edges beside it" => package.dependencies.push(other),
            "checksum removed" => package.checksum = None,
            "dependents moved" => {
                let start = format!("{name} {version} (");
                let briefly = format!("{name} {version}");
                for dependency in lock.packages.iter_mut().flat_map(|one| &mut one.dependencies) {
                    if dependency.starts_with(&start) {
                        dependency.clone_from(&briefly);
                    }
                }
            }
            "replacement removed" => lock.packages.retain(|one| !is_replacing(one)),
            _ => {
                for one in lock.packages.iter_mut().filter(|one| is_replacing(one)) {
                    one.dependencies.clear();
                }
            }
        }
        Some(format!("{made}{variant}"))
    })
}

fn patch_unused(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let victim = subject.victim(random)?;
    let with_patch = random.chance(60);
    if with_patch {
        let folder = format!("decoys/{}", victim.name);
        let text = format!("[package]\nname = \"{}\"\nversion = \"{}\"\n", victim.name, victim.version);
        subject.put(&format!("{folder}/Cargo.toml"), &text);
        subject.put(&format!("{folder}/src/lib.rs"), "");
        subject.add(
            "Cargo.toml",
            "patch.crates-io",
            &format!("{} = {{ path = \"{folder}\" }}", victim.name),
        )?;
    }
    subject.lock(|lock| {
        lock.add_unused(&victim.name, &victim.version, None);
        Some(if with_patch { "with a patch" } else { "without a patch" }.to_owned())
    })
}

fn unreachable(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let release = random.pick(&subject.universe.crates_io.releases).clone();
    subject.lock(|lock| {
        if find(lock, &release.package.name, &release.package.version).is_some() {
            return None;
        }
        lock.packages.push(Locked {
            name: release.package.name.clone(),
            version: release.package.version.clone(),
            source: Some((*vet_testing::CRATES_IO).to_owned()),
            checksum: Some(release.checksum.clone()),
            ..Locked::default()
        });
        Some("published".to_owned())
    })
}

fn git_revision(subject: &mut Subject<'_>, random: &mut Random) -> Option<String> {
    let number = random.below(1000);
    let repositories = subject.universe.repositories.clone();
    subject.lock(|lock| {
        let places: Vec<usize> = (0..lock.packages.len())
            .filter(|place| {
                lock.packages[*place].source.as_deref().is_some_and(|one| one.starts_with("git+"))
            })
            .collect();
        let place = *places.get(number % places.len().max(1))?;
        let source = lock.packages[place].source.clone()?;
        let (url, _) = source.split_once('#')?;
        let repository = repositories.iter().find(|one| url.contains(&one.url))?;
        let commit = &repository.commits[number % repository.commits.len()];
        lock.packages[place].source = Some(format!("{url}#{}", commit.revision));
        Some("of another commit".to_owned())
    })
}
