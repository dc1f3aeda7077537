//! The names that scripts depend on: all commands, arguments and options, with value names and
//! arity.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command};

use super::definition;
use crate::args::is_global;

/// What cargo-vet 0.10.3 accepts. `+` marks additions of this tool. It also accepts `inspect`
/// without a version.
const COMMANDS: &str = "\
check
suggest
init
inspect <PACKAGE> [VERSION] --mode <MODE>
diff <PACKAGE> <VERSION1> <VERSION2> --mode <MODE> +--tool [<TOOL>]
+status
certify [PACKAGE] [VERSION1] [VERSION2] --wildcard <WILDCARD> +--all-from <FILE> +--unread --criteria <CRITERIA>... \
--who <WHO>... --notes <NOTES> --start-date <START_DATE> --end-date <END_DATE> --accept-all +--yes --force \
--no-collapse
+next --mode <MODE> --criteria <CRITERIA>... --who <WHO>...
import <NAME> [URL]...
trust [PACKAGE] [PUBLISHER_IDENTIFIER] --criteria <CRITERIA>... --start-date <START_DATE> --end-date <END_DATE> \
--notes <NOTES> --all <ALL> --allow-multiple-publishers
regenerate
regenerate exemptions
regenerate imports
regenerate audit-as-crates-io
regenerate unpublished
add-exemption <PACKAGE> <VERSION> --criteria <CRITERIA>... --notes <NOTES> --no-suggest --force
record-violation <PACKAGE> <VERSIONS> --criteria <CRITERIA>... --who <WHO>... --notes <NOTES> --force
fmt
prune --no-imports --no-exemptions --no-audits +--unbuilt
aggregate <SOURCES>
explain-audit <PACKAGE> [VERSION] [CRITERIA]
+settings
dump-graph --depth <DEPTH>
gc --max-package-age-days <MAX_PACKAGE_AGE_DAYS> --clean
renew [CRATE] --expiring --include-inactive
+explain [CODE]
+completions <SHELL>
+man [COMMAND]...
help-markdown
";

const GLOBAL: &str = "\
--manifest-path <PATH>
--store-path <STORE_PATH>
--no-all-features
--no-default-features
--features <FEATURES>...
--locked
--frozen
+--dry-run
+--strict
--use-git-credentials
--no-minimize-exemptions
--no-registry-suggestions
--verbose <VERBOSE>
+-q --quiet
+--color <WHEN>
--output-file <OUTPUT_FILE>
--log-file <LOG_FILE>
--output-format <OUTPUT_FORMAT>
--cache-dir <CACHE_DIR>
--current-time <CURRENT_TIME>
--filter-graph <FILTER_GRAPH>...
+--target <TRIPLE>...
+--allow <CODE>...
+--warn <CODE>...
+--deny <CODE>...
+--accept-mirror <INDEX>...
--cargo-arg <CARGO_ARG>...
";

#[test]
fn commands_and_their_arguments_are_those_of_the_original() {
    let definition = built();
    let vet = definition.find_subcommand("vet").unwrap();
    let mut listed = String::new();
    list(&mut listed, vet, "");
    assert_eq!(in_order(&listed), in_order(&COMMANDS.replace('+', "")));
}

#[test]
fn every_command_takes_the_global_options() {
    let definition = built();
    let vet = definition.find_subcommand("vet").unwrap();
    let regenerate = vet.find_subcommand("regenerate").unwrap();
    let commands = std::iter::once(vet).chain(vet.get_subcommands()).chain(regenerate.get_subcommands());
    for command in commands.filter(|command| command.get_name() != "help") {
        let global = command.get_arguments().filter(|arg| is_global(arg));
        let global: String = global.map(|arg| shown(arg) + "\n").collect();
        assert_eq!(in_order(&global), in_order(&GLOBAL.replace('+', "")), "{}", command.get_name());
    }
}

#[test]
fn definitions_are_consistent() {
    built().debug_assert();
}

/// The lines in alphabetical order: the order in the help plays no part.
fn in_order(lines: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = lines.lines().collect();
    lines.sort_unstable();
    lines
}

fn built() -> Command {
    let mut definition = definition();
    definition.build();
    definition
}

fn list(listed: &mut String, command: &Command, prefix: &str) {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = format!("{prefix}{}", command.get_name());
        let own = command
            .get_arguments()
            .filter(|arg| !is_global(arg) && !arg.is_hide_set() && arg.get_id() != "help");
        let own: String = own.map(|arg| " ".to_owned() + &shown(arg)).collect();
        writeln!(listed, "{name}{own}").unwrap();
        list(listed, command, &format!("{name} "));
    }
}

/// An argument such as `-q --quiet`, `[URL]...` or `--who <WHO>...`.
fn shown(arg: &Arg) -> String {
    let short = arg.get_short().map(|short| format!("-{short} ")).unwrap_or_default();
    let repeats = matches!(arg.get_action(), ArgAction::Append) && !arg.is_positional();
    format!("{short}{arg}{}", if repeats { "..." } else { "" })
}
