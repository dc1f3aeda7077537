//! What is published.

use std::path::Path;
use std::process::Command;

/// Each package has the README and the texts of its licences.
#[test]
fn packages_contain_readme_and_licences() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut published = 0;
    for folder in std::fs::read_dir(root.join("crates")).unwrap() {
        let folder = folder.unwrap();
        let manifest = std::fs::read_to_string(folder.path().join("Cargo.toml")).unwrap();
        if manifest.contains("\npublish = false\n") {
            continue;
        }
        published += 1;
        let name = folder.file_name().into_string().unwrap();
        let arguments = ["package", "--list", "--allow-dirty", "--offline", "--locked", "--package", &name];
        let list = Command::new(env!("CARGO")).args(arguments).current_dir(&root).output().unwrap();
        let files = String::from_utf8(list.stdout).unwrap();
        assert!(list.status.success(), "{name}: {}", String::from_utf8_lossy(&list.stderr));
        for expected in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
            assert!(files.lines().any(|file| file == expected), "{name} lacks {expected}");
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let text = |folder: &Path| std::fs::read_to_string(folder.join(licence)).unwrap();
            assert_eq!(text(&folder.path()), text(&root), "{name}");
        }
    }
    assert_eq!(published, 10);
}
