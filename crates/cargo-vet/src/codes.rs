//! The pages that explain the diagnostic codes, from the folder `codes`.

use vet_diagnostics::Code;

macro_rules! pages {
    ($($code:literal)*) => {
        /// The codes and their pages, in order of number.
        const PAGES: &[(&str, &str)] = &[$(($code, include_str!(concat!("../codes/", $code, ".md")))),*];
    };
}

pages! {
    "VET0101" "VET0102" "VET0103" "VET0104" "VET0105" "VET0106" "VET0107" "VET0108"
    "VET0109" "VET0110" "VET0111" "VET0112" "VET0113" "VET0114"
    "VET0120" "VET0121" "VET0122" "VET0123"
    "VET0201" "VET0202" "VET0203" "VET0204" "VET0205" "VET0206"
    "VET0301" "VET0302" "VET0303" "VET0304" "VET0305" "VET0306" "VET0307" "VET0308"
    "VET0309" "VET0310" "VET0311" "VET0312" "VET0313"
    "VET0317" "VET0318" "VET0319"
    "VET0320" "VET0321" "VET0322" "VET0323"
    "VET0325" "VET0326" "VET0327" "VET0328" "VET0329"
    "VET0401" "VET0402" "VET0403" "VET0404" "VET0405" "VET0406" "VET0407" "VET0408"
    "VET0409" "VET0410" "VET0411"
    "VET0413" "VET0414" "VET0415" "VET0416" "VET0417"
    "VET0501" "VET0502" "VET0503" "VET0504" "VET0505" "VET0506" "VET0507"
    "VET0508" "VET0509"
    "VET0510" "VET0511" "VET0512"
    "VET0601" "VET0602" "VET0603" "VET0604" "VET0605" "VET0606" "VET0607" "VET0608"
    "VET0609" "VET0610" "VET0611" "VET0612" "VET0613" "VET0614" "VET0615" "VET0616"
    "VET0618" "VET0619" "VET0620" "VET0621" "VET0622" "VET0623" "VET0624" "VET0625"
    "VET0626" "VET0627" "VET0628" "VET0629" "VET0630" "VET0631" "VET0632"
    "VET0641" "VET0642" "VET0643" "VET0644" "VET0645" "VET0646" "VET0647" "VET0648"
    "VET0649"
    "VET0701" "VET0702" "VET0703" "VET0704" "VET0705" "VET0706" "VET0707" "VET0708"
    "VET0711" "VET0712" "VET0713" "VET0714" "VET0715" "VET0716" "VET0717" "VET0718"
    "VET0719"
    "VET0721" "VET0722" "VET0723" "VET0724" "VET0725" "VET0726" "VET0727"
    "VET0734"
    "VET0736"
    "VET0801" "VET0802" "VET0803" "VET0804" "VET0805" "VET0806" "VET0807" "VET0808"
}

/// The page of a code, in Markdown. A test checks that every code has one.
pub(crate) fn page(code: Code) -> Option<&'static str> {
    let code = code.to_string();
    PAGES.iter().find(|(name, _)| *name == code).map(|(_, page)| *page)
}

#[cfg(test)]
mod example_tests;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_under_its_title() {
        let codes: Vec<String> = Code::ALL.iter().map(Code::to_string).collect();
        let pages: Vec<&str> = PAGES.iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, pages, "the list in this file has a page for each code");
        for code in Code::ALL {
            let page = page(*code).unwrap();
            assert_eq!(page.lines().next().unwrap(), format!("# {code}: {}", code.title()));
        }
    }

    #[test]
    fn the_folder_holds_nothing_else() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/codes");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name());
        let mut files: Vec<String> = files.map(|file| file.into_string().unwrap()).collect();
        files.sort();
        let pages: Vec<String> = PAGES.iter().map(|(code, _)| format!("{code}.md")).collect();
        assert_eq!(files, pages);
    }

    /// The book includes each page under its own address, and lists all of them.
    #[test]
    fn the_book_has_every_page() {
        let book = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/src");
        let folder = std::fs::read_dir(format!("{book}/codes")).unwrap();
        let mut found: Vec<String> =
            folder.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        found.sort();
        let expected: Vec<String> = PAGES.iter().map(|(code, _)| format!("{code}.md")).collect();
        assert_eq!(found, expected, "docs/src/codes has a file for each code");

        let summary = std::fs::read_to_string(format!("{book}/SUMMARY.md")).unwrap();
        let listed: Vec<&str> =
            summary.lines().map(str::trim).filter(|line| line.contains("](codes/")).collect();
        let expected: Vec<String> =
            Code::ALL.iter().map(|code| format!("- [{code}: {}](codes/{code}.md)", code.title())).collect();
        assert_eq!(listed, expected, "docs/src/SUMMARY.md lists each code");

        for (code, _) in PAGES {
            let page = std::fs::read_to_string(format!("{book}/codes/{code}.md")).unwrap();
            assert_eq!(page, format!("{{{{#include ../../../crates/cargo-vet/codes/{code}.md}}}}\n"));
        }
    }

    #[test]
    fn pages_are_short_and_say_what_to_do() {
        for (code, page) in PAGES {
            let lines = page.lines().count();
            assert!((10..=40).contains(&lines), "{code} has {lines} lines");
            assert!(page.contains("\n## What to do\n"), "{code} does not say what to do");
            assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{code} ends oddly");
            assert!(page.lines().all(|line| line.chars().count() <= 100), "{code} has long lines");
        }
    }
}
