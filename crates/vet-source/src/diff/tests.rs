use proptest::prelude::*;

use super::*;
use crate::size::size;
use crate::tree::File;

fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |text: &str| File { bytes: text.as_bytes().to_vec().into(), is_executable: false };
    Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), file(text))))
}

/// Returns the hunks of one file, in the form of a patch. A line without a line feed ends in `$`.
fn shown(old: &str, new: &str) -> String {
    let (old, new) = (tree(&[("a", old)]), tree(&[("a", new)]));
    let diff = diff(&old, &new, Comparison::Published);
    let mut shown = String::new();
    for file in &diff.files {
        let Content::Lines(lines) = &file.content else { panic!("{file:?}") };
        for hunk in lines.hunks() {
            let section = hunk.section.map(String::from_utf8_lossy).unwrap_or_default();
            let length = |range: &std::ops::Range<u64>| range.end - range.start;
            let (old, new) = (hunk.old, hunk.new);
            shown += &format!("@ {},{} {},{} {section}|", old.start, length(&old), new.start, length(&new));
            for line in hunk.lines {
                let (sign, text) = match line {
                    Line::Same(text, new) => {
                        let content = |text: Text<'_>| {
                            String::from_utf8_lossy(text.bytes).trim_end_matches('\r').to_owned()
                        };
                        assert_eq!(content(text), content(new));
                        (' ', text)
                    }
                    Line::Removed(text) => ('-', text),
                    Line::Added(text) => ('+', text),
                };
                let end = if text.has_end { "" } else { "$" };
                shown += &format!("{sign}{}{end}|", String::from_utf8_lossy(text.bytes));
            }
        }
    }
    shown
}

#[test]
fn hunks() {
    let cases = [
        ("", "x\n", "@ 0,0 1,1 |+x|"),
        ("x\n", "", "@ 1,1 0,0 |-x|"),
        ("x", "y", "@ 1,1 1,1 |-x$|+y$|"),
        ("a\nb", "a\nb\nc\n", "@ 1,2 1,3 | a| b$|+c|"),
        ("1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n6\n", "@ 3,3 3,4 | 3| 4| 5|+6|"),
        ("1\n2\n3\n4\n5\n", "0\n1\n2\n3\n4\n5\n", "@ 1,3 1,4 |+0| 1| 2| 3|"),
        // Changes that are seven lines apart are two hunks. Six lines apart, they are one.
        (
            "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
            "1\n2\n3\n4\n5\n6\n7\n",
            "@ 1,4 1,3 |-a| 1| 2| 3|@ 6,4 5,3 a| 5| 6| 7|-b|",
        ),
        ("a\n1\n2\n3\n4\n5\n6\nb\n", "1\n2\n3\n4\n5\n6\n", "@ 1,8 1,6 |-a| 1| 2| 3| 4| 5| 6|-b|"),
        (
            "fn a() {\n1\n2\n3\n4\n5\n}\n",
            "fn a() {\n1\n2\n3\n4\n6\n}\n",
            "@ 3,5 3,5 fn a() {| 2| 3| 4|-5|+6| }|",
        ),
        ("x\r\ny\n", "x\nz\n", "@ 1,2 1,2 | x\r|-y|+z|"),
    ];
    for (old, new, expected) in cases {
        assert_eq!(shown(old, new), expected, "{old:?} {new:?}");
    }
}

#[test]
fn stretches_are_whole_blocks() {
    let block = |name: &str| format!("    fn {name}() {{\n        x();\n    }}\n");
    let file = |names: &[&str]| {
        let blocks: String = names.iter().map(|name| block(name) + "\n").collect();
        format!("impl A {{\n{blocks}}}\n")
    };
    assert_eq!(
        shown(&file(&["a", "c"]), &file(&["a", "b", "c"])),
        "@ 3,6 3,10 impl A {|         x();|     }| |+    fn b() {|+        x();|+    }|+|     fn c() {|         x();|     }|"
    );
    assert_eq!(
        shown(&file(&["a", "b", "c"]), &file(&["a", "b"])),
        "@ 7,8 7,4 impl A {|         x();|     }| |-    fn c() {|-        x();|-    }|-| }|"
    );
}

#[test]
fn files_are_in_the_order_of_reading() {
    let old = tree(&[
        ("src/gone.rs", "x"),
        ("README.md", "x"),
        ("crlf", "x\n"),
        ("Cargo.toml", "# x"),
        ("Cargo.lock", "x"),
    ]);
    let new = tree(&[
        ("src/lib.rs", "y"),
        ("src/a/b.rs", "y"),
        ("README.md", "y"),
        ("tests/a.rs", "y"),
        ("crlf", "x\r\n"),
        ("Cargo.toml", "# y"),
        ("Cargo.toml.orig", "y"),
        ("Cargo.lock", "y"),
    ]);
    let paths = |kind| -> Vec<String> {
        let diff = diff(&old, &new, kind);
        assert_eq!(diff.only_line_ends, ["crlf"]);
        diff.files.iter().map(|file| file.path().to_owned()).collect()
    };
    let built = ["src/a/b.rs", "src/gone.rs", "src/lib.rs"];
    let other = ["tests/a.rs", "README.md", "Cargo.toml.orig"];
    assert_eq!(paths(Comparison::Published), [&built[..], &["Cargo.toml"], &other, &["Cargo.lock"]].concat());
    assert_eq!(paths(Comparison::Git), [&built[..], &other, &["Cargo.toml", "Cargo.lock"]].concat());
}

/// Texts with few distinct lines.
fn text() -> impl Strategy<Value = String> {
    let line = prop::sample::select(vec!["", "}", "    x", "fn a", "  y\r", "z"]);
    (prop::collection::vec(line, 0..40), any::<bool>()).prop_map(|(lines, has_end)| {
        let text = lines.join("\n");
        if has_end && !text.is_empty() { text + "\n" } else { text }
    })
}

proptest! {
    #[test]
    fn hunks_make_the_new_text_of_the_old(old in text(), new in text()) {
        let (from, to) = (tree(&[("a", &old)]), tree(&[("a", &new)]));
        let diff = diff(&from, &to, Comparison::Published);
        prop_assert_eq!(diff.size(), size(&from, &to, Comparison::Published));
        for file in &diff.files {
            let Content::Lines(lines) = &file.content else { continue };
            let hunks = lines.hunks();
            let side = |is_old: bool| -> Vec<(u64, &[u8])> {
                hunks.iter().flat_map(|hunk| &hunk.lines).filter_map(|line| {
                    let text = match (line, is_old) {
                        (Line::Same(text, _), true) | (Line::Same(_, text), false) => text,
                        (Line::Removed(text), true) | (Line::Added(text), false) => text,
                        _ => return None,
                    };
                    Some((text.number, text.bytes))
                }).collect()
            };
            for (is_old, whole) in [(true, &old), (false, &new)] {
                let whole: Vec<&str> = whole.split('\n').collect();
                for (number, bytes) in side(is_old) {
                    prop_assert_eq!(whole[number as usize - 1].as_bytes(), bytes);
                }
            }
            for hunk in &hunks {
                let count = |is_in: fn(&Line<'_>) -> bool| hunk.lines.iter().filter(|line| is_in(line)).count() as u64;
                prop_assert_eq!(hunk.old.end - hunk.old.start, count(|line| !matches!(line, Line::Added(_))));
                prop_assert_eq!(hunk.new.end - hunk.new.start, count(|line| !matches!(line, Line::Removed(_))));
            }
        }
    }
}
