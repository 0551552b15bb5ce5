//! One message on its way out: envelope, content and what is checked before a word of it is said.

use crate::answer::Unsendable;
use crate::capabilities::Capabilities;
use crate::content::{self, Scan};
use std::fmt;
use std::sync::Arc;

/// One message for one recipient.
pub struct Outgoing<T> {
    /// Comes back with the answer.
    pub tag: T,
    /// The return path, empty for none.
    pub mail_from: Arc<str>,
    /// The one recipient, exactly as it shall stand in `RCPT TO`.
    pub rcpt_to: String,
    /// Header and body with CR LF line ends; dots are not doubled.
    pub content: Vec<u8>,
    /// The header or an address needs SMTPUTF8; non-ASCII addresses need it in any case.
    pub smtputf8: bool,
}

impl<T: fmt::Debug> fmt::Debug for Outgoing<T> {
    /// Neither address nor content, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("tag", &self.tag)
            .field("octets", &self.content.len())
            .finish_non_exhaustive()
    }
}

/// Longest path of RFC 5321 §4.5.3.1.3, without the angle brackets.
const PATH_LIMIT: usize = 254;

impl<T> Outgoing<T> {
    /// Checks the message against the protocol and what the relay offers.
    pub(crate) fn admit(&self, offered: &Capabilities, own_limit: u64) -> Result<Scan, Unsendable> {
        check_address("recipient", &self.rcpt_to)?;
        if !self.mail_from.is_empty() {
            check_address("sender", &self.mail_from)?;
        }
        if self.needs_smtputf8() && !offered.smtputf8 {
            return Err(Unsendable::NeedsSmtputf8);
        }
        let scan = content::scan(&self.content)?;
        if scan.eight_bit && !offered.eight_bit_mime {
            return Err(Unsendable::Needs8BitMime);
        }
        let size = scan.size(&self.content) as u64;
        let limit = offered.size.filter(|limit| *limit > 0).unwrap_or(u64::MAX).min(own_limit);
        if size > limit {
            return Err(Unsendable::TooLarge { size, limit });
        }
        Ok(scan)
    }

    fn needs_smtputf8(&self) -> bool {
        self.smtputf8 || !self.mail_from.is_ascii() || !self.rcpt_to.is_ascii()
    }

    /// Appends `MAIL FROM` with the parameters the relay offers.
    pub(crate) fn append_mail(&self, scan: Scan, offered: &Capabilities, out: &mut Vec<u8>) {
        out.extend_from_slice(b"MAIL FROM:<");
        out.extend_from_slice(self.mail_from.as_bytes());
        out.push(b'>');
        if offered.size.is_some() {
            out.extend_from_slice(b" SIZE=");
            append_number(scan.size(&self.content), out);
        }
        if scan.eight_bit {
            out.extend_from_slice(b" BODY=8BITMIME");
        }
        if self.needs_smtputf8() {
            out.extend_from_slice(b" SMTPUTF8");
        }
        // Should the mail come back, then without its content: it may hold a password (RFC 3461 §4.3).
        if offered.dsn && !self.mail_from.is_empty() {
            out.extend_from_slice(b" RET=HDRS");
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Appends `RCPT TO`.
    pub(crate) fn append_rcpt(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"RCPT TO:<");
        out.extend_from_slice(self.rcpt_to.as_bytes());
        out.extend_from_slice(b">\r\n");
    }
}

/// Appends a decimal number without allocating.
pub(crate) fn append_number(number: usize, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = number;
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Refuses what could end the command or begin another one.
fn check_address(which: &'static str, address: &str) -> Result<(), Unsendable> {
    let refuse = |problem| Err(Unsendable::Address { which, problem });
    if address.len() > PATH_LIMIT {
        return refuse("it has more than 254 octets");
    }
    if address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return refuse("it has a space, a line end or a control character; an address has none");
    }
    if address.contains(['<', '>']) {
        return refuse("it has an angle bracket; give the bare address");
    }
    match address.rsplit_once('@') {
        Some((local, domain)) if !local.is_empty() && !domain.is_empty() => Ok(()),
        _ => refuse("it must have a local part, an @ and a domain"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(rcpt_to: &str) -> Outgoing<()> {
        let content = b"Subject: x\r\n\r\nbody\r\n".to_vec();
        Outgoing {
            tag: (),
            mail_from: "a@b.example".into(),
            rcpt_to: rcpt_to.into(),
            content,
            smtputf8: false,
        }
    }

    #[test]
    fn an_address_that_says_more_than_an_address_is_refused() {
        for bad in [
            "",
            "x",
            "@d",
            "x@",
            "a b@d",
            "a@d\r\nRCPT TO:<e@f>",
            "a@d\n",
            "a\t@d",
            "<a@d>",
            "a@d>",
            "a\0@d",
            "a\u{2028}@d",
        ] {
            let refused = to(bad).admit(&Capabilities::default(), u64::MAX);
            assert!(matches!(refused, Err(Unsendable::Address { which: "recipient", .. })), "{bad:?}");
        }
        assert!(to(&format!("{}@d", "x".repeat(300))).admit(&Capabilities::default(), u64::MAX).is_err());
        assert!(to("o'neil+tag@d.example").admit(&Capabilities::default(), u64::MAX).is_ok());
    }

    #[test]
    fn an_empty_sender_is_the_null_return_path() {
        let mut message = to("x@d");
        message.mail_from = "".into();
        let offered = Capabilities { size: Some(0), ..Capabilities::default() };
        let scan = message.admit(&offered, u64::MAX).unwrap();
        let mut out = Vec::new();
        message.append_mail(scan, &offered, &mut out);
        assert_eq!(out, b"MAIL FROM:<> SIZE=20\r\n");
    }

    #[test]
    fn non_ascii_needs_what_the_relay_must_offer() {
        let nothing = Capabilities::default();
        assert_eq!(to("jürgen@d").admit(&nothing, 99), Err(Unsendable::NeedsSmtputf8));
        let mut message = to("x@d");
        message.content = "Grüße\r\n".into();
        assert_eq!(message.admit(&nothing, 99), Err(Unsendable::Needs8BitMime));
        let all = Capabilities { smtputf8: true, eight_bit_mime: true, ..Capabilities::default() };
        message.rcpt_to = "jürgen@d".into();
        let scan = message.admit(&all, 99).unwrap();
        let mut out = Vec::new();
        message.append_mail(scan, &all, &mut out);
        assert_eq!(out, b"MAIL FROM:<a@b.example> BODY=8BITMIME SMTPUTF8\r\n");
    }

    #[test]
    fn a_relay_that_can_is_asked_to_return_no_content() {
        let offered = Capabilities { dsn: true, ..Capabilities::default() };
        let mut message = to("x@d");
        let scan = message.admit(&offered, u64::MAX).unwrap();
        let mut out = Vec::new();
        message.append_mail(scan, &offered, &mut out);
        assert_eq!(out, b"MAIL FROM:<a@b.example> RET=HDRS\r\n");
        message.mail_from = "".into();
        out.clear();
        message.append_mail(scan, &offered, &mut out);
        assert_eq!(out, b"MAIL FROM:<>\r\n", "nothing returns to nobody");
    }

    #[test]
    fn the_smaller_of_both_size_limits_counts() {
        let offered = Capabilities { size: Some(10), ..Capabilities::default() };
        assert_eq!(to("x@d").admit(&offered, 15), Err(Unsendable::TooLarge { size: 20, limit: 10 }));
        let unlimited = Capabilities { size: Some(0), ..Capabilities::default() };
        assert_eq!(to("x@d").admit(&unlimited, 15), Err(Unsendable::TooLarge { size: 20, limit: 15 }));
        assert!(to("x@d").admit(&unlimited, 20).is_ok());
    }

    #[test]
    fn numbers_are_written_as_numbers() {
        for number in [0, 7, 10, 4096, usize::MAX] {
            let mut out = Vec::new();
            append_number(number, &mut out);
            assert_eq!(out, number.to_string().into_bytes());
        }
    }
}
