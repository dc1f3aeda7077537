//! Commands that use the network, with a registry and peers on this machine.

mod caches;
mod certifying;
#[cfg(unix)]
mod certifying_at_a_terminal;
mod check_takes_in;
mod far_away;
mod faults;
mod fresh;
mod from_elsewhere;
mod from_git;
mod home_of_cargo;
mod importing;
#[cfg(unix)]
mod in_a_pager;
#[cfg(unix)]
mod in_a_shell;
mod left_out;
mod odd_texts;
mod of_checkout;
mod on_this_machine;
mod other_registry;
#[cfg(unix)]
mod pages;
mod peers;
mod pruning;
mod publishers;
mod reading;
mod renewing;
mod reports;
mod scene;
mod shadows;
mod suggesting;
mod together;
mod trusting;
mod vendored;
mod verbose;
mod violations;
#[cfg(unix)]
mod walking;
