//! Values that know where they were set.

use std::ops::Range;
use std::sync::Arc;

use crate::{Diagnostic, Source};

/// A value, and the place where it was set. Two located values are equal if their values are equal,
/// wherever they were set.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The place in a file, or `None` if the value was set on the command line.
    pub place: Option<TextPlace>,
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPlace {
    /// The text.
    pub source: Arc<Source>,
    /// Byte offsets into the text.
    pub span: Range<usize>,
}

impl TextPlace {
    /// Returns the line number, counted from 1.
    pub fn line(&self) -> usize {
        let before = self.source.text.get(..self.span.start).unwrap_or_default();
        1 + before.bytes().filter(|&byte| byte == b'\n').count()
    }
}

impl<T> Located<T> {
    /// Creates a value that was set in a file.
    pub fn in_text(value: T, source: &Arc<Source>, span: Range<usize>) -> Self {
        Located { value, place: Some(TextPlace { source: Arc::clone(source), span }) }
    }

    /// Creates a value that was set on the command line.
    pub fn on_command_line(value: T) -> Self {
        Located { value, place: None }
    }

    /// Adds the place of the value to a finding about it. A value from the command line has no
    /// place to show.
    #[must_use]
    pub fn mark(&self, finding: Diagnostic, label: impl Into<String>) -> Diagnostic {
        match &self.place {
            Some(TextPlace { source, span }) => finding.at(source, span.clone(), label),
            None => finding,
        }
    }
}

impl<T: PartialEq> PartialEq for Located<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Located<T> {}
