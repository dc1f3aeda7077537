//! A limited list of problems.

use vet_diagnostics::{Diagnostic, wording};
use vet_store::MOST_PROBLEMS;

/// The first problems of the settings, and how many more there are.
#[derive(Debug, Default)]
pub(crate) struct FirstProblems {
    list: Vec<Diagnostic>,
    more: usize,
}

impl FirstProblems {
    pub(super) fn push(&mut self, problem: impl FnOnce() -> Diagnostic) {
        match self.list.len() < MOST_PROBLEMS {
            true => self.list.push(problem()),
            false => self.more += 1,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// These problems and those that the parser found, in the order of the file.
    pub(crate) fn after(mut self, parser: Vec<Diagnostic>) -> Vec<Diagnostic> {
        // The parser has the same limit, and says how many more there are.
        if parser.len() >= MOST_PROBLEMS {
            return parser;
        }
        let mut list = parser;
        list.append(&mut self.list);
        list.sort_by_key(|problem| problem.excerpts.first().map(|excerpt| excerpt.span.start));
        let more = self.more + list.len().saturating_sub(MOST_PROBLEMS);
        list.truncate(MOST_PROBLEMS);
        if more > 0
            && let Some(last) = list.last_mut()
        {
            last.notes.push(wording::not_shown(more, "problem of this file", "problems of this file"));
        }
        list
    }
}

#[cfg(test)]
mod tests {
    use vet_diagnostics::{Code, Source};

    use super::*;

    fn problem(place: usize) -> Diagnostic {
        let source = Source::new("vet.toml", " ".repeat(1000));
        Diagnostic::error(Code::UnknownMember, place.to_string()).at(&source, place..place, "")
    }

    #[test]
    fn problems_are_ordered_and_limited() {
        for (parsed, found, shown, more) in [
            (0, 3, 3, None),
            (2, 98, 100, None),
            (2, 99, 100, Some("1 more problem of this file is not shown")),
            (50, 150, 100, Some("100 more problems of this file are not shown")),
            (100, 7, 100, None),
        ] {
            let mut all = FirstProblems::default();
            (0..found).for_each(|place| all.push(|| problem(2 * place)));
            let list = all.after((0..parsed).map(|place| problem(2 * place + 1)).collect());
            let note = list.last().and_then(|last| last.notes.last());
            assert_eq!((list.len(), note.map(String::as_str)), (shown, more), "{parsed} {found}");
            assert!(list.is_sorted_by_key(|problem| problem.excerpts[0].span.start), "{parsed} {found}");
        }
    }
}
