//! A limit on guessing and asking: which there are, and how far one is used up (3-safety 4.4).

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// What is limited.
    LimitKind {
        /// Wrong passwords of one account in a row.
        WrongPasswords = "wrong_passwords",
        /// Wrong codes of one second factor in a row.
        WrongCodes = "wrong_codes",
        /// Personal links of one account that work.
        LiveLinks = "live_links",
        /// Mails with links to one mailbox: how far they are apart.
        MailboxApart = "mailbox_apart",
        /// The same, in an hour.
        MailboxHour = "mailbox_hour",
        /// The same, in a day.
        MailboxDay = "mailbox_day",
        /// Failed sign-ins of one network in a minute.
        SignInsMinute = "sign_ins_minute",
        /// Failed sign-ins of one network in an hour.
        SignInsHour = "sign_ins_hour",
        /// Requests for links of one network.
        ResetRequests = "reset_requests",
        /// The same, while a mailing is recent.
        ResetRequestsDuringMailing = "reset_requests_during_mailing",
        /// Links of one network that never were any.
        UnknownLinks = "unknown_links",
        /// Keys of programs of one network that are none.
        UnknownKeys = "unknown_keys",
        /// Requests for links of everybody together.
        EverybodysRequests = "everybodys_requests",
    }
}

named! {
    /// How far a limit is used up.
    Level {
        /// There is room.
        Open = "open",
        /// One more, or little more, is allowed.
        Near = "near",
        /// Nothing is allowed now.
        Full = "full",
    }
}

/// How far one limit is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fill {
    /// Which limit.
    pub kind: LimitKind,
    /// How many are counted.
    pub used: i64,
    /// How many are allowed.
    pub most: i64,
    /// How far.
    pub level: Level,
    /// When it frees itself, milliseconds since 1970; `None`: nothing is counted, or it does not by itself.
    pub frees_at: Option<i64>,
}

impl Fill {
    /// So many of so many; with the last but one, or four in five, it is near.
    #[must_use]
    pub const fn of(kind: LimitKind, used: i64, most: i64, frees_at: Option<i64>) -> Self {
        let level = if used >= most {
            Level::Full
        } else if used > 0 && (used + 1 == most || used * 5 >= most * 4) {
            Level::Near
        } else {
            Level::Open
        };
        Self { kind, used, most, level, frees_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_near_with_the_last_but_one_or_four_in_five() {
        let level = |used, most| Fill::of(LimitKind::MailboxHour, used, most, None).level;
        assert_eq!([level(0, 1), level(1, 1), level(2, 1)], [Level::Open, Level::Full, Level::Full]);
        assert_eq!([level(1, 3), level(2, 3), level(3, 3)], [Level::Open, Level::Near, Level::Full]);
        assert_eq!([level(399, 500), level(400, 500)], [Level::Open, Level::Near]);
    }
}
