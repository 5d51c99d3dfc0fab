//! Plays the features of this crate as a test.

use example_steps as _;

fn main() -> std::process::ExitCode {
    rehearsal::features_main()
}
