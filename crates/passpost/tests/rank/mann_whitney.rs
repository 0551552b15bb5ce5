//! The rank test of Mann and Whitney: whether two samples can be told apart by size.

/// The standard score of the rank sum, by the normal approximation corrected for ties: far from zero when one sample
/// tends to be larger. Both samples need some dozens of values.
pub(crate) fn score(one: &[u64], other: &[u64]) -> f64 {
    let mut all: Vec<(u64, bool)> =
        one.iter().map(|v| (*v, true)).chain(other.iter().map(|v| (*v, false))).collect();
    all.sort_unstable();
    let (n1, n2) = (one.len() as f64, other.len() as f64);
    let total = n1 + n2;
    let (mut rank_sum, mut ties, mut place) = (0.0, 0.0, 0);
    while place < all.len() {
        let same = all[place..].iter().take_while(|(value, _)| *value == all[place].0).count();
        // Ranks count from one; equal values share the middle of theirs.
        let rank = place as f64 + (same as f64 + 1.0) / 2.0;
        rank_sum += rank * all[place..place + same].iter().filter(|(_, is_one)| *is_one).count() as f64;
        ties += (same as f64).powi(3) - same as f64;
        place += same;
    }
    let u = rank_sum - n1 * (n1 + 1.0) / 2.0;
    let variance = n1 * n2 / 12.0 * (total + 1.0 - ties / (total * (total - 1.0)));
    if variance > 0.0 { (u - n1 * n2 / 2.0) / variance.sqrt() } else { 0.0 }
}

/// Beyond this score two samples count as told apart: by chance once in a thousand times, so that twice in a row is once
/// in a million.
pub(crate) const APART: f64 = 3.29;

/// SplitMix64.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// In a random order: what the work for one request does to the next one then meets every kind alike.
    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for place in (1..all.len()).rev() {
            let other = usize::try_from(self.next() % (place as u64 + 1)).unwrap_or(0);
            all.swap(place, other);
        }
    }
}

#[test]
fn the_score_is_that_of_the_textbook() {
    // Rank sum 17.5, so U = 2.5 of 25; mean 12.5, variance 25/12 · (11 − 6/90).
    let score = score(&[1, 2, 3, 4, 6], &[4, 5, 7, 8, 9]);
    assert!((score + 2.0953).abs() < 0.0001, "{score}");
    assert_eq!(self::score(&[5; 40], &[5; 40]).abs(), 0.0);
}

#[test]
fn a_delay_of_a_fifth_of_the_noise_is_found_and_none_is_not() {
    let mut random = Random(7);
    let mut sample = |more: u64| -> Vec<u64> {
        (0..500).map(|_| 1_000 + more + (0..4).map(|_| random.next() % 250).sum::<u64>()).collect()
    };
    let (one, same, later) = (sample(0), sample(0), sample(60));
    assert!(score(&one, &same).abs() < APART, "{}", score(&one, &same));
    assert!(score(&one, &later) < -APART, "{}", score(&one, &later));
}
