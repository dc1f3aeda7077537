//! `inspect`: shows the source of a package.

use std::path::Path;

use clap::Args;
use vet_ops::audit::inspect::folders;
use vet_ops::audit::reading::{self, At, Mode, ReadingSubject, Wanted, prepare};
use vet_store::Version;

use super::command::{Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT, Writes};
use super::context::context;
use super::network::online;
use super::reading::{advise, introduce, is_attended, open_page, wish};
use crate::args::{UsageError, version};
use crate::exit_status::ExitStatus;
use crate::interrupts::left_to_program;
use crate::options::Options;
use crate::printer::Printer;
use crate::programs::nested_shell::NestedShell;
use crate::prompter::{Explained, press_enter};

/// The lowest status that shells report for a program that a signal ended.
const BY_SIGNAL: u8 = 128;

/// Read the source of a package
///
/// Opens a published version in the browser, or a shell in a folder with its source. Afterwards,
/// `cargo vet certify` records the audit.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet inspect serde                      Read the version in use
  cargo vet inspect serde 1.0.200              Read this version, in the browser
  cargo vet inspect serde 1.0.200 --mode local     … or in a shell")]
pub(crate) struct InspectCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Version to read, such as 1.2.3 [default: the one in use]
    ///
    /// Or 1.2.3@git:REVISION, for code from git.
    #[arg(value_name = "VERSION", value_parser = version)]
    version: Option<Version>,

    /// local, crates.io, diff.rs, sourcegraph or custom_url=TEMPLATE
    ///
    /// Where to read the source. In TEMPLATE, `{package}` and `{version}` are replaced by the name
    /// and the version. By default the mode that was used last, at first crates.io. Git versions
    /// are always read locally.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<Mode>,
}

impl Command for InspectCommand {
    const FACTS: Facts = Facts {
        name: "inspect",
        group: Group::Audit,
        is_common: true,
        reads: Reads::Project,
        writes: Writes::Nothing,
        network: NetworkUse::UnlessFrozen,
        dry_run: DryRun::NEEDLESS,
        strict: false,
        formats: TEXT,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, self, printer)))
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::read(text, reading::Command::Inspect)
}

fn run(options: &Options, inspect: InspectCommand, printer: &Printer) -> Outcome {
    let InspectCommand { package, version, mode } = inspect;
    let wanted = match version {
        Some(to) => Wanted::Subject(ReadingSubject { package, from: None, to }),
        None => Wanted::InUse { package },
    };
    let status = show(options, wanted, mode, &Explained::default(), printer)?;
    advise(printer);
    Ok(status)
}

/// Shows the source, without saying what to do afterwards.
pub(super) fn show(
    options: &Options,
    wanted: Wanted,
    mode: Option<Mode>,
    explained: &Explained,
    printer: &Printer,
) -> Outcome {
    let context = context(options, printer)?;
    let (reading, folders) = online(options, printer, |network| {
        let reading = printer.take(prepare(&context, network, wanted, wish(mode), printer))?;
        introduce(&reading, explained, printer);
        let folders = match reading.at {
            At::Local => printer.take(folders(&context, network, &reading, printer))?,
            At::Page(_) => Vec::new(),
        };
        Ok((reading, folders))
    })?;
    match (&reading.at, folders.as_slice(), &options.shell) {
        (At::Page(url), ..) => open_page(url, &reading, printer),
        (At::Local, [folder], Some(shell)) if is_attended(printer) => {
            reading.remember(false);
            let shown = look_around(shell, folder, &reading.subject, options, printer)?;
            reading.remember(true);
            Ok(shown)
        }
        (At::Local, folders, _) => {
            reading.remember(is_attended(printer));
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
    subject: &ReadingSubject,
    options: &Options,
    printer: &Printer,
) -> Outcome {
    press_enter("to read it in a shell")?;
    if let Some(outer) = &options.inspected {
        printer
            .note(format!("this shell runs inside the one for `{}`", vet_diagnostics::wording::shown(outer)));
    }
    let sign = match shell.marks_prompt() {
        true => "",
        false => "; the variable CARGO_VET_INSPECT shows that you are in it",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn modes_name_pages_or_this_machine() {
        for (line, expected) in [
            ("a 1.0.0", None),
            ("a 1.0.0 --mode local", Some(Mode::Local)),
            (
                "a 1.0.0 --mode crates.io",
                Some(page("crates.io", "https://crates.io/crates/{package}/{version}/code")),
            ),
            (
                "a 1.0.0 --mode sourcegraph",
                Some(page("sourcegraph", "https://sourcegraph.com/crates/{package}@v{version}")),
            ),
            (
                "a 1.0.0 --mode custom_url=https://x/{package}",
                Some(page("custom_url=https://x/{package}", "https://x/{package}")),
            ),
        ] {
            assert_eq!(parsed::<InspectCommand>(line).unwrap().mode, expected, "{line}");
        }
    }

    fn page(name: &str, template: &str) -> Mode {
        Mode::Page { name: name.to_owned(), template: template.to_owned() }
    }
}
