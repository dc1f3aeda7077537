//! `diff`: shows the changes between two versions of a package.

use std::path::{Path, PathBuf};

use clap::Args;
use vet_ops::audit::diff::{BothVersions, both_versions};
use vet_ops::audit::inspect::folders;
use vet_ops::audit::reading::{self, At, Mode, Reading, ReadingSubject, Wanted, Wish, prepare};
use vet_report::diff::{exact, human};
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
use crate::programs::pager::{Pager, colors_changes};
use crate::programs::viewer::Viewer;
use crate::prompter::{Explained, press_enter};

/// Read the changes between two versions of a package
///
/// Afterwards, `cargo vet certify` records the audit.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet diff serde 1.0.199 1.0.200                 Read them in the browser
  cargo vet diff serde 1.0.199 1.0.200 --mode local    Read them in the pager
  cargo vet diff serde 1.0.199 1.0.200 --tool meld     Read them in Meld")]
pub(crate) struct DiffCommand {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    package: String,

    /// Version that the changes start from
    #[arg(value_name = "VERSION1", value_parser = version)]
    version1: Version,

    /// Version that the changes lead to
    #[arg(value_name = "VERSION2", value_parser = version)]
    version2: Version,

    /// local, diff.rs, sourcegraph or custom_url=TEMPLATE
    ///
    /// Where to read the changes. In TEMPLATE, `{package}`, `{version1}` and `{version2}` stand for
    /// the name and the versions. By default the mode that was used last, at first diff.rs. Git
    /// versions are always compared locally.
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<Mode>,

    /// Show the changes in a program, as `git difftool` does
    ///
    /// The configuration of git says how TOOL is started (`difftool.TOOL.cmd` or `.path`);
    /// otherwise TOOL is the name of a program. Without TOOL, the one in `diff.tool` is used. The
    /// sources of both versions are always read locally.
    #[arg(long, value_name = "TOOL", num_args = 0..=1, default_missing_value = "", conflicts_with = "mode")]
    tool: Option<String>,
}

/// Changes to read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) subject: ReadingSubject,
    /// Where to read; by default where the user last read.
    pub(super) mode: Option<Mode>,
    /// The program that shows them, instead of a mode. Without a name, the one that git uses.
    pub(super) tool: Option<Option<String>>,
}

impl Command for DiffCommand {
    const FACTS: Facts = Facts {
        name: "diff",
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
        let changes = self.changes();
        Ok(Action::run(move |options, printer| run(options, changes, printer)))
    }
}

impl DiffCommand {
    fn changes(self) -> Changes {
        Changes {
            subject: ReadingSubject { package: self.package, from: Some(self.version1), to: self.version2 },
            mode: self.mode,
            tool: self.tool.map(|tool| Some(tool).filter(|tool| !tool.is_empty())),
        }
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::read(text, reading::Command::Diff)
}

fn run(options: &Options, changes: Changes, printer: &Printer) -> Outcome {
    let status = show(options, changes, &Explained::default(), printer)?;
    advise(printer);
    Ok(status)
}

/// Shows the changes, without saying what to do afterwards.
pub(super) fn show(options: &Options, changes: Changes, explained: &Explained, printer: &Printer) -> Outcome {
    let Changes { subject, mode, tool } = changes;
    let context = context(options, printer)?;
    let folder = &context.current_folder;
    let viewer = tool.map(|tool| Viewer::find(tool.as_deref(), folder)).transpose()?;
    let wish = if viewer.is_some() { Wish::LocalOnce } else { wish(mode) };
    let (reading, form) = online(options, printer, |network| {
        let reading = printer.take(prepare(&context, network, Wanted::Subject(subject), wish, printer))?;
        introduce(&reading, explained, printer);
        let form = match (&reading.at, viewer) {
            (At::Page(url), _) => Form::Page(url.clone()),
            (At::Local, Some(viewer)) => {
                Form::Folders(viewer, printer.take(folders(&context, network, &reading, printer))?)
            }
            (At::Local, None) => {
                Form::Text(Box::new(printer.take(both_versions(&context, network, &reading, printer))?))
            }
        };
        Ok((reading, form))
    })?;
    match form {
        Form::Page(url) => open_page(&url, &reading, printer),
        Form::Folders(viewer, folders) => show_folders(&viewer, &folders, &reading, printer),
        Form::Text(versions) => show_text(&versions, &reading, folder, printer),
    }
}

/// How the user reads the changes.
enum Form {
    Page(String),
    Folders(Viewer, Vec<PathBuf>),
    Text(Box<BothVersions>),
}

/// Starts another program that shows the sources of both versions.
fn show_folders(viewer: &Viewer, folders: &[PathBuf], reading: &Reading, printer: &Printer) -> Outcome {
    reading.remember(false);
    if let [old, new] = folders {
        if is_attended(printer) {
            press_enter("to see what changed")?;
        }
        left_to_program(|| viewer.show(old, new))?;
        reading.remember(is_attended(printer));
    }
    Ok(ExitStatus::Success)
}

/// Shows the changes in the pager, or prints them if there is no pager.
fn show_text(versions: &BothVersions, reading: &Reading, folder: &Path, printer: &Printer) -> Outcome {
    reading.remember(false);
    let diff = versions.diff();
    if diff.files.is_empty() && diff.only_line_ends.is_empty() {
        reading.remember(is_attended(printer));
        printer.note("the two versions do not differ");
        return Ok(ExitStatus::Success);
    }
    if is_attended(printer) {
        press_enter("to see what changed")?;
        reading.remember(true);
    }
    if !printer.answers_terminal() {
        match printer.colors_answer() {
            true => printer.answer(human(&diff, true)),
            false => printer.answer(exact(&diff)),
        }
    } else {
        let pager = Pager::find(folder);
        let is_colored = printer.colors_answer()
            && colors_changes(folder)
            && (pager.is_none() || Pager::wants_colors(folder));
        let text = human(&diff, is_colored);
        match pager {
            None => printer.answer(text),
            Some(pager) if left_to_program(|| pager.show(text.as_bytes())) => {}
            Some(pager) => {
                printer.answer(text);
                printer.note(format!("printed, because the pager `{}` could not be started", pager.shown()));
            }
        }
    }
    Ok(ExitStatus::Success)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::parsed;

    #[test]
    fn a_tool_or_a_mode_shows_the_changes() {
        let tool = |tool: Option<&str>| Some(tool.map(str::to_owned));
        for (line, mode, tool) in [
            ("a 1.0.0 1.0.1", None, None),
            ("a 1.0.0 1.0.1 --mode local", Some(Mode::Local), None),
            ("a 1.0.0 1.0.1 --tool meld", None, tool(Some("meld"))),
            ("a 1.0.0 1.0.1 --tool", None, tool(None)),
        ] {
            let subject = ReadingSubject {
                package: "a".to_owned(),
                from: Some("1.0.0".parse().unwrap()),
                to: "1.0.1".parse().unwrap(),
            };
            let expected = Changes { subject, mode, tool };
            assert_eq!(parsed::<DiffCommand>(line).map(DiffCommand::changes), Ok(expected), "{line}");
        }
    }
}
