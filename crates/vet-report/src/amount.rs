//! Amounts of code, in words that are short enough for a table.

use vet_ops::evaluation::outcome::Suggestion;

/// A number with a comma after each three digits: `12,345`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 line` or `1,234 lines`
pub(crate) fn lines(number: u64) -> String {
    counted(number, "line", "lines")
}

/// `1 crate` or `1,234 crates`
pub(crate) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// The amount to read: `1,234 lines` of a version, `+178 −8` of changes.
pub(crate) fn size(audit: &Suggestion) -> String {
    match audit.from {
        None => lines(audit.size.lines()),
        Some(_) => format!("+{} −{}", thousands(audit.size.insertions), thousands(audit.size.deletions)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_easy_to_read() {
        for (number, expected) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (123_456, "123,456"),
            (1_234_567, "1,234,567"),
            (u64::MAX, "18,446,744,073,709,551,615"),
        ] {
            assert_eq!(thousands(number), expected);
        }
        assert_eq!((lines(1), lines(1000)), ("1 line".to_owned(), "1,000 lines".to_owned()));
    }
}
