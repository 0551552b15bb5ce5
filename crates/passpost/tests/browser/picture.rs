//! Pictures of a page: light and dark, on a wide screen and on a phone.

use crate::page::Browser;
use crate::rules::{emulate, resize};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use std::path::Path;

/// The screens: their name, width and height, and how much of a long page a picture shows.
const SCREENS: [(&str, u32, u32, f64); 2] = [("wide", 1440, 700, 1100.0), ("phone", 390, 844, 1400.0)];

/// Writes `NAME-SCHEME-SCREEN.png` for every scheme and screen.
pub(crate) async fn take(browser: &Browser, folder: &Path, name: &str) {
    std::fs::create_dir_all(folder).unwrap();
    for scheme in ["light", "dark"] {
        emulate(browser, Some(scheme)).await;
        for (screen, width, height, most) in SCREENS {
            resize(browser, Some((width, height))).await;
            let tall = browser.ask("document.documentElement.scrollHeight").await.as_f64().unwrap();
            let clip = json!({
                "x": 0, "y": 0, "width": width, "height": tall.min(most), "scale": 1,
            });
            let asked = json!({ "format": "png", "clip": clip, "captureBeyondViewport": true });
            let taken = browser.chrome.devtools("Page.captureScreenshot", asked).await;
            let picture = STANDARD.decode(taken["data"].as_str().unwrap()).unwrap();
            std::fs::write(folder.join(format!("{name}-{scheme}-{screen}.png")), picture).unwrap();
        }
    }
    resize(browser, None).await;
    emulate(browser, None).await;
}
