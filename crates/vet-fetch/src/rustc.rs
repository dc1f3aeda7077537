//! Asking the compiler what a target is like that only the compiler knows.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};

/// The compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rustc(pub OsString);

impl Rustc {
    /// What `rustc --print cfg` prints of a target: its name, or the path of its specification.
    ///
    /// # Errors
    ///
    /// There is no compiler, or it does not know the target: its own words.
    pub fn cfg(&self, target: &OsStr, current_folder: &Path) -> Result<String, String> {
        let output = Command::new(&self.0)
            .args([OsStr::new("--print"), OsStr::new("cfg"), OsStr::new("--target"), target])
            .current_dir(current_folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("`{}` cannot be run: {error}", Path::new(&self.0).display()))?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        String::from_utf8(output.stdout).map_err(|error| format!("what it prints is not UTF-8: {error}"))
    }
}
