//! Published crates, generated from a seed, and the servers that serve them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use vet_testing::{Asked, Authority, Reply, TestServer, archive, sha256};

use crate::package::{Dependency, Kind, Library, Package};
use crate::random::Random;

/// A published version.
#[derive(Clone, Debug)]
pub struct Release {
    /// The package.
    pub package: Package,
    /// Its archive.
    pub archive: Vec<u8>,
    /// The checksum of the archive.
    pub checksum: String,
    /// The files in the archive, by path in its folder. Of several files with the same name, the
    /// last one.
    pub files: BTreeMap<String, String>,
    /// Whether the archive has two manifests.
    pub is_odd: bool,
    /// Whether the API contradicts the archive about the library.
    pub is_misdescribed: bool,
}

impl Release {
    /// The name and the version.
    pub fn key(&self) -> (String, String) {
        (self.package.name.clone(), self.package.version.clone())
    }
}

/// A registry. Versions are sorted by name, then by time of publication.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    /// The versions.
    pub releases: Vec<Release>,
}

const NAMES: &[&str] = &[
    "acorn", "birch", "cedar", "dogwood", "elm", "fig", "gum", "hazel", "iris", "juniper", "kapok", "larch",
    "maple", "nutmeg", "oak", "pine", "quince", "rowan", "spruce", "teak",
];

const VERSIONS: &[&str] = &["0.1.0", "0.1.3", "0.2.0", "1.0.0", "1.0.4", "1.2.0", "2.1.0+meta", "3.0.0-rc.1"];

/// Conditions of dependencies.
pub const TARGETS: &[&str] = &[
    "cfg(unix)",
    "cfg(windows)",
    "cfg(target_os = \"linux\")",
    "cfg(debug_assertions)",
    "cfg(not(debug_assertions))",
    "cfg(any())",
    "cfg(foo)",
    "cfg(not(foo))",
    "cfg(target_feature = \"avx2\")",
    "cfg(not(target_feature = \"avx2\"))",
    "cfg(panic = \"abort\")",
    "x86_64-unknown-linux-gnu",
    "x86_64-pc-windows-msvc",
];

impl Registry {
    /// Generates the crates of a campaign.
    pub fn random(random: &mut Random) -> Self {
        let mut registry = Registry::default();
        for (number, name) in NAMES.iter().enumerate() {
            let library = match random.below(10) {
                0 => Library::Macro,
                1 => Library::None,
                _ => Library::Plain,
            };
            let count = 1 + random.below(4);
            let first = random.below(VERSIONS.len() - count + 1);
            for version in &VERSIONS[first..first + count] {
                let mut package = Package::new(name, version);
                package.library = library;
                package.edition = (*random.pick(&["2018", "2021", "2024"])).to_owned();
                package.description = random.chance(70).then(|| format!("A crate called {name}"));
                package.links = random.chance(1).then(|| (*name).to_owned());
                let below = random.below(4);
                for _ in 0..below.min(number) {
                    let dependency = registry.dependency(random, false);
                    let is_new = package.dependencies.iter().all(|other| other.package != dependency.package);
                    if is_new && dependency.package != *name {
                        package.dependencies.push(dependency);
                    }
                }
                features(random, &mut package);
                registry.publish(random, package);
            }
        }
        registry
    }

    /// Generates a few crates of another registry. Some have the same name as a crate of the first
    /// registry.
    pub fn alternative(random: &mut Random) -> Self {
        let mut registry = Registry::default();
        for name in ["private-one", "private-two", NAMES[0], NAMES[5]] {
            for version in ["0.1.0", "1.0.0"] {
                let mut package = Package::new(name, version);
                package.description = Some(format!("A crate called {name}"));
                package.features = ["std", "extra"].map(|name| (name.to_owned(), Vec::new())).into();
                registry.publish(random, package);
            }
        }
        registry
    }

    /// A dependency on one of the crates published so far.
    pub fn dependency(&self, random: &mut Random, of_project: bool) -> Dependency {
        let mut release = random.pick(&self.releases);
        if release.package.version.contains('-') && random.chance(70) {
            // A pinned version is rarely compatible with others.
            release = random.pick(&self.releases);
        }
        let version = &release.package.version;
        let parsed: semver::Version = version.parse().unwrap();
        let plain = format!("{}.{}.{}", parsed.major, parsed.minor, parsed.patch);
        let requirement = match random.below(20) {
            _ if !parsed.pre.is_empty() => format!("={plain}-{}", parsed.pre),
            0 => format!("={plain}"),
            1 => format!("~{plain}"),
            2 => format!(">={plain}"),
            3 if parsed.major > 0 => parsed.major.to_string(),
            _ => plain,
        };
        let mut dependency = Dependency::new(&release.package.name, &requirement);
        dependency.kind = match random.below(10) {
            0 => Kind::Build,
            1 | 2 if of_project => Kind::Dev,
            1 => Kind::Dev,
            _ => Kind::Normal,
        };
        dependency.target = random.chance(20).then(|| (*random.pick(TARGETS)).to_owned());
        dependency.optional = dependency.kind == Kind::Normal && random.chance(25);
        dependency.default_features = !random.chance(25);
        if random.chance(25) {
            dependency.features.push((*random.pick(&["std", "extra"])).to_owned());
        }
        if random.chance(10) {
            dependency.key = format!("{}-by-another-name", dependency.package);
        }
        dependency
    }

    fn publish(&mut self, random: &mut Random, package: Package) {
        let mut files = package.files("");
        let mut packed = files.clone();
        match random.below(40) {
            // Cargo uses the last of several manifests.
            0 => packed.insert(0, decoy(&package)),
            1 => files[0].1 += "\n# end\n",
            _ => (),
        }
        if packed.len() == files.len() {
            packed = files.clone();
        }
        let list: Vec<(&str, &str)> =
            packed.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let archive = archive(&format!("{}-{}", package.name, package.version), &list);
        let checksum = sha256(&archive);
        let is_odd = packed.len() > files.len();
        self.releases.push(Release {
            package,
            archive,
            checksum,
            files: files.into_iter().collect(),
            is_odd,
            is_misdescribed: random.chance(3),
        });
    }

    /// The versions of a crate.
    pub fn versions(&self, name: &str) -> Vec<&Release> {
        self.releases.iter().filter(|release| release.package.name == name).collect()
    }

    /// A version.
    pub fn find(&self, name: &str, version: &str) -> Option<&Release> {
        let is = |release: &&Release| release.package.name == name && release.package.version == version;
        self.releases.iter().find(is)
    }

    /// The entry of a crate in the index. With `forged`, edges to that crate are missing, and the
    /// entry of that crate itself is empty.
    pub fn index(&self, name: &str, forged: Option<&str>) -> Option<String> {
        let versions = self.versions(name);
        let lines: String = versions.iter().map(|release| index_line(release, forged)).collect();
        (!lines.is_empty() && forged != Some(name)).then_some(lines)
    }

    fn api(&self, name: &str) -> Option<Value> {
        let versions = self.versions(name);
        let last = versions.last()?;
        let list: Vec<Value> = versions.iter().rev().map(|release| version_of_api(release)).collect();
        Some(json!({
            "crate": {
                "id": name, "name": name, "description": last.package.description, "repository": null,
                "max_version": last.package.version,
            },
            "versions": list,
        }))
    }
}

/// A manifest that declares no library.
fn decoy(package: &Package) -> (String, String) {
    let Package { name, version, edition, .. } = package;
    let text = format!(
        "[package]\nname = \"{name}\"\nversion = \"{version}\"\nedition = \"{edition}\"\nautolib = false\n"
    );
    ("Cargo.toml".to_owned(), text)
}

fn features(random: &mut Random, package: &mut Package) {
    let mut std = Vec::new();
    let mut extra = Vec::new();
    for dependency in &package.dependencies {
        let key = &dependency.key;
        if dependency.kind == Kind::Dev {
            continue;
        }
        if dependency.optional {
            let list = if random.chance(40) { &mut std } else { &mut extra };
            match random.below(4) {
                0 => list.push(format!("dep:{key}")),
                1 => list.push(format!("{key}/std")),
                2 => {
                    list.push(format!("{key}?/extra"));
                    list.push(format!("dep:{key}"));
                }
                _ => (),
            }
        } else if random.chance(15) {
            extra.push(format!("{key}/extra"));
        }
    }
    let default = if random.chance(70) { vec!["std".to_owned()] } else { Vec::new() };
    package.features = [("default", default), ("std", std), ("extra", extra)]
        .map(|(name, list)| (name.to_owned(), list))
        .into();
}

fn index_line(release: &Release, forged: Option<&str>) -> String {
    let package = &release.package;
    let has_new_syntax =
        |list: &[String]| list.iter().any(|one| one.starts_with("dep:") || one.contains("?/"));
    let (new, old): (BTreeMap<_, _>, BTreeMap<_, _>) =
        package.features.iter().partition(|(_, list)| has_new_syntax(list));
    let kept = package.dependencies.iter().filter(|one| forged != Some(one.package.as_str()));
    let dependencies: Vec<Value> = kept.map(index_dependency).collect();
    let mut line = json!({
        "name": package.name, "vers": package.version, "deps": dependencies, "cksum": release.checksum,
        "features": old, "yanked": false, "links": package.links,
    });
    if !new.is_empty() && forged.is_none() {
        line["features2"] = json!(new);
        line["v"] = json!(2);
    }
    format!("{line}\n")
}

fn index_dependency(dependency: &Dependency) -> Value {
    let mut value = json!({
        "name": dependency.key, "req": dependency.requirement, "features": dependency.features,
        "optional": dependency.optional, "default_features": dependency.default_features,
        "target": dependency.target, "kind": dependency.kind.of_index(),
    });
    if dependency.key != dependency.package {
        value["package"] = json!(dependency.package);
    }
    value
}

fn version_of_api(release: &Release) -> Value {
    let package = &release.package;
    json!({
        "num": package.version, "created_at": "2023-01-01T12:00:00Z", "checksum": release.checksum,
        "published_by": { "id": 1, "login": "ann", "name": "Ann Author" }, "trustpub_data": null,
        "has_lib": (package.library != Library::None) != release.is_misdescribed,
        "bin_names": if package.library == Library::None { vec![&package.name] } else { vec![] },
        "yanked": false,
    })
}

/// The path of a crate's entry in an index.
pub fn index_path(name: &str) -> String {
    match name.len() {
        1 => format!("1/{name}"),
        2 => format!("2/{name}"),
        3 => format!("3/{}/{name}", &name[..1]),
        _ => format!("{}/{}/{name}", &name[..2], &name[2..4]),
    }
}

/// The name of the other registry. Below are the addresses of its index and of an attacker's index.
pub const ALTERNATIVE: &str = "alt";
pub(crate) const ALTERNATIVE_INDEX: &str = "sparse+https://alt.test/index/";
pub(crate) const ATTACKER_INDEX: &str = "sparse+https://attacker.test/index/";

/// All servers behind one proxy: registries and a peer.
#[derive(Debug)]
pub struct Servers {
    proxy: TestServer,
    authority: Arc<Authority>,
}

impl Servers {
    /// Starts servers for crates.io, the other registry, a peer, and an attacker's registry, whose
    /// index leaves out the crate that its folder names: `/without/NAME/`.
    pub fn start(crates_io: Arc<Registry>, alternative: Arc<Registry>, peer: Peer) -> Self {
        let authority = Arc::new(Authority::new());
        let proxy =
            TestServer::start_proxy(&authority, move |asked| answer(&crates_io, &alternative, &peer, asked));
        Servers { proxy, authority }
    }

    /// Starts an attacker's servers: a crates.io whose index has no dependencies, and a peer that
    /// has audited everything.
    pub fn start_attacker(crates_io: Arc<Registry>) -> Self {
        let mut forged = (*crates_io).clone();
        for release in &mut forged.releases {
            release.package.dependencies.clear();
            release.package.features.values_mut().for_each(Vec::clear);
            release.package.library = Library::None;
        }
        let audited = forged.releases.iter().map(Release::key).collect();
        Self::start(Arc::new(forged), Arc::default(), Peer { audited, ..Peer::default() })
    }

    /// The URL of the proxy.
    pub fn proxy(&self) -> String {
        self.proxy.url("")
    }

    /// The certificate of the certificate authority.
    pub fn pem(&self) -> String {
        self.authority.pem()
    }
}

/// The name of the server with the audits of a peer.
const PEER_HOST: &str = "peer.test";
/// The URL of the peer's audits.
pub const PEER_URL: &str = "https://peer.test/audits.toml";

/// A peer's statements about crates.
#[derive(Clone, Debug, Default)]
pub struct Peer {
    /// The versions that it has audited.
    pub audited: BTreeSet<(String, String)>,
    /// The versions with violations: crate and requirement.
    pub violations: BTreeSet<(String, String)>,
}

impl Peer {
    /// Generates the statements.
    pub fn random(random: &mut Random, crates_io: &Registry) -> Self {
        let audited = crates_io.releases.iter().filter(|_| random.chance(40)).map(Release::key).collect();
        let violation = |_| {
            let (name, version) = random.pick(&crates_io.releases).key();
            let plain = version.split('+').next().unwrap_or_default();
            let range = match random.below(4) {
                0 => "*".to_owned(),
                1 => format!("<{plain}"),
                _ => format!("={plain}"),
            };
            (name, range)
        };
        Peer { audited, violations: (0..3).map(violation).collect() }
    }

    /// The entries for the peer's file or, with a prefix, for `imports.lock`.
    pub fn entries(&self, prefix: &str) -> String {
        let entry = |name: &str, what: &str, version: &str| {
            format!(
                "[[{prefix}audits.{name}]]\nwho = \"Bob\"\ncriteria = \"safe-to-deploy\"\n{what} = \"{version}\"\n\n"
            )
        };
        let audited = self.audited.iter().map(|(name, version)| entry(name, "version", version));
        let violations = self.violations.iter().map(|(name, range)| entry(name, "violation", range));
        audited.chain(violations).collect()
    }

    fn file(&self) -> String {
        format!("[audits]\n\n{}", self.entries(""))
    }
}

fn answer(crates_io: &Registry, alternative: &Registry, peer: &Peer, asked: &Asked) -> Reply {
    let host = asked.header("host").unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default();
    let body = match host {
        PEER_HOST => (asked.path == "/audits.toml").then(|| peer.file().into_bytes()),
        "alt.test" => of_registry(alternative, "https://alt.test", &asked.path, None),
        "attacker.test" => {
            let without = asked.path.strip_prefix("/without/").and_then(|rest| rest.split_once('/'));
            match without {
                Some((name, path)) => {
                    of_registry(crates_io, "https://crates.test", &format!("/{path}"), Some(name))
                }
                None => of_registry(alternative, "https://alt.test", &asked.path, None),
            }
        }
        _ => of_registry(crates_io, "https://crates.test", &asked.path, None),
    };
    let Some(body) = body else { return Reply::status(404) };
    if asked.path.starts_with("/dl/") {
        return Reply::ok(body);
    }
    let etag = etag(&body);
    match asked.header("if-none-match") == Some(&etag) {
        true => Reply::status(304),
        false => Reply::ok(body).header("etag", etag),
    }
}

/// The `ETag` of an answer.
pub fn etag(body: &[u8]) -> String {
    format!("\"{}\"", &sha256(body)[..16])
}

fn of_registry(registry: &Registry, url: &str, path: &str, forged: Option<&str>) -> Option<Vec<u8>> {
    if let Some(rest) = path.strip_prefix("/dl/") {
        let (name, version) = rest.strip_suffix("/download")?.split_once('/')?;
        return Some(registry.find(name, version)?.archive.clone());
    }
    if let Some(name) = path.strip_prefix("/api/v1/crates/") {
        let path = name.split('?').next()?;
        let (name, version) = path.split_once('/').map_or((path, None), |(name, it)| (name, Some(it)));
        let said = match version {
            Some(version) => json!({ "version": version_of_api(registry.find(name, version)?) }),
            None => registry.api(name)?,
        };
        return Some(said.to_string().into_bytes());
    }
    let path = path.strip_prefix("/index").unwrap_or(path);
    if path == "/config.json" {
        let text = json!({ "dl": format!("{url}/dl"), "api": "https://crates.test" }).to_string();
        return Some(text.into_bytes());
    }
    let name = path.rsplit('/').next()?;
    (format!("/{}", index_path(name)) == path).then(|| registry.index(name, forged))?.map(String::into_bytes)
}
