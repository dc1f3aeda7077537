//! Showing a long text a page at a time, in the pager that git would use.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Child, Stdio};

use crate::git;
use crate::shell_line::{is_missing, shell_line};

/// What pagers are told, unless the user tells them something else: as git does, so that colours show and a short text
/// needs no pager.
const DEFAULTS: &str = ": \"${LESS=FRX}\" \"${LV=-c}\"; export LESS LV; ";

/// A pager.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pager {
    line: String,
}

impl Pager {
    /// The pager that git uses in a folder, if it uses one.
    pub fn find(folder: &Path) -> Option<Self> {
        let line = git::said(folder, &["var", "GIT_PAGER"])?;
        (line != "cat").then_some(Pager { line })
    }

    /// Whether the pager is shown colours, for all that git knows.
    pub fn wants_colors(folder: &Path) -> bool {
        let setting = |key: &str| git::said(folder, &["config", "--type=bool", "--get", key]);
        let setting = setting("pager.color").or_else(|| setting("color.pager"));
        setting.as_deref() != Some("false")
    }

    /// Shows a text, and waits until the pager is closed. Whoever closes it early has seen enough. Returns whether there was
    /// such a pager.
    pub fn show(&self, text: &[u8]) -> bool {
        let line = format!("{DEFAULTS}{}", self.line);
        let pager = shell_line(&line).stdin(Stdio::piped()).spawn();
        pager.and_then(|pager| fill(pager, text)).unwrap_or(false)
    }
}

fn fill(mut pager: Child, text: &[u8]) -> io::Result<bool> {
    if let Some(mut pipe) = pager.stdin.take() {
        // A pager that was closed reads no more.
        let _ = pipe.write_all(text);
    }
    Ok(!is_missing(pager.wait()?))
}

/// Whether git would colour changes on a terminal.
pub fn colors_changes(folder: &Path) -> bool {
    git::said(folder, &["config", "--get-colorbool", "color.diff", "true"]).as_deref() != Some("false")
}
