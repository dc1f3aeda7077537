//! The publishers of a crate.

use std::collections::BTreeMap;

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_store::Date;
use vet_store::entries::{Publisher, PublisherEntry, PublisherId};

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
    /// Counts releases. Releases without a known publisher are ignored.
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

    /// Whether there is more than one publisher.
    pub(crate) fn several(&self) -> bool {
        self.0.len() > 1
    }

    /// The only publisher, and the day of its first release.
    pub(crate) fn only(&self, name: &str) -> Result<(Publisher, Date), Diagnostic> {
        let shown = wording::shown(name);
        let mut all = self.0.values();
        match (all.next(), all.next()) {
            (Some(only), None) => Ok((only.publisher.clone(), only.first)),
            (None, _) => {
                let message = format!("`{shown}` has no known publisher");
                Err(Diagnostic::error(Code::NoPublisher, message)
                    .note("crates.io knows the publishers of versions since about 2019")
                    .help(format!("audit it instead: `cargo vet certify {shown}`")))
            }
            (Some(_), Some(_)) => {
                let message = format!("`{shown}` has several publishers{}", self.listed());
                let by = match self.share_a_login() {
                    true => "name the one to trust, by account number if logins are the same",
                    false => "name the one to trust",
                };
                Err(Diagnostic::error(Code::SeveralPublishers, message)
                    .help(format!("{by}: `cargo vet trust {shown} PUBLISHER`")))
            }
        }
    }

    /// All publishers with this login, account number or signature, and the days of their first
    /// releases. More than one if accounts share the login.
    pub(crate) fn named(&self, wanted: &str) -> impl Iterator<Item = (&Publisher, Date)> {
        let is_meant = move |releases: &&Releases| is_named(&releases.publisher, wanted);
        self.0.values().filter(is_meant).map(|releases| (&releases.publisher, releases.first))
    }

    /// The publisher with this login, account number or signature, and the day of its first
    /// release.
    ///
    /// # Errors
    ///
    /// There is no such publisher, or several accounts share the login.
    pub(crate) fn find(&self, wanted: &str, name: &str) -> Result<(Publisher, Date), Diagnostic> {
        let mut found = self.named(wanted);
        match (found.next(), found.next()) {
            (None, _) => Err(self.lacks(wanted, name)),
            (Some((only, first)), None) => Ok((only.clone(), first)),
            (Some(_), Some(_)) => {
                let (wanted, name) = (wording::shown(wanted), wording::shown(name));
                let message =
                    format!("several accounts named `{wanted}` have published `{name}`{}", self.listed());
                Err(ambiguous(message))
            }
        }
    }

    /// The command-line argument for a publisher: the login or the signature, or the account number
    /// if the login is ambiguous.
    pub(crate) fn argument(&self, publisher: &Publisher) -> String {
        let identifier = publisher.identifier();
        match publisher {
            Publisher::User { id, .. } if self.named(identifier).nth(1).is_some() => id.to_string(),
            _ => identifier.to_owned(),
        }
    }

    /// The text for a publisher, safe to print; with the account number if another account has the
    /// same login.
    pub(crate) fn shown(&self, publisher: &Publisher) -> String {
        let identifier = publisher.identifier();
        let is_like = |other: &&Releases| {
            other.publisher.identifier().eq_ignore_ascii_case(identifier)
                || is_named(&other.publisher, identifier)
        };
        shown_with(publisher, self.0.values().filter(is_like).nth(1).is_some())
    }

    fn lacks(&self, wanted: &str, name: &str) -> Diagnostic {
        let (wanted, name) = (wording::shown(wanted), wording::shown(name));
        if self.0.is_empty() {
            return self.only(&name).err().unwrap_or_else(|| {
                Diagnostic::error(Code::NoPublisher, format!("`{name}` has no known publisher"))
            });
        }
        let message = format!("`{wanted}` has not published `{name}`; its publishers are{}", self.listed());
        let problem = Diagnostic::error(Code::NotThePublisher, message);
        let known = self.0.values().map(|releases| releases.publisher.identifier());
        match wording::nearest(&wanted, known) {
            Some(nearest) => problem.help(format!("did you mean `{}`?", wording::shown(nearest))),
            None => {
                problem.help("name a login of crates.io, or a signature such as `github:owner/repository`")
            }
        }
    }

    /// Whether several accounts have the same login.
    fn share_a_login(&self) -> bool {
        self.0.values().any(|releases| self.named(releases.publisher.identifier()).nth(1).is_some())
    }

    /// One line for each publisher; those with the most releases come first.
    fn listed(&self) -> String {
        const MOST_LINES: usize = 20;
        let mut all: Vec<&Releases> = self.0.values().collect();
        all.sort_by_key(|releases| std::cmp::Reverse(releases.number));
        let line = |releases: &&Releases| {
            let number = wording::count(releases.number, "version", "versions");
            format!("\n  {} ({number} since {})", self.shown(&releases.publisher), releases.first)
        };
        let mut text: String = all.iter().take(MOST_LINES).map(line).collect();
        if let Some(more @ 1..) = all.len().checked_sub(MOST_LINES) {
            text.push_str(&format!("\n  and {more} more"));
        }
        text
    }
}

/// The identifier of a publisher, safe to print.
pub(crate) fn name_of(publisher: &Publisher) -> String {
    wording::shown(publisher.identifier()).into_owned()
}

/// Whether a command-line argument names a publisher.
fn is_named(publisher: &Publisher, wanted: &str) -> bool {
    let is_number = |id: u64| wanted.parse() == Ok(id);
    publisher.identifier() == wanted || matches!(publisher, Publisher::User { id, .. } if is_number(*id))
}

/// The login of a publisher, the account number if requested, and the name; or the signature.
fn shown_with(publisher: &Publisher, with_number: bool) -> String {
    let mut text = name_of(publisher);
    if let Publisher::User { id, name, .. } = publisher {
        if with_number {
            text.push_str(&format!(", account {id}"));
        }
        if let Some(name) = name {
            text.push_str(&format!(" ({})", wording::shown(name)));
        }
    }
    text
}

/// The name and login of a publisher, or its signature, safe to print.
pub fn shown(publisher: &Publisher) -> String {
    shown_with(publisher, false)
}

/// The error for an ambiguous login. The message lists the accounts.
pub(crate) fn ambiguous(message: String) -> Diagnostic {
    Diagnostic::error(Code::SharedLogin, message)
        .note("another account can take over a login that was given up on GitHub")
        .help("name the account by its number instead of the login")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(version: &str, when: &str, publisher: Publisher) -> PublisherEntry {
        PublisherEntry { version: version.parse().unwrap(), when: when.parse().unwrap(), publisher }
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
            ("1", Some((user(1, "ann"), "2020-01-01"))),
            ("github:a/b", Some((ci(), "2021-01-01"))),
            ("Ann", None),
            ("2", None),
        ] {
            let expected = expected.map(|(publisher, day)| (publisher, day.parse().unwrap()));
            assert_eq!(publishers.find(wanted, "x").ok(), expected, "{wanted}");
        }
        let problem = publishers.only("x").unwrap_err();
        assert_eq!(
            problem.message,
            "`x` has several publishers\n  ann (ann\\u{1b}[2J) (2 versions since 2020-01-01)\n  github:a/b (1 version since 2021-01-01)"
        );
        assert_eq!(publishers.find("anne", "x").unwrap_err().help.unwrap(), "did you mean `ann`?");
        assert!(Publishers::of(&[]).only("x").unwrap_err().message.contains("no known publisher"));
        let one = Publishers::of(&[release("1.0.0", "2020-01-02", user(1, "ann"))]);
        assert_eq!(one.only("x").unwrap(), (user(1, "ann"), "2020-01-02".parse().unwrap()));
    }

    /// A login may pass from one account to another, and a login may look like a number.
    #[test]
    fn accounts_with_the_same_login_are_told_apart_by_number() {
        let publishers = Publishers::of(&[
            release("1.0.0", "2020-01-02", user(1, "ann")),
            release("1.1.0", "2020-01-01", user(1, "ann")),
            release("1.2.0", "2021-01-01", user(7, "ann")),
            release("1.3.0", "2022-01-01", user(8, "7")),
            release("1.4.0", "2022-01-01", user(9, "bob")),
        ]);
        let found = |wanted: &str| match publishers.find(wanted, "x") {
            Ok((Publisher::User { id, .. }, _)) => id.to_string(),
            Ok(other) => panic!("{other:?}"),
            Err(problem) => problem.code.to_string(),
        };
        for (wanted, expected) in
            [("ann", "VET0629"), ("1", "1"), ("7", "VET0629"), ("8", "8"), ("bob", "9"), ("2", "VET0612")]
        {
            assert_eq!(found(wanted), expected, "{wanted}");
        }
        let arguments =
            [user(1, "ann"), user(7, "ann"), user(8, "7"), user(9, "bob")].map(|it| publishers.argument(&it));
        assert_eq!(arguments, ["1", "7", "8", "bob"]);
        let problem = publishers.only("x").unwrap_err();
        let number = |id: u64, login: &str, versions: &str| {
            format!("\n  {login}, account {id} ({login}\\u{{1b}}[2J) ({versions} since 202")
        };
        for line in
            [number(1, "ann", "2 versions"), number(7, "ann", "1 version"), number(8, "7", "1 version")]
        {
            assert!(problem.message.contains(&line), "{}\n{line}", problem.message);
        }
        assert!(problem.help.unwrap().contains("by account number"));
    }
}
