//! What a server build can do, asked of the build itself: its version, its build id, and the capabilities that `@needs:` names.

use crate::deployment::{Binary, Deployment, Engine, NodeState, Options, PreparedImage};
use crate::error::{Cause, StepError};
use crate::probe::Client;
use crate::record::{Executable, ServerRecord};
use crate::systems::Reply;
use crate::systems::redis_server::Info;
use crate::topology::servers::Server;
use crate::topology::settings;
use crate::topology::variables::Variables;
use crate::topology::{Topology, built_in};
use crate::wait::{self, Look};
use std::time::Duration;

/// A capability: its name, how it is asked for, and what it means.
pub struct Capability {
    pub name: &'static str,
    /// Asked of a Sentinel rather than of a master.
    sentinel: bool,
    command: &'static [&'static str],
    /// A field that has to be in the answer; without one any answer but an error will do.
    field: Option<&'static str>,
    pub doc: &'static str,
}

/// Every capability `@needs:` may name.
pub const ALL: &[Capability] = &[
    Capability {
        name: "sentinel-debug",
        sentinel: true,
        command: &["SENTINEL", "DEBUG"],
        field: None,
        doc: "SENTINEL DEBUG, which shows and sets a Sentinel's timers at run time",
    },
    Capability {
        name: "sentinel-acl",
        sentinel: true,
        command: &["ACL", "WHOAMI"],
        field: None,
        doc: "Sentinels have users and rules of their own, so that a command can be taken from them",
    },
    Capability {
        name: "waitaof",
        sentinel: false,
        command: &["WAITAOF", "0", "0", "1"],
        field: None,
        doc: "WAITAOF, which waits until writes are on disk",
    },
    Capability {
        name: "fork-count",
        sentinel: false,
        command: &["INFO", "stats"],
        field: Some("total_forks"),
        doc: "INFO tells how many child processes were forked (`total_forks`), which shows whether replicas shared a snapshot",
    },
    Capability {
        name: "aof-folder",
        sentinel: false,
        command: &["CONFIG", "GET", "appenddirname"],
        field: Some("appenddirname"),
        doc: "the append-only file is a folder of files, into which the scenario looks",
    },
    Capability {
        name: "loading-interval",
        sentinel: false,
        command: &["CONFIG", "GET", "loading-process-events-interval-bytes"],
        field: Some("loading-process-events-interval-bytes"),
        doc: "how often a loading server looks at its clients can be set, so that a small data set is enough to meet it loading",
    },
    Capability {
        name: "buffers-in-info",
        sentinel: false,
        command: &["INFO", "memory"],
        field: Some("mem_total_replication_buffers"),
        doc: "INFO tells how much the output buffers of replicas hold (`mem_total_replication_buffers`)",
    },
    Capability {
        name: "clock-in-info",
        sentinel: true,
        command: &["INFO", "server"],
        field: Some("server_time_usec"),
        doc: "INFO tells the server's time (`server_time_usec`), which shows that a clock was moved",
    },
];

/// A build starts within a second; a busy machine, or a checker of memory around the server, takes its time.
const LIMIT: Duration = Duration::from_secs(60);
/// For one answer. A build that answers late is slow; it does not lack what it was asked for.
const ANSWER: Duration = Duration::from_secs(20);
/// Lines of a log that are shown when a build does not start.
const LOG_LINES: usize = 6;

/// Starts one master and one Sentinel of the build and asks them: those of the built-in topology, since a project's own of that name may be anything.
///
/// # Errors
/// The engine refused, the build does not even start, or does not answer: then nothing can be said about it.
pub async fn identify(
    engine: &Engine,
    run: &str,
    server: &Server,
    image: &PreparedImage,
    binary: Option<&Binary>,
    helper: &PreparedImage,
) -> Result<ServerRecord, StepError> {
    let options = Options {
        run: run.to_owned(),
        scenario: format!("identify@{}", server.name),
        preload: false,
        server_image: image.clone(),
        helper: helper.clone(),
        binary: binary.cloned(),
        hand: None,
    };
    let make = |net: &str| -> Result<Topology, String> {
        let variables = Variables { image: Some(image.reference.clone()), net: Some(net.to_owned()) };
        let mut topology =
            built_in::carried("sentinel", &variables).map_err(|problems| problems.first().map_or(String::new(), ToString::to_string))?;
        let keep = ["master", "sentinel"].map(|role| topology.names(role).first().map(|name| (*name).to_owned()));
        topology.nodes.retain(|node| keep.iter().flatten().any(|name| *name == node.name));
        // A directive of servers.toml that the server refuses is told here, once, rather than by every scenario.
        Ok(settings::apply_append(&server.append, topology))
    };
    let deployment = Deployment::start(engine, options, make).await?;
    let asked = ask(&deployment, server, image, binary).await;
    // The first scenario takes the sandboxes over.
    if asked.is_ok() {
        deployment.park().await?
    } else {
        deployment.remove().await?
    }
    asked
}

impl Capability {
    /// Whether the answer shows it. A server that does not answer, or says that it cannot just now, has not said that it lacks it.
    fn shown_by(&self, answer: Result<Reply, String>) -> Result<bool, StepError> {
        let unsaid = |what: String| {
            let asked = self.command.join(" ");
            StepError::new(Cause::Engine, format!("the server could not be identified: asked for {asked}, {what}"))
        };
        Ok(match (answer, self.field) {
            (Err(error), _) => return Err(unsaid(format!("it gave no answer: {error}"))),
            (Ok(Reply::Error(line)), _) if line.starts_with("LOADING") || line.starts_with("BUSY") => return Err(unsaid(format!("it said {line}"))),
            (Ok(Reply::Error(_)), _) => false,
            (Ok(Reply::Text(text)), Some(field)) => Info::parse(&text).get(field).is_some(),
            (Ok(reply @ Reply::List(_)), Some(field)) => reply.texts().iter().any(|text| text == field),
            (Ok(_), field) => field.is_none(),
        })
    }
}

/// How the record tells of it.
pub fn executable(binary: Option<&Binary>) -> Executable {
    binary.map_or(Executable::Image, |binary| Executable::Binary { path: binary.path.clone(), sha256: binary.sha256.clone() })
}

fn told(answer: &Result<Reply, impl std::fmt::Display>) -> String {
    answer.as_ref().map_or_else(ToString::to_string, ToString::to_string)
}

/// Whether a server process is no more: then there is nothing to wait for.
async fn has_ended(deployment: &Deployment) -> bool {
    for node in &deployment.topology().nodes {
        if matches!(deployment.state(&node.name).await, Ok(NodeState::Exited(_))) {
            return true;
        }
    }
    false
}

/// Why a build does not start: what is wrong with an executable that was given, and the words of its log.
async fn refused(deployment: &Deployment, message: String) -> StepError {
    let mut said: Vec<String> = deployment.flaw_of_binary().await.into_iter().collect();
    for node in &deployment.topology().nodes {
        let state = deployment.state(&node.name).await.map_or_else(|e| e.to_string(), |s| s.to_string());
        said.push(format!("{} {state}", node.name));
        let log = deployment.log(&node.name).await.unwrap_or_default();
        let tail: Vec<&str> = log.lines().filter(|line| !line.trim().is_empty()).rev().take(LOG_LINES).collect();
        said.extend(tail.into_iter().rev().map(|line| format!("  {line}")));
    }
    StepError::new(Cause::Engine, message).seen(said)
}

async fn ask(deployment: &Deployment, server: &Server, image: &PreparedImage, binary: Option<&Binary>) -> Result<ServerRecord, StepError> {
    let client = |role: &str| -> Option<(String, Client)> {
        let name = (*deployment.topology().names(role).first()?).to_owned();
        Some((name.clone(), Client::new(deployment.published(&name)?)))
    };
    let missing = || StepError::scenario("the built-in sentinel topology has no master or no sentinel");
    let (_, master) = client("master").ok_or_else(missing)?;
    let (sentinel_name, sentinel) = client("sentinel").ok_or_else(missing)?;
    deployment.start_server(&sentinel_name).await?;
    let what = format!("{} to start", image.reference);
    let answered = async || -> Look<Option<Info>> {
        let asked = (master.ask_within(&["INFO", "server"], ANSWER).await, sentinel.ask_within(&["PING"], ANSWER).await);
        match asked {
            (Ok(Reply::Text(text)), Ok(Reply::Text(_))) => Look::Done(Some(Info::parse(&text))),
            _ if has_ended(deployment).await => Look::Done(None),
            (master, sentinel) => Look::NotYet(format!("the master answers {}, the Sentinel {}", told(&master), told(&sentinel))),
        }
    };
    let info = match wait::within(&what, LIMIT, answered).await {
        Ok(Some(info)) => info,
        Ok(None) => return Err(refused(deployment, format!("{} does not start", image.reference)).await),
        Err(gave_up) => return Err(refused(deployment, gave_up.to_string()).await),
    };
    let mut capabilities = Vec::new();
    for capability in ALL {
        let client = if capability.sentinel { &sentinel } else { &master };
        let answer = client.ask_within(capability.command, ANSWER).await.map_err(|error| error.to_string());
        if capability.shown_by(answer)? {
            capabilities.push(capability.name.to_owned());
        }
    }
    let field = |names: &[&str]| names.iter().find_map(|n| info.get(n)).unwrap_or("unknown").to_owned();
    Ok(ServerRecord {
        name: server.name.clone(),
        image: image.reference.clone(),
        image_id: image.id.clone(),
        route: image.route.to_string(),
        // Valkey tells its own version beside the Redis version it is compatible with.
        version: field(&["valkey_version", "redis_version"]),
        build_id: field(&["valkey_build_id", "redis_build_id"]),
        capabilities,
        append: server.append.clone(),
        asked: Some(server.asked()),
        executable: Some(executable(binary)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Verdict;

    #[test]
    fn what_is_not_answered_is_not_lacking() {
        let [debug, forks] = ["sentinel-debug", "fork-count"].map(|name| ALL.iter().find(|one| one.name == name).unwrap());
        assert!(!debug.shown_by(Ok(Reply::Error("ERR unknown command".into()))).unwrap());
        assert!(debug.shown_by(Ok(Reply::List(Vec::new()))).unwrap());
        assert!(forks.shown_by(Ok(Reply::Text("total_forks:1".into()))).unwrap());
        assert!(!forks.shown_by(Ok(Reply::Text("total:1".into()))).unwrap());
        for answer in [Err("no answer within 20 s".to_owned()), Ok(Reply::Error("LOADING Redis is loading the dataset in memory".into()))] {
            let error = debug.shown_by(answer).unwrap_err();
            assert_eq!(error.cause.verdict(), Verdict::Unknown);
            assert!(error.message.starts_with("the server could not be identified: asked for SENTINEL DEBUG, it "), "{}", error.message);
        }
    }
}
