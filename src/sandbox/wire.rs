//! Connections that can be made to misbehave: refused, cut before a reply, cut in the middle of one, or reset.
//!
//! Invariant: once a connection is cut or reset, no further reply ever leaves it, so a client can never mistake a later
//! reply for the lost one. An HTTP library always writes what a handler returns. Hence the fault sits below the
//! library, in the socket, and the handler reaches it through axum's connect info.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout_at};

const LIVE: u8 = 0;
const HALF: u8 = 1;
const CUT: u8 = 2;
const RESET: u8 = 3;

/// What happens to the next bytes that are written to a connection.
#[derive(Clone, Debug)]
pub(super) struct Fate(Arc<AtomicU8>);

impl Fate {
    /// Closes the connection instead of writing.
    pub(super) fn cut(&self) {
        self.0.store(CUT, Ordering::SeqCst);
    }

    /// Closes the connection with a TCP RST instead of writing.
    pub(super) fn reset(&self) {
        self.0.store(RESET, Ordering::SeqCst);
    }

    /// Writes the head and half of the body, then closes the connection.
    pub(super) fn halve(&self) {
        self.0.store(HALF, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, WireListener>> for Fate {
    fn connect_info(stream: IncomingStream<'_, WireListener>) -> Self {
        stream.io().fate.clone()
    }
}

/// How long the listener waits before it tries to bind its port again.
const RETRY: Duration = Duration::from_millis(10);
const BACKLOG: u32 = 1024;

/// A listener that gives connections as [`Wire`]s, and refuses them during outages.
pub(super) struct WireListener {
    /// `None` while connections are refused.
    listener: Option<TcpListener>,
    address: SocketAddr,
    /// The moment until which connections are refused.
    refused: watch::Receiver<Option<Instant>>,
}

impl WireListener {
    pub(super) fn new(
        listener: TcpListener,
        refused: watch::Receiver<Option<Instant>>,
    ) -> io::Result<Self> {
        Ok(Self {
            address: listener.local_addr()?,
            listener: Some(listener),
            refused,
        })
    }

    fn refused_until(&mut self) -> Option<Instant> {
        self.refused
            .borrow_and_update()
            .filter(|until| Instant::now() < *until)
    }

    /// Refuses connections until the outage is over. Meanwhile a socket is bound to the port without listening: so
    /// connections are refused, and no other program can take the port.
    async fn refuse(&mut self) {
        self.listener = None;
        loop {
            let Ok(socket) = reserve(self.address) else {
                sleep(RETRY).await;
                continue;
            };
            while let Some(until) = self.refused_until() {
                // Ends when the outage is over or when its end was changed.
                let _ = timeout_at(until.into(), self.refused.changed()).await;
            }
            if let Ok(listener) = socket.listen(BACKLOG) {
                self.listener = Some(listener);
                return;
            }
        }
    }
}

fn reserve(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // On Unix, connections that were just closed still hold the port. On Windows they do not, and there the option
    // would let other programs bind the same port.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

impl Listener for WireListener {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = loop {
            if self.refused_until().is_some() {
                self.refuse().await;
            }
            let Some(listener) = &mut self.listener else {
                self.refuse().await;
                continue;
            };
            tokio::select! {
                accepted = Listener::accept(listener) => break accepted,
                _ = self.refused.changed() => {}
            }
        };
        // Else Nagle's algorithm and delayed acknowledgements would add 40 ms to some replies.
        let _ = stream.set_nodelay(true);
        let fate = Fate(Arc::new(AtomicU8::new(LIVE)));
        (Wire { stream, fate }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

/// A TCP stream that obeys its [`Fate`].
pub(super) struct Wire {
    stream: TcpStream,
    fate: Fate,
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        match wire.fate.0.load(Ordering::SeqCst) {
            LIVE => Pin::new(&mut wire.stream).poll_write(context, bytes),
            HALF => {
                let head = head_length(bytes);
                let keep = head + (bytes.len() - head) / 2;
                let written = Pin::new(&mut wire.stream).poll_write(context, &bytes[..keep]);
                if written.is_ready() && head < bytes.len() {
                    wire.fate.cut();
                }
                written
            }
            RESET => {
                let _ = wire.stream.set_zero_linger();
                Poll::Ready(Err(io::ErrorKind::ConnectionReset.into()))
            }
            _ => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

/// Returns the length of an HTTP head that ends within `bytes`, or 0 when they are body only.
fn head_length(bytes: &[u8]) -> usize {
    bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .map_or(0, |start| start + 4)
}

#[cfg(test)]
mod tests {
    use super::head_length;

    #[test]
    fn finds_the_end_of_a_head() {
        assert_eq!(head_length(b"HTTP/1.1 200 OK\r\n\r\n{}"), 19);
        assert_eq!(head_length(b"{}"), 0);
    }
}
