//! Cuts the text of a filter into words, values and brackets; never fails, so that every complaint
//! is made by the grammar, which knows what was expected.

use super::problem::Span;
use super::said::Fault;
use winnow::combinator::{alt, delimited, opt, repeat};
use winnow::prelude::*;
use winnow::stream::LocatingSlice;
use winnow::token::{any, none_of, take_while};

/// One piece of a filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'a> {
    /// A name, an operator or a keyword.
    Word(&'a str),
    /// A JSON string (RFC 8259 §7), or what is wrong with it.
    Text(Result<String, Fault>),
    /// A JSON number (RFC 8259 §6).
    Number(f64),
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    /// Signs other languages use for operators.
    Signs(&'a str),
    /// Anything else.
    Foreign(&'a str),
}

type Input<'a> = LocatingSlice<&'a str>;

/// All pieces with their places.
pub(super) fn tokens(text: &str) -> Vec<(Token<'_>, Span)> {
    let space = || take_while(0.., char::is_whitespace);
    let spanned =
        token.with_span().map(|(token, range)| (token, Span { start: range.start, end: range.end }));
    let mut all = repeat(0.., delimited(space(), spanned, space()));
    let parsed: ModalResult<Vec<_>> = all.parse_next(&mut LocatingSlice::new(text));
    parsed.unwrap_or_default()
}

fn token<'a>(input: &mut Input<'a>) -> ModalResult<Token<'a>> {
    alt((
        '('.value(Token::Open),
        ')'.value(Token::Close),
        '['.value(Token::OpenBracket),
        ']'.value(Token::CloseBracket),
        quoted,
        take_while(1.., is_sign).map(Token::Signs),
        take_while(1.., |c: char| !(c.is_whitespace() || is_sign(c) || "()[]\"".contains(c))).map(bare),
    ))
    .parse_next(input)
}

fn is_sign(c: char) -> bool {
    "=<>!&|".contains(c)
}

fn quoted<'a>(input: &mut Input<'a>) -> ModalResult<Token<'a>> {
    let inside = repeat::<_, _, (), _, _>(0.., alt((none_of(['"', '\\']).void(), ('\\', any).void())));
    // What is left after an unfinished string is at most one backslash; it belongs to the string.
    let (closed, raw) = ('"', inside, opt('\\'), opt('"'))
        .map(|(_, (), _, quote)| quote.is_some())
        .with_taken()
        .parse_next(input)?;
    Ok(Token::Text(if closed { unescape(raw) } else { Err(Fault::OpenQuote) }))
}

fn unescape(raw: &str) -> Result<String, Fault> {
    if raw.chars().any(|c| c < ' ') {
        return Err(Fault::Lines);
    }
    let text: String = serde_json::from_str(raw).map_err(|_| Fault::Escape)?;
    if text.contains('\0') { Err(Fault::Nul) } else { Ok(text) }
}

fn bare(text: &str) -> Token<'_> {
    let first = text.chars().next().unwrap_or(' ');
    if first.is_alphabetic() || first == '_' {
        Token::Word(text)
    } else {
        // serde_json knows the shape of a number; the standard library reads it to the last digit.
        let begins = first.is_ascii_digit() || first == '-';
        match text.parse::<f64>() {
            // Minus zero is zero.
            Ok(number) if serde_json::from_str::<f64>(text).is_ok() => Token::Number(number + 0.0),
            Ok(number) if begins && number.is_infinite() => Token::Number(number),
            _ => Token::Foreign(text),
        }
    }
}
