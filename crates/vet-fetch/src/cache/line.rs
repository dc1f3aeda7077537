//! The lines of cache files. Each is a JSON object with a digest, a key and a value, in this order:
//! `{"digest":"…","key":…,"value":…}`. A line that was changed or cut off counts as lost.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Deserializer;
use vet_project::sha256::sha256;

/// How many digits of the digest are stored.
const DIGITS: usize = 24;

/// A line whose key was read. The digest is checked when the value is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    digest: &'t str,
    signed: &'t str,
    value: &'t str,
}

impl<'t> Line<'t> {
    /// Reads the key of a line without its end.
    pub(super) fn parse<K: DeserializeOwned>(line: &'t str) -> Option<(K, Self)> {
        let (digest, rest) = line.strip_prefix("{\"digest\":\"")?.split_at_checked(DIGITS)?;
        let signed = rest.strip_prefix("\",")?;
        let text = signed.strip_prefix("\"key\":")?;
        let mut values = Deserializer::from_str(text).into_iter::<K>();
        let key = values.next()?.ok()?;
        let value = text.get(values.byte_offset()..)?.strip_prefix(",\"value\":")?.strip_suffix('}')?;
        Some((key, Line { digest, signed, value }))
    }

    /// Reads the value, if the line is as it was written.
    pub(super) fn value<V: DeserializeOwned>(self) -> Option<V> {
        if sha256(self.signed).get(..DIGITS) != Some(self.digest) {
            return None;
        }
        serde_json::from_str(self.value).ok()
    }
}

/// Writes a line with its end; `None` if the key or the value cannot be written as JSON.
pub(super) fn write(key: &impl Serialize, value: &impl Serialize) -> Option<String> {
    let (key, value) = (serde_json::to_string(key).ok()?, serde_json::to_string(value).ok()?);
    let signed = format!("\"key\":{key},\"value\":{value}}}");
    Some(format!("{{\"digest\":\"{}\",{signed}\n", sha256(&signed).get(..DIGITS)?))
}
