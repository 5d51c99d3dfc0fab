//! A server of this test's own that answers wrongly: what the comparison of a node's keys makes of it.

use super::*;
use crate::door::{self, Door};
use tokio::io::{AsyncWriteExt as _, BufReader};

/// A client of a server that holds two keys, and answers MGET with this.
fn client(mget: &'static str) -> (Client, Door) {
    client_of(mget, "+OK\r\n")
}

/// The same, with an answer to all that it is not asked here.
fn client_of(mget: &'static str, else_: &'static str) -> (Client, Door) {
    let door = Door::open(None, move |stream| {
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            while let Some(words) = door::command(&mut stream).await {
                let reply = match words[0].as_str() {
                    "MGET" => mget,
                    "DBSIZE" => ":2\r\n",
                    _ => else_,
                };
                stream.get_mut().write_all(reply.as_bytes()).await.unwrap();
            }
        });
        Ok(())
    });
    (Client::new(door.port), door)
}

/// What is said of a node after two keys were written to it.
async fn compared(mget: &'static str) -> Result<String, StepError> {
    let (client, _door) = client(mget);
    let mut workload = Workload::on(Instant::now());
    workload.write(&client, "master", 2, 8).await.unwrap();
    workload.missing(&client).await.map(|difference| difference.to_string())
}

#[tokio::test]
async fn a_reply_with_fewer_values_than_keys_is_a_failure_and_not_a_match() {
    assert_eq!(compared("*2\r\n$8\r\n-----1-0\r\n$8\r\n-----1-1\r\n").await.unwrap(), "nothing is missing");
    for half in ["*0\r\n", "*1\r\n$8\r\n-----1-0\r\n"] {
        let error = compared(half).await.unwrap_err();
        assert_eq!(error.cause, Cause::Refused, "{}", error.message);
    }
    assert!(compared("*2\r\n$8\r\n-----1-0\r\n$-1\r\n").await.unwrap().starts_with("1 acknowledged keys missing"));
}

#[tokio::test]
async fn every_key_of_none_says_nothing() {
    let workload = Workload::on(Instant::now());
    let (client, _door) = client("*0\r\n");
    let error = workload.missing(&client).await.unwrap_err();
    assert_eq!(error.cause, Cause::Scenario);
}

#[tokio::test]
async fn a_write_that_was_refused_is_not_acknowledged() {
    let (client, _door) = client_of("*0\r\n", "-READONLY You can't write against a read only replica.\r\n");
    let mut workload = Workload::on(Instant::now());
    workload.try_writes(&client, "master", 3).await.unwrap();
    assert_eq!((workload.acknowledged().len(), workload.refusals().len()), (0, 3));
}

#[tokio::test]
async fn a_value_beyond_all_memory_is_refused_before_it_is_made() {
    let (client, _door) = client_of("*0\r\n", "+OK\r\n");
    for (count, bytes) in [(1, 1_000_000_000_000), (usize::MAX, 2), (1 << 20, 1 << 11)] {
        let error = Workload::on(Instant::now()).write(&client, "master", count, bytes).await.unwrap_err();
        assert!(error.cause == Cause::Scenario && error.message.contains("are too much"), "{}", error.message);
    }
}
