//! Compares the roles of files with the files that the compiler reads. Each case tries to hide a
//! file of the library in a place for other purposes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first problem")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use vet_source::{File, Layout, Tree};

type Files = &'static [(&'static str, &'static str)];

struct Case {
    edition: &'static str,
    files: Files,
    /// The files that only the build of the library makes worth reading.
    hidden: &'static str,
}

const fn case(hidden: &'static str, files: Files) -> Case {
    Case { edition: "2021", files, hidden }
}

const fn old(hidden: &'static str, files: Files) -> Case {
    Case { edition: "2018", files, hidden }
}

const CASES: &[Case] = &[
    case("tests/a.rs", &[("src/lib.rs", r#"include!("../tests/a.rs");"#)]),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"fn f() { let doc = include!("../tests/a.rs"); }"#), ("tests/a.rs", "1")],
    ),
    case(
        "tests/a.rs",
        &[
            (
                "src/lib.rs",
                r#"macro_rules! m { (#[doc = $x:expr]) => { fn f() { $x } } } m! { #[doc = include!("../tests/a.rs")] }"#,
            ),
            ("tests/a.rs", "{}"),
        ],
    ),
    case("tests/a.rs", &[("src/lib.rs", "#!/bin/sh \"\ninclude!(\"../tests/a.rs\");")]),
    case("tests/a.rs", &[("src/lib.rs", "\u{feff}#!/bin/sh \"\ninclude!(\"../tests/a.rs\");")]),
    case("tests/a.rs", &[("src/lib.rs", "include!(\"../te\\\r\n    sts/a.rs\");")]),
    case("tests/a.rs", &[("src/lib.rs", "\u{200e}include\u{200e}!\u{200e}(\"../tests/a.rs\");")]),
    case("tests/a.rs", &[("src/lib.rs", "r#include/* // */!(r##\"../tests/a.rs\"##);")]),
    case(
        "tests/a.rs",
        &[("src/lib.rs", "/* /* \" */ */ fn f<'a>(_: &'a u8) { '\"'; b'\"'; } include!(\"../tests/a.rs\");")],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($m:meta ; x) => { #[$m] mod a; } } macro_rules! n { ($a:tt $b:tt) => { m!($a = $b; x); } } n!(path "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"macro_rules! i { ($a:tt) => { include! $a; } } i!(("../tests/a.rs"));"#)],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($i:ident $x:expr) => { std::$i!($x); } } i!(include "../tests/a.rs");"#,
        )],
    ),
    case("tests/a.rs", &[("src/lib.rs", "#[path/* */=\"../tests/a.rs\"] mod a;")]),
    case("tests/a.rs", &[("src/lib.rs", "#[path\u{0b}=\"../tests/a.rs\"] mod a;")]),
    case("tests/a.rs", &[("src/lib.rs", "#[r#path = \"../tests/a.rs\"] mod a;")]),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { (x; $m:meta) => { #[$m] mod a; } } m!(x; path = "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { (let $m:meta) => { #[$m] mod a; } } m!(let path = "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"macro_rules! m { ($n:ident) => { #[$n = "../tests/a.rs"] mod a; } } m!(path);"#)],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($n:ident $v:literal) => { #[$n = $v] mod a; } } m!(path "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($($t:tt)*) => { #[path $($t)*] mod a; } } m!(= "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($a:tt $b:tt $c:tt) => { #[cfg_attr(all(), $c $b $a)] mod a; } } m!("../tests/a.rs" = path);"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($a:tt $b:tt $c:tt) => { #[$c $b $a] mod a; } } m!("../tests/a.rs" = path);"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($($a:tt);*) => { #[$($a)=*] mod a; } } m!(path; "../tests/a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[
            ("src/lib.rs", r#"macro_rules! m { () => { include!("../../../tests/a.rs"); } } mod x;"#),
            ("src/x/mod.rs", "mod y;"),
            ("src/x/y/mod.rs", "m!();"),
        ],
    ),
    case(
        "tests/a.rs",
        &[
            ("src/lib.rs", r#"#[macro_use] mod x; m!();"#),
            ("src/x/mod.rs", "#[macro_use] mod y;"),
            ("src/x/y/mod.rs", r#"macro_rules! m { () => { include!("../tests/a.rs"); } }"#),
        ],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! m { ($n:ident $b:tt) => { macro_rules! $n $b } } m!(n { () => { include!("../tests/a.rs"); } }); n!();"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"use std::include as i; i!(concat!("../tes", 't', "s/", "a.", "rs"));"#)],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($($x:literal)*) => { include!(concat!($($x),*)); } } i!("../te" "sts/" "a.rs");"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($x:ident) => { include!(concat!("../tests/", stringify!($x), ".rs")); } } i!(a);"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($x:expr) => { include!($x); } } i!(stringify!(../tests/a.rs));"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($($x:tt)*) => { include!(stringify!($($x)*)); } } i!(../tests/a.rs);"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            "macro_rules! i { (#[doc = $x:literal]) => { include!($x); } }\ni! {\n///../tests/a.rs\n}",
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            "macro_rules! i { (#[doc = $x:literal]) => { include!($x); } } i! { /**../tests/a.rs*/ }",
        )],
    ),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! concat { ($x:tt) => { "../tests/a.rs" } } include!(concat!("x"));"#,
        )],
    ),
    case("tests/a.rs", &[("src/lib.rs", r#"macro_rules! p { () => { "../tests/a.rs" } } include!(p!());"#)]),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"include!(include_str!("p.txt"));"#), ("src/p.txt", "../tests/a.rs")],
    ),
    case(
        "tests/a.rs",
        &[
            ("src/lib.rs", r#"macro_rules! p { () => { include_str!("p.txt") } } include!(p!());"#),
            ("src/p.txt", "../tests/a.rs"),
        ],
    ),
    case(
        "tests/a.rs",
        &[("src/lib.rs", r#"include!("code.txt");"#), ("src/code.txt", r#"include!("../tests/a.rs");"#)],
    ),
    case(
        "tests/b.rs tests/z.rs",
        &[
            (
                "src/lib.rs",
                r#"macro_rules! d { ($x:expr) => { include_str!($x) } } const A: &str = d!("a.txt");
                   macro_rules! c { () => { include!("c.rs"); } } c!(); i!("../tests/b.rs");"#,
            ),
            ("src/a.txt", ""),
            ("src/c.rs", "macro_rules! i { ($x:expr) => { include!($x); } }"),
            ("tests/b.rs", "mod z;"),
            ("tests/z.rs", ""),
        ],
    ),
    case("tests/a.rs", &[("src/lib.rs", r#"include!("../../lantern-1.0.0/tests/a.rs");"#)]),
    case("tests/a.rs", &[("src/lib.rs", r#"include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/a.rs"));"#)]),
    case("tests/a.rs", &[("src/lib.rs", r#"include!(env!("CARGO_PKG_DESCRIPTION"));"#)]),
    case(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            r#"macro_rules! i { ($x:expr) => { include!($x); } } i!(env!("CARGO_PKG_DESCRIPTION"));"#,
        )],
    ),
    case(
        "tests/a.rs",
        &[
            ("src/lib.rs", r#"mod x { mod y { #[path = "../../k/../../tests/a.rs"] mod a; } }"#),
            ("src/x/y/_", ""),
            ("src/x/k/_", ""),
            ("src/k/_", ""),
            ("src/tests/a.rs", ""),
        ],
    ),
    case(
        "tests/x.rs tests/h/y/z.rs",
        &[
            ("src/lib.rs", r#"#[path = "../tests/mod.rs"] mod t;"#),
            ("tests/mod.rs", "macro_rules! m { ($n:ident) => { mod $n; } } m!(x); mod h;"),
            ("tests/h.rs", "mod y { mod z; }"),
            ("tests/x.rs", ""),
            ("tests/h/y/z.rs", ""),
        ],
    ),
    case(
        "src/main.rs",
        &[("src/lib.rs", r#"include!("x.rs");"#), ("src/x.rs", "mod main;"), ("src/main.rs", "")],
    ),
    case(
        "src/main.rs",
        &[("src/lib.rs", r#"#[path = "x.rs"] mod y;"#), ("src/x.rs", "mod main;"), ("src/main.rs", "")],
    ),
    case(
        "src/bin/a.rs",
        &[
            ("src/lib.rs", r#"#[path = "x.rs"] mod y;"#),
            ("src/x.rs", "mod bin { mod a; }"),
            ("src/bin/a.rs", ""),
        ],
    ),
    case(
        "tests/a.py",
        &[
            ("src/lib.rs", r#"#![debugger_visualizer(gdb_script_file = "../tests/a.py")]"#),
            ("tests/a.py", ""),
        ],
    ),
    old(
        "tests/a.rs",
        &[(
            "src/lib.rs",
            "macro_rules! m { ($($x:tt)*) => {} } m!(cr#\"a\"); include!(\"../tests/a.rs\"); //\"#",
        )],
    ),
    old(
        "tests/a.rs",
        &[("src/lib.rs", "macro_rules! m { (z $x:literal) => { include!($x); } } m!(z\"../tests/a.rs\");")],
    ),
];

#[test]
fn what_the_compiler_reads_is_built() {
    let problems: Vec<String> = CASES.iter().flat_map(problems).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

fn problems(case: &Case) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("lantern-1.0.0");
    let mut files = vec![("Cargo.toml", "[package]\nname = 'lantern'\ndescription = '../tests/a.rs'")];
    if !case.files.iter().any(|(path, _)| *path == "tests/a.rs") {
        files.push(("tests/a.rs", ""));
    }
    files.extend(case.files);
    for (path, text) in &files {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), text).unwrap();
    }
    let source = case.files[0].1;
    let read = match read_by_compiler(&root, case.edition) {
        Ok(read) => read,
        Err(problem) => return vec![format!("{source}: {problem}")],
    };
    let file = |text: &str| File { bytes: text.as_bytes().to_vec().into(), is_executable: false };
    let tree = Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), file(text))));
    let layout = Layout::of(&tree);
    let unread = case.hidden.split_whitespace().filter(|hidden| !read.contains(*hidden));
    let skipped = read.iter().filter(|path| !layout.part(path).is_built());
    unread
        .map(|path| format!("{source}: the compiler does not read {path}"))
        .chain(skipped.map(|path| format!("{source}: {path} counts as {:?}", layout.part(path))))
        .collect()
}

/// Returns the files that the compiler reads for a library, relative to the package.
fn read_by_compiler(root: &Path, edition: &str) -> Result<BTreeSet<String>, String> {
    let out = root.parent().unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--crate-type=lib", "--crate-name=lantern", "--edition", edition, "--emit=dep-info,metadata"])
        .args(["--cap-lints=allow", "src/lib.rs", "--out-dir"])
        .arg(out)
        .env("CARGO_MANIFEST_DIR", root)
        .env("CARGO_PKG_DESCRIPTION", "../tests/a.rs")
        .current_dir(root)
        .output()
        .unwrap();
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let info = std::fs::read_to_string(out.join("lantern.d")).unwrap();
    let lines = info.lines().filter_map(|line| line.strip_suffix(':'));
    let real = root.canonicalize().unwrap();
    let files = lines.filter_map(|path| {
        let path = root.join(path.replace("\\ ", " ")).canonicalize().ok()?;
        Some(path.strip_prefix(&real).ok()?.to_str()?.replace('\\', "/"))
    });
    Ok(files.collect())
}
