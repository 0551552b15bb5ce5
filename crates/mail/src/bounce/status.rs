//! Status codes in the words of mail servers: enhanced ones (RFC 3463) and reply codes (RFC 5321).

/// Reply codes that say that a mail was not taken; other numbers of three digits mean anything.
const CODES: &[u16] = &[
    421, 450, 451, 452, 455, 500, 501, 502, 503, 504, 521, 530, 534, 535, 541, 550, 551, 552, 553, 554, 556,
    571,
];

/// The first enhanced status of class 4 or 5 in a text, such as `5.1.1`.
pub(super) fn enhanced(text: &str) -> Option<String> {
    words(text).find_map(as_enhanced)
}

/// The first reply code in a text.
pub(super) fn code(text: &str) -> Option<u16> {
    words(text).find_map(|word| {
        let digits = word.split('-').next().unwrap_or_default();
        let code = digits.parse().ok().filter(|_| digits.len() == 3)?;
        CODES.contains(&code).then_some(code)
    })
}

/// The first line that holds a status or a code.
pub(super) fn line_of(text: &str) -> Option<&str> {
    text.lines().find(|line| enhanced(line).is_some() || code(line).is_some())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "<>,;:\"()[]#=".contains(c)).filter(|word| !word.is_empty())
}

/// Exactly three numbers, the first 4 or 5: an address of a machine has four.
fn as_enhanced(word: &str) -> Option<String> {
    // "550-5.1.1" is how Google joins both.
    let word = word.rsplit('-').next().unwrap_or(word).trim_end_matches('.');
    let mut parts = word.split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |text: &str| (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let fits = matches!(class, "4" | "5") && number(subject) && number(detail) && parts.next().is_none();
    fits.then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_found_among_words_and_no_other_number_is_taken_for_one() {
        for (text, status, reply) in [
            ("Sorry, no mailbox here by that name. (#5.1.1)", Some("5.1.1"), None),
            ("550-5.1.1 The account does not exist", Some("5.1.1"), Some(550)),
            ("550 5.7.1 denied", Some("5.7.1"), Some(550)),
            ("#< #5.1.10 smtp;550 5.1.10 RESOLVER.ADR>", Some("5.1.10"), Some(550)),
            ("host mx[5.1.1.7] said: 552 mailbox full.", None, Some(552)),
            ("version 4.96.2004 of 600 octets", None, None),
            ("took 2.0.0 after 451.", None, None),
            ("at 5.1.", None, None),
        ] {
            assert_eq!(enhanced(text).as_deref(), status, "{text}");
            assert_eq!(code(text), reply, "{text}");
        }
    }
}
