//! Serves the built book on 127.0.0.1: files of one folder, nothing else.

use axum::Router;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::ExitCode;
use tower_http::services::ServeDir;

/// Takes the port.
///
/// # Errors
/// Somebody has it already.
pub fn listen(port: u16) -> Result<TcpListener, String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot serve on 127.0.0.1:{port}: {error}\n  = help: take another one with --port, or 0 for any that is free"))?;
    listener.set_nonblocking(true).map_err(|error| error.to_string())?;
    Ok(listener)
}

/// Serves until somebody ends the program.
pub fn serve(listener: TcpListener, folder: &Path) -> ExitCode {
    let address = listener.local_addr().map_or_else(|e| e.to_string(), |a| a.to_string());
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return ExitCode::from(2) };
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return ExitCode::from(2) };
        eprintln!("the book is at http://{address}/ until you press Ctrl-C");
        let ended = async { drop(tokio::signal::ctrl_c().await) };
        match axum::serve(listener, Router::new().fallback_service(ServeDir::new(folder))).with_graceful_shutdown(ended).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        }
    })
}
