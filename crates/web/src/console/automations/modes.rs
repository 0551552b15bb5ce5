//! When an old password stops working, as forms name it.

use domain::credential::Mode;

/// Every mode, the usual one first.
pub(in crate::console) const MODES: [Mode; 3] = [Mode::AfterAcceptance, Mode::RevokeNow, Mode::KeepUntilUsed];

/// The mode of this name.
pub(in crate::console) fn named(name: &str) -> Option<Mode> {
    MODES.into_iter().find(|mode| mode.as_str() == name)
}
