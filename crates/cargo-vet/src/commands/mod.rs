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
use entry::Entry;

use crate::args::UsageError;

/// All commands, in the order of the help.
pub(crate) const ALL: &[Entry] = &[
    Entry::of::<init::Init>(),
    Entry::of::<check::Check>(),
    Entry::of::<suggest::Suggest>(),
    Entry::of::<status::Status>(),
    Entry::of::<explain_audit::ExplainAudit>(),
    Entry::of::<settings::Settings>(),
    Entry::of::<dump_graph::DumpGraph>(),
    Entry::of::<next::Next>(),
    Entry::of::<inspect::Inspect>(),
    Entry::of::<diff::Diff>(),
    Entry::of::<certify::Certify>(),
    Entry::of::<add_exemption::AddExemption>(),
    Entry::of::<record_violation::RecordViolation>(),
    Entry::of::<import::Import>(),
    Entry::of::<trust::Trust>(),
    Entry::of::<prune::Prune>(),
    Entry::of::<renew::Renew>(),
    Entry::above::<regenerate::Regenerate>(&[
        Entry::of::<regenerate::Exemptions>(),
        Entry::of::<regenerate::Imports>(),
        Entry::of::<regenerate::AuditAsCratesIo>(),
        Entry::of::<regenerate::Unpublished>(),
    ]),
    Entry::of::<fmt::Fmt>(),
    Entry::of::<gc::Gc>(),
    Entry::of::<aggregate::Aggregate>(),
    Entry::of::<explain::Explain>(),
    Entry::of::<completions::Completions>(),
    Entry::of::<man::Man>(),
    Entry::of::<help_markdown::HelpMarkdown>(),
];

/// The command that runs if none is named: its facts, and what it does.
pub(crate) fn default() -> (Facts, Result<Action, UsageError>) {
    (check::Check::FACTS, check::Check {}.action())
}
