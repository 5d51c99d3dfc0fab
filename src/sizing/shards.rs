//! How many shards the usual rule of thumb gives. It is arithmetic on figures that are yours to measure: no scenario shows it.

use super::{Calculator, Input, Output, Unit, nothing};

/// How many shards.
pub const SHARDS: Calculator = Calculator {
    name: "shards",
    title: "Shards of a Cluster",
    about: "How many masters do the data and the writes ask for? (Connections do not divide: a client of a Cluster connects to every master.)",
    inputs: &[
        Input { name: "data", unit: Unit::Bytes, default: 107_374_182_400.0, least: 0.0, most: 1e18, help: "Memory of all data" },
        Input {
            name: "per-shard",
            unit: Unit::Bytes,
            default: 17_179_869_184.0,
            least: 1.0,
            most: 1e15,
            help: "Data of one master: what your host can fork, copy and load in the time you have",
        },
        Input { name: "writes", unit: Unit::PerSecond, default: 100_000.0, least: 0.0, most: 1e12, help: "Writes a second, all together" },
        Input {
            name: "writes-per-shard",
            unit: Unit::PerSecond,
            default: 50_000.0,
            least: 1.0,
            most: 1e9,
            help: "Writes a second one master of yours was measured to take",
        },
        Input { name: "margin", unit: Unit::Factor, default: 1.25, least: 1.0, most: 10.0, help: "Times as many, for growth and for uneven keys" },
    ],
    outputs: &[
        Output { name: "for the data", unit: Unit::Count, how: "data / per-shard, rounded up" },
        Output { name: "for the writes", unit: Unit::Count, how: "writes / writes-per-shard, rounded up" },
        Output {
            name: "masters",
            unit: Unit::Count,
            how: "the larger x margin, rounded up; 3 at the least, since two have no majority without both",
        },
    ],
    compute: |inputs| {
        let data = (inputs[0] / inputs[1]).ceil();
        let writes = (inputs[2] / inputs[3]).ceil();
        vec![data, writes, (data.max(writes) * inputs[4]).ceil().max(3.0)]
    },
    refuses: nothing,
    examples: &[
        &[21_474_836_480.0, 17_179_869_184.0, 10_000.0, 50_000.0, 1.25],
        &[107_374_182_400.0, 17_179_869_184.0, 100_000.0, 50_000.0, 1.25],
        &[536_870_912_000.0, 34_359_738_368.0, 1_000_000.0, 100_000.0, 1.25],
    ],
    shown: &[],
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples that go round: 500 GB at 32 GB are 16 shards, a million writes at a hundred thousand are 10; the larger with a quarter on top is 20.
    #[test]
    fn the_larger_of_two_needs_counts() {
        let gb = 1_073_741_824.0;
        assert_eq!(SHARDS.answer(&[500.0 * gb, 32.0 * gb, 1e6, 1e5, 1.25]).expect("makes sense"), [16.0, 10.0, 20.0]);
        assert_eq!(SHARDS.answer(&[gb, 32.0 * gb, 1e6, 1e5, 1.0]).expect("makes sense"), [1.0, 10.0, 10.0]);
        assert_eq!(SHARDS.answer(&[0.0, gb, 0.0, 1e5, 1.0]).expect("makes sense"), [0.0, 0.0, 3.0]);
    }
}
