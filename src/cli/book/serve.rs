//! Serves the built book on 127.0.0.1: regular files of one folder, to whoever calls it by its own name.

use crate::book::guard;
use crate::confined;
use crate::run::signals;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

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
    let Ok(mut listening) = signals::listen(|| ()) else { return ExitCode::from(2) };
    runtime.block_on(async {
        let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return ExitCode::from(2) };
        eprintln!("the book is at http://{address}/ until you press Ctrl-C");
        let ended = async move {
            listening.heard.end().await;
        };
        let pages = Router::new().fallback(page).with_state(Arc::new(folder.to_owned()));
        match axum::serve(listener, pages).with_graceful_shutdown(ended).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::from(2)
            }
        }
    })
}

async fn page(State(folder): State<Arc<PathBuf>>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    // A page of somebody else's may have made its own name mean this machine; it then asks under that name.
    if !headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(is_own_name) {
        return (StatusCode::MISDIRECTED_REQUEST, "this address has another name\n").into_response();
    }
    if method != Method::GET && method != Method::HEAD {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    match found(&folder, uri.path()) {
        Some((kind, bytes)) => {
            ([(header::CONTENT_TYPE, kind), (header::X_CONTENT_TYPE_OPTIONS, "nosniff"), (header::CONTENT_SECURITY_POLICY, guard::POLICY)], bytes)
                .into_response()
        }
        None => (StatusCode::NOT_FOUND, "there is no such page\n").into_response(),
    }
}

fn is_own_name(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host });
    matches!(name, "127.0.0.1" | "localhost" | "[::1]")
}

/// A file of the folder with what it is; none through a link, and none whose name begins with a dot.
fn found(folder: &Path, path: &str) -> Option<(&'static str, Vec<u8>)> {
    let mut file = folder.to_owned();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        // Names of pages have nothing that an address would have to encode.
        if part.starts_with('.') || part.contains(['%', '\\', '\0']) {
            return None;
        }
        file.push(part);
        if file.is_symlink() {
            return None;
        }
    }
    if file.is_dir() {
        file.push("index.html");
    }
    let kind = match file.extension().and_then(|ending| ending.to_str()).unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    Some((kind, confined::read(folder, &file, confined::RECORDED).ok().filter(|_| !file.is_symlink())?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_files_of_the_folder_are_served() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("html");
        fs::create_dir_all(folder.join("a")).unwrap();
        fs::write(outer.path().join("secret"), "secret").unwrap();
        fs::write(folder.join("a/index.html"), "page").unwrap();
        fs::write(folder.join(".hidden"), "hidden").unwrap();
        for (to, from) in [("/", ".x"), ("/", "x"), ("../secret", "link.html"), ("a/index.html", "in.html")] {
            std::os::unix::fs::symlink(to, folder.join(from)).unwrap();
        }
        assert_eq!(found(&folder, "/a/").unwrap().1, b"page");
        assert_eq!(found(&folder, "/a/index.html").unwrap().0, "text/html; charset=utf-8");
        for path in [
            "/.x/etc/hostname",
            "/x/etc/hostname",
            "/link.html",
            "/in.html",
            "/.hidden",
            "/../secret",
            "/%2e%2e/secret",
            "/a/../../secret",
            "/nothing",
        ] {
            assert!(found(&folder, path).is_none(), "{path}");
        }
    }

    #[test]
    fn another_name_is_no_name_of_this_machine() {
        for own in ["127.0.0.1:3000", "localhost:3000", "localhost", "[::1]:3000"] {
            assert!(is_own_name(own), "{own}");
        }
        for other in ["evil.example:3000", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3000", ""] {
            assert!(!is_own_name(other), "{other}");
        }
    }
}
