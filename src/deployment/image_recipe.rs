//! What goes into an image we build ourselves, as a value with a hash. You are in the right place to add a tool to the helper or a program
//! name to the servers; how a recipe becomes an image is in `image_build`.
//!
//! A build carries the name `rehearsal/<what>:<hash of the recipe>` and never an official one: Debian's `redis 7.0.15` is close to the
//! official image, but it is not the same program.

use sha2::{Digest, Sha256};

use crate::topology::servers::Server;

/// The helper's Dockerfile, for hosts with a registry but without mmdebstrap.
const HELPER_DOCKERFILE: &str = include_str!("../../compose/images/helper.Dockerfile");
/// Picks the iptables that this kernel supports.
pub(super) const IPTABLES: &str = include_str!("../../compose/images/iptables");
const HELPER_PACKAGES: &[&str] = &["bash", "busybox-static", "coreutils", "grep", "sed", "iproute2", "iptables", "tcpdump"];

/// The browser's Dockerfile, for the same hosts.
const BROWSER_DOCKERFILE: &str = include_str!("../../compose/images/browser.Dockerfile");
/// A browser without windows, letters for it to draw, and what carries its pipe to a port.
const BROWSER_PACKAGES: &[&str] = &["chromium-headless-shell", "fonts-dejavu-core", "socat"];

/// Counts changes of `image_build` that make another image of the same recipe.
const METHOD: &str = "1";

/// Everything that decides what is in a built image. The same recipe is the same tag, so nothing is built twice and nothing stale is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recipe {
    /// `rehearsal/redis-7.0`
    pub repository: String,
    /// Debian suite: `bookworm`.
    pub suite: String,
    pub packages: Vec<String>,
    /// Shell commands run on the host after unpacking; `$1` is the new root. Nothing is run inside: package scripts are not either.
    pub hooks: Vec<String>,
    /// Dockerfile instructions applied on import.
    pub changes: Vec<String>,
    /// The same image as a Dockerfile, if it can be built that way too.
    pub dockerfile: Option<&'static str>,
}

impl Recipe {
    /// The recipe of a server; `None` if its entry names no Debian suite.
    pub fn server(server: &Server) -> Option<Recipe> {
        let suite = server.debian.clone()?;
        let package = &server.package;
        let mut hooks = vec![root_user(), r#"mkdir -p "$1/data" && chmod 1777 "$1/data""#.to_string()];
        // Debian packages the sentinel apart although it is the server under another name.
        hooks.push(format!(r#"ln -sf {package}-server "$1/usr/bin/{package}-sentinel""#));
        // Topologies call the programs by their Redis names, which official Valkey images have as links too.
        if package != "redis" {
            for program in ["server", "sentinel", "cli", "benchmark", "check-aof", "check-rdb"] {
                hooks.push(format!(r#"ln -sf {package}-{program} "$1/usr/bin/redis-{program}""#));
            }
        }
        Some(Recipe {
            repository: format!("rehearsal/{}", server.line()),
            packages: ["server", "tools"].iter().map(|part| format!("{package}-{part}{}", from_suite(&suite))).collect(),
            suite,
            hooks,
            changes: vec![path(), "WORKDIR /data".into(), "VOLUME /data".into(), format!(r#"CMD ["{package}-server"]"#)],
            dockerfile: None,
        })
    }

    /// The recipe of the helper, which is the sandbox as well.
    pub fn helper() -> Recipe {
        let script = format!("cat > \"$1/usr/local/sbin/iptables\" <<'SCRIPT'\n{IPTABLES}SCRIPT\nchmod 755 \"$1/usr/local/sbin/iptables\"");
        // In a folder of its own: containers of other images mount it from a volume.
        let busybox = r#"mkdir -p "$1/rehearsal" && cp "$1/bin/busybox" "$1/rehearsal/busybox""#;
        Recipe {
            repository: "rehearsal/helper".into(),
            suite: "bookworm".into(),
            packages: HELPER_PACKAGES.iter().map(|p| p.to_string()).collect(),
            hooks: vec![root_user(), "mkdir -p \"$1/usr/local/sbin\"".into(), script, busybox.into()],
            changes: vec![path(), r#"CMD ["sleep","infinity"]"#.into()],
            dockerfile: Some(HELPER_DOCKERFILE),
        }
    }

    /// The suite that this one stands on and takes the rest of the packages from: backports and experimental hold only what differs.
    pub fn base_suite(&self) -> Option<&str> {
        base_of(&self.suite)
    }

    /// The recipe of the browser that looks at the book's pages.
    pub fn browser() -> Recipe {
        Recipe {
            repository: "rehearsal/browser".into(),
            suite: "bookworm".into(),
            packages: BROWSER_PACKAGES.iter().map(|p| p.to_string()).collect(),
            // Half a hundred megabytes that no page needs.
            hooks: vec![root_user(), r#"rm -rf "$1/usr/share/doc" "$1/usr/share/locale" "$1/usr/share/man""#.into()],
            changes: vec![path()],
            dockerfile: Some(BROWSER_DOCKERFILE),
        }
    }

    /// Hash of everything above: 12 hexadecimal digits.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(METHOD);
        let parts = [&self.repository, &self.suite].into_iter().chain(&self.packages).chain(&self.hooks).chain(&self.changes);
        for part in parts.map(String::as_str).chain(self.dockerfile) {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// `rehearsal/redis-7.0:0123456789ab`
    pub fn reference(&self) -> String {
        format!("{}:{}", self.repository, self.hash())
    }
}

fn base_of(suite: &str) -> Option<&str> {
    match suite {
        "experimental" => Some("sid"),
        _ => suite.strip_suffix("-backports"),
    }
}

/// As apt writes it: the version of that suite, where the base would be preferred.
fn from_suite(suite: &str) -> String {
    base_of(suite).map_or(String::new(), |_| format!("/{suite}"))
}

/// Unpacked packages bring no users, and tcpdump looks up the one it runs as. The links and folders are what package scripts would make.
fn root_user() -> String {
    concat!(
        r#"mkdir -p "$1/etc" "$1/tmp" "$1/run" "$1/root" "$1/proc" "$1/sys" "$1/dev" && chmod 1777 "$1/tmp""#,
        r#" && echo root:x:0:0:root:/root:/bin/sh > "$1/etc/passwd" && echo root:x:0: > "$1/etc/group""#,
        r#" && if [ -e "$1/usr/bin/bash" ] && ! [ -e "$1/usr/bin/sh" ]; then ln -s bash "$1/usr/bin/sh"; fi"#,
    )
    .to_string()
}

fn path() -> String {
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(name: &str, package: &str, suite: &str) -> Server {
        Server {
            name: name.into(),
            image: format!("{package}:x"),
            debian: Some(suite.into()),
            package: package.into(),
            append: Vec::new(),
            binary: None,
        }
    }

    #[test]
    fn the_hash_follows_the_recipe_and_nothing_else() {
        let redis = Recipe::server(&server("redis-7.0", "redis", "bookworm")).unwrap();
        let mut same = server("redis-7.0", "redis", "bookworm");
        same.append = vec!["maxmemory 1mb".into()];
        assert_eq!(Recipe::server(&same).unwrap().reference(), redis.reference());
        assert!(redis.reference().starts_with("rehearsal/redis-7.0:"));
        let newer = Recipe::server(&server("redis-7.0", "redis", "trixie")).unwrap();
        assert_ne!(newer.hash(), redis.hash());
    }

    #[test]
    fn a_suite_that_stands_on_another_names_whose_version_is_meant() {
        let backport = Recipe::server(&server("valkey-8.0", "valkey", "bookworm-backports")).unwrap();
        assert_eq!(backport.packages, ["valkey-server/bookworm-backports", "valkey-tools/bookworm-backports"]);
        assert_eq!(backport.base_suite(), Some("bookworm"));
        assert_eq!(Recipe::server(&server("redis-8.6", "redis", "experimental")).unwrap().base_suite(), Some("sid"));
        let whole = Recipe::server(&server("redis-7.0", "redis", "bookworm")).unwrap();
        assert_eq!((whole.base_suite(), whole.packages[0].as_str()), (None, "redis-server"));
    }

    #[test]
    fn valkey_answers_to_the_names_topologies_use() {
        let hooks = Recipe::server(&server("valkey-8.1", "valkey", "trixie")).unwrap().hooks.join("\n");
        assert!(hooks.contains(r#"ln -sf valkey-server "$1/usr/bin/redis-server""#));
        assert!(hooks.contains(r#"ln -sf valkey-cli "$1/usr/bin/redis-cli""#));
    }

    #[test]
    fn both_ways_to_an_image_install_the_same_packages() {
        for (packages, dockerfile) in [(HELPER_PACKAGES, HELPER_DOCKERFILE), (BROWSER_PACKAGES, BROWSER_DOCKERFILE)] {
            let install = dockerfile.split("--no-install-recommends ").nth(1).and_then(|rest| rest.split(" \\\n").next()).unwrap();
            assert_eq!(install.split_whitespace().collect::<Vec<_>>(), packages);
        }
        assert!(HELPER_DOCKERFILE.contains("COPY iptables /usr/local/sbin/iptables"));
    }
}
