//! The entries of an index, as its server has them now.
//!
//! What packages declare is read from these, and from nothing else: cargo's own copy of an index may have been fetched for a
//! checkout whose configuration led elsewhere.

use vet_diagnostics::Diagnostic;

use super::{CratesIo, index};
use crate::http::{Body, Request};

impl CratesIo<'_> {
    /// What stands for the index wherever something is remembered of it.
    ///
    /// # Errors
    ///
    /// There is no index that can be asked.
    pub(crate) fn index_key(&self) -> Result<String, Diagnostic> {
        Ok(self.location.as_ref().map_err(Clone::clone)?.key())
    }

    /// Hands the entries of crates over as soon as they are there, with the place of the name; `None` if there is no such
    /// crate.
    ///
    /// # Errors
    ///
    /// The index cannot be asked, or wants to know who asks. If that is so for the first crate, no other is asked for.
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
