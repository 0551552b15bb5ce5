//! Why a row or a header is refused, in sentences.

domain::sentences! {
    /// What is wrong with a row or a header, and what would be right.
    pub enum Fault in "import-fault" {
        Control = "control", "control characters other than tab and line breaks are not allowed";
        Groups = "groups", "at most 100 groups are allowed in one row";
        Encoding = "encoding", "not valid UTF-8; save the file as UTF-8";
        Cells { cells: usize, expected: usize } = "cells",
            "the row has {cells} cells, the header has {expected}";
        SystemUser = "system-user", "this is a system user; an import does not change system users";
        Username = "username", "the user name belongs to another person";
        OtherId = "other-id", "the user name belongs to a person with another external id";
        NewGroups = "new-groups", "more than 1,000 new groups in one file; make them first if they are meant";
        SameId { line: u64 } = "same-id", "line {line} is about the same external id";
        SameUsername { line: u64 } = "same-username", "line {line} is about the same username";
        SameAddress { line: u64 } = "same-address", "line {line} is about the same address";
        Several = "several",
            "several people have this address; tell by external_id or username which one is meant";
        Unnamed = "unnamed", "nobody has this external id; a new person needs a username or an address";
        AddressTaken = "address-taken",
            "the address is the user name of another person; give this person a username of its own";
        Empty = "empty", "the file is empty";
        NoHeader = "no-header", "the file is empty; expected a first line with the names of the columns";
        LongHeader = "long-header",
            "the first line is longer than 64 KiB; expected the names of the columns, separated by commas, semicolons or tabs, and line ends LF or CRLF";
        Utf16 = "utf16", "the file is UTF-16; save it as CSV in UTF-8";
        Spreadsheet = "spreadsheet", "this is a spreadsheet or an archive; save it as CSV in UTF-8";
        Same { column: usize } = "same", "column {column} holds the same already";
        Nobody = "nobody",
            "no column tells who a row is about: external_id, username or address is needed";
        NoAttribute { known: String } = "no-attribute", "no such attribute is defined; known are {known}";
        NoName { known: String } = "no-name", "the column has no name; known are {known}";
        Unknown { known: String } = "unknown", "unknown column; known are {known}";
        Passwords = "passwords",
            "refused: passwords are never imported; mail people a link or a new password after the import";
        Roles = "roles",
            "refused: an import never makes system users and never changes roles; grant roles one by one";
        State = "state",
            "refused: this state follows from what people and operators do; an import does not set it";
        Kept = "kept",
            "refused: Passpost keeps this itself; the id of another system goes into external_id";
        GroupName = "group-name", "a name is needed";
    }
}
