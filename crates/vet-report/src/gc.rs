//! What `gc` answers, and what it says about itself.

use vet_ops::gc::{GcOutcome, Swept};

use crate::visible::visible_line;

/// The folder, if everything was to be removed; nothing else. Scripts may read this, so it is kept to the letter.
pub fn human(outcome: &GcOutcome) -> String {
    match outcome.is_complete {
        true => {
            let folder = outcome.folder.display().to_string();
            format!("cleaning entire contents of cache directory: {}\n", visible_line(&folder))
        }
        false => String::new(),
    }
}

/// How much was removed, in a sentence.
pub fn summary(outcome: &GcOutcome) -> String {
    match outcome.swept {
        Swept { files: 0, .. } => "nothing was removed from the cache".to_owned(),
        Swept { files: 1, bytes } => format!("removed 1 file from the cache, {}", size(bytes)),
        Swept { files, bytes } => format!("removed {files} files from the cache, {}", size(bytes)),
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
            let outcome = GcOutcome { folder, is_complete, swept: Swept { files, bytes } };
            assert_eq!((human(&outcome).as_str(), summary(&outcome).as_str()), (answer, note));
        }
    }
}
