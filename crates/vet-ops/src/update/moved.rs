//! Exemptions that move to another version and lose their fields.
//!
//! A new exemption has no notes, and audits that would replace it are suggested. The original does
//! the same, and the stores must be equal. So a warning shows what the old exemption said
//! before it is removed.

use vet_diagnostics::{Code, Diagnostic, wording};
use vet_store::entries::Exemption;
use vet_store::files::ByCrate;

/// A warning for each removed exemption that had notes or `suggest = false`, if the crate has a new
/// one.
pub(crate) fn left_behind(before: &ByCrate<Exemption>, after: &ByCrate<Exemption>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    for (name, before) in before {
        let after: &[Exemption] = after.get(name).map_or(&[], Vec::as_slice);
        let is_in = |list: &[Exemption], entry: &Exemption| list.iter().any(|it| it.version == entry.version);
        let new: Vec<String> = after
            .iter()
            .filter(|entry| !is_in(before, entry))
            .map(|entry| entry.version.to_string())
            .collect();
        let gone = before.iter().filter(|entry| !is_in(after, entry));
        for old in gone.filter(|entry| !new.is_empty() && (entry.notes.is_some() || !entry.suggest)) {
            let lost = match (&old.notes, old.suggest) {
                (Some(_), true) => "`notes`",
                (None, _) => "`suggest = false`",
                (Some(_), false) => "`notes` and `suggest = false`",
            };
            let (name, new) = (wording::shown(name), wording::list(new.iter().map(String::as_str), "and"));
            let message = format!(
                "the new exemption of {new} of `{name}` does not have the {lost} of the exemption of {}",
                old.version
            );
            let mut warning = Diagnostic::warning(Code::ExemptionMoved, message);
            warning
                .notes
                .extend(old.notes.iter().map(|notes| format!("notes = {:?}", wording::shown(notes))));
            warnings.push(warning.help("copy what is still true for the new version to config.toml"));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use vet_testing::statements;

    use super::*;

    #[test]
    fn what_an_exemption_leaves_behind() {
        for (before, after, expected) in [
            ("exemption lib 1: D", "exemption lib 2: D", ""),
            ("exemption lib 1: D # Old.", "exemption lib 2: D", "`notes`"),
            ("unsuggested lib 1: D", "exemption lib 2: D", "`suggest = false`"),
            ("unsuggested lib 1: D # Old.", "exemption lib 2: D", "`notes` and `suggest = false`"),
            // The exemption stays, or no exemption replaces it.
            ("exemption lib 1: D # Old.", "exemption lib 1: D # Old.\nexemption lib 2: D", ""),
            ("exemption lib 1: D # Old.", "audit lib 2: D", ""),
            ("exemption lib 1: D # Old.\nexemption lib 2: D", "exemption lib 2: D", ""),
            ("exemption lib 1: D # Old.", "exemption other 2: D", ""),
        ] {
            let exemptions = |text: &str| statements(text).store.config.exemptions;
            let warnings = left_behind(&exemptions(before), &exemptions(after));
            let said: Vec<String> = warnings.iter().map(|warning| warning.message.clone()).collect();
            let wanted = match expected {
                "" => Vec::new(),
                lost => vec![format!(
                    "the new exemption of `2.0.0` of `lib` does not have the {lost} of the exemption of 1.0.0"
                )],
            };
            assert_eq!(said, wanted, "{before}, then {after}");
        }
    }
}
