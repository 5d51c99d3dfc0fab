//! As many mutations of each kind of file as there is time for: no reader panics, and none takes a second.
//!
//! `REHEARSAL_FUZZ=SECONDS cargo test --test bad_input no_reader_breaks -- --ignored --nocapture` gives each reader so long, sixty seconds unless said otherwise, and tells how many inputs that were.

use super::{mutated, number, original};
use rehearsal::book::settings;
use rehearsal::claims::Claims;
use rehearsal::config::Config;
use rehearsal::record::{Evidence, RunRecord};
use rehearsal::run::project::Project;
use rehearsal::run::reading;
use rehearsal::topology::broken;
use rehearsal::topology::{Catalogue, Topology, Variables};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Longer than any input here should take, on a machine with other things to do.
const SLOW: Duration = Duration::from_secs(1);

/// A kind of file, a text to begin with, and what reads it; whether it was refused.
type Reader = (&'static str, String, fn(&str) -> bool);

fn readers() -> Vec<Reader> {
    let host = r#"{"os":"linux","cpus":2,"memory_mib":4096,"engine":"20"}"#;
    let scenario = r#"{"feature":"features/a/a.feature","line":9,"rule":null,"name":"A","slug":"one","server":"redis-7.0","verdict":"passed","control":"none","attempts":1,"text_hash":"aa","duration_ms":5,"overhead_ms":1,"tags":[],"claims":[]}"#;
    let record = format!(
        "{{\"schema\":1,\n\"run\":\"20260102T030405-1\",\n\"started\":\"2026-01-02T03:04:05Z\",\n\"finished\":null,\n\"rehearsal\":\"0.1.0\",\n\"host\":{host},\n\"servers\":[],\n\"scenarios\":[{scenario}]}}\n"
    );
    let short = |file: &str, lines: usize| original(file).lines().take(lines).map(|line| format!("{line}\n")).collect::<String>();
    vec![
        ("features", short("features/sentinel/quorum.feature", 60), |text| {
            reading::arranged(&Project::nowhere(), "features/a/a.feature", text).is_err()
        }),
        ("topologies", original("compose/standalone.yml"), |text| Topology::parse(text, "compose/x.yml", &Variables::default()).is_err()),
        ("servers", original("compose/servers.toml"), |text| Catalogue::parse(text, "compose/servers.toml").is_err()),
        ("broken servers", short("compose/broken.toml", 40), |text| {
            Catalogue::parse("redis-7.0 = { image = \"redis:7.0.15\" }\n", "x")
                .is_ok_and(|catalogue| broken::parse(text, "compose/broken.toml", &catalogue).is_err())
        }),
        ("settings", original("rehearsal.toml"), |text| Config::parse(text, "rehearsal.toml").is_err()),
        ("claims", short("claims.yaml", 60), |text| Claims::parse(text, "claims.yaml").is_err()),
        ("book.toml", original("book/book.toml"), |text| settings::parse(text, "book/book.toml").is_err()),
        ("records", record.clone(), |text| serde_json::from_str::<RunRecord>(text).is_err()),
        ("evidence", record, |text| serde_json::from_str::<Evidence>(text).is_err()),
    ]
}

#[test]
#[ignore = "takes as long as it is asked to"]
fn no_reader_breaks_or_hangs() {
    let seconds = std::env::var("REHEARSAL_FUZZ").ok().and_then(|text| text.parse().ok()).unwrap_or(60);
    let mut wrong = Vec::new();
    std::panic::set_hook(Box::new(|_| {}));
    for (name, text, read) in readers() {
        let (began, mut inputs, mut refused, mut slowest) = (Instant::now(), 0_usize, 0_usize, Duration::ZERO);
        while began.elapsed() < Duration::from_secs(seconds) {
            // Up to eight mutations, one upon the other.
            let mut input = text.clone();
            for depth in 0..=number(inputs as u64) % 8 {
                if input.lines().next().is_none() {
                    break;
                }
                input = mutated(&input, number((inputs * 8 + depth) as u64) >> 3).1;
            }
            let one = Instant::now();
            match catch_unwind(AssertUnwindSafe(|| read(&input))) {
                Ok(bad) => refused += usize::from(bad),
                Err(_) => wrong.push(format!("{name}: panic at {input:?}")),
            }
            let took = one.elapsed();
            if took > SLOW {
                wrong.push(format!("{name}: {took:?} for {input:?}"));
            }
            (inputs, slowest) = (inputs + 1, slowest.max(took));
        }
        println!("{name}: {inputs} inputs, {refused} refused, the slowest took {slowest:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
