//! Permissions, links and pipes.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

use super::*;

#[test]
fn permissions_stay() {
    let fixture = Fixture::new();
    let modes =
        [("config.toml", 0o600), ("audits.toml", 0o664), ("imports.lock", 0o755), ("vet.toml", 0o640)];
    for (name, mode) in modes {
        fs::set_permissions(fixture.path().join(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fixture.folder().lock(no_wait).unwrap().commit(&borrowed(&changes())).unwrap();
    assert_eq!(fixture.on_disk(), all(new));
    for (name, mode) in modes {
        let now = fs::metadata(fixture.path().join(name)).unwrap().mode() & 0o7777;
        assert_eq!(now, mode, "{name}");
    }
}

#[test]
fn files_are_written_through_links() {
    let fixture = Fixture::new();
    let elsewhere = fixture.root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for name in ["config.toml", "audits.toml"] {
        fs::rename(fixture.path().join(name), elsewhere.join(name)).unwrap();
        symlink(elsewhere.join(name), fixture.path().join(name)).unwrap();
    }
    let mut store = fixture.folder().lock(no_wait).unwrap();
    store.commit(&borrowed(&changes())).unwrap();
    assert!(
        File::open(elsewhere.join("config.toml")).unwrap().try_lock().is_err(),
        "the lock goes with the file"
    );
    store.commit(&[(CONFIG, b"again")]).unwrap();
    drop(store);
    for name in ["config.toml", "audits.toml"] {
        assert!(fs::symlink_metadata(fixture.path().join(name)).unwrap().is_symlink(), "{name}");
    }
    assert_eq!(fs::read_to_string(elsewhere.join("config.toml")).unwrap(), "again");
    assert_eq!(fixture.on_disk(), ["again", "new audits.toml", "new imports.lock", "new vet.toml"]);
    assert_eq!(names_in(&elsewhere), ["audits.toml", "config.toml"]);
    assert_eq!(fixture.names(), STORE_FILES);
}

#[test]
fn a_commit_through_links_can_be_interrupted() {
    let fixture = Fixture::new();
    let target = fixture.root.path().join("target");
    fs::rename(fixture.path().join("audits.toml"), &target).unwrap();
    symlink(&target, fixture.path().join("audits.toml")).unwrap();
    journal::write(&fixture.path(), &borrowed(&changes())).unwrap();
    let half_copied = fixture.root.path().join(format!("{PREFIX}target"));
    fs::create_dir(&half_copied).unwrap();
    fs::write(half_copied.join("target"), "new aud").unwrap();
    assert_eq!(fixture.read(), Ok(all(new)));
    drop(fixture.folder().lock(no_wait).unwrap());
    assert_eq!(fixture.on_disk(), all(new));
    assert!(!half_copied.exists());
}

#[test]
fn a_pipe_is_not_waited_for() {
    let fixture = Fixture::new();
    for name in ["audits.toml", "config.toml"] {
        fs::remove_file(fixture.path().join(name)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(fixture.path().join(name)).status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no mkfifo");
            return;
        }
        assert_eq!(fixture.read(), Err(vec![Code::Io]));
    }
}

/// Whether the tests run as root. Root cannot be prevented from writing.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[test]
fn a_read_only_store_can_be_read_and_not_changed() {
    let fixture = Fixture::new();
    let protect = |mode_of_folder: u32, mode_of_files: u32| {
        for name in STORE_FILES {
            let mode = fs::Permissions::from_mode(mode_of_files);
            fs::set_permissions(fixture.path().join(name), mode).unwrap();
        }
        fs::set_permissions(fixture.path(), fs::Permissions::from_mode(mode_of_folder)).unwrap();
    };
    protect(0o555, 0o444);
    assert_eq!(fixture.read(), Ok(all(old)));
    let mut store = fixture.folder().lock(no_wait).unwrap();
    assert_eq!(store.commit(&[]), Ok(vec![]));
    if is_root() {
        eprintln!("skipped in part: root may write everything");
        return;
    }
    assert_eq!(store.commit(&borrowed(&changes())).unwrap_err().code, Code::Io);
    protect(0o755, 0o444);
    assert_eq!(store.commit(&borrowed(&changes())).unwrap_err().code, Code::Io);
    assert_eq!(fixture.on_disk(), all(old));
    assert_eq!(fixture.names(), STORE_FILES);
}
