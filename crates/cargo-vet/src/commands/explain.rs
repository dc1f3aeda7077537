//! `explain`: says what a diagnostic means and what to do about it.

use clap::Args;
use vet_diagnostics::{Code, Diagnostic};

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use crate::args::UsageError;
use crate::codes;
use crate::exit_status::ExitStatus;
use crate::printer::Printer;

/// Explain an error or a warning
///
/// Every error and warning has a code such as VET0102. This prints what it means and what to do
/// about it. Without a code, all codes are listed.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet explain VET0102")]
pub(crate) struct ExplainCommand {
    /// Code, such as VET0102, vet102 or 102
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

impl Command for ExplainCommand {
    const FACTS: Facts = Facts {
        name: "explain",
        group: Group::Help,
        is_common: false,
        reads: Reads::Nothing,
        writes: Writes::Nothing,
        network: NetworkUse::Nothing,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |_, printer| run(self.code.as_deref(), printer)))
    }
}

fn run(code: Option<&str>, printer: &Printer) -> Outcome {
    match code {
        None => {
            for code in Code::ALL {
                printer.answer(format!("{code}  {}\n", code.title()));
            }
        }
        Some(text) => match text.parse() {
            Ok(code) => printer.answer(codes::page(code).unwrap_or_default()),
            Err(error) => {
                let diagnostic = Diagnostic::error(Code::UnknownCode, format!("{error}"));
                return Err(diagnostic.help(way_out(text)).into());
            }
        },
    }
    Ok(ExitStatus::Success)
}

fn way_out(text: &str) -> String {
    let list = "`cargo vet explain` lists all codes";
    match nearest(text) {
        Some(code) => format!("did you mean {code}, {}? {list}", code.title()),
        None => list.to_owned(),
    }
}

/// The code with the nearest number, if the text contains a number.
fn nearest(text: &str) -> Option<Code> {
    let digits = text.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let number: u16 = digits.parse().ok()?;
    Code::ALL.iter().copied().min_by_key(|code| code.number().abs_diff(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_code_has_the_closest_number() {
        for (text, expected) in [
            ("VET0100", Some(101)),
            ("0", Some(101)),
            ("vet9999", Code::ALL.last().map(|code| code.number())),
            ("E0307", Some(307)),
            ("", None),
            ("VET", None),
            ("99999999", None),
        ] {
            assert_eq!(nearest(text).map(Code::number), expected, "{text}");
        }
    }
}
