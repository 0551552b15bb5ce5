//! When to kill: random moments that spread over the whole run, from a seed that can be given again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// A moment in the life of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So long after it was started: while it opens the database, rescues, claims its first chunk.
    WhileStarting(Duration),
    /// When the relay has stored so many more mails, and a little later.
    AfterMails { more: usize, wait: Duration },
}

/// A source of moments.
#[derive(Debug)]
pub(crate) struct Moments {
    /// What they follow from; set the variable `KILL_SEED` to draw them again. It has not our prefix: the program would
    /// take it for a setting it does not know.
    pub(crate) seed: u64,
    state: u64,
}

impl Moments {
    /// Moments of their own for each name.
    pub(crate) fn seeded(name: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a test is told its seed like this, not by a setting")]
        let given = std::env::var("KILL_SEED").ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| testkit::inspection::now_ms().unsigned_abs());
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        eprintln!("{name}: KILL_SEED={seed}");
        Self { seed, state: seed ^ hasher.finish() }
    }

    /// The next one, when so many people are to be mailed yet and so many kills are left: on average they use up the
    /// people together.
    pub(crate) fn draw(&mut self, people: usize, kills: usize) -> Moment {
        if self.below(6) == 0 {
            return Moment::WhileStarting(Duration::from_millis(self.below(250)));
        }
        // A kill while starting mails nobody, and what is on the wire at a kill is stored as well.
        let most = (2 * people / (kills + 2)).saturating_sub(6).max(1);
        let more = 1 + self.below(most as u64) as usize;
        Moment::AfterMails { more, wait: Duration::from_micros(self.below(60_000)) }
    }

    /// A number below this one: SplitMix64.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
