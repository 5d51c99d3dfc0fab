//! A recorder and a server of this test's own: what is recorded when the server dies, falls silent, and comes back.

use super::*;
use crate::door::{self, Door};
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, BufReader, DuplexStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, LocalSet};

/// What the server of this test does with a command.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Answers,
    Silent,
}

async fn serve(stream: DuplexStream, mood: Rc<Cell<Mood>>) {
    let mut stream = BufReader::new(stream);
    while let Some(words) = door::command(&mut stream).await {
        if mood.get() == Mood::Silent {
            continue;
        }
        let info = "role:master\r\nsync_full:3";
        let reply = match words[0].as_str() {
            "INFO" => format!("${}\r\n{info}\r\n", info.len()),
            "PSUBSCRIBE" => "*3\r\n$10\r\npsubscribe\r\n$1\r\n*\r\n:1\r\n".to_owned(),
            _ => "+OK\r\n".to_owned(),
        };
        if stream.get_mut().write_all(reply.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A server on this port, or on a free one.
fn server(port: Option<u16>, mood: Rc<Cell<Mood>>) -> (u16, JoinHandle<()>) {
    let (enter, mut callers) = mpsc::unbounded_channel();
    let door = Door::open(port, move |stream| enter.send(stream).map_err(|_| std::io::ErrorKind::ConnectionRefused.into()));
    let port = door.port;
    let accepts = async move {
        // Its port and its connections end with it, as those of a process do.
        let (_door, mut clients) = (door, tokio::task::JoinSet::new());
        while let Some(stream) = callers.recv().await {
            clients.spawn_local(serve(stream, mood.clone()));
        }
    };
    (port, tokio::task::spawn_local(accepts))
}

async fn ms(span: u64) {
    wait::pace(Duration::from_millis(span)).await;
}

fn now(clock: Instant) -> u64 {
    clock.elapsed().as_millis() as u64
}

type Recorded = (Recorder, Rc<Cell<Mood>>, JoinHandle<()>, u16, Instant, Rc<RefCell<Timeline>>);

async fn recorded(sentinel: bool) -> Recorded {
    let mood = Rc::new(Cell::new(Mood::Answers));
    let (port, running) = server(None, mood.clone());
    let clock = Instant::now();
    let system: &dyn System = if sentinel { &crate::systems::sentinel::Sentinel } else { &crate::systems::redis_server::Redis };
    let watched = Watched { name: "a".to_owned(), port, system };
    let timeline = Rc::<RefCell<Timeline>>::default();
    let recorder = Recorder::start(&[watched], &timeline, clock);
    assert!(!recorder.is_ready(), "nobody was asked yet");
    let ready = async || if recorder.is_ready() { wait::Look::Done(()) } else { wait::Look::NotYet(String::new()) };
    wait::within("the recorder", Duration::from_secs(5), ready).await.unwrap();
    (recorder, mood, running, port, clock, timeline)
}

#[tokio::test(start_paused = true)]
async fn a_server_that_dies_in_a_span_was_not_watched_to_its_end() {
    let test = async {
        let (recorder, _, running, _, clock, _) = recorded(false).await;
        let from = now(clock);
        ms(700).await;
        let gaps = |watching| recorder.coverage("a", watching).unwrap().gaps(from, now(clock), &[]);
        assert_eq!((gaps(Watching::Role), gaps(Watching::Values)), (Vec::new(), Vec::new()), "it answers all the while");
        running.abort();
        let died = now(clock);
        ms(1500).await;
        for watching in [Watching::Role, Watching::Values] {
            let gaps = gaps(watching);
            assert!(gaps.len() == 1 && gaps[0].from_ms <= died + 100, "{watching:?}: {gaps:?}, it died at {died}");
        }
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_frozen_for_a_while_leaves_a_gap_and_no_more() {
    let test = async {
        let (recorder, mood, _running, _, clock, timeline) = recorded(false).await;
        let from = now(clock);
        mood.set(Mood::Silent);
        ms(1600).await;
        mood.set(Mood::Answers);
        let back = now(clock);
        ms(900).await;
        let gaps = recorder.coverage("a", Watching::Values).unwrap().gaps(from, now(clock), &[]);
        // The question that is open when it comes back is given up first; the next asks for everything.
        let soon = (SILENCE + 2 * INTERVAL).as_millis() as u64;
        assert!(gaps.len() == 1 && gaps[0].to_ms >= back && gaps[0].to_ms <= back + soon, "{gaps:?}, back at {back}");
        // It is silent from the moment when it was asked in vain, not from when that was given up.
        let silent = timeline.borrow().entries().iter().find(|entry| entry.value == "silent").map(|entry| entry.first_ms);
        assert!(silent.is_some_and(|at| at <= from + 2 * INTERVAL.as_millis() as u64), "{silent:?}, frozen at {from}");
    };
    LocalSet::new().run_until(test).await;
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_breaks_and_is_made_anew_leaves_a_gap() {
    let test = async {
        let (recorder, mood, running, port, clock, _) = recorded(true).await;
        assert!(recorder.listens("a"));
        let from = now(clock);
        ms(100).await;
        running.abort();
        ms(1400).await;
        assert!(!recorder.listens("a"));
        let (_, _again) = server(Some(port), mood);
        ms(600).await;
        assert!(recorder.listens("a"), "it is heard again");
        let gaps = recorder.coverage("a", Watching::Events).unwrap().gaps(from, now(clock), &[]);
        assert_eq!(gaps.len(), 1, "{gaps:?}");
    };
    LocalSet::new().run_until(test).await;
}
