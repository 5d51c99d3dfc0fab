//! Rehearsal with the steps of this crate: `cargo run -p example-steps -- steps`.

use example_steps as _;

fn main() -> std::process::ExitCode {
    rehearsal::main()
}
