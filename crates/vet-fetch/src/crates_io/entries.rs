//! Current index entries, from the server.
//!
//! The declarations of packages are read only from these. Cargo's own copy of an index may have
//! been fetched for a checkout whose configuration named another server.

use vet_diagnostics::Diagnostic;

use super::{CratesIo, index};
use crate::http::{Body, Request};

impl CratesIo<'_> {
    /// The key that identifies the index in cached facts.
    ///
    /// # Errors
    ///
    /// There is no index that can be asked.
    pub(crate) fn index_key(&self) -> Result<String, Diagnostic> {
        Ok(self.location.as_ref().map_err(Clone::clone)?.key())
    }

    /// Passes the entries of crates on as soon as they arrive, with the index of the name; `None`
    /// if there is no such crate.
    ///
    /// # Errors
    ///
    /// The index cannot be asked, or requires a token. If this happens for the first crate, no
    /// other crate is requested.
    pub(crate) fn entries(
        &self,
        names: &[&str],
        got: &mut dyn FnMut(usize, Option<&str>),
    ) -> Result<(), Diagnostic> {
        let location = self.location.as_ref().map_err(Clone::clone)?;
        let token = self.index_token(location)?;
        let request = |name: &&str| {
            let url = location.url(&index::path(name));
            Request::text(url, index::LARGEST).or_absent().with_token(token.clone())
        };
        let requests: Vec<Request> = names.iter().map(request).collect();
        let mut problem = None;
        let (first, others) = requests.split_at(requests.len().min(1));
        for (offset, requests) in [(0, first), (1, others)] {
            self.client.fetch_each(requests, usize::MAX, &|_, _| {}, &mut |place, answer| match answer {
                Ok(fetched) => match &fetched.body {
                    Body::Text(text) => got(place + offset, Some(text)),
                    Body::Bytes(_) | Body::Absent => got(place + offset, None),
                },
                Err(why) => problem = Some(why),
            });
            if let Some(problem) = problem {
                return Err(problem);
            }
        }
        Ok(())
    }
}
