//! What is known of packages in submodules, held against what cargo takes.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::tests::git;
use super::with_cargo::{Files, chosen, files};

/// Repositories that submodules are of, each with one commit.
struct Modules(TempDir);

impl Modules {
    fn new() -> Self {
        Modules(tempfile::tempdir().unwrap())
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self, name: &str) -> String {
        format!("file://{}", self.folder(name).display())
    }

    /// Makes a repository with some files, and with submodules of others. Returns its commit.
    fn add(&self, name: &str, files: &Files, submodules: &[(&str, &str)], gitmodules: &str) -> String {
        let root = self.folder(name);
        for (path, text) in &files.0 {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        link(&root, submodules, gitmodules);
        git(&root, &["add", "-A", "-f", "."]);
        git(&root, &["commit", "-q", "-m", "First"]);
        git(&root, &["rev-parse", "HEAD"])
    }
}

/// Puts commits at paths of a repository.
fn link(root: &Path, submodules: &[(&str, &str)], gitmodules: &str) {
    fs::create_dir_all(root).unwrap();
    git(root, &["init", "-q", "-b", "main"]);
    if !gitmodules.is_empty() {
        fs::write(root.join(".gitmodules"), gitmodules).unwrap();
    }
    for (path, commit) in submodules {
        fs::create_dir_all(root.join(path)).unwrap();
        git(root, &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},{path}")]);
    }
}

fn section(name: &str, path: &str, url: &str) -> String {
    format!("[submodule \"{name}\"]\n\tpath = {path}\n\turl = {url}\n")
}

/// Writes `.gitmodules` for the URL of the submodule.
type Gitmodules = fn(&str) -> String;

/// What is known here, and what cargo takes.
type Chosen = (Option<String>, Option<String>);

fn taken(ours: Option<&str>, of_cargo: Option<&str>) -> Chosen {
    (ours.map(str::to_owned), of_cargo.map(str::to_owned))
}

fn known(place: &str) -> Chosen {
    taken(Some(place), Some(place))
}

/// What is taken of a commit with files, where `m` in the folder `path` is a submodule.
fn with_submodule(files: &Files, module: &Files, path: &str, gitmodules: impl Fn(&str) -> String) -> Chosen {
    let modules = Modules::new();
    let commit = modules.add("m", module, &[], "");
    let gitmodules = gitmodules(&modules.url("m"));
    chosen(&files.0, |root| link(root, &[(path, &commit)], &gitmodules))
}

/// A package that leads into the submodule in the folder `a`.
fn leading() -> Files {
    let mut files = files();
    files.dependency("0", "dependencies", "../a/g").package("b", "g", "").package("c", "g", "");
    files
}

fn module() -> Files {
    let mut files = files();
    files.package("g", "g", "");
    files
}

#[test]
fn submodules_are_not_searched() {
    let mut with = files();
    with.package("b", "g", "").package("c", "g", "");
    let plain = |url: &str| section("a", "a", url);
    assert_eq!(with_submodule(&with, &module(), "a", plain), known("b"));
    // Cargo leaves the folder empty.
    let none = |url: &str| section("a", "a", url) + "\tupdate = none\n";
    assert_eq!(with_submodule(&with, &module(), "a", none), known("b"));
}

#[test]
fn dependencies_lead_into_submodules() {
    let plain = |url: &str| section("a", "a", url);
    assert_eq!(with_submodule(&leading(), &module(), "a", plain), known("g"));
    // Only the submodule has the package, which may inherit from the repository around it.
    let mut only = files();
    only.dependency("0", "dev-dependencies", "../a/g");
    assert_eq!(with_submodule(&only, &module(), "a", plain), known("g"));
    only.put("Cargo.toml", "[workspace]\n[workspace.package]\nversion = \"1.0.0\"\n");
    let mut inherits = module();
    let manifest = inherits.0["g/Cargo.toml"].replace("version = \"1.0.0\"", "version.workspace = true");
    inherits.put("g/Cargo.toml", &manifest);
    assert_eq!(with_submodule(&only, &inherits, "a", plain), known("g"));
    // From there, dependencies may lead back.
    let mut back = files();
    back.dependency("g", "dependencies", "../../.h");
    let mut around = files();
    around.package("0", "other", "[dependencies]\nx = { path = \"../a/g\" }\n").package(".h", "g", "");
    back.0.get_mut("g/Cargo.toml").unwrap().push_str("[features]\n");
    assert_eq!(with_submodule(&around, &back, "a", plain), known(".h"));
    // Sources may be a submodule.
    let mut sources = files();
    sources.package("a", "g", "").package("b", "g", "").0.remove("a/src/lib.rs");
    let mut of_sources = files();
    of_sources.put("lib.rs", "");
    let plain = |url: &str| section("s", "a/src", url);
    assert_eq!(with_submodule(&sources, &of_sources, "a/src", plain), known("a"));
    of_sources.put("main.rs/x", "");
    assert_eq!(with_submodule(&sources, &of_sources, "a/src", plain), taken(None, Some("a")));
}

/// Where cargo may not accept what leads into a submodule, or where it leaves the submodule out.
#[test]
fn what_is_left_to_cargo() {
    let plain = |url: &str| section("a", "a", url);
    let mut leads = files();
    leads.package("0", "other", "resolver = \"9\"\n[dependencies]\nx = { path = \"../a/g\" }\n");
    assert_eq!(with_submodule(&leads, &module(), "a", plain), taken(None, None));
    let mut leads = files();
    leads.dependency("0", "target.'cfg(any())'.dependencies", "../a/g");
    assert_eq!(with_submodule(&leads, &module(), "a", plain), taken(None, Some("g")));
    let none = |url: &str| section("a", "a", url) + "\tupdate = none\n";
    assert_eq!(with_submodule(&leading(), &module(), "a", none), taken(None, Some("b")));
    #[cfg(unix)]
    {
        let modules = Modules::new();
        let commit = modules.add("m", &module(), &[], "");
        let mut by_link = files();
        by_link.dependency("0", "dependencies", "../link/g");
        let change = |root: &Path| {
            link(root, &[("a", &commit)], &plain(&modules.url("m")));
            std::os::unix::fs::symlink("a", root.join("link")).unwrap();
        };
        assert_eq!(chosen(&by_link.0, change), taken(None, Some("g")));
    }
}

/// Of a commit with another `.gitmodules` than git writes, nothing is known: cargo may refuse it.
#[test]
fn odd_gitmodules() {
    let mut with = files();
    with.package("b", "g", "");
    let cases: &[(&str, Gitmodules, bool)] = &[
        ("nothing", |_| String::new(), false),
        ("another name and path", |url| section("z", "z", url), false),
        ("another path", |url| section("a", "z", url), true),
        ("no URL", |_| "[submodule \"a\"]\n\tpath = a\n".to_owned(), false),
        ("no TOML either", |url| section("a", "a", url) + "[x\n", false),
        ("a path twice", |url| section("a", "a", url) + &section("z", "a", url), false),
        (
            "no URL of one that is not there",
            |url| section("a", "a", url) + "[submodule \"z\"]\n\tpath = z\n",
            false,
        ),
        ("a program", |url| section("a", "a", url) + "\tupdate = !sh\n", false),
        ("an unknown value", |url| section("a", "a", url) + "\tignore = x\n", false),
        ("a URL as of ssh", |_| section("a", "a", "git@git.example:m"), false),
        ("an odd name", |url| section("../a", "a", url), false),
        ("a quoted path", |url| section("a", "\"a\"", url), true),
        ("an escape", |url| section("a", "a", url).replace("[submodule \"a\"]", "[submodule \"\\a\"]"), true),
    ];
    let found: Vec<_> = cases
        .iter()
        .map(|(name, gitmodules, _)| (*name, with_submodule(&with, &module(), "a", gitmodules)))
        .collect();
    let expected: Vec<_> =
        cases.iter().map(|(name, _, is_accepted)| (*name, taken(None, is_accepted.then_some("b")))).collect();
    assert_eq!(found, expected);
    // Cargo reads the file also if there is no submodule.
    assert_eq!(chosen(&with.0, |root| link(root, &[], "[submodule \"z\"]\n\tpath = z\n")), taken(None, None));
    let usual: &[(&str, Gitmodules)] = &[
        ("one that is not there", |url| section("a", "a", url) + &section("z", "z", url)),
        ("a folder", |url| section("a", "a", url) + &section("b", "b", url)),
        ("comments", |url| format!("; one\n# two\n\n{}", section("a", "a", url))),
        ("line ends", |url| section("a", "a", url).replace('\n', "\r\n")),
        ("more keys", |url| {
            section("a", "a", url)
                + "branch = main\nignore = dirty\nfetchRecurseSubmodules = on-demand\nshallow=true\n"
        }),
        ("upper case", |url| section("a", "a", url).replace("path", "Path").replace("url", "URL")),
        ("a checkout", |url| section("a b/c.d", "a", url) + "\tupdate = checkout\n"),
    ];
    for (name, gitmodules) in usual {
        assert_eq!(with_submodule(&leading(), &module(), "a", gitmodules), known("g"), "{name}");
        assert_eq!(with_submodule(&with, &module(), "a", gitmodules), known("b"), "{name}");
    }
}

#[test]
fn several_and_nested_submodules() {
    let modules = Modules::new();
    let inner = modules.add("inner", &module(), &[], "");
    let mut outer = files();
    outer.package("o", "other", "[dependencies]\nx = { path = \"../deep/in/g\", package = \"g\" }\n");
    let nested = section("in", "deep/in", "../inner");
    let outer = modules.add("outer.git", &outer, &[("deep/in", &inner)], &nested);
    let mut with = files();
    with.dependency("0", "dependencies", "../s/outer/o").package("b", "g", "").package("c", "g", "");
    let gitmodules =
        section("o", "s/outer", &modules.url("outer.git")) + &section("i", "inner", &modules.url("inner"));
    let change = |root: &Path| link(root, &[("s/outer", &outer), ("inner", &inner)], &gitmodules);
    assert_eq!(chosen(&with.0, change), known("g"));
    // What cargo refuses of a submodule, it refuses of the commit, also where nothing leads.
    let broken = modules.add("broken", &module(), &[("x", &inner)], "");
    let gitmodules = section("o", "o", &modules.url("broken"));
    let mut with = files();
    with.package("b", "g", "");
    assert_eq!(chosen(&with.0, |root| link(root, &[("o", &broken)], &gitmodules)), taken(None, None));
}

/// What cargo did not fetch is not known, nor what comes after it.
#[test]
fn what_is_not_at_hand() {
    use super::tests::{fetched, locked};
    let known = |files: &Files, name: &str| {
        let files: Vec<(&str, &str)> =
            files.0.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let gitmodules = section("a", "a", "https://git.example/m");
        let (home, commit) = fetched(&files, |root| link(root, &[("a", &"1".repeat(40))], &gitmodules));
        let mut repositories = super::Repositories::new(home.path());
        let found = repositories.package(&locked(name, "https://git.example/demo", &commit));
        found.map(|(described, _)| described.is_library)
    };
    let mut with = files();
    with.package("b", "g", "").dependency("c", "dependencies", "../a/g").package("d", "h", "");
    let uncertain = "[package]\nname = \"i\"\nversion = \"1.0.0\"\nresolver = \"2\"\n";
    with.put("a-/Cargo.toml", uncertain).put("a-/src/lib.rs", "");
    with.package("aa", "j", "").0.remove("aa/src/lib.rs");
    with.put("aa/src/main.rs", "");
    assert_eq!(known(&with, "g"), Some(Some(true)));
    assert_eq!(known(&with, "other"), Some(Some(true)), "what leads there");
    assert_eq!(known(&with, "h"), None, "after it");
    assert_eq!(known(&with, "i"), None, "not accepted for certain");
    // There, too, may be one, and old versions of cargo take either.
    assert_eq!(known(&with, "j"), Some(None));
}

/// Objects are what their names say, in submodules too.
#[test]
fn what_was_edited() {
    use super::tests::{fetched, locked};
    let mut module = module();
    let modules = Modules::new();
    let commit = modules.add("m", &module, &[], "");
    let gitmodules = section("a", "a", "https://git.example/m");
    let mut with = files();
    with.dependency("0", "dependencies", "../a/g");
    let with: Vec<(&str, &str)> = with.0.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let (home, top) = fetched(&with, |root| link(root, &[("a", &commit)], &gitmodules));
    let known = || {
        let mut repositories = super::Repositories::new(home.path());
        repositories.package(&locked("g", "https://git.example/demo", &top)).is_some()
    };
    assert!(!known());
    let db = home.path().join("git/db");
    let edited = module.0["g/Cargo.toml"].replace("edition", "description = \"x\"\nedition");
    git(&db, &["clone", "-q", "--bare", &modules.url("m"), "m-0123456789abcdef"]);
    assert!(known());
    let bare = db.join("m-0123456789abcdef");
    let blob = git(&bare, &["rev-parse", &format!("{commit}:g/Cargo.toml")]);
    let object = |id: &str| {
        let (folder, file) = id.split_at(2);
        bare.join("objects").join(folder).join(file)
    };
    module.put("g/Cargo.toml", &edited);
    fs::write(home.path().join("other"), &module.0["g/Cargo.toml"]).unwrap();
    let other = git(&bare, &["hash-object", "-w", &home.path().join("other").display().to_string()]);
    let bytes = fs::read(object(&other)).unwrap();
    let _ = fs::remove_file(object(&blob));
    fs::create_dir_all(object(&blob).parent().unwrap()).unwrap();
    fs::write(object(&blob), bytes).unwrap();
    for pack in fs::read_dir(bare.join("objects/pack")).unwrap().flatten() {
        fs::remove_file(pack.path()).unwrap();
    }
    assert!(!known());
}
