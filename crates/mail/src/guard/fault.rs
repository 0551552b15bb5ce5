//! What the guard refuses, in sentences.

use crate::replacement::Replacement;

domain::sentences! {
    /// What is wrong at a place of a template, and what is allowed.
    pub enum Fault in "template-fault" {
        Large { part: &'static str, most: usize } = "large", "the {part} part has more than {most} KiB";
        Control = "control", "a control character is not allowed";
        Needed { name: &'static str } = "needed",
            "{{{{ {name} }}}} must stand in this part, visibly and outside of every condition: without it the recipient could not sign in";
        NeededHere { name: &'static str } = "needed-here",
            "{{{{ {name} }}}} must stand in this part, visibly and outside of every condition: it is what this mail is for";
        SubjectLines = "subject-lines", "a subject is one line";
        SubjectLength { most: usize } = "subject-length", "a subject has 1 to {most} characters";
        SubjectPassword = "subject-password",
            "the password may not stand in the subject: lists and notifications show it";
        SubjectSecret { name: &'static str } = "subject-secret",
            "{{{{ {name} }}}} may not stand in the subject: lists and notifications show it";
        Touched = "touched",
            "white space must stand before and after {{{{ password }}}}: one double-click must select it and nothing else";
        TouchedHtml = "touched-html",
            "nothing may touch {{{{ password }}}}: one double-click must select it and nothing else";
        TouchedLink { name: &'static str } = "touched-link",
            "white space must stand before and after {{{{ {name} }}}}: a mail program must see where the address ends";
        ConditionPlace = "condition-place",
            "a condition may not stand inside a tag, a comment, a style or a title";
        Unclosed = "unclosed", "the tag, comment or element that begins here is not closed";
        LessThan = "less-than", "a < that begins no tag must be written &lt;";
        CommentEnd = "comment-end", "a comment must end with --> and have some text";
        PasswordPlace = "password-place",
            "{{{{ password }}}} may stand only in the visible text, where no link or style carries it away";
        SecretPlace { name: &'static str } = "secret-place",
            "{{{{ {name} }}}} may stand only in the visible text or alone as the href of an <a>";
        Place { name: String } = "place",
            "{{{{ {name} }}}} may not stand here; put it into the text or a quoted attribute that takes it";
        Element { name: String, allowed: String } = "element",
            "<{name}> is not allowed: a mail with a password loads nothing and runs nothing; allowed are {allowed}";
        Attribute { name: String } = "attribute",
            "the attribute {name} is not allowed: it could load or run something";
        Link = "link", "a link must be {{{{ login_url }}}} or another link of this mail, or begin with https://, mailto:, tel: or #";
        StyleAmpersand = "style-ampersand", "& is not allowed in a style: it could spell something else";
        StyleLoads { found: &'static str } = "style-loads",
            "{found} is not allowed in a style: it could load something";
        SheetHides { found: String } = "sheet-hides",
            "{found} is not allowed in a style sheet: it could hide the password; a style attribute may hide an element that holds none";
        CommentHides { found: String } = "comment-hides",
            "{found} is not allowed in a comment: it could hide the password; a style attribute may hide an element that holds none";
        CommentLoads { found: &'static str } = "comment-loads",
            "{found} is not allowed in a comment: some mail programs read it";
        OpenIf = "open-if", "an {{% if %}} is not closed; write {{% endif %}}";
        OpenComment = "open-comment", "the comment is not closed; write #}}";
        Open { close: String } = "open", "not closed; write {close}";
        NoName = "no-name", "expected the name of a replacement, as in {{{{ full_name }}}}";
        NoEnd = "no-end", "expected }}}} here; only a name and filters such as | upper may stand before";
        NoReplacement { name: String, known: String } = "no-replacement",
            "{name} is no replacement; there are {known}";
        Near { name: String, near: String, known: String } = "near",
            "{name} is no replacement; did you mean {near}? There are {known}";
        NotOfKind { name: String, known: String } = "not-of-kind",
            "{name} has no value in this mail; there are {known}";
        NoAttribute { name: String, known: String } = "no-attribute",
            "there is no attribute {name}; there are {known}";
        PasswordFilter = "password-filter",
            "the password must stay as it is: no filter after {{{{ password }}}}";
        SecretFilter { name: &'static str } = "secret-filter",
            "{{{{ {name} }}}} must stay as it is: no filter after it";
        Filter { known: String } = "filter", "after | may stand {known}";
        FilterArguments = "filter-arguments",
            "a filter takes only texts and numbers, as in default(\"you\", true)";
        Deep { most: usize } = "deep", "conditions stand more than {most} deep";
        Order { keyword: String } = "order",
            "{keyword} does not fit here; write if, elif, else, endif in this order";
        Keyword { keyword: String } = "keyword",
            "{{% {keyword} %}} is not allowed; only if, elif, else and endif are";
        Condition = "condition", "a condition is a name, not, and, or, == and != only";
        PasswordCondition = "password-condition", "the password may not stand in a condition";
        SecretCondition { name: &'static str } = "secret-condition",
            "{name} may not stand in a condition";
        Quoted = "quoted", "a quoted text must end on its line and have no backslash";
        Sign { sign: String } = "sign",
            "{sign} is not allowed here; only names, filters and conditions are";
        Image = "image", "an image is not allowed: a mail about a password loads nothing";
        Nested { most: usize } = "nested", "this stands more than {most} deep in other elements; at most {most} are allowed";
        Many { most: usize } = "many", "there are too many elements; at most {most} are allowed";
        Include = "include", "mj-include is not allowed: nothing is loaded; put the words here";
        MjmlElement { name: String, allowed: String } = "mjml-element",
            "<{name}> is not allowed: a mail about a password loads nothing and runs nothing; of MJML there are {allowed}";
        MjmlOpen { name: String } = "mjml-open", "<{name}> is not closed; write </{name}>";
        MjmlEnd { name: String, open: String } = "mjml-end",
            "</{name}> does not fit here: what is open is <{open}>";
        Mjml { detail: String } = "mjml", "this is not MJML: {detail}";
        Engine { detail: String } = "engine", "{detail}";
    }
}

impl Fault {
    /// A filter stands after a secret.
    pub(crate) const fn filtered(secret: Replacement) -> Self {
        match secret {
            Replacement::Password => Self::PasswordFilter,
            other => Self::SecretFilter { name: other.name() },
        }
    }

    /// A secret stands in a condition.
    pub(crate) const fn compared(secret: Replacement) -> Self {
        match secret {
            Replacement::Password => Self::PasswordCondition,
            other => Self::SecretCondition { name: other.name() },
        }
    }

    /// A secret stands in the subject.
    pub(crate) const fn in_subject(secret: Replacement) -> Self {
        match secret {
            Replacement::Password => Self::SubjectPassword,
            other => Self::SubjectSecret { name: other.name() },
        }
    }

    /// A secret stands where something carries it away.
    pub(crate) const fn misplaced(secret: Replacement) -> Self {
        match secret {
            Replacement::Password => Self::PasswordPlace,
            other => Self::SecretPlace { name: other.name() },
        }
    }
}
