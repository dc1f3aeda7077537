//! Cargo accepts what the tool accepts without cargo: for generated projects, and for lock files
//! and manifests that were changed.
//!
//! Cargo writes the lock file of each project. The test changes it and keeps it in cargo's form.
//! Whenever the tool builds a graph with certainty, `cargo metadata --locked` must accept the
//! project and give the same graph.
//!
//! `LOCK_FILE_PROJECTS` sets the number of projects, and `LOCK_FILE_SEED` the seed.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what fails in a test should stop it, with the line that is wrong"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use vet_diagnostics::Source;
use vet_fetch::cache::Cache;
use vet_fetch::published::KnownPackages;
use vet_graph::lock_file::LockedPackage;
use vet_graph::{
    Declared, EdgeKinds, Graph, GraphData, LockFile, LockMismatch, Manifest, Published, PublishedFacts,
    Rules, graph_from_lock, graph_from_metadata,
};
use vet_project::Project;
use vet_testing::{CRATES_IO, TestProject, checksum};

const ALT: &str = "registry+https://alt.example/index";

/// Pseudo-random numbers that are the same in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }
}

/// The packages of a registry or repository: tables by name and version.
type Packages = BTreeMap<(String, String), String>;

const VERSIONS: [&str; 8] = ["0.1.0", "0.1.4", "0.2.0", "1.0.0", "1.1.0", "1.2.0-rc.1", "2.0.0", "2.0.3+x"];
const REQUIREMENTS: [&str; 10] =
    ["1", "0.1", ">=0.1", "*", "1.0.0", "^1.1", "2", "1.2.0-rc.1", ">=0.2, <2", ">=1.0.0-rc.1"];
const FEATURES: [&str; 3] = ["f", "g", "default"];

/// A generated entry of a dependency table: key and value.
fn dependency(random: &mut Random, name: &str, has_alt: bool) -> (String, String) {
    let key = if random.percent(15) { format!("{name}-renamed") } else { name.to_owned() };
    let mut value = format!("version = \"{}\"", random.pick(&REQUIREMENTS));
    if key != name {
        value += &format!(", package = \"{name}\"");
    }
    if random.percent(30) {
        value += ", default-features = false";
    }
    if random.percent(40) {
        value += &format!(", features = [\"{}\"]", random.pick(&FEATURES));
    }
    if has_alt {
        value += ", registry-index = \"https://alt.example/index\"";
    }
    (key, value)
}

/// The tables of a package that may depend on others.
fn tables(random: &mut Random, others: &[String], alt: &[String], extra: &[String]) -> String {
    let mut kinds: BTreeMap<&str, BTreeMap<String, String>> = BTreeMap::new();
    let (mut optional, mut all) = (BTreeSet::new(), BTreeSet::new());
    let mut dependencies: Vec<(String, String)> = Vec::new();
    for _ in 0..random.below(4) {
        if !others.is_empty() {
            let name = random.pick(others).clone();
            dependencies.push(dependency(random, &name, false));
        }
    }
    if !alt.is_empty() && random.percent(20) {
        let name = random.pick(alt).clone();
        dependencies.push(dependency(random, &name, true));
    }
    for (key, mut value) in dependencies {
        let kind = match random.below(12) {
            0..7 => "dependencies",
            7..9 => "build-dependencies",
            9 => "dev-dependencies",
            10 => "target.'cfg(windows)'.dependencies",
            _ => "target.x86_64-apple-darwin.build-dependencies",
        };
        if all.contains(&key) {
            continue;
        }
        if kind != "dev-dependencies" && random.percent(40) {
            value += ", optional = true";
            optional.insert(key.clone());
        }
        if kind != "dev-dependencies" {
            all.insert(key.clone());
        }
        kinds.entry(kind).or_default().insert(key, value);
    }
    for line in extra {
        let (key, value) = line.split_once(" = ").unwrap();
        let value = value.trim_start_matches("{ ").trim_end_matches(" }");
        kinds.entry("dependencies").or_default().insert(key.to_owned(), value.to_owned());
    }
    let mut text = String::new();
    if random.percent(5) {
        text += &format!("links = \"{}\"\n", random.pick(&["z", "y", "x"]));
    }
    for (kind, entries) in kinds {
        text += &format!("[{kind}]\n");
        for (key, value) in entries {
            text += &format!("{key} = {{ {value} }}\n");
        }
    }
    text += "[features]\n";
    let explicit: BTreeSet<&String> = optional.iter().filter(|_| random.percent(50)).collect();
    let keys: Vec<&String> = all.iter().collect();
    for feature in FEATURES {
        if random.percent(10) {
            continue;
        }
        let mut on: BTreeSet<String> = BTreeSet::new();
        for _ in 0..random.below(3) {
            if keys.is_empty() {
                break;
            }
            let key = *random.pick(&keys);
            on.insert(match (optional.contains(key), explicit.contains(key), random.below(3)) {
                (true, true, 0 | 1) => format!("dep:{key}"),
                (true, false, 0 | 1) => key.clone(),
                (true, _, _) => format!("{key}?/{}", random.pick(&FEATURES)),
                (false, _, _) => format!("{key}/{}", random.pick(&FEATURES)),
            });
        }
        let on: Vec<String> = on.into_iter().map(|value| format!("\"{value}\"")).collect();
        text += &format!("{feature} = [{}]\n", on.join(", "));
    }
    // Each `dep:` name must be used somewhere.
    let named: Vec<String> = explicit.into_iter().map(|key| format!("\"dep:{key}\"")).collect();
    text += &format!("named = [{}]\n", named.join(", "));
    text
}

/// A project and its surroundings.
struct World {
    folder: tempfile::TempDir,
    crates_io: Packages,
    alt: Packages,
    git: Packages,
    url: String,
}

/// The identity of a package: name, version and source.
type Id = (String, semver::Version, Option<String>);

/// A package of a lock file, to change and write.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    name: String,
    version: semver::Version,
    source: Option<String>,
    checksum: Option<String>,
    dependencies: Vec<Id>,
    /// Its replacement, if any; it has no dependencies then.
    replaced_by: Option<Id>,
}

impl Entry {
    fn id(&self) -> Id {
        (self.name.clone(), self.version.clone(), self.source.clone())
    }
}

/// The order of sources in a lock file: folders, registries, and repositories. Repositories are
/// ordered by the requested reference.
fn order(source: Option<&String>) -> (usize, String) {
    let Some(source) = source else { return (0, String::new()) };
    let Some(git) = source.strip_prefix("git+") else { return (1, source.clone()) };
    match git.split_once("?branch=") {
        Some((address, branch)) => (2, format!("{branch} {address}")),
        None => (3, git.to_owned()),
    }
}

fn sort(entries: &mut [Entry]) {
    entries.sort_by_cached_key(|entry| {
        (entry.name.clone(), entry.version.clone(), order(entry.source.as_ref()))
    });
}

/// The lock file in cargo's form.
fn written(entries: &[Entry], unused: &[Entry]) -> String {
    let mut entries = entries.to_vec();
    sort(&mut entries);
    let reference = |(name, version, source): &Id| {
        let of_name = entries.iter().filter(|entry| entry.name == *name);
        let of_version = of_name.clone().filter(|entry| entry.version == *version).count();
        let text = match (of_name.count(), of_version, source) {
            (1, _, _) => name.clone(),
            (_, 1, _) | (_, _, None) => format!("{name} {version}"),
            (_, _, Some(source)) => format!("{name} {version} ({})", source.split('#').next().unwrap()),
        };
        (name.clone(), version.to_string(), order(source.as_ref()), text)
    };
    let mut text = "version = 4\n".to_owned();
    for (table, entry) in entries
        .iter()
        .map(|entry| ("package", entry))
        .chain(unused.iter().map(|entry| ("patch.unused", entry)))
    {
        text += &format!("\n[[{table}]]\nname = \"{}\"\nversion = \"{}\"\n", entry.name, entry.version);
        if let Some(source) = &entry.source {
            text += &format!("source = \"{source}\"\n");
        }
        if let Some(checksum) = &entry.checksum {
            text += &format!("checksum = \"{checksum}\"\n");
        }
        let names: BTreeSet<_> = entry.dependencies.iter().map(reference).collect();
        if !names.is_empty() {
            let list: String = names.iter().map(|(_, _, _, text)| format!(" \"{text}\",\n")).collect();
            text += &format!("dependencies = [\n{list}]\n");
        }
        if let Some(by) = &entry.replaced_by {
            text += &format!("replace = \"{}\"\n", reference(by).3);
        }
    }
    text
}

fn entries(lock: &LockFile) -> (Vec<Entry>, Vec<Entry>) {
    let id =
        |package: &LockedPackage| (package.name.clone(), package.version.clone(), package.source.clone());
    let entry = |package: &LockedPackage| Entry {
        name: package.name.clone(),
        version: package.version.clone(),
        source: package.source.clone(),
        checksum: package.checksum.clone(),
        dependencies: package.dependencies.iter().map(|&index| id(&lock.packages[index])).collect(),
        replaced_by: package.replaced_by.map(|index| id(&lock.packages[index])),
    };
    (lock.packages.iter().map(entry).collect(), lock.unused_patches.iter().map(entry).collect())
}

fn run(program: &str, arguments: &[&str], folder: &Path, home: &Path) -> Result<String, String> {
    let program = match program {
        "cargo" => std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()),
        other => other.to_owned(),
    };
    let output =
        Command::new(program).args(arguments).current_dir(folder).env("CARGO_HOME", home).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

impl World {
    /// Generates registries and a repository that many projects share.
    fn new(random: &mut Random) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World {
            crates_io: Packages::new(),
            alt: Packages::new(),
            git: Packages::new(),
            url: format!("file://{}", folder.path().join("repository").display()),
            folder,
        };
        let alt: Vec<String> = (0..2).map(|number| format!("a{number}")).collect();
        let names: Vec<String> = (0..6).map(|number| format!("p{number}")).collect();
        for (number, name) in names.iter().enumerate() {
            for _ in 0..=random.below(4) {
                let version = (*random.pick(&VERSIONS)).to_owned();
                let tables = tables(random, &names[number + 1..], &alt, &[]);
                world.crates_io.insert((name.clone(), version), tables);
            }
        }
        for name in &alt {
            for _ in 0..=random.below(2) {
                let version = (*random.pick(&VERSIONS)).to_owned();
                let tables = tables(random, &names[4..], &[], &[]);
                world.alt.insert((name.clone(), version), tables);
            }
        }
        // A name that all of them have.
        for packages in [&mut world.crates_io, &mut world.alt] {
            packages.insert(("g1".to_owned(), "1.0.0".to_owned()), String::new());
        }
        let repository = TestProject::new(&{
            let folder = world.folder.path().join("repository");
            fs::create_dir(&folder).unwrap();
            folder
        });
        let inner = ["g1 = { path = \"../g1\" }".to_owned()];
        for (name, extra) in [("g0", &inner[..]), ("g1", &[]), ("p5", &[])] {
            let tables = tables(random, &names[4..5], &[], extra);
            repository.write(&format!("{name}/Cargo.toml"), manifest(name, "1.0.0", &tables));
            repository.write(&format!("{name}/src/lib.rs"), "");
            world.git.insert((name.to_owned(), "1.0.0".to_owned()), tables);
        }
        // Another version, and one that no version of cargo finds.
        repository.write("g0/inner/Cargo.toml", manifest("g1", "0.1.0", ""));
        repository.write("g0/inner/src/lib.rs", "");
        world.git.insert(("g1".to_owned(), "0.1.0".to_owned()), String::new());
        for decoy in ["a/.hidden", "g0/target"] {
            let tables = "autolib = false\n[dependencies]\np3 = \"*\"\n";
            repository.write(&format!("{decoy}/Cargo.toml"), manifest("g1", "1.0.0", tables));
        }
        let git = |arguments: &[&str]| {
            let identity =
                ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"];
            run("git", &[&identity[..], arguments].concat(), repository.folder(), Path::new("/")).unwrap();
        };
        git(&["init", "-q", "-b", "main"]);
        git(&["add", "-f", "."]);
        git(&["commit", "-q", "-m", "First"]);
        git(&["branch", "other"]);
        world
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn tables(&self, source: &str) -> &Packages {
        match source {
            ALT => &self.alt,
            git if git.starts_with("git+") => &self.git,
            _ => &self.crates_io,
        }
    }

    /// Writes the files that all projects have.
    fn surroundings(&self, project: &TestProject) {
        let config = "[source.crates-io]\nreplace-with = \"vendored\"\n[source.vendored]\ndirectory = \"vendor\"\n\
                      [source.alt]\nregistry = \"https://alt.example/index\"\nreplace-with = \"vendored-alt\"\n\
                      [source.vendored-alt]\ndirectory = \"vendor-alt\"\n\
                      [registries.alt]\nindex = \"https://alt.example/index\"\n";
        project.write(".cargo/config.toml", config);
        for (vendor, packages) in [("vendor", &self.crates_io), ("vendor-alt", &self.alt)] {
            for ((name, version), tables) in packages {
                let folder = format!("{vendor}/{name}-{version}");
                project.write(&format!("{folder}/Cargo.toml"), manifest(name, version, tables));
                project.write(&format!("{folder}/src/lib.rs"), "");
                let sum = checksum(&format!("{vendor} {name} {version}"));
                let sums = format!("{{\"files\":{{}},\"package\":\"{sum}\"}}");
                project.write(&format!("{folder}/.cargo-checksum.json"), sums);
            }
        }
    }

    /// The manifests of a project, by path.
    fn manifests(&self, random: &mut Random) -> BTreeMap<String, String> {
        let names: Vec<String> = (0..6).map(|number| format!("p{number}")).collect();
        let alt: Vec<String> = vec!["a0".to_owned(), "a1".to_owned()];
        let mut extra = Vec::new();
        let git = |random: &mut Random| {
            let state = *random.pick(&["", "", ", branch = \"main\"", ", branch = \"other\""]);
            format!("{{ git = \"{}\"{state} }}", self.url)
        };
        if random.percent(30) {
            let name = *random.pick(&["g0", "g1"]);
            extra.push(format!("{name} = {}", git(random)));
        }
        if random.percent(50) {
            extra.push("lib = { path = \"ext/lib\" }".to_owned());
        }
        if random.percent(30) {
            extra.push("member = { path = \"member\", features = [\"f\"] }".to_owned());
        }
        // The name and version that all of them have.
        if random.percent(40) {
            let index = "registry-index = \"https://alt.example/index\"";
            for (key, place) in [
                ("of-crates-io", "version = \"1\"".to_owned()),
                ("of-alt", format!("version = \"1\", {index}")),
                ("of-folder", "path = \"ext/g1\"".to_owned()),
                ("of-git", git(random).trim_matches(['{', ' ', '}']).to_owned()),
            ] {
                if random.percent(50) {
                    extra.push(format!("{key} = {{ {place}, package = \"g1\" }}"));
                }
            }
        }
        let mut root = tables(random, &names, &alt, &extra);
        root += "[workspace]\nmembers = [\"member\"]\nexclude = [\"ext\"]\nresolver = \"2\"\n";
        let mut patched = BTreeMap::new();
        let is_replaced = random.percent(35);
        if is_replaced {
            root += "[replace]\n";
            root += &self.replacements(random, &mut patched);
        }
        for _ in 0..if is_replaced { 0 } else { random.below(3) } {
            let source =
                *random.pick(&["crates-io", "crates-io", "alt", "\"https://elsewhere.example/index\""]);
            let name = random.pick(&["p1", "p3", "p5", "a0"]).to_owned();
            let what = if *name == *"p5" && random.percent(50) {
                git(random)
            } else {
                let folder = format!("patched/{name}-{}", random.below(2));
                let what = format!("{{ path = \"{folder}\" }}");
                patched.insert(folder, (name, *random.pick(&VERSIONS)));
                what
            };
            let header = format!("[patch.{source}]\n");
            if !root.contains(&header) {
                root += &format!("{header}{name} = {what}\n");
                // More entries, most of which are unused.
                while random.percent(30) {
                    let (key, name) = (format!("m{}", random.below(9)), random.pick(&["m0", "m1", "m2"]));
                    let folder = format!("patched/{name}-{}", random.below(2));
                    if !root.contains(&folder) && !root.contains(&format!("\n{key} = ")) {
                        root += &format!("{key} = {{ path = \"{folder}\", package = \"{name}\" }}\n");
                        patched.insert(folder, (*name, *random.pick(&VERSIONS)));
                    }
                }
            }
        }
        let mut manifests = BTreeMap::from([
            ("Cargo.toml".to_owned(), manifest("app", "1.0.0", &root)),
            ("member/Cargo.toml".to_owned(), manifest("member", "1.0.0", &tables(random, &names, &alt, &[]))),
            ("ext/g1/Cargo.toml".to_owned(), manifest("g1", "1.0.0", "")),
            ("ext/lib/Cargo.toml".to_owned(), manifest("lib", "1.0.0", &tables(random, &names, &alt, &[]))),
        ]);
        for (folder, (name, version)) in patched {
            // If a replacement needs the package that it replaces, cargo may never end.
            let others = if folder.starts_with("replacing/p5") { &[][..] } else { &names[5..] };
            let tables = tables(random, others, &[], &[]);
            manifests.insert(format!("{folder}/Cargo.toml"), manifest(name, version, &tables));
        }
        manifests
    }

    /// Entries of `[replace]`, many of which are used. Adds the folders that they need.
    fn replacements(
        &self,
        random: &mut Random,
        folders: &mut BTreeMap<String, (&str, &'static str)>,
    ) -> String {
        let mut keys = BTreeSet::new();
        let mut text = String::new();
        for _ in 0..=random.below(4) {
            let name = *random.pick(&["p1", "p2", "p3", "p4", "p5", "g1"]);
            let published: Vec<&str> = VERSIONS
                .into_iter()
                .filter(|version| self.crates_io.contains_key(&(name.to_owned(), (*version).to_owned())))
                .collect();
            let version = match random.percent(90) && !published.is_empty() {
                true => *random.pick(&published),
                false => *random.pick(&VERSIONS),
            };
            if !keys.insert((name, version)) {
                continue;
            }
            let key = match random.below(4) {
                0 => format!("{name}@{version}"),
                1 => format!("https://github.com/rust-lang/crates.io-index#{name}:{version}"),
                _ => format!("{name}:{version}"),
            };
            let of_git = name == "g1" && version == "1.0.0" && random.percent(70);
            let what = if of_git {
                let state = *random.pick(&["", ", branch = \"main\"", ", branch = \"other\""]);
                format!("git = \"{}\"{state}", self.url)
            } else {
                let folder = format!("replacing/{name}-{version}");
                folders.insert(folder.clone(), (name, version));
                format!("path = \"{folder}\"")
            };
            text += &format!("\"{key}\" = {{ {what} }}\n");
        }
        text
    }

    /// The graph from cargo, or why cargo rejects the project.
    fn cargo(&self, folder: &Path) -> Result<GraphData, String> {
        let arguments = ["metadata", "--format-version", "1", "--all-features", "--locked", "--offline"];
        let json = run("cargo", &arguments, folder, &self.home())?;
        Ok(graph_from_metadata(&json, &Rules::default()).unwrap().data)
    }

    /// The graph from the project's own files, or why cargo has to be asked.
    fn own(&self, folder: &Path) -> Result<GraphData, String> {
        let home = self.home();
        let project =
            Project::find(folder, None, Some(&home)).map_err(|problems| problems[0].message.clone())?;
        let files = project.read(Some(&home)).map_err(|problems| problems[0].message.clone())?;
        if let Some(why) = files.left_to_cargo.first() {
            return Err(why.clone());
        }
        let lock = LockFile::parse(&project.lock_file().unwrap()).map_err(|_| "not a lock file")?;
        let mut commits = KnownPackages::remembered(&lock, &Cache::new(self.folder.path().join("cache")));
        let (_, of_git) = commits.lacking(&lock);
        commits.read_commits(&lock, &of_git, &home);
        let facts = Facts { world: self, commits };
        match graph_from_lock(&lock, &files.workspace, &facts, EdgeKinds::OfAllPackages, &Rules::default()) {
            Ok(graph) if graph.unverified.is_empty() => Ok(graph.data),
            Ok(_) => Err("unverified".to_owned()),
            Err(LockMismatch(why)) => Err(why[0].message.clone()),
        }
    }
}

/// The content of the registries, and what cargo has fetched of repositories.
struct Facts<'w> {
    world: &'w World,
    commits: KnownPackages,
}

impl PublishedFacts for Facts<'_> {
    fn is_library(&self, package: &LockedPackage) -> Option<bool> {
        if package.registry().is_some() { Some(true) } else { self.commits.is_library(package) }
    }

    fn declared(&self, package: &LockedPackage) -> Published<'_> {
        let source = package.source.as_deref().unwrap_or_default();
        if source.starts_with("git+") {
            return self.commits.declared(package);
        }
        let id = (package.name.clone(), package.version.to_string());
        let vendor = if source == ALT { "vendor-alt" } else { "vendor" };
        let is_right = |sum: &String| *sum == checksum(&format!("{vendor} {} {}", id.0, id.1));
        match self.world.tables(source).get(&id) {
            Some(tables) if package.checksum.as_ref().is_none_or(is_right) => {
                let manifest = Manifest::parse(&Source::new("Cargo.toml", manifest(&id.0, &id.1, tables)));
                Published::Known(Declared::of(&manifest.unwrap(), None))
            }
            Some(_) => Published::Contradicted("another checksum".to_owned()),
            None => Published::Contradicted("no such version".to_owned()),
        }
    }
}

fn manifest(name: &str, version: &str, tables: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"2021\"\n{tables}")
}

/// One line per package, with its edges.
fn lines(data: GraphData) -> Vec<String> {
    let graph = Graph::new(data, |_, _| false);
    let list = |ixs: &[vet_graph::PackageIx]| {
        let names = ixs.iter().map(|&ix| graph.package(ix).unwrap());
        names
            .map(|package| format!("{} {}", package.name(), package.version()))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let line = |package: vet_graph::Package<'_>| {
        let edges = [package.normal_deps(), package.build_deps(), package.dev_deps()].map(list);
        format!("{} {} {:?} {edges:?}", package.name(), package.version(), package.source())
    };
    graph.packages().map(line).collect()
}

/// Changes a lock file to another one that cargo could have written.
fn change(random: &mut Random, world: &World, entries: &mut Vec<Entry>, unused: &mut Vec<Entry>) {
    let revision = entries.iter().filter_map(|entry| entry.source.as_ref()?.split_once('#')).next();
    let revision =
        revision.map_or("0123456789abcdef0123456789abcdef01234567", |(_, revision)| revision).to_owned();
    let sources: Vec<Option<String>> = vec![
        None,
        Some((*CRATES_IO).to_owned()),
        Some(ALT.to_owned()),
        Some(format!("git+{}#{revision}", world.url)),
        Some(format!("git+{}?branch=other#{revision}", world.url)),
    ];
    let sum = |source: Option<&String>, name: &str, version: &str| match source.map(String::as_str) {
        Some(ALT) => Some(checksum(&format!("vendor-alt {name} {version}"))),
        Some(source) if !source.starts_with("git+") => Some(checksum(&format!("vendor {name} {version}"))),
        _ => None,
    };
    let number = random.below(entries.len());
    let has_replacement = entries.iter().any(|entry| entry.replaced_by.is_some());
    if random.percent(if has_replacement { 40 } else { 8 }) {
        return change_replacement(random, world, entries);
    }
    match random.below(10) {
        0 | 1 => {
            let dependencies = &mut entries[number].dependencies;
            if !dependencies.is_empty() {
                let place = random.below(dependencies.len());
                dependencies.remove(place);
            }
        }
        2 => {
            let other = random.pick(entries).clone();
            entries[number].dependencies.push(other.id());
        }
        3 | 4 => {
            // Another version of the package that an edge leads to, or the same package from
            // another source.
            let place = random.below(entries[number].dependencies.len());
            let Some((name, _, _)) = entries[number].dependencies.get(place).cloned() else { return };
            let others: Vec<Id> = entries.iter().filter(|entry| entry.name == name).map(Entry::id).collect();
            entries[number].dependencies[place] = random.pick(&others).clone();
        }
        5 => {
            // From another source, instead of a package or in addition to it.
            let source = random.pick(&sources).clone();
            let mut entry = entries[number].clone();
            entry.checksum = sum(source.as_ref(), &entry.name, &entry.version.to_string());
            entry.source = source;
            let (old, new) = (entries[number].id(), entry.id());
            let moves = random.percent(60);
            move_edges(random, entries, &old, &new, moves);
            if moves {
                entries.remove(number);
            }
            entries.push(entry);
        }
        6 => {
            if let Some(checksum) = &mut entries[number].checksum {
                let other = if checksum.starts_with('0') { "1" } else { "0" };
                checksum.replace_range(..1, other);
            }
        }
        7 | 8 => {
            // Another existing version, instead of a package or in addition to it.
            let mut entry = entries[number].clone();
            let Some(source) = entry.source.clone() else { return };
            let all: Vec<String> = world
                .tables(&source)
                .keys()
                .filter(|(name, _)| *name == entry.name)
                .map(|(_, version)| version.clone())
                .collect();
            if all.is_empty() {
                return;
            }
            let version = random.pick(&all).clone();
            entry.version = version.parse().unwrap();
            entry.checksum = sum(Some(&source), &entry.name, &version);
            let moves = random.percent(60);
            let (old, new) = (entries[number].id(), entry.id());
            move_edges(random, entries, &old, &new, moves);
            if moves {
                entries.remove(number);
            }
            entries.push(entry);
        }
        _ => {
            if unused.len() > 1 && random.percent(50) {
                unused.reverse();
            } else if unused.is_empty() {
                let mut entry = entries[number].clone();
                entry.dependencies.clear();
                unused.push(entry);
            } else {
                unused.pop();
            }
        }
    }
    settle(random, entries);
}

/// Changes which packages are replaced, and by which.
fn change_replacement(random: &mut Random, world: &World, entries: &mut Vec<Entry>) {
    let replaced: Vec<usize> =
        (0..entries.len()).filter(|&number| entries[number].replaced_by.is_some()).collect();
    let number = match replaced.is_empty() || random.percent(15) {
        true => random.below(entries.len()),
        false => *random.pick(&replaced),
    };
    let id = entries[number].id();
    let alike: Vec<Id> = entries.iter().filter(|entry| entry.name == id.0).map(Entry::id).collect();
    match (entries[number].replaced_by.clone(), random.below(6)) {
        // Not replaced, with or without its dependencies.
        (Some(by), 0) => {
            let of_other = entries.iter().find(|entry| entry.id() == by);
            let dependencies = of_other.map(|entry| entry.dependencies.clone()).unwrap_or_default();
            entries[number].replaced_by = None;
            entries[number].dependencies = if random.percent(50) { dependencies } else { Vec::new() };
        }
        // Its dependents depend on the replacement.
        (Some(by), 1) => move_edges(random, entries, &id, &by, true),
        // Another source or another version of the replacement.
        (Some(by), 2 | 3) => {
            let Some(place) = entries.iter().position(|entry| entry.id() == by) else { return };
            let mut other = entries[place].clone();
            other.source = match &other.source {
                Some(source) if random.percent(50) => Some(match source.contains("?branch=other") {
                    true => source.replace("?branch=other", ""),
                    false => source.replace('#', "?branch=other#"),
                }),
                Some(_) => None,
                None => Some(format!("git+{}#0123456789abcdef0123456789abcdef01234567", world.url)),
            };
            entries[number].replaced_by = Some(other.id());
            entries[place] = other;
        }
        // The edges of the replacement.
        (Some(by), _) => {
            let other = random.pick(entries).id();
            let Some(entry) = entries.iter_mut().find(|entry| entry.id() == by) else { return };
            if entry.dependencies.is_empty() || random.percent(40) {
                entry.dependencies.push(other);
            } else {
                let place = random.below(entry.dependencies.len());
                entry.dependencies.remove(place);
            }
        }
        // A package that is not replaced gets a replacement, existing or generated.
        (None, _) => {
            let mut other = entries[number].clone();
            other.source = None;
            other.checksum = None;
            let by = if random.percent(50) { random.pick(&alike).clone() } else { other.id() };
            if by == other.id() {
                entries.push(other);
            }
            entries[number].replaced_by = Some(by);
            entries[number].dependencies.clear();
        }
    }
    settle(random, entries);
}

/// Converts the changed entries to cargo's form.
fn settle(random: &mut Random, entries: &mut Vec<Entry>) {
    // Usually, unreachable packages are not written.
    if random.percent(80) {
        let mut reached: HashSet<Id> = HashSet::new();
        let is_root = |entry: &&Entry| ["app", "member"].contains(&entry.name.as_str());
        let mut pending: Vec<Id> = entries.iter().filter(is_root).map(Entry::id).collect();
        while let Some(id) = pending.pop() {
            let found = entries.iter().filter(|entry| entry.id() == id);
            if reached.insert(id.clone()) {
                let next = |entry: &Entry| {
                    entry.dependencies.iter().chain(&entry.replaced_by).cloned().collect::<Vec<_>>()
                };
                pending.extend(found.flat_map(next));
            }
        }
        entries.retain(|entry| reached.contains(&entry.id()));
    }
    // References are valid, and no two packages are equal.
    let ids: HashSet<Id> = entries.iter().map(Entry::id).collect();
    for entry in entries.iter_mut() {
        entry.dependencies.retain(|id| ids.contains(id));
        entry.replaced_by.take_if(|id| !ids.contains(id));
    }
    sort(entries);
    entries.dedup_by(|a, b| a.id() == b.id());
}

/// Redirects all or half of the edges to a package to another one.
fn move_edges(random: &mut Random, entries: &mut [Entry], old: &Id, new: &Id, all: bool) {
    for dependency in entries.iter_mut().flat_map(|entry| &mut entry.dependencies) {
        if dependency == old && (all || random.percent(50)) {
            *dependency = new.clone();
        }
    }
    for replaced_by in entries.iter_mut().filter_map(|entry| entry.replaced_by.as_mut()) {
        if replaced_by == old && all {
            *replaced_by = new.clone();
        }
    }
}

/// Changes a manifest by exchanging some words.
fn change_manifest(random: &mut Random, manifests: &mut BTreeMap<String, String>) -> Option<String> {
    const EXCHANGED: [(&str, &str); 27] = [
        (", optional = true", ""),
        (", default-features = false", ""),
        ("features = [\"f\"]", "features = [\"g\"]"),
        ("features = [\"g\"]", "features = [\"f\"]"),
        ("features = [\"f\"]", "features = [\"unheard-of\"]"),
        ("version = \"1\"", "version = \">=0.1\""),
        ("version = \"*\"", "version = \"1\""),
        ("version = \">=0.1\"", "version = \"2\""),
        ("path = \"patched/", "path = \"./patched/../patched/"),
        ("patch.crates-io", "patch.alt"),
        ("patch.alt", "patch.crates-io"),
        ("patch.crates-io", "patch.\"https://github.com/rust-lang/crates.io-index\""),
        ("patch.alt", "patch.\"https://github.com/rust-lang/crates.io-index\""),
        ("branch = \"main\"", "branch = \"other\""),
        (", registry-index = \"https://alt.example/index\"", ""),
        ("[dependencies]\n", "[dependencies]\np4 = \"*\"\n"),
        ("[replace]\n", "[replace]\n\"p3:1.0.0\" = { path = \"ext/lib\" }\n"),
        ("[replace]\n", "[replace]\n\"p3@1.0.0\" = { path = \"replacing/p3-1.0.0\" }\n"),
        ("[replace]\n", "[patch.crates-io]\n[replace]\n"),
        ("[replace]\n", "[replaced]\n"),
        ("crates.io-index#p", "crates.io-index/#p"),
        (":1.0.0\" = { path", ":1.1.0\" = { path"),
        (":1.0.0\" = { path", ":1.0\" = { path"),
        (":1.1.0\" = { path", "@1.1.0\" = { path"),
        ("path = \"replacing/", "path = \"./replacing/../replacing/"),
        ("path = \"replacing/p3", "package = \"p3\", path = \"replacing/p3"),
        ("version = \"1.0.0\"\nedition", "version = \"1.0.0+x\"\nedition"),
    ];
    let paths: Vec<String> = manifests.keys().cloned().collect();
    let path = random.pick(&paths).clone();
    let (from, to) = match path == "Cargo.toml" && manifests["Cargo.toml"].contains("[replace]") {
        true if random.percent(50) => *random.pick(&EXCHANGED[16..]),
        _ => *random.pick(&EXCHANGED),
    };
    let text = manifests.get_mut(&path)?;
    if !text.contains(from) || path.starts_with("replacing/") && to.contains("p4 =") {
        return None;
    }
    *text = text.replacen(from, to, 1);
    Some(path)
}

#[derive(Debug, Default)]
struct Figures {
    projects: usize,
    honest_accepted: usize,
    /// Unchanged projects whose lock file cargo writes differently each time.
    by_chance: usize,
    changed: usize,
    changed_accepted: usize,
    asked_in_vain: usize,
    refused_by_both: usize,
}

#[test]
fn what_is_accepted_is_what_cargo_accepts() {
    let number = |name: &str, default: u64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let (wanted, seed) = (number("LOCK_FILE_PROJECTS", 5), number("LOCK_FILE_SEED", 7));
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut figures = Figures::default();
    let mut world = World::new(&mut random);
    let mut attempts = 0;
    while figures.projects < usize::try_from(wanted).unwrap() {
        attempts += 1;
        if attempts % 8 == 0 {
            world = World::new(&mut random);
        }
        one_project(&mut random, &world, &mut figures);
    }
    println!("{figures:?}");
    let readable = figures.projects - figures.by_chance;
    assert!(figures.honest_accepted > 0 && figures.honest_accepted * 4 >= readable * 3, "{figures:?}");
}

fn one_project(random: &mut Random, world: &World, figures: &mut Figures) {
    let root = world.folder.path().join("project");
    let _ = fs::remove_dir_all(&root);
    fs::create_dir(&root).unwrap();
    let project = TestProject::new(&root);
    world.surroundings(&project);
    let manifests = world.manifests(random);
    let write = |manifests: &BTreeMap<String, String>| {
        for (path, text) in manifests {
            project.write(path, text);
            project.write(&path.replace("Cargo.toml", "src/lib.rs"), "");
        }
    };
    write(&manifests);
    // Not every combination can be resolved.
    if run("cargo", &["generate-lockfile"], &root, &world.home()).is_err() {
        return;
    }
    // Cargo rejects some of them only if there is a lock file.
    if world.cargo(&root).is_err() {
        return;
    }
    figures.projects += 1;
    let compare = |figures: &mut Figures, is_honest: bool, ask_always: bool| {
        let own = world.own(&root);
        if own.is_err() && !is_honest && !ask_always {
            return;
        }
        let theirs = world.cargo(&root);
        let inputs = || {
            let all: String =
                manifests.keys().map(|path| format!("--- {path}\n{}", project.read(path))).collect();
            format!("{all}\n--- Cargo.lock\n{}", project.read("Cargo.lock"))
        };
        match (own, theirs) {
            (Ok(own), Ok(theirs)) => {
                assert_eq!(lines(own), lines(theirs), "{}", inputs());
                *(if is_honest { &mut figures.honest_accepted } else { &mut figures.changed_accepted }) += 1;
            }
            // Errors of a manifest alone do not matter here.
            (Ok(_), Err(why)) if why.contains("failed to parse manifest") => {}
            (Ok(_), Err(why)) => panic!("accepted, but cargo says: {why}\n{}", inputs()),
            (Err(why), Ok(_)) => {
                figures.asked_in_vain += 1;
                // Cargo lists these in a different order each time, so it is asked.
                let is_by_chance = why.contains("patches are for several sources");
                figures.by_chance += usize::from(is_honest && is_by_chance);
                if is_honest || std::env::var_os("LOCK_FILE_VERBOSE").is_some() {
                    println!("cargo was needed: {why}");
                }
            }
            (Err(_), Err(_)) => figures.refused_by_both += 1,
        }
    };
    compare(figures, true, true);
    let text = project.read("Cargo.lock");
    let Ok(lock) = LockFile::parse(&Source::new("Cargo.lock", text.as_str())) else { panic!("{text}") };
    for _ in 0..40 {
        let (mut packages, mut unused) = entries(&lock);
        let mut changed = manifests.clone();
        match random.below(4) {
            0 => {
                if change_manifest(random, &mut changed).is_none() {
                    continue;
                }
            }
            1 => {
                change(random, world, &mut packages, &mut unused);
                change(random, world, &mut packages, &mut unused);
            }
            _ => change(random, world, &mut packages, &mut unused),
        }
        figures.changed += 1;
        write(&changed);
        project.write("Cargo.lock", written(&packages, &unused));
        let ask_always = random.percent(3);
        compare(figures, false, ask_always);
    }
}
