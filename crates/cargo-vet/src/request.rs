//! The validated request: the second stage of the command line.
//!
//! The arguments are combined with the environment and the clock here, once. The commands use
//! nothing else.

use chrono::{DateTime, Utc};
use vet_diagnostics::{Diagnostic, wording};

use crate::args::{GlobalArgs, UsageError};
use crate::command_line::{Chosen, VetArgs, definition, definition_of};
use crate::commands::ALL;
use crate::commands::command::{Action, DryRun, Facts, Outcome, Run};
use crate::env_vars::Environment;
use crate::exit_status::ExitStatus;
use crate::options::{NetworkAccess, Options, Streams};
use crate::printer::Printer;

mod filters;
mod overrides;

/// One run of the tool.
pub(crate) struct Request {
    pub(crate) options: Options,
    pub(crate) streams: Streams,
    facts: Facts,
    run: Run,
}

/// Why a command line is refused.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The arguments do not fit together, or ask for help. Ready to print.
    Usage(clap::Error),
    /// The value of an argument has its own syntax and is invalid.
    Value(Diagnostic),
}

impl Request {
    /// Validates the parsed arguments.
    ///
    /// # Errors
    ///
    /// Arguments that do not fit together, or an invalid value.
    pub(crate) fn new(
        args: VetArgs,
        environment: Environment,
        clock: DateTime<Utc>,
    ) -> Result<Self, Refusal> {
        let Chosen { path, global, facts, action } = args.chosen.unwrap_or_else(Chosen::by_default);
        let usage = |error: UsageError| Refusal::Usage(error.into_clap(&mut definition_of(&path)));
        let global = global.into_iter().try_fold(args.global, GlobalArgs::join).map_err(usage)?;
        let action = action.map_err(usage)?;
        let name = path.join(" ");
        check_flags(&global, &facts, &name).map_err(usage)?;
        let streams =
            Streams::new(&global, environment.colors.clone(), &environment.terminal).map_err(usage)?;
        let filters = filters::read(&global.filter_graph).map_err(Refusal::Value)?;
        let network = NetworkAccess::new(&global).map_err(usage)?;
        let overrides = overrides::read(&global, &facts, &name, network, usage)?;
        let options = Options::new(global, filters, network, overrides, environment, clock);
        let run = match action {
            Action::Run(run) => run,
            Action::Describe(describe) => {
                let text = describe(definition()).map_err(usage)?;
                Box::new(move |_: &Options, printer: &Printer| {
                    printer.answer(text);
                    Ok(ExitStatus::Success)
                })
            }
        };
        Ok(Request { options, streams, facts, run })
    }

    /// Runs the command.
    pub(crate) fn carry_out(self, printer: &Printer) -> Outcome {
        self.facts.check_network(self.options.network)?;
        (self.run)(&self.options, printer)
    }
}

/// Refuses options that the command does not take.
fn check_flags(global: &GlobalArgs, facts: &Facts, name: &str) -> Result<(), UsageError> {
    if global.strict && !facts.strict {
        return Err(UsageError::only_for("--strict", name, &commands_that(|facts| facts.strict)));
    }
    match facts.dry_run {
        DryRun::Refused(reason) if global.dry_run => Err(UsageError::no_dry_run(name, reason)),
        DryRun::Refused(_) | DryRun::Supported => Ok(()),
    }
}

/// The names of commands, such as "`check` and `suggest`".
fn commands_that(have: impl Fn(&Facts) -> bool) -> String {
    let facts = ALL.iter().map(|entry| entry.facts).filter(|facts| have(facts));
    wording::list(facts.map(|facts| facts.name), "and")
}

#[cfg(test)]
mod tests;
