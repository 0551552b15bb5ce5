//! The grammar of filters (RFC 7644 §3.4.2.2, figure 1): tokens become a tree of names and values
//! that nobody has looked up yet.

use super::problem::{Problem, Span, nearest};
use super::token::{Token, tokens};
use super::tree::Operator;

/// The longest filter, in bytes.
pub const MOST_BYTES: usize = 16 * 1024;
/// How deep groupings may be nested.
pub const MOST_DEPTH: usize = 64;
/// How many criteria one filter may have.
pub const MOST_TERMS: usize = 500;

/// A name as written, and where.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) span: Span,
}

/// A value as written.
#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
}

/// A filter whose names have not been looked up.
#[derive(Debug)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Test { name: Name, operator: (Operator, Span), value: Option<(Literal, Span)> },
    Inside { name: Name, filter: Box<Node> },
}

/// Reads a whole filter.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    if text.len() > MOST_BYTES {
        let span = Span { start: MOST_BYTES, end: MOST_BYTES + 1 };
        let message = format!("a filter has at most {MOST_BYTES} bytes, this one has {}", text.len());
        return Err(Problem::new(text, span, message).hint("reuse parts of it by `selection eq \"name\"`"));
    }
    let mut reader = Reader { text, tokens: tokens(text), at: 0, depth: 0, terms: 0 };
    if reader.tokens.is_empty() {
        return Err(Problem::new(text, Span { start: text.len(), end: text.len() }, "the filter is empty")
            .allow(["an attribute", "not (", "("])
            .hint("`username pr` matches everyone"));
    }
    let node = reader.any_of()?;
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.unexpected_end_of_term()),
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<(Token<'a>, Span)>,
    at: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// The place of the next token, or of the end.
    fn span(&self) -> Span {
        let end = Span { start: self.text.len(), end: self.text.len() };
        self.tokens.get(self.at).map_or(end, |(_, span)| *span)
    }

    fn problem(&self, message: impl Into<String>) -> Problem {
        Problem::new(self.text, self.span(), message)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    /// `a or b or c`: binds least.
    fn any_of(&mut self) -> Result<Node, Problem> {
        let mut of = vec![self.all_of()?];
        while self.keyword("or") {
            of.push(self.all_of()?);
        }
        Ok(single_or(of, Node::Any))
    }

    fn all_of(&mut self) -> Result<Node, Problem> {
        let mut of = vec![self.term()?];
        while self.keyword("and") {
            of.push(self.term()?);
        }
        Ok(single_or(of, Node::All))
    }

    fn term(&mut self) -> Result<Node, Problem> {
        if self.keyword("not") {
            if !matches!(self.peek(), Some(Token::Open)) {
                return Err(self
                    .problem("`not` is followed by a filter in parentheses")
                    .allow(["("])
                    .hint("write `not (blocked eq true)`"));
            }
            return Ok(Node::Not(Box::new(self.enclosed(&Token::Close)?)));
        }
        match self.peek() {
            Some(Token::Open) => self.enclosed(&Token::Close),
            Some(Token::Word(word)) if !is_keyword(word) => self.criterion(),
            _ => Err(self.no_term()),
        }
    }

    /// What stands between the bracket that comes next and `close`.
    fn enclosed(&mut self, close: &Token<'_>) -> Result<Node, Problem> {
        if self.depth == MOST_DEPTH {
            return Err(self.problem(format!("groupings may be nested {MOST_DEPTH} deep, not deeper")));
        }
        let opened = self.span();
        self.at += 1;
        self.depth += 1;
        let node = self.any_of()?;
        if self.peek() != Some(close) {
            let (sign, opening) = if *close == Token::Close { (")", "(") } else { ("]", "[") };
            let place = Problem::new(self.text, opened, "").column;
            return Err(self
                .unexpected_end_of_term()
                .allow([sign])
                .hint(format!("the `{opening}` at column {place} is still open")));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(node)
    }

    fn criterion(&mut self) -> Result<Node, Problem> {
        let Some((Token::Word(word), span)) = self.tokens.get(self.at).cloned() else {
            return Err(self.no_term());
        };
        let name = Name { text: word.to_owned(), span };
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(self
                .problem(format!("a filter has at most {MOST_TERMS} criteria"))
                .hint("keep such people in a group, or reuse selections by `selection eq \"name\"`"));
        }
        self.at += 1;
        if matches!(self.peek(), Some(Token::OpenBracket)) {
            return Ok(Node::Inside { name, filter: Box::new(self.enclosed(&Token::CloseBracket)?) });
        }
        let operator = self.operator(word)?;
        let value = if operator.0 == Operator::Present { None } else { Some(self.value(operator.0)?) };
        Ok(Node::Test { name, operator, value })
    }

    fn operator(&mut self, name: &str) -> Result<(Operator, Span), Problem> {
        let span = self.span();
        if let Some(Token::Word(word)) = self.peek()
            && let Some(operator) = Operator::parse(word)
        {
            self.at += 1;
            return Ok((operator, span));
        }
        let names = Operator::ALL.map(Operator::as_str);
        let hint = match self.peek() {
            Some(Token::Signs(signs)) => word_for_signs(signs).map(|word| format!("write `{name} {word} …`")),
            Some(Token::Word(word)) if !is_keyword(word) => word_for_signs(word)
                .or_else(|| nearest(word, names))
                .map(|near| format!("did you mean `{near}`?")),
            _ => Some(format!("write `{name} eq true` for yes or no, `{name} pr` for `has any value`")),
        };
        Err(self.problem(format!("an operator is missing after `{name}`")).allow(names).hint_if(hint))
    }

    fn value(&mut self, operator: Operator) -> Result<(Literal, Span), Problem> {
        let span = self.span();
        let literal = match self.peek() {
            Some(Token::Text(Ok(text))) => Literal::Text(text.clone()),
            Some(Token::Text(Err(wrong))) => return Err(self.problem(*wrong)),
            Some(Token::Number(number)) if number.is_finite() => Literal::Number(*number),
            Some(Token::Number(_)) => return Err(self.problem("the number is too large")),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("true") => Literal::Flag(true),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("false") => Literal::Flag(false),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("null") => Literal::Null,
            other => {
                let hint = match other {
                    Some(Token::Word(word)) if !is_keyword(word) => Some(quoted_hint(word)),
                    Some(Token::Foreign(text)) => {
                        Some(quoted_hint(text.trim_matches(['\'', '“', '”', '„', '‘', '’', '`'])))
                    }
                    _ => None,
                };
                return Err(self
                    .problem(format!("a value is missing after `{operator}`"))
                    .allow(["a text in double quotes", "a number", "true", "false", "null"])
                    .hint_if(hint));
            }
        };
        self.at += 1;
        Ok((literal, span))
    }

    fn no_term(&self) -> Problem {
        let hint = match self.peek() {
            Some(Token::Close) => {
                Some("there is nothing inside the parentheses, or one `)` too many".to_owned())
            }
            Some(Token::Text(_) | Token::Number(_)) => {
                Some("the attribute stands first: `given_name eq \"Ada\"`".into())
            }
            Some(Token::Signs(signs)) if signs.starts_with('!') => Some("write `not (…)`".into()),
            _ => None,
        };
        self.problem("a criterion was expected here").allow(["an attribute", "not (", "("]).hint_if(hint)
    }

    fn unexpected_end_of_term(&self) -> Problem {
        let problem = self.problem(match self.peek() {
            None => "the filter ends too early",
            Some(Token::Close) => "this `)` closes nothing",
            Some(Token::CloseBracket) => "this `]` closes nothing",
            Some(_) => "`and` or `or` was expected before the next criterion",
        });
        let hint = match self.peek() {
            Some(Token::Signs(signs)) => word_for_signs(signs).map(|word| format!("write `{word}`")),
            Some(Token::Word(word)) => {
                nearest(word, ["and", "or"]).map(|near| format!("did you mean `{near}`?"))
            }
            _ => None,
        };
        problem.allow(["and", "or"]).hint_if(hint)
    }
}

fn single_or(mut of: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match of.pop() {
        Some(only) if of.is_empty() => only,
        last => {
            of.extend(last);
            many(of)
        }
    }
}

fn is_keyword(word: &str) -> bool {
    ["and", "or", "not"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn word_for_signs(signs: &str) -> Option<&'static str> {
    Some(match signs.to_ascii_lowercase().as_str() {
        "=" | "==" | "===" | "is" | "equals" => "eq",
        "!=" | "<>" | "!==" => "ne",
        ">" => "gt",
        ">=" | "=>" => "ge",
        "<" => "lt",
        "<=" | "=<" => "le",
        "&" | "&&" => "and",
        "|" | "||" => "or",
        "like" | "contains" | "in" => "co",
        "startswith" | "starts" => "sw",
        "endswith" | "ends" => "ew",
        "has" | "exists" | "present" => "pr",
        _ => return None,
    })
}

fn quoted_hint(text: &str) -> String {
    let shown: String = text.chars().filter(|c| *c != '"' && *c != '\\').take(40).collect();
    format!("texts and times stand in double quotes: \"{shown}\"")
}
