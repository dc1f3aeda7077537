//! The names of crates.io accounts, for the comments beside account numbers.

use std::collections::BTreeMap;

use crate::entries::{Publisher, PublisherEntry};
use crate::files::ImportsFile;

/// The known accounts: the text of the comment for each account number.
#[derive(Clone, Debug, Default)]
pub struct Accounts(BTreeMap<u64, String>);

impl Accounts {
    /// No account is known, so no comments are written.
    pub const UNKNOWN: Accounts = Accounts(BTreeMap::new());

    /// Collects the accounts that the publisher tables of `imports.lock` name.
    ///
    /// If a number has several names, the first one in the order of writing is used. So writing the
    /// same store again changes nothing.
    pub fn from_imports(imports: &ImportsFile) -> Self {
        let mut known: BTreeMap<u64, (usize, &PublisherEntry)> = BTreeMap::new();
        for (index, entry) in imports
            .publisher
            .values()
            .enumerate()
            .flat_map(|(index, entries)| entries.iter().map(move |entry| (index, entry)))
        {
            let Publisher::User { id, .. } = entry.publisher else { continue };
            let first = known.entry(id).or_insert((index, entry));
            if first.0 == index && entry.canonical_cmp(first.1).is_lt() {
                first.1 = entry;
            }
        }
        Accounts(
            known.into_iter().filter_map(|(id, (_, entry))| Some((id, hint(&entry.publisher)?))).collect(),
        )
    }

    /// Returns the comment beside an account number, without `#`.
    pub fn hint(&self, id: u64) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }
}

/// Formats `Name (login)`, or the login alone. Names come from outside: characters that could end
/// the comment become spaces.
fn hint(publisher: &Publisher) -> Option<String> {
    let Publisher::User { login, name, .. } = publisher else { return None };
    let text = match name {
        Some(name) => format!("{name} ({login})"),
        None => login.clone(),
    };
    let is_unfit = |character: char| character.is_ascii_control() && character != '\t';
    Some(text.replace(is_unfit, " "))
}
