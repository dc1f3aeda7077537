//! Reads `registry.toml`: the public list of organisations whose audits can be imported.

use std::collections::BTreeMap;
use std::sync::Arc;

use vet_diagnostics::{Diagnostic, Source};

use crate::read::Reader;
use crate::read::fields::{Fields, Place};

/// Reads the registry. Returns the URLs of the audits of each organisation, by name. Leaves out
/// members without URLs.
///
/// # Errors
///
/// Returns the problems if the text is not TOML, or if a member is not a table with URLs.
pub fn parse_registry(source: &Arc<Source>) -> Result<BTreeMap<String, Vec<String>>, Vec<Diagnostic>> {
    let (mut reader, document) = Reader::document(source);
    let mut members = BTreeMap::new();
    if let Some(document) = &document {
        reader.tables(document, Place::table(None, "registry"), |name, fields| {
            let urls = fields.required("url", Fields::strings).unwrap_or_default();
            if !urls.is_empty() {
                members.insert(name.to_owned(), urls);
            }
        });
    }
    reader.finish(members).into_result()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_names_and_urls() {
        let read = |text: &str| {
            let members = parse_registry(&Source::new("registry.toml", text));
            members.map(|members| {
                members
                    .into_iter()
                    .map(|(name, urls)| format!("{name}: {}", urls.join(" ")))
                    .collect::<Vec<_>>()
            })
        };
        for (text, expected) in [
            (
                "[registry.b]\nurl = \"x\"\nwho = 1\n[registry.a]\nurl = [\"y\", \"z\"]\n",
                &["a: y z", "b: x"][..],
            ),
            ("[registry.a]\nurl = []\n", &[]),
            ("", &[]),
        ] {
            assert_eq!(read(text).unwrap(), expected, "{text}");
        }
        for text in ["[registry.a]\n", "[registry.a]\nurl = 1\n", "registry = 1\n", "<!DOCTYPE html>"] {
            assert!(!read(text).unwrap_err().is_empty(), "{text}");
        }
    }
}
