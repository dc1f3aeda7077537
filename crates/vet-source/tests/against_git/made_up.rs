//! Random pairs of trees, each generated from a number.
//!
//! They contain many of the difficult cases: lines that repeat, blocks that move, files that are
//! renamed, line ends of both kinds, bytes that are not text.

use vet_source::{File, Tree};

/// The number of pairs in every run.
pub(crate) const NUMBER: u64 = 60;

/// A tree, and the changed tree.
pub(crate) fn trees(seed: u64) -> (Tree, Tree) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let files = 1 + random.below(8);
    let from: Vec<(String, File)> = (0..files)
        .map(|number| {
            let path = ["src/lib.rs", "src/a/mod.rs", "a/mod.rs", "b", "c/b", "README.md", "x.rs", "y"]
                [number as usize];
            (path.to_owned(), file(&mut random))
        })
        .collect();
    let mut to = from.clone();
    for _ in 0..1 + random.below(6) {
        change(&mut to, &mut random);
    }
    (Tree::new(from), Tree::new(to))
}

fn file(random: &mut Random) -> File {
    let lines = match random.below(10) {
        0 => 0,
        1..=6 => random.below(200),
        7 | 8 => random.below(2000),
        _ => random.below(20_000),
    };
    let kinds = [3, 20, 200, 100_000][random.below(4) as usize];
    let mut bytes: Vec<u8> = (0..lines).flat_map(|_| line(random, kinds)).collect();
    if random.below(8) == 0 {
        bytes.pop();
    }
    if random.below(20) == 0 {
        bytes.push(0);
    }
    File { bytes: bytes.into(), is_executable: cfg!(unix) && random.below(10) == 0 }
}

/// Few kinds of lines, so many are equal. The first ones are short, as braces and empty lines are.
fn line(random: &mut Random, kinds: u64) -> Vec<u8> {
    let end = if random.below(50) == 0 { "\r\n" } else { "\n" };
    let text = match random.below(4) {
        0 => String::new(),
        1 => "}".to_owned(),
        _ => match random.below(kinds) {
            number if number % 97 == 0 => format!("{number} ").repeat(40),
            number => format!("    let line_{number} = {number};"),
        },
    };
    (text + end).into_bytes()
}

fn change(files: &mut Vec<(String, File)>, random: &mut Random) {
    if files.is_empty() {
        return;
    }
    let at = random.below(files.len() as u64) as usize;
    match random.below(12) {
        0 => {
            files.remove(at);
        }
        1 => files.push((format!("new/{}.rs", random.below(100)), file(random))),
        2 => files[at].0 = format!("moved/{}", files[at].0),
        3 => files[at].0 = format!("{}.{}", files[at].0, random.below(10)),
        4 => {
            let copy = files[at].1.clone();
            files.push((format!("copy/{}", random.below(100)), copy));
        }
        5 => files[at].1.is_executable ^= cfg!(unix),
        6 => {
            let text = String::from_utf8_lossy(&files[at].1.bytes).into_owned();
            let has_returns = text.contains("\r\n");
            files[at].1.bytes = match has_returns {
                true => text.replace("\r\n", "\n"),
                false => text.replace('\n', "\r\n"),
            }
            .into_bytes()
            .into();
        }
        7 => edit(&mut files[at].1, random, 400),
        _ => edit(&mut files[at].1, random, 8),
    }
}

/// Changes single lines and blocks.
fn edit(file: &mut File, random: &mut Random, most: u64) {
    let mut lines: Vec<Vec<u8>> =
        file.bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    for _ in 0..1 + random.below(most) {
        let at = random.below(lines.len() as u64 + 1) as usize;
        let longest = 1 << random.below(7);
        let end = (at + random.below(longest) as usize).min(lines.len());
        match random.below(5) {
            0 => drop(lines.drain(at..end)),
            1 => {
                let block: Vec<_> = lines.drain(at..end).collect();
                let to = random.below(lines.len() as u64 + 1) as usize;
                lines.splice(to..to, block);
            }
            2 => {
                let block = lines[at..end].to_vec();
                lines.splice(at..at, block);
            }
            3 => lines.insert(at, line(random, 1_000_000)),
            _ => {
                let new: Vec<_> = (at..end).map(|_| line(random, 50)).collect();
                lines.splice(at..end, new);
            }
        }
    }
    file.bytes = lines.concat().into();
}

/// A small random number generator (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % end.max(1)
    }
}
