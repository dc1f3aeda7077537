//! The help of `cargo vet`: commands in groups, so that the short help fits on a screen.

use std::fmt::Write;

use clap::Command;
use clap::builder::Styles;

use crate::args::is_global;
use crate::commands::ALL;
use crate::commands::command::{Facts, Group};

const TEMPLATE: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{before-help}{all-args}{after-help}";

/// Lists the commands of `cargo vet` in groups.
///
/// Clap knows one list only. It shows no list if all commands are hidden, so this is for the parser
/// and its help; completions and manuals use the definition with visible commands.
pub(super) fn in_groups(vet: Command) -> Command {
    let (short, long) = (common_first(&vet), all_in_groups(&vet));
    vet.help_template(TEMPLATE)
        .before_help(short)
        .before_long_help(long)
        .mut_subcommands(|command| command.hide(true))
        .mut_args(|argument| if is_global(&argument) { argument.hide_short_help(true) } else { argument })
}

/// The common commands with what they do, and the names of the others.
fn common_first(vet: &Command) -> String {
    let mut text = heading("Common commands");
    lines(&mut text, vet, |facts| facts.is_common);
    text.push('\n');
    text += &heading("Other commands");
    for group in Group::ALL {
        let mut names: Vec<&str> =
            shown(vet, |facts| facts.group == group && !facts.is_common).map(Command::get_name).collect();
        if group == Group::Help {
            names.push("help");
        }
        if !names.is_empty() {
            let _ = writeln!(text, "  {:11}{}", group.name(), names.join(", "));
        }
    }
    text.trim_end().to_owned()
}

/// All commands with what they do.
fn all_in_groups(vet: &Command) -> String {
    let mut text = String::new();
    for group in Group::ALL {
        text += &heading(group.name());
        lines(&mut text, vet, |facts| facts.group == group);
        if group == Group::Help {
            let style = *Styles::styled().get_literal();
            let _ = writeln!(text, "  {style}help{style:#}         Print the help of a command");
        }
        text.push('\n');
    }
    text.trim_end().to_owned()
}

fn heading(name: &str) -> String {
    let styles = Styles::styled();
    let style = styles.get_header();
    format!("{style}{name}:{style:#}\n")
}

/// A line for each command.
fn lines(text: &mut String, vet: &Command, which: impl Fn(&Facts) -> bool) {
    let styles = Styles::styled();
    let style = styles.get_literal();
    let commands: Vec<&Command> = shown(vet, which).collect();
    let width = commands.iter().map(|command| command.get_name().len()).max().unwrap_or_default();
    for command in commands {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(text, "  {style}{:width$}{style:#}  {about}", command.get_name());
    }
}

fn shown(vet: &Command, which: impl Fn(&Facts) -> bool) -> impl Iterator<Item = &Command> {
    let facts = ALL.iter().map(|entry| entry.facts).filter(move |facts| which(facts));
    facts.filter_map(|facts| vet.find_subcommand(facts.name)).filter(|command| !command.is_hide_set())
}
