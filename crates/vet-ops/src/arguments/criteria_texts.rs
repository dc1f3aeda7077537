//! The texts of criteria, for users who are about to certify them.

mod built_in;

use vet_diagnostics::Diagnostic;
use vet_fetch::http::{Client, Request, shown};
use vet_store::Store;
use vet_store::entries::CriteriaEntry;

use crate::fetched_store::peer_files::{tell, text};
use crate::operation::context::Context;
use crate::operation::events::{Event, Observer};
use crate::operation::questions::CriterionText;
use crate::operation::report::{Report, Run};
use crate::session::Session;

/// The maximum size of a text, in bytes. No text that a person should read is longer.
const LARGEST: u64 = 1 << 20;

/// The texts of criteria of a project.
///
/// # Errors
///
/// The project or the store cannot be read.
pub fn of_project(
    context: &Context,
    names: &[String],
    client: Option<&Client>,
    observer: &dyn Observer,
) -> Report<Vec<CriterionText>> {
    Report::of(observer, &context.overrides.levels, |run| {
        // What is wrong with the store was reported before.
        let session = Session::open(context, &run.attempt())?;
        Ok(texts(names, &session.loaded.store, client, run))
    })
}

/// The texts of criteria: built-in ones, those in the store, and those for which the store has a
/// URL. A text that cannot be fetched, or must not be because `client` is `None`, is replaced by a
/// note with the URL.
pub(crate) fn texts(
    names: &[String],
    store: &Store,
    client: Option<&Client>,
    run: &Run<'_>,
) -> Vec<CriterionText> {
    let criterion = |name: &String| {
        let text = match (built_in(name), store.audits.criteria.get(name)) {
            (Some(text), _) => Ok(text.to_owned()),
            (None, Some(entry)) => of_entry(entry, client, run),
            (None, None) => Err("There is no such criterion.".to_owned()),
        };
        let is_complete = text.is_ok();
        let text = text.unwrap_or_else(|note| note);
        CriterionText { name: name.clone(), text: text.trim_end().to_owned(), is_complete }
    };
    names.iter().map(criterion).collect()
}

fn built_in(name: &str) -> Option<&'static str> {
    match name {
        "safe-to-run" => Some(built_in::SAFE_TO_RUN),
        "safe-to-deploy" => Some(built_in::SAFE_TO_DEPLOY),
        _ => None,
    }
}

/// The text, or what to show instead.
fn of_entry(entry: &CriteriaEntry, client: Option<&Client>, run: &Run<'_>) -> Result<String, String> {
    let url = match (&entry.description, &entry.description_url) {
        (Some(text), _) => return Ok(text.clone()),
        (None, Some(url)) => url,
        (None, None) => return Err("It has no description.".to_owned()),
    };
    let Some(client) = client else { return Err(elsewhere(url)) };
    match client.fetch_one(&Request::text(url, LARGEST), &|event| tell(event, run)) {
        Ok(fetched) => Ok(text(fetched, run)),
        Err(problem) => {
            run.notice(Event::Info(in_a_line(&problem)));
            Err(elsewhere(url))
        }
    }
}

fn elsewhere(url: &str) -> String {
    format!("Its text could not be fetched. Read it there before you certify it:\n{}", shown(url))
}

fn in_a_line(problem: &Diagnostic) -> String {
    std::iter::once(&problem.message).chain(&problem.notes).map(String::as_str).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use vet_diagnostics::Levels;
    use vet_fetch::http::HttpSettings;
    use vet_store::criteria::BUILT_IN;

    use super::*;
    use crate::operation::events::Observer;

    #[derive(Default)]
    struct Told(Mutex<Vec<Event>>);

    impl Observer for Told {
        fn notice(&self, event: Event) {
            self.0.lock().unwrap().push(event);
        }
    }

    fn store(description: Option<&str>, url: Option<&str>) -> Store {
        let entry = CriteriaEntry {
            description: description.map(str::to_owned),
            description_url: url.map(str::to_owned),
            ..CriteriaEntry::default()
        };
        let mut store = Store::default();
        store.audits.criteria = BTreeMap::from([("crypto".to_owned(), entry)]);
        store
    }

    /// The text of the criterion `crypto`, with an exclamation mark if it is incomplete.
    fn crypto(store: &Store, client: Option<&Client>) -> String {
        let texts =
            texts(&["crypto".to_owned()], store, client, &Run::new(&Told::default(), &Levels::default()));
        texts
            .into_iter()
            .map(|one| format!("{}{}", if one.is_complete { "" } else { "! " }, one.text))
            .collect()
    }

    #[test]
    fn what_is_built_in_cannot_be_redefined() {
        let mut store = store(None, None);
        let forged = CriteriaEntry { description: Some("Nothing.".to_owned()), ..CriteriaEntry::default() };
        store.audits.criteria.insert("safe-to-deploy".to_owned(), forged);
        let texts = texts(
            &BUILT_IN.map(str::to_owned),
            &store,
            None,
            &Run::new(&Told::default(), &Levels::default()),
        );
        assert_eq!(texts.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), BUILT_IN);
        for CriterionText { text, is_complete, .. } in texts {
            let begins = ["This package can be built", "Programs in production can use this package"];
            let is_own = begins.iter().any(|begin| text.starts_with(begin));
            assert!(is_complete && is_own, "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 76), "{text}");
        }
    }

    #[test]
    fn texts_are_found_where_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crypto.txt");
        std::fs::write(&path, "An expert has looked.\n\n").unwrap();
        let url = vet_fetch::http::file_url("crypto.txt", folder.path()).unwrap();
        let client = Client::new(HttpSettings { offline: true, ..HttpSettings::new() }).unwrap();
        let there = "! Its text could not be fetched. Read it there before you certify it:\n";
        let web = "https://user:secret@example.org/crypto";
        let shown = format!("{there}https://example.org/crypto");
        for (description, url, client, expected) in [
            (Some("Inline."), Some(url.as_str()), Some(&client), "Inline.".to_owned()),
            (None, Some(&url), Some(&client), "An expert has looked.".to_owned()),
            (None, Some(&url), None, format!("{there}{url}")),
            (None, Some(web), Some(&client), shown.clone()),
            (None, Some(web), None, shown),
            (None, Some("nowhere"), Some(&client), format!("{there}nowhere")),
            (None, None, Some(&client), "! It has no description.".to_owned()),
        ] {
            assert_eq!(crypto(&store(description, url), client), expected, "{description:?}, {url:?}");
        }
        assert_eq!(crypto(&Store::default(), None), "! There is no such criterion.");
    }

    #[test]
    fn whoever_wants_to_know_hears_why() {
        let client = Client::new(HttpSettings { offline: true, ..HttpSettings::new() }).unwrap();
        let told = Told::default();
        texts(
            &["crypto".to_owned()],
            &store(None, Some("http://example.org/")),
            Some(&client),
            &Run::new(&told, &Levels::default()),
        );
        let told = told.0.into_inner().unwrap();
        assert!(matches!(told.as_slice(), [Event::Info(text)] if text.contains("not HTTPS")), "{told:?}");
    }
}
