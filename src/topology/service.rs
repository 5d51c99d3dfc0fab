//! One service of a compose file becomes a [`NodeSpec`].
//!
//! You are in the right place for what the keys of a service mean: image, command, address, role, port, files, environment, memory, disk.

use super::NodeSpec;
use super::grammar;
use super::located::Problem;
use super::reading::{Field, Reading, plain};
use super::variables;
use super::words;
use crate::systems::{self, FileSpec, Kind};
use serde_yaml::Value;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Text of the declared files by name.
pub(super) type Configs = BTreeMap<String, String>;

/// A declared network: its subnet as address and prefix length, when it says one.
pub(super) type Subnets = BTreeMap<String, Option<(Ipv4Addr, u32)>>;

/// Names of the services whose image is the one under test; asked before the variables are filled in.
pub(super) fn under_test(root: &Value) -> Vec<String> {
    let services = Field::root(root).get("services").map(|s| s.entries()).unwrap_or_default();
    let under_test = |field: &Field<'_>| field.get("image").is_some_and(|i| plain(i.value).contains(&format!("${{{}", variables::IMAGE)));
    services.into_iter().filter(|(_, field)| under_test(field)).map(|(name, _)| name).collect()
}

/// The declared networks.
pub(super) fn subnets(reading: &mut Reading<'_>, root: &Field<'_>) -> Subnets {
    let mut subnets = Subnets::new();
    for (name, field) in root.get("networks").map(|n| n.entries()).unwrap_or_default() {
        let configs = field.get("ipam").and_then(|i| i.get("config")).map(|c| c.items()).unwrap_or_default();
        let mut parsed = None;
        if let Some(subnet) = configs.first().and_then(|c| c.get("subnet")) {
            let text = plain(subnet.value);
            parsed = text.split_once('/').and_then(|(address, bits)| Some((address.parse().ok()?, bits.parse().ok().filter(|b| *b <= 30)?)));
            if parsed.is_none() {
                let problem = reading.error(&subnet.path, format!("`{text}` is not a subnet"));
                reading.problems.push(problem.advice("write `${REHEARSAL_NET:-198.18.0}.0/24`"));
            }
        }
        subnets.insert(name, parsed);
    }
    subnets
}

/// Reads one service; `None` when it lacks something that has no default, with a problem noted.
pub(super) fn read(
    reading: &mut Reading<'_>,
    name: &str,
    service: &Field<'_>,
    configs: &Configs,
    subnets: &Subnets,
    under_test: bool,
) -> Option<NodeSpec> {
    let image = service.get("image").and_then(|f| reading.text(&f));
    if image.is_none() {
        let problem = reading.error(&service.path, format!("service `{name}` has no image"));
        reading.problems.push(problem.advice("`image: ${REHEARSAL_IMAGE:-redis:7.0.15}` takes the server under test"));
    }
    if let (Some(reference), Some(field)) = (image.as_deref().filter(|image| !grammar::is_image(image)), service.get("image")) {
        note(reading, &field, format!("`{}` is no reference to an image", reference.escape_debug()), grammar::IMAGE);
    }
    if !grammar::is_name(name) {
        note(reading, service, format!("`{}` is no name of a node", name.escape_debug()), grammar::NAME);
    }
    let kind = kind(reading, name, service);
    let port = port(reading, name, service, kind);
    let command = command(reading, service);
    let address = address(reading, name, service, subnets);
    let files = files(reading, service, configs);
    let environment = environment(reading, service);
    let memory = memory(reading, service);
    let disk = service.get("x-rehearsal").and_then(|x| x.get("disk")).and_then(|field| amount(reading, &field));
    Some(NodeSpec {
        name: name.to_owned(),
        kind: kind?,
        image: image?,
        under_test,
        command: command?,
        address: address?,
        port: port?,
        files,
        environment,
        memory,
        disk,
    })
}

/// Where a service's address stands.
pub(super) fn address_field<'v>(service: &Field<'v>) -> Option<Field<'v>> {
    service.get("networks")?.entries().first()?.1.get("ipv4_address")
}

fn note(reading: &mut Reading<'_>, field: &Field<'_>, message: String, advice: impl Into<String>) {
    let problem = reading.error(&field.path, message).advice(advice);
    reading.problems.push(problem);
}

fn kind(reading: &mut Reading<'_>, name: &str, service: &Field<'_>) -> Option<Kind> {
    let extension = service.get("x-rehearsal");
    let Some(field) = extension.as_ref().and_then(|x| x.get("role")) else {
        let words: Vec<&str> = systems::roles().collect();
        let advice = format!("write `x-rehearsal: {{ role: {} }}`, or {}", words[0], words[1..].join(", "));
        note(reading, service, format!("service `{name}` has no role"), advice);
        return None;
    };
    let word = reading.text(&field)?;
    let found = systems::role(&word);
    if found.is_none() {
        let problem: Problem = reading.error(&field.path, format!("unknown role `{word}`")).did_you_mean(&word, systems::roles());
        reading.problems.push(problem);
    }
    if let Some(field) = extension.as_ref().and_then(|x| x.get("system")) {
        is_of(reading, &field, found)?;
    }
    found
}

/// Whether the role is one of the system that the node names beside it.
fn is_of(reading: &mut Reading<'_>, field: &Field<'_>, kind: Option<Kind>) -> Option<()> {
    let word = reading.text(field)?;
    let Some(system) = systems::all().find(|system| system.name() == word) else {
        let problem = reading.error(&field.path, format!("unknown system `{word}`"));
        reading.problems.push(problem.did_you_mean(&word, systems::all().map(|system| system.name())));
        return None;
    };
    if let Some(kind) = kind.filter(|kind| kind.system.name() != word) {
        let roles: Vec<&str> = system.roles().iter().map(|role| role.word).collect();
        let message = format!("`{}` is no role of `{word}`, but of `{}`", kind.role.word, kind.system.name());
        note(reading, field, message, format!("`{word}` has {}", roles.join(", ")));
        return None;
    }
    Some(())
}

fn port(reading: &mut Reading<'_>, name: &str, service: &Field<'_>, kind: Option<Kind>) -> Option<u16> {
    if let Some(field) = service.get("x-rehearsal").and_then(|x| x.get("port")) {
        let text = reading.text(&field)?;
        let port = text.parse().ok().filter(|p| *p > 0);
        if port.is_none() {
            note(reading, &field, format!("`{text}` is not a port"), "a number from 1 to 65535");
        }
        return port;
    }
    let kind = kind?;
    if kind.system.port().is_none() {
        let advice = format!("nothing is known of `{kind}` that would say it: `x-rehearsal: {{ role: {kind}, port: 8080 }}`");
        note(reading, service, format!("service `{name}` has no port"), advice);
    }
    kind.system.port()
}

fn command(reading: &mut Reading<'_>, service: &Field<'_>) -> Option<Vec<String>> {
    let Some(field) = service.get("command") else { return Some(Vec::new()) };
    if let Value::Sequence(_) = field.value {
        return field.items().iter().map(|item| reading.text(item)).collect();
    }
    let line = reading.text(&field)?;
    let split = words::split(&line);
    if split.is_none() {
        note(reading, &field, "a quote in the command is not closed".to_owned(), "write the command as a list, one word an item");
    }
    split
}

fn address(reading: &mut Reading<'_>, name: &str, service: &Field<'_>, subnets: &Subnets) -> Option<Ipv4Addr> {
    let networks = service.get("networks").map(|n| n.entries()).unwrap_or_default();
    let [(network, _)] = networks.as_slice() else {
        let message = format!("service `{name}` is in {} networks, it has to be in one, with an address", networks.len());
        note(reading, service, message, "write `networks: { data: { ipv4_address: \"${REHEARSAL_NET:-198.18.0}.11\" } }`");
        return None;
    };
    let Some(field) = address_field(service) else {
        note(reading, service, format!("service `{name}` has no fixed address"), "peers know a node by its address: give it an `ipv4_address`");
        return None;
    };
    let text = reading.text(&field)?;
    let Ok(address) = text.parse::<Ipv4Addr>() else {
        note(reading, &field, format!("`{text}` is not an address"), "four numbers from 0 to 255, such as `${REHEARSAL_NET:-198.18.0}.11`");
        return None;
    };
    match subnets.get(network) {
        None => {
            note(reading, &field, format!("network `{network}` is not declared"), format!("declare `networks: {{ {network}: ... }}` with a subnet"))
        }
        Some(None) => {
            note(reading, &field, format!("network `{network}` has no subnet"), "fixed addresses need `ipam: { config: [{ subnet: ... }] }`")
        }
        Some(Some((net, bits))) => {
            let host = u32::from(address) & (u32::MAX >> bits);
            let inside = u32::from(address) & !(u32::MAX >> bits) == u32::from(*net) & !(u32::MAX >> bits);
            if !inside {
                note(
                    reading,
                    &field,
                    format!("address {address} lies outside the network {net}/{bits}"),
                    "write it with `${REHEARSAL_NET:-198.18.0}`",
                );
            } else if host < 2 || host == u32::MAX >> bits {
                note(reading, &field, format!("address {address} is the network's own"), "addresses from .2 on are free; ours begin at .11");
            }
        }
    }
    Some(address)
}

fn files(reading: &mut Reading<'_>, service: &Field<'_>, configs: &Configs) -> Vec<FileSpec> {
    let mut files = Vec::new();
    for item in service.get("configs").map(|c| c.items()).unwrap_or_default() {
        let (Some(source), Some(target)) = (item.get("source"), item.get("target")) else {
            note(reading, &item, "a file needs `source` and `target`".to_owned(), "source: a name under `configs`; target: a path in the container");
            continue;
        };
        let (name, path) = (plain(source.value), plain(target.value));
        let content = configs.get(&name).cloned();
        if content.is_none() {
            let problem =
                reading.error(&source.path, format!("config `{name}` is not declared")).did_you_mean(&name, configs.keys().map(String::as_str));
            reading.problems.push(problem);
        }
        if !path.starts_with('/') || path.split('/').any(|part| part == "..") {
            note(reading, &target, format!("`{path}` is not an absolute path"), "the target is a path in the container, such as /data/sentinel.conf");
        }
        let mode = item.get("mode").map_or(Some(0o444), |field| mode(reading, &field));
        if let (Some(content), Some(mode)) = (content, mode) {
            files.push(FileSpec { target: path, content, mode });
        }
    }
    files
}

/// `0666` is a text in YAML 1.2 and an octal number in YAML 1.1; both mean the same here.
fn mode(reading: &mut Reading<'_>, field: &Field<'_>) -> Option<u32> {
    let mode = match field.value {
        Value::Number(number) => number.as_u64().and_then(|n| u32::try_from(n).ok()),
        other => u32::from_str_radix(plain(other).trim_start_matches("0o"), 8).ok(),
    };
    let mode = mode.filter(|m| *m <= 0o777);
    if mode.is_none() {
        note(reading, field, format!("`{}` is not a file mode", plain(field.value)), "octal, with a leading zero: 0666");
    }
    mode
}

fn environment(reading: &mut Reading<'_>, service: &Field<'_>) -> Vec<(String, String)> {
    let Some(field) = service.get("environment") else { return Vec::new() };
    let mut pairs: Vec<(String, String)> = field.entries().into_iter().map(|(name, field)| (name, plain(field.value))).collect();
    for item in field.items() {
        match plain(item.value).split_once('=') {
            Some((name, value)) => pairs.push((name.to_owned(), value.to_owned())),
            None => note(reading, &item, "an environment variable needs a value".to_owned(), "write NAME=value: nothing is taken from the host"),
        }
    }
    pairs
}

/// What an engine demands; 0 would be no limit at all.
const LEAST_MEMORY: u64 = 6 << 20;

/// Above the engine's own bound a limit is none.
const MOST_MEMORY: u64 = 64 << 30;

fn memory(reading: &mut Reading<'_>, service: &Field<'_>) -> Option<u64> {
    let field = service.get("mem_limit")?;
    let bytes = amount(reading, &field);
    if bytes.is_some_and(|bytes| bytes > MOST_MEMORY) {
        note(reading, &field, format!("`{}` of memory is more than a node may have", plain(field.value)), "64g at most");
    }
    if bytes.is_some_and(|bytes| bytes < LEAST_MEMORY) {
        let text = plain(field.value);
        let message = format!("`{text}` of memory is too little: no container engine starts with it");
        note(reading, &field, message, "6m at least; a server wants some 20m");
    }
    bytes
}

/// A number of bytes, as `64m`.
fn amount(reading: &mut Reading<'_>, field: &Field<'_>) -> Option<u64> {
    let text = plain(field.value).to_lowercase();
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match text[number.len()..].trim_end_matches('b') {
        "" => Some(1),
        "k" => Some(1 << 10),
        "m" => Some(1 << 20),
        "g" => Some(1 << 30),
        _ => None,
    };
    let bytes = number.parse::<u64>().ok().zip(unit).and_then(|(n, unit)| n.checked_mul(unit));
    if bytes.is_none() {
        note(reading, field, format!("`{text}` is not an amount of memory"), "a number with b, k, m or g: 64m");
    }
    bytes
}
