//! A mailing: a one-off mail with replacements, recipients and a start time.

use crate::automation::SendNewPassword;
use crate::id::MailingId;
use crate::language::Language;
use crate::pace::Pace;
use crate::recipient::named;
use crate::role::Permission;
use serde::{Deserialize, Serialize};
use std::fmt;

named! {
    /// What a mailing does for people (requirement M3).
    Intent {
        /// Offers the page where a personal link can be asked for; the password stays.
        OfferLink = "offer_link",
        /// Carries a personal link; the password stays until the link is used.
        PersonalLink = "personal_link",
        /// Carries a new password; the old one goes as the job says.
        ForcePassword = "force_password",
    }
}

impl Intent {
    /// What the role of whoever sends it must allow: offering a link and forcing a password are two permissions.
    #[must_use]
    pub const fn needs(self) -> Permission {
        match self {
            Self::OfferLink | Self::PersonalLink => Permission::MailingsOfferLink,
            Self::ForcePassword => Permission::MailingsForcePassword,
        }
    }
}

named! {
    /// Where a mailing stands. See docs/flow.md.
    MailingState {
        /// Being written; nothing happens.
        Draft = "draft",
        /// Its start time is saved: it begins by itself.
        Armed = "armed",
        /// Its run has begun; what happens now is the run's.
        Started = "started",
        /// Called off before its start.
        Cancelled = "cancelled",
        /// Its start time came and it could not begin; nobody was written to.
        Failed = "failed",
    }
}

impl MailingState {
    /// Whether its words, recipients and start can still be changed; an armed one goes back to a draft by it.
    #[must_use]
    pub const fn is_editable(self) -> bool {
        !matches!(self, Self::Started)
    }
}

named! {
    /// When the audience is settled (requirement M4).
    Settled {
        /// When the mailing is armed: whoever joins later is not written to.
        WhenArmed = "when_armed",
        /// When it starts: whoever is found then is written to.
        AtStart = "at_start",
    }
}

named! {
    /// What the HTML part is written in.
    HtmlFormat {
        /// There is no HTML part.
        None = "none",
        /// Markdown (CommonMark).
        Markdown = "markdown",
        /// MJML, for mails that fit every width.
        Mjml = "mjml",
        /// HTML as it is.
        Html = "html",
    }
}

named! {
    /// What somebody has done about a mailing, in the order of the funnel (requirement M8).
    Step {
        /// Opened the page the mail points to, as far as one can tell by hand.
        Opened = "opened",
        /// A program opened it: a scanner or a preview.
        OpenedByMachine = "opened_by_machine",
        /// Asked for a personal link, named in the form.
        Requested = "requested",
        /// The mail with the personal link was accepted by the relay.
        LinkSent = "link_sent",
        /// Set a new password.
        PasswordSet = "password_set",
        /// Signed in after that.
        LoggedIn = "logged_in",
    }
}

named! {
    /// Who of a mailing is reminded (requirement M9): everybody who is not done, or those of one stage.
    Stage {
        /// Has not set a password, whatever else.
        NotDone = "not_done",
        /// Has not opened the page.
        NotOpened = "not_opened",
        /// Has opened the page and not asked for a link.
        NotRequested = "not_requested",
        /// Has a link and has not set a password.
        NotSet = "not_set",
    }
}

named! {
    /// Which of the runs of a mailing.
    Round {
        /// At its start time.
        First = "first",
        /// For those the selection found later.
        Late = "late",
    }
}

/// Whom a mailing reminds, and how often at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    /// The mailing whose people are reminded.
    pub of: MailingId,
    /// Who of them.
    pub stage: Stage,
    /// Nobody who was written to within so many hours: 1 to 8,760.
    pub gap_hours: u32,
    /// Nobody who was reminded so often already: 1 to 20.
    pub most: u32,
}

/// Who sends a mailing and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// The language of the words; clock times and the salutation follow it.
    pub language: Language,
    /// The name beside the sender's address.
    pub sender_name: String,
    /// The sender's address.
    pub sender_address: String,
    /// Where answers go; empty: to the sender.
    #[serde(default)]
    pub reply_to: String,
    /// The subject, with replacements.
    pub subject: String,
    /// The text part, with replacements.
    pub text: String,
    /// What the HTML part is written in.
    pub html_format: HtmlFormat,
    /// The HTML part as written, with replacements.
    #[serde(default)]
    pub html_source: String,
}

/// The job of a mailing's run, as frozen at its start. The words themselves are frozen beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SendMailing {
    /// Which mailing.
    pub mailing: MailingId,
    /// Which of its runs.
    pub round: Round,
    /// What it does.
    pub intent: Intent,
    /// The language of its words.
    pub language: Language,
    /// The name beside the sender's address.
    pub sender_name: String,
    /// The sender's address.
    pub sender_address: String,
    /// Where answers go; empty: to the sender.
    pub reply_to: String,
    /// How long a personal link is good for, in hours: 1 to 336 (14 days).
    pub link_hours: u32,
    /// The settings of the password, where one is forced.
    pub password: SendNewPassword,
    /// How fast it may go.
    pub pace: Pace,
    /// Whom it reminds, if it reminds.
    pub reminder: Option<Reminder>,
}

/// How long a personal link mailed by an operator is good for unless said otherwise, in hours (requirement M3).
pub const LINK_HOURS: u32 = 72;
/// The longest, in hours: 14 days.
pub const MOST_LINK_HOURS: u32 = 336;
/// The most characters of a folder's name.
pub const MOST_FOLDER: usize = 60;

crate::sentences! {
    /// What is wrong with a field of a mailing, for people.
    pub enum Unfit in "unfit-mailing" {
        NoName = "no-name", "name: a mailing needs a name of 1 to 100 characters without line breaks";
        Folder = "folder", "folder: at most 60 characters without line breaks";
        NoSender = "no-sender", "sender_name: the name people see as the sender is missing";
        SenderAddress = "sender-address", "sender_address: expected a mail address such as office@example.org";
        ReplyTo = "reply-to", "reply_to: expected a mail address, or nothing";
        NoSubject = "no-subject", "subject: a mail needs one line as its subject";
        NoText = "no-text", "text: the text part is missing; every mail has one";
        LinkHours { hours: i64 } = "link-hours", "link_hours: expected 1 to 336 (14 days), not {hours}";
        Password { detail: String } = "password", "password.{detail}";
        LateUntil = "late-until", "late_until: expected a moment after the start";
        Gap { hours: i64 } = "gap", "gap_hours: expected 1 to 8760 (a year), not {hours}";
        Most { most: i64 } = "most", "most: expected 1 to 20 reminders, not {most}";
    }
}

crate::sentences! {
    /// Why something cannot be done with a mailing now, for people.
    pub enum NotPossible in "mailing-not" {
        Started = "started", "the mailing has started; start another one from it";
        Armed = "armed", "the mailing is armed; cancel it first";
        Ran = "ran", "the mailing has started and its runs are kept; archive it instead";
        Reminded = "reminded", "there are reminders of this mailing; remove them first";
        NotArmed { state: String } = "not-armed", "only an armed mailing can be cancelled; this one is {state}";
        Archived = "archived", "the mailing is archived; bring it back first";
        Past = "past", "the start time is past; choose one that lies ahead";
        NoTime = "no-time", "the start needs a date and a time such as 2026-12-01T09:00";
        Zone = "zone", "expected a time zone such as Europe/Vienna";
        Nobody = "nobody", "the mailing has no recipients; choose people, a group or a selection";
        NobodyLeft = "nobody-left", "nobody would be written to: everybody is left out";
        NotStarted = "not-started", "only people of a mailing that has started can be reminded";
        OfReminder = "of-reminder", "remind the people of the mailing itself, not of a reminder";
        Family = "family", "a reminder has no recipients of its own: they are those of its mailing";
    }
}

impl Words {
    /// Checks what is mandatory (requirement M1), in the order of the form; the words themselves are checked by the
    /// guard of templates.
    ///
    /// # Errors
    /// Every field that is wrong.
    pub fn check(&self) -> Result<(), Vec<Unfit>> {
        let address = |text: &str| crate::address::Address::parse(text).is_ok();
        let one_line = |text: &str| !text.trim().is_empty() && !text.chars().any(char::is_control);
        let mut unfit = Vec::new();
        if !one_line(&self.sender_name) {
            unfit.push(Unfit::NoSender);
        }
        if !address(&self.sender_address) {
            unfit.push(Unfit::SenderAddress);
        }
        if !self.reply_to.is_empty() && !address(&self.reply_to) {
            unfit.push(Unfit::ReplyTo);
        }
        if !one_line(&self.subject) {
            unfit.push(Unfit::NoSubject);
        }
        if self.text.trim().is_empty() {
            unfit.push(Unfit::NoText);
        }
        if unfit.is_empty() { Ok(()) } else { Err(unfit) }
    }
}

impl Reminder {
    /// Checks the bounds.
    ///
    /// # Errors
    /// Says what would be right.
    pub fn check(&self) -> Result<(), Unfit> {
        if !(1..=8_760).contains(&self.gap_hours) {
            return Err(Unfit::Gap { hours: self.gap_hours.into() });
        }
        if !(1..=20).contains(&self.most) {
            return Err(Unfit::Most { most: self.most.into() });
        }
        Ok(())
    }
}

/// Checks the name of a mailing.
///
/// # Errors
/// Says what would be right.
pub fn check_name(name: &str) -> Result<&str, Unfit> {
    let name = name.trim();
    let fits = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name) } else { Err(Unfit::NoName) }
}

/// Checks the name of a folder; empty: none.
///
/// # Errors
/// Says what would be right.
pub fn check_folder(folder: &str) -> Result<&str, Unfit> {
    let folder = folder.trim();
    let fits = folder.chars().count() <= MOST_FOLDER && !folder.chars().any(char::is_control);
    if fits { Ok(folder) } else { Err(Unfit::Folder) }
}

/// Checks how long a personal link is good for.
///
/// # Errors
/// Says what would be right.
pub const fn check_link_hours(hours: u32) -> Result<(), Unfit> {
    if hours >= 1 && hours <= MOST_LINK_HOURS {
        Ok(())
    } else {
        Err(Unfit::LinkHours { hours: hours as i64 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words() -> Words {
        Words {
            language: Language::En,
            sender_name: "Office".into(),
            sender_address: "office@example.org".into(),
            reply_to: String::new(),
            subject: "Your access".into(),
            text: "{{ request_password_link }}".into(),
            html_format: HtmlFormat::None,
            html_source: String::new(),
        }
    }

    #[test]
    fn a_mailing_says_every_field_that_is_missing() {
        assert!(words().check().is_ok());
        let empty = Words {
            sender_name: " ".into(),
            sender_address: "office".into(),
            reply_to: "nobody".into(),
            subject: "two\nlines".into(),
            text: String::new(),
            ..words()
        };
        let all = [Unfit::NoSender, Unfit::SenderAddress, Unfit::ReplyTo, Unfit::NoSubject, Unfit::NoText];
        assert_eq!(empty.check(), Err(all.to_vec()));
    }

    #[test]
    fn names_and_bounds_are_held() {
        assert_eq!(check_name(" Welcome "), Ok("Welcome"));
        assert!(check_name("").is_err() && check_name(&"x".repeat(101)).is_err());
        assert!(check_folder("").is_ok() && check_folder(&"x".repeat(61)).is_err());
        assert!(check_link_hours(1).is_ok() && check_link_hours(336).is_ok());
        assert!(check_link_hours(0).is_err() && check_link_hours(337).is_err());
    }
}
