//! `next`: goes through the plan, one audit after the other.

use vet_diagnostics::{Code, Diagnostic};
use vet_ops::certify::{self, Fate, What};
use vet_ops::context::Context;
use vet_ops::next::{Desk, Found, Item, OfItem, Plan, Standing, plan, walk};
use vet_report::check::{self, suggested};
use vet_report::next::{header, human, introduction, json, passed_over};

use super::check::{form, offers};
use super::context::context;
use super::network::online;
use super::reading::is_attended;
use super::{Outcome, diff, inspect};
use crate::ExitStatus;
use crate::args::{NextArgs, OutputFormat};
use crate::failure::Failure;
use crate::printer::Printer;
use crate::prompter::Terminal;
use crate::request::{Diff, Settings};

pub(crate) fn run(settings: &Settings, next: NextArgs, printer: &Printer) -> Outcome {
    if !is_attended(printer) {
        return Err(nobody().into());
    }
    let context = context(settings)?;
    let found =
        online(settings, |network| plan(&context, network, offers(settings), &next.criteria, printer))?;
    let plan = match found {
        Found::Plan(plan) => plan,
        Found::Nothing(checked) => {
            printer.answer(match printer.format() {
                OutputFormat::Human => suggested(&checked, form(printer)),
                OutputFormat::Json => check::json(&checked),
            });
            return Ok(if checked.outcome.is_success() { ExitStatus::Success } else { ExitStatus::Failure });
        }
    };
    printer.note(introduction(plan.goal, &plan.items));
    let desk = AtTerminal { settings, next: &next, context: &context, plan: &plan, printer };
    let walked = walk(&plan.items, &desk, &Terminal);
    printer.answer(match printer.format() {
        OutputFormat::Human => human(&plan.items, &walked),
        OutputFormat::Json => json(&plan.items, &walked),
    });
    walked.broken_off.map_or(Ok(ExitStatus::Success), |problem| Err(problem.into()))
}

fn nobody() -> Diagnostic {
    Diagnostic::error(Code::NeedsAnswer, "nobody can be asked what to do about each audit")
        .note("stdin, stdout or stderr is not a terminal, or the answer goes to a file; silence is not taken for consent")
        .help(
            "see what to audit with `cargo vet suggest`, and record what was done with `cargo vet certify --all-from FILE`",
        )
}

/// The terminal at which a user goes through a plan.
struct AtTerminal<'a> {
    settings: &'a Settings,
    next: &'a NextArgs,
    context: &'a Context,
    plan: &'a Plan,
    printer: &'a Printer,
}

impl Desk for AtTerminal<'_> {
    fn standing(&self) -> Result<Standing, Vec<Diagnostic>> {
        self.plan.standing(self.context, self.printer)
    }

    fn show(&self, item: &Item, number: usize, standing: OfItem) {
        let total = self.plan.items.len();
        self.printer.aside(&header(item, number, total, standing, self.printer.colors_notes()));
    }

    fn pass_over(&self, item: &Item) {
        self.printer.note(passed_over(item));
    }

    fn look(&self, item: &Item) -> Result<(), Vec<Diagnostic>> {
        let (subject, modes) = (item.to_read(), self.next.mode.clone());
        let shown = match item.from() {
            None => inspect::show(self.settings, subject, modes.map(|modes| modes.inspect), self.printer),
            Some(_) => {
                let diff = Diff { subject, mode: modes.map(|modes| modes.diff), tool: None };
                diff::show(self.settings, diff, self.printer)
            }
        };
        // The exit status of the shell does not matter.
        shown.map(drop).map_err(Failure::into_diagnostics)
    }

    fn certify(&self, item: &Item) -> Result<bool, Vec<Diagnostic>> {
        let request = certify::Request {
            what: What::One(item.to_certify()),
            criteria: self.next.criteria.clone(),
            preselected: item.criteria().to_vec(),
            who: self.next.who.clone(),
            notes: None,
            force: false,
            merge: true,
        };
        let outcome = super::certify::record(
            self.settings,
            self.context,
            &request,
            certify::Consent::Statement,
            self.printer,
        );
        let outcome = outcome.map_err(Failure::into_diagnostics)?;
        Ok(outcome.recorded.iter().any(|one| matches!(one.fate, Fate::Added | Fate::Merged)))
    }

    fn complain(&self, problems: &[Diagnostic]) {
        self.printer.findings(problems);
    }
}
