//! Two versions of the sources of a crate.

use crate::random::Random;

/// Paths below the folder of the package, and what is in these files.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The files before the change.
    pub old: Vec<(String, String)>,
    /// The files after the change.
    pub new: Vec<(String, String)>,
}

/// Lines of a file.
const LINES: usize = 1000;

/// Makes up a crate with so many lines, of which one in `share` is changed later. Lines look like
/// those of code: many are short and the same, and changes are often together.
pub fn sources(lines: usize, share: usize) -> Sources {
    let mut random = Random::new(1);
    let mut sources = Sources::default();
    for number in 0..lines.div_ceil(LINES) {
        let old: Vec<String> = (0..LINES).map(|_| line(&mut random)).collect();
        let mut new = Vec::with_capacity(LINES);
        let mut rest = old.iter();
        while let Some(line) = rest.next() {
            new.push(line.clone());
            if random.below(share * 6) == 0 {
                let (gone, added) = (random.below(6), random.below(6));
                rest.by_ref().take(gone).for_each(drop);
                new.extend((0..added).map(|_| self::line(&mut random)));
            }
        }
        let path = format!("src/module_{number}.rs");
        sources.old.push((path.clone(), old.concat()));
        sources.new.push((path, new.concat()));
    }
    sources
}

fn line(random: &mut Random) -> String {
    let indent = "    ".repeat(random.below(4));
    match random.below(8) {
        0 => "\n".to_owned(),
        1 | 2 => format!("{indent}}}\n"),
        3 => format!("{indent}}} else {{\n"),
        _ => format!("{indent}let value_{} = compute(state, {});\n", random.below(500), random.below(500)),
    }
}
