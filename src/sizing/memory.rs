//! What a snapshot costs in memory: the pages that are written while the child lives, and no more than all.

use super::{Calculator, Input, Output, Unit, nothing};

/// Linux' page on x86_64 and on most of aarch64.
const PAGE: f64 = 4096.0;
/// A transparent huge page.
const HUGE: f64 = 2.0 * 1024.0 * 1024.0;

/// Bytes that have to be copied when so many writes each touch a page at random: a page that was touched before is no second copy.
pub fn copied(data: f64, touches: f64, page: f64) -> f64 {
    let pages = (data / page).max(1.0);
    pages * page * (1.0 - (-touches / pages).exp())
}

/// The memory of a fork.
pub const SNAPSHOT: Calculator = Calculator {
    name: "snapshot",
    title: "Memory of a snapshot",
    about: "How much memory does a snapshot, a rewrite of the append-only file or a full resynchronisation need besides the data?",
    inputs: &[
        Input { name: "data", unit: Unit::Bytes, default: 10_737_418_240.0, least: 4096.0, most: 1e15, help: "Memory of the data (used_memory)" },
        Input {
            name: "writes",
            unit: Unit::PerSecond,
            default: 5000.0,
            least: 0.0,
            most: 1e9,
            help: "Writes a second while the child works, spread over all keys",
        },
        Input {
            name: "speed",
            unit: Unit::BytesPerSecond,
            default: 104_857_600.0,
            least: 1.0,
            most: 1e12,
            help: "Bytes of data the child saves in a second",
        },
        Input {
            name: "pages",
            unit: Unit::Factor,
            default: 2.0,
            least: 1.0,
            most: 1000.0,
            help: "Pages one write touches: the value's, and that of its entry; more for large values",
        },
    ],
    outputs: &[
        Output { name: "the child lives", unit: Unit::Seconds, how: "data / speed" },
        Output { name: "copied", unit: Unit::Bytes, how: "pages touched at least once, at 4 kB: P (1 - e^(-touches / P)) of all P pages" },
        Output { name: "in all", unit: Unit::Bytes, how: "data and copies" },
        Output { name: "of the data", unit: Unit::Factor, how: "in all / data: never above 2" },
        Output { name: "with huge pages", unit: Unit::Bytes, how: "the same at 2 MB a page: what transparent huge pages make of it" },
    ],
    compute: |inputs| {
        let [data, writes, speed, pages] = [inputs[0], inputs[1], inputs[2], inputs[3]];
        let lives = data / speed;
        let touches = writes * lives * pages;
        let copied_bytes = copied(data, touches, PAGE);
        vec![lives, copied_bytes, data + copied_bytes, (data + copied_bytes) / data, data + copied(data, touches, HUGE)]
    },
    refuses: nothing,
    examples: &[
        &[10_737_418_240.0, 0.0, 104_857_600.0, 2.0],
        &[10_737_418_240.0, 500.0, 104_857_600.0, 2.0],
        &[10_737_418_240.0, 5000.0, 104_857_600.0, 2.0],
        &[10_737_418_240.0, 50_000.0, 104_857_600.0, 2.0],
        &[107_374_182_400.0, 5000.0, 104_857_600.0, 2.0],
    ],
    shown: &["persistence/snapshots#a-quiet-snapshot-costs-little", "persistence/snapshots#a-busy-snapshot-copies"],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_writes_copy_a_page_each_and_many_copy_everything_once() {
        assert_eq!(copied(4096.0 * 1e6, 0.0, PAGE), 0.0);
        // A thousandth of the pages: hardly one is met twice.
        let few = copied(4096.0 * 1e6, 1e3, PAGE);
        assert!((few / (4096.0 * 1e3) - 0.9995).abs() < 1e-4, "{few}");
        // As many touches as pages leave 1/e of them alone.
        let as_many = copied(4096.0 * 1e6, 1e6, PAGE) / (4096.0 * 1e6);
        assert!((as_many - (1.0 - (-1.0f64).exp())).abs() < 1e-9, "{as_many}");
        assert!((copied(4096.0 * 1e6, 1e9, PAGE) - 4096.0 * 1e6).abs() < 1.0);
    }

    /// The scenario `a-busy-snapshot-copies` writes half of twenty megabytes anew, in order, and bounds what it sees by 4 and 18 MB.
    #[test]
    fn the_scenarios_bounds_hold_the_estimate() {
        let half = copied(20e6, 10e6 / PAGE, PAGE);
        assert!((4e6..18e6).contains(&half), "{half}");
    }

    #[test]
    fn memory_is_never_more_than_doubled() {
        let answers = SNAPSHOT.answer(&[1e9, 1e9, 1e6, 1000.0]).expect("within bounds");
        assert!(answers[3] <= 2.0 && answers[3] > 1.999, "{answers:?}");
    }
}
