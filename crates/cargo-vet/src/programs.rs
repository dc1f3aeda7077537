//! The user's programs that the tool starts: browser, editor, pager, shell and diff viewer.

pub(crate) mod browser;
pub(crate) mod editor;
pub(crate) mod nested_shell;
pub(crate) mod pager;
mod shell_line;
pub(crate) mod viewer;
