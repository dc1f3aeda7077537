//! A store in which every package is vetted, and which holds much else.

use vet_store::entries::{
    AuditEntry, AuditKind, CriteriaEntry, Exemption, Publisher, PublisherEntry, PublisherId, WildcardEntry,
};
use vet_store::files::{AuditsFile, ImportConfig};
use vet_store::{Accounts, Date, Store, Version, write_audits, write_config, write_imports};

use crate::Shape;
use crate::packages::{Packages, Published};
use crate::random::Random;

const DEPLOY: &str = "safe-to-deploy";
/// A criterion of this project, which implies the other.
const REVIEWED: &str = "reviewed";
const PEERS: [&str; 5] = ["alder", "birch", "cedar", "dogwood", "elm"];
const AUDITORS: [&str; 6] = [
    "Ada Example <ada@example.org>",
    "Ben Sample <ben@example.org>",
    "Cleo Pattern <cleo@example.org>",
    "Dai Instance <dai@example.org>",
    "Eve Specimen <eve@example.org>",
    "Fay Model <fay@example.org>",
];

/// The text of the three files, in canonical form, below the folder of the project.
pub(crate) fn files(store: &Store) -> [(String, String); 3] {
    let accounts = Accounts::from_imports(&store.imports);
    [
        ("supply-chain/config.toml".to_owned(), write_config(&store.config)),
        ("supply-chain/audits.toml".to_owned(), write_audits(&store.audits, &accounts)),
        ("supply-chain/imports.lock".to_owned(), write_imports(&store.imports)),
    ]
}

/// Vets every package, and fills up with audits of versions that are not in use and of crates that
/// are not either.
pub(crate) fn store(shape: Shape, packages: &Packages, random: &mut Random) -> Store {
    let mut writer = Writer { store: Store::default(), left: shape.audits, random };
    writer.surroundings();
    let mut order: Vec<&Published> = packages.published.iter().collect();
    for index in (1..order.len()).rev() {
        order.swap(index, writer.random.below(index + 1));
    }
    for package in &order {
        writer.vet(package);
    }
    while writer.left > 0 {
        writer.add_history(&order);
    }
    writer.store
}

struct Writer<'r> {
    store: Store,
    /// How many audits are still to be made.
    left: usize,
    random: &'r mut Random,
}

/// Whose audits.
#[derive(Clone, Copy)]
enum Owner {
    Project,
    Peer(&'static str),
}

impl Writer<'_> {
    fn surroundings(&mut self) {
        let reviewed = CriteriaEntry {
            description: Some("A member of the project has read all of it.".to_owned()),
            implies: vec![DEPLOY.to_owned()],
            ..CriteriaEntry::default()
        };
        self.store.audits.criteria.insert(REVIEWED.to_owned(), reviewed);
        for peer in PEERS {
            let url = vec![format!("https://{peer}.example.org/supply-chain/audits.toml")];
            let import = ImportConfig { url, ..ImportConfig::default() };
            self.store.config.imports.insert(peer.to_owned(), import);
            self.store.imports.audits.insert(peer.to_owned(), AuditsFile::default());
        }
    }

    fn vet(&mut self, package: &Published) {
        match (self.left, self.random.below(100)) {
            (0, _) | (_, 0..10) => self.exempt(package, package.version),
            (_, 10..20) => {
                let first = [package.version[0], 0, 0];
                self.exempt(package, first);
                self.deltas(package, first, Owner::Project);
            }
            (_, 20..40) => self.wildcard(package),
            (_, 40..70) => self.chain(package, Owner::Project),
            _ => {
                let owner = self.peer();
                self.chain(package, owner);
            }
        }
    }

    fn exempt(&mut self, package: &Published, version: [usize; 3]) {
        let exemption = Exemption {
            version: semantic(version),
            criteria: vec![DEPLOY.to_owned()],
            suggest: self.random.percent(90),
            notes: None,
        };
        self.store.config.exemptions.entry(package.name.clone()).or_default().push(exemption);
    }

    /// An audit of the version in use, or of the first of its line and of the changes since.
    fn chain(&mut self, package: &Published, owner: Owner) {
        let first = [package.version[0], 0, 0];
        let is_direct = self.random.percent(50) || self.left < 4;
        let start = if is_direct { package.version } else { first };
        self.audit(&package.name, AuditKind::Full(semantic(start)), owner);
        self.deltas(package, start, owner);
    }

    /// Audits of changes from a version to the one in use, in up to four steps; the last step
    /// always.
    fn deltas(&mut self, package: &Published, start: [usize; 3], owner: Owner) {
        let [major, start_minor, _] = start;
        let [_, minor, _] = package.version;
        let mut from = start;
        let mut minors: Vec<usize> = (start_minor + 1..minor).collect();
        minors.retain(|_| self.random.percent(20));
        minors.truncate(3);
        for minor in minors {
            let to = [major, minor, 0];
            self.delta(&package.name, from, to, owner);
            from = to;
        }
        if from != package.version {
            self.delta(&package.name, from, package.version, owner);
        }
    }

    fn delta(&mut self, name: &str, from: [usize; 3], to: [usize; 3], owner: Owner) {
        self.audit(name, AuditKind::Delta { from: semantic(from), to: semantic(to) }, owner);
    }

    fn audit(&mut self, name: &str, kind: AuditKind, owner: Owner) {
        self.left = self.left.saturating_sub(1);
        let is_own = matches!(owner, Owner::Project);
        let criterion = if is_own && self.random.percent(20) { REVIEWED } else { DEPLOY };
        let aggregated = !is_own && self.random.percent(30);
        let entry = AuditEntry {
            who: vec![self.auditor()],
            criteria: vec![criterion.to_owned()],
            kind,
            importable: true,
            notes: self.notes(),
            aggregated_from: aggregated
                .then(|| "https://forest.example.org/audits.toml".to_owned())
                .into_iter()
                .collect(),
        };
        if let Some(file) = self.file(owner) {
            file.audits.entry(name.to_owned()).or_default().push(entry);
        }
    }

    /// A publisher who is vouched for, and the record that the version in use is from them.
    fn wildcard(&mut self, package: &Published) {
        let id = 1 + self.random.small_below(200) as u64;
        let owner = if self.random.percent(50) { Owner::Project } else { self.peer() };
        let login = format!("user{id}");
        let entry = WildcardEntry {
            who: vec![self.auditor()],
            criteria: vec![DEPLOY.to_owned()],
            publisher: PublisherId::User(id),
            start: day(2019),
            end: day(2026),
            renew: matches!(owner, Owner::Project).then_some(false),
            notes: self.notes(),
            aggregated_from: Vec::new(),
        };
        let published = PublisherEntry {
            version: semantic(package.version),
            when: day(2024),
            publisher: Publisher::User { id, name: Some(format!("User {id}")), login },
        };
        self.left = self.left.saturating_sub(1);
        if let Some(file) = self.file(owner) {
            file.wildcard_audits.entry(package.name.clone()).or_default().push(entry);
        }
        self.store.imports.publisher.entry(package.name.clone()).or_default().push(published);
    }

    /// An audit that no decision depends on.
    fn add_history(&mut self, packages: &[&Published]) {
        let owner = if self.random.percent(40) { Owner::Project } else { self.peer() };
        let (name, major) = match self.random.pick(packages) {
            Some(package) if self.random.percent(60) => (package.name.clone(), package.version[0]),
            _ => (format!("unused-crate{}", self.random.below(1 + packages.len())), 1),
        };
        let from = [major, self.random.below(20), self.random.below(10)];
        let to = [major, from[1] + 1 + self.random.below(3), self.random.below(10)];
        match self.random.percent(20) {
            true => self.audit(&name, AuditKind::Full(semantic(from)), owner),
            false => self.delta(&name, from, to, owner),
        }
    }

    fn file(&mut self, owner: Owner) -> Option<&mut AuditsFile> {
        match owner {
            Owner::Project => Some(&mut self.store.audits),
            Owner::Peer(peer) => self.store.imports.audits.get_mut(peer),
        }
    }

    fn peer(&mut self) -> Owner {
        self.random.pick(&PEERS).map_or(Owner::Project, |peer| Owner::Peer(peer))
    }

    fn auditor(&mut self) -> String {
        self.random.pick(&AUDITORS).copied().unwrap_or_default().to_owned()
    }

    fn notes(&mut self) -> Option<String> {
        match self.random.below(100) {
            0..10 => Some("Looked at by hand, nothing to complain about.".to_owned()),
            10..15 => Some("Two places need care:\n\n* the \"fast\" path\n* what `Drop` does\n".to_owned()),
            _ => None,
        }
    }
}

fn semantic(version: [usize; 3]) -> Version {
    let [major, minor, patch] = version.map(|number| number as u64);
    Version { semver: semver::Version::new(major, minor, patch), git_rev: None }
}

/// The first day of a year.
fn day(year: i32) -> Date {
    Date::from_ymd_opt(year, 1, 1).unwrap_or_default()
}
