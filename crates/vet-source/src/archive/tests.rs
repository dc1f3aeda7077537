use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use std::io::Write as _;
use tar::{Builder, Header};

use super::*;

const FOLDER: &str = "lantern-1.0.0";
const LIMITS: Limits = Limits { bytes: 1 << 20, entries: 100 };

/// An entry: path, kind, content.
type Item<'a> = (&'a [u8], EntryType, &'a [u8]);

const FILE: EntryType = EntryType::Regular;

fn packed(items: &[Item<'_>]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, kind, content) in items {
        let mut header = Header::new_gnu();
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        header.set_cksum();
        // The checks of the builder are skipped: other tools write archives without them.
        if path.len() > 100 {
            let mut long = Header::new_gnu();
            long.set_entry_type(EntryType::GNULongName);
            long.set_size(path.len() as u64);
            long.set_cksum();
            builder.append(&long, *path).expect("appended");
        } else {
            header.as_old_mut().name[..path.len()].copy_from_slice(path);
            header.set_cksum();
        }
        builder.append(&header, *content).expect("appended");
    }
    builder.into_inner().and_then(GzEncoder::finish).expect("packed")
}

fn problem(items: &[Item<'_>]) -> String {
    match Tree::from_archive_within(&packed(items), FOLDER, LIMITS) {
        Ok(tree) => format!("{:?}", tree.files().map(|(path, _)| path).collect::<Vec<_>>()),
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn paths() {
    let outside =
        |path: &str| format!("the archive has an entry `{path}`, which is not below `lantern-1.0.0`");
    let named = |path: &str, reason: &str| format!("the archive has an entry `{path}`, whose name {reason}");
    let long_part = format!("lantern-1.0.0/{}", "a".repeat(256));
    let long_path = format!("lantern-1.0.0{}", "/a".repeat(2100));
    let cases: Vec<(&[u8], String)> = vec![
        (b"lantern-1.0.0/src/lib.rs", r#"["src/lib.rs"]"#.to_owned()),
        (b"lantern-1.0.0//src/./lib.rs", r#"["src/lib.rs"]"#.to_owned()),
        (b"lantern-1.0.0/aux.rs", r#"["aux.rs"]"#.to_owned()),
        (b"lantern-1.0.0/a..b/...", r#"["a..b/..."]"#.to_owned()),
        ("lantern-1.0.0/grün.rs".as_bytes(), r#"["grün.rs"]"#.to_owned()),
        (b"/etc/passwd", outside("/etc/passwd")),
        (b"lantern-1.0.1/a", outside("lantern-1.0.1/a")),
        (b"lantern-1.0.0x/a", outside("lantern-1.0.0x/a")),
        (b"./lantern-1.0.0/a", outside("./lantern-1.0.0/a")),
        (b"lantern-1.0.0/../a", outside("lantern-1.0.0/../a")),
        (b"lantern-1.0.0/a/..", outside("lantern-1.0.0/a/..")),
        (b"lantern-1.0.0/..\\a", outside("lantern-1.0.0/..\\a")),
        (b"lantern-1.0.0/a\\b", outside("lantern-1.0.0/a\\b")),
        (b"lantern-1.0.0/C:/a", outside("lantern-1.0.0/C:/a")),
        (b"lantern-1.0.0/a\x1b[2J", named("lantern-1.0.0/a\\u{1b}[2J", "has control characters")),
        (b"lantern-1.0.0/a\xff", named("lantern-1.0.0/a\\xff", "is not UTF-8")),
        ("lantern-1.0.0/\u{202e}/..".as_bytes(), outside("lantern-1.0.0/\\u{202e}/..")),
    ];
    for (path, expected) in cases {
        assert_eq!(problem(&[(path, FILE, b"x")]), expected, "{path:?}");
    }
    for (path, reason) in
        [(long_part, "has a part of more than 255 bytes"), (long_path, "is longer than 4096 bytes")]
    {
        assert!(problem(&[(path.as_bytes(), FILE, b"x")]).ends_with(reason));
    }
    let long = format!("lantern-1.0.0/{}", "a/".repeat(100));
    assert_eq!(
        problem(&[((long.clone() + "b").as_bytes(), FILE, b"x")]),
        format!("[{:?}]", "a/".repeat(100) + "b")
    );
}

#[test]
fn kinds() {
    let kind = |what: &str| format!("the archive has an entry `lantern-1.0.0/a`, which is {what}");
    let cases = [
        (EntryType::Symlink, kind("a symbolic link")),
        (EntryType::Link, kind("a hard link")),
        (EntryType::Char, kind("a device")),
        (EntryType::Block, kind("a device")),
        (EntryType::Fifo, kind("a pipe")),
        (EntryType::Continuous, kind("neither a file nor a folder")),
        (EntryType::GNUSparse, "the archive cannot be read".to_owned()),
        (EntryType::Directory, "[]".to_owned()),
        (EntryType::Regular, r#"["a"]"#.to_owned()),
    ];
    for (entry, expected) in cases {
        let found = problem(&[(b"lantern-1.0.0/a", entry, b"")]);
        assert!(found.starts_with(&expected), "{entry:?}: {found}");
    }
    // A folder as in old archives.
    assert_eq!(problem(&[(b"lantern-1.0.0/a/", FILE, b""), (b"lantern-1.0.0/a/b", FILE, b"")]), r#"["a/b"]"#);
}

#[test]
fn the_same_path() {
    let twice =
        |path: &str| format!("the archive has several entries for `lantern-1.0.0/{path}`, which differ");
    let (a, b, c): (&[u8], &[u8], &[u8]) = (b"lantern-1.0.0/a", b"lantern-1.0.0/a/b", b"lantern-1.0.0//a");
    let folder = EntryType::Directory;
    let cases: [(&[Item<'_>], String); 7] = [
        (&[(a, FILE, b"x"), (a, FILE, b"y")], twice("a")),
        (&[(a, FILE, b"x"), (c, FILE, b"y")], twice("/a")),
        (&[(a, FILE, b"x"), (a, FILE, b"x")], r#"["a"]"#.to_owned()),
        (&[(a, FILE, b"x"), (b, FILE, b"x")], twice("a/b")),
        (&[(b, FILE, b"x"), (a, FILE, b"x")], twice("a")),
        (&[(a, folder, b""), (a, FILE, b"x")], twice("a")),
        (&[(a, folder, b""), (a, folder, b""), (b, FILE, b"x")], r#"["a/b"]"#.to_owned()),
    ];
    for (items, expected) in cases {
        assert_eq!(problem(items), expected);
    }
}

#[test]
fn too_much() {
    let large = vec![0; LIMITS.bytes as usize];
    let two: [Item<'_>; 2] =
        [(b"lantern-1.0.0/a", FILE, &large[1 << 19..]), (b"lantern-1.0.0/b", FILE, &large[1 << 19..])];
    assert_eq!(problem(&two), "the archive contains more than 1048576 bytes (at `lantern-1.0.0/b`)");
    let names: Vec<String> = (0..=LIMITS.entries).map(|number| format!("{FOLDER}/{number}")).collect();
    let many: Vec<Item<'_>> = names.iter().map(|name| (name.as_bytes(), FILE, &b"x"[..])).collect();
    assert_eq!(problem(&many), "the archive has more than 100 entries; the next is `lantern-1.0.0/100`");
    // The header states a wrong size.
    let mut header = Header::new_gnu();
    header.set_path("lantern-1.0.0/a").expect("a path");
    for (size, expected) in
        [(1 << 40, "the archive contains more than 1048576 bytes"), (1 << 19, "the archive cannot be read")]
    {
        header.set_size(size);
        header.set_cksum();
        let mut archive = GzEncoder::new(Vec::new(), Compression::fast());
        archive.write_all(header.as_bytes()).expect("written");
        let archive = archive.finish().expect("packed");
        let problem = Tree::from_archive_within(&archive, FOLDER, LIMITS).expect_err("a lie").to_string();
        assert!(problem.starts_with(expected) && problem.contains("(at `lantern-1.0.0/a`)"), "{problem}");
    }
}

#[test]
fn what_is_no_archive() {
    let whole = packed(&[(b"lantern-1.0.0/a", FILE, &[b'x'; 5000]), (b"lantern-1.0.0/b", FILE, b"y")]);
    for archive in [&b""[..], b"hello", &whole[..10], &whole[..whole.len() / 2], &whole[..whole.len() - 20]] {
        let problem = Tree::from_archive(archive, FOLDER).expect_err("no archive");
        assert!(matches!(problem, ArchiveProblem::Unreadable { .. }), "{problem}");
    }
}

#[test]
fn what_comes_after_does_not_count() {
    let mut archive = packed(&[(b"lantern-1.0.0/a", FILE, b"x")]);
    let one = Tree::from_archive(&archive, FOLDER).expect("an archive");
    archive.extend(packed(&[(b"lantern-1.0.0/b", FILE, b"x")]));
    archive.extend(b"garbage");
    assert_eq!(Tree::from_archive(&archive, FOLDER).expect("an archive"), one);
}

#[test]
fn files_keep_their_mode() {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (path, mode) in [("a", 0o755), ("b", 0o644), ("c", 0o100)] {
        let mut header = Header::new_gnu();
        header.set_mode(mode);
        header.set_size(0);
        builder.append_data(&mut header, format!("{FOLDER}/{path}"), &b""[..]).expect("appended");
    }
    let archive = builder.into_inner().and_then(GzEncoder::finish).expect("packed");
    let tree = Tree::from_archive(&archive, FOLDER).expect("an archive");
    let modes: Vec<bool> = tree.files().map(|(_, file)| file.is_executable).collect();
    assert_eq!(modes, [true, false, true]);
}

proptest! {
    #[test]
    fn nothing_panics(places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut builder = Builder::new(Vec::new());
        for path in ["a", "b/c"] {
            let mut header = Header::new_ustar();
            header.set_size(3);
            builder.append_data(&mut header, format!("{FOLDER}/{path}"), &b"abc"[..]).expect("appended");
        }
        let mut tar = builder.into_inner().expect("packed");
        // The index selects a byte in the headers. The first header is at the beginning.
        for (place, byte) in places {
            let at = place.index(512);
            tar[at] = byte;
        }
        let mut header = Header::from_byte_slice(&tar[..512]).clone();
        header.set_cksum();
        tar[..512].copy_from_slice(header.as_bytes());
        let mut archive = GzEncoder::new(Vec::new(), Compression::fast());
        archive.write_all(&tar).expect("written");
        if let Ok(tree) = Tree::from_archive_within(&archive.finish().expect("packed"), FOLDER, LIMITS) {
            for (path, _) in tree.files() {
                prop_assert!(path.split('/').all(|part| !matches!(part, "" | "." | "..")), "{}", path);
            }
        }
    }
}

/// Equal contents of two trees are in memory once. Otherwise, a tree does not depend on other
/// trees.
#[test]
fn what_is_the_same_is_in_memory_once() {
    let path = |name: &str| format!("{FOLDER}/{name}").into_bytes();
    let files = |items: &[(&str, &str)]| {
        let paths: Vec<Vec<u8>> = items.iter().map(|(name, _)| path(name)).collect();
        let items = paths.iter().zip(items).map(|(path, (_, text))| (path.as_slice(), FILE, text.as_bytes()));
        packed(&items.collect::<Vec<_>>())
    };
    let read =
        |items, others: &[&Tree]| Tree::from_archive_beside(&files(items), FOLDER, others).expect("read");
    let one = read(&[("same", "1"), ("changed", "1"), ("moved", "1"), ("gone", "1")], &[]);
    let other = read(&[("later", "1")], &[]);
    let new = [("same", "1"), ("changed", "2"), ("moved/to", "1"), ("later", "1")];
    let tree = read(&new, &[&one, &other]);
    assert_eq!(tree, read(&new, &[]));
    let is_shared = |path: &str| {
        let of = |tree: &Tree| tree.file(path).map(|file| file.bytes.as_ptr());
        [&one, &other].into_iter().any(|other| of(&tree) == of(other))
    };
    let shared: Vec<&str> = tree.files().map(|(path, _)| path).filter(|path| is_shared(path)).collect();
    assert_eq!(shared, ["later", "same"]);
}
