//! What the walks are told from outside, read in this one place.

use std::path::PathBuf;
use std::sync::LazyLock;

/// The variables of this test.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where pictures of the pages go, if any are wanted.
    pub(crate) pictures: Option<PathBuf>,
    /// axe-core's own file, if its rules are to be asked.
    pub(crate) axe: Option<PathBuf>,
    /// The driver of the browser.
    pub(crate) driver: PathBuf,
}

pub(crate) static SETTINGS: LazyLock<Settings> = LazyLock::new(|| {
    let path = |name: &str| {
        #[expect(
            clippy::disallowed_methods,
            reason = "no setting of the program: what a developer asks of a test"
        )]
        std::env::var(name).ok().filter(|value| !value.is_empty()).map(PathBuf::from)
    };
    // Tests run in their crate's folder; a relative path means the one of the workspace.
    let from_root = |path: PathBuf| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path);
    Settings {
        pictures: path("PASSPOST_PICTURES").map(from_root),
        axe: path("AXE_CORE").map(from_root),
        driver: path("PASSPOST_CHROMEDRIVER").unwrap_or_else(|| "chromedriver".into()),
    }
});
