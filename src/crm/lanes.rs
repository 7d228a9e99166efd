//! The lanes on which calls travel: each has a connection, and a runtime that runs in its caller's thread.
//!
//! A client that drives its connections in a thread of its own wakes that thread with each call, and that thread wakes
//! the caller. Two changes of thread cost more than signing, writing and reading a call. On a lane the caller itself
//! drives the connection (`link.rs`); only names are looked up in another thread. There are as many lanes as calls
//! were ever in flight at once.
//!
//! The invariant: a request leaves at most once. It is handed to a second connection only where the first hands it back
//! unwritten.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http_body_util::LengthLimitError;
use hyper::HeaderMap;
use hyper::body::Bytes;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::dialer::{AnyError, Dialer};
use super::link::{Link, Outgoing};

/// How long an idle connection may be used again: shorter than servers keep it, as they may close it in the middle of a
/// request.
const IDLE: Duration = Duration::from_secs(5);
/// The largest reply that is read. The API has no larger one: 10 000 customers of 6 KiB.
const LARGEST_REPLY: usize = 64 << 20;

/// A reply, as it came.
pub(super) struct Reply {
    /// The HTTP status.
    pub(super) status: u16,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The whole body, or why it broke off.
    pub(super) body: Result<Bytes, Broken>,
}

/// Why not even the head of a reply came.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoReply {
    /// Nothing of the request has left.
    #[error("not sent")]
    NotSent(#[source] AnyError),
    /// The request may have arrived.
    #[error("no reply in time")]
    TooSlow,
    /// The request may have arrived.
    #[error("the connection broke")]
    Lost(#[source] hyper::Error),
}

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    /// It did not end in time.
    #[error("too slow")]
    TooSlow,
    /// It is larger than any reply of the API.
    #[error("too large")]
    TooLarge,
    /// The connection broke, or its bytes are no HTTP.
    #[error("the reply broke off")]
    Lost(#[source] AnyError),
}

impl From<AnyError> for Broken {
    fn from(error: AnyError) -> Self {
        if error.is::<LengthLimitError>() {
            Self::TooLarge
        } else {
            Self::Lost(error)
        }
    }
}

/// The lanes of one server.
pub(super) struct Lanes {
    dialer: Dialer,
    /// Longest duration of a call.
    timeout: Duration,
    /// The lane that was used last is taken first: its connection is the freshest.
    idle: Mutex<Vec<Lane>>,
}

struct Lane {
    runtime: Runtime,
    kept: Option<KeptLink>,
}

/// A connection that may take another call.
struct KeptLink {
    link: Link,
    idle_since: Instant,
}

impl KeptLink {
    fn new(link: Link) -> Self {
        Self {
            link,
            idle_since: Instant::now(),
        }
    }

    /// Returns the connection, unless it is old or closed.
    async fn still_open(mut self) -> Option<Link> {
        let is_open = self.idle_since.elapsed() < IDLE && self.link.catch_up().await;
        is_open.then_some(self.link)
    }
}

impl Lanes {
    /// Makes no lane yet. `timeout` is that of a call, from connecting to the last byte of its reply.
    pub(super) fn new(dialer: Dialer, timeout: Duration) -> Self {
        Self {
            dialer,
            timeout,
            idle: Mutex::default(),
        }
    }

    /// Sends a request and reads its reply. Not for threads of an asynchronous runtime.
    pub(super) fn call(&self, request: Outgoing) -> Result<Reply, NoReply> {
        let taken = self.idle().pop();
        let lane = taken.map_or_else(Lane::new, Ok);
        let mut lane = lane.map_err(|error| NoReply::NotSent(error.into()))?;
        let call = self.exchange(&mut lane.kept, request);
        let reply = lane.runtime.block_on(call);
        self.idle().push(lane);
        reply
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Lane>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request on the kept connection or on a new one. A connection that fails is dropped: it must not live on
    /// where nobody drives it.
    async fn exchange(
        &self,
        kept: &mut Option<KeptLink>,
        mut request: Outgoing,
    ) -> Result<Reply, NoReply> {
        let start = Instant::now();
        let left = || self.timeout.saturating_sub(start.elapsed());
        let (mut link, response) = loop {
            let used = match kept.take() {
                Some(kept) => kept.still_open().await,
                None => None,
            };
            let is_new = used.is_none();
            let mut link = match used {
                Some(link) => link,
                None => self.connect(left()).await.map_err(NoReply::NotSent)?,
            };
            let reply = timeout(left(), link.send(request)).await;
            let mut error = match reply.map_err(|_| NoReply::TooSlow)? {
                Ok(response) => break (link, response),
                Err(error) => error,
            };
            match error.take_message() {
                Some(unsent) if !is_new => request = unsent,
                Some(_) => return Err(NoReply::NotSent(error.into_error().into())),
                None => return Err(NoReply::Lost(error.into_error())),
            }
        };
        let (head, body) = response.into_parts();
        let body = match timeout(left(), link.read(body, LARGEST_REPLY)).await {
            Ok(body) => body.map_err(Broken::from),
            Err(_) => Err(Broken::TooSlow),
        };
        if body.is_ok() {
            *kept = Some(KeptLink::new(link));
        }
        Ok(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    async fn connect(&self, left: Duration) -> Result<Link, AnyError> {
        let stream = self.dialer.dial(left).await?;
        Ok(Link::new(stream).await?)
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        for lane in idle.drain(..) {
            drop(lane.kept);
            // Whoever lets a connection go may stand in a runtime, which would not let this one wait for its own end.
            lane.runtime.shutdown_background();
        }
    }
}

impl Lane {
    fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread()
            .enable_io()
            .enable_time()
            .build()?;
        Ok(Self {
            runtime,
            kept: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{Shutdown, TcpListener, TcpStream};
    use std::sync::mpsc;
    use std::thread;

    use http_body_util::Full;
    use hyper::Request;

    use super::*;
    use crate::crm::tls::Trust;

    const REPLY: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

    /// Reads the head of a request that has no body; nothing where the client has hung up.
    fn read_head(stream: &TcpStream) -> Vec<String> {
        let lines = BufReader::new(stream).lines().map_while(Result::ok);
        lines.take_while(|line| !line.is_empty()).collect()
    }

    fn listen() -> (TcpListener, Lanes) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let server = format!("http://{address}").parse().expect("an address");
        let tls = Trust::Nobody.client().expect("a configuration");
        let dialer = Dialer::new(server, None, tls, Duration::from_secs(9));
        (listener, Lanes::new(dialer, Duration::from_secs(9)))
    }

    fn request() -> Outgoing {
        Request::get("/").body(Full::default()).expect("a request")
    }

    #[test]
    fn a_connection_that_the_server_has_closed_meanwhile_takes_no_call() {
        let (listener, lanes) = listen();
        let (closed, wait_closed) = mpsc::channel();
        let server = thread::spawn(move || {
            for seen in 0..20 {
                let (mut stream, _) = listener.accept().expect("a connection");
                assert!(!read_head(&stream).is_empty(), "call {seen}");
                // The reply promises to keep the connection.
                stream.write_all(REPLY).expect("a reply");
                stream.shutdown(Shutdown::Both).expect("closed");
                drop(stream);
                closed.send(()).expect("the test waits");
            }
        });
        for _ in 0..20 {
            assert_eq!(lanes.call(request()).expect("a reply").status, 200);
            wait_closed.recv().expect("the server closes");
        }
        server.join().expect("a server");
        assert_eq!(lanes.idle().len(), 1);
    }

    #[test]
    fn calls_one_after_the_other_share_a_connection_and_a_broken_one_is_dropped() {
        let (listener, lanes) = listen();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            for _ in 0..3 {
                assert!(!read_head(&stream).is_empty());
                stream.write_all(REPLY).expect("a reply");
            }
            // A reply that ends in the middle, on a connection that stays open for a moment.
            assert!(!read_head(&stream).is_empty());
            stream.write_all(&REPLY[..REPLY.len() - 1]).expect("a part");
            stream.shutdown(Shutdown::Write).expect("half closed");
            let (mut other, _) = listener.accept().expect("another connection");
            assert!(!read_head(&other).is_empty());
            other.write_all(REPLY).expect("a reply");
            // The client has hung up on the first one and sent nothing more.
            assert_eq!(stream.read(&mut [0; 9]).expect("an end"), 0);
        });
        for _ in 0..3 {
            let reply = lanes.call(request()).expect("a reply");
            assert_eq!(reply.body.expect("a whole body"), "ok");
        }
        let broken = lanes.call(request()).expect("the head of a reply").body;
        assert!(matches!(broken, Err(Broken::Lost(_))), "{broken:?}");
        assert!(lanes.call(request()).is_ok());
        server.join().expect("a server");
    }

    #[test]
    fn a_reply_in_many_pieces_is_whole_and_one_that_is_too_large_is_not_read() {
        let (listener, lanes) = listen();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            assert!(!read_head(&stream).is_empty());
            let head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
            stream.write_all(head).expect("a head");
            for _ in 0..3000 {
                stream.write_all(b"3\r\nabc\r\n").expect("a piece");
            }
            stream.write_all(b"0\r\n\r\n").expect("the end");
            assert!(!read_head(&stream).is_empty());
            let huge = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
            stream.write_all(huge).expect("a head");
            let piece = vec![b'a'; 1 << 20];
            // The client hangs up in the middle.
            (0..99).any(|_| stream.write_all(&piece).is_err())
        });
        let body = lanes.call(request()).expect("a reply").body;
        assert_eq!(body.expect("a whole body"), "abc".repeat(3000));
        let body = lanes.call(request()).expect("a head").body;
        assert!(matches!(body, Err(Broken::TooLarge)), "{body:?}");
        assert!(server.join().expect("a server"), "it was read to its end");
    }

    /// Gateways refuse what is too large for them before they have read it.
    #[test]
    fn a_connection_with_the_rest_of_an_early_answered_request_takes_no_call() {
        let (listener, lanes) = listen();
        let (ended, wait_end) = mpsc::channel();
        let server = thread::spawn(move || {
            let (mut first, _) = listener.accept().expect("a connection");
            assert!(!read_head(&first).is_empty());
            first.write_all(REPLY).expect("a reply");
            let (mut other, _) = listener.accept().expect("another connection");
            assert!(!read_head(&other).is_empty());
            other.write_all(REPLY).expect("a reply");
            // Both stay open as long as calls are made.
            wait_end.recv().expect("the test ends");
        });
        let large = vec![b' '; 64 << 20];
        let large = Request::post("/").body(Full::from(large));
        let reply = lanes.call(large.expect("a request")).expect("a reply");
        assert_eq!(reply.body.expect("a whole body"), "ok");
        assert!(lanes.call(request()).is_ok());
        ended.send(()).expect("the server waits");
        server.join().expect("a server");
    }

    #[test]
    fn a_server_that_says_nothing_is_given_up() {
        let (listener, mut lanes) = listen();
        lanes.timeout = Duration::from_millis(50);
        let reply = lanes.call(request()).map(|reply| reply.status);
        assert!(matches!(reply, Err(NoReply::TooSlow)), "{reply:?}");
        drop(listener);
        let reply = lanes.call(request()).map(|reply| reply.status);
        assert!(matches!(reply, Err(NoReply::NotSent(_))), "{reply:?}");
    }
}
