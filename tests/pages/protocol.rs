//! The DevTools protocol: messages of JSON, each ended by a zero byte, over one connection. You are in the right place when an answer does not come, or when a
//! request of a page was answered with the wrong bytes.
//!
//! There are libraries that have a type for each of its thousand commands. Some twenty are used here, so a command is a name and a value.

use super::site::Site;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

/// Where the pages are for the browser. Nobody listens there: what it asks for is answered by [`Link::serve`], and everything else is refused.
pub const ORIGIN: &str = "http://localhost/";
/// A page of some hundred kilobytes with all of its colours looked at takes a second; a host with other things to do takes ten.
const ANSWER: Duration = Duration::from_secs(60);

type Answer = Result<Value, String>;

/// A connection to a browser of one's own.
#[derive(Clone)]
pub struct Link(Rc<Inner>);

struct Inner {
    site: Site,
    next: Cell<u64>,
    out: mpsc::UnboundedSender<Vec<u8>>,
    waiting: RefCell<BTreeMap<u64, oneshot::Sender<Answer>>>,
    /// What each session told, oldest first, until somebody takes it.
    told: RefCell<BTreeMap<String, Vec<Told>>>,
    news: tokio::sync::Notify,
    ended: Cell<bool>,
}

/// Something that a session told by itself.
#[derive(Debug, Clone)]
pub struct Told {
    pub method: String,
    pub params: Value,
}

impl Link {
    /// A connection whose pages come from `site`. Must be called inside a `LocalSet`.
    pub fn new(stream: TcpStream, site: Site) -> Link {
        let (reading, mut writing) = stream.into_split();
        let (out, mut to_send) = mpsc::unbounded_channel::<Vec<u8>>();
        let inner = Inner {
            site,
            next: Cell::new(1),
            out,
            waiting: RefCell::default(),
            told: RefCell::default(),
            news: tokio::sync::Notify::new(),
            ended: Cell::new(false),
        };
        let link = Link(Rc::new(inner));
        tokio::task::spawn_local(async move {
            while let Some(bytes) = to_send.recv().await {
                if writing.write_all(&bytes).await.is_err() {
                    break;
                }
            }
        });
        let hears = link.clone();
        tokio::task::spawn_local(async move {
            let mut reading = BufReader::new(reading);
            let mut message = Vec::new();
            while reading.read_until(0, &mut message).await.is_ok_and(|length| length > 0) {
                message.pop();
                if let Ok(value) = serde_json::from_slice(&message) {
                    hears.heard(value);
                }
                message.clear();
            }
            hears.0.ended.set(true);
            // Whoever waits for an answer sees that there will be none.
            hears.0.waiting.borrow_mut().clear();
            hears.0.news.notify_waiters();
        });
        link
    }

    /// A command and its answer. `session` is empty for the browser itself.
    pub async fn ask(&self, session: &str, method: &str, params: Value) -> Answer {
        let (tell, told) = oneshot::channel();
        let id = self.send(session, method, params, Some(tell));
        if self.0.ended.get() {
            self.0.waiting.borrow_mut().remove(&id);
            return Err(format!("{method}: the browser has hung up"));
        }
        match tokio::time::timeout(ANSWER, told).await {
            Ok(Ok(answer)) => answer.map_err(|error| format!("{method}: {error}")),
            Ok(Err(_)) => Err(format!("{method}: the browser hung up")),
            Err(_) => Err(format!("{method}: no answer within {} s", ANSWER.as_secs())),
        }
    }

    /// Takes what the session has told so far.
    pub fn take(&self, session: &str) -> Vec<Told> {
        self.0.told.borrow_mut().get_mut(session).map(std::mem::take).unwrap_or_default()
    }

    /// Waits until the session has told this; it stays to be taken.
    pub async fn until_told(&self, session: &str, method: &str) -> Result<(), String> {
        let there = || self.0.told.borrow().get(session).is_some_and(|told| told.iter().any(|told| told.method == method));
        let come = async {
            loop {
                let news = self.0.news.notified();
                match (there(), self.0.ended.get()) {
                    (true, _) => return Ok(()),
                    (false, true) => return Err(format!("the browser hung up before it told {method}")),
                    (false, false) => news.await,
                }
            }
        };
        tokio::time::timeout(ANSWER, come).await.unwrap_or_else(|_| Err(format!("no {method} within {} s", ANSWER.as_secs())))
    }

    fn send(&self, session: &str, method: &str, params: Value, tell: Option<oneshot::Sender<Answer>>) -> u64 {
        let id = self.0.next.replace(self.0.next.get() + 1);
        let mut message = json!({"id": id, "method": method, "params": params});
        if !session.is_empty() {
            message["sessionId"] = session.into();
        }
        if let Some(tell) = tell {
            self.0.waiting.borrow_mut().insert(id, tell);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        // A closed channel shows as a connection that has ended.
        let _ = self.0.out.send(bytes);
        id
    }

    fn heard(&self, mut message: Value) {
        if let Some(id) = message["id"].as_u64() {
            if let Some(tell) = self.0.waiting.borrow_mut().remove(&id) {
                let error = message["error"]["message"].as_str().map(str::to_owned);
                let _ = tell.send(error.map_or_else(|| Ok(message["result"].take()), Err));
            }
            return;
        }
        let session = message["sessionId"].as_str().unwrap_or_default().to_owned();
        let method = message["method"].as_str().unwrap_or_default().to_owned();
        let params = message["params"].take();
        let (method, params) = match method.as_str() {
            "Fetch.requestPaused" => match self.serve(&session, &params) {
                Some(missing) => ("refused".to_owned(), missing.into()),
                None => return,
            },
            _ => (method, params),
        };
        self.0.told.borrow_mut().entry(session).or_default().push(Told { method, params });
        self.0.news.notify_waiters();
    }

    /// Answers a request of a page from the site; an address that is not there.
    fn serve(&self, session: &str, request: &Value) -> Option<String> {
        let url = request["request"]["url"].as_str().unwrap_or_default();
        let id = &request["requestId"];
        let found = url.strip_prefix(ORIGIN).and_then(|path| self.0.site.file(path));
        match found {
            Some((bytes, kind)) => {
                let headers = json!([{"name": "Content-Type", "value": kind}]);
                let answer = json!({"requestId": id, "responseCode": 200, "responseHeaders": headers, "body": STANDARD.encode(bytes)});
                self.send(session, "Fetch.fulfillRequest", answer, None);
                None
            }
            None => {
                self.send(session, "Fetch.failRequest", json!({"requestId": id, "errorReason": "AddressUnreachable"}), None);
                Some(url.to_owned())
            }
        }
    }
}
