//! Findings about somebody's files, as data.
//!
//! Everything that the tool says about bad input is a [`Diagnostic`]: a stable [`Code`], a sentence, the places
//! in the text that it is about, and the way out. Nothing here knows how it will be shown; terminals, JSON and
//! the documentation read the same value.

use std::ops::Range;
use std::sync::Arc;

use crate::Code;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command goes on.
    Warning,
    /// The command fails, and changes nothing.
    Error,
}

/// A text that somebody wrote, and the name to show it under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// A path or a URL, as the user would write it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Names a text, ready to be shared by the findings about it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Source { name: name.into(), text: text.into() })
    }
}

/// A place in a [`Source`] that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Where the text comes from.
    pub source: Arc<Source>,
    /// Byte offsets into the text. An empty range marks a position; one past the end, the end.
    pub span: Range<usize>,
    /// What to write at the mark; may be empty.
    pub label: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of finding this is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// One sentence, without a final full stop. Further lines are lists.
    pub message: String,
    /// The places that it is about, the main one first.
    pub excerpts: Vec<Excerpt>,
    /// Facts that help to understand it: causes, differences, what was tried.
    pub notes: Vec<String>,
    /// The way out, if one is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A finding that makes the command fail.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A finding that does not.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        debug_assert!(code.may_warn(), "the list of codes does not say that {code} may be a warning");
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity,
            message: message.into(),
            excerpts: Vec::new(),
            notes: Vec::new(),
            help: None,
        }
    }

    /// Adds a place that the finding is about.
    #[must_use]
    pub fn at(mut self, source: &Arc<Source>, span: Range<usize>, label: impl Into<String>) -> Self {
        self.excerpts.push(Excerpt { source: Arc::clone(source), span, label: label.into() });
        self
    }

    /// Adds a fact that helps to understand the finding.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// States the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
