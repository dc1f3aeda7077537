use std::fs;

use super::*;

/// The settings in the files of a folder: targets, names, whether everything may change, and
/// reasons.
fn said(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let folders = [folder.path().to_owned(), folder.path().join("member")].into();
    let show = Shown { current_folder: folder.path() };
    let settings = BuildSettings::read(&folders, &|path| !path.ends_with("home"), show);
    let mut lines = Vec::new();
    for target in &settings.targets {
        let host = if target.is_host { " host" } else { "" };
        let specification = target.specification.as_deref().map(|path| format!(" ({})", show.path(path)));
        lines.push(format!("{}{host}{}: {}", target.name, specification.unwrap_or_default(), target.place));
    }
    if !settings.flags.names.is_empty() {
        lines.push(format!("names {:?}", settings.flags.names));
    }
    if settings.flags.changes_everything {
        lines.push("everything".to_owned());
    }
    lines.extend(settings.reasons.iter().map(|reason| format!("because of {reason}")));
    lines.join("\n")
}

#[test]
fn configuration_that_changes_what_is_built() {
    let cases = [
        "[build]\ntarget = \"wasm32-unknown-unknown\"",
        "[build]\ntarget = [\"wasm32-unknown-unknown\", \"boards/my.json\", \"host-tuple\"]",
        "build.target = 1",
        "build = { target = [1] }",
        "[build]\nrustflags = \"-C link-arg=-s\\t--cfg  tokio_unstable\"",
        "[build]\nrustflags = [\"--cfg\", \"windows\"]",
        "[build]\nrustflags = [\"-C\", \"link-arg=-s\"]",
        "[build]\nrustflags = 1",
        "[target.x86_64-unknown-linux-gnu]\nrustflags = [\"--cfg\", \"a\"]\nlinker = \"lld\"",
        "[target.'cfg(all())']\nrustflags = [\"--target\", \"b\"]",
        "[host]\nrustflags = [\"--cfg\", \"a\"]\n[host.x]\nrustflags = [\"--cfg\", \"b\"]",
        "[build]\nrustc-wrapper = \"sccache\"\nrustc-workspace-wrapper = \"\"",
        "[build]\nrustc-wrapper = \"tools/wrapper\"",
        "[build]\nrustc-workspace-wrapper = \"tools/wrapper\"",
        "[build]\nrustc = \"sccache\"",
        "[env]\nRUSTUP_TOOLCHAIN = \"mine\"\nOTHER = \"1\"",
        "no TOML",
        "include = [\"more.toml\", { path = \"config.toml\" }]",
    ];
    let more = (".cargo/more.toml", "build.rustflags = [\"--cfg\", \"included\"]");
    let found = cases.map(|text| format!("{text}\n=> {}\n", said(&[(".cargo/config.toml", text), more])));
    insta::assert_snapshot!(found.join("\n"));
}

/// Cargo may run in the folder of a member. Settings of the user are ignored.
#[test]
fn folders() {
    let flags = "build.rustflags = [\"--cfg\", \"a\"]";
    assert!(said(&[("member/.cargo/config", flags)]).contains("member/.cargo/config"));
    assert_eq!(said(&[("elsewhere/.cargo/config.toml", flags)]), "");
    assert!(said(&[("member/rust-toolchain", "1.2.3")]).contains("member/rust-toolchain"));
}

#[test]
fn files_that_choose_the_compiler() {
    let cases = [
        ("rust-toolchain", "stable\n"),
        ("rust-toolchain", "nightly-2025-01-31"),
        ("rust-toolchain", "1.80.1"),
        ("rust-toolchain", "1.90.0-beta.2"),
        ("rust-toolchain", "1.90.0-beta.2-x86_64-pc-windows-gnu"),
        ("rust-toolchain", "1.56"),
        ("rust-toolchain", "nightly-2021-01-31"),
        ("rust-toolchain", "my-own"),
        ("rust-toolchain", "stable-x86_64-pc-windows-gnu"),
        ("rust-toolchain", "1.80-x86_64-pc-windows-gnu"),
        ("rust-toolchain", "nightly-2025-01-31-aarch64-apple-darwin"),
        ("rust-toolchain", "stable-msvc"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"stable\"\ntargets = [\"wasm32-unknown-unknown\"]"),
        ("rust-toolchain.toml", "[toolchain]\nchannel = \"1.2\""),
        ("rust-toolchain.toml", "[toolchain]\npath = \"compiler\""),
        ("rust-toolchain", "[toolchain]\npath = \"compiler\""),
        ("rust-toolchain.toml", "stable"),
    ];
    let found = cases.map(|(name, text)| format!("{name}: {text}\n=> {}\n", said(&[(name, text)])));
    insta::assert_snapshot!(found.join("\n"));
}
