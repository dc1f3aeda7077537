//! Stores as lists of statements: one line for each, instead of four or five lines in a file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use vet_store::entries::{
    AuditEntry, AuditKind, Date, Exemption, PublisherEntry, PublisherId, UnpublishedEntry, WildcardEntry,
};
use vet_store::fetched::FetchedFacts;
use vet_store::{Criteria, Loaded, Store};

use crate::store::store;
use crate::version::{short, version};

/// Loads a store that is written as statements:
///
/// ```text
/// criterion crypto: D                     it implies safe-to-deploy
/// policy app dev-criteria: R, fuzzed      nothing after the colon is an empty list
/// policy app dependency-criteria.lib: R
/// policy "lib:1.0.0" criteria: D
/// audit lib 1: D                          of all of 1.0.0
/// private lib 1 -> 2: D                   of a change; peers cannot import it
/// violation lib <2: R                     also private-violation
/// wildcard lib by 7 in 1..31: D           publisher 7, from the 1st to the 31st
/// trusted lib by github:a/b in 1..31: D
/// exemption lib 1: D
/// unsuggested lib 1: D                    an exemption with `suggest = false`
/// release lib 1 by 7 on 15
/// alias lib 1.0.1 as 1
/// peer: audit lib 1: D                    a statement of the import `peer`
/// peer: nothing                           an import that states nothing
/// + peer: audit lib 2: D                  one that was fetched in this run
/// exemption lib 1: D # text               a note
/// ```
///
/// `D` is safe-to-deploy, `R` safe-to-run and days are those of January 2020. For versions see
/// [`version`].
///
/// # Panics
///
/// If a line does not have this form, or anything is wrong with the store.
pub fn statements(text: &str) -> Loaded {
    let mut texts = Texts::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        texts.add(line).unwrap_or_else(|| panic!("in a store of a test: `{line}`"));
    }
    let config = format!("cargo-vet.version = \"0.10\"\n{}{}", texts.policies, texts.config);
    let mut loaded = store(&config, &format!("{}[audits]\n", texts.audits), &texts.imports);
    for (list, position) in &texts.fresh {
        mark_fresh(&mut loaded.store.fetched, list, *position)
            .unwrap_or_else(|| panic!("in a store of a test: {list:?}"));
    }
    loaded
}

/// The statements of a store, in the form that [`statements`] reads, except criteria and policies.
/// Notes and authors of audits are left out.
pub fn listed(store: &Store) -> String {
    let mut out = String::new();
    let mut line = |fresh: bool, text: String| {
        let _ = writeln!(out, "{}{text}", if fresh { "+ " } else { "" });
    };
    let sections = store.imports.audits.iter().map(|(peer, file)| (format!("{peer}: "), file));
    for (source, file) in std::iter::once((String::new(), &store.audits)).chain(sections) {
        let nothing = file.audits.is_empty() && file.wildcard_audits.is_empty() && file.trusted.is_empty();
        if !source.is_empty() && nothing {
            line(false, format!("{source}nothing"));
        }
        let fresh = source.strip_suffix(": ").and_then(|peer| store.fetched.peer(peer));
        for (name, position, audit) in each(&file.audits) {
            let is_fresh = fresh.is_some_and(|fresh| fresh.audits.of(name).has(position));
            line(is_fresh, format!("{source}{}", audit_line(name, audit)));
        }
        for (name, position, wildcard) in each(&file.wildcard_audits) {
            let is_fresh = fresh.is_some_and(|fresh| fresh.wildcard_audits.of(name).has(position));
            line(is_fresh, format!("{source}{}", wildcard_line(name, wildcard)));
        }
        for (name, _, trusted) in each(&file.trusted) {
            let period = period(&trusted.publisher, trusted.start, trusted.end);
            line(false, format!("{source}trusted {name} {period}: {}", criteria(&trusted.criteria)));
        }
    }
    for (name, _, exemption) in each(&store.config.exemptions) {
        line(false, exemption_line(name, exemption));
    }
    for (name, position, release) in each(&store.imports.publisher) {
        line(store.fetched.publisher.of(name).has(position), release_line(name, release));
    }
    for (name, position, alias) in each(&store.imports.unpublished) {
        let UnpublishedEntry { version, audited_as } = alias;
        let is_fresh = store.fetched.unpublished.of(name).has(position);
        line(is_fresh, format!("alias {name} {} as {}", short(version), short(audited_as)));
    }
    out
}

/// The files of a store under construction.
#[derive(Default)]
struct Texts {
    /// The text before the tables of `config`.
    policies: String,
    config: String,
    audits: String,
    imports: String,
    /// The number of entries of each list.
    lengths: BTreeMap<List, usize>,
    fresh: Vec<(List, usize)>,
}

/// A list of entries: its import if any, the kind, and the crate.
type List = (Option<String>, &'static str, String);

impl Texts {
    /// `None` if the line does not have the right form.
    fn add(&mut self, line: &str) -> Option<()> {
        let (line, notes) = match line.split_once(" # ") {
            Some((line, notes)) => (line.trim_end(), format!("notes = \"{notes}\"\n")),
            None => (line, String::new()),
        };
        let (fresh, line) = match line.strip_prefix("+ ") {
            Some(line) => (true, line),
            None => (false, line),
        };
        let peer = line.split_once(": ").filter(|(peer, _)| !peer.contains(' '));
        let (peer, line) = peer.map_or((None, line), |(peer, line)| (Some(peer.to_owned()), line));
        if let Some(peer) = &peer {
            self.peer(peer);
        }
        let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
        let end = rest.strip_suffix(':').map(|subject| (subject, "")).or_else(|| rest.rsplit_once(": "));
        let (subject, names) =
            end.map_or((rest, None), |(subject, names)| (subject, Some(names_list(names))));
        if kind == "nothing" {
            return peer.map(|_| ());
        }
        let (name, what) = subject.split_once(' ').unwrap_or((subject, ""));
        if kind == "criterion" {
            let implies = names.map(|names| format!("implies = {names}\n")).unwrap_or_default();
            let _ = write!(self.audits, "[criteria.{name}]\ndescription = \"text\"\n{implies}");
            return Some(());
        }
        if kind == "policy" {
            let value = names.unwrap_or_else(|| "true".to_owned());
            let _ = writeln!(self.policies, "policy.{name}.{what} = {value}");
            return Some(());
        }
        let section = peer.as_ref().map(|peer| format!("audits.{peer}.")).unwrap_or_default();
        let own = if peer.is_some() { &mut self.imports } else { &mut self.audits };
        let (list, out) = match kind {
            "audit" | "private" | "violation" | "private-violation" => ("audits", own),
            "wildcard" => ("wildcard-audits", own),
            "trusted" => ("trusted", own),
            "exemption" | "unsuggested" => ("exemptions", &mut self.config),
            "release" => ("publisher", &mut self.imports),
            "alias" => ("unpublished", &mut self.imports),
            _ => return None,
        };
        let _ = writeln!(out, "[[{section}{list}.{name}]]");
        out.push_str(&fields(kind, what)?);
        if let Some(names) = names {
            let _ = writeln!(out, "criteria = {names}");
        }
        out.push_str(&notes);
        let list = (peer, list, name.to_owned());
        let length = self.lengths.entry(list.clone()).or_default();
        if fresh {
            self.fresh.push((list, *length));
        }
        *length += 1;
        Some(())
    }

    /// The settings of an import.
    fn peer(&mut self, peer: &str) {
        let header = format!("[imports.{peer}]\n");
        if !self.config.contains(&header) {
            let _ = write!(self.config, "{header}url = \"https://peer.example/{peer}\"\n\n");
            let _ = writeln!(self.imports, "[audits.{peer}.audits]");
        }
    }
}

/// The fields between the name of the crate and the criteria.
fn fields(kind: &str, what: &str) -> Option<String> {
    Some(match kind {
        "violation" => format!("violation = \"{what}\"\n"),
        "private-violation" => format!("violation = \"{what}\"\nimportable = false\n"),
        "audit" | "private" => {
            let about = match what.split_once("->") {
                Some((from, to)) => format!("delta = \"{} -> {}\"\n", version(from), version(to)),
                None => format!("version = \"{}\"\n", version(what)),
            };
            about + if kind == "private" { "importable = false\n" } else { "" }
        }
        "exemption" => format!("version = \"{}\"\n", version(what)),
        "unsuggested" => format!("version = \"{}\"\nsuggest = false\n", version(what)),
        "wildcard" | "trusted" => {
            let (publisher, (start, end)) = what
                .strip_prefix("by ")?
                .split_once(" in ")
                .and_then(|(publisher, days)| Some((publisher, days.split_once("..")?)))?;
            format!("{}start = \"{}\"\nend = \"{}\"\n", publisher_id(publisher), day(start), day(end))
        }
        "release" => {
            let (released, (publisher, when)) = what
                .split_once(" by ")
                .and_then(|(released, rest)| Some((released, rest.split_once(" on ")?)))?;
            let login = match publisher.parse::<u64>() {
                Ok(id) => format!("user-login = \"login-{id}\"\n"),
                Err(_) => String::new(),
            };
            let (version, publisher) = (version(released), publisher_id(publisher));
            format!("version = \"{version}\"\nwhen = \"{}\"\n{publisher}{login}", day(when))
        }
        "alias" => {
            let (local, audited_as) = what.split_once(" as ")?;
            format!("version = \"{}\"\naudited_as = \"{}\"\n", version(local), version(audited_as))
        }
        _ => return None,
    })
}

fn mark_fresh(fetched: &mut FetchedFacts, (peer, list, name): &List, position: usize) -> Option<()> {
    let fresh = match (peer, *list) {
        (None, "publisher") => &mut fetched.publisher,
        (None, "unpublished") => &mut fetched.unpublished,
        (Some(peer), "audits") => &mut fetched.peers.entry(peer.clone()).or_default().audits,
        (Some(peer), "wildcard-audits") => {
            &mut fetched.peers.entry(peer.clone()).or_default().wildcard_audits
        }
        _ => return None,
    };
    fresh.mark(name, position);
    Some(())
}

fn names_list(names: &str) -> String {
    let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
    let full = names.map(|name| match name {
        "D" => "safe-to-deploy",
        "R" => "safe-to-run",
        name => name,
    });
    format!("{:?}", full.collect::<Vec<_>>())
}

fn publisher_id(publisher: &str) -> String {
    match publisher.parse::<u64>() {
        Ok(id) => format!("user-id = {id}\n"),
        Err(_) => format!("trusted-publisher = \"{publisher}\"\n"),
    }
}

fn day(day: &str) -> String {
    format!("2020-01-{:0>2}", day.trim())
}

/// Each entry with the name of its crate and its position.
fn each<T>(table: &BTreeMap<String, Vec<T>>) -> impl Iterator<Item = (&str, usize, &T)> {
    table.iter().flat_map(|(name, entries)| {
        entries.iter().enumerate().map(move |(position, entry)| (name.as_str(), position, entry))
    })
}

fn criteria(names: &[String]) -> String {
    let short = names.iter().map(|name| match Criteria::built_in().index(name) {
        Some(Criteria::SAFE_TO_RUN) => "R",
        Some(_) => "D",
        None => name,
    });
    short.collect::<Vec<_>>().join(", ")
}

/// The publisher and the days of a period.
fn period(publisher: &PublisherId, start: Date, end: Date) -> String {
    format!("by {} in {}..{}", publisher_text(publisher), start.format("%-d"), end.format("%-d"))
}

fn publisher_text(publisher: &PublisherId) -> String {
    match publisher {
        PublisherId::User(id) => id.to_string(),
        PublisherId::TrustedPublisher(signature) => signature.clone(),
    }
}

fn audit_line(name: &str, audit: &AuditEntry) -> String {
    let (kind, what) = match (&audit.kind, audit.importable) {
        (AuditKind::Violation(range), true) => ("violation", range.to_string()),
        (AuditKind::Violation(range), false) => ("private-violation", range.to_string()),
        (AuditKind::Full(version), true) => ("audit", short(version)),
        (AuditKind::Full(version), false) => ("private", short(version)),
        (AuditKind::Delta { from, to }, true) => ("audit", format!("{} -> {}", short(from), short(to))),
        (AuditKind::Delta { from, to }, false) => ("private", format!("{} -> {}", short(from), short(to))),
    };
    format!("{kind} {name} {what}: {}", criteria(&audit.criteria))
}

fn wildcard_line(name: &str, wildcard: &WildcardEntry) -> String {
    let period = period(&wildcard.publisher, wildcard.start, wildcard.end);
    format!("wildcard {name} {period}: {}", criteria(&wildcard.criteria))
}

fn exemption_line(name: &str, exemption: &Exemption) -> String {
    let kind = if exemption.suggest { "exemption" } else { "unsuggested" };
    let notes = exemption.notes.as_ref().map(|notes| format!(" # {notes}")).unwrap_or_default();
    format!("{kind} {name} {}: {}{notes}", short(&exemption.version), criteria(&exemption.criteria))
}

fn release_line(name: &str, release: &PublisherEntry) -> String {
    let publisher = publisher_text(&release.publisher.id());
    format!("release {name} {} by {publisher} on {}", short(&release.version), release.when.format("%-d"))
}
