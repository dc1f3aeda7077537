//! Completes command lines: what may follow the words so far.
//!
//! The scripts for bash, zsh and fish only pass on the words and show the answer, so there is one
//! place that knows the command line, and a script stays right when the tool is updated.

use clap::builder::ValueHint;
use clap::{Arg, Command};

/// What may replace the last word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Completion {
    /// One of these words, with what it means.
    Words(Vec<(String, String)>),
    /// A file or a folder.
    Files,
}

/// Completes the last of the words. The first one is `cargo`, `cargo-vet` or, as cargo's completion
/// for zsh has it, `vet`.
pub(crate) fn complete(cargo: &Command, words: &[String]) -> Completion {
    let Some((current, before)) = words.split_last() else { return none() };
    let Some(vet) = cargo.find_subcommand("vet") else { return none() };
    match from_vet(before) {
        Place::AfterVet(before) => after_vet(vet, before, current),
        Place::BeforeVet => Completion::Words(starting_with(current, vec![word("vet", vet.get_about())])),
        Place::Elsewhere => none(),
    }
}

/// Where the cursor is.
enum Place<'w> {
    /// Behind the word `vet` and these.
    AfterVet(&'w [String]),
    /// Behind `cargo-vet`, where `vet` belongs.
    BeforeVet,
    /// In another command of cargo.
    Elsewhere,
}

fn from_vet(before: &[String]) -> Place<'_> {
    /// Options of cargo that have a value, which may be the next word.
    const WITH_VALUE: [&str; 5] = ["--color", "--config", "-C", "-Z", "--explain"];
    let Some((program, mut rest)) = before.split_first() else { return Place::Elsewhere };
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    if name == "vet" {
        return Place::AfterVet(rest);
    }
    while let Some((first, more)) = rest.split_first() {
        match first.as_str() {
            "vet" => return Place::AfterVet(more),
            option if WITH_VALUE.contains(&option) => {
                rest = more.split_first().map_or(more, |(_, rest)| rest)
            }
            option if option.starts_with(['-', '+']) => rest = more,
            _ => return Place::Elsewhere,
        }
    }
    if name.starts_with("cargo-vet") { Place::BeforeVet } else { Place::Elsewhere }
}

fn after_vet(vet: &Command, before: &[String], current: &str) -> Completion {
    let mut command = vet;
    // The option whose value is next.
    let mut open: Option<&Arg> = None;
    let (mut positionals, mut only_positionals) = (0, false);
    for word in before {
        if open.is_some() {
            // bash takes `--option=value` for three words.
            if word != "=" {
                open = None;
            }
        } else if only_positionals {
            positionals += 1;
        } else if word == "--" {
            only_positionals = true;
        } else if word.starts_with('-') {
            open = option(command, word).filter(|option| option.get_action().takes_values());
        } else if let Some(below) = command.find_subcommand(word) {
            command = below;
            positionals = 0;
        } else {
            positionals += 1;
        }
    }
    if let Some(option) = open {
        return values(option, "", if current == "=" { "" } else { current });
    }
    if let Some((name, value)) = current.split_once('=').filter(|_| current.starts_with("--")) {
        return match option(command, name) {
            Some(option) => values(option, &format!("{name}="), value),
            None => none(),
        };
    }
    if current.starts_with('-') && !only_positionals {
        return Completion::Words(starting_with(current, options(command)));
    }
    let mut found: Vec<_> = match positionals {
        0 if !only_positionals => commands(command),
        _ => Vec::new(),
    };
    if let Some(positional) = command.get_positionals().nth(positionals).filter(|arg| !arg.is_hide_set()) {
        match values(positional, "", current) {
            Completion::Words(words) => found.extend(words),
            Completion::Files => return Completion::Files,
        }
    }
    Completion::Words(starting_with(current, found))
}

fn option<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let mut options = command.get_arguments();
    match name.strip_prefix("--") {
        Some(long) => options.find(|option| option.get_long() == Some(long)),
        None => options.find(|option| {
            option.get_short().is_some_and(|short| name.strip_prefix('-') == Some(&short.to_string()))
        }),
    }
}

fn values(argument: &Arg, prefix: &str, current: &str) -> Completion {
    let possible: Vec<_> = argument
        .get_possible_values()
        .iter()
        .filter(|value| !value.is_hide_set())
        .map(|value| word(&format!("{prefix}{}", value.get_name()), value.get_help()))
        .collect();
    match argument.get_value_hint() {
        _ if !possible.is_empty() => {
            Completion::Words(starting_with(&format!("{prefix}{current}"), possible))
        }
        ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath => Completion::Files,
        _ => none(),
    }
}

fn options(command: &Command) -> Vec<(String, String)> {
    let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
    visible
        .flat_map(|argument| {
            let names = [
                argument.get_long().map(|long| format!("--{long}")),
                argument.get_short().map(|short| format!("-{short}")),
            ];
            names.into_iter().flatten().map(|name| word(&name, argument.get_help()))
        })
        .collect()
}

fn commands(command: &Command) -> Vec<(String, String)> {
    let visible = command.get_subcommands().filter(|command| !command.is_hide_set());
    visible.map(|command| word(command.get_name(), command.get_about())).collect()
}

fn word(text: &str, help: Option<&clap::builder::StyledStr>) -> (String, String) {
    (text.to_owned(), help.map(ToString::to_string).unwrap_or_default())
}

fn starting_with(start: &str, words: Vec<(String, String)>) -> Vec<(String, String)> {
    words.into_iter().filter(|(word, _)| word.starts_with(start)).collect()
}

fn none() -> Completion {
    Completion::Words(Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command_line::definition;

    /// The candidates for the last word of a line, which may be empty.
    fn completed(line: &str) -> String {
        let mut cargo = definition();
        cargo.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        match complete(&cargo, &words) {
            Completion::Files => "(files)".to_owned(),
            Completion::Words(words) => words.into_iter().map(|(word, _)| word).collect::<Vec<_>>().join(" "),
        }
    }

    #[test]
    fn the_last_word_is_completed() {
        for (line, expected) in [
            ("cargo vet che", "check"),
            ("cargo-vet vet che", "check"),
            ("/usr/bin/cargo-vet vet che", "check"),
            ("vet che", "check"),
            ("cargo-vet v", "vet"),
            ("cargo-vet ", "vet"),
            ("cargo v", ""),
            ("cargo build che", ""),
            ("cargo run vet che", ""),
            ("cargo +nightly --color never vet che", "check"),
            ("cargo vet --locked che", "check"),
            ("cargo vet --store-path audits che", "check"),
            ("cargo vet --store-path=audits che", "check"),
            ("cargo vet --color always che", "check"),
            ("cargo vet -q che", "check"),
            ("cargo vet reg", "regenerate"),
            ("cargo vet regenerate --locked u", "unpublished"),
            ("cargo vet help regenerate e", "exemptions"),
            ("cargo vet check --loc", "--locked"),
            ("cargo vet explain --loc", ""),
            ("cargo vet --verbose ", "off error warn info debug trace"),
            ("cargo vet --color=a", "--color=auto --color=always"),
            ("cargo vet --color = a", "auto always"),
            ("cargo vet --color =", "auto always never"),
            ("cargo vet check --nonsense=a", ""),
            ("cargo vet --store-path ", "(files)"),
            ("cargo vet --store-path=", "(files)"),
            ("cargo vet aggregate s", "(files)"),
            ("cargo vet completions z", "zsh"),
            ("cargo vet dump-graph --depth r", "roots"),
            ("cargo vet certify serde ", ""),
            ("cargo vet certify -- --al", ""),
            ("cargo vet --curr", ""),
            ("cargo vet help-m", ""),
        ] {
            assert_eq!(completed(line), expected, "{line}");
        }
        assert!(completed("cargo vet ").starts_with("init check suggest "));
        assert_eq!(complete(&definition(), &[]), none());
    }
}
