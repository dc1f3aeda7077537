//! The environment of operations, and the receiver of their events.

use std::path::PathBuf;

use vet_diagnostics::{Code, Diagnostic};
use vet_fetch::run_log::{Depth, RunLog};
use vet_ops::operation::changes::Changes;
use vet_ops::operation::context::{Accepted, Context, Features, Unfetched};
use vet_ops::operation::events::{Event, Observer};
use vet_project::state::State;
use vet_report::visible::visible;
use vet_report::{changes, patch};

use crate::args::{OutputFormat, Verbosity};
use crate::failure::Failure;
use crate::options::{NetworkAccess, Options};
use crate::printer::Printer;

/// The environment of an operation.
pub(crate) fn context(options: &Options, printer: &Printer) -> Result<Context, Failure> {
    let project = &options.project;
    Ok(Context {
        current_folder: current_folder()?,
        manifest_path: project.manifest_path.clone(),
        store_path: options.store_path.clone(),
        cargo_home: options.cargo_home.clone(),
        cache: options.cache.clone(),
        state: State::new(&options.state_dir),
        cargo: project.cargo.clone(),
        cargo_arguments: project.cargo_args.clone(),
        features: Features {
            all: project.features.all,
            default: project.features.default,
            named: project.features.named.clone(),
        },
        filters: project.filters.clone(),
        locked: options.network != NetworkAccess::Open,
        frozen: options.network == NetworkAccess::Frozen,
        dry_run: options.dry_run,
        strict: options.strict,
        overrides: options.overrides.clone(),
        today: options.today(),
        http: options.http.clone(),
        registries: options.registries.clone(),
        log: run_log(printer),
        unfetched: Unfetched::default(),
        accepted: Accepted::default(),
    })
}

/// Passes details to the log, if the user wants them.
pub(super) fn run_log(printer: &Printer) -> RunLog {
    let log = printer.shared_log();
    match log.logs(Verbosity::Debug) {
        false => RunLog::default(),
        true => RunLog::to(move |depth, text| {
            let level = match depth {
                Depth::Debug => Verbosity::Debug,
                Depth::Trace => Verbosity::Trace,
            };
            log.log(level, visible(&text));
        }),
    }
}

pub(super) fn current_folder() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| {
        let problem =
            Diagnostic::error(Code::Io, "the current folder cannot be used").note(error.to_string());
        problem.help("change into a folder that exists").into()
    })
}

/// Reports what a command changed. In a dry run, the answer is how the store would change.
pub(crate) fn report(changes: &Changes, printer: &Printer) {
    printer.note(changes::human(changes));
    preview(changes, printer);
}

/// Answers how the store would change, in a dry run.
pub(crate) fn preview(changes: &Changes, printer: &Printer) {
    if let Some(preview) = &changes.preview {
        printer.answer(match (printer.format(), printer.answers_terminal()) {
            (OutputFormat::Json, _) => patch::json(preview),
            (OutputFormat::Human, true) => patch::human(preview),
            (OutputFormat::Human, false) => patch::exact(preview),
        });
    }
}

/// Like [`report`], for a command that has another answer.
pub(crate) fn report_aside(changes: &Changes, printer: &Printer) {
    printer.note(changes::human(changes));
    if let Some(preview) = &changes.preview {
        printer.aside(&match printer.notes_terminal() {
            true => patch::human(preview),
            false => patch::exact(preview),
        });
    }
}

impl Observer for Printer {
    fn notice(&self, event: Event) {
        match event {
            // These texts contain names, paths and commands from the checkout.
            Event::Info(text) => self.log(Verbosity::Info, visible(&text)),
            Event::Debug(text) => self.log(Verbosity::Debug, visible(&text)),
            Event::WaitingForStore => {
                self.note("waiting for another process that uses the store");
            }
            Event::Progress { stage, done, total } => self.progress(stage, done, total),
        }
    }
}
