//! `explain`: says what a diagnostic means and what to do about it.

use vet_diagnostics::{Code, Diagnostic};

use super::Outcome;
use crate::ExitStatus;
use crate::codes;
use crate::printer::Printer;

pub(crate) fn run(code: Option<&str>, printer: &Printer) -> Outcome {
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
