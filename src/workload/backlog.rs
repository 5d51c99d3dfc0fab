//! How large a replication backlog has to be, by the rule of thumb: the longest outage to survive, times the bytes written a second, times a margin.
//!
//! You are in the right place for the arithmetic alone; that a replica continues below that size and copies everything above it, scenarios show.

use std::time::Duration;

/// The smallest backlog a server accepts (`CONFIG_REPL_BACKLOG_MIN_SIZE` in redis 7.0 to 8.0 and valkey 8.1): a smaller setting is raised to it.
const SMALLEST: u64 = 16 * 1024;

/// Bytes of backlog with which a replica can be away for `outage` while the master's stream grows by `rate` bytes a second, with `margin` times
/// as much room. The rate is that of `master_repl_offset`, commands and all, not that of the values alone.
///
/// What does not fit is the largest number there is.
pub fn size_for(outage: Duration, rate: u64, margin: u64) -> u64 {
    let bytes = (outage.as_millis().saturating_mul(u128::from(rate)) / 1000).saturating_mul(u128::from(margin));
    u64::try_from(bytes).unwrap_or(u64::MAX).max(SMALLEST)
}

/// How long a replica may be away with a backlog of this size, at this rate; `None` where nothing is written.
pub fn lasts(size: u64, rate: u64) -> Option<Duration> {
    let millis = u128::from(size) * 1000 / u128::from(rate).max(1);
    (rate > 0).then(|| Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn ten_kilobytes_a_second_for_a_minute_twice_over_are_1_2_megabytes() {
        assert_eq!(size_for(MINUTE, 10_000, 2), 1_200_000);
        // With kilobytes of 1024 it is 1.17 MiB, which is how the same rule is often quoted.
        let mebibytes = size_for(MINUTE, 10 * 1024, 2) as f64 / f64::from(1 << 20);
        assert!((mebibytes - 1.17).abs() < 0.005, "{mebibytes}");
    }

    #[test]
    fn every_factor_counts() {
        assert_eq!(size_for(MINUTE, 10_000, 1), 600_000);
        assert_eq!(size_for(MINUTE, 20_000, 1), 1_200_000);
        assert_eq!(size_for(2 * MINUTE, 10_000, 1), 1_200_000);
        assert_eq!(size_for(Duration::from_millis(1500), 100_000, 1), 150_000);
    }

    #[test]
    fn nothing_is_smaller_than_a_server_allows_nor_larger_than_a_number() {
        assert_eq!(size_for(Duration::ZERO, 10_000, 2), SMALLEST);
        assert_eq!(size_for(Duration::from_secs(u64::MAX), u64::MAX, 2), u64::MAX);
    }

    #[test]
    fn the_default_of_redis_lasts_half_a_second_at_two_megabytes_a_second() {
        assert_eq!(lasts(1 << 20, 2_000_000), Some(Duration::from_millis(524)));
        assert_eq!(lasts(1 << 20, 0), None);
        assert_eq!(lasts(u64::MAX, 1), Some(Duration::from_millis(u64::MAX)));
    }
}
