//! The texts of the built-in criteria: what a user who certifies them guarantees.
//!
//! The wording is this project's own. The meaning is that of the original, because audits are
//! shared with its users.

/// The text of `safe-to-run`.
pub(super) const SAFE_TO_RUN: &str = "\
This package can be built, run and tested on a developer's machine or in
continuous integration without surprising consequences: it does nothing to
files, devices, the network or other resources of the machine that its
purpose does not explain.";

/// The text of `safe-to-deploy`.
pub(super) const SAFE_TO_DEPLOY: &str = "\
This package can be part of a program in production without opening a
serious security hole in it, also where the program takes input from people
who wish it harm.

It need not be read to the last line, and logic that can do no more than be
wrong need not be proven right. But whoever certifies this has understood

  - every use of `unsafe`: why it is sound, or what callers have to do for
    it to be so;
  - every use of what the surroundings offer without being asked: files, the
    network, processes, the environment, the clock, global state. Each is
    needed for the purpose of the package, and cannot be turned against the
    program that uses it.

Where that was a matter of judgement, the notes of the audit say so, so that
others can judge for themselves.

For procedural macros, build scripts and packages that they use, this is
also about what they produce: the code that they generate has to meet the
same demands as if it stood in this package.";
