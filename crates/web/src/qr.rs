//! A QR code as a drawing of the page itself: one path, no picture to load.

use domain::secret::Secret;
use qrcode::types::Color;
use qrcode::{EcLevel, QrCode};
use std::fmt::Write as _;

/// Light modules around the code (ISO/IEC 18004: four).
const MARGIN: usize = 4;

/// A QR code for an inline SVG.
#[derive(Debug)]
pub(crate) struct Qr {
    /// Modules in a row, margin and all.
    pub(crate) size: usize,
    /// The dark modules. Secret, as it says what the code says.
    pub(crate) path: Secret,
}

impl Qr {
    /// `None`: the text is too long for a code.
    pub(crate) fn of(text: &Secret) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::with_capacity(width * width * 6);
        for (row, modules) in code.to_colors().chunks(width).enumerate() {
            let mut column = 0;
            while column < width {
                let run = modules[column..].iter().take_while(|color| **color == Color::Dark).count();
                if run > 0 {
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", column + MARGIN, row + MARGIN);
                }
                column += run.max(1);
            }
        }
        Some(Self { size: width + 2 * MARGIN, path: Secret::new(path) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules of the path, drawn again.
    fn drawn(qr: &Qr) -> Vec<Vec<bool>> {
        let mut rows = vec![vec![false; qr.size]; qr.size];
        for piece in qr.path.expose().split('M').skip(1) {
            let (place, run) = piece.split_once('h').unwrap();
            let (x, y) = place.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let run: usize = run.split_once('v').unwrap().0.parse().unwrap();
            rows[y][x..x + run].fill(true);
        }
        rows
    }

    #[test]
    fn the_path_draws_every_dark_module_within_its_margin() {
        let text = Secret::new("otpauth://totp/School:olga?secret=GEZDGNBVGY3TQOJQ&issuer=School".into());
        let qr = Qr::of(&text).unwrap();
        let code = QrCode::with_error_correction_level(text.expose(), EcLevel::M).unwrap();
        let rows = drawn(&qr);
        for (y, row) in rows.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside =
                    (MARGIN..qr.size - MARGIN).contains(&x) && (MARGIN..qr.size - MARGIN).contains(&y);
                let wanted = inside && code[(x - MARGIN, y - MARGIN)] == Color::Dark;
                assert_eq!(*dark, wanted, "{x} {y}");
            }
        }
        assert!(Qr::of(&Secret::new("x".repeat(5_000))).is_none());
    }
}
