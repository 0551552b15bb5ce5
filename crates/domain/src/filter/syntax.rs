//! The grammar of filters (RFC 7644 §3.4.2.2, figure 1): tokens become a tree of names and values
//! that nobody has looked up yet.

use super::problem::{Problem, Span, nearest};
use super::said::{Fault, Hint, May};
use super::token::{Token, tokens};
use super::tree::Operator;
use crate::sentence::{Piece, Sentence};

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
        let fault = Fault::TooLong { most: MOST_BYTES, length: text.len() };
        return Err(Problem::new(text, span, fault).hint(Hint::Reuse));
    }
    let mut reader = Reader { text, tokens: tokens(text), at: 0, depth: 0, terms: 0 };
    if reader.tokens.is_empty() {
        return Err(Problem::new(text, Span { start: text.len(), end: text.len() }, Fault::Empty)
            .allow(beginnings())
            .hint(Hint::Everyone));
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

    fn problem(&self, fault: Fault) -> Problem {
        Problem::new(self.text, self.span(), fault)
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
                    .problem(Fault::Not)
                    .allow(["("])
                    .hint(Hint::Write { text: "not (blocked eq true)".into() }));
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
            return Err(self.problem(Fault::Deep { most: MOST_DEPTH }));
        }
        let opened = self.span();
        self.at += 1;
        self.depth += 1;
        let node = self.any_of()?;
        if self.peek() != Some(close) {
            let (sign, opening) = if *close == Token::Close { (")", "(") } else { ("]", "[") };
            let column = Problem::new(self.text, opened, Fault::Early).column;
            return Err(self
                .unexpected_end_of_term()
                .allow([sign])
                .hint(Hint::Open { sign: opening.to_owned(), column }));
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
            return Err(self.problem(Fault::Many { most: MOST_TERMS }).hint(Hint::Group));
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
            Some(Token::Signs(signs)) => {
                word_for_signs(signs).map(|word| Hint::Write { text: format!("{name} {word} …") })
            }
            Some(Token::Word(word)) if !is_keyword(word) => word_for_signs(word)
                .or_else(|| nearest(word, names))
                .map(|near| Hint::Meant { name: near.to_owned() }),
            _ => Some(Hint::Yes { name: name.to_owned() }),
        };
        Err(self.problem(Fault::NoOperator { name: name.to_owned() }).allow(names).hint_if(hint))
    }

    fn value(&mut self, operator: Operator) -> Result<(Literal, Span), Problem> {
        let span = self.span();
        let literal = match self.peek() {
            Some(Token::Text(Ok(text))) => Literal::Text(text.clone()),
            Some(Token::Text(Err(wrong))) => return Err(self.problem(wrong.clone())),
            Some(Token::Number(number)) if number.is_finite() => Literal::Number(*number),
            Some(Token::Number(_)) => return Err(self.problem(Fault::LargeNumber)),
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
                    .problem(Fault::NoValue { operator: operator.to_string() })
                    .allow([Sentence::from(May::Text), May::Number.into()])
                    .allow(["true", "false", "null"])
                    .hint_if(hint));
            }
        };
        self.at += 1;
        Ok((literal, span))
    }

    fn no_term(&self) -> Problem {
        let hint = match self.peek() {
            Some(Token::Close) => Some(Hint::Nothing),
            Some(Token::Text(_) | Token::Number(_)) => Some(Hint::First),
            Some(Token::Signs(signs)) if signs.starts_with('!') => {
                Some(Hint::Write { text: "not (…)".into() })
            }
            _ => None,
        };
        self.problem(Fault::NoCriterion).allow(beginnings()).hint_if(hint)
    }

    fn unexpected_end_of_term(&self) -> Problem {
        let problem = self.problem(match self.peek() {
            None => Fault::Early,
            Some(Token::Close) => Fault::Close,
            Some(Token::CloseBracket) => Fault::CloseBracket,
            Some(_) => Fault::AndOr,
        });
        let hint = match self.peek() {
            Some(Token::Signs(signs)) => {
                word_for_signs(signs).map(|word| Hint::Write { text: word.to_owned() })
            }
            Some(Token::Word(word)) => {
                nearest(word, ["and", "or"]).map(|near| Hint::Meant { name: near.to_owned() })
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

/// What a criterion can begin with.
fn beginnings() -> [Piece; 3] {
    [Sentence::from(May::Attribute).into(), "not (".into(), "(".into()]
}

fn quoted_hint(text: &str) -> Hint {
    let shown: String = text.chars().filter(|c| *c != '"' && *c != '\\').take(40).collect();
    Hint::Quoted { text: shown }
}
