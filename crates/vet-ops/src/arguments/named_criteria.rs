//! Criteria that the user names on the command line.

use vet_diagnostics::{Code, Diagnostic, Problems, wording};
use vet_store::validate::criteria_help;
use vet_store::{Criteria, Store};

use crate::arguments::criteria_texts::texts;
use crate::operation::questions::{Choice, CriteriaQuestion, CriterionText, Prompter};
use crate::operation::report::Run;

/// Checks that all criteria exist.
///
/// # Errors
///
/// One finding for each criterion that does not exist.
pub(crate) fn check(names: &[String], criteria: &Criteria) -> Result<(), Problems> {
    let unknown: Vec<Diagnostic> =
        names.iter().filter(|name| !criteria.contains(name)).map(|name| unknown(name, criteria)).collect();
    if unknown.is_empty() { Ok(()) } else { Err(unknown.into()) }
}

/// The criteria in a list of names. Each item may contain several names, separated by commas.
///
/// The name of a criterion may contain a comma, so an item that is an existing name is not split.
///
/// # Errors
///
/// As for [`check`].
pub(crate) fn split(names: &[String], criteria: &Criteria) -> Result<Vec<String>, Problems> {
    let parts = |name: &String| match criteria.contains(name) || !name.contains(',') {
        true => vec![name.clone()],
        false => name.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect(),
    };
    let names: Vec<String> = names.iter().flat_map(parts).collect();
    check(&names, criteria)?;
    Ok(names)
}

/// The finding for a criterion that does not exist, with the most similar existing name.
pub(crate) fn unknown(name: &str, criteria: &Criteria) -> Diagnostic {
    let message = format!("there is no criterion `{}`", wording::shown(name));
    Diagnostic::error(Code::UnknownCriterionArgument, message).help(criteria_help(name, criteria))
}

/// The criteria that can be chosen.
pub(crate) fn choices(criteria: &Criteria, store: &Store, run: &Run<'_>) -> Vec<Choice> {
    let names: Vec<String> = criteria.names().map(str::to_owned).collect();
    // A text that has to be fetched is shown only after the user has chosen its criterion.
    let texts = texts(&names, store, None, run).into_iter();
    let summary =
        |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    let url =
        |name: &str| store.audits.criteria.get(name)?.description_url.as_deref().map(vet_fetch::http::shown);
    let choice = |text: CriterionText| Choice {
        summary: match text.is_complete {
            true => summary(&text.text),
            false => url(&text.name).unwrap_or_default(),
        },
        name: text.name,
    };
    texts.map(choice).collect()
}

/// The named criteria, or those that the user chooses; in minimal form.
///
/// # Errors
///
/// A criterion does not exist, there are none, or no user can be asked.
pub(crate) fn named_or_chosen(
    named: &[String],
    about: String,
    preselected: Vec<String>,
    criteria: &Criteria,
    store: &Store,
    prompter: &dyn Prompter,
    run: &Run<'_>,
) -> Result<Vec<String>, Problems> {
    let chosen = match named {
        [] => {
            let choices = choices(criteria, store, run);
            let question = CriteriaQuestion { about, choices, preselected };
            run.show_to(prompter);
            prompter.choose_criteria(&question)?
        }
        named => split(named, criteria)?,
    };
    Ok(criteria.minimal_names(&criteria.set(&chosen)))
}

#[cfg(test)]
mod tests {
    use vet_store::entries::CriteriaEntry;

    use super::*;

    #[test]
    fn lists_have_commas() {
        let table = ["crypto", "a,b"].map(|name| (name.to_owned(), CriteriaEntry::default()));
        let (criteria, _) = Criteria::new(&table.into_iter().collect());
        for (given, expected) in [
            (&["crypto"][..], Ok(vec!["crypto"])),
            (&["crypto, safe-to-run", "safe-to-deploy"], Ok(vec!["crypto", "safe-to-run", "safe-to-deploy"])),
            (&["a,b"], Ok(vec!["a,b"])),
            (&["a,b,crypto"], Err(2)),
            (&["crypto,"], Ok(vec!["crypto"])),
            (&["cripto"], Err(1)),
            (&[""], Err(1)),
        ] {
            let given: Vec<String> = given.iter().map(|name| (*name).to_owned()).collect();
            let found = split(&given, &criteria).map_err(|problems| problems.iter().count());
            let expected = expected.map(|names| names.into_iter().map(str::to_owned).collect());
            assert_eq!(found, expected, "{given:?}");
        }
    }
}
