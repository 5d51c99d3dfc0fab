//! A client that writes at a steady rate through all that happens, and what it says afterwards.
//!
//! Writes and losses count from its first write. How long writes were refused, and which reads were stale, is a matter of the last block of `When`s: `client_window.rs`.

use super::bounds::Count;
use super::meaning::Acts;
use super::params::{Route as Way, Span};
use crate::error::{Step, StepError};
use crate::probe::client::GLANCE;
use crate::probe::coverage::{BEARABLE_MS, Gap};
use crate::probe::slot::slot;
use crate::record::{ClientRecord, Found};
use crate::step_means;
use crate::systems::cluster::{Cluster, nodes as cluster};
use crate::systems::{self, Part};
use crate::wait::{self, Look};
use crate::workload::cluster_client::ClusterClient;
use crate::workload::library_client::LibraryClient;
use crate::workload::steady::{self, Holding, Place};
use crate::workload::{Endpoint, Holder, Plan, Route, Sentinels, SlotRoute, Steady};
use crate::world::World;
use cucumber::{given, then, when};
use std::rc::Rc;
use std::time::Duration;

/// A client that was just started has its first write acknowledged within this.
const FIRST: Duration = Duration::from_secs(5);
/// Keys among which those of one cluster node are looked for: of 16 masters each has about this many divided by 16.
const CANDIDATES: usize = 512;
/// After a heal two nodes may say for a moment that they are master.
const ONE_MASTER: Duration = Duration::from_secs(10);

/// A client whose writes are due at this rate whatever becomes of them: through a fixed node (in a cluster: to keys of its own slots), through whichever node says that it has a role (asked anew after every error), through the Sentinels (which it asks for the master after every error; "the Sentinels, asked once" never again), through the redis crate's Sentinel client (which gives it a new connection after every error; "one connection of" it is kept for ever), or through the cluster by its slot map (following MOVED and ASK, and asking for the map again after every error). Each write is a number of its own, appended to a list.
#[given(expr = "a client writes every {duration} through {route}")]
async fn writes(world: &mut World, every: Span, way: Way) -> Step {
    world.start_client(every, way, None, false).await
}

/// The same, and after each write a read from one of the replicas in turn: of the newest write that was acknowledged. A read that does not show it is stale.
#[given(expr = "a client writes every {duration} through {route} and reads from the replicas")]
async fn writes_and_reads(world: &mut World, every: Span, way: Way) -> Step {
    world.start_client(every, way, None, true).await
}

/// The same, with WAIT after each write: one that fewer replicas have within 200 milliseconds does not count as acknowledged.
#[given(expr = "a client writes every {duration} through {route} and waits for {int} replica(s)")]
async fn writes_and_waits(world: &mut World, every: Span, way: Way, replicas: u32) -> Step {
    world.start_client(every, way, Some(replicas), false).await
}

step_means!("the client stops", acts: Acts::Nobody);

/// The client sends no more writes; those that are under way end.
#[when(expr = "the client stops")]
async fn stops(world: &mut World) -> Step {
    world.client_mut()?.stop().await?;
    let told = world.client_record()?.told().join("\n");
    world.observe(told);
    Ok(())
}

step_means!("within {duration} the client's writes are acknowledged again", acts: Acts::Nobody);

/// Waits until, after a write that failed, one is acknowledged: for a stage in the middle of a scenario.
#[when(expr = "within {duration} the client's writes are acknowledged again")]
async fn again_in_between(world: &mut World, span: Span) -> Step {
    if world.leaves_out_waits() {
        return Ok(());
    }
    world.acknowledged_again(span).await
}

/// In the window a write has failed, and a later one is acknowledged; through the cluster, one to each of the lists that the client writes to.
#[then(expr = "within {duration} the client's writes are acknowledged again")]
async fn again(world: &mut World, span: Span) -> Step {
    world.acknowledged_again(span).await
}

/// Every write that the client was told is done, is on the node that is master now.
#[then(expr = "no acknowledged write is lost")]
async fn nothing_lost(world: &mut World) -> Step {
    world.judge_losses("no acknowledged write is lost", |found| found.lost == 0).await
}

/// At least one write that the client was told is done, is not on the node that is master now.
#[then(expr = "some acknowledged writes are lost")]
async fn some_lost(world: &mut World) -> Step {
    world.judge_losses("some acknowledged writes are lost", |found| found.lost > 0).await
}

/// So many writes that the client was told are done, are not on the node that is master now.
#[then(expr = "{count} acknowledged writes are lost")]
async fn so_many_lost(world: &mut World, count: Count) -> Step {
    world.judge_losses(&format!("{} acknowledged writes lost", count.text), |found| count.holds(i64::from(found.lost))).await
}

/// No write stands in its list more than once.
#[then(expr = "no write was executed twice")]
async fn nothing_twice(world: &mut World) -> Step {
    world.judge_losses("no write executed twice", |found| found.duplicated == 0).await
}

/// At least one write of the client was answered with an error that begins with this.
#[then(expr = "some writes were refused with {string}")]
async fn refused_with(world: &mut World, text: String) -> Step {
    let record = world.stopped_client()?;
    let Some((line, count)) = record.errors.iter().find(|(line, _)| line.starts_with(&text)) else {
        return Err(StepError::assertion(format!("no write was refused with {text}")).seen(record.told()));
    };
    world.observe(format!("{line} ({count} times)"));
    Ok(())
}

/// The client wrote, no write was answered with an error, and the last one that it sent a second or more before it stopped was acknowledged. A write without any answer, as from a server that stood still for a moment, is not counted here.
#[then(expr = "no write was refused")]
async fn none_refused(world: &mut World) -> Step {
    let record = world.stopped_client()?;
    let told = record.told().join("; ");
    if record.acknowledged == 0 || record.refused > 0 {
        return Err(StepError::assertion(told.clone()).expected("no write refused", told));
    }
    let last_ms = record.last_acknowledged_ms.unwrap_or_default();
    if last_ms + BEARABLE_MS < record.stopped_ms {
        return Err(world.unwatched("no write was answered any more", Gap { from_ms: last_ms, to_ms: record.stopped_ms }));
    }
    world.rests_on(record.started_ms, record.stopped_ms);
    world.observe(told);
    Ok(())
}

impl World {
    async fn start_client(&mut self, every: Span, way: Way, confirmed_by: Option<u32>, reads: bool) -> Step {
        if self.workload.steady.is_some() {
            return Err(StepError::scenario("a scenario has one client that writes all the while, this is its second"));
        }
        if every.0 < Duration::from_millis(1) {
            return Err(StepError::scenario("a client writes every millisecond at most"));
        }
        let topology = self.deployment()?.topology();
        let spread = topology.formation.spread;
        let (sentinels, replicas) = (self.declared("sentinel")?, self.parts(Part::Secondary)?);
        let route = match &way {
            Way::Node(nodes) => Route::Node(self.endpoint(&self.name(nodes)?)?),
            Way::Holder(role) => {
                let nodes = topology.nodes.iter().filter(|node| node.kind.system.lists().is_some()).map(|node| self.endpoint(&node.name));
                Route::Holder(Holder::new(nodes.collect::<Result<_, _>>()?, role))
            }
            Way::Sentinels | Way::SentinelsOnce | Way::Library | Way::LibraryOnce if sentinels.is_empty() => {
                return Err(StepError::scenario("this topology has no Sentinels"));
            }
            Way::Library | Way::LibraryOnce if confirmed_by.is_some() => {
                return Err(StepError::scenario(
                    "the redis crate's client shares its connection: let a client that waits write through the Sentinels",
                ));
            }
            Way::Library | Way::LibraryOnce => {
                let addresses = sentinels.iter().map(|name| self.address(name)).collect::<Result<Vec<_>, _>>()?;
                Route::Library(Box::new(LibraryClient::new(&addresses, way == Way::LibraryOnce)?))
            }
            Way::Sentinels | Way::SentinelsOnce => {
                let nodes = self.parts(Part::Primary)?.into_iter().chain(replicas.iter().cloned());
                let nodes = nodes.map(|name| Ok((self.address(&name)?, self.endpoint(&name)?))).collect::<Result<Vec<_>, StepError>>()?;
                let sentinels = sentinels.iter().map(|name| self.endpoint(name)).collect::<Result<_, _>>()?;
                Route::Sentinels(Sentinels::new(sentinels, nodes, way == Way::SentinelsOnce))
            }
            Way::Cluster => {
                let nodes = self.published_map()?.into_iter().map(|(name, address, port)| (address, Endpoint::new(&name, &Cluster, port)));
                Route::Cluster(SlotRoute::new(nodes.collect()))
            }
        };
        if confirmed_by.is_some() && matches!(route, Route::Cluster(_)) {
            return Err(StepError::scenario("a cluster client has no connection of its own to wait on: let the client write through a node"));
        }
        let read_from = if reads { replicas.iter().map(|name| self.endpoint(name)).collect::<Result<Vec<_>, _>>()? } else { Vec::new() };
        if reads && read_from.is_empty() {
            return Err(StepError::scenario("this topology has no replicas by role to read from"));
        }
        let lists = match &way {
            Way::Node(nodes) if spread => self.own_lists(&self.name(nodes)?).await?,
            _ => steady::lists(),
        };
        route.connect(FIRST).await;
        let shards = if way == Way::Cluster { self.shards(&lists).await? } else { Vec::new() };
        let plan = Plan { through: way.to_string(), every: every.0, route, lists, shards, confirmed_by, read_from };
        let journal = self.workload.journal();
        let since = self.now_ms();
        let steady = self.workload.steady.insert(Steady::start(plan, journal));
        let first = async || steady.acknowledged_since(since).map_or_else(|| Look::NotYet("none yet".to_owned()), Look::Done);
        let at = wait::within("the client's first acknowledged write", FIRST, first).await?;
        self.observe(format!("the first write was acknowledged after {} ms", at.saturating_sub(since)));
        Ok(())
    }

    fn endpoint(&self, node: &str) -> Result<Rc<Endpoint>, StepError> {
        let deployment = self.deployment()?;
        let spec = deployment.topology().node(node).ok_or_else(|| StepError::scenario(format!("{node} is no node of this topology")))?;
        let port = deployment.published(node).ok_or_else(|| StepError::scenario(format!("{node} is reached by no client")))?;
        Ok(Endpoint::new(node, spec.kind.system, port))
    }

    fn client_mut(&mut self) -> Result<&mut Steady, StepError> {
        self.workload.steady.as_mut().ok_or_else(no_client)
    }

    pub(crate) fn client_record(&self) -> Result<ClientRecord, StepError> {
        Ok(self.workload.steady.as_ref().ok_or_else(no_client)?.record(self.window.began_ms))
    }

    /// The client's numbers, which are not complete before it has stopped.
    pub(super) fn stopped_client(&self) -> Result<ClientRecord, StepError> {
        if !self.workload.steady.as_ref().ok_or_else(no_client)?.is_stopped() {
            return Err(StepError::scenario("the client still writes: `When the client stops` comes first"));
        }
        self.client_record()
    }

    async fn acknowledged_again(&mut self, span: Span) -> Step {
        let (deadline, to_ms) = (self.deadline(span.0), self.ends_ms(span.0));
        let (began, verified) = (self.window.began_ms, self.window.verified_ms);
        let steady = self.workload.steady.as_ref().ok_or_else(no_client)?;
        let again = async || match steady.failed_since(began) {
            None => Look::NotYet("no write has failed".to_owned()),
            // Of a cluster one shard may be away while the others' keys are written all the while.
            Some(failed) => match if steady.is_cluster() { steady.every_list_since(verified) } else { steady.acknowledged_since(failed) } {
                Some(at) if at <= to_ms => Look::Done(at),
                _ => Look::NotYet(steady.record(began).told().join("; ")),
            },
        };
        let at = wait::until("a write to be acknowledged after one that failed", deadline, again)
            .await
            .map_err(|gave_up| StepError::missed(&gave_up, format!("no write is acknowledged again: {}", gave_up.last())))?;
        let after = wait::seconds(self.window.after(at));
        self.observe(format!("a write was acknowledged after {after}"));
        Ok(())
    }

    async fn judge_losses(&mut self, expected: &str, judge: impl Fn(&Found) -> bool) -> Step {
        self.stopped_client()?;
        let found = self.look_for_writes().await?;
        if !judge(&found) {
            let record = self.client_record()?;
            return Err(StepError::assertion(found.told()).expected(expected, found.told()).seen(record.told()));
        }
        self.observe(found.told());
        Ok(())
    }

    /// Looks for every write where a client would look now: on the node that is master, or through the cluster.
    async fn look_for_writes(&mut self) -> Result<Found, StepError> {
        let steady = self.workload.steady.as_ref().ok_or_else(no_client)?;
        if steady.is_cluster() || self.deployment()?.topology().formation.spread {
            // A client of its own: the one that wrote may have a map of before.
            let nodes = self.published_map()?;
            let seeds: Vec<String> = nodes.iter().map(|(name, _, _)| name.clone()).collect();
            let client = ClusterClient::connect(nodes, &seeds).await?;
            return self.client_mut()?.look_for(Place::Cluster(&client)).await.cloned();
        }
        let several = self.deployment()?.topology().primaries().len() > 1;
        let there = async || match steady.sentinels_master().await {
            Some(told) => told.map_or_else(Look::NotYet, |name| Look::Done(vec![name])),
            None => self.say_primary(several).await,
        };
        let what = if several { "a node to take writes" } else { "one node to be master" };
        let names = wait::within(what, ONE_MASTER, there).await?;
        let holding = |name: String| -> Result<Holding, StepError> {
            let system = self
                .deployment()?
                .topology()
                .node(&name)
                .ok_or_else(|| StepError::scenario(format!("{name} is no node of this topology")))?
                .kind
                .system;
            Ok(Holding { asker: self.asker(&name)?, name, system })
        };
        let nodes = names.into_iter().map(holding).collect::<Result<Vec<_>, _>>()?;
        self.client_mut()?.look_for(Place::Nodes(&nodes)).await.cloned()
    }

    /// The masters of a Cluster with those of these keys that lie in their slots now.
    async fn shards(&self, keys: &[String]) -> Result<Vec<(String, Vec<String>)>, StepError> {
        let nodes = self.redis_nodes()?;
        let first = nodes.first().ok_or_else(|| StepError::scenario("this topology has no node to write to"))?;
        let seen = cluster::nodes(&self.command(first, &["CLUSTER", "NODES"]).await?.to_string());
        let own = |node: &cluster::ClusterNode| keys.iter().filter(|key| node.serves(slot(key))).cloned().collect::<Vec<_>>();
        let shards = seen.iter().map(|node| (self.node_at(&node.address).unwrap_or_else(|| node.address.clone()), own(node)));
        Ok(shards.filter(|(_, keys)| !keys.is_empty()).collect())
    }

    /// Keys that lie in the slots of a cluster node, so that it answers for all of them.
    async fn own_lists(&self, node: &str) -> Result<Vec<String>, StepError> {
        let seen = cluster::nodes(&self.command(node, &["CLUSTER", "NODES"]).await?.to_string());
        let own = seen.iter().find(|seen| seen.has_flag("myself") && !seen.slots.is_empty());
        let own = own.ok_or_else(|| StepError::scenario(format!("{node} serves no slot that a client could write to")))?;
        let mut lists = Vec::new();
        for n in 0..CANDIDATES {
            let key = steady::list(n);
            let slot = self.command(node, &["CLUSTER", "KEYSLOT", &key]).await?.to_string();
            if slot.parse().is_ok_and(|slot| own.serves(slot)) {
                lists.push(key);
            }
            if lists.len() == steady::LISTS {
                break;
            }
        }
        if lists.is_empty() {
            return Err(StepError::scenario(format!("none of {CANDIDATES} keys lies in a slot of {node}: let a client write through the cluster")));
        }
        Ok(lists)
    }

    /// The nodes that say they take writes, asked now: the timeline may be a moment behind. More than one is an answer only where there are several from the start.
    async fn say_primary(&self, several: bool) -> Look<Vec<String>> {
        let Ok(deployment) = self.deployment() else { return Look::NotYet("no topology yet".to_owned()) };
        // One of them may well be frozen or gone.
        let asked = deployment.topology().nodes.iter().map(|node| async move {
            let (system, watch) = (node.kind.system, node.kind.system.watch()?);
            let reply = self.asker(&node.name).ok()?.ask(watch.often, GLANCE).await.ok()?;
            system.read(&[reply]).role.is_some_and(systems::is_primary).then(|| node.name.clone())
        });
        let masters: Vec<String> = futures::future::join_all(asked).await.into_iter().flatten().collect();
        match masters.as_slice() {
            [] => Look::NotYet("no node takes writes".to_owned()),
            [_] => Look::Done(masters),
            _ if several => Look::Done(masters),
            more => Look::NotYet(format!("{} are masters", more.join(" and "))),
        }
    }
}

pub(super) fn no_client() -> StepError {
    StepError::scenario("no client writes: begin with `Given a client writes every ... through ...`")
}
