//! What a password is made of: known words, repeats, runs of neighbours.

use unicode_normalization::UnicodeNormalization as _;

/// Rows of the keyboards in use here; the alphabet and the digits are found by their code points.
const ROWS: [&str; 6] = ["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm"];

/// A text without regard to case and to compatibility forms, for comparing only.
pub(crate) fn folded(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

fn letters_and_digits(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether hardly anything is left when the words are taken out: fewer than eight letters or digits,
/// and fewer than the words themselves had.
pub(crate) fn mostly_made_of(password: &str, words: &[String]) -> bool {
    let whole = letters_and_digits(password);
    let mut words: Vec<String> =
        words.iter().map(|word| letters_and_digits(word)).filter(|word| word.chars().count() >= 3).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    // A mark instead of nothing, so that what stood around a word does not make a new one.
    let rest = words.iter().fold(whole.clone(), |rest, word| rest.replace(word.as_str(), "\0"));
    let left = rest.chars().filter(|c| *c != '\0').count();
    let taken = whole.chars().count() - left;
    taken > 0 && left < 8 && left < taken
}

/// Whether it is one piece three times or more, or has fewer than five different characters.
pub(crate) fn is_repeated(password: &str) -> bool {
    let chars: Vec<char> = folded(password).chars().collect();
    let mut different = chars.clone();
    different.sort_unstable();
    different.dedup();
    let few = chars.len() >= 8 && different.len() < 5;
    few || (1..=chars.len() / 3).any(|piece| chars.iter().zip(&chars[piece..]).all(|(a, b)| a == b))
}

/// Whether most of its steps go to a neighbour in the alphabet, the digits or a row of the keyboard.
pub(crate) fn is_sequence(password: &str) -> bool {
    let chars: Vec<char> = folded(password).chars().filter(|c| c.is_alphanumeric()).collect();
    if chars.len() < 4 {
        return false;
    }
    let mut covered = 0;
    let mut start = 0;
    while start + 1 < chars.len() {
        let run = [1, -1].into_iter().map(|way| run_length(&chars[start..], way)).max().unwrap_or(1);
        if run >= 4 {
            covered += run;
        }
        start += if run >= 4 { run } else { 1 };
    }
    covered * 5 >= chars.len() * 4
}

/// How many characters from the start go one way, each to its neighbour.
fn run_length(chars: &[char], way: i32) -> usize {
    let steps = chars.windows(2).take_while(|pair| matches!(pair, [a, b] if are_neighbours(*a, *b, way)));
    1 + steps.count()
}

fn are_neighbours(a: char, b: char, way: i32) -> bool {
    let digits = a.is_ascii_digit() && b.is_ascii_digit();
    // After 9 comes 0 in what people type.
    let around = digits && (u32::from(b) + 10 - u32::from(a)) % 10 == way.rem_euclid(10).unsigned_abs();
    let by_code = u32::from(a).checked_add_signed(way) == Some(u32::from(b));
    around || by_code || ROWS.iter().any(|row| row_step(row, a, b) == Some(way))
}

fn row_step(row: &str, a: char, b: char) -> Option<i32> {
    let (a, b) = (row.find(a)?, row.find(b)?);
    i32::try_from(b).ok()?.checked_sub(i32::try_from(a).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_inside_a_long_phrase_does_no_harm() {
        let words = ["Ada".to_owned(), "lovelace".to_owned()];
        assert!(mostly_made_of("Ada-Lovelace-99", &words));
        assert!(!mostly_made_of("ada likes seven purple trains", &words));
        assert!(!mostly_made_of("seven purple trains", &words));
        assert!(!mostly_made_of("", &[]));
    }

    #[test]
    fn a_phrase_is_neither_repeated_nor_a_sequence() {
        for phrase in ["oyster lantern gravel plum", "mv9 Ke#qT2 zwpx", "abcd oyster lantern gravel"] {
            assert!(!is_repeated(phrase) && !is_sequence(phrase), "{phrase}");
        }
    }

    #[test]
    fn a_repeat_may_end_in_the_middle_of_its_piece() {
        assert!(is_repeated("househousehouseho"));
        assert!(!is_repeated("househouse tree"));
    }
}
