//! The output and messages of `gc`.

use std::path::PathBuf;

use vet_ops::maintain::gc::{GcOutcome, Swept};

use crate::json;
use crate::visible::visible_line;

/// The folder, if everything was to be removed; otherwise nothing. Scripts may read this, so it
/// must not change.
///
/// In a dry run, one line for each file or folder that would be removed.
pub fn human(outcome: &GcOutcome) -> String {
    if outcome.dry_run {
        let line = |path: &PathBuf| format!("{}\n", visible_line(&path.display().to_string()));
        return outcome.paths.iter().map(line).collect();
    }
    match outcome.is_complete {
        true => {
            let folder = outcome.folder.display().to_string();
            format!("cleaning entire contents of cache directory: {}\n", visible_line(&folder))
        }
        false => String::new(),
    }
}

/// What would be removed, as JSON.
pub fn json(outcome: &GcOutcome) -> String {
    let paths: Vec<_> = outcome.paths.iter().map(|path| path.display().to_string()).collect();
    json::document(&serde_json::json!({ "would_remove": paths }))
}

/// How much was or would be removed, as a sentence.
pub fn summary(outcome: &GcOutcome) -> String {
    let (removed, was) = match outcome.dry_run {
        true => ("would remove", "would be"),
        false => ("removed", "was"),
    };
    match outcome.swept {
        Swept { files: 0, .. } => format!("nothing {was} removed from the cache"),
        Swept { files: 1, bytes } => format!("{removed} 1 file from the cache, {}", size(bytes)),
        Swept { files, bytes } => format!("{removed} {files} files from the cache, {}", size(bytes)),
    }
}

fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} bytes");
    }
    let (mut amount, mut unit) = (bytes as f64 / 1024.0, "KiB");
    for larger in units.into_iter().skip(1) {
        if amount < 1024.0 {
            break;
        }
        (amount, unit) = (amount / 1024.0, larger);
    }
    format!("{amount:.1} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_for_scripts_and_the_summary_for_people() {
        for (is_complete, files, bytes, answer, note) in [
            (false, 0, 0, "", "nothing was removed from the cache"),
            (false, 1, 1023, "", "removed 1 file from the cache, 1023 bytes"),
            (false, 2, 1024, "", "removed 2 files from the cache, 1.0 KiB"),
            (
                true,
                3,
                5 << 30,
                "cleaning entire contents of cache directory: a\\u{1b}b\n",
                "removed 3 files from the cache, 5.0 GiB",
            ),
            (false, 2, u64::MAX, "", "removed 2 files from the cache, 16777216.0 TiB"),
        ] {
            let folder = "a\u{1b}b".into();
            let swept = Swept { files, bytes };
            let outcome = GcOutcome { folder, is_complete, dry_run: false, paths: Vec::new(), swept };
            assert_eq!((human(&outcome).as_str(), summary(&outcome).as_str()), (answer, note));
            let would = GcOutcome { dry_run: true, paths: vec!["a\u{7}".into(), "b".into()], ..outcome };
            assert_eq!(human(&would), "a\\u{7}\nb\n");
            assert_eq!(
                summary(&would),
                note.replace("removed 1", "would remove 1")
                    .replace("removed 2", "would remove 2")
                    .replace("removed 3", "would remove 3")
                    .replace("was removed", "would be removed")
            );
        }
    }
}
