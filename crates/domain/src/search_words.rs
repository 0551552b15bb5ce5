//! The words a person's name is found by: without accents, in lower case, each part for itself.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The most words of one name.
const MOST_WORDS: usize = 16;
/// The most letters of a word.
const MOST_LETTERS: usize = 64;

/// The words of texts, each once.
///
/// Decomposed by compatibility (NFKD), marks dropped, lower case, split at everything that is neither letter nor
/// digit. Letters that carry a stroke or join two, which Unicode does not take apart, become what people type for
/// them: `Łódź` gives `lodz`, `Strauß` gives `strauss`.
#[must_use]
pub fn search_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in texts {
        for word in folded(text).split(|letter: char| !letter.is_alphanumeric()) {
            if !word.is_empty() && words.len() < MOST_WORDS {
                words.insert(word.chars().take(MOST_LETTERS).collect());
            }
        }
    }
    words
}

fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.nfkd().filter(|letter| !is_combining_mark(*letter)).flat_map(char::to_lowercase) {
        match letter {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ı' => folded.push('i'),
            // An apostrophe joins: O’Neill is typed oneill as often as o neill.
            '\'' | '’' | 'ʼ' => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        search_words([text]).into_iter().collect()
    }

    #[test]
    fn names_are_found_as_people_type_them() {
        assert_eq!(of("Łucja Wiśniewska"), ["lucja", "wisniewska"]);
        assert_eq!(of("Strauß-Müller"), ["muller", "strauss"]);
        assert_eq!(of("O’Neill"), ["oneill"]);
        assert_eq!(of("van der Berg"), ["berg", "der", "van"]);
        assert_eq!(of("Ørsted Søren"), ["orsted", "soren"]);
        assert_eq!(of("İpek ΠΑΎΛΟΣ"), ["ipek", "παυλοσ"]);
        assert_eq!(of("田中 花子"), ["田中", "花子"]);
        assert_eq!(of(" -.!% "), [""; 0]);
    }

    #[test]
    fn nothing_is_endless() {
        assert_eq!(of(&"a".repeat(1_000))[0].len(), 64);
        let many: String = (0..100).map(|n| format!("w{n} ")).collect();
        assert_eq!(of(&many).len(), 16);
    }
}
