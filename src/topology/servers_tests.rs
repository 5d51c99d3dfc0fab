//! The project's catalogue, and catalogues that are wrong in one way each.

use super::*;

fn problems(text: &str) -> String {
    match Catalogue::parse(text, "compose/servers.toml") {
        Ok(catalogue) => format!("no problem: {:?}", catalogue.servers()),
        Err(problems) => problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn the_projects_catalogue_is_read_in_its_order() {
    let catalogue = Catalogue::parse(include_str!("../../compose/servers.toml"), "compose/servers.toml").unwrap();
    let seen: Vec<String> = catalogue.servers().iter().map(|s| format!("{} {} {}", s.name, s.package, s.version())).collect();
    assert_eq!(
        seen,
        [
            "redis-7.0 redis 7.0.15",
            "redis-6.0 redis 6.0.16",
            "redis-8.0 redis 8.0.2",
            "redis-8.6 redis 8.6.3",
            "valkey-8.0 valkey 8.0.1",
            "valkey-8.1 valkey 8.1.1",
            "valkey-9.1 valkey 9.1.2",
        ]
    );
    assert_eq!(catalogue.default_server().name, "redis-7.0");
    assert_eq!(catalogue.get("redis-7").unwrap_err(), "there is no server `redis-7`; did you mean `redis-7.0`?");
}

#[test]
fn order_is_the_files_and_not_the_alphabets() {
    let catalogue = Catalogue::parse("z = { image = \"redis:7.0.15\" }\na = { image = \"redis:8.0.2\" }\n", "x").unwrap();
    assert_eq!(catalogue.default_server().name, "z");
}

#[test]
fn a_server_broken_on_purpose() {
    let text = "broken = { image = \"redis:7.0.15\", append = [\"min-replicas-to-write 0\", \"sentinel parallel-syncs 2\"], binary = \"target/redis-server\" }";
    let catalogue = Catalogue::parse(text, "x").unwrap();
    assert_eq!(catalogue.default_server().append.len(), 2);
    assert_eq!(catalogue.default_server().binary.as_deref(), Some(Path::new("target/redis-server")));
}

#[test]
fn the_version_is_that_of_what_runs() {
    let version = |text: &str| Catalogue::parse(text, "x").unwrap().default_server().version().to_string();
    assert_eq!(version("redis-9.9 = { image = \"redis:7.0.15-bookworm\" }"), "7.0.15");
    assert_eq!(version("own-7.4 = { image = \"x/redis\" }"), "7.4");
    assert_eq!(version("own-8.6 = { image = \"redis:8.0.2\", binary = \"target/redis-server\" }"), "8.6");
}

#[test]
fn fields_are_checked() {
    insta::assert_snapshot!(problems("a = { imag = \"redis:7.0.15\" }"), @r#"
    error: server `a` has no image
     --> compose/servers.toml:1:5
      = help: write `image = "redis:7.0.15"`
    error: unknown field `imag`
     --> compose/servers.toml:1:7
      = help: did you mean `image`?
    "#);
    insta::assert_snapshot!(problems("a = { image = 7 }"), @r#"
    error: `image` has to be a text
     --> compose/servers.toml:1:15
      = help: write `image = "..."`
    "#);
    insta::assert_snapshot!(problems("a = { image = \"x/own:latest\" }"), @r#"
    error: it is not clear whose server `a` is
     --> compose/servers.toml:1:5
      = help: write `package = "redis"` or `package = "valkey"`
    "#);
    insta::assert_snapshot!(problems("a = { image = \"redis:latest\" }"), @r"
    error: the version of `a` is not clear
     --> compose/servers.toml:1:5
      = help: give the image a tag that starts with it, or end the name with it: `redis-8.0`
    ");
}

#[test]
fn the_host_stays_out() {
    insta::assert_snapshot!(problems("a = { image = \"redis:7.0.15\", binary = \"/usr/bin/redis-server\" }"), @r"
    error: `/usr/bin/redis-server` lies outside the project
     --> compose/servers.toml:1:40
      = help: a path relative to the project's root, without `..`: copy the executable to target/
    ");
    insta::assert_snapshot!(problems("a = { image = \"redis:7.0.15\", binary = \"../redis-server\" }"), @r"
    error: `../redis-server` lies outside the project
     --> compose/servers.toml:1:40
      = help: a path relative to the project's root, without `..`: copy the executable to target/
    ");
}

#[test]
fn appended_directives_are_checked() {
    insta::assert_snapshot!(problems("\na = { image = \"redis:7.0.15\", append = [\"apendonly yes\"] }"), @r#"
    error: unknown directive `apendonly`; did you mean `appendonly`?
     --> compose/servers.toml:2:40
      = help: one "directive value" each, as in the server's configuration file; `NODE.` or `ROLE.` before it narrows it
    "#);
}

#[test]
fn broken_and_empty_catalogues() {
    insta::assert_snapshot!(problems("# nothing\n"), @r#"
    error: the catalogue has no server
     --> compose/servers.toml:1:1
      = help: write a line such as `redis-7.0 = { image = "redis:7.0.15" }`
    "#);
    insta::assert_snapshot!(problems("a = { image = \"redis:7.0.15\" }\na = { image = \"redis:8.0.2\" }\n"), @r"
    error: not valid TOML: duplicate key
     --> compose/servers.toml:2:1
    ");
    insta::assert_snapshot!(problems("a = { image = \n"), @r"
    error: not valid TOML: unclosed inline table, expected `}`
     --> compose/servers.toml:1:14
    ");
    insta::assert_snapshot!(problems("r-7.0 = { image = \"redis:7.0.15\" }\n\"r-7.0\" = { image = \"redis:7.0.15\" }\n"), @r"
    error: server `r-7.0` is there twice
     --> compose/servers.toml:2:11
      = help: names are unique: one line a server
    ");
}
