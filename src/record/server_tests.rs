//! What contradicts the catalogue, and what does not say enough to do so.

use super::*;

fn asked(image: &str, debian: Option<&str>) -> Asked {
    Asked { image: image.into(), debian: debian.map(str::to_owned), package: "redis".into() }
}

fn meant() -> Meant {
    Meant { asked: asked("redis:7.0.15", Some("bookworm")), append: vec!["save 1 1".into()], binary: Some(("bin/server".into(), Some("aa".into()))) }
}

fn played() -> ServerRecord {
    ServerRecord {
        image: "redis:7.0.15".into(),
        route: "pulled".into(),
        append: vec!["save 1 1".into()],
        asked: Some(asked("redis:7.0.15", Some("bookworm"))),
        executable: Some(Executable::Binary { path: "bin/server".into(), sha256: "aa".into() }),
        ..ServerRecord::default()
    }
}

#[test]
fn another_build_contradicts_the_catalogue() {
    assert_eq!(meant().contradicts(&played()), None);
    let other = |change: fn(&mut ServerRecord)| {
        let mut server = played();
        change(&mut server);
        meant().contradicts(&server)
    };
    assert_eq!(other(|s| s.append.clear()).as_deref(), Some("it had nothing appended, and the catalogue appends save 1 1"));
    assert_eq!(
        other(|s| s.executable = Some(Executable::Image)).as_deref(),
        Some("it was the image's own server, and the catalogue names bin/server")
    );
    let path = other(|s| s.executable = Some(Executable::Binary { path: "bin/other".into(), sha256: "aa".into() }));
    assert_eq!(path.as_deref(), Some("it was bin/other, and the catalogue names bin/server"));
    let bytes = other(|s| s.executable = Some(Executable::Binary { path: "bin/server".into(), sha256: "bb".into() }));
    assert_eq!(bytes.as_deref(), Some("bin/server is another file now"));
    let image = other(|s| s.asked = Some(asked("redis:7.0.14", Some("bookworm"))));
    assert_eq!(image.as_deref(), Some("its image was redis:7.0.14, and the catalogue names redis:7.0.15"));
    assert_eq!(other(|s| s.asked = Some(asked("redis:7.0.15", Some("trixie")))), None, "the image itself was played, not the package");
    let package = other(|s| (s.asked, s.route) = (Some(asked("redis:7.0.15", Some("trixie"))), "built".into()));
    assert_eq!(package.as_deref(), Some("its package was that of trixie"));
    let none = Meant { binary: None, ..meant() };
    assert_eq!(none.contradicts(&played()).as_deref(), Some("it was bin/server, and the catalogue names no executable"));
    let elsewhere = Meant { binary: Some(("bin/server".into(), None)), ..meant() };
    assert_eq!(elsewhere.contradicts(&played()), None, "a file that is not here cannot be compared");
}

#[test]
fn what_an_old_record_does_not_say_contradicts_nothing() {
    let old = ServerRecord { asked: None, executable: None, ..played() };
    assert_eq!(meant().contradicts(&old), None);
    let built = ServerRecord { image: "rehearsal/redis-7.0:0123".into(), route: "built".into(), ..old.clone() };
    assert_eq!(meant().contradicts(&built), None);
    let other = ServerRecord { image: "redis:7.0.14".into(), ..old };
    assert!(meant().contradicts(&other).is_some(), "what it does say counts");
    let json = r#"{"name":"redis-7.0","image":"redis:7.0.15","image_id":"sha256:1","route":"local","version":"7.0.15","build_id":"x"}"#;
    let read: ServerRecord = serde_json::from_str(json).unwrap();
    assert_eq!((read.asked, read.executable), (None, None));
}

#[test]
fn builds_are_told_apart() {
    let key = |change: fn(&mut ServerRecord)| {
        let mut server = played();
        change(&mut server);
        (server.build_key(), server.is_same_build(&played()))
    };
    assert_eq!(key(|s| s.version = "another".into()), (played().build_key(), true));
    for other in [key(|s| s.image_id = "sha256:2".into()), key(|s| s.append.clear()), key(|s| s.executable = Some(Executable::Image))] {
        assert!(other.0 != played().build_key() && !other.1);
    }
}
