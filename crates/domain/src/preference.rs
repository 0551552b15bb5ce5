//! What recipients decide themselves: subscriptions, the address, what of their record they may see or change.

use crate::recipient::named;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// What the log of subscriptions keeps.
    ConsentAct {
        /// Asked for a group that wants a confirmation by mail.
        Asked = "asked",
        /// Is in the group.
        Subscribed = "subscribed",
        /// Is out of the group.
        Unsubscribed = "unsubscribed",
        /// Wants no mail but credential mail and mails about the own account.
        StoppedAll = "stopped_all",
        /// Takes mailings again.
        AllowedAgain = "allowed_again",
    }
}

named! {
    /// How it came about.
    ConsentWay {
        /// At the own pages, signed in.
        Page = "page",
        /// Behind the link that confirms a subscription.
        Confirmation = "confirmation",
        /// Behind a link to unsubscribe, on its page.
        Link = "link",
        /// By a mail program's one click (RFC 8058).
        OneClick = "one_click",
        /// By an operator or a program.
        Operator = "operator",
    }
}

named! {
    /// What a one-time link is good for, and nothing else (3-safety 34).
    LinkPurpose {
        /// Says that a new address is one's own.
        VerifyAddress = "verify_address",
        /// Says that subscriptions are wanted.
        ConfirmSubscription = "confirm_subscription",
        /// Stops a change of address, or takes it back; it goes to the old one.
        ObjectAddress = "object_address",
    }
}

named! {
    /// What recipients may do with their own value of an attribute.
    AttributeUse {
        /// They do not see it.
        Hidden = "hidden",
        /// They see it.
        See = "see",
        /// They see and change it.
        Edit = "edit",
    }
}

impl LinkPurpose {
    /// How long its link works, in milliseconds: a day (3-safety 4.1); an objection has to reach somebody who does not
    /// expect it.
    #[must_use]
    pub const fn life_ms(self) -> i64 {
        match self {
            Self::VerifyAddress | Self::ConfirmSubscription => 24 * 3_600_000,
            Self::ObjectAddress => 72 * 3_600_000,
        }
    }
}

/// The most characters of a reason.
pub const MOST_REASON: usize = 500;

/// A reason as it is kept: one line, without control characters, at most [`MOST_REASON`] characters. `None`: too long.
#[must_use]
pub fn reason(text: &str) -> Option<String> {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    (line.chars().count() <= MOST_REASON).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_one_line_of_bounded_length() {
        assert_eq!(reason(" too\r\nmany \u{1b}mails ").as_deref(), Some("too many mails"));
        assert!(reason(&"é".repeat(MOST_REASON)).is_some() && reason(&"é".repeat(MOST_REASON + 1)).is_none());
    }
}
