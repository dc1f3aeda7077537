//! Parses the arguments of a single command, for tests.

use clap::Args;

/// The arguments on a line, or the first line of the error. `~` stands for a space within an
/// argument.
pub(crate) fn parsed<T: Args>(line: &str) -> Result<T, String> {
    let words = line.split_whitespace().map(|word| word.replace('~', " "));
    let command = T::augment_args(clap::Command::new("command").no_binary_name(true));
    let parsed = command.try_get_matches_from(words);
    let parsed = parsed.and_then(|matches| T::from_arg_matches(&matches));
    parsed.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}
