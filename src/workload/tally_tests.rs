//! Made-up calls: what is lost, stale, duplicated, and how long a gap is.

use super::journal::{Call, Journal, Kind, Outcome};
use super::tally::{count, found, longest_gap};
use crate::record::ClientRecord;
use crate::wait::Instant;
use std::collections::BTreeMap;

fn call(kind: Kind, number: u32, at: u64, outcome: Outcome) -> Call {
    let (key, value, node) = (format!("written:{number}"), number.to_string(), "master".to_owned());
    Call { kind, number, key, value, node, scheduled_ms: at, sent_ms: at + 1, ended_ms: at + 2, outcome }
}

fn write(number: u32, outcome: Outcome) -> Call {
    call(Kind::Append, number, u64::from(number) * 10, outcome)
}

fn refused() -> Outcome {
    Outcome::Refused("READONLY You can't write against a read only replica.".to_owned())
}

#[test]
fn what_was_acknowledged_and_is_gone_is_lost_and_nothing_else() {
    let calls = vec![
        write(0, Outcome::Acknowledged),
        write(1, Outcome::Acknowledged),
        write(2, refused()),
        write(3, Outcome::Unanswered("no answer".to_owned())),
        write(4, Outcome::Acknowledged),
        write(5, Outcome::Pending),
        call(Kind::Read, 1, 50, Outcome::Fresh),
    ];
    // 1 is gone, 3 was done although nobody said so, 4 was done twice.
    let present = BTreeMap::from([(0, 1), (3, 1), (4, 2)]);
    let found = found(&calls, &present, "replica-1");
    assert_eq!((found.lost, found.duplicated, found.unacknowledged), (1, 1, 1));
    assert_eq!(found.lost_ms, Some((12, 12)));
    assert_eq!(super::tally::found(&calls, &BTreeMap::from([(0, 1), (1, 1), (4, 1)]), "x").lost, 0);
}

#[test]
fn the_longest_gap_may_be_at_either_end_or_between() {
    assert_eq!(longest_gap(&[100, 110, 400, 410], 100, 420), Some((110, 400)));
    assert_eq!(longest_gap(&[100, 110], 100, 900), Some((110, 900)), "no write until the end");
    assert_eq!(longest_gap(&[800, 810], 100, 820), Some((100, 800)), "none at the beginning");
    assert_eq!(longest_gap(&[], 100, 900), Some((100, 900)));
    assert_eq!(longest_gap(&[10, 20], 30, 30), None, "no time, no gap");
    assert_eq!(longest_gap(&[10, 500], 200, 600), Some((200, 500)), "what lies before the time that is looked at does not count");
}

#[test]
fn everything_is_counted_between_start_and_stop() {
    let mut calls: Vec<Call> = (0..20).map(|n| write(n, if (5..12).contains(&n) { refused() } else { Outcome::Acknowledged })).collect();
    calls[11].outcome = Outcome::Unanswered("no connection (refused)".to_owned());
    calls.push(call(Kind::Read, 3, 40, Outcome::Stale));
    calls.push(call(Kind::Read, 3, 90, Outcome::Stale));
    calls.push(call(Kind::Read, 3, 95, Outcome::Fresh));
    calls.push(call(Kind::Read, 3, 95, Outcome::Refused("MASTERDOWN".to_owned())));
    let times = ClientRecord { every_ms: 10, started_ms: 0, stopped_ms: 200, counted_from_ms: 50, ..ClientRecord::default() };
    let record = count(&calls, &[], times);
    assert_eq!((record.writes, record.acknowledged, record.refused, record.unanswered), (20, 13, 6, 1));
    assert_eq!((record.reads, record.stale), (2, 1), "a read that came before, or was refused, does not count");
    assert_eq!(record.longest_gap_ms, Some((50, 122)));
    assert_eq!((record.first_acknowledged_ms, record.last_acknowledged_ms), (Some(2), Some(192)));
    assert_eq!(record.errors.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [6, 1]);
    assert_eq!(record.late_ms, 1);
    let (acknowledged, failed) = record.slices.iter().fold((0, 0), |(a, f), slice| (a + slice.0, f + slice.1));
    assert_eq!((acknowledged, failed), (13, 7), "every write is in one slice: {:?}", record.slices);
    assert_eq!(
        record.told(),
        [
            "a write every 10 ms through : 13 of 20 acknowledged, 6 refused, 1 unanswered: READONLY You can't write against a read only replica. (6), no connection (refused) (1)",
            "longest time without a successful write 0.07 s, from 0.05 s on; 1 of 2 reads stale"
        ]
    );
}

#[test]
fn one_journal_keeps_both_kinds_apart() {
    let mut journal = Journal::on(Instant::now());
    let place = journal.begin(Kind::Set, 0, "key:1:0", "1-0", None);
    journal.end(place, "master", Outcome::Acknowledged);
    let place = journal.begin(Kind::Append, 0, "written:0", "0", Some(0));
    assert_eq!(journal.calls()[place].outcome, Outcome::Pending);
    journal.end(place, "master", refused());
    assert_eq!(journal.pairs().into_iter().collect::<Vec<_>>(), [("key:1:0", "1-0")]);
    assert_eq!(journal.lists(), ["written:0"]);
    assert_eq!(journal.ndjson().lines().count(), 1, "keys written once are no part of the steady client's calls");
}

#[test]
fn through_a_cluster_the_worst_shard_decides() {
    // The keys of node-1 wait from 100 ms to 700 ms, while those of node-2 are written all the while.
    let write = |n: u32| {
        let key = format!("written:{}", n % 2);
        let away = n.is_multiple_of(2) && (100..700).contains(&(n * 10));
        Call { key, ..write(n, if away { refused() } else { Outcome::Acknowledged }) }
    };
    let calls: Vec<Call> = (0..100).map(write).collect();
    let times = || ClientRecord { every_ms: 10, stopped_ms: 1000, ..ClientRecord::default() };
    let shards = [("node-1".to_owned(), vec!["written:0".to_owned()]), ("node-2".to_owned(), vec!["written:1".to_owned()])];
    let record = count(&calls, &shards, times());
    assert_eq!((record.longest_gap_ms, record.gap_shard.as_deref()), (Some((82, 702)), Some("node-1")));
    assert_eq!(count(&calls, &[], times()).longest_gap_ms, Some((92, 112)), "as one they hide it");
    assert!(record.told()[1].contains("to the keys of node-1 0.62 s"), "{:?}", record.told());
}
