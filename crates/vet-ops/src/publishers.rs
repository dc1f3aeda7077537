//! Who has published a crate.

use std::collections::BTreeMap;

use vet_store::diagnostic::{Code, Diagnostic};
use vet_store::entries::{Publisher, PublisherEntry, PublisherId};
use vet_store::{Date, wording};

/// The publishers of one crate.
#[derive(Clone, Debug, Default)]
pub(crate) struct Publishers(BTreeMap<PublisherId, Releases>);

#[derive(Clone, Debug)]
struct Releases {
    publisher: Publisher,
    first: Date,
    number: usize,
}

impl Publishers {
    /// Counts releases. Those of nobody knows whom play no part.
    pub(crate) fn of(releases: &[PublisherEntry]) -> Self {
        let mut publishers: BTreeMap<PublisherId, Releases> = BTreeMap::new();
        for release in releases {
            let known = publishers.entry(release.publisher.id()).or_insert_with(|| Releases {
                publisher: release.publisher.clone(),
                first: release.when,
                number: 0,
            });
            known.first = known.first.min(release.when);
            known.number += 1;
        }
        Publishers(publishers)
    }

    /// Whether there is more than one.
    pub(crate) fn several(&self) -> bool {
        self.0.len() > 1
    }

    /// The only one, and the day of its first release.
    pub(crate) fn only(&self, name: &str) -> Result<(Publisher, Date), Diagnostic> {
        let shown = wording::shown(name);
        let mut all = self.0.values();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok((only.publisher.clone(), only.first)),
            (None, _) => {
                let message = format!("nobody is known to have published `{shown}`");
                Err(Diagnostic::error(Code::NoPublisher, message)
                    .note("crates.io knows the publishers of versions since about 2019")
                    .help(format!("audit it instead: `cargo vet certify {shown}`")))
            }
            (Some(_), Some(_)) => {
                let message = format!("several have published `{shown}`{}", self.listed());
                Err(Diagnostic::error(Code::SeveralPublishers, message)
                    .help(format!("name the one to trust: `cargo vet trust {shown} PUBLISHER`")))
            }
        }
    }

    /// The one with a login or a signature, and the day of its first release.
    pub(crate) fn find(&self, wanted: &str) -> Option<(Publisher, Date)> {
        let found = self.0.values().find(|releases| releases.publisher.identifier() == wanted)?;
        Some((found.publisher.clone(), found.first))
    }

    /// What to say if there is none with this login or signature.
    pub(crate) fn lacks(&self, wanted: &str, name: &str) -> Diagnostic {
        let (wanted, name) = (wording::shown(wanted), wording::shown(name));
        if self.0.is_empty() {
            return self.only(&name).err().unwrap_or_else(|| {
                Diagnostic::error(Code::NoPublisher, format!("nobody is known to have published `{name}`"))
            });
        }
        let message = format!("`{wanted}` has not published `{name}`; these have{}", self.listed());
        let problem = Diagnostic::error(Code::NotThePublisher, message);
        let known = self.0.values().map(|releases| releases.publisher.identifier());
        match wording::nearest(&wanted, known) {
            Some(nearest) => problem.help(format!("did you mean `{}`?", wording::shown(nearest))),
            None => {
                problem.help("name a login of crates.io, or a signature such as `github:owner/repository`")
            }
        }
    }

    /// A line for each, those with the most releases first.
    fn listed(&self) -> String {
        const MOST_LINES: usize = 20;
        let mut all: Vec<&Releases> = self.0.values().collect();
        all.sort_by_key(|releases| std::cmp::Reverse(releases.number));
        let line = |releases: &&Releases| {
            let number = wording::count(releases.number, "version", "versions");
            format!("\n  {} ({number} since {})", shown(&releases.publisher), releases.first)
        };
        let mut text: String = all.iter().take(MOST_LINES).map(line).collect();
        if let Some(more @ 1..) = all.len().checked_sub(MOST_LINES) {
            text.push_str(&format!("\n  and {more} more"));
        }
        text
    }
}

/// What a publisher is named by, fit to be shown.
pub(crate) fn name_of(publisher: &Publisher) -> String {
    wording::shown(publisher.identifier()).into_owned()
}

/// A publisher's name and login, or signature, fit to be shown.
pub fn shown(publisher: &Publisher) -> String {
    match publisher {
        Publisher::User { login, name: Some(name), .. } => {
            format!("{} ({})", wording::shown(login), wording::shown(name))
        }
        publisher => name_of(publisher),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, when: &str, publisher: Publisher) -> PublisherEntry {
        PublisherEntry {
            version: version.parse().unwrap(),
            when: when.parse().unwrap(),
            publisher,
            fresh: true,
        }
    }

    fn user(id: u64, login: &str) -> Publisher {
        Publisher::User { id, login: login.to_owned(), name: Some(format!("{login}\u{1b}[2J")) }
    }

    #[test]
    fn publishers_are_found_by_login_and_signature() {
        let ci = || Publisher::TrustedPublisher("github:a/b".to_owned());
        let publishers = Publishers::of(&[
            release("1.0.0", "2020-01-02", user(1, "ann")),
            release("1.1.0", "2020-01-01", user(1, "ann")),
            release("1.2.0", "2021-01-01", ci()),
        ]);
        for (wanted, expected) in [
            ("ann", Some((user(1, "ann"), "2020-01-01"))),
            ("github:a/b", Some((ci(), "2021-01-01"))),
            ("Ann", None),
            ("1", None),
        ] {
            let expected = expected.map(|(publisher, day)| (publisher, day.parse().unwrap()));
            assert_eq!(publishers.find(wanted), expected, "{wanted}");
        }
        let problem = publishers.only("x").unwrap_err();
        assert_eq!(
            problem.message,
            "several have published `x`\n  ann (ann\\u{1b}[2J) (2 versions since 2020-01-01)\n  github:a/b (1 version since 2021-01-01)"
        );
        assert_eq!(publishers.lacks("anne", "x").help.unwrap(), "did you mean `ann`?");
        assert!(Publishers::of(&[]).only("x").unwrap_err().message.contains("nobody"));
        let one = Publishers::of(&[release("1.0.0", "2020-01-02", user(1, "ann"))]);
        assert_eq!(one.only("x").unwrap(), (user(1, "ann"), "2020-01-02".parse().unwrap()));
    }
}
