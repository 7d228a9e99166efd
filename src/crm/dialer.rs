//! How a connection to the server comes about: directly or through a proxy, plain or in TLS.
//!
//! Connecting is a step of its own, before a request is handed over. So a call that fails here has certainly not left.

use std::error::Error;
use std::future::poll_fn;
use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use hyper::Uri;
use hyper::header::{HeaderMap, HeaderValue, USER_AGENT};
use hyper::http::uri::Scheme;
use hyper::rt::{Read, Write};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Intercept;
use rustls::ClientConfig;
use tower_service::Service;

/// What ferry calls itself towards servers and proxies.
pub(super) const FERRY: &str = concat!("ferry/", env!("CARGO_PKG_VERSION"));

/// An error of any layer below a call.
pub(super) type AnyError = Box<dyn Error + Send + Sync>;

/// The bytes of a connection, whatever they travel in.
pub(super) trait Stream: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Stream for T {}

/// Makes connections to one server.
pub(super) struct Dialer {
    server: Uri,
    proxy: Option<Intercept>,
    tls: Arc<ClientConfig>,
    timeout: Duration,
}

impl Dialer {
    /// Makes a dialer for a server's address, which has scheme and host; `timeout` is that of one connection.
    pub(super) fn new(
        server: Uri,
        proxy: Option<Intercept>,
        tls: ClientConfig,
        timeout: Duration,
    ) -> Self {
        Self {
            server,
            proxy,
            tls: Arc::new(tls),
            timeout,
        }
    }

    /// Connects: TCP, the proxy's handshake, TLS.
    pub(super) async fn dial(&self) -> Result<Box<dyn Stream>, AnyError> {
        let connected = tokio::time::timeout(self.timeout, self.connect());
        let elapsed = |_| Err(io::Error::from(ErrorKind::TimedOut).into());
        connected.await.unwrap_or_else(elapsed)
    }

    /// Returns whether requests go to a proxy that passes them on, and not through a tunnel. Such a request names the
    /// whole address.
    pub(super) fn is_forwarded(&self) -> bool {
        let is_http =
            |proxy: &Intercept| matches!(proxy.uri().scheme_str(), Some("http" | "https"));
        self.server.scheme() == Some(&Scheme::HTTP) && self.proxy.as_ref().is_some_and(is_http)
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, AnyError> {
        let tcp = self.tcp();
        let Some(proxy) = &self.proxy else {
            return reach(self.secure(tcp), &self.server).await;
        };
        let address = proxy.uri().clone();
        let scheme = address.scheme_str().unwrap_or_default();
        let finds_name = matches!(scheme, "socks4" | "socks5");
        match scheme {
            "socks4" | "socks4a" => {
                let socks = SocksV4::new(address, tcp).local_dns(finds_name);
                reach(self.secure(socks), &self.server).await
            }
            "socks5" | "socks5h" => {
                let mut socks = SocksV5::new(address, tcp).local_dns(finds_name);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                reach(self.secure(socks), &self.server).await
            }
            _ if self.is_forwarded() => reach(self.secure(tcp), &address).await,
            _ => {
                let agent = HeaderMap::from_iter([(USER_AGENT, HeaderValue::from_static(FERRY))]);
                let mut tunnel = Tunnel::new(address, self.secure(tcp)).with_headers(agent);
                if let Some(authorization) = proxy.basic_auth() {
                    tunnel = tunnel.with_auth(authorization.clone());
                }
                reach(self.secure(tunnel), &self.server).await
            }
        }
    }

    fn tcp(&self) -> HttpConnector {
        let mut tcp = HttpConnector::new();
        // Addresses of other schemes are connected to as well.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Of several addresses of a name, each has its part of the time.
        tcp.set_connect_timeout(Some(self.timeout));
        tcp
    }

    /// Adds TLS where an address begins with `https`.
    fn secure<C>(&self, connector: C) -> HttpsConnector<C> {
        HttpsConnector::from((connector, self.tls.clone()))
    }
}

/// Connects to an address.
async fn reach<C>(mut connector: C, address: &Uri) -> Result<Box<dyn Stream>, AnyError>
where
    C: Service<Uri, Error: Into<AnyError>, Response: Connection + Stream + 'static>,
{
    let is_ready = poll_fn(|context| connector.poll_ready(context)).await;
    is_ready.map_err(Into::into)?;
    let stream = connector.call(address.clone()).await.map_err(Into::into)?;
    Ok(Box::new(stream))
}
