//! File names that lead elsewhere, or that mean something other than a file on Windows.

/// Names of devices, also with an extension.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Names of devices that end with a digit, also a superscript one.
const NUMBERED: [&str; 2] = ["COM", "LPT"];

/// Checks that a path, separated by `/`, means a file with this name on this system. If not,
/// returns what is wrong.
pub(super) fn check(path: &str) -> Result<(), &'static str> {
    check_for(path, cfg!(windows))
}

fn check_for(path: &str, windows: bool) -> Result<(), &'static str> {
    for part in path.split('/') {
        if ["", ".", ".."].contains(&part) || part.contains('\0') {
            return Err("is not a path in the folder of the package");
        }
        if windows {
            check_for_windows(part)?;
        }
    }
    Ok(())
}

fn check_for_windows(part: &str) -> Result<(), &'static str> {
    let is_forbidden = |letter: char| letter.is_control() || "<>:\"\\|?*".contains(letter);
    if part.contains(is_forbidden) {
        return Err("contains a character that Windows does not allow in names");
    }
    if part.ends_with(['.', ' ']) {
        return Err("ends in characters that Windows drops");
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end().to_uppercase();
    let is_numbered = |device: &str| {
        let number = stem.strip_prefix(device).unwrap_or_default();
        number.chars().count() == 1
            && number.contains(|letter: char| letter.is_ascii_digit() || "¹²³".contains(letter))
    };
    match DEVICES.contains(&stem.as_str()) || NUMBERED.iter().any(|device| is_numbered(device)) {
        true => Err("is the name of a device on Windows"),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_mean_files() {
        for (path, elsewhere, windows) in [
            ("src/lib.rs", true, true),
            (".gitignore", true, true),
            ("a b/c-d_e+f.g", true, true),
            ("é/日本", true, true),
            ("console.rs", true, true),
            ("com/com10", true, true),
            ("aux", true, false),
            ("src/Aux.rs", true, false),
            ("nul .txt", true, false),
            ("a/com1.rs/b", true, false),
            ("LPT³", true, false),
            ("a:b", true, false),
            ("a\\b", true, false),
            ("a?", true, false),
            ("a\u{1b}", true, false),
            ("a.", true, false),
            ("a /b", true, false),
            ("", false, false),
            ("/a", false, false),
            ("a//b", false, false),
            ("a/../b", false, false),
            ("./a", false, false),
            ("a/", false, false),
            ("a\0", false, false),
        ] {
            assert_eq!(check_for(path, false).is_ok(), elsewhere, "{path:?}");
            assert_eq!(check_for(path, true).is_ok(), windows, "{path:?} on Windows");
        }
    }
}
