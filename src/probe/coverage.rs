//! Coverage: for which time a watcher was watching. A sentence about a span ("stays", "no ... becomes") holds only where somebody looked all through it.
//!
//! You are in the right place when a scenario is unknown because nobody saw its node for a while. Pure: who watches notes it here, who judges asks for the gaps.

/// A watcher that asks again and again sees what it asks about every 50 ms (roles) or every quarter of a second (observables). It may miss a few answers on a busy machine; what lies between
/// two answers further apart than this was not watched.
pub const BEARABLE_MS: u64 = 1000;

/// Milliseconds on the scenario's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    pub from_ms: u64,
    pub to_ms: u64,
}

/// Spans in which a watcher was watching, in order; times are milliseconds on the scenario's clock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    spans: Vec<(u64, u64)>,
    /// Whether the last span goes on: a connection that hears what comes, until it ends.
    open: bool,
}

impl Coverage {
    /// A watcher that asks has had an answer. It continues the span before it if that is near enough.
    pub fn sight(&mut self, at_ms: u64) {
        match self.spans.last_mut() {
            Some((_, to)) if at_ms <= *to + BEARABLE_MS => *to = at_ms.max(*to),
            _ => self.spans.push((at_ms, at_ms)),
        }
    }

    /// A watcher that hears by itself (a subscription, a capture) begins to.
    pub fn begin(&mut self, at_ms: u64) {
        self.spans.push((at_ms, at_ms));
        self.open = true;
    }

    /// It hears no more.
    pub fn end(&mut self, at_ms: u64) {
        if let (true, Some((_, to))) = (self.open, self.spans.last_mut()) {
            *to = at_ms;
        }
        self.open = false;
    }

    /// Whether it hears now.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Parts of `from_ms..=to_ms` that were not watched and are longer than what a watcher may miss, without those that lie inside `excused`.
    pub fn gaps(&self, from_ms: u64, to_ms: u64, excused: &[Gap]) -> Vec<Gap> {
        let last = self.spans.len().saturating_sub(1);
        let watched = self.spans.iter().enumerate().map(|(n, (from, to))| (*from, if self.open && n == last { u64::MAX } else { *to }));
        let known = watched.chain(excused.iter().map(|gap| (gap.from_ms, gap.to_ms)));
        let mut known: Vec<(u64, u64)> = known.filter(|(from, to)| *to >= from_ms && *from <= to_ms).collect();
        known.sort_unstable();
        let (mut gaps, mut reached) = (Vec::new(), from_ms);
        for (from, to) in known.into_iter().chain([(to_ms, to_ms)]) {
            if from.saturating_sub(reached) > BEARABLE_MS {
                gaps.push(Gap { from_ms: reached, to_ms: from });
            }
            reached = reached.max(to);
        }
        gaps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(times: impl IntoIterator<Item = u64>) -> Coverage {
        let mut coverage = Coverage::default();
        times.into_iter().for_each(|at| coverage.sight(at));
        coverage
    }

    fn gap(from_ms: u64, to_ms: u64) -> Gap {
        Gap { from_ms, to_ms }
    }

    #[test]
    fn a_node_that_dies_in_the_middle_was_not_seen_to_the_end() {
        let coverage = asked((0..60).map(|n| n * 50));
        assert_eq!(coverage.gaps(0, 2950, &[]), []);
        assert_eq!(coverage.gaps(1000, 12_000, &[]), [gap(2950, 12_000)]);
    }

    #[test]
    fn a_node_never_seen_leaves_the_whole_span_and_one_seen_late_its_beginning() {
        assert_eq!(Coverage::default().gaps(1000, 5000, &[]), [gap(1000, 5000)]);
        assert_eq!(asked([4000, 4900]).gaps(1000, 5000, &[]), [gap(1000, 4000)]);
    }

    #[test]
    fn a_few_missed_answers_are_borne_and_a_silence_is_not() {
        assert_eq!(asked([0, 900, 1800, 2700]).gaps(0, 3000, &[]), []);
        assert_eq!(asked([0, 900, 2800, 3000]).gaps(0, 3000, &[]), [gap(900, 2800)]);
    }

    #[test]
    fn time_in_which_the_scenario_had_it_ended_is_excused_and_what_is_left_counts() {
        let coverage = asked([0, 500, 5000, 5500]);
        assert_eq!(coverage.gaps(0, 5500, &[gap(600, 4800)]), []);
        assert_eq!(coverage.gaps(0, 5500, &[gap(600, 2000)]), [gap(2000, 5000)]);
        assert_eq!(coverage.gaps(0, 9000, &[gap(600, 4800), gap(5600, u64::MAX)]), []);
    }

    #[test]
    fn a_connection_watches_until_it_ends_and_again_once_it_is_made_anew() {
        let mut coverage = Coverage::default();
        coverage.begin(100);
        assert_eq!(coverage.gaps(100, 60_000, &[]), []);
        coverage.end(3000);
        assert_eq!(coverage.gaps(100, 9000, &[]), [gap(3000, 9000)]);
        coverage.begin(6000);
        assert_eq!(coverage.gaps(100, 9000, &[]), [gap(3000, 6000)]);
        assert!(coverage.is_open());
    }
}
