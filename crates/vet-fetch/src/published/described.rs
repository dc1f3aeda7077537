//! The facts from the manifest and files of a package that an index does not contain.

use vet_graph::Manifest;
use vet_graph::manifest::{Library, TextField, WorkspaceTable};

/// Whether a package is a library, and its description.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Described {
    /// Whether others can depend on the package; `None` if there is any doubt.
    pub(crate) is_library: Option<bool>,
    /// Whether its library is a procedural macro, which the compiler loads; `None` if unknown.
    pub(crate) is_proc_macro: Option<bool>,
    /// Description and repository; `None` if unknown.
    pub(crate) about: Option<(Option<String>, Option<String>)>,
}

impl Described {
    /// Reads a manifest. `has_library_file` says whether there may be a `src/lib.rs`.
    pub(super) fn of(
        manifest: &Manifest,
        workspace: Option<&WorkspaceTable>,
        has_library_file: bool,
    ) -> Self {
        let Some(package) = &manifest.package else { return Described::default() };
        let is_library = match package.library {
            Library::Declared => Some(true),
            Library::Inferred => Some(has_library_file),
            // Older versions of cargo treat the file as a library anyway.
            Library::None if has_library_file => None,
            Library::None => Some(false),
        };
        let text = |field: &TextField, of: fn(&WorkspaceTable) -> &Option<String>| match (field, workspace) {
            (TextField::Stated(text), _) => Some(text.clone()),
            (TextField::Inherited, Some(workspace)) => Some(of(workspace).clone()),
            (TextField::Inherited, None) => None,
        };
        let description = text(&package.description, |table| &table.description);
        let repository = text(&package.repository, |table| &table.repository);
        Described {
            is_library,
            is_proc_macro: manifest.unusual.is_empty().then_some(package.is_proc_macro),
            about: description.zip(repository),
        }
    }

    /// Three lines: two marks, then description and repository as JSON strings.
    pub(super) fn lines(&self) -> String {
        let library = match self.is_library {
            Some(true) => '+',
            Some(false) => '-',
            None => '?',
        };
        let text = |text: Option<&Option<String>>| match text {
            Some(text) => serde_json::to_string(text).unwrap_or_default(),
            None => String::new(),
        };
        let (description, repository) = match &self.about {
            Some((description, repository)) => (Some(description), Some(repository)),
            None => (None, None),
        };
        let kind = match self.is_proc_macro {
            Some(true) => 'm',
            Some(false) => 'l',
            None => '?',
        };
        format!("{library}{kind}\n{}\n{}\n", text(description), text(repository))
    }

    /// Parses such lines, and returns the text after them. Damaged facts are unknown.
    pub(super) fn read(text: &str) -> Option<(Self, &str)> {
        let (marks, rest) = text.split_once('\n')?;
        let (description, rest) = rest.split_once('\n')?;
        let (repository, rest) = rest.split_once('\n')?;
        let mut marks = marks.chars();
        let is_library = match marks.next()? {
            '+' => Some(true),
            '-' => Some(false),
            '?' => None,
            _ => return None,
        };
        let is_proc_macro = match marks.next()? {
            'm' => Some(true),
            'l' => Some(false),
            '?' => None,
            _ => return None,
        };
        let text = |json: &str| serde_json::from_str::<Option<String>>(json).ok();
        let about = text(description).zip(text(repository));
        Some((Described { is_library, is_proc_macro, about }, rest))
    }

    /// Whether the package is a library, without parsing the rest.
    pub(super) fn is_library(text: &str) -> Option<bool> {
        match text.bytes().next()? {
            b'+' => Some(true),
            b'-' => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let about = |text: &str| Some((Some(text.to_owned()), None));
        for described in [
            Described::default(),
            Described { is_library: Some(true), is_proc_macro: Some(false), about: about("a\n=\"b\"") },
            Described { is_library: Some(false), is_proc_macro: Some(true), about: Some((None, None)) },
        ] {
            let lines = described.lines();
            assert_eq!(lines.lines().count(), 3, "{lines}");
            let text = format!("{lines}rest\n");
            assert_eq!(Described::read(&text), Some((described.clone(), "rest\n")));
            assert_eq!(Described::is_library(&text), described.is_library);
        }
        for text in ["", "+l\n", "+l\n\n", "x?\n\n\n", "+x\n\n\n", "é\n\n\n"] {
            assert_eq!(Described::read(text), None, "{text:?}");
        }
    }
}
