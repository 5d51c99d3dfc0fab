//! The `rehearsal` program: parse, call, exit code. Everything else is in the library, so that a crate with steps of its own can have the same three lines.

fn main() -> std::process::ExitCode {
    rehearsal::main()
}
