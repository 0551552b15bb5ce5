//! How the relay is logged in to: PLAIN or LOGIN, compared with what the script wants.

use super::super::script::{Auth, Stage};
use super::{Mode, Over, Session};
use std::sync::atomic::Ordering;

impl Session {
    pub(super) async fn auth(&mut self, rest: &str) -> Result<(), Over> {
        if !self.react(Stage::Auth, "", "").await? {
            return Ok(());
        }
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let plain = mechanism.eq_ignore_ascii_case("PLAIN");
        self.mode = Mode::Login(Vec::new(), plain);
        if initial.is_empty() {
            self.say(if plain { "334 " } else { "334 VXNlcm5hbWU6" });
        } else {
            self.login_answer(initial.to_owned());
        }
        Ok(())
    }

    pub(super) fn login_answer(&mut self, line: String) {
        let Mode::Login(answers, plain) = &mut self.mode else { return };
        answers.push(line);
        if !*plain && answers.len() < 2 {
            return self.say("334 UGFzc3dvcmQ6");
        }
        let right = match &self.shared.script.auth {
            Auth::Required { user, password } | Auth::Only { user, password, .. } => {
                let expected = if *plain {
                    vec![base64(format!("\0{user}\0{password}").as_bytes())]
                } else {
                    vec![base64(user.as_bytes()), base64(password.as_bytes())]
                };
                *answers == expected
            }
            Auth::None | Auth::Refused => false,
        };
        self.mode = Mode::Command;
        self.logged_in = right;
        if right {
            self.shared.logins.fetch_add(1, Ordering::Relaxed);
            self.say("235 2.7.0 Welcome");
        } else {
            self.say("535 5.7.8 Authentication failed");
        }
    }
}

/// Base64 with padding, to compare logins with.
fn base64(octets: &[u8]) -> String {
    const SYMBOLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in octets.chunks(3) {
        let bits =
            part.iter().fold(0u32, |bits, octet| bits << 8 | u32::from(*octet)) << (8 * (3 - part.len()));
        for place in 0..4 {
            let symbol = SYMBOLS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > part.len() { '=' } else { char::from(symbol) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_pads_as_others_do() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"hunter2"), "aHVudGVyMg==");
        assert_eq!(base64(b"\0u\0hunter2"), "AHUAaHVudGVyMg==");
        assert_eq!(base64(b"abc"), "YWJj");
    }
}
