//! `fmt`: rewrites the files of the store in canonical form.

use vet_diagnostics::Problems;
use vet_store::{check_settings_formatting, format_settings};

use crate::operation::changes::Changes;
use crate::operation::context::Context;
use crate::operation::events::Observer;
use crate::operation::report::Report;
use crate::session::StoreSession;
use crate::session::attempts::repeated;

/// Rewrites the files of the store and the settings in canonical form, and the store in the current
/// format version.
///
/// # Errors
///
/// The store cannot be read or written, or with `--locked` it is not in canonical form.
pub fn fmt(context: &Context, observer: &dyn Observer) -> Report<Changes> {
    Report::of(observer, &context.overrides.levels, |run| {
        repeated(run, |run| {
            let session = StoreSession::read(context, run)?;
            let text = session.settings_text();
            let settings = text.as_ref().map(|text| format_settings(&text.source)).transpose()?;
            if context.locked
                && let (Some(text), Some(canonical)) = (&text, &settings)
                && let Some(problem) = check_settings_formatting(text, canonical)
            {
                return Err(Problems::from(problem));
            }
            session.replace_with_settings(session.loaded.store.clone(), settings, run)
        })
    })
}
