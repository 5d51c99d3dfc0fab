//! Questions to a node that does not speak Redis' protocol: does it accept connections, what does it answer over HTTP, and what does it tell in a stream of lines.

use super::ProbeError;
use super::dial::{self, Stream};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::body::Bytes;
use hyper::{Request, client::conn::http1, header};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::AsyncReadExt as _;

/// A published port is opened by the engine's proxy, which hangs up at once when nobody listens behind it.
const HANGS_UP: Duration = Duration::from_millis(100);
/// Longest body that is read; a question for more is no probe.
const MOST_BYTES: usize = 64 << 10;

/// What a service answered over HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpReply {
    pub status: u16,
    pub body: String,
}

/// Whether somebody accepts connections at a published port of 127.0.0.1 and keeps them open for a moment.
///
/// # Errors
/// Nobody does.
pub async fn knock(port: u16) -> Result<(), ProbeError> {
    let mut stream = connect(port).await?;
    match tokio::time::timeout(HANGS_UP, stream.read(&mut [0; 1])).await {
        Ok(Ok(0)) => Err(ProbeError::Unreachable("the connection was closed at once".to_owned())),
        Ok(Err(error)) => Err(ProbeError::Unreachable(error.to_string())),
        // Silence is what most services begin with; a greeting is as good.
        Ok(Ok(_)) | Err(_) => Ok(()),
    }
}

/// GET of a path at a published port of 127.0.0.1.
///
/// # Errors
/// No connection, no HTTP, or no whole answer within `limit`.
pub async fn get(port: u16, path: &str, limit: Duration) -> Result<HttpReply, ProbeError> {
    request(port, "GET", path, limit).await
}

/// A request without a body.
///
/// # Errors
/// As [`get`].
pub(super) async fn request(port: u16, method: &str, path: &str, limit: Duration) -> Result<HttpReply, ProbeError> {
    tokio::time::timeout(limit, ask(port, method, path)).await.unwrap_or(Err(ProbeError::Silent(limit)))
}

/// Lines of a stream over HTTP, each handed to `heard`, until it ends; `ready` once the answer has begun.
///
/// # Errors
/// It did not begin; one that ends later is `Ok`.
pub(super) async fn lines(port: u16, path: &str, ready: impl FnOnce(), mut heard: impl FnMut(&str)) -> Result<(), ProbeError> {
    let unreachable = |why: String| ProbeError::Unreachable(why);
    let (mut sender, connection) = http1::handshake(TokioIo::new(connect(port).await?)).await.map_err(|e| unreachable(e.to_string()))?;
    let stream = async {
        let reply = sender.send_request(empty("GET", port, path)?).await.map_err(|e| unreachable(e.to_string()))?;
        if !reply.status().is_success() {
            return Err(unreachable(format!("{path} is answered with {}", reply.status())));
        }
        ready();
        let (mut body, mut rest) = (reply.into_body(), Vec::new());
        while let Some(Ok(frame)) = body.frame().await {
            rest.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = rest.drain(..=end).collect();
                heard(String::from_utf8_lossy(&line).trim_end());
            }
            // A line without an end is none.
            if rest.len() > MOST_BYTES {
                return Ok(());
            }
        }
        Ok(())
    };
    let (ended, _) = futures::future::join(stream, connection).await;
    ended
}

fn empty(method: &str, port: u16, path: &str) -> Result<Request<Empty<Bytes>>, ProbeError> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, format!("127.0.0.1:{port}")).body(Empty::<Bytes>::new());
    request.map_err(|e| ProbeError::Unreachable(format!("{path} is no path of a request: {e}")))
}

async fn ask(port: u16, method: &str, path: &str) -> Result<HttpReply, ProbeError> {
    let unreachable = |why: String| ProbeError::Unreachable(why);
    let stream = connect(port).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|e| unreachable(e.to_string()))?;
    let mut request = empty(method, port, path)?;
    request.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
    let exchange = async {
        let reply = sender.send_request(request).await.map_err(|e| unreachable(e.to_string()))?;
        let status = reply.status().as_u16();
        let body = Limited::new(reply.into_body(), MOST_BYTES).collect().await.map_err(|e| unreachable(e.to_string()))?;
        Ok(HttpReply { status, body: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
    };
    // The connection has to be driven while its answer is awaited, and says less than the answer when it breaks.
    let (answer, _) = futures::future::join(exchange, connection).await;
    answer
}

async fn connect(port: u16) -> Result<Box<dyn Stream>, ProbeError> {
    dial::bytes(port).await.map_err(|error| ProbeError::Unreachable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    const LIMIT: Duration = Duration::from_secs(2);

    /// A listener that gives every connection this text, or hangs up at once when there is none.
    async fn service(says: Option<&'static str>) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(says) = says else { continue };
                let mut question = [0; 1024];
                let _ = stream.read(&mut question).await;
                let _ = stream.write_all(says.as_bytes()).await;
            }
        });
        port
    }

    #[tokio::test]
    async fn an_answer_has_status_and_body() {
        let fixed = service(Some("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")).await;
        let chunked = service(Some("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nred\r\n2\r\nis\r\n0\r\n\r\n")).await;
        let reply = |status, body: &str| Ok(HttpReply { status, body: body.to_owned() });
        assert_eq!(get(fixed, "/health", LIMIT).await, reply(200, "ok"));
        assert_eq!(get(chunked, "/", LIMIT).await, reply(503, "redis"));
        assert_eq!(knock(fixed).await, Ok(()));
    }

    #[tokio::test]
    async fn who_hangs_up_or_says_something_else_is_no_answer() {
        let closed = service(None).await;
        assert!(matches!(knock(closed).await, Err(ProbeError::Unreachable(_))));
        assert!(matches!(get(closed, "/", LIMIT).await, Err(ProbeError::Unreachable(_))));
        let other = service(Some("-ERR unknown command\r\n")).await;
        assert!(matches!(get(other, "/", LIMIT).await, Err(ProbeError::Unreachable(_))));
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let limit = Duration::from_millis(50);
        assert_eq!(get(silent.local_addr().unwrap().port(), "/", limit).await, Err(ProbeError::Silent(limit)));
        drop(silent);
    }
}
