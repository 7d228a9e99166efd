//! One connection to the server, driven by the thread that makes the call.
//!
//! hyper's connection has two halves: one takes requests, the other reads and writes. The second is usually a task that
//! an executor wakes for each of its steps. Here whoever waits for a reply drives it, in a loop of its own, and the
//! system is asked only when neither half can go on.
//!
//! What would go wrong, because nobody watches an idle connection:
//!
//! 1. The server closes it.
//! 2. The next call finds it open, and writes its add into it.
//! 3. It turns out to be closed: the outcome of an add that never arrived is not known.
//!
//! So [`Link::catch_up`] takes in what has happened to it meanwhile. hyper hands back a request of which it has written
//! nothing; that one has certainly not left.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::{self, Connection, SendRequest};
use hyper::{Request, Response};

use super::dialer::{AnyError, Stream};

/// A request with its whole body.
pub(super) type Outgoing = Request<Full<Bytes>>;

/// A connection that takes one call after the other.
pub(super) struct Link {
    requests: SendRequest<Full<Bytes>>,
    driver: Driver,
}

impl Link {
    /// Makes a link of an open stream.
    pub(super) async fn new(stream: Box<dyn Stream>) -> hyper::Result<Self> {
        let (requests, connection) = http1::handshake(stream).await?;
        let bell = Arc::new(Bell::default());
        let driver = Driver {
            connection: Some(connection),
            waker: bell.clone().into(),
            bell,
        };
        Ok(Self { requests, driver })
    }

    /// Takes in what has happened while the link was idle; returns whether it is open for a call.
    pub(super) async fn catch_up(&mut self) -> bool {
        // The runtime asks the system before it goes on.
        tokio::task::yield_now().await;
        // One that has still to write of an earlier request may never be ready again.
        let is_ready = poll_fn(|context| Poll::Ready(self.requests.poll_ready(context)));
        let is_ready = self.driver.until(is_ready).await;
        matches!(is_ready, Poll::Ready(Ok(())))
    }

    /// Sends a request and returns the head of its reply, or the request where nothing of it was written.
    pub(super) async fn send(
        &mut self,
        request: Outgoing,
    ) -> Result<Response<Incoming>, TrySendError<Outgoing>> {
        let reply = self.requests.try_send_request(request);
        self.driver.until(reply).await
    }

    /// Reads the body of a reply. One of more than `most` bytes is a `LengthLimitError`.
    pub(super) async fn read(&mut self, body: Incoming, most: usize) -> Result<Bytes, AnyError> {
        let whole = Limited::new(body, most).collect();
        Ok(self.driver.until(whole).await?.to_bytes())
    }
}

/// Reads and writes for a link.
struct Driver {
    /// `None` once it has ended.
    connection: Option<Connection<Box<dyn Stream>, Full<Bytes>>>,
    bell: Arc<Bell>,
    /// Rings the bell.
    waker: Waker,
}

impl Driver {
    /// The most rounds before the runtime has its turn. It looks at its timers then. It also allows only so many reads
    /// before its next turn, so without turns a long reply would never end.
    const ROUNDS: usize = 16;

    /// Reads and writes until the future is ready, which depends on nothing but the connection.
    async fn until<T>(&mut self, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        poll_fn(|outer| {
            let mut inner = Context::from_waker(&self.waker);
            for _ in 0..Self::ROUNDS {
                self.bell.silence();
                if let Some(connection) = &mut self.connection {
                    // How it ended is told to the future.
                    if Pin::new(connection).poll(&mut inner).is_ready() {
                        self.connection = None;
                    }
                }
                if let Poll::Ready(value) = future.as_mut().poll(&mut inner) {
                    return Poll::Ready(value);
                }
                if !self.bell.has_rung(outer.waker()) {
                    return Poll::Pending;
                }
            }
            outer.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }
}

/// Tells that one half of a link can go on. It wakes the runtime only where nobody is about to look.
#[derive(Default)]
struct Bell {
    state: Mutex<Ring>,
}

#[derive(Default)]
struct Ring {
    has_rung: bool,
    /// Who waits for it.
    waiting: Option<Waker>,
}

impl Bell {
    /// Forgets that it has rung, because somebody looks.
    fn silence(&self) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = Ring::default();
    }

    /// Returns whether it has rung since somebody began to look; if not, it will wake the waiting one.
    fn has_rung(&self, waiting: &Waker) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.has_rung {
            state.waiting = Some(waiting.clone());
        }
        state.has_rung
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let waiting = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.has_rung = true;
            state.waiting.take()
        };
        if let Some(waiting) = waiting {
            waiting.wake();
        }
    }
}
