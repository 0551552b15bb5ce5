//! What the relay offers in its reply to EHLO (RFC 5321 §4.1.1.1).

/// The extensions this client uses, as offered by the relay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
    /// PIPELINING (RFC 2920).
    pub pipelining: bool,
    /// CHUNKING, the BDAT command (RFC 3030).
    pub chunking: bool,
    /// SMTPUTF8 (RFC 6531).
    pub smtputf8: bool,
    /// 8BITMIME (RFC 6152).
    pub eight_bit_mime: bool,
    /// ENHANCEDSTATUSCODES (RFC 2034).
    pub enhanced_status_codes: bool,
    /// DSN (RFC 3461).
    pub dsn: bool,
    /// SIZE (RFC 1870): octets the relay takes, 0 when it names no limit, `None` when it does not offer SIZE.
    pub size: Option<u64>,
    /// Ways to log in, in the relay's order, unknown ones left out (RFC 4954).
    pub auth: Vec<Mechanism>,
}

/// A way to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// RFC 4616.
    Plain,
    /// The older two-question way that many relays still want.
    Login,
}

impl Capabilities {
    /// Reads the lines after the first one of an EHLO reply; what is unknown is skipped.
    pub(crate) fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for line in lines {
            // "AUTH=" is how some old relays write it.
            let line = line.replacen('=', " ", 1).to_ascii_uppercase();
            let mut words = line.split_ascii_whitespace();
            match words.next().unwrap_or_default() {
                "STARTTLS" => found.starttls = true,
                "PIPELINING" => found.pipelining = true,
                "CHUNKING" => found.chunking = true,
                "SMTPUTF8" => found.smtputf8 = true,
                "8BITMIME" => found.eight_bit_mime = true,
                "ENHANCEDSTATUSCODES" => found.enhanced_status_codes = true,
                "DSN" => found.dsn = true,
                "SIZE" => found.size = Some(words.next().and_then(|n| n.parse().ok()).unwrap_or(0)),
                "AUTH" => words.for_each(|word| found.add_mechanism(word)),
                _ => {}
            }
        }
        found
    }

    fn add_mechanism(&mut self, word: &str) {
        let mechanism = match word {
            "PLAIN" => Mechanism::Plain,
            "LOGIN" => Mechanism::Login,
            _ => return,
        };
        if !self.auth.contains(&mechanism) {
            self.auth.push(mechanism);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_read_in_any_case_and_unknown_ones_skipped() {
        let lines = [
            "PIPELINING",
            "size 35882577",
            "8bitmime",
            "DSN",
            "AUTH CRAM-MD5 LOGIN PLAIN",
            "AUTH=LOGIN",
            "X-ODD 1",
        ];
        let found = Capabilities::parse(lines.into_iter());
        assert!(found.pipelining && found.eight_bit_mime && found.dsn && !found.starttls && !found.chunking);
        assert_eq!(found.size, Some(35_882_577));
        assert_eq!(found.auth, [Mechanism::Login, Mechanism::Plain]);
    }

    #[test]
    fn a_size_without_number_names_no_limit() {
        assert_eq!(Capabilities::parse(["SIZE"].into_iter()).size, Some(0));
        assert_eq!(Capabilities::parse([].into_iter()).size, None);
    }
}
