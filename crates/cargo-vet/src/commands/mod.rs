//! The commands, one file each. A command turns a request into an exit status: it runs an operation
//! and shows its outcome.

mod add_exemption;
mod aggregate;
mod certify;
mod check;
mod completions;
mod context;
mod diff;
mod dump_graph;
mod explain;
mod explain_audit;
mod fmt;
mod gc;
mod help_markdown;
mod import;
mod init;
mod inspect;
mod man;
mod network;
mod next;
mod prune;
mod reading;
mod record_violation;
mod regenerate;
mod renew;
mod settings;
mod status;
mod suggest;
mod trust;

use crate::exit_status::ExitStatus;
use crate::failure::Failure;
use crate::printer::Printer;
use crate::request::{Command, Request};

/// The result of a command: an exit status after it has answered, or why it failed.
pub(crate) type Outcome = Result<ExitStatus, Failure>;

/// Runs the requested command.
pub(crate) fn run(request: Request, printer: &Printer) -> Outcome {
    let settings = &request.settings;
    match request.command {
        Command::Check => check::run(settings, printer),
        Command::Suggest => suggest::run(settings, printer),
        Command::Init => init::run(settings, printer),
        Command::Inspect { subject, mode } => inspect::run(settings, subject, mode, printer),
        Command::Diff(diff) => diff::run(settings, diff, printer),
        Command::Status => status::run(settings, printer),
        Command::Certify(certify) => certify::run(settings, certify, printer),
        Command::Next(next) => next::run(settings, next, printer),
        Command::Import(import) => import::run(settings, import, printer),
        Command::Trust(trust) => trust::run(settings, trust, printer),
        Command::RegenerateExemptions => regenerate::exemptions(settings, printer),
        Command::RegenerateImports => regenerate::imports(settings, printer),
        Command::RegenerateAuditAsCratesIo => regenerate::audit_as_crates_io(settings, printer),
        Command::RegenerateUnpublished => regenerate::unpublished(settings, printer),
        Command::AddExemption(exemption) => add_exemption::run(settings, exemption, printer),
        Command::RecordViolation(violation) => record_violation::run(settings, violation, printer),
        Command::Fmt => fmt::run(settings, printer),
        Command::Prune(prune) => prune::run(settings, prune, printer),
        Command::Aggregate { sources } => aggregate::run(settings, &sources, printer),
        Command::ExplainAudit(question) => explain_audit::run(settings, question, printer),
        Command::Settings => settings::run(settings, printer),
        Command::DumpGraph { depth } => dump_graph::run(settings, depth, printer),
        Command::Gc(gc) => gc::run(settings, gc, printer),
        Command::Renew(renew) => renew::run(settings, renew, printer),
        Command::Explain { code } => explain::run(code.as_deref(), printer),
        Command::Completions { shell } => completions::run(shell, printer),
        Command::Man { about } => man::run(*about, printer),
        Command::HelpMarkdown => help_markdown::run(printer),
    }
}
