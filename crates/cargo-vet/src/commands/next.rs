//! `next`: goes through what to audit, one audit after the other.

use clap::Args;
use vet_diagnostics::{Code, Diagnostic, Problems};
use vet_ops::arguments::criteria_texts;
use vet_ops::audit::certify::{self, Fate, What};
use vet_ops::audit::next::{Desk, Item, NextAudits, OfItem, Plan, Standing, plan, walk};
use vet_ops::audit::reading::{self, Mode, Wanted};
use vet_ops::operation::context::Context;
use vet_ops::share::trust;
use vet_report::check::{self, suggested};
use vet_report::next::{header, human, introduction, json, passed_over};

use super::check::{form, offers};
use super::command::{
    Action, Command, DryRun, Facts, Group, NetworkUse, Outcome, Reads, TEXT_AND_JSON, Writes,
};
use super::context::context;
use super::network::{client, online};
use super::reading::is_attended;
use super::{diff, import, inspect};
use crate::args::{OutputFormat, UsageError};
use crate::exit_status::ExitStatus;
use crate::options::Options;
use crate::printer::Printer;
use crate::prompter::{Explained, User};

/// Audit what is suggested, step by step
///
/// If the check fails, the plan is what it suggests; if it passes, what `suggest` lists. What makes
/// packages pass soonest comes first. For each audit, a key says what to do: read the code, certify
/// it, skip it or quit. Each audit is recorded at once, so you can quit and continue later. Needs
/// a terminal.
#[derive(Args, Debug)]
#[command(after_long_help = "\
Examples:
  cargo vet next                             Go through the plan
  cargo vet next --mode local                Read on this machine
  cargo vet next --criteria safe-to-deploy   Do not ask about criteria")]
pub(crate) struct NextCommand {
    /// Where to read: local, diff.rs or sourcegraph
    ///
    /// By default the mode that was used last, of `inspect` for whole versions and of `diff` for
    /// changes. Git versions are always read locally.
    #[arg(long, value_name = "MODE", value_parser = modes)]
    mode: Option<Modes>,

    /// Criterion that all audits meet; may be repeated
    ///
    /// The value may also be a list with commas.
    #[arg(long, value_name = "CRITERIA")]
    criteria: Vec<String>,

    /// Name of the auditor; may be repeated
    ///
    /// By default the name and address from git.
    #[arg(long, value_name = "WHO")]
    who: Vec<String>,
}

impl Command for NextCommand {
    const FACTS: Facts = Facts {
        name: "next",
        group: Group::Audit,
        is_common: true,
        reads: Reads::Graph,
        writes: Writes::Store,
        network: NetworkUse::UnlessFrozen,
        dry_run: DryRun::Refused("continues from what it records"),
        strict: false,
        formats: TEXT_AND_JSON,
    };

    fn action(self) -> Result<Action, UsageError> {
        Ok(Action::run(move |options, printer| run(options, &self, printer)))
    }
}

/// Where to read, for each of the two commands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Modes {
    pub(crate) inspect: Mode,
    pub(crate) diff: Mode,
}

/// Parses a mode that both commands have. URL templates are not accepted, because the commands have
/// different placeholders.
fn modes(text: &str) -> Result<Modes, String> {
    let both = (Mode::read(text, reading::Command::Inspect), Mode::read(text, reading::Command::Diff));
    match both {
        (Ok(inspect), Ok(diff)) if !text.starts_with("custom_url=") => Ok(Modes { inspect, diff }),
        _ => {
            Err("the modes for whole versions and for changes are local, diff.rs and sourcegraph".to_owned())
        }
    }
}

fn run(settings: &Options, next: &NextCommand, printer: &Printer) -> Outcome {
    if !is_attended(printer) {
        return Err(not_attended().into());
    }
    let context = context(settings, printer)?;
    let found = online(settings, printer, |network| {
        printer.take(plan(&context, network, offers(settings), &next.criteria, printer))
    })?;
    let plan = match found {
        NextAudits::Plan(plan) => plan,
        NextAudits::Nothing(checked) => {
            printer.answer(match printer.format() {
                OutputFormat::Human => suggested(&checked, form(printer)),
                OutputFormat::Json => check::json(&checked),
            });
            return Ok(if checked.outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure });
        }
    };
    printer.note(introduction(plan.goal, &plan.items));
    let explained = Explained::default();
    let desk = AtTerminal { settings, next, context: &context, plan: &plan, explained: &explained, printer };
    let walked = walk(&plan.items, &desk, &User { explained: &explained, printer });
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&plan.items, &walked),
        OutputFormat::Json => json(&plan.items, &walked),
    });
    walked.broken_off.map_or(Ok(ExitStatus::Success), |problem| Err(problem.into()))
}

fn not_attended() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "cannot ask what to do about each audit")
        .note("stdin, stdout or stderr is not a terminal, or the answer goes to a file")
        .help(
            "run `cargo vet suggest` to see what to audit, and record what was done with `cargo vet certify --all-from FILE`",
        )
}

/// What the keys do.
const KEYS: &str = "
  l  read the code, as `cargo vet inspect` and `diff` show it
  c  certify it: choose the criteria, and make the statement
  i  import the audits that leave the least to read, if there are any
  t  trust the publisher, if this project or an import trusts it already
  s  go on without certifying it
  b  go back to the audit before
  q  stop; what was certified stays
";

/// The terminal at which a user goes through a plan.
struct AtTerminal<'a> {
    settings: &'a Options,
    next: &'a NextCommand,
    context: &'a Context,
    plan: &'a Plan,
    explained: &'a Explained,
    printer: &'a Printer,
}

impl Desk for AtTerminal<'_> {
    fn standing(&self) -> Result<Standing, Problems> {
        self.plan.standing(self.context, self.printer)
    }

    fn show(&self, item: &Item, number: usize, standing: OfItem) {
        let total = self.plan.items.len();
        self.printer.aside(&header(item, number, total, standing, self.printer.colors_notes()));
    }

    fn pass_over(&self, item: &Item) {
        self.printer.note(passed_over(item));
    }

    fn look(&self, item: &Item) -> Result<(), Problems> {
        let (subject, modes) = (item.to_read(), self.next.mode.clone());
        let shown = match item.from() {
            None => {
                let mode = modes.map(|modes| modes.inspect);
                inspect::show(self.settings, Wanted::Subject(subject), mode, self.explained, self.printer)
            }
            Some(_) => {
                let changes = diff::Changes { subject, mode: modes.map(|modes| modes.diff), tool: None };
                diff::show(self.settings, changes, self.explained, self.printer)
            }
        };
        // The exit status of the shell does not matter.
        shown.map(drop).map_err(Problems::from)
    }

    fn certify(&self, item: &Item) -> Result<bool, Problems> {
        let request = certify::Request {
            what: What::One(item.to_certify()),
            criteria: self.next.criteria.clone(),
            preselected: item.criteria().to_vec(),
            who: self.next.who.clone(),
            notes: None,
            lines: item.lines(),
            unread: false,
            force: false,
            merge: true,
        };
        let outcome = super::certify::record(
            self.settings,
            self.context,
            &request,
            certify::Consent::Statement,
            self.explained,
            self.printer,
        );
        let outcome = outcome.map_err(Problems::from)?;
        Ok(outcome.recorded.iter().any(|one| matches!(one.fate, Fate::Added | Fate::Merged)))
    }

    fn explain(&self, item: &Item) -> Result<(), Problems> {
        self.printer.aside(KEYS);
        let client = client(self.settings, self.printer)?;
        let texts = criteria_texts::of_project(self.context, item.criteria(), Some(&client), self.printer);
        let texts = self.printer.take(texts)?;
        self.printer.aside(&vet_report::reading::criteria_texts(&texts));
        Ok(())
    }

    fn import(&self, member: &str) -> Result<(), Problems> {
        let imported = import::add(self.settings, member, Vec::new(), self.printer);
        imported.map(drop).map_err(Problems::from)
    }

    fn trust(&self, item: &Item, publisher: &str) -> Result<(), Problems> {
        let request = trust::Trust {
            subject: trust::TrustSubject::Crate {
                name: item.package().to_owned(),
                publisher: Some(publisher.to_owned()),
            },
            criteria: self.next.criteria.clone(),
            start: None,
            end: None,
            notes: None,
        };
        let trusted = super::trust::run(self.settings, &request, self.printer);
        trusted.map(drop).map_err(Problems::from)
    }

    fn complain(&self, problems: &[Diagnostic]) {
        self.printer.findings(problems);
    }
}
