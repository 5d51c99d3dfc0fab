//! Plays the features as a test: `cargo test` plays all of them, `cargo test --test features -- --tags @sentinel` some. It speaks libtest's dialect, so cargo and
//! nextest can list and select scenarios like any other tests.

fn main() -> std::process::ExitCode {
    rehearsal::features_main()
}
