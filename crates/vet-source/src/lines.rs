//! The lines of files, as numbers that are fast to compare.
//!
//! Two lines are equal if they differ at most in a carriage return before the line feed, or in
//! whether the last line of a file has a line feed. This is the meaning of git's
//! `--ignore-cr-at-eol`. A carriage return at the end of a line without a line feed is not ignored.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// The number of bytes that decide whether a file is binary.
const LOOKED_AT: usize = 8000;

/// Whether git shows no lines of a file: there is a NUL byte near its beginning.
pub(crate) fn is_binary(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes.get(..LOOKED_AT).unwrap_or(bytes)).is_some()
}

/// Iterates over the lines, each with its end.
pub(crate) fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let (line, after) = rest.split_at_checked(length)?;
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

/// Returns the number of lines.
pub(crate) fn count(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr_iter(b'\n', bytes).count() as u64;
    ends + u64::from(!bytes.is_empty() && !bytes.ends_with(b"\n"))
}

/// Returns the part of a line that decides whether it equals another line.
pub(crate) fn key(line: &[u8]) -> &[u8] {
    match line.strip_suffix(b"\n") {
        None => line,
        Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
    }
}

/// Two files as sequences of numbers. Equal lines have equal numbers.
#[derive(Debug, Default)]
pub(crate) struct Numbered {
    /// The lines of the old file.
    pub(crate) old: Vec<u32>,
    /// The lines of the new file.
    pub(crate) new: Vec<u32>,
    /// For each number, how often it occurs in the old and in the new file.
    pub(crate) occurrences: Vec<Occurrences>,
}

/// How often a line occurs in two files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Occurrences {
    pub(crate) old: u32,
    pub(crate) new: u32,
}

impl Numbered {
    /// Numbers the lines of two files.
    pub(crate) fn new(old: &[u8], new: &[u8]) -> Self {
        let mut numbered = Numbered::default();
        let mut numbers: HashMap<&[u8], u32> = HashMap::new();
        let occurrences = &mut numbered.occurrences;
        let mut number = |line, count: fn(&mut Occurrences) -> &mut u32| {
            let number = match numbers.entry(key(line)) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    occurrences.push(Occurrences::default());
                    // A file has fewer lines than bytes, and the limits of archives bound its
                    // bytes.
                    *entry.insert(u32::try_from(occurrences.len() - 1).unwrap_or(u32::MAX))
                }
            };
            if let Some(occurrences) = occurrences.get_mut(number as usize) {
                *count(occurrences) += 1;
            }
            number
        };
        numbered.old = lines(old).map(|line| number(line, |occurrences| &mut occurrences.old)).collect();
        numbered.new = lines(new).map(|line| number(line, |occurrences| &mut occurrences.new)).collect();
        numbered
    }

    /// Returns how often a line occurs in the two files.
    pub(crate) fn occurrences(&self, number: u32) -> Occurrences {
        self.occurrences.get(number as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_their_keys() {
        // The content, and the keys of its lines.
        let cases: [(&str, &[&str]); 8] = [
            ("", &[]),
            ("\n", &[""]),
            ("a", &["a"]),
            ("a\nb\n", &["a", "b"]),
            ("a\r\nb\r", &["a", "b\r"]),
            ("a\r\r\n", &["a\r"]),
            ("\r\n\n", &["", ""]),
            ("a\rb\n\nc", &["a\rb", "", "c"]),
        ];
        for (content, keys) in cases {
            let found: Vec<&[u8]> = lines(content.as_bytes()).map(key).collect();
            assert_eq!(found, keys.iter().map(|key| key.as_bytes()).collect::<Vec<_>>(), "{content:?}");
            assert_eq!(count(content.as_bytes()), keys.len() as u64, "{content:?}");
        }
    }

    #[test]
    fn equal_lines_have_equal_numbers() {
        let numbered = Numbered::new(b"a\nb\na\n", b"b\r\nc\na");
        assert_eq!((numbered.old.as_slice(), numbered.new.as_slice()), (&[0, 1, 0][..], &[1, 2, 0][..]));
        assert_eq!(numbered.occurrences(0), Occurrences { old: 2, new: 1 });
        assert_eq!(numbered.occurrences(2), Occurrences { old: 0, new: 1 });
    }

    #[test]
    fn binary_is_what_has_a_nul_near_the_beginning() {
        let mut bytes = vec![b'a'; 8000];
        assert!(!is_binary(&bytes));
        bytes.push(0);
        assert!(!is_binary(&bytes));
        bytes[7999] = 0;
        assert!(is_binary(&bytes));
        assert!(!is_binary(b""));
    }
}
