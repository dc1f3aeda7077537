//! The examples in the pages about the store show the tool's real output.

use vet_diagnostics::{Diagnostic, Source};
use vet_report::diagnostics::human;
use vet_store::{
    Bytes, StoreBytes, StoreFile, check_formatting, check_lock, check_version, dropped_text, dropped_warning,
    load, parse_settings,
};

use super::PAGES;
use crate::look;

/// A valid store.
const CONFIG: &str = "\n# cargo-vet config file\n\n[cargo-vet]\nversion = \"0.10\"\n";
const AUDITS: &str = "\n# cargo-vet audits file\n\n[audits]\n";
const IMPORTS: &str = "\n# cargo-vet imports lock\n";

#[test]
fn examples_of_store_files_give_the_messages_shown() {
    let mut checked = 0;
    let mut wrong = String::new();
    for (code, page) in
        PAGES.iter().filter(|(code, _)| code.starts_with("VET01") || code.starts_with("VET02"))
    {
        let example = page.split("\n## ").find(|section| section.starts_with("Example\n")).unwrap();
        let Some(toml) = block(example, "toml") else { continue };
        let found = findings(toml);
        for shown in block(example, "text").unwrap().lines() {
            let says_so = |found: &String| match shown.strip_suffix('…') {
                Some(start) => found.starts_with(start),
                None => found == shown,
            };
            if shown.contains(&format!("[{code}]: ")) {
                checked += 1;
                if !found.iter().any(says_so) {
                    wrong += &format!("{shown}\n    but the tool says\n    {}\n", found.join("\n    "));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(checked > 15, "only {checked} examples were found");
}

#[test]
fn examples_without_their_mistake_give_nothing() {
    assert_eq!(findings(""), Vec::<String>::new());
}

/// The content of the first code block in a language.
fn block<'a>(page: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = page.split_once(&format!("```{language}\n"))?;
    rest.split_once("```").map(|(block, _)| block)
}

/// The messages about settings, or about a store in which one file is or ends with a text.
fn findings(toml: &str) -> Vec<String> {
    if toml.starts_with("[graph]") || toml.starts_with("[diagnostics]") {
        let problems = parse_settings(&Source::new("vet.toml", toml)).problems;
        return shown(&problems);
    }
    let (mut config, mut audits) = (CONFIG.to_owned(), AUDITS.to_owned());
    if toml.starts_with("[cargo-vet]") {
        config = toml.to_owned();
    } else if ["exemptions.", "[policy.", "[imports."].iter().any(|key| toml.contains(key)) {
        config = format!("{toml}\n[cargo-vet]\nversion = \"0.10\"\n");
    } else if toml.contains("[[audits.") {
        audits = toml.to_owned();
    } else {
        audits = format!("{toml}{AUDITS}");
    }
    let files = StoreBytes {
        config: Bytes { name: "config.toml", bytes: config.as_bytes() },
        audits: Bytes { name: "audits.toml", bytes: audits.as_bytes() },
        imports: Bytes { name: "imports.lock", bytes: IMPORTS.as_bytes() },
    };
    let today = "2026-11-23".parse().unwrap();
    let found = match load(files, today) {
        Err(problems) => problems,
        Ok(loaded) => {
            let (store, texts) = (&loaded.store, &loaded.texts);
            let mut found = loaded.warnings;
            found.extend(check_version(store, texts));
            found.extend(check_lock(store, texts));
            found.extend(check_formatting(store, texts));
            for file in [StoreFile::Config, StoreFile::Audits] {
                let source = &texts.get(file).source;
                found.extend(dropped_warning(source, &dropped_text(file, source)));
            }
            found
        }
    };
    shown(&found)
}

/// The first line of each finding.
fn shown(findings: &[Diagnostic]) -> Vec<String> {
    let line = |diagnostic: &Diagnostic| {
        let shown = human(std::slice::from_ref(diagnostic), look::IN_FILE);
        shown.lines().next().unwrap_or_default().to_owned()
    };
    findings.iter().map(line).collect()
}
