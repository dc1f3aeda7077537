use proptest::prelude::*;

use super::*;
use crate::tree::File;

fn tree(files: &[(&str, &str)]) -> Tree {
    let file = |text: &str| File { bytes: text.as_bytes().to_vec().into(), is_executable: false };
    Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), file(text))))
}

/// Checks the roles of files. Paths are separated by spaces.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[(FileRole, &str)]) {
    let tree = tree(files);
    let layout = Layout::of(&tree);
    for (part, paths) in expected {
        for path in paths.split_whitespace() {
            assert_eq!(layout.part(path), *part, "{path}");
        }
    }
}

const MANIFEST: (&str, &str) = ("Cargo.toml", "[package]\nname = \"lantern\"\n");
const LIBRARY: (&str, &str) = ("src/lib.rs", "");
const SCRIPT: (&str, &str) = ("build.rs", "fn main() {}");

#[test]
fn places() {
    check(
        &[MANIFEST, LIBRARY],
        &[
            (FileRole::Manifest, "Cargo.toml"),
            (FileRole::Record, "Cargo.lock Cargo.toml.orig .cargo_vcs_info.json"),
            (
                FileRole::Built,
                "src/lib.rs src/a.rs src/a/tests.rs src/mains.rs src/binary/x.rs other.rs gen/x.rs",
            ),
            (FileRole::Program, "src/main.rs src/bin/a.rs src/bin/a/main.rs"),
            (FileRole::Test, "tests/a.rs tests/data/a.txt tests/README.md"),
            (FileRole::Bench, "benches/a.rs"),
            (FileRole::Example, "examples/a.rs"),
            (FileRole::Documentation, "README.md docs/a.rs doc/x LICENSE src/README.md"),
            (FileRole::Data, "a.json src/a.c vendor/a.c .gitignore a/Cargo.lock"),
        ],
    );
}

#[test]
fn a_build_script_can_use_anything() {
    for manifest in [
        "[package]\nbuild = 'build.rs'",
        "[package]",
        "[lib]\nproc-macro = true",
        "[package]\nbuild = ['x.rs']",
    ] {
        check(
            &[("Cargo.toml", manifest), LIBRARY, SCRIPT],
            &[
                (FileRole::Built, "build.rs a.json src/a.c vendor/a.c vendor/Makefile a.s vendor/tests/a.c"),
                (FileRole::Documentation, "README.md"),
                (FileRole::Data, ".gitignore .github/workflows/a.yml"),
                (FileRole::Test, "tests/a.c"),
            ],
        );
    }
    check(
        &[("Cargo.toml", "[package]\nbuild = false"), LIBRARY, SCRIPT],
        &[(FileRole::Data, "a.c"), (FileRole::Built, "build.rs")],
    );
}

#[test]
fn a_build_script_names_what_it_uses() {
    let script = r#"
        mod helper;
        fn main() {
            println!("cargo:rerun-if-changed=docs/a.c");
            cc::Build::new().file("tests/b.c").file(format!("{root}/benches/c.c")).file(root.join("examples"));
            glob("./tests/native/*.c");
        }"#;
    check(
        &[
            MANIFEST,
            LIBRARY,
            ("build.rs", script),
            ("helper.rs", r#"const X: &str = "tests/e.c"; // "tests/f.c""#),
            ("docs/a.c", ""),
            ("tests/b.c", ""),
            ("benches/c.c", ""),
            ("examples/d.c", ""),
            ("tests/native/x.c", ""),
            ("tests/e.c", ""),
            ("tests/f.c", ""),
        ],
        &[
            (
                FileRole::Built,
                "docs/a.c tests/b.c benches/c.c examples/d.c examples/x tests/native/x.c tests/e.c",
            ),
            (FileRole::Test, "tests/f.c tests/x.rs"),
        ],
    );
}

#[test]
fn the_manifest_names_targets() {
    let manifest = r#"
        [package]
        build = "./gen/main.rs"
        [lib]
        path = "tests/lib.rs"
        [[bin]]
        path = "tool/a.rs"
        [[bin]]
        path = 'src\b.rs'
        [[test]]
        path = "more/t.rs"
        [[bench]]
        path = "more/b.rs"
        [[example]]
        path = "more/e.rs"
    "#;
    check(
        &[("Cargo.toml", manifest), ("tests/lib.rs", ""), ("gen/main.rs", "")],
        &[
            (FileRole::Built, "tests/lib.rs tests/a.rs gen/main.rs gen/a.rs tool/c.rs other/x.rs more/x.c"),
            (FileRole::Program, "tool/a.rs src/b.rs"),
            (FileRole::Test, "more/t.rs more/t/x.rs"),
            (FileRole::Bench, "more/b.rs"),
            (FileRole::Example, "more/e.rs"),
        ],
    );
}

#[test]
fn a_program_without_a_library_is_what_counts() {
    check(
        &[MANIFEST, ("src/main.rs", "")],
        &[(FileRole::Built, "src/main.rs src/bin/a.rs"), (FileRole::Test, "tests/a.rs")],
    );
}

#[test]
fn programs_can_be_modules_of_the_library() {
    let manifest = (
        "Cargo.toml",
        "[[bin]]\npath = 'src/tool.rs'\n[[bin]]\npath = 'src/a/b.rs'\n[[test]]\npath = 'src/t.rs'",
    );
    check(
        &[manifest, ("src/lib.rs", "mod tool; mod bin; mod a; mod t;"), ("src/a.rs", "make!(b);")],
        &[
            (FileRole::Built, "src/tool.rs src/bin/x.rs src/a/b.rs src/t.rs"),
            (FileRole::Program, "src/main.rs"),
        ],
    );
    check(
        &[manifest, ("src/lib.rs", "mod a; // mod tool; mod bin;"), ("src/a.rs", "\"b\"")],
        &[(FileRole::Program, "src/tool.rs src/bin/x.rs src/a/b.rs"), (FileRole::Test, "src/t.rs")],
    );
}

#[test]
fn the_library_includes_files() {
    let cases: [(&str, &str); 14] = [
        ("include!(\"../tests/a.rs\");", "tests/a.rs"),
        ("const A: &str = include_str ! [ \"../data/a.json\" ];", "data/a.json"),
        ("include_bytes!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/data/a.json\"))", "data/a.json"),
        ("include_str!(concat!(\"../da\", \"ta/a.json\"))", "data/a.json"),
        ("include!(\"../\\x74ests/a.rs\");", "tests/a.rs"),
        ("#[path = \"../tests/a.rs\"] mod a;", "tests/a.rs"),
        ("#[cfg_attr(x, path=r\"../tests/a.rs\")] mod a;", "tests/a.rs"),
        ("mod x { #[path = \"../../tests/a.rs\"] mod a; }", "tests/a.rs"),
        ("macro_rules! i { ($p:literal) => { include!($p); } }\ni!(\"../tests/a.rs\");", "tests/a.rs"),
        ("use std::include as i;\ni!(\"../tests/a.rs\");", "tests/a.rs"),
        ("macro_rules! p { ($p:literal) => { #[path = $p] mod a; } }\np!(\"../tests/a.rs\");", "tests/a.rs"),
        (
            "#![doc = include_str!(\"../README.md\")] const A: &str = include_str!(\"../data/a.json\");",
            "data/a.json",
        ),
        ("include!(\"../tests/b.rs\");", "tests/b.rs tests/a.rs data/a.json"),
        ("#![doc = include_str!(\"../README.md\")]", ""),
    ];
    for (library, built) in cases {
        let files = [
            MANIFEST,
            ("src/lib.rs", library),
            ("tests/a.rs", ""),
            ("tests/b.rs", "mod a; const X: &[u8] = include_bytes!(\"../data/a.json\");"),
            ("data/a.json", ""),
            ("README.md", ""),
        ];
        let tree = tree(&files);
        let layout = Layout::of(&tree);
        for path in ["tests/a.rs", "tests/b.rs", "data/a.json", "README.md"] {
            let is_built = built.split_whitespace().any(|built| built == path);
            assert_eq!(layout.part(path).is_built(), is_built, "{path}, {library}");
        }
    }
}

#[test]
fn macros_of_other_files_include_too() {
    check(
        &[
            MANIFEST,
            ("src/lib.rs", "mod m; mod n;"),
            ("src/m.rs", "macro_rules! i { ($p:expr) => { include_str!($p) } }"),
            ("src/n.rs", "const A: &str = i!(\"../data/a.json\");"),
            ("data/a.json", ""),
            ("data/b.json", ""),
        ],
        &[(FileRole::Built, "data/a.json"), (FileRole::Data, "data/b.json")],
    );
}

#[test]
fn a_library_in_the_root_has_modules_anywhere() {
    let library = "mod tests; mod examples { mod a; } // mod benches;";
    check(
        &[
            ("Cargo.toml", "[lib]\npath = 'lib.rs'"),
            ("lib.rs", library),
            ("tests/mod.rs", "mod x;"),
            ("tests/x.rs", ""),
            ("benches/mod.rs", ""),
            ("examples/a.rs", ""),
        ],
        &[
            (FileRole::Built, "lib.rs examples/a.rs tests/mod.rs tests/x.rs"),
            (FileRole::Test, "tests/y.rs"),
            (FileRole::Bench, "benches/mod.rs"),
        ],
    );
}

#[test]
fn nothing_hostile_confuses() {
    let hostile = [
        "",
        "[lib]\npath = 3",
        "[package]\nbuild = 'gone.rs'",
        "[[bin]]\npath = ''",
        "bin = 3",
        "[lib]\npath = '/'",
    ];
    for manifest in hostile {
        let code = "include!(\"../../../etc/passwd\"); include!(); include!(\"\"); include_str!(concat!(\"/\")); #[path = \"\"]";
        check(
            &[
                ("Cargo.toml", manifest),
                ("src/lib.rs", code),
                ("build.rs", "\"../..\" \"/\" \".\" \"*\" \"=\" \"{}\""),
            ],
            &[(FileRole::Built, "src/lib.rs src/a.rs"), (FileRole::Test, "tests/a.rs")],
        );
    }
}

#[test]
fn a_manifest_that_cannot_be_read_says_nothing() {
    for manifest in ["= broken", "[lib]\npath = 'tests/a.rs'\n[lib]", "\0"] {
        check(
            &[("Cargo.toml", manifest), LIBRARY],
            &[(FileRole::Built, "src/lib.rs tests/a.rs README.md"), (FileRole::Manifest, "Cargo.toml")],
        );
    }
}

#[test]
fn a_manifest_can_write_paths_in_many_ways() {
    for library in
        ["tests/a.rs", "src/../tests/a.rs", "./tests//a.rs", "../lantern-1.0.0/tests/a.rs", "Tests/A.rs"]
    {
        for key in ["[lib]\npath", "[package]\nbuild", "[project]\nbuild"] {
            let manifest = format!("{key} = '{library}'");
            let files = [("Cargo.toml", manifest.as_str()), LIBRARY, ("tests/a.rs", "")];
            check(&files, &[(FileRole::Built, "tests/a.rs")]);
        }
    }
    let manifest = "[lib]\ncrate-type = ['proc-macro']";
    check(
        &[("Cargo.toml", manifest), LIBRARY],
        &[(FileRole::Built, "a.json"), (FileRole::Test, "tests/a.json")],
    );
}

#[test]
fn hostile_code_costs_little() {
    let nested =
        |name: &str, depth: usize| format!("{}\"x\"{}", format!("{name}!(").repeat(depth), ")".repeat(depth));
    let macros = "macro_rules! i { ($p:expr) => { include!($p); } }";
    for library in [
        format!("{macros} {}", nested("concat", 1_200)),
        nested("include", 1_200),
        format!("{macros} {}", nested("stringify", 1_200)),
        "include!(\"a.rs\")".to_owned() + &" ".repeat(17 << 20),
    ] {
        check(
            &[MANIFEST, ("src/lib.rs", &library), ("tests/a.rs", "")],
            &[(FileRole::Built, "src/lib.rs tests/a.rs")],
        );
    }
    let deep = "x/".repeat(101) + "a";
    check(&[MANIFEST, (&deep, "")], &[(FileRole::Built, "tests/a.rs")]);
}

/// Pieces of code in a random order.
fn code() -> impl Strategy<Value = String> {
    let pieces = [
        "include",
        "include_str",
        "!",
        "(",
        ")",
        "\"",
        "\\",
        "r#",
        "'",
        "/*",
        "*/",
        "//",
        "\n",
        "#[path",
        "=",
        "mod ",
        "tests",
        ";",
        "{",
        "}",
        "../",
        "a.rs",
        "concat!",
        "env!",
        ",",
        "\\x",
        "\\u{",
        "ä",
        "$p",
        "b",
        "*",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_code_has_a_layout(library in code(), script in code(), manifest in code()) {
        let tree = tree(&[
            ("Cargo.toml", &manifest),
            ("src/lib.rs", &library),
            ("build.rs", &script),
            ("tests/a.rs", &library),
            ("a.rs", &script),
        ]);
        let layout = Layout::of(&tree);
        prop_assert_eq!(layout.part("src/lib.rs"), FileRole::Built);
        prop_assert!(layout.part("a.rs").is_built());
    }
}
