//! Access to the network, and what counts if it does not answer as hoped.

use vet_fetch::crates_io::CratesIo;
use vet_fetch::http::Client;

use super::credentials::Credentials;

/// Access to the network.
#[derive(Clone, Copy, Debug)]
pub struct Network<'n> {
    /// Fetches the files of peers.
    pub client: &'n Client,
    /// Answers questions about crates.io.
    pub crates_io: &'n CratesIo<'n>,
    /// Where passwords for peers' servers come from.
    pub credentials: Credentials,
}

/// What to do if a server is unreachable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenDown {
    /// Use the locked copy, with a warning.
    UseLocked,
    /// Fail.
    Fail,
}

/// Whether peers may change the texts of their criteria.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NewTexts {
    /// The new texts replace the locked ones.
    Accept,
    /// The command fails.
    Refuse,
}
