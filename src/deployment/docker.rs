//! The Docker engine behind the calls of `engine.rs`, over testcontainers and its client. You are in the right place for what Docker is told, and for how its answers are read.

use std::{collections::HashMap, io::Read as _, net::Ipv4Addr, time::Duration};

use futures::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use testcontainers::{
    CopyTargetOptions, GenericImage, ImageExt,
    bollard::{
        self, body_full, body_try_stream,
        errors::Error as DockerError,
        models::{
            ContainerCreateBody, ContainerSummary, ContainerSummaryStateEnum, EndpointIpamConfig, EndpointSettings, HostConfig, Ipam, IpamConfig, NetworkConnectRequest, NetworkCreateRequest,
            PortBinding, VolumeCreateRequest,
        },
        query_parameters::{
            AttachContainerOptionsBuilder, BuildImageOptionsBuilder, CreateContainerOptions, CreateImageOptionsBuilder, InspectContainerOptions,
            ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, LogsOptionsBuilder,
            RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptions, RenameContainerOptionsBuilder,
        },
    },
    core::{IntoContainerPort, client::docker_client_instance},
    runners::AsyncRunner,
};

use super::{
    container::{BUSYBOX, Blueprint, TOOLS},
    engine::{Answer, Api, Attached, Connect, Engine, EngineVersion, ImageBuild, ImageImport, ImageListed, ImageSeen, Inspected, Listed, NetworkPlan, Wanted},
    error::EngineError,
    files::DATA,
    labels::Labels,
};

/// A registry that is there says something soon ...
const FIRST_ANSWER: Duration = Duration::from_secs(20);
/// ... and goes on talking while layers come in.
const NEXT_ANSWER: Duration = Duration::from_secs(60);

/// A connection to a Docker engine.
#[derive(Debug)]
struct Connection {
    docker: bollard::Docker,
}

/// Where the engine is.
#[derive(Debug)]
pub(super) struct Docker {
    /// Without one it is this host's.
    address: Option<String>,
}

impl Docker {
    pub fn here() -> Docker {
        Docker { address: None }
    }

    /// The engine at `tcp://ADDRESS`. Containers are started by testcontainers, which knows only this host's: it has to be the same one.
    #[cfg(test)]
    pub fn behind(address: String) -> Docker {
        Docker { address: Some(address) }
    }
}

impl Connect for Docker {
    fn connect(&self) -> Answer<'_, Engine> {
        async {
            let docker = match &self.address {
                None => docker_client_instance().await.map_err(EngineError::from_client)?,
                Some(address) => {
                    let docker = bollard::Docker::connect_with_http(address, 120, bollard::API_DEFAULT_VERSION);
                    docker.map_err(|e| EngineError::from_docker("connect", e))?
                }
            };
            Ok(Engine::of(Connection { docker }))
        }
        .boxed()
    }
}

/// A call of the client's as ours; `name` says in an error what was attempted.
fn call<'a, T>(name: &'static str, answer: impl Future<Output = Result<T, DockerError>> + Send + 'a) -> Answer<'a, T> {
    answer.map(move |answer| answer.map_err(|e| EngineError::from_docker(name, e))).boxed()
}

impl Api for Connection {
    fn ping(&self) -> Answer<'_, ()> {
        call("ping", self.docker.ping().map(|answer| answer.map(drop)))
    }

    fn version(&self) -> Answer<'_, EngineVersion> {
        async {
            let (version, info) = tokio::join!(call("version", self.docker.version()), call("info", self.docker.info()));
            let (version, info) = (version?, info?);
            Ok(EngineVersion {
                version: version.version.unwrap_or_default(),
                api: version.api_version.unwrap_or_default(),
                os: format!("{} ({})", info.operating_system.unwrap_or_default(), info.architecture.unwrap_or_default()),
                cpus: info.ncpu.unwrap_or_default().max(0) as u64,
                memory_mib: info.mem_total.unwrap_or_default().max(0) as u64 / (1024 * 1024),
            })
        }
        .boxed()
    }

    fn start(&self, blueprint: Blueprint) -> Answer<'_, String> {
        async move {
            let name = format!("start {}", blueprint.name);
            let command = blueprint.command();
            let Blueprint { name: container, image, labels, tools, network, ipc, published, walled: _, memory, disk, processes, capabilities, files } = blueprint;
            let (repository, tag) = split_reference(&image);
            // Official images have a script as entry point, which changes owners and users; ours have none. A server is started by our shell alone.
            let mut image = GenericImage::new(repository, tag).with_entrypoint(BUSYBOX);
            for port in &published {
                // The engine publishes only what is exposed as well.
                image = image.with_exposed_port(port.tcp());
            }
            let mut request = image.with_container_name(container).with_labels(labels).with_open_stdin(true).with_cmd(command);
            for (path, mode, content) in files {
                request = request.with_copy_to(CopyTargetOptions::new(path).with_mode(mode), content);
            }
            let request = request.with_host_config_modifier(move |host| {
                host.network_mode = Some(network.clone());
                host.ipc_mode = ipc.clone();
                // testcontainers would publish everything on all addresses.
                host.publish_all_ports = Some(false);
                let local = || vec![PortBinding { host_ip: Some("127.0.0.1".into()), host_port: Some(String::new()) }];
                host.port_bindings = Some(published.iter().map(|port| (format!("{port}/tcp"), Some(local()))).collect());
                host.binds = tools.clone().map(|volume| vec![format!("{volume}:{TOOLS}:ro")]);
                host.tmpfs = disk.map(|bytes| [(DATA.to_owned(), format!("size={bytes},mode=1777"))].into());
                host.memory = Some(memory as i64);
                // The same number is "no swap": a server that swaps answers late, and late is what scenarios measure.
                host.memory_swap = Some(memory as i64);
                host.pids_limit = Some(processes);
                host.cap_drop = Some(vec!["ALL".into()]);
                host.cap_add = Some(capabilities.iter().map(|c| c.to_string()).collect());
                host.security_opt = Some(vec!["no-new-privileges".into()]);
            });
            let container = request.start().await.map_err(|e| EngineError::from_testcontainers(&name, e))?;
            let id = container.id().to_string();
            // Its drop would remove the container behind our back, on a runtime that may be ending; removal is ours (`clean`), by label.
            std::mem::forget(container);
            Ok(id)
        }
        .boxed()
    }

    fn fill(&self, volume: String, at: &'static str, image: String, labels: Labels) -> Answer<'_, String> {
        let host = HostConfig { binds: Some(vec![format!("{volume}:{at}")]), ..Default::default() };
        let filler = ContainerCreateBody { image: Some(image), labels: Some(labels), host_config: Some(host), ..Default::default() };
        call("fill volume", self.docker.create_container(None::<CreateContainerOptions>, filler).map(|answer| answer.map(|made| made.id)))
    }

    fn inspect<'a>(&'a self, container: &'a str) -> Answer<'a, Inspected> {
        async move {
            let seen = call("inspect container", self.docker.inspect_container(container, None::<InspectContainerOptions>)).await?;
            let bindings = seen.network_settings.and_then(|network| network.ports).unwrap_or_default();
            let outside = |(inside, bound): (String, Option<Vec<PortBinding>>)| {
                let inside = inside.strip_suffix("/tcp")?.parse().ok()?;
                Some((inside, bound?.into_iter().find_map(|one| one.host_port?.parse().ok())?))
            };
            Ok(Inspected {
                running: seen.state.and_then(|state| state.running).unwrap_or_default(),
                labels: seen.config.and_then(|config| config.labels).unwrap_or_default(),
                published: bindings.into_iter().filter_map(outside).collect(),
            })
        }
        .boxed()
    }

    fn attach<'a>(&'a self, container: &'a str) -> Answer<'a, Attached> {
        // Not standard output: that is the server's log, and the engine keeps it.
        let options = AttachContainerOptionsBuilder::new().stdin(true).stderr(true).stream(true).build();
        let attached = self.docker.attach_container(container, Some(options));
        let ours = |attached: bollard::container::AttachContainerResults| {
            let pieces = attached.output.take_while(|piece| std::future::ready(piece.is_ok()));
            let output = pieces.filter_map(|piece| std::future::ready(piece.ok().map(|piece| piece.into_bytes().to_vec()))).boxed();
            Attached { input: attached.input, output }
        };
        call("attach", attached.map(move |answer| answer.map(ours)))
    }

    fn log<'a>(&'a self, container: &'a str) -> Answer<'a, Vec<u8>> {
        async move {
            let options = LogsOptionsBuilder::new().stdout(true).build();
            let pieces = self.docker.logs(container, Some(options));
            let join = pieces.try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece.into_bytes());
                Ok(all)
            });
            call("logs", join).await
        }
        .boxed()
    }

    fn rename<'a>(&'a self, container: &'a str, name: &'a str) -> Answer<'a, ()> {
        let options = RenameContainerOptionsBuilder::new().name(name).build();
        call("rename container", self.docker.rename_container(container, options))
    }

    fn remove_container<'a>(&'a self, container: &'a str) -> Answer<'a, ()> {
        let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
        call("remove container", self.docker.remove_container(container, Some(options)))
    }

    fn containers(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        async move {
            let options = ListContainersOptionsBuilder::new().all(true).filters(&wanted.filter()).build();
            let found = call("list containers", self.docker.list_containers(Some(options))).await?;
            let listed = |one: ContainerSummary| {
                let running = one.state == Some(ContainerSummaryStateEnum::RUNNING);
                Some(Listed { id: one.id?, labels: one.labels.unwrap_or_default(), running, ..Listed::default() })
            };
            Ok(found.into_iter().filter_map(listed).collect())
        }
        .boxed()
    }

    fn create_network(&self, plan: NetworkPlan) -> Answer<'_, String> {
        let subnet = IpamConfig { subnet: Some(plan.subnet), ..Default::default() };
        let between = if plan.between { HashMap::new() } else { HashMap::from([("com.docker.network.bridge.enable_icc".to_string(), "false".to_string())]) };
        let request = NetworkCreateRequest {
            name: plan.name,
            driver: Some("bridge".into()),
            internal: Some(plan.internal),
            ipam: Some(Ipam { config: Some(vec![subnet]), ..Default::default() }),
            options: Some(between),
            labels: Some(plan.labels),
            ..Default::default()
        };
        call("create network", self.docker.create_network(request).map(|answer| answer.map(|made| made.id)))
    }

    fn connect<'a>(&'a self, network: &'a str, container: &'a str, address: Ipv4Addr) -> Answer<'a, ()> {
        let ipam = EndpointIpamConfig { ipv4_address: Some(address.to_string()), ..Default::default() };
        let endpoint = EndpointSettings { ipam_config: Some(ipam), ..Default::default() };
        let request = NetworkConnectRequest { container: container.to_string(), endpoint_config: Some(endpoint) };
        call("connect network", self.docker.connect_network(network, request))
    }

    fn remove_network<'a>(&'a self, network: &'a str) -> Answer<'a, ()> {
        call("remove network", self.docker.remove_network(network))
    }

    fn networks(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        async move {
            let options = ListNetworksOptionsBuilder::new().filters(&wanted.filter()).build();
            let found = call("list networks", self.docker.list_networks(Some(options))).await?;
            let subnets = |ipam: Option<Ipam>| ipam.and_then(|ipam| ipam.config).into_iter().flatten().filter_map(|config| config.subnet).collect();
            let listed = found.into_iter().filter_map(|one| Some(Listed { id: one.id?, labels: one.labels.unwrap_or_default(), subnets: subnets(one.ipam), ..Listed::default() }));
            Ok(listed.collect())
        }
        .boxed()
    }

    fn create_volume(&self, name: String, labels: Labels) -> Answer<'_, ()> {
        let volume = VolumeCreateRequest { name: Some(name), labels: Some(labels), ..Default::default() };
        call("create volume", self.docker.create_volume(volume).map(|answer| answer.map(drop)))
    }

    fn remove_volume<'a>(&'a self, name: &'a str) -> Answer<'a, ()> {
        call("remove volume", self.docker.remove_volume(name, None::<RemoveVolumeOptions>))
    }

    fn volumes(&self, wanted: Wanted) -> Answer<'_, Vec<Listed>> {
        async move {
            let options = ListVolumesOptionsBuilder::new().filters(&wanted.filter()).build();
            let found = call("list volumes", self.docker.list_volumes(Some(options))).await?.volumes.unwrap_or_default();
            Ok(found.into_iter().map(|one| Listed { id: one.name, labels: one.labels, ..Listed::default() }).collect())
        }
        .boxed()
    }

    fn image<'a>(&'a self, reference: &'a str) -> Answer<'a, ImageSeen> {
        async move {
            let image = call("inspect image", self.docker.inspect_image(reference)).await?;
            let config = image.config.unwrap_or_default();
            let command = config.entrypoint.into_iter().flatten().chain(config.cmd.into_iter().flatten()).collect();
            Ok(ImageSeen { id: image.id.unwrap_or_default(), command })
        }
        .boxed()
    }

    fn images<'a>(&'a self, pattern: &'a str) -> Answer<'a, Vec<ImageListed>> {
        async move {
            let options = ListImagesOptionsBuilder::new().filters(&[("reference".to_string(), vec![pattern.to_owned()])].into()).build();
            let images = call("list images", self.docker.list_images(Some(options))).await?;
            Ok(images.into_iter().map(|one| ImageListed { id: one.id, references: one.repo_tags, bytes: one.size.max(0) as u64 }).collect())
        }
        .boxed()
    }

    fn remove_image<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        let options = RemoveImageOptionsBuilder::new().build();
        call("remove image", self.docker.remove_image(reference, Some(options), None).map(|answer| answer.map(drop)))
    }

    fn pull<'a>(&'a self, reference: &'a str) -> Answer<'a, ()> {
        async move {
            let name = format!("pull {reference}");
            let options = CreateImageOptionsBuilder::new().from_image(reference).build();
            let mut answers = self.docker.create_image(Some(options), None, None);
            let mut limit = FIRST_ANSWER;
            loop {
                match tokio::time::timeout(limit, answers.next()).await {
                    Ok(Some(Ok(_))) => limit = NEXT_ANSWER,
                    Ok(Some(Err(e))) => return Err(EngineError::from_docker(&name, e)),
                    Ok(None) => return Ok(()),
                    Err(_) => return Err(EngineError::Registry { silent: limit }),
                }
            }
        }
        .boxed()
    }

    fn build(&self, build: ImageBuild) -> Answer<'_, ()> {
        async move {
            let options = BuildImageOptionsBuilder::new().t(&build.reference).labels(&build.labels).rm(true).forcerm(true).build();
            let mut steps = self.docker.build_image(options, None, Some(body_full(build.context.into())));
            while let Some(step) = steps.next().await {
                let step = step.map_err(|e| EngineError::from_docker("build image", e))?;
                if let Some(message) = step.error_detail.and_then(|detail| detail.message) {
                    return Err(EngineError::Api { call: "build image".into(), message, status: None });
                }
            }
            Ok(())
        }
        .boxed()
    }

    fn import(&self, import: ImageImport) -> Answer<'_, ()> {
        let ImageImport { repository, tag, changes, archive: mut file } = import;
        async move {
            // In pieces, so that a root file system is never in memory as a whole.
            let pieces = futures::stream::iter(std::iter::from_fn(move || {
                let mut piece = vec![0; 1 << 20];
                match file.read(&mut piece) {
                    Ok(0) => None,
                    Ok(length) => {
                        piece.truncate(length);
                        Some(Ok(piece.into()))
                    }
                    Err(e) => Some(Err(e)),
                }
            }));
            let options = CreateImageOptionsBuilder::new().from_src("-").repo(&repository).tag(&tag).changes(changes).build();
            let mut answers = self.docker.create_image(Some(options), Some(body_try_stream(pieces)), None);
            while let Some(answer) = answers.next().await {
                answer.map_err(|e| EngineError::from_docker("import image", e))?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// `registry:5000/redis:7.0.15` is image `registry:5000/redis` with tag `7.0.15`.
fn split_reference(reference: &str) -> (&str, &str) {
    match reference.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (reference, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_split_at_the_tag_and_not_at_a_port() {
        assert_eq!(split_reference("redis:7.0.15"), ("redis", "7.0.15"));
        assert_eq!(split_reference("localhost:5000/redis"), ("localhost:5000/redis", "latest"));
        assert_eq!(split_reference("rehearsal/redis-7.0:abc"), ("rehearsal/redis-7.0", "abc"));
    }
}
