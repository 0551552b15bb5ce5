//! What can be said about a filter: what is wrong, what may stand there, and what was probably meant.

use super::catalogue::Kind;
use crate::sentence::Sentence;

crate::sentences! {
    /// What is wrong with a filter.
    pub enum Fault in "filter-fault" {
        NoBrackets { name: String } = "no-brackets", "`{name}` has no values that could be asked about in brackets";
        Secret { name: String } = "secret", "`{name}` is secret and cannot be compared";
        NoAttribute { name: String } = "no-attribute", "there is no attribute `{name}`";
        NoCustom { name: String } = "no-custom", "there is no custom attribute `{name}`";
        NoGroupAttribute { name: String } = "no-group-attribute", "there is no attribute `{name}` of a group";
        NullOrder { operator: String } = "null-order", "nothing is `{operator}` null";
        EmptyText = "empty-text", "an empty text cannot be compared with";
        Operator { operator: String, name: String, expected: Sentence } = "operator",
            "`{operator}` does not apply to `{name}`, which is {expected}";
        Value { expected: Sentence } = "value", "the attribute is compared with {expected}";
        Choice = "choice", "this word is not one of those it can be";
        Calendar = "calendar", "the calendar does not reach so far";
        TooLarge = "too-large", "with the selections it reuses, the filter is too large";
        Unfit = "unfit", "this value does not fit the attribute";
        Circle { chain: String } = "circle", "selections reuse one another in a circle: {chain}";
        Reuse { most: usize } = "reuse", "more than {most} selections stand on one another";
        NoSelection { name: String } = "no-selection", "there is no selection \"{name}\"";
        Archived { name: String } = "archived", "the selection \"{name}\" cannot be reused: it is archived";
        Draft { name: String } = "draft",
            "the selection \"{name}\" cannot be reused: it is a draft; publish it first";
        Limited { name: String } = "limited",
            "the selection \"{name}\" cannot be reused: it has a size limit, which a condition cannot keep";
        Inside { name: String, inner: Sentence, line: usize, column: usize } = "inside",
            "in the selection \"{name}\": {inner} (line {line}, column {column} there)";
        TooLong { most: usize, length: usize } = "too-long", "a filter has at most {most} bytes, this one has {length}";
        Empty = "empty", "the filter is empty";
        Not = "not", "`not` is followed by a filter in parentheses";
        Deep { most: usize } = "deep", "groupings may be nested {most} deep, not deeper";
        Many { most: usize } = "many", "a filter has at most {most} criteria";
        NoOperator { name: String } = "no-operator", "an operator is missing after `{name}`";
        NoValue { operator: String } = "no-value", "a value is missing after `{operator}`";
        LargeNumber = "large-number", "the number is too large";
        NoCriterion = "no-criterion", "a criterion was expected here";
        Early = "early", "the filter ends too early";
        Close = "close", "this `)` closes nothing";
        CloseBracket = "close-bracket", "this `]` closes nothing";
        AndOr = "and-or", "`and` or `or` was expected before the next criterion";
        OpenQuote = "open-quote", "the closing double quote is missing";
        Lines = "lines", "a text stands on one line; write \\n or \\t for such characters";
        Escape = "escape", "after a backslash only \" \\ / b f n r t or u and four hex digits";
        Nul = "nul", "the character \\u0000 cannot be stored, so nothing can contain it";
    }
}

crate::sentences! {
    /// What was probably meant, or what would be right.
    pub enum Hint in "filter-hint" {
        Write { text: String } = "write", "write `{text}`";
        Instead { name: String } = "instead", "what is known about it without telling it: `{name}`";
        Meant { name: String } = "meant", "did you mean `{name}`?";
        MeantText { name: String } = "meant-text", "did you mean \"{name}\"?";
        InGroup { name: String } = "in-group", "inside `groups[…]` write `{name}`";
        Several = "several", "write `groups.name eq \"members\"` or `groups[name eq \"members\"]`";
        Selection = "selection", "write `selection eq \"its name\"`";
        Absent = "absent", "to find people without a value write `not (… pr)`";
        Unquote { word: String } = "unquote", "write {word} without quotes";
        UnquoteNumber = "unquote-number", "write the number without quotes";
        Quote = "quote", "write it in double quotes";
        Reuse = "reuse", "reuse parts of it by `selection eq \"name\"`";
        Everyone = "everyone", "`username pr` matches everyone";
        Open { sign: String, column: usize } = "open", "the `{sign}` at column {column} is still open";
        Group = "group", "keep such people in a group, or reuse selections by `selection eq \"name\"`";
        Yes { name: String } = "yes", "write `{name} eq true` for yes or no, `{name} pr` for `has any value`";
        Quoted { text: String } = "quoted", "texts and times stand in double quotes: \"{text}\"";
        Nothing = "nothing", "there is nothing inside the parentheses, or one `)` too many";
        First = "first", "the attribute stands first: `given_name eq \"Ada\"`";
        Letters = "letters", "the name is compared letter by letter";
        NoDay = "no-day", "there is no such day in the calendar";
        Offset = "offset", "a time ends with its offset: 2026-11-21T09:00:00Z or …+01:00";
        Moment = "moment", "write now-90d, now+2h, today, today-1mo, 2026-11-21 or 2026-11-21T09:00:00Z";
        Steps { most: usize } = "steps", "at most {most} steps may follow";
        Sign = "sign", "a sign, a number and a unit follow, as in now-90d or today+1mo";
        Amount { most: i64 } = "amount", "a whole number from 1 to {most} follows the sign, as in now-90d";
        Units = "units", "the units are s, m (minutes), h, d, w, mo (months) and y";
    }
}

crate::sentences! {
    /// What may stand at a place, when it is no word of the filter's language.
    pub enum May in "filter-may" {
        Attribute = "attribute", "an attribute";
        Text = "text", "a text in double quotes";
        Whole = "whole", "a whole number";
        Number = "number", "a number";
        Id = "id", "a UUID such as \"01890a5d-ac96-774b-bcce-b302099a8057\"";
        Criteria { criteria: usize, depth: usize } = "criteria",
            "{criteria} criteria, nested {depth} deep, in all of them together";
    }
}

crate::sentences! {
    /// What an attribute is compared with.
    pub enum Compared in "filter-compared" {
        Text = "text", "a text";
        Choice = "choice", "one of a few words";
        Flag = "flag", "true or false";
        Whole = "whole", "a whole number";
        Number = "number", "a number";
        Time = "time", "a point in time";
        Id = "id", "an id";
        Several = "several", "a list";
        Selection = "selection", "the name of a selection";
    }
}

impl Compared {
    pub(super) const fn with(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Choice(_) => Self::Choice,
            Kind::Flag => Self::Flag,
            Kind::Whole => Self::Whole,
            Kind::Number => Self::Number,
            Kind::Time => Self::Time,
            Kind::Id => Self::Id,
            Kind::Several => Self::Several,
            Kind::Selection => Self::Selection,
        }
    }
}
