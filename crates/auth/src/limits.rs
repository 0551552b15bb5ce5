//! How many guesses are free, how long to wait then, and when a password is disabled (3-safety 4.4).
//!
//! Left out so far: sparing a known device the waits. Whoever is being guessed at gets in by a mailed
//! password, which no guessing can throttle.

use crate::keys::Keys;
use store::credential_login::Account;
use store::rate::Limit;
use store::second_factor::Waits;

/// Waits after wrong codes of a second factor: five are free, then 30 seconds, from the tenth on a quarter of an hour.
pub(crate) const CODE_WAITS: Waits = Waits { free: 5, short_ms: 30_000, many: 10, long_ms: 15 * 60_000 };

/// Limits of signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginLimits {
    /// Wrong passwords in a row before waits begin.
    pub free: i64,
    /// The longest wait, in milliseconds.
    pub longest_wait_ms: i64,
    /// Wrong passwords in a row that disable the password until it is reset by mail.
    pub most: i64,
    /// Failed sign-ins of one network in a minute.
    pub network_minute: Limit,
    /// Failed sign-ins of one network in an hour.
    pub network_hour: Limit,
    /// Wrong one-time links of one network.
    pub bad_tokens: Limit,
}

/// Limits of asking for personal links (3-safety 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResetLimits {
    /// Requests of one network.
    pub network: Limit,
    /// Requests of one network while a mailing is recent, so that a whole class behind one address is not shut out.
    pub network_during_mailing: Limit,
    /// How long after its end a mailing is recent, in milliseconds.
    pub mailing_recent_ms: i64,
    /// Requests of everybody together.
    pub everybody: Limit,
    /// Mails to one mailbox: they are this far apart,
    pub mailbox_apart: Limit,
    /// so many in an hour,
    pub mailbox_hour: Limit,
    /// and so many in a day.
    pub mailbox_day: Limit,
    /// Passwords one link may be tried with that do not keep the rules.
    pub unfit: Limit,
    /// Changes of address one account may ask for in an hour,
    pub address_hour: Limit,
    /// and in a day.
    pub address_day: Limit,
}

impl Default for ResetLimits {
    fn default() -> Self {
        Self {
            network: Limit { most: 10, window_ms: 10 * 60_000 },
            network_during_mailing: Limit { most: 500, window_ms: 10 * 60_000 },
            mailing_recent_ms: 72 * 60 * 60_000,
            everybody: Limit { most: 20, window_ms: 1_000 },
            mailbox_apart: Limit { most: 1, window_ms: 60_000 },
            mailbox_hour: Limit { most: 3, window_ms: 60 * 60_000 },
            mailbox_day: Limit { most: 6, window_ms: 24 * 60 * 60_000 },
            unfit: Limit { most: 20, window_ms: 24 * 60 * 60_000 },
            address_hour: Limit { most: 5, window_ms: 60 * 60_000 },
            address_day: Limit { most: 10, window_ms: 24 * 60 * 60_000 },
        }
    }
}

impl ResetLimits {
    /// The buckets of one mailbox with their limits, the narrowest first.
    #[must_use]
    pub fn of_mailbox(&self, keys: &Keys, envelope: &str) -> [(String, Limit); 3] {
        self.buckets(["reset_mailbox_apart", "reset_mailbox_hour", "reset_mailbox_day"], keys, envelope)
    }

    /// The buckets of one mailbox for mails that have something confirmed. They are as wide, and apart from the others: who
    /// changes subscriptions can still ask for a link.
    #[must_use]
    pub fn of_confirming_mailbox(&self, keys: &Keys, envelope: &str) -> [(String, Limit); 3] {
        self.buckets(["confirm_mailbox_apart", "confirm_mailbox_hour", "confirm_mailbox_day"], keys, envelope)
    }

    fn buckets(&self, names: [&str; 3], keys: &Keys, envelope: &str) -> [(String, Limit); 3] {
        let [apart, hour, day] = names.map(|name| keys.bucket(name, envelope));
        [(apart, self.mailbox_apart), (hour, self.mailbox_hour), (day, self.mailbox_day)]
    }

    /// The buckets of one account for changes of address, whatever mailboxes they name.
    #[must_use]
    pub fn of_address_changes(&self, keys: &Keys, account: &str) -> [(String, Limit); 2] {
        [("address_account_hour", self.address_hour), ("address_account_day", self.address_day)]
            .map(|(name, limit)| (keys.bucket(name, account), limit))
    }
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self {
            free: 5,
            longest_wait_ms: 15 * 60_000,
            most: 100,
            network_minute: Limit { most: 20, window_ms: 60_000 },
            network_hour: Limit { most: 200, window_ms: 60 * 60_000 },
            bad_tokens: Limit { most: 10, window_ms: 60_000 },
        }
    }
}

impl LoginLimits {
    /// The limits as they may be configured: never more than 100 guesses in a row, whatever the
    /// setting says (NIST SP 800-63B-4 §3.2.2).
    #[must_use]
    pub fn bounded(self) -> Self {
        Self { free: self.free.clamp(1, 20), most: self.most.clamp(1, 100), ..self }
    }

    /// How long to wait after so many wrong passwords, in milliseconds: 1 s, 2 s, 4 s, … 15 min.
    #[must_use]
    pub fn wait_ms(&self, failed: i64) -> i64 {
        match u32::try_from(failed - self.free) {
            Ok(more) => 1_000_i64.checked_shl(more.min(30)).unwrap_or(i64::MAX).min(self.longest_wait_ms),
            Err(_) => 0,
        }
    }

    /// Whether so many wrong passwords and codes in a row have disabled the password.
    #[must_use]
    pub fn is_spent(&self, failed: i64) -> bool {
        failed >= self.bounded().most
    }

    /// Whether a guess at the chosen password may be looked at now.
    #[must_use]
    pub fn allow(&self, account: &Account, now_ms: i64) -> bool {
        let limits = self.bounded();
        if account.failed_logins >= limits.most {
            return false;
        }
        let wait = limits.wait_ms(account.failed_logins);
        // A time that lies further ahead than any wait comes from a clock that was set back.
        account.failed_login_at.is_none_or(|at| at + wait <= now_ms || at > now_ms + limits.longest_wait_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_guesses_are_free_and_waits_double_to_a_quarter_of_an_hour() {
        let limits = LoginLimits::default();
        let waits: Vec<i64> = [0, 4, 5, 6, 7, 14, 15, 99, 5_000].map(|failed| limits.wait_ms(failed)).into();
        assert_eq!(waits, [0, 0, 1_000, 2_000, 4_000, 512_000, 900_000, 900_000, 900_000]);
    }

    #[test]
    fn huge_settings_do_not_lift_the_hundred() {
        let limits = LoginLimits { most: i64::MAX, free: i64::MAX, ..LoginLimits::default() }.bounded();
        assert_eq!((limits.most, limits.free), (100, 20));
    }
}
