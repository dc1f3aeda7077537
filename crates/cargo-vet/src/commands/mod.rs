//! The commands, one file each: the arguments, facts about the command, and what it does. It turns
//! arguments into an exit status: it runs an operation and shows its outcome.

mod add_exemption;
mod aggregate;
mod certify;
mod check;
pub(crate) mod command;
mod completions;
mod context;
mod diff;
mod dump_graph;
pub(crate) mod entry;
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

use command::{Action, Command as _, Facts};
use entry::CommandEntry;

use crate::args::UsageError;

/// All commands, in the order of the help.
pub(crate) const ALL: &[CommandEntry] = &[
    CommandEntry::of::<init::InitCommand>(),
    CommandEntry::of::<check::CheckCommand>(),
    CommandEntry::of::<suggest::SuggestCommand>(),
    CommandEntry::of::<status::StatusCommand>(),
    CommandEntry::of::<explain_audit::ExplainAuditCommand>(),
    CommandEntry::of::<settings::SettingsCommand>(),
    CommandEntry::of::<dump_graph::DumpGraphCommand>(),
    CommandEntry::of::<next::NextCommand>(),
    CommandEntry::of::<inspect::InspectCommand>(),
    CommandEntry::of::<diff::DiffCommand>(),
    CommandEntry::of::<certify::CertifyCommand>(),
    CommandEntry::of::<add_exemption::AddExemptionCommand>(),
    CommandEntry::of::<record_violation::RecordViolationCommand>(),
    CommandEntry::of::<import::ImportCommand>(),
    CommandEntry::of::<trust::TrustCommand>(),
    CommandEntry::of::<prune::PruneCommand>(),
    CommandEntry::of::<renew::RenewCommand>(),
    CommandEntry::above::<regenerate::RegenerateCommand>(&[
        CommandEntry::of::<regenerate::ExemptionsCommand>(),
        CommandEntry::of::<regenerate::ImportsCommand>(),
        CommandEntry::of::<regenerate::AuditAsCratesIoCommand>(),
        CommandEntry::of::<regenerate::UnpublishedCommand>(),
    ]),
    CommandEntry::of::<fmt::FmtCommand>(),
    CommandEntry::of::<gc::GcCommand>(),
    CommandEntry::of::<aggregate::AggregateCommand>(),
    CommandEntry::of::<explain::ExplainCommand>(),
    CommandEntry::of::<completions::CompletionsCommand>(),
    CommandEntry::of::<man::ManCommand>(),
    CommandEntry::of::<help_markdown::HelpMarkdownCommand>(),
];

/// The command that runs if none is named: its facts, and what it does.
pub(crate) fn default() -> (Facts, Result<Action, UsageError>) {
    (check::CheckCommand::FACTS, check::CheckCommand {}.action())
}
