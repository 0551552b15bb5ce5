//! What is wrong with a value of a field, and why a record cannot be changed, in sentences.

domain::sentences! {
    /// What would be right in a field.
    pub enum Wrong in "wrong" {
        Breaks = "breaks", "line breaks and control characters are not allowed";
        Long = "long", "at most 200 characters are allowed";
        Username = "username", "a user name is needed; without an address it cannot be made up";
        Language = "language", "expected a language such as de or de-AT";
        TimeZone = "time-zone", "expected a time zone such as Europe/Vienna";
        Verified = "verified", "only a confirmed address or an operator sets this";
        EndPast = "end-past", "the end must lie in the future";
        KeyName = "key-name", "a key needs a name that says what it is for";
        KeyYear = "key-year", "the end must be at most a year away";
        KeyEnd = "key-end", "a key made with another key ends no later than that one";
        KeyOwner = "key-owner", "expected a system user of the type api or hybrid";
        KeyOwnerEnded = "key-owner-ended", "this system user is blocked or the account has ended";
        NotYours { name: String } = "not-yours", "{name:?} is not allowed to you, so you cannot give it";
        NotTheOwners { name: String } = "not-the-owners", "the owner's role does not allow {name:?}";
        NoScope = "no-scope", "name at least one permission, as in people.view";
        RoleName = "role-name", "a role needs a name";
        NoPermission { name: String, known: String } = "no-permission", "{name:?} is none; there are: {known}";
        AttributeName = "attribute-name",
            "expected at most 50 letters, digits and underscores, beginning with a letter";
        NoAttribute { known: String } = "no-attribute", "is not defined; defined are: {known}";
        Nul = "nul", "the character NUL is not allowed";
        AttributeKind { kind: &'static str } = "attribute-kind", "expected a value of the kind {kind}";
        GroupName = "group-name", "a group needs a name";
        Description = "description", "at most 2,000 characters are allowed";
        NotForRecipients = "not-for-recipients", "recipients may not change this themselves";
        Reason = "reason", "at most 500 characters are allowed";
        OwnAddress = "own-address", "this is the address already, and it is confirmed";
    }
}

domain::sentences! {
    /// Why something cannot be done in the state a record is in.
    pub enum Standing in "standing" {
        NoSystemUser = "no-system-user", "the person is no system user: give a role first";
        BuiltIn { name: String } = "built-in",
            "the role {name:?} is built in and stays as it is: make one of your own";
        NotOffered = "not-offered", "this is not offered any more";
        TakesNoMailings = "takes-no-mailings", "the person takes no mailings";
        NoMailbox = "no-mailbox", "a confirmation by mail needs an address that takes mail";
        NoRequest = "no-request", "there is no such request any more";
        MostAttributes { most: usize } = "most-attributes", "at most {most} attributes can be defined";
    }
}
