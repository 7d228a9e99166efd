//! The lanes on which calls travel: each has a client and its connections, driven by the very thread that makes the
//! call.
//!
//! reqwest's blocking client drives all connections in a thread of its own: each call wakes that thread, and that
//! thread wakes the caller. Two changes of thread a call cost more than signing, writing and reading it. A lane is an
//! asynchronous client on a runtime that runs in its caller's thread (only names are looked up in another); the caller
//! borrows an idle lane for one call. There are as many lanes as calls were ever in flight at once, each with a root
//! store and a few file descriptors of its own.
//!
//! What would go wrong, because nobody watches the connections of an idle lane:
//!
//! 1. The server closes an idle connection.
//! 2. The next call takes the lane, finds the connection open, and writes its add into it.
//! 3. The connection turns out to be closed: the outcome of an add that never arrived is not known.
//!
//! So before each call the lane takes in what has happened to its connections meanwhile ([`catch_up`]).

use std::io;
use std::sync::{Mutex, PoisonError};

use reqwest::{Client, ClientBuilder};
use tokio::runtime::{Builder, Runtime};

/// Makes the settings of a client: those of a lane are like those of any other.
type Recipe = Box<dyn Fn() -> ClientBuilder + Send + Sync>;

/// The lanes of one server.
pub(super) struct Lanes {
    recipe: Recipe,
    /// The lane that was used last is taken first: its connections are the freshest.
    idle: Mutex<Vec<Lane>>,
}

/// Why there is no lane.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoLane {
    /// The client's settings are wrong.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// The system gives no more of what a runtime needs.
    #[error(transparent)]
    System(#[from] io::Error),
}

impl Lanes {
    /// Makes the first lane, so that wrong settings are told before any call.
    pub(super) fn new(
        recipe: impl Fn() -> ClientBuilder + Send + Sync + 'static,
    ) -> Result<Self, NoLane> {
        let first = Lane::new(recipe())?;
        Ok(Self {
            recipe: Box::new(recipe),
            idle: Mutex::new(vec![first]),
        })
    }

    /// Runs one call to its end on a lane of its own. The call says whether its lane may take another one: after a
    /// failure the connection must not live on where nobody drives it. Not for threads of an asynchronous runtime.
    pub(super) fn run<T>(&self, call: impl AsyncFnOnce(&Client) -> (T, bool)) -> Result<T, NoLane> {
        let idle = || self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = idle().pop();
        let lane = match taken {
            Some(lane) => lane,
            None => Lane::new((self.recipe)())?,
        };
        let (result, is_fit) = lane.runtime.block_on(async {
            catch_up().await;
            call(&lane.client).await
        });
        if is_fit {
            idle().push(lane);
        } else {
            lane.runtime.shutdown_background();
        }
        Ok(result)
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        let idle = self.idle.get_mut().unwrap_or_else(PoisonError::into_inner);
        for lane in idle.drain(..) {
            // Whoever lets a connection go may stand in a runtime, which would not let this one wait for its own end.
            lane.runtime.shutdown_background();
        }
    }
}

/// Lets the runtime ask the system once what has happened to its connections, and then the connections act on it.
async fn catch_up() {
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
}

struct Lane {
    client: Client,
    runtime: Runtime,
}

impl Lane {
    fn new(client: ClientBuilder) -> Result<Self, NoLane> {
        Ok(Self {
            client: client.build()?,
            runtime: Builder::new_current_thread().enable_all().build()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::{Shutdown, TcpListener};
    use std::sync::mpsc;

    use super::*;

    /// Reads the head of a request that has no body.
    fn read_head(stream: &std::net::TcpStream) {
        let lines = BufReader::new(stream).lines();
        let lines = lines.map_while(Result::ok);
        lines.take_while(|line| !line.is_empty()).for_each(drop);
    }

    #[test]
    fn a_connection_that_the_server_has_closed_meanwhile_takes_no_call() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let (closed, wait_closed) = mpsc::channel();
        let server = std::thread::spawn(move || {
            let mut seen = 0;
            for _ in 0..20 {
                let (mut stream, _) = listener.accept().expect("a connection");
                read_head(&stream);
                seen += 1;
                let reply = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                stream.write_all(reply).expect("a reply");
                // The reply has promised to keep the connection.
                stream.shutdown(Shutdown::Both).expect("closed");
                drop(stream);
                closed.send(()).expect("the test waits");
            }
            seen
        });
        let recipe = || {
            let builder = Client::builder().no_proxy().http1_only();
            builder
                .retry(reqwest::retry::never())
                .tls_certs_only(std::iter::empty())
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        let lanes = Lanes::new(recipe).expect("a lane");
        for _ in 0..20 {
            let got = lanes.run(async |client| (client.get(&url).send().await, true));
            assert_eq!(got.expect("a lane").expect("a reply").status(), 200);
            wait_closed.recv().expect("the server closes");
        }
        assert_eq!(server.join().expect("a server"), 20);
        assert_eq!(lanes.idle.lock().expect("whole").len(), 1);
    }
}
