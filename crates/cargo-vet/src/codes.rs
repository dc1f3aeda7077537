//! The pages that explain the diagnostic codes, as they stand in the folder `codes`.

use vet_store::Code;

macro_rules! pages {
    ($($code:literal)*) => {
        /// The codes that have a page, and the pages, in order of number.
        const PAGES: &[(&str, &str)] = &[$(($code, include_str!(concat!("../codes/", $code, ".md")))),*];
    };
}

pages! {
    "VET0101"
}

/// The page of a code, in Markdown. Every code has one; a test holds the two in step.
pub(crate) fn page(code: Code) -> Option<&'static str> {
    let code = code.to_string();
    PAGES.iter().find(|(name, _)| *name == code).map(|(_, page)| *page)
}
