//! The texts of the built-in criteria: what a user who certifies them guarantees.
//!
//! The wording is this project's own. The meaning is that of the original, because audits are
//! shared with its users.

/// The text of `safe-to-run`.
pub(super) const SAFE_TO_RUN: &str = "\
This package can be built, run and tested on a developer's machine or in
continuous integration without surprising consequences. It does nothing to
files, devices, the network or other resources of the machine that its
purpose does not explain.";

/// The text of `safe-to-deploy`.
pub(super) const SAFE_TO_DEPLOY: &str = "\
Programs in production can use this package without a serious risk to their
security, even if they process input from attackers.

You need not read every line, and you need not prove that the logic is
correct where an error would not be a security problem. But you have
understood

  - every use of `unsafe`: why it is sound, or what callers must do to keep
    it sound;
  - every use of files, the network, processes, the environment, the clock
    and global state: the package needs it for its purpose, and it cannot be
    turned against the program that uses the package.

Where you relied on your judgement, the notes of the audit say so, so that
others can judge for themselves.

For procedural macros, build scripts and the packages that they use, this
includes the code that they generate: it must meet the same requirements as
if it were part of this package.";
