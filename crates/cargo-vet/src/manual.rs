//! The manual as one page of Markdown, generated from the definition of the command line.

use std::fmt::Write;

use clap::{Arg, Command};

use crate::args::is_global;
use crate::env_vars;

/// The long help of all commands that are not hidden.
pub(crate) fn markdown(mut root: Command) -> String {
    root.build();
    let mut page = String::from(
        "# cargo vet CLI manual\n\n> This manual can be regenerated with `cargo vet help-markdown`\n",
    );
    if let Some(vet) = root.find_subcommand("vet") {
        // The order of the page: each command is followed by its subcommands.
        let mut waiting = vec![(vet, "cargo vet".to_owned())];
        while let Some((command, name)) = waiting.pop() {
            section(&mut page, command, &name);
            let below: Vec<_> =
                visible(command).map(|below| (below, format!("{name} {}", below.get_name()))).collect();
            waiting.extend(below.into_iter().rev());
        }
    }
    page.push_str("\n## Environment variables\n\n");
    for variable in env_vars::ALL {
        let _ = writeln!(page, "* `{}`: {}", variable.name, variable.effect);
    }
    page
}

fn visible(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

fn section(page: &mut String, command: &Command, name: &str) {
    let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
    let _ = writeln!(page, "\n## {name}\n\n{about}\n\n### Usage\n");
    let usage = command.clone().render_usage().to_string();
    for line in usage.trim_start_matches("Usage:").lines() {
        let _ = writeln!(page, "```\n{}\n```", line.trim());
    }

    let commands: Vec<&Command> = visible(command).collect();
    if !commands.is_empty() {
        page.push_str("\n### Commands\n\n");
        for below in commands {
            let full_name = format!("{name} {}", below.get_name());
            let anchor = full_name.replace(' ', "-");
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(page, "* [{}](#{anchor}): {about}", below.get_name());
        }
    }

    let is_global = |arg: &&Arg| is_global(arg);
    arguments(page, "Arguments", command.get_positionals());
    arguments(page, "Options", command.get_opts().chain(flags(command)).filter(|arg| !is_global(arg)));
    if name == "cargo vet" {
        arguments(page, "Global Options", command.get_arguments().filter(is_global));
    } else {
        page.push_str(
            "\n### Global Options\n\nThis command takes all the [global options](#global-options).\n",
        );
    }
    if let Some(after) = command.get_after_long_help() {
        let after = after.to_string();
        let examples = after.strip_prefix("Examples:\n").unwrap_or(&after);
        let _ = writeln!(page, "\n### Examples\n\n```\n{}\n```", examples.trim_end());
    }
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| !arg.is_positional() && !arg.get_action().takes_values())
}

fn arguments<'a>(page: &mut String, heading: &str, arguments: impl Iterator<Item = &'a Arg>) {
    let mut arguments = arguments.filter(|argument| !argument.is_hide_set()).peekable();
    if arguments.peek().is_some() {
        let _ = writeln!(page, "\n### {heading}");
    }
    for argument in arguments {
        let short = argument.get_short().map(|short| format!("-{short}, ")).unwrap_or_default();
        let _ = writeln!(page, "\n#### `{short}{argument}`\n");
        if let Some(help) = argument.get_long_help().or(argument.get_help()) {
            let _ = writeln!(page, "{help}");
        }
        let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy());
        let defaults: Vec<_> = defaults.collect();
        if !defaults.is_empty() && argument.get_action().takes_values() {
            let _ = writeln!(page, "\nDefault: `{}`", defaults.join(" "));
        }
        let values: Vec<_> =
            argument.get_possible_values().into_iter().filter(|value| !value.is_hide_set()).collect();
        if !values.is_empty() && argument.get_action().takes_values() {
            page.push_str("\nPossible values:\n\n");
            for value in values {
                let help = value.get_help().map(|help| format!(": {help}")).unwrap_or_default();
                let _ = writeln!(page, "* `{}`{help}", value.get_name());
            }
        }
    }
}
