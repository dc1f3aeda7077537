//! `inspect`: shows the source of a package.

use std::path::Path;

use vet_ops::inspect::folders;
use vet_ops::questions::Prompter as _;
use vet_ops::reading::{At, Mode, Subject, prepare};

use crate::programs::nested_shell::NestedShell;

use super::Outcome;
use super::context::context;
use super::network::online;
use super::reading::{advise, introduce, is_attended, open_page, wish};
use crate::ExitStatus;
use crate::interrupts::left_to_program;
use crate::printer::Printer;
use crate::prompter::Terminal;
use crate::request::Settings;

/// The lowest status that shells report for a program that a signal ended.
const BY_SIGNAL: u8 = 128;

pub(crate) fn run(settings: &Settings, subject: Subject, mode: Option<Mode>, printer: &Printer) -> Outcome {
    let status = show(settings, subject, mode, printer)?;
    advise(printer);
    Ok(status)
}

/// Shows the source, without saying what to do afterwards.
pub(super) fn show(settings: &Settings, subject: Subject, mode: Option<Mode>, printer: &Printer) -> Outcome {
    let context = context(settings)?;
    let (reading, folders) = online(settings, |network| {
        let reading = prepare(&context, network, subject, wish(mode), printer)?;
        introduce(&reading, printer);
        let folders = match reading.at {
            At::Local => folders(&context, network, &reading, printer)?,
            At::Page(_) => Vec::new(),
        };
        Ok((reading, folders))
    })?;
    match (&reading.at, folders.as_slice(), &settings.shell) {
        (At::Page(url), ..) => open_page(url, &reading, printer),
        (At::Local, [folder], Some(shell)) if is_attended(printer) => {
            reading.remember();
            look_around(shell, folder, &reading.subject, settings, printer)
        }
        (At::Local, folders, _) => {
            reading.remember();
            for folder in folders {
                printer.answer(format!("{}\n", folder.display()));
            }
            Ok(ExitStatus::Success)
        }
    }
}

/// Opens the user's shell in a folder.
fn look_around(
    shell: &NestedShell,
    folder: &Path,
    subject: &Subject,
    settings: &Settings,
    printer: &Printer,
) -> Outcome {
    Terminal.press_enter("to look at it in a shell")?;
    if let Some(outer) = &settings.inspected {
        printer
            .note(format!("this shell is within the one for `{}`", vet_diagnostics::wording::shown(outer)));
    }
    let sign = match shell.marks_prompt() {
        true => "",
        false => "; the variable CARGO_VET_INSPECT tells that you are in it",
    };
    printer.note(format!(
        "this shell is in the folder with the source, which is read-only; `exit` leaves it{sign}"
    ));
    let subject = format!("{} {}", subject.package, subject.to);
    let status = left_to_program(|| shell.run(folder, &subject))?;
    Ok(match status.map(u8::try_from) {
        Some(Ok(0)) => ExitStatus::Success,
        Some(status) => ExitStatus::OfShell(status.unwrap_or(u8::MAX)),
        None => ExitStatus::OfShell(BY_SIGNAL),
    })
}
