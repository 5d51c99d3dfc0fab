//! What clients learn from Sentinels: where the master is, which replicas it has, and that it has changed.

use super::params::{Nodes, Span};
use crate::error::{Step, StepError};
use crate::record::Kind;
use crate::systems::Reply;
use crate::wait::{self, Look};
use crate::world::World;
use cucumber::{gherkin, then};

/// At some moment of the window each of these Sentinels answers SENTINEL get-master-addr-by-name of this name with the address of this node.
#[then(expr = "within {duration} {nodes} name(s) {nodes} as {string}")]
async fn names_as(world: &mut World, span: Span, sentinels: Nodes, master: Nodes, name: String) -> Step {
    let deadline = world.deadline(span.0);
    let mut told = Vec::new();
    for sentinel in world.names(&sentinels)? {
        let what = format!("{sentinel} to name {} as {name}", master.text);
        let found = wait::until(&what, deadline, async || {
            let answer = match world.ask(&sentinel, &["SENTINEL", "get-master-addr-by-name", &name]).await {
                Ok(reply) => reply.texts().join(":"),
                Err(error) => return Look::NotYet(error.message),
            };
            let node = world.node_at(&answer).unwrap_or_else(|| answer.clone());
            match world.name(&master) {
                Ok(wanted) if wanted == node => Look::Done(format!("{answer} ({node})")),
                Ok(_) => Look::NotYet(node),
                Err(error) => Look::NotYet(format!("{node}; {}", error.message)),
            }
        })
        .await
        .map_err(|gave_up| StepError::missed(&gave_up, format!("{sentinel} names {}", gave_up.last())).expected(&master.text, gave_up.last()))?;
        told.push(format!("{sentinel}: {found}"));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// Every one of these Sentinels publishes in the window `+switch-master` with exactly five words: the name, the old address and port, the new address and port.
#[then(expr = "within {duration} {nodes} report(s) the switch of {string} from {nodes} to {nodes}")]
async fn reports_switch(world: &mut World, span: Span, sentinels: Nodes, name: String, from: Nodes, to: Nodes) -> Step {
    let (deadline, to_ms) = (world.deadline(span.0), world.ends_ms(span.0));
    let from = world.words_of(&world.name(&from)?)?;
    let mut told = Vec::new();
    for sentinel in world.names(&sentinels)? {
        let what = format!("{sentinel} to report the switch of {name}");
        let said = wait::until(&what, deadline, async || {
            let wanted = match world.name(&to).and_then(|to| world.words_of(&to)) {
                Ok(to) => format!("{name} {from} {to}"),
                Err(error) => return Look::NotYet(error.message),
            };
            let switches = world.switches(&sentinel, to_ms);
            match switches.iter().find(|(_, text)| *text == wanted) {
                Some((at, text)) => Look::Done((*at, text.clone())),
                None => Look::NotYet(switches.last().map_or_else(|| "no +switch-master".to_owned(), |(_, text)| format!("+switch-master {text}"))),
            }
        })
        .await
        .map_err(|gave_up| {
            StepError::missed(&gave_up, format!("{sentinel} reported {}", gave_up.last()))
                .expected(format!("+switch-master {name} {from} ({})", to.text), gave_up.last())
        })?;
        told.push(format!("{sentinel}: +switch-master {} after {}", said.1, wait::seconds(world.window.after(said.0))));
    }
    world.observe(told.join(", "));
    Ok(())
}

/// At some moment of the window each of these Sentinels lists these nodes, and no others, as replicas of this master; a row is a node ("the old master") and its flags as
/// SENTINEL REPLICAS tells them.
#[then(expr = "within {duration} {nodes} list(s) the replicas of {string}")]
async fn lists_replicas(world: &mut World, span: Span, sentinels: Nodes, name: String, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of nodes and flags"))?;
    let mut rows: Vec<(Nodes, &String)> = Vec::new();
    for row in &table.rows {
        let [node, flags] = row.as_slice() else { return Err(StepError::scenario("a row is a node and its flags: | replica-1 | slave |")) };
        rows.push((one_node(node)?, flags));
    }
    let deadline = world.deadline(span.0);
    for sentinel in world.names(&sentinels)? {
        let what = format!("{sentinel} to list the replicas of {name}");
        let seen = wait::until(&what, deadline, async || {
            let mut wanted = Vec::new();
            for (nodes, flags) in &rows {
                match world.name(nodes) {
                    Ok(node) => wanted.push(format!("{node} {flags}")),
                    Err(error) => return Look::NotYet(error.message),
                }
            }
            wanted.sort();
            let listed = match world.ask(&sentinel, &["SENTINEL", "REPLICAS", &name]).await {
                Ok(reply) => world.listed(&reply),
                Err(error) => return Look::NotYet(error.message),
            };
            if listed == wanted { Look::Done(listed.join(", ")) } else { Look::NotYet(listed.join(", ")) }
        })
        .await
        .map_err(|gave_up| {
            let wanted: Vec<String> = table.rows.iter().map(|row| row.join(" ")).collect();
            StepError::missed(&gave_up, format!("{sentinel} lists {}", gave_up.last())).expected(wanted.join(", "), gave_up.last())
        })?;
        world.observe(format!("{sentinel}: {seen}"));
    }
    Ok(())
}

/// At some moment of the window each of these Sentinels tells this of the master of this name in SENTINEL MASTER; a row is a field and its value.
#[then(expr = "within {duration} {nodes} say(s) of {string}")]
async fn says_of(world: &mut World, span: Span, sentinels: Nodes, name: String, step: &gherkin::Step) -> Step {
    let table = step.table.as_ref().ok_or_else(|| StepError::scenario("this step needs a table of fields and values"))?;
    let wanted: Vec<String> = table.rows.iter().map(|row| row.join(" ")).collect();
    let deadline = world.deadline(span.0);
    for sentinel in world.names(&sentinels)? {
        let what = format!("{sentinel} to say of {name}: {}", wanted.join(", "));
        let seen = wait::until(&what, deadline, async || {
            let fields = match world.ask(&sentinel, &["SENTINEL", "MASTER", &name]).await {
                Ok(Reply::Error(line)) => return Look::NotYet(line),
                Ok(reply) => reply.texts(),
                Err(error) => return Look::NotYet(error.message),
            };
            let told =
                |field: &String| fields.chunks(2).find(|pair| pair[0] == *field).map_or_else(|| "nothing".to_owned(), |pair| pair[1..].concat());
            let seen: Vec<String> =
                table.rows.iter().map(|row| row.first().map_or(String::new(), |field| format!("{field} {}", told(field)))).collect();
            if seen == wanted { Look::Done(seen.join(", ")) } else { Look::NotYet(seen.join(", ")) }
        })
        .await
        .map_err(|gave_up| StepError::missed(&gave_up, format!("{sentinel} says {}", gave_up.last())).expected(wanted.join(", "), gave_up.last()))?;
        world.observe(format!("{sentinel}: {seen}"));
    }
    Ok(())
}

/// By some moment of the window the client has received a message with this in it: the channel, then the text.
#[then(expr = "within {duration} client {string} receives a message with {string}")]
async fn receives_with(world: &mut World, span: Span, client: String, text: String) -> Step {
    world.received(&client, 0)?;
    let (deadline, to_ms) = (world.deadline(span.0), world.ends_ms(span.0));
    let what = format!("client {client} to receive a message with {text}");
    let (at, said) = wait::until(&what, deadline, async || {
        let received = world.received(&client, to_ms).unwrap_or_default();
        match received.iter().find(|(_, seen)| seen.contains(&text)) {
            Some(found) => Look::Done(found.clone()),
            None => Look::NotYet(received.last().map_or("nothing", |(_, seen)| seen).to_owned()),
        }
    })
    .await
    .map_err(|gave_up| {
        StepError::missed(&gave_up, format!("client {client} received {}", gave_up.last())).expected(format!("... {text} ..."), gave_up.last())
    })?;
    world.observe(format!("{said} after {}", wait::seconds(world.window.after(at))));
    Ok(())
}

/// A node in a table's cell: a role as in sentences, or a name without quotes.
///
/// # Errors
/// A quote inside.
pub(super) fn one_node(text: &str) -> Result<Nodes, StepError> {
    let text = text.trim();
    if text.is_empty() || text.contains('"') {
        return Err(StepError::scenario(format!("`{text}` names no node: write replica-1, or the old master, without quotes")));
    }
    text.parse::<Nodes>().or_else(|_| format!("\"{text}\"").parse::<Nodes>()).map_err(StepError::scenario)
}

impl World {
    /// Address and port of a node as two words, as Sentinel writes them.
    pub(super) fn words_of(&self, node: &str) -> Result<String, StepError> {
        Ok(self.address(node)?.replace(':', " "))
    }

    /// What `+switch-master` said from the beginning of the last `When` up to a moment, with its time in milliseconds.
    fn switches(&self, sentinel: &str, to_ms: u64) -> Vec<(u64, String)> {
        let timeline = self.timeline.borrow();
        let is_switch = |e: &&crate::record::Entry| {
            e.kind == Kind::Event
                && e.name == "+switch-master"
                && (self.window.began_ms..=to_ms).contains(&e.first_ms)
                && e.node.as_deref() == Some(sentinel)
        };
        timeline.entries().iter().filter(is_switch).map(|e| (e.first_ms, e.value.clone())).collect()
    }

    /// Node and flags of every replica in a SENTINEL REPLICAS reply, by name.
    fn listed(&self, reply: &Reply) -> Vec<String> {
        let Reply::List(replicas) = reply else { return vec![reply.to_string()] };
        let describe = |replica: &Reply| {
            let fields = replica.texts();
            let field = |name: &str| fields.chunks(2).find(|pair| pair[0] == name).map_or(String::new(), |pair| pair[1..].concat());
            let address = format!("{}:{}", field("ip"), field("port"));
            format!("{} {}", self.node_at(&address).unwrap_or(address), field("flags"))
        };
        let mut listed: Vec<String> = replicas.iter().map(describe).collect();
        listed.sort();
        listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::params::Who;

    #[test]
    fn a_cell_is_a_role_or_a_name() {
        assert_eq!(one_node("the old master").unwrap().who, Who::Old("master"));
        assert_eq!(one_node(" replica-1 ").unwrap().who, Who::Named(vec!["replica-1".into()]));
        assert!(one_node("").is_err() && one_node("\"a\"").is_err());
    }
}
