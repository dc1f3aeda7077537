//! Goes through a plan: a person decides what to do about each audit.

use vet_diagnostics::{Diagnostic, Problems};

use super::Item;
use super::standing::{OfItem, Standing};
use crate::operation::questions::{NextStep, Prompter, StepQuestion};

/// How audits are shown, read and certified.
pub trait Desk {
    /// Determines the state of the plan.
    ///
    /// # Errors
    ///
    /// The project or the store cannot be read.
    fn standing(&self) -> Result<Standing, Problems>;

    /// Shows an audit, the `number`th of the plan, before the person is asked what to do.
    fn show(&self, item: &Item, number: usize, standing: OfItem);

    /// Reports that an audit is no longer needed.
    fn pass_over(&self, item: &Item);

    /// Lets the person read.
    ///
    /// # Errors
    ///
    /// The audit cannot be shown.
    fn look(&self, item: &Item) -> Result<(), Problems>;

    /// Lets the person certify. Returns whether anything was recorded.
    ///
    /// # Errors
    ///
    /// The person does not consent, or the audit cannot be recorded.
    fn certify(&self, item: &Item) -> Result<bool, Problems>;

    /// Shows the texts of the criteria.
    ///
    /// # Errors
    ///
    /// They cannot be read.
    fn explain(&self, item: &Item) -> Result<(), Problems>;

    /// Imports the audits of a registry member.
    ///
    /// # Errors
    ///
    /// They cannot be imported.
    fn import(&self, member: &str) -> Result<(), Problems>;

    /// Trusts a publisher of the crate, which is given as a command-line argument.
    ///
    /// # Errors
    ///
    /// The person stops, or it cannot be recorded.
    fn trust(&self, item: &Item, publisher: &str) -> Result<(), Problems>;

    /// Shows errors.
    fn complain(&self, problems: &[Diagnostic]);
}

/// The result for one audit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// The walk ended before it.
    #[default]
    Open,
    /// It was recorded.
    Certified,
    /// The person skipped it.
    Skipped,
    /// It was no longer needed.
    PassedOver,
}

/// The result of a walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// The result for each audit of the plan, in its order.
    pub marks: Vec<Mark>,
    /// The final state of the plan, if the store can still be read.
    pub standing: Option<Standing>,
    /// Why the person could no longer be asked, if that ended the walk.
    pub broken_off: Option<Diagnostic>,
}

/// Goes through a plan until its end or until the person quits. If an audit fails, the error is
/// shown and the person is asked again.
pub fn walk(items: &[Item], desk: &dyn Desk, prompter: &dyn Prompter) -> Walked {
    let mut walk = Walk { desk, prompter, last: None };
    let mut marks = vec![Mark::Open; items.len()];
    let mut broken_off = None;
    let mut index = 0;
    while let Some((item, mark)) = items.get(index).zip(marks.get(index).copied()) {
        // After a step back, what was settled stays settled.
        if matches!(mark, Mark::Certified | Mark::PassedOver) {
            index += 1;
            continue;
        }
        let earlier = walk.earlier(&marks, index);
        match walk.stop_at(item, index, earlier.is_some()) {
            Ok(Next::On(new)) => {
                marks.get_mut(index).into_iter().for_each(|mark| *mark = new);
                index += 1;
            }
            Ok(Next::Back) => index = earlier.unwrap_or(index),
            Ok(Next::End) => break,
            Err(problem) => {
                broken_off = Some(problem);
                break;
            }
        }
    }
    let standing = walk.look_around().then_some(walk.last).flatten();
    Walked { marks, standing, broken_off }
}

/// Where a walk goes.
enum Next {
    /// To the next audit, with this result.
    On(Mark),
    /// To the audit before.
    Back,
    /// To its end.
    End,
}

struct Walk<'a> {
    desk: &'a dyn Desk,
    prompter: &'a dyn Prompter,
    /// The last known state of the plan.
    last: Option<Standing>,
}

impl Walk<'_> {
    /// The nearest earlier audit that is not settled.
    fn earlier(&self, marks: &[Mark], index: usize) -> Option<usize> {
        let is_open = |&earlier: &usize| {
            let is_settled = matches!(marks.get(earlier), None | Some(Mark::Certified | Mark::PassedOver));
            !is_settled && self.of_item(earlier).is_needed
        };
        (0..index).rev().find(is_open)
    }

    /// Asks about one audit until the person goes on.
    fn stop_at(&mut self, item: &Item, index: usize, has_earlier: bool) -> Result<Next, Diagnostic> {
        let import = item.helpful_import();
        let trust = item.trusted_publisher();
        let question = StepQuestion {
            about: item.to_certify().title(),
            import: import.map(str::to_owned),
            trust: trust.map(str::to_owned),
            has_earlier,
        };
        loop {
            let Some(standing) = self.still_needed(item, index) else {
                return Ok(Next::On(Mark::PassedOver));
            };
            self.desk.show(item, index + 1, standing);
            let done = match (self.prompter.choose_step(&question)?, import, trust) {
                (NextStep::Quit, ..) => return Ok(Next::End),
                (NextStep::Skip, ..) => return Ok(Next::On(Mark::Skipped)),
                (NextStep::Back, ..) => return Ok(Next::Back),
                (NextStep::Look, ..) => self.desk.look(item).map(|()| None),
                (NextStep::Explain, ..) => self.desk.explain(item).map(|()| None),
                (NextStep::Import, Some(member), _) => self.desk.import(member).map(|()| None),
                (NextStep::Trust, _, Some(publisher)) => self.desk.trust(item, publisher).map(|()| None),
                (NextStep::Import | NextStep::Trust, ..) => Ok(None),
                // The question may have been open for a day.
                (NextStep::Certify, ..) if self.still_needed(item, index).is_none() => {
                    return Ok(Next::On(Mark::PassedOver));
                }
                (NextStep::Certify, ..) => self.desk.certify(item).map(Some),
            };
            match done {
                Ok(None) => {}
                Ok(Some(true)) => return Ok(Next::On(Mark::Certified)),
                Ok(Some(false)) => return Ok(Next::On(Mark::Skipped)),
                Err(problems) => self.desk.complain(problems.as_slice()),
            }
        }
    }

    /// The current state of an audit; `None` if it is no longer needed, which is reported.
    fn still_needed(&mut self, item: &Item, index: usize) -> Option<OfItem> {
        self.look_around();
        let standing = self.of_item(index);
        if !standing.is_needed {
            self.desk.pass_over(item);
        }
        standing.is_needed.then_some(standing)
    }

    /// Updates the state of the plan, and returns whether this succeeded.
    fn look_around(&mut self) -> bool {
        match self.desk.standing() {
            Ok(standing) => {
                self.last = Some(standing);
                true
            }
            Err(problems) => {
                self.desk.complain(problems.as_slice());
                false
            }
        }
    }

    /// The last known state of an audit. It was needed when the plan was made.
    fn of_item(&self, index: usize) -> OfItem {
        let known = self.last.as_ref().and_then(|standing| standing.items.get(index));
        known.copied().unwrap_or(OfItem { is_needed: true, read: None })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::path::Path;

    use vet_diagnostics::Code;

    use super::*;
    use crate::audit::next::Goal;
    use crate::audit::next::standing::{Verdict, tests::plan};
    use crate::evaluation::outcome::RegistryHint;
    use crate::operation::questions::CriterionText;
    use crate::operation::questions::{CriteriaQuestion, StatementAnswer};

    /// A scripted person and desk that record all events.
    ///
    /// The script has a letter for each key: `l`, `c`, `s` and `q`, or `h` for a `c` after another
    /// person has already certified. The result follows the letter: `!` fails the action, `=`
    /// records nothing, `2` also completes the second audit of the plan, and `x` makes the store
    /// unreadable.
    struct Scripted {
        script: RefCell<VecDeque<char>>,
        needed: RefCell<Vec<bool>>,
        is_readable: RefCell<bool>,
        log: RefCell<Vec<String>>,
    }

    impl Scripted {
        fn note(&self, text: String) {
            self.log.borrow_mut().push(text);
        }

        fn next_if(&self, is_meant: impl Fn(char) -> bool) -> Option<char> {
            let mut script = self.script.borrow_mut();
            let next = *script.front()?;
            is_meant(next).then(|| script.pop_front())?
        }

        /// The result of a key.
        fn result(&self) -> Result<bool, Problems> {
            let mut is_recorded = true;
            while let Some(what) = self.next_if(|what| "!=2x".contains(what)) {
                match what {
                    '!' => return Err(Problems::from(problem("it failed"))),
                    '=' => is_recorded = false,
                    '2' => self.needed.borrow_mut()[1] = false,
                    _ => *self.is_readable.borrow_mut() = false,
                }
            }
            Ok(is_recorded)
        }
    }

    fn problem(message: &str) -> Diagnostic {
        Diagnostic::error(Code::NeedsAnswer, message)
    }

    impl Desk for Scripted {
        fn standing(&self) -> Result<Standing, Problems> {
            if !*self.is_readable.borrow() {
                return Err(Problems::from(problem("no store")));
            }
            let of_item = |is_needed: &bool| OfItem { is_needed: *is_needed, read: None };
            let items: Vec<OfItem> = self.needed.borrow().iter().map(of_item).collect();
            let is_open = items.iter().any(|item| item.is_needed);
            let check = if is_open { Verdict::Unvetted } else { Verdict::Passes };
            Ok(Standing { items, check })
        }

        fn show(&self, item: &Item, number: usize, _: OfItem) {
            self.note(format!("{number}. {}", item.package()));
        }

        fn pass_over(&self, item: &Item) {
            self.note(format!("not {}", item.package()));
        }

        fn look(&self, _: &Item) -> Result<(), Problems> {
            self.note("looks".to_owned());
            self.result().map(drop)
        }

        fn certify(&self, item: &Item) -> Result<bool, Problems> {
            self.note("certifies".to_owned());
            let is_recorded = self.result()?;
            if is_recorded {
                let index = usize::from(item.package().bytes().next().unwrap() - b'a');
                self.needed.borrow_mut()[index] = false;
            }
            Ok(is_recorded)
        }

        fn explain(&self, _: &Item) -> Result<(), Problems> {
            self.note("explains".to_owned());
            self.result().map(drop)
        }

        fn import(&self, member: &str) -> Result<(), Problems> {
            self.note(format!("imports {member}"));
            self.result()?;
            self.needed.borrow_mut().fill(false);
            Ok(())
        }

        fn trust(&self, item: &Item, publisher: &str) -> Result<(), Problems> {
            self.note(format!("trusts {publisher} for {}", item.package()));
            self.result().map(drop)
        }

        fn complain(&self, problems: &[Diagnostic]) {
            problems.iter().for_each(|problem| self.note(problem.message.clone()));
        }
    }

    impl Prompter for Scripted {
        fn is_there(&self) -> bool {
            true
        }

        fn inform(&self, _: &[Diagnostic]) {}

        fn choose_criteria(&self, _: &CriteriaQuestion) -> Result<Vec<String>, Diagnostic> {
            panic!("that is asked by who certifies")
        }

        fn agrees(&self, _: &str) -> Result<bool, Diagnostic> {
            panic!("that is asked by who certifies")
        }

        fn sign(&self, _: &str, _: &[CriterionText]) -> Result<StatementAnswer, Diagnostic> {
            panic!("that is asked by who certifies")
        }

        fn choose_step(&self, question: &StepQuestion) -> Result<NextStep, Diagnostic> {
            match self.next_if(|_| true) {
                Some('b') if question.has_earlier => Ok(NextStep::Back),
                Some('b') => panic!("there is no way back to {question:?}"),
                Some('?') => Ok(NextStep::Explain),
                Some('i') => Ok(NextStep::Import),
                Some('t') => Ok(NextStep::Trust),
                Some('l') => Ok(NextStep::Look),
                Some('c') => Ok(NextStep::Certify),
                Some('s') => Ok(NextStep::Skip),
                Some('q') => Ok(NextStep::Quit),
                // Another person certifies everything while this one thinks.
                Some('h') => {
                    self.needed.borrow_mut().fill(false);
                    Ok(NextStep::Certify)
                }
                None => Err(problem("there is no user")),
                Some(other) => panic!("{other}"),
            }
        }

        fn edit(&self, _: &Path) -> Result<(), Diagnostic> {
            panic!("that is asked by who certifies")
        }

        fn press_enter(&self, _: &str) -> Result<(), Diagnostic> {
            panic!("that is asked by who certifies")
        }
    }

    /// The events on the way through `a`, `b` and `c`, and the end.
    fn walked(script: &str) -> String {
        let mut plan = plan(Goal::Check, "a 1: D\nb 1: D\nc 1: D");
        let Some(Item::Measured(b)) = plan.items.get_mut(1) else { panic!("{plan:?}") };
        b.size.insertions = 20;
        b.registry = vec![RegistryHint { remaining: 3, name: "peer".to_owned() }];
        let scripted = Scripted {
            script: RefCell::new(script.chars().collect()),
            needed: RefCell::new(vec![true; 3]),
            is_readable: RefCell::new(true),
            log: RefCell::default(),
        };
        let Walked { marks, standing, broken_off } = walk(&plan.items, &scripted, &scripted);
        assert_eq!(scripted.script.borrow().len(), 0, "the walk did not ask for the end of {script}");
        let left = standing.map(|standing| standing.items.iter().filter(|item| item.is_needed).count());
        let log = scripted.log.borrow().join(", ");
        let end = broken_off.map(|problem| format!(" ({})", problem.message)).unwrap_or_default();
        format!("{script:6} {log}\n       {marks:?}, left: {left:?}{end}\n")
    }

    #[test]
    fn walks() {
        let scripts = [
            "ccc", "sss", "q", "lcsq", "llcss", "c!css", "l!cq", "c=sq", "c2s", "l2cs", "cxq", "cxss", "sh",
            "c", "", "?!?q", "sbsss", "ssbbq", "csbss", "si", "si!i",
        ];
        insta::assert_snapshot!(scripts.map(walked).concat());
    }

    #[test]
    fn a_plan_without_audits() {
        let scripted = Scripted {
            script: RefCell::default(),
            needed: RefCell::default(),
            is_readable: RefCell::new(true),
            log: RefCell::default(),
        };
        let walked = walk(&[], &scripted, &scripted);
        assert_eq!((walked.marks, walked.broken_off), (Vec::new(), None));
    }
}
