//! What is the same for every mail of an installation: who sends, what it is called, where people sign in.

use crate::bounce::Bounce;
use domain::address::Address;
use std::fmt;

/// Who a mail comes from.
#[derive(Debug, Clone)]
pub struct Sender {
    /// The address in `From`; its domain makes the Message-ID.
    pub address: Address,
    /// The name beside it; may be empty.
    pub name: String,
    /// Where answers go, if not to the sender.
    pub reply_to: Option<Address>,
    /// A return path of its own for each mail; without it mail returns to the sender's address.
    pub bounce: Option<Bounce>,
}

/// The operator's words for the mails.
#[derive(Debug, Clone)]
pub struct House {
    /// What the operator is called.
    pub organisation: String,
    /// Whom to ask, such as an address or a telephone number; may be empty.
    pub help_contact: String,
    /// The sign-in page, beginning with `https://` (or `http://` where nothing but this machine is meant).
    pub login_url: String,
    /// Where the recipients' pages are, beginning like the sign-in page; links to set a password begin with it.
    pub base_url: String,
    /// The operator's colour.
    pub accent: Colour,
    /// The zone of clock times for people without one of their own (IANA).
    pub time_zone: String,
}

/// A colour as in `#1f6feb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour is # and six hexadecimal digits, as in #1f6feb")]
pub struct ColourError;

impl Default for Colour {
    fn default() -> Self {
        Self { red: 0x24, green: 0x5b, blue: 0xb0 }
    }
}

impl Colour {
    /// Reads `#rrggbb`.
    ///
    /// # Errors
    /// For every other text.
    pub fn parse(text: &str) -> Result<Self, ColourError> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(ColourError)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ColourError);
        }
        let two = |from: usize| u8::from_str_radix(&digits[from..from + 2], 16).map_err(|_| ColourError);
        Ok(Self { red: two(0)?, green: two(2)?, blue: two(4)? })
    }

    /// Black or white, whichever has more contrast on this colour (WCAG 2.2, relative luminance).
    #[must_use]
    pub fn ink(self) -> &'static str {
        let light = |channel: u8| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let luminance = 0.2126 * light(self.red) + 0.7152 * light(self.green) + 0.0722 * light(self.blue);
        if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) { "#000000" } else { "#ffffff" }
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_read_and_knows_what_reads_well_on_it() {
        assert_eq!(Colour::parse("#1F6feb").unwrap().to_string(), "#1f6feb");
        assert_eq!(Colour::parse("#ffee00").unwrap().ink(), "#000000");
        assert_eq!(Colour::parse("#102040").unwrap().ink(), "#ffffff");
        for bad in ["", "red", "#fff", "#1f6feg", "1f6feb", "#1f6feb;x", "#+1+2+3"] {
            assert_eq!(Colour::parse(bad), Err(ColourError), "{bad}");
        }
    }
}
