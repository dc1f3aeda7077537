//! Findings about a user's files, as data.
//!
//! Everything that the tool says about bad input is a [`Diagnostic`]: a stable [`Code`], a
//! sentence, the places in the text that it is about, and the way to fix it. This module does not
//! know how a finding is shown: terminals, JSON and the documentation read the same value.

use std::ops::Range;
use std::sync::Arc;

use crate::Code;

/// The severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The command continues.
    Warning,
    /// The command fails and changes nothing.
    Error,
}

/// A text from outside of the tool, and the name to show it under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    /// A path or a URL, as the user would write it.
    pub name: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Creates a named text that several findings can share.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Source { name: name.into(), text: text.into() })
    }
}

/// A place in a [`Source`] that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The text that contains the place.
    pub source: Arc<Source>,
    /// Byte offsets into the text. An empty range marks a position. An empty range past the end
    /// marks the end of the text.
    pub span: Range<usize>,
    /// The label at the mark. May be empty.
    pub label: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The kind of finding.
    pub code: Code,
    /// The severity.
    pub severity: Severity,
    /// One sentence, without a full stop at the end. Further lines are lists.
    pub message: String,
    /// The places that the finding is about, the main place first.
    pub excerpts: Vec<Excerpt>,
    /// Facts that help to understand the finding: causes, differences, what was tried.
    pub notes: Vec<String>,
    /// How to fix the problem, if that is known.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Creates a finding that makes the command fail.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Creates a finding that does not make the command fail.
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

    /// Sets the help: how to fix the problem.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
