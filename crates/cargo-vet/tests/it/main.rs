//! Tests that run the real binary.

#[cfg(test)]
mod aggregate;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
#[cfg(unix)]
mod campaign;
#[cfg(test)]
mod cargo_variables;
#[cfg(test)]
mod check;
#[cfg(test)]
mod codes;
#[cfg(test)]
mod colors;
#[cfg(test)]
#[cfg(unix)]
mod completion;
#[cfg(test)]
mod dry_run;
#[cfg(test)]
mod gc;
#[cfg(test)]
mod help;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod invocations;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod online;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod project;
#[cfg(test)]
mod run;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod settings_graph;
#[cfg(test)]
mod store_commands;
#[cfg(test)]
mod strict;
#[cfg(test)]
#[cfg(unix)]
mod terminal;
#[cfg(test)]
mod unchecked;
#[cfg(test)]
mod untrusted_sources;
#[cfg(test)]
mod unverified;
