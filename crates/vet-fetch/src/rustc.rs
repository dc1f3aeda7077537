//! Asking the compiler what a target is like that only the compiler knows.

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::time::Duration;

use crate::outside::Outside;
use crate::program::{self, Limits};

/// What a compiler says at once.
const LIMITS: Limits = Limits { time: Duration::from_secs(60), output: 4 * 1024 * 1024 };

/// What is looked up if the user names no compiler.
const RUSTC: &str = "rustc";

/// The compiler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rustc {
    /// The program, as the user names it.
    pub rustc: OsString,
    /// Where to run it, so that the checkout does not decide what runs.
    pub outside: Outside,
}

impl Rustc {
    /// What `rustc --print cfg` prints of a target: its name, or the path of its specification from the root of the file
    /// system.
    ///
    /// # Errors
    ///
    /// There is no compiler, or it does not know the target: its own words.
    pub fn cfg(&self, target: &OsStr) -> Result<String, String> {
        let mut command = self.outside.command(&self.rustc, RUSTC);
        command.args([OsStr::new("--print"), OsStr::new("cfg"), OsStr::new("--target"), target]);
        let printed = program::run(&mut command, LIMITS).map_err(|error| {
            let program = self.outside.program(&self.rustc, RUSTC);
            format!("`{}` cannot be run: {error}", Path::new(&program).display())
        })?;
        if !printed.status.success() {
            return Err(printed.stderr.trim().to_owned());
        }
        String::from_utf8(printed.stdout).map_err(|error| format!("what it prints is not UTF-8: {error}"))
    }
}
