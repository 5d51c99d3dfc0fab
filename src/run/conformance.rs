//! What an engine promises, played against Docker and against the engine in memory: a runner that was tried on the one may be trusted on the other. You are in the right place
//! when something about Docker was learned that tests of the runner have to know.

use std::{future::Future, path::Path, time::Duration};

use crate::deployment::{
    Deployment, EngineError, Engines, NodeState, Options, Reach, RunLock, Way, fake, prepare_helper, prepare_server, remove_run,
};
use crate::probe::Client;
use crate::topology::{built_in, variables::Variables};
use crate::wait::{self, Look};

/// An engine of one kind: where it is found, and how it is lost while somebody talks to it.
struct Kind<F: AsyncFn()> {
    engines: Engines,
    lose: F,
}

const SOON: Duration = Duration::from_secs(20);

/// A master and two replicas.
async fn start(engines: &Engines, run: &str) -> Deployment {
    let engine = engines.connect().await.unwrap();
    let server = built_in::servers(Path::new("/dev/null/none")).unwrap().default_server().clone();
    let say = |_: &str| ();
    let options = Options {
        run: run.to_owned(),
        scenario: "conformance".to_owned(),
        preload: false,
        server_image: prepare_server(&engine, &server, &say).await.unwrap(),
        helper: prepare_helper(&engine, &say).await.unwrap(),
        binary: None,
        hand: None,
    };
    let image = options.server_image.reference.clone();
    let make = |net: &str| {
        let variables = Variables { image: Some(image.clone()), net: Some(net.to_owned()) };
        built_in::carried("replication", &variables).map_err(|problems| problems[0].to_string())
    };
    Deployment::start(&engine, options, make).await.unwrap()
}

async fn answers(deployment: &Deployment, node: &str) -> bool {
    let client = Client::new(deployment.published(node).unwrap());
    client.ask_within(&["PING"], Duration::from_millis(500)).await.is_ok()
}

async fn soon(what: &str, condition: impl AsyncFn() -> bool) {
    let look = async || if condition().await { Look::Done(()) } else { Look::NotYet("not yet".to_owned()) };
    wait::within(what, SOON, look).await.unwrap();
}

/// A run's life: what it starts it owns, and when it ends nothing is left.
async fn on<F: AsyncFn(), W: Future<Output = ()>>(kind: &Kind<F>, name: &str, work: impl FnOnce(Deployment) -> W) {
    let run = format!("conformance-{name}-{}", std::process::id());
    let lock = RunLock::take(&run).unwrap();
    let deployment = start(&kind.engines, &run).await;
    work(deployment).await;
    let engine = kind.engines.connect().await.unwrap();
    remove_run(&engine, &run, &[]).await.unwrap();
    assert!(fake::is_gone(&engine, &run).await, "something of {run} is left");
    drop(lock);
}

/// Servers are started, killed, frozen and started again at the same address and port.
async fn servers_live_and_die<F: AsyncFn()>(kind: &Kind<F>) {
    on(kind, "lives", |d| async move {
        soon("the master to answer", async || answers(&d, "master").await).await;
        let port = d.published("master");
        assert_eq!(d.state("master").await.unwrap(), NodeState::Running);
        assert_eq!(d.reach("master").await.unwrap(), Reach::Open);

        d.kill("master").await.unwrap();
        assert_eq!(d.state("master").await.unwrap(), NodeState::Exited(137));
        assert_eq!(d.reach("master").await.unwrap(), Reach::Refused);
        assert!(!answers(&d, "master").await);
        assert_eq!(d.ends().first(), None, "an end that was asked for surprises nobody");

        d.start_server("master").await.unwrap();
        assert_eq!(d.published("master"), port);
        soon("the master to answer again", async || answers(&d, "master").await).await;
        assert!(!d.log("master").await.unwrap().is_empty());

        d.pause("master").await.unwrap();
        assert_eq!(d.state("master").await.unwrap(), NodeState::Paused);
        assert_eq!(d.reach("master").await.unwrap(), Reach::Open, "a frozen server's kernel still accepts");
        assert!(!answers(&d, "master").await);
        d.unpause("master").await.unwrap();
        soon("the master to go on", async || answers(&d, "master").await).await;

        d.terminate("replica-1").await.unwrap();
        soon("the replica to end", async || matches!(d.state("replica-1").await.unwrap(), NodeState::Exited(0))).await;
    })
    .await;
}

/// A server that ends although nobody asked it to is heard of, and one that is wiped comes back with nothing.
async fn ends_are_heard<F: AsyncFn()>(kind: &Kind<F>) {
    on(kind, "ends", |d| async move {
        soon("the replica to answer", async || answers(&d, "replica-1").await).await;
        soon("the other one to answer", async || answers(&d, "replica-2").await).await;
        let replica = Client::new(d.published("replica-1").unwrap());
        d.put_file("replica-1", "/data/left", b"behind", 0o644).await.unwrap();
        d.wipe("replica-1").await.unwrap();
        soon("the replica to answer again", async || answers(&d, "replica-1").await).await;
        assert!(d.get_file("replica-1", "/data/left").await.is_err(), "its files are gone");
        assert_eq!(d.ends().first(), None);

        // Whoever orders it says nothing to the deployment.
        let _ = replica.ask_within(&["SHUTDOWN", "NOSAVE"], Duration::from_secs(5)).await;
        let end = tokio::time::timeout(SOON, async { d.ends().wait().await }).await.expect("it is heard");
        assert_eq!((end.node.as_str(), end.status), ("replica-1", 0));
        assert_eq!(d.state("replica-1").await.unwrap(), NodeState::Exited(0));
        assert!(answers(&d, "replica-2").await, "the others go on");
    })
    .await;
}

/// Deployments of one run stand side by side, each with networks and ports of its own, and the end of one is not that of the other.
async fn deployments_are_apart<F: AsyncFn()>(kind: &Kind<F>) {
    let (engines, run) = (kind.engines.clone(), format!("conformance-apart-{}", std::process::id()));
    on(kind, "apart", |d| async move {
        let other = start(&engines, &run).await;
        let address = |d: &Deployment| d.topology().node("master").unwrap().address;
        assert_ne!(address(&d), address(&other));
        assert_ne!(d.published("master"), other.published("master"));
        soon("both masters to answer", async || answers(&d, "master").await && answers(&other, "master").await).await;
        d.kill("master").await.unwrap();
        d.cut("replica-1").await.unwrap();
        assert!(answers(&other, "master").await);
        assert_eq!(other.reach("replica-1").await.unwrap(), Reach::Open);
        let port = other.published("master").unwrap();
        other.remove().await.unwrap();
        assert!(Client::new(port).ask_within(&["PING"], Duration::from_millis(500)).await.is_err(), "nobody is there any more");
        assert_eq!(d.reach("replica-2").await.unwrap(), Reach::Open, "the first one stands");
    })
    .await;
}

/// A cut takes the data network away and nothing else, for one node, between two, and one way.
async fn networks_are_cut_and_mended<F: AsyncFn()>(kind: &Kind<F>) {
    on(kind, "cuts", |d| async move {
        soon("the master to answer", async || answers(&d, "master").await).await;
        d.cut("master").await.unwrap();
        assert_eq!(d.reach("master").await.unwrap(), Reach::Silent);
        assert_eq!(d.reach_from("master", "replica-1").await.unwrap(), Reach::Silent, "out as well as in");
        assert!(answers(&d, "master").await, "the published port leads through the other network");
        assert!(d.cut("master").await.is_err(), "it is cut already");
        d.mend("master").await.unwrap();
        assert_eq!(d.reach("master").await.unwrap(), Reach::Open);
        assert!(d.mend("master").await.is_err(), "it is not cut any more");

        d.part("master", &["replica-1".to_owned()], Way::Both).await.unwrap();
        for (from, to) in [("master", "replica-1"), ("replica-1", "master")] {
            assert_eq!(d.reach_from(from, to).await.unwrap(), Reach::Silent, "{from} to {to}");
        }
        assert_eq!(d.reach_from("replica-2", "master").await.unwrap(), Reach::Open, "only the two are parted");
        d.unite("master", Way::Both).await.unwrap();
        assert_eq!(d.reach_from("replica-1", "master").await.unwrap(), Reach::Open);

        d.part("master", &["replica-1".to_owned()], Way::Out).await.unwrap();
        assert!(d.hears("master", "replica-1").await.unwrap(), "it still hears the other");
        assert!(!d.hears("replica-1", "master").await.unwrap(), "and is not heard");
        d.unite("master", Way::Out).await.unwrap();
    })
    .await;
}

/// Programs run beside a server, and files come and go.
async fn programs_and_files<F: AsyncFn()>(kind: &Kind<F>) {
    on(kind, "files", |d| async move {
        let said = d.exec("master", &["echo", "it's", "two\nlines"], SOON).await.unwrap();
        assert_eq!((said.status, said.stdout.as_str()), (0, "it's two\nlines\n"));
        assert_eq!(d.exec("master", &["false"], SOON).await.unwrap().status, 1);
        assert_eq!(d.exec("master", &["no-such-program"], SOON).await.unwrap().status, 127);
        let late = d.exec("master", &["sleep", "3"], Duration::from_millis(300)).await;
        assert!(matches!(late, Err(EngineError::Limit { .. })), "{late:?}");
        let meanwhile = tokio::join!(d.exec("master", &["sleep", "1"], SOON), d.exec("master", &["echo", "on"], Duration::from_millis(900)));
        assert_eq!((meanwhile.0.unwrap().status, meanwhile.1.unwrap().stdout.as_str()), (0, "on\n"), "one does not wait for the other");
        d.put_file("master", "/data/a file", b"old", 0o644).await.unwrap();
        d.put_file("master", "/data/a file", b"content", 0o644).await.unwrap();
        assert_eq!(d.get_file("master", "/data/a file").await.unwrap(), b"content");
        assert!(matches!(d.get_file("master", "/data/none").await, Err(EngineError::Tool { .. })));
        assert!(matches!(d.state("nobody").await, Err(EngineError::NoSuchNode { .. })));
    })
    .await;
}

/// What is parked serves the next deployment of the run: its containers, with nothing of what was in them.
async fn places_are_used_again<F: AsyncFn()>(kind: &Kind<F>) {
    let (engines, run) = (kind.engines.clone(), format!("conformance-parked-{}", std::process::id()));
    on(kind, "parked", |d| async move {
        soon("the master to answer", async || answers(&d, "master").await).await;
        let port = d.published("master");
        d.put_file("master", "/data/left", b"behind", 0o644).await.unwrap();
        d.cut("replica-1").await.unwrap();
        d.mend("replica-1").await.unwrap();
        d.cut("replica-2").await.unwrap();
        d.park().await.unwrap();
        let d = start(&engines, &run).await;
        assert_eq!(d.published("master"), port, "the place is the same");
        assert!(d.get_file("master", "/data/left").await.is_err(), "and it is empty");
        soon("the next master to answer", async || answers(&d, "master").await).await;
        // What cannot be put right is not used again.
        soon("the next replica to be reached", async || d.reach_from("master", "replica-2").await.unwrap() == Reach::Open).await;
    })
    .await;
}

/// Whoever talks to an engine that is lost is told so, and by which call.
async fn an_engine_is_lost<F: AsyncFn()>(kind: &Kind<F>) {
    let run = format!("conformance-lost-{}", std::process::id());
    let _lock = RunLock::take(&run).unwrap();
    let d = start(&kind.engines, &run).await;
    assert!(d.lost().await.is_none());
    let (call, ()) = tokio::join!(d.exec("master", &["sleep", "5"], SOON), async {
        wait::pace(Duration::from_millis(200)).await;
        (kind.lose)().await;
    });
    let Err(EngineError::Api { call, message, .. }) = &call else { panic!("{call:?}") };
    assert!(call.starts_with("master: ") && message.contains("the connection to the container was lost"), "{call}: {message}");
    assert!(d.lost().await.is_some());
    assert!(matches!(kind.engines.connect().await, Err(EngineError::Unreachable { .. } | EngineError::Api { .. })));
}

mod in_memory {
    use super::*;
    use crate::deployment::fake::Fake;

    fn kind() -> Kind<impl AsyncFn()> {
        let fake = Fake::new();
        Kind { engines: fake.engines(), lose: async move || fake.lose() }
    }

    #[tokio::test(start_paused = true)]
    async fn servers_live_and_die() {
        super::servers_live_and_die(&kind()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn networks_are_cut_and_mended() {
        super::networks_are_cut_and_mended(&kind()).await;
    }

    /// A connection cannot tell: one that hears no answer is as silent as one that is not heard. What is under way in an old connection would arrive.
    #[tokio::test(start_paused = true)]
    async fn a_partition_drops_both_ways_and_a_mute_node_what_it_sends() {
        let fake = Fake::new();
        let kind = Kind { engines: fake.engines(), lose: async || () };
        on(&kind, "ways", |d| async move {
            let arrives = || [(11, 12), (12, 11)].map(|(from, to)| fake.arrives(from, to));
            d.part("master", &["replica-1".to_owned()], Way::Both).await.unwrap();
            assert_eq!(arrives(), [false, false]);
            d.unite("master", Way::Both).await.unwrap();
            d.part("master", &["replica-1".to_owned()], Way::Out).await.unwrap();
            assert_eq!(arrives(), [false, true]);
            d.unite("master", Way::Out).await.unwrap();
            d.cut("replica-1").await.unwrap();
            assert_eq!(arrives(), [false, false]);
        })
        .await;
    }

    #[tokio::test(start_paused = true)]
    async fn ends_are_heard() {
        super::ends_are_heard(&kind()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn deployments_are_apart() {
        super::deployments_are_apart(&kind()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn programs_and_files() {
        super::programs_and_files(&kind()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn places_are_used_again() {
        super::places_are_used_again(&kind()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_is_lost() {
        super::an_engine_is_lost(&kind()).await;
    }
}

/// The same against the Docker engine of this host: `cargo test --lib conformance -- --ignored`, as `.ci/nightly` does.
mod docker {
    use super::*;
    use tokio::net::{TcpListener, UnixStream};
    use tokio::sync::watch;

    const SOCKET: &str = "/var/run/docker.sock";

    /// The engine behind a door that can be shut: what goes through ends then, and nobody new comes in.
    async fn kind() -> Kind<impl AsyncFn()> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (shut, open) = watch::channel(false);
        tokio::spawn(async move {
            let mut shutting = open.clone();
            let door = async {
                while let Ok((mut caller, _)) = listener.accept().await {
                    let mut shutting = open.clone();
                    tokio::spawn(async move {
                        let Ok(mut engine) = UnixStream::connect(SOCKET).await else { return };
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut caller, &mut engine) => {}
                            _ = shutting.wait_for(|shut| *shut) => {}
                        }
                    });
                }
            };
            tokio::select! {
                () = door => {}
                _ = shutting.wait_for(|shut| *shut) => {}
            }
        });
        Kind {
            engines: fake::docker_behind(format!("tcp://{address}")),
            lose: async move || {
                let _ = shut.send_replace(true);
            },
        }
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn servers_live_and_die() {
        super::servers_live_and_die(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn networks_are_cut_and_mended() {
        super::networks_are_cut_and_mended(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn ends_are_heard() {
        super::ends_are_heard(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn deployments_are_apart() {
        super::deployments_are_apart(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn programs_and_files() {
        super::programs_and_files(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn places_are_used_again() {
        super::places_are_used_again(&kind().await).await;
    }

    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn an_engine_is_lost() {
        super::an_engine_is_lost(&kind().await).await;
        // What the lost engine still has is removed by the one that is there.
        let engine = Engines::docker().connect().await.unwrap();
        remove_run(&engine, &format!("conformance-lost-{}", std::process::id()), &[]).await.unwrap();
    }
    /// This host listens on all of its addresses, of which each network of a deployment has one; and there are ways to everywhere, unless they are walled up.
    #[tokio::test]
    #[ignore = "needs a Docker engine"]
    async fn nobody_outside_is_called() {
        on(&kind().await, "walls", |d| async move {
            soon("the master to answer", async || answers(&d, "master").await).await;
            let host = TcpListener::bind("0.0.0.0:0").await.unwrap();
            let port = host.local_addr().unwrap().port();
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let [_, _, number, _] = d.topology().node("master").unwrap().address.octets();
            for address in ["198.18", "198.19"].map(|net| format!("{net}.{number}.1")) {
                let connect = ["timeout", "1", "bash", "-c", &format!("exec 3<>/dev/tcp/{address}/{port}")];
                let said = [d.tool("master", &connect, SOON).await.unwrap(), d.tool_of_the_witness(&connect, SOON).await.unwrap()];
                assert!(said.iter().all(|said| said.status != 0), "{address}: {said:?}");
            }
            let route = ["ip", "route", "get", "192.0.2.1"];
            let said = [d.tool("master", &route, SOON).await.unwrap(), d.tool_of_the_witness(&route, SOON).await.unwrap()];
            assert!(said.iter().all(|said| said.status != 0), "{said:?}");
        })
        .await;
    }
}
