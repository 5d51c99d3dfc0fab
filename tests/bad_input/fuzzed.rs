//! As many mutations of each kind of file as there is time for: no reader panics, none takes a second, and none half a gigabyte.
//!
//! `REHEARSAL_FUZZ=SECONDS cargo test --test bad_input no_reader_breaks -- --ignored --nocapture` gives each reader a million inputs or so long, sixty seconds unless said otherwise, and tells how many
//! inputs that were, how many of them were taken, the slowest, and the most memory. `REHEARSAL_READER=evidence` picks some readers by a part of their names.

use super::readers::{Form, Reader, readers};
use super::{mutated, number};
use rehearsal::run::reading;
use serde_json::Value;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Longer than any input here should take, of a processor's time: a machine with other things to do says nothing about a reader.
const SLOW: Duration = Duration::from_secs(1);

/// More than any input here should need.
const MOST_MIB: u64 = 500;

/// Enough of one reader.
const MILLION: usize = 1_000_000;

/// Inputs of each reader that every run of the tests reads.
const FEW: usize = 40;

/// Text that means something to a page, a terminal, a path or a program.
const WORDS: [&str; 14] = [
    "",
    "<script>own()</script>",
    "{{#include /etc/passwd}}",
    "../../x",
    "\u{1b}[2J\u{202e}",
    "a\nb\r\nc",
    "2026-01-02T03:04:05Z",
    "123456789\u{e9}",
    "master",
    "replica-1",
    "+switch-master",
    "%n %s 'x' \"y\" \\",
    "-1",
    "\u{0}",
];

const NUMBERS: [u64; 12] = [0, 1, 2, 60, 1_000, 100_000, 10_000_000, u32::MAX as u64, 999_999_999_999, 1 << 53, i64::MAX as u64, u64::MAX];

/// Every node of a JSON document, by pointer.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{at}/{n}"), found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(key, field)| places(field, &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), found))
        }
        _ => {}
    }
}

/// A JSON document with one node changed: mostly into another value of its kind, so that a reader goes on with it.
fn other(text: &str, n: usize) -> String {
    let Ok(mut whole) = serde_json::from_str::<Value>(text) else {
        return if text.is_empty() { text.to_owned() } else { mutated(text, n).1 };
    };
    let mut all = Vec::new();
    places(&whole, "", &mut all);
    let (pick, what) = (number(n as u64), number(n as u64 ^ 0xabcd));
    let Some(node) = whole.pointer_mut(&all[pick % all.len()]) else { return text.to_owned() };
    match node {
        Value::String(old) if what.is_multiple_of(8) => *old = old.repeat(1 + what / 8 % 40),
        Value::String(old) => *old = WORDS[what / 8 % WORDS.len()].to_owned(),
        Value::Number(_) => *node = NUMBERS[what % NUMBERS.len()].into(),
        Value::Bool(yes) => *yes = !*yes,
        Value::Array(items) if !items.is_empty() => {
            let at = what / 8 % items.len();
            match what % 4 {
                0 => drop(items.remove(at)),
                1 => items.swap(at, 0),
                2 => items.extend(std::iter::repeat_n(items[at].clone(), what / 64 % 30)),
                _ => items.insert(0, items[at].clone()),
            }
        }
        Value::Object(fields) if !fields.is_empty() && !what.is_multiple_of(4) => {
            let Some(key) = fields.keys().nth(what / 8 % fields.len()).cloned() else { return text.to_owned() };
            match what % 8 {
                1 => drop(fields.remove(&key)),
                2 => drop(fields.insert(key, Value::Null)),
                3 => drop(fields.insert(WORDS[what / 64 % WORDS.len()].to_owned(), Value::Null)),
                _ => {}
            }
        }
        // Of a place that is often none, any value may be right.
        Value::Null => *node = [Value::from("x"), 7.into(), serde_json::json!([1, 2]), serde_json::json!([3, "x"])][what % 4].clone(),
        _ => {}
    }
    whole.to_string()
}

/// The input of that number: up to eight mutations, one upon the other.
fn input(reader: &Reader, n: usize) -> String {
    let mut text = reader.text.clone();
    for depth in 0..=number(n as u64) % 8 {
        if text.lines().next().is_none() {
            break;
        }
        let seed = number((n * 8 + depth) as u64) >> 3;
        text = match reader.form {
            // One in sixteen is broken as any text may be.
            Form::Json if !seed.is_multiple_of(16) => other(&text, seed),
            Form::Lines if !seed.is_multiple_of(16) => {
                let at = number(seed as u64) % text.lines().count();
                text.lines().enumerate().map(|(line, old)| if line == at { other(old, seed) } else { old.to_owned() } + "\n").collect()
            }
            _ => mutated(&text, seed).1,
        };
    }
    text
}

/// What one reader was seen to do.
#[derive(Default)]
struct Seen {
    inputs: usize,
    taken: usize,
    slowest: Duration,
    wrong: Vec<String>,
    /// How many of these were told.
    told: usize,
}

fn read(reader: &Reader, all: impl Iterator<Item = usize>, until: Instant) -> Seen {
    let mut seen = Seen::default();
    // For an input that ends the process.
    let trace = std::env::var_os("REHEARSAL_FUZZ_TRACE").is_some();
    for n in all {
        if Instant::now() >= until || seen.wrong.len() > 20 {
            break;
        }
        let input = input(reader, n);
        if trace {
            eprintln!("{}: input {n}", reader.name);
        }
        let began = worked();
        match catch_unwind(AssertUnwindSafe(|| (reader.read)(&input))) {
            Ok(taken) => seen.taken += usize::from(taken),
            Err(_) => seen.wrong.push(format!("{}: panic at input {n}: {input}", reader.name)),
        }
        let took = worked().saturating_sub(began);
        if took > SLOW {
            seen.wrong.push(format!("{}: {took:?} for input {n}: {input}", reader.name));
        }
        if seen.told < seen.wrong.len() {
            // At once: the next input may be the end of this process.
            eprintln!("{}", seen.wrong[seen.told..].join("\n"));
            seen.told = seen.wrong.len();
        }
        (seen.inputs, seen.slowest) = (seen.inputs + 1, seen.slowest.max(took));
    }
    seen
}

/// How long this thread was on a processor.
fn worked() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|text| text.parse().ok());
    nanoseconds.map_or_else(|| panic!("the kernel does not say how long a thread worked"), Duration::from_nanos)
}

/// The most memory that this process had since it was asked last.
fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kib.unwrap_or(u64::MAX) / 1024
}

#[test]
fn some_of_each_are_read_to_their_end() {
    let mut wrong = Vec::new();
    for reader in readers() {
        assert!((reader.read)(&reader.text), "{}: what it begins with is refused", reader.name);
        let seen = read(&reader, 0..FEW, Instant::now() + Duration::from_secs(60));
        // Inputs that are refused at once would prove nothing.
        if seen.taken < FEW / 20 {
            wrong.push(format!("{}: {} of {} inputs are taken", reader.name, seen.taken, seen.inputs));
        }
        wrong.extend(seen.wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_row_of_an_outline_costs_what_all_of_them_do() {
    let rows: String = (0..9_900).map(|n| format!("        | {n} | {} |\n", "x".repeat(700))).collect();
    let text = format!("@a\nFeature: F\n  Scenario Outline: Takes <n>\n    When <n> is\n\n    Examples:\n      | n | other |\n{rows}");
    let began = worked();
    let feature = reading::feature("features/a/a.feature", &text, &|_| None, &mut Vec::new()).unwrap();
    let took = worked().saturating_sub(began);
    assert_eq!(feature.scenarios().count(), 9_900);
    // Without optimisation; it was half a minute when each row had a copy of all.
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
#[ignore = "takes as long as it is asked to"]
fn no_reader_breaks_or_hangs() {
    let number_of = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let seconds = number_of("REHEARSAL_FUZZ").unwrap_or(60);
    let first = number_of("REHEARSAL_FUZZ_FROM").unwrap_or(0) as usize;
    let wanted = std::env::var("REHEARSAL_READER").unwrap_or_default();
    let mut wrong = Vec::new();
    std::panic::set_hook(Box::new(|info| eprintln!("{}", info.location().map_or_else(String::new, ToString::to_string))));
    for reader in readers().into_iter().filter(|reader| reader.name.contains(&wanted)) {
        let (began, _) = (Instant::now(), most_memory());
        let seen = read(&reader, first..first + MILLION, began + Duration::from_secs(seconds));
        let memory = most_memory();
        println!(
            "{}: {} inputs in {:.0} s, {:.0} % taken, the slowest took {:?}, at most {memory} MiB",
            reader.name,
            seen.inputs,
            began.elapsed().as_secs_f64(),
            100.0 * seen.taken as f64 / seen.inputs.max(1) as f64,
            seen.slowest
        );
        wrong.extend(seen.wrong);
        if memory > MOST_MIB {
            wrong.push(format!("{}: {memory} MiB", reader.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
