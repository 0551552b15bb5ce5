//! Pace: at most so many messages a minute, spread evenly, per relay and, for direct delivery, per domain.

use std::collections::HashMap;

const MINUTE_NS: i64 = 60_000_000_000;
const MS_NS: i64 = 1_000_000;

/// A limit of messages per minute that holds in *every* minute, not only on average.
///
/// Messages leave evenly. A small stock, a hundredth of the limit, evens out late wake-ups; it is taken off
/// the even rate beforehand, so no window of a minute sees more than the limit and the rate stays within
/// 1 % of it. The stock begins empty: two processes or a restart do not add up to a burst.
#[derive(Debug, Clone)]
pub struct Pace {
    /// Nanoseconds between two messages.
    interval: i64,
    /// Messages that may leave at once after a pause.
    stock: i64,
    /// When the next message would leave if all left evenly, nanoseconds since 1970.
    next: i64,
}

/// What may leave now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Granted {
    /// How many of those asked for.
    pub messages: u32,
    /// Milliseconds until the next one; 0 when all were granted.
    pub wait_ms: i64,
}

impl Pace {
    /// A limit from now on. Zero counts as one. With several nodes each gets its share of the limit.
    #[must_use]
    pub fn new(per_minute: u32, now_ms: i64) -> Self {
        let limit = i64::from(per_minute.max(1));
        let stock = (limit / 100).max(1);
        let even = limit - (stock - 1);
        let interval = (MINUTE_NS + even - 1) / even;
        Self { interval, stock, next: now_ms.saturating_mul(MS_NS).saturating_add(interval * (stock - 1)) }
    }

    /// Takes up to `wanted` messages at a moment; time never runs backwards for it.
    pub fn take(&mut self, wanted: u32, now_ms: i64) -> Granted {
        let now = now_ms.saturating_mul(MS_NS);
        // The earliest that counts: the stock holds no more than `stock` messages.
        let mut next = self.next.max(now);
        let latest = now.saturating_add(self.interval * (self.stock - 1));
        let mut free = if next > latest { 0 } else { (latest - next) / self.interval + 1 };
        free = free.min(i64::from(wanted));
        next += free * self.interval;
        if free > 0 {
            self.next = next;
        }
        let messages = u32::try_from(free).unwrap_or(0);
        let wait = if messages == wanted { 0 } else { (next - latest).max(1) };
        Granted { messages, wait_ms: (wait + MS_NS - 1) / MS_NS }
    }

    /// Takes the next place for one message, before everybody who asks later; says in how many milliseconds it may
    /// leave. So a single mail is never kept waiting by a run, and the limit holds all the same.
    pub fn reserve(&mut self, now_ms: i64) -> i64 {
        let now = now_ms.saturating_mul(MS_NS);
        let next = self.next.max(now);
        let latest = now.saturating_add(self.interval * (self.stock - 1));
        self.next = next.saturating_add(self.interval);
        ((next - latest).max(0) + MS_NS - 1) / MS_NS
    }

    /// Gives back messages that were granted and not sent.
    pub fn give_back(&mut self, messages: u32) {
        self.next = self.next.saturating_sub(self.interval * i64::from(messages));
    }

    /// Whether nothing was taken lately: a new pace would be the same.
    fn is_idle(&self, now_ms: i64) -> bool {
        self.next <= now_ms.saturating_mul(MS_NS)
    }
}

/// Limits towards one receiving domain.
///
/// They are for delivery straight to the receivers. Behind a relay that delivers for us (a smart host) the
/// receivers see that relay and not us, so they are off there: use [`PerDomain::off`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DomainLimits {
    /// Connections at a time.
    pub connections: u32,
    /// Messages per minute at the start; doubled by success.
    pub per_minute: u32,
    /// Messages per minute it may grow to.
    pub most_per_minute: u32,
}

impl Default for DomainLimits {
    fn default() -> Self {
        Self { connections: 5, per_minute: 60, most_per_minute: 600 }
    }
}

/// The most domains remembered at a time; idle ones are forgotten first.
const MOST_DOMAINS: usize = 20_000;

/// Pace and connections per receiving domain.
#[derive(Debug, Clone)]
pub struct PerDomain {
    limits: Option<DomainLimits>,
    domains: HashMap<String, Domain>,
}

#[derive(Debug, Clone)]
struct Domain {
    pace: Pace,
    per_minute: u32,
    accepted: u32,
    connections: u32,
}

impl PerDomain {
    /// No limits: a relay delivers for us.
    #[must_use]
    pub fn off() -> Self {
        Self { limits: None, domains: HashMap::new() }
    }

    /// With limits.
    #[must_use]
    pub fn new(limits: DomainLimits) -> Self {
        Self { limits: Some(limits), domains: HashMap::new() }
    }

    /// Takes up to `wanted` messages to a domain.
    pub fn take(&mut self, domain: &str, wanted: u32, now_ms: i64) -> Granted {
        match self.domain(domain, now_ms) {
            Some(domain) => domain.pace.take(wanted, now_ms),
            None => Granted { messages: wanted, wait_ms: 0 },
        }
    }

    /// Whether one more connection to a domain may be opened; it counts until [`PerDomain::closed`].
    pub fn open(&mut self, domain: &str, now_ms: i64) -> bool {
        let Some(limits) = self.limits else { return true };
        let Some(domain) = self.domain(domain, now_ms) else { return true };
        let fits = domain.connections < limits.connections;
        domain.connections += u32::from(fits);
        fits
    }

    /// A connection to a domain was closed.
    pub fn closed(&mut self, domain: &str) {
        if let Some(domain) = self.domains.get_mut(domain) {
            domain.connections = domain.connections.saturating_sub(1);
        }
    }

    /// A domain took messages: after a full minute's worth the limit doubles.
    pub fn accepted(&mut self, domain: &str, messages: u32, now_ms: i64) {
        let Some(limits) = self.limits else { return };
        let Some(domain) = self.domain(domain, now_ms) else { return };
        domain.accepted = domain.accepted.saturating_add(messages);
        if domain.accepted >= domain.per_minute && domain.per_minute < limits.most_per_minute {
            domain.set(domain.per_minute.saturating_mul(2).min(limits.most_per_minute), now_ms);
        }
    }

    /// A domain wants less (4.7.x): the limit halves.
    pub fn slow_down(&mut self, domain: &str, now_ms: i64) {
        if let Some(domain) = self.domain(domain, now_ms) {
            domain.set((domain.per_minute / 2).max(1), now_ms);
        }
    }

    fn domain(&mut self, name: &str, now_ms: i64) -> Option<&mut Domain> {
        let limits = self.limits?;
        if self.domains.len() >= MOST_DOMAINS && !self.domains.contains_key(name) {
            self.domains.retain(|_, domain| domain.connections > 0 || !domain.pace.is_idle(now_ms));
        }
        Some(self.domains.entry(name.to_owned()).or_insert_with(|| Domain {
            pace: Pace::new(limits.per_minute, now_ms),
            per_minute: limits.per_minute,
            accepted: 0,
            connections: 0,
        }))
    }
}

impl Domain {
    fn set(&mut self, per_minute: u32, now_ms: i64) {
        self.per_minute = per_minute;
        self.accepted = 0;
        self.pace = Pace::new(per_minute, now_ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sends as fast as allowed for some minutes, waking up late by up to `late_ms`; returns the moments.
    fn send(per_minute: u32, minutes: i64, late_ms: i64, batch: u32) -> Vec<i64> {
        let mut pace = Pace::new(per_minute, 0);
        let mut now = 0;
        let mut sent = Vec::new();
        let mut round = 0;
        while now < minutes * 60_000 {
            let granted = pace.take(batch, now);
            sent.extend(std::iter::repeat_n(now, granted.messages as usize));
            round += 1;
            now += granted.wait_ms + (round * 7) % (late_ms + 1);
        }
        sent
    }

    fn most_in_a_minute(sent: &[i64]) -> usize {
        let mut first = 0;
        let mut most = 0;
        for (last, at) in sent.iter().enumerate() {
            while sent[first] + 60_000 <= *at {
                first += 1;
            }
            most = most.max(last - first + 1);
        }
        most
    }

    #[test]
    fn a_hundred_a_second_is_held_within_two_percent() {
        let sent = send(6_000, 10, 5, 50);
        let rate = sent.len() as f64 / 10.0;
        assert!((5_880.0..=6_000.0).contains(&rate), "{rate} a minute");
    }

    #[test]
    fn a_slow_limit_is_even_from_the_first_message() {
        let mut pace = Pace::new(60, 0);
        assert_eq!(pace.take(5, 0), Granted { messages: 1, wait_ms: 1_000 });
        assert_eq!(pace.take(5, 999), Granted { messages: 0, wait_ms: 1 });
        assert_eq!(pace.take(5, 1_000).messages, 1);
        assert_eq!(pace.take(5, 90_000).messages, 1, "a pause saves nothing up");
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let mut pace = Pace::new(60, 0);
        assert_eq!(pace.take(1, 0).messages, 1);
        pace.give_back(1);
        assert_eq!(pace.take(1, 0).messages, 1);
        assert_eq!(pace.take(1, 0).messages, 0);
    }

    #[test]
    fn a_reserved_place_comes_before_whoever_asks_later_and_counts() {
        let mut pace = Pace::new(60, 0);
        assert_eq!(pace.take(500, 0).messages, 1, "a run takes what there is");
        assert_eq!(pace.reserve(200), 800, "the next one is the notice's");
        assert_eq!(pace.take(500, 1_000).messages, 0);
        assert_eq!(pace.take(500, 1_999).messages, 0);
        assert_eq!(pace.take(500, 2_000).messages, 1, "and the run goes on after it");
        assert_eq!(pace.reserve(90_000), 0);
    }

    #[test]
    fn a_restart_does_not_add_up_to_more() {
        let mut sent = send(6_000, 1, 0, 100);
        sent.extend(send(6_000, 1, 0, 100).iter().map(|at| at + 60_000 - 1));
        assert!(most_in_a_minute(&sent) <= 6_000, "{}", most_in_a_minute(&sent));
    }

    proptest! {
        #[test]
        fn no_minute_ever_sees_more_than_the_limit(limit in 1_u32..20_000, late in 0_i64..900, batch in 1_u32..500) {
            let sent = send(limit, 3, late, batch);
            prop_assert!(most_in_a_minute(&sent) <= limit as usize);
        }
    }

    #[test]
    fn a_domain_speeds_up_by_success_and_slows_down_when_asked() {
        let mut domains = PerDomain::new(DomainLimits::default());
        assert_eq!(domains.take("a.example", 10, 0).messages, 1);
        assert_eq!(domains.take("b.example", 10, 0).messages, 1, "each domain for itself");
        domains.accepted("a.example", 60, 60_000);
        assert_eq!(domains.take("a.example", 10, 60_000), Granted { messages: 1, wait_ms: 500 });
        domains.slow_down("a.example", 120_000);
        assert_eq!(domains.take("a.example", 10, 120_000), Granted { messages: 1, wait_ms: 1_000 });
    }

    #[test]
    fn a_domain_gets_five_connections_and_a_smart_host_any_number() {
        let mut domains = PerDomain::new(DomainLimits::default());
        assert_eq!((0..9).filter(|_| domains.open("a.example", 0)).count(), 5);
        domains.closed("a.example");
        assert!(domains.open("a.example", 0));
        let mut off = PerDomain::off();
        assert!((0..99).all(|_| off.open("a.example", 0)));
        assert_eq!(off.take("a.example", 500, 0), Granted { messages: 500, wait_ms: 0 });
    }
}
