//! Where a subject is read: on this machine or on a web page.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use vet_project::state::Command;
use vet_store::Version;

use super::ReadingSubject;

/// Where a subject is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// On this machine.
    Local,
    /// On a web page.
    Page {
        /// The name of the mode on the command line.
        name: String,
        /// The URL, with the placeholders `{package}`, `{version}`, `{version1}` and `{version2}`.
        template: String,
    },
}

/// The command, name and URL of each page mode. The first mode of a command is its default.
const PAGES: [(Command, &str, &str); 5] = [
    (Command::Inspect, "crates.io", "https://crates.io/crates/{package}/{version}/code"),
    (Command::Inspect, "diff.rs", "https://diff.rs/browse/{package}/{version}/"),
    (Command::Inspect, "sourcegraph", "https://sourcegraph.com/crates/{package}@v{version}"),
    (Command::Diff, "diff.rs", "https://diff.rs/{package}/{version1}/{version2}/"),
    (
        Command::Diff,
        "sourcegraph",
        "https://sourcegraph.com/crates/{package}/-/compare/v{version1}...v{version2}?visible=7000",
    ),
];

const CUSTOM: &str = "custom_url=";

impl Mode {
    /// Parses the name of a mode, or a URL template.
    ///
    /// # Errors
    ///
    /// The command has no such mode. The text lists the existing ones.
    pub fn read(text: &str, command: Command) -> Result<Self, String> {
        if text == "local" {
            return Ok(Mode::Local);
        }
        if let Some(template) = text.strip_prefix(CUSTOM) {
            // The system opens anything, including programs.
            if !["https://", "http://"].iter().any(|scheme| template.starts_with(scheme)) {
                return Err("the address of a page starts with https:// or http://".to_owned());
            }
            if template.contains(|letter: char| letter.is_control() || letter.is_whitespace()) {
                return Err("an address contains neither spaces nor control characters".to_owned());
            }
            return Ok(Mode::Page { name: text.to_owned(), template: template.to_owned() });
        }
        let page = pages(command).find(|(name, _)| *name == text);
        page.map(|(name, template)| Mode::page(name, template)).ok_or_else(|| {
            let names: Vec<&str> = pages(command).map(|(name, _)| name).collect();
            format!("the modes are local, {} and {CUSTOM}TEMPLATE", names.join(", "))
        })
    }

    /// The mode of a command before the user has chosen one.
    pub(super) fn at_first(command: Command) -> Self {
        pages(command).next().map_or(Mode::Local, |(name, template)| Mode::page(name, template))
    }

    fn page(name: &str, template: &str) -> Self {
        Mode::Page { name: name.to_owned(), template: template.to_owned() }
    }
}

impl fmt::Display for Mode {
    /// The name on the command line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mode::Local => "local",
            Mode::Page { name, .. } => name,
        })
    }
}

fn pages(command: Command) -> impl Iterator<Item = (&'static str, &'static str)> {
    PAGES.iter().filter(move |(of, ..)| *of == command).map(|(_, name, template)| (*name, *template))
}

/// The URL from a template and a subject.
pub(super) fn address(template: &str, subject: &ReadingSubject) -> String {
    let ReadingSubject { package, from, to } = subject;
    let escaped = |value: &str| utf8_percent_encode(value, ESCAPED).to_string();
    let version = |version: &Version| escaped(&version.to_string());
    let from = from.as_ref().map(version);
    let to = version(to);
    let values = [
        ("{package}", Some(escaped(package))),
        ("{version}", from.is_none().then(|| to.clone())),
        ("{version1}", from.clone()),
        ("{version2}", from.is_some().then_some(to)),
    ];
    let mut address = String::new();
    let mut rest = template;
    // One pass, so that a placeholder in a value is not replaced.
    while let Some(start) = rest.find('{') {
        let (before, at) = rest.split_at(start);
        address.push_str(before);
        let known = values.iter().find_map(|(name, value)| Some((at.strip_prefix(name)?, value.as_ref()?)));
        rest = match known {
            Some((rest, value)) => {
                address.push_str(value);
                rest
            }
            None => {
                address.push('{');
                at.strip_prefix('{').unwrap_or_default()
            }
        };
    }
    address.push_str(rest);
    address
}

/// The characters of a value that are escaped, because they can have a meaning in a URL.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

#[cfg(test)]
mod tests {
    use super::*;

    /// A subject such as `serde 1.0.0`; the version that changes start from comes before the other
    /// one.
    fn subject(text: &str) -> ReadingSubject {
        let words: Vec<&str> = text.split(' ').collect();
        let (from, to) = match words[1..] {
            [from, to] => (Some(from.parse().unwrap()), to),
            [to] => (None, to),
            _ => panic!("{text}"),
        };
        ReadingSubject { package: words[0].to_owned(), from, to: to.parse().unwrap() }
    }

    /// The URL that a mode leads to, or why there is no such mode.
    fn leads_to(mode: &str, text: &str) -> String {
        let subject = subject(text);
        let command = if subject.from.is_some() { Command::Diff } else { Command::Inspect };
        match Mode::read(mode, command) {
            Ok(mode) => {
                assert_eq!(Mode::read(&mode.to_string(), command).as_ref(), Ok(&mode), "{mode}");
                match mode {
                    Mode::Local => "local".to_owned(),
                    Mode::Page { template, .. } => address(&template, &subject),
                }
            }
            Err(problem) => problem,
        }
    }

    #[test]
    fn modes_lead_to_pages() {
        for (mode, subject, expected) in [
            ("local", "itoa 1.0.9", "local"),
            ("local", "itoa 1.0.8 1.0.9", "local"),
            ("crates.io", "itoa 1.0.9", "https://crates.io/crates/itoa/1.0.9/code"),
            ("diff.rs", "itoa 1.0.9", "https://diff.rs/browse/itoa/1.0.9/"),
            ("diff.rs", "itoa 1.0.8 1.0.9", "https://diff.rs/itoa/1.0.8/1.0.9/"),
            ("sourcegraph", "itoa 1.0.9", "https://sourcegraph.com/crates/itoa@v1.0.9"),
            (
                "sourcegraph",
                "itoa 1.0.8 1.0.9",
                "https://sourcegraph.com/crates/itoa/-/compare/v1.0.8...v1.0.9?visible=7000",
            ),
            (
                "crates.io",
                "itoa 1.0.8 1.0.9",
                "the modes are local, diff.rs, sourcegraph and custom_url=TEMPLATE",
            ),
            (
                "Local",
                "itoa 1.0.9",
                "the modes are local, crates.io, diff.rs, sourcegraph and custom_url=TEMPLATE",
            ),
        ] {
            assert_eq!(leads_to(mode, subject), expected, "{mode}, {subject}");
        }
    }

    #[test]
    fn templates_are_filled_in() {
        for (template, subject, expected) in [
            (
                "https://x.example/{package}?v={version}",
                "a 1.0.0-rc.1+b",
                "https://x.example/a?v=1.0.0-rc.1%2Bb",
            ),
            (
                "http://x.example/{version2}/{version1}/{package}",
                "a 1.0.0 2.0.0",
                "http://x.example/2.0.0/1.0.0/a",
            ),
            // Unknown placeholders stay, and placeholders in values are not replaced.
            (
                "https://x.example/{version1}{name}{{package}",
                "{version} 1.0.0",
                "https://x.example/{version1}{name}{%7Bversion%7D",
            ),
            ("https://x.example/{version}", "a 1.0.0 2.0.0", "https://x.example/{version}"),
            ("https://x.example/{", "a/../b 1.0.0", "https://x.example/{"),
            ("https://x.example/{package}", "a/../é?# 1.0.0", "https://x.example/a%2F..%2F%C3%A9%3F%23"),
            ("file:///bin/{package}", "sh 1.0.0", "the address of a page starts with https:// or http://"),
            ("", "a 1.0.0", "the address of a page starts with https:// or http://"),
            (
                "https://x.example/\u{1b}[2J",
                "a 1.0.0",
                "an address contains neither spaces nor control characters",
            ),
        ] {
            assert_eq!(
                leads_to(&format!("custom_url={template}"), subject),
                expected,
                "{template}, {subject}"
            );
        }
    }

    #[test]
    fn the_first_modes_are_those_of_the_original() {
        assert_eq!(Mode::at_first(Command::Inspect).to_string(), "crates.io");
        assert_eq!(Mode::at_first(Command::Diff).to_string(), "diff.rs");
    }
}
