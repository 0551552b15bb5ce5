//! What the guard refuses, in sentences.

domain::sentences! {
    /// What is wrong at a place of a template, and what is allowed.
    pub enum Fault in "template-fault" {
        Large { part: &'static str, most: usize } = "large", "the {part} part has more than {most} KiB";
        Control = "control", "a control character is not allowed";
        Needed { name: &'static str } = "needed",
            "{{{{ {name} }}}} must stand in this part, visibly and outside of every condition: without it the recipient could not sign in";
        SubjectLines = "subject-lines", "a subject is one line";
        SubjectLength { most: usize } = "subject-length", "a subject has 1 to {most} characters";
        SubjectPassword = "subject-password",
            "the password may not stand in the subject: lists and notifications show it";
        Touched = "touched",
            "white space must stand before and after {{{{ password }}}}: one double-click must select it and nothing else";
        TouchedHtml = "touched-html",
            "nothing may touch {{{{ password }}}}: one double-click must select it and nothing else";
        ConditionPlace = "condition-place",
            "a condition may not stand inside a tag, a comment, a style or a title";
        Unclosed = "unclosed", "the tag, comment or element that begins here is not closed";
        LessThan = "less-than", "a < that begins no tag must be written &lt;";
        CommentEnd = "comment-end", "a comment must end with --> and have some text";
        PasswordPlace = "password-place",
            "{{{{ password }}}} may stand only in the visible text, where no link or style carries it away";
        Place { name: &'static str } = "place",
            "{{{{ {name} }}}} may not stand here; put it into the text or a quoted attribute that takes it";
        Element { name: String, allowed: String } = "element",
            "<{name}> is not allowed: a mail with a password loads nothing and runs nothing; allowed are {allowed}";
        Attribute { name: String } = "attribute",
            "the attribute {name} is not allowed: it could load or run something";
        Link = "link", "a link must begin with {{{{ login_url }}}}, https://, mailto:, tel: or #";
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
        PasswordFilter = "password-filter",
            "the password must stay as it is: no filter after {{{{ password }}}}";
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
        Quoted = "quoted", "a quoted text must end on its line and have no backslash";
        Sign { sign: String } = "sign",
            "{sign} is not allowed here; only names, filters and conditions are";
        Engine { detail: String } = "engine", "{detail}";
    }
}
