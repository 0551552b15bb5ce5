//! The operator's colour, made readable on light and on dark ground.

use std::fmt;

/// A colour as in `#245bb0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Colour([u8; 3]);

/// The grounds of the stylesheet that text in the accent colour stands on.
const LIGHT_GROUND: Colour = Colour([0xf5, 0xf6, 0xf8]);
const DARK_GROUND: Colour = Colour([0x1a, 0x1d, 0x24]);
/// Least contrast of text (WCAG 2.2, 1.4.3), with a little to spare.
const LEAST_CONTRAST: f64 = 4.6;

impl Colour {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().strip_prefix('#').filter(|digits| digits.len() == 6)?;
        if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// Black or white, whichever has more contrast on this colour.
    pub(crate) fn ink(self) -> &'static str {
        let (black, white) = (Self([0; 3]), Self([255; 3]));
        if contrast(self, black) > contrast(self, white) { "#000000" } else { "#ffffff" }
    }

    /// This colour, darkened until it can be read on light ground.
    pub(crate) fn on_light(self) -> Self {
        self.towards(Self([0; 3]), LIGHT_GROUND)
    }

    /// This colour, lightened until it can be read on dark ground.
    pub(crate) fn on_dark(self) -> Self {
        self.towards(Self([255; 3]), DARK_GROUND)
    }

    fn towards(self, end: Self, ground: Self) -> Self {
        let mix = |step: u16| {
            let part = |place: usize| {
                let (from, to) = (u16::from(self.0[place]), u16::from(end.0[place]));
                u8::try_from((from * (32 - step) + to * step) / 32).unwrap_or(to as u8)
            };
            Self([part(0), part(1), part(2)])
        };
        (0..=32).map(mix).find(|mixed| contrast(*mixed, ground) >= LEAST_CONTRAST).unwrap_or(end)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let part = f64::from(channel) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (a, b) = (one.luminance(), other.luminance());
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_accent_can_be_read_on_both_grounds() {
        for text in ["#000000", "#ffffff", "#ffee00", "#245bb0", "#ff0000", "#808080", "#00ff88"] {
            let accent = Colour::parse(text).unwrap();
            assert!(contrast(accent.on_light(), LIGHT_GROUND) >= 4.5, "{text}");
            assert!(contrast(accent.on_dark(), DARK_GROUND) >= 4.5, "{text}");
            assert!(contrast(accent, Colour::parse(accent.ink()).unwrap()) >= 4.5, "{text}");
        }
    }

    #[test]
    fn only_six_hexadecimal_digits_are_a_colour() {
        for bad in ["", "red", "#fff", "#1f6feg", "#+1+2+3", "#1f6feb;}"] {
            assert_eq!(Colour::parse(bad), None, "{bad}");
        }
    }
}
