//! Lists that are cut to a maximum length: `a, b, and 4 others`.

use unicode_width::UnicodeWidthStr as _;

/// The maximum width of a list, in columns.
const LIMIT: usize = 40;

/// The maximum width of a list on its own line, in columns.
const LIMIT_OF_LINE: usize = 80;

/// Joins names into a phrase that is cut after about 40 columns. At least one name is shown.
///
/// Names are ordered by length in bytes, then by text, so that as many as possible are shown. One
/// or two names are never cut.
pub fn short_list(names: &[impl AsRef<str>]) -> String {
    cut_list(names, LIMIT)
}

/// Like [`short_list`], cut after about 80 columns.
pub(crate) fn line_list(names: &[impl AsRef<str>]) -> String {
    cut_list(names, LIMIT_OF_LINE)
}

fn cut_list(names: &[impl AsRef<str>], limit: usize) -> String {
    let mut names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    names.sort_by_key(|name| (name.len(), *name));
    match names.as_slice() {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [one, other] => format!("{one} and {other}"),
        [first, rest @ ..] => {
            let shown = how_many_fit(&names, limit);
            match (names.get(..shown).unwrap_or_default(), names.len() - shown) {
                ([_], _) => format!("{first} and {} others", rest.len()),
                ([most @ .., last], 0) => format!("{}, and {last}", most.join(", ")),
                (shown, 1) => format!("{}, and 1 other", shown.join(", ")),
                (shown, left) => format!("{}, and {left} others", shown.join(", ")),
            }
        }
    }
}

/// How many of at least three names are shown.
///
/// The original's rule is kept, including its odd counting: a comma takes one column, and the
/// number of the other names takes one digit for each ten of them.
fn how_many_fit(names: &[&str], limit: usize) -> usize {
    const AND: usize = " and ".len();
    let mut used = 0;
    for (index, name) in names.iter().enumerate() {
        let left = names.len() - index - 1;
        let length = if left == 0 {
            used + AND + name.width()
        } else {
            used += name.width() + ",".len();
            let plural = usize::from(left > 1);
            let rest = left / 10 + 1 + " other".len() + plural;
            used - usize::from(index == 0) + AND + rest
        };
        if length > limit {
            return index.max(1);
        }
    }
    names.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lists_are_cut_where_they_always_were() {
        // The original's output for these names.
        for (names, expected) in CASES {
            assert_eq!(short_list(names), *expected, "{names:?}");
        }
        for (names, expected) in LINES {
            assert_eq!(line_list(names), *expected, "{names:?}");
        }
    }

    const LINES: &[(&[&str], &str)] = &[
        (
            &["bendk", "Publisher 13f54 (publisher-13f54)", "Publisher 100f2e (publisher-100f2e)"],
            "bendk, Publisher 13f54 (publisher-13f54), and Publisher 100f2e (publisher-100f2e)",
        ),
        (
            &["the8472", "Publisher 13f54 (publisher-13f54)", "Publisher 100f2e (publisher-100f2e)"],
            "the8472, Publisher 13f54 (publisher-13f54), and 1 other",
        ),
    ];

    const CASES: &[(&[&str], &str)] = &[
        (&[], ""),
        (&["a"], "a"),
        (&["ccc", "b"], "b and ccc"),
        (&["h", "b", "ab", "c"], "b, c, h, and ab"),
        (&["cfa", "", "dfg", ""], ", , cfa, and dfg"),
        (&["a", "b", "c", "d", "e", "f", "g", "hg", "ij", "kl"], "a, b, c, d, e, f, g, hg, ij, and kl"),
        (
            &["b", "agad", "c", "gcbec", "df", "ba", "hgfh", "fedcdbeh", "hebbgc", "chgabf"],
            "b, c, ba, df, agad, hgfh, gcbec, and 3 others",
        ),
        (&["badbhhgeghchcaecdffh", "bdgcdgbahfcg", "bebd"], "bebd, bdgcdgbahfcg, and 1 other"),
        (&["xxxxxxxxxxxxxxxxx", "yyyyyyyyyyyyyyyyy", "zzz"], "zzz, xxxxxxxxxxxxxxxxx, and 1 other"),
        (
            &["eeabebagdaebefcbaebhchbcegeedbehdgdfhehh", "adfddggafcdffheedeaa", "bfhaghfbdcg"],
            "bfhaghfbdcg and 2 others",
        ),
        (&["語字a", "é", "b", "éé", "語"], "b, é, 語, éé, and 語字a"),
        (
            &["b語語üaé", "éü字", "ü", "aéü", "字語üé字字", "é語éba"],
            "ü, aéü, éü字, é語éba, b語語üaé, and 1 other",
        ),
        (&["éééééééé", "aaaaaaaaaa", "bbbbbbbbbbbb"], "aaaaaaaaaa, bbbbbbbbbbbb, and éééééééé"),
        (
            &[
                "\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}\u{ad}",
                "aaaaaaaaaaaaaa",
                "bbbbbbbbbbbbbbbb",
                "cccccccccccc",
            ],
            "cccccccccccc and 3 others",
        ),
    ];

    /// The rule, implemented literally.
    fn naive(names: &[String]) -> String {
        let mut names = names.to_vec();
        names.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
        let n = names.len();
        match n {
            0 => return String::new(),
            1 => return names[0].clone(),
            2 => return format!("{} and {}", names[0], names[1]),
            _ => {}
        }
        let width = |i: usize| names[i].width();
        let used = |i: usize| (0..=i).map(|j| width(j) + 1).sum::<usize>();
        let remainder = |k: usize| (k / 10 + 1) + 6 + usize::from(k > 1);
        let length = |i: usize| {
            if i == n - 1 {
                used(n - 2) + 5 + width(n - 1)
            } else {
                used(i) - usize::from(i == 0) + 5 + remainder(n - i - 1)
            }
        };
        let first_too_long = (0..n).find(|&i| length(i) > 40).unwrap_or(n);
        let m = first_too_long.saturating_sub(1);
        if m == 0 {
            return format!("{} and {} others", names[0], n - 1);
        }
        let shown = names[..=m.min(n - 2)].join(", ");
        if m == n - 1 {
            format!("{shown}, and {}", names[n - 1])
        } else {
            let left = n - m - 1;
            format!("{shown}, and {left} other{}", if left > 1 { "s" } else { "" })
        }
    }

    proptest! {
        #[test]
        fn the_rule_is_read_right(names in prop::collection::vec("[a-cé語]{0,15}", 0..40)) {
            prop_assert_eq!(short_list(&names), naive(&names));
        }
    }
}
