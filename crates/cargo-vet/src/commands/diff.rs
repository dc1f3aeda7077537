//! `diff`: shows the changes between two versions of a package.

use std::path::{Path, PathBuf};

use vet_ops::diff::{BothVersions, both_versions};
use vet_ops::inspect::folders;
use vet_ops::questions::Prompter as _;
use vet_ops::reading::{At, Reading, Wish, prepare};
use vet_report::diff::{exact, human};

use crate::programs::pager::{Pager, colors_changes};
use crate::programs::viewer::Viewer;

use super::Outcome;
use super::context::context;
use super::network::online;
use super::reading::{advise, introduce, is_attended, open_page, wish};
use crate::ExitStatus;
use crate::interrupts::left_to_program;
use crate::printer::Printer;
use crate::prompter::Terminal;
use crate::request::{Diff, Settings};

pub(crate) fn run(settings: &Settings, diff: Diff, printer: &Printer) -> Outcome {
    let status = show(settings, diff, printer)?;
    advise(printer);
    Ok(status)
}

/// Shows the changes, without saying what to do afterwards.
pub(super) fn show(settings: &Settings, diff: Diff, printer: &Printer) -> Outcome {
    let Diff { subject, mode, tool } = diff;
    let context = context(settings)?;
    let folder = &context.current_folder;
    let viewer = tool.map(|tool| Viewer::find(tool.as_deref(), folder)).transpose()?;
    let wish = if viewer.is_some() { Wish::LocalOnce } else { wish(mode) };
    let (reading, form) = online(settings, |network| {
        let reading = prepare(&context, network, subject, wish, printer)?;
        introduce(&reading, printer);
        let form = match (&reading.at, viewer) {
            (At::Page(url), _) => Form::Page(url.clone()),
            (At::Local, Some(viewer)) => {
                Form::Folders(viewer, folders(&context, network, &reading, printer)?)
            }
            (At::Local, None) => Form::Text(Box::new(both_versions(&context, network, &reading, printer)?)),
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
    reading.remember();
    if let [old, new] = folders {
        if is_attended(printer) {
            Terminal.press_enter("to see what changed")?;
        }
        left_to_program(|| viewer.show(old, new))?;
    }
    Ok(ExitStatus::Success)
}

/// Shows the changes in the pager, or prints them if there is no pager.
fn show_text(versions: &BothVersions, reading: &Reading, folder: &Path, printer: &Printer) -> Outcome {
    reading.remember();
    let diff = versions.diff();
    if diff.files.is_empty() && diff.only_line_ends.is_empty() {
        printer.note("the two versions do not differ");
        return Ok(ExitStatus::Success);
    }
    if is_attended(printer) {
        Terminal.press_enter("to see what changed")?;
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
        let is_shown = pager.is_some_and(|pager| left_to_program(|| pager.show(text.as_bytes())));
        if !is_shown {
            printer.answer(text);
        }
    }
    Ok(ExitStatus::Success)
}
