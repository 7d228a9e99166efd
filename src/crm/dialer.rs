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
use hyper_rustls::{FixedServerNameResolver, HttpsConnector};
use hyper_util::client::legacy::connect::proxy::{SocksV4, SocksV5, Tunnel};
use hyper_util::client::legacy::connect::{Connection, HttpConnector};
use hyper_util::client::proxy::matcher::Intercept;
use rustls::ClientConfig;
use tokio::net::lookup_host;
use tower_service::Service;

use super::cause;

/// What ferry calls itself towards servers and proxies.
pub(super) const FERRY: &str = concat!("ferry/", env!("CARGO_PKG_VERSION"));

/// How long a connection says nothing before the system asks whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(15);

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

    /// Connects: TCP, the proxy's handshake, TLS. Takes no longer than `most`.
    pub(super) async fn dial(&self, most: Duration) -> Result<Box<dyn Stream>, AnyError> {
        let connected = tokio::time::timeout(self.timeout.min(most), self.connect());
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
        match address.scheme_str().unwrap_or_default() {
            "socks4" | "socks4a" => {
                let socks = SocksV4::new(address.clone(), tcp);
                let server = self.as_socks_names_it(&address).await?;
                reach(self.secure_server(socks)?, &server).await
            }
            "socks5" | "socks5h" => {
                let mut socks = SocksV5::new(address.clone(), tcp);
                if let Some((user, password)) = proxy.raw_auth() {
                    socks = socks.with_auth(user.to_owned(), password.to_owned());
                }
                let server = self.as_socks_names_it(&address).await?;
                reach(self.secure_server(socks)?, &server).await
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

    /// Returns the server's address for a SOCKS proxy: with its port, because hyper-util takes 443 for every scheme; and
    /// by number where the proxy's scheme says that names are looked up here.
    async fn as_socks_names_it(&self, proxy: &Uri) -> Result<Uri, AnyError> {
        let scheme = self.server.scheme_str().unwrap_or_default();
        let host = self.server.host().unwrap_or_default();
        let default_port = if scheme == "https" { 443 } else { 80 };
        let port = self.server.port_u16().unwrap_or(default_port);
        let is_four = match proxy.scheme_str() {
            Some("socks4") => true,
            Some("socks5") => false,
            _ => return Ok(format!("{scheme}://{host}:{port}").parse()?),
        };
        let mut found = lookup_host((bare(host), port)).await?;
        let found = found.find(|address| address.is_ipv4() || !is_four);
        let found = found.ok_or_else(|| io::Error::other(cause::NO_SUCH_NAME))?;
        Ok(format!("{scheme}://{found}").parse()?)
    }

    fn tcp(&self) -> HttpConnector {
        let mut tcp = HttpConnector::new();
        // Addresses of other schemes are connected to as well.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        // Of several addresses of a name, each has its part of the time.
        tcp.set_connect_timeout(Some(self.timeout));
        // Firewalls forget connections that say nothing, as during a slow add.
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(3));
        tcp
    }

    /// Adds TLS where an address begins with `https`.
    fn secure<C>(&self, connector: C) -> HttpsConnector<C> {
        HttpsConnector::from((connector, self.tls.clone()))
    }

    /// The same for the server, whose certificate has its name, also where it is reached by number.
    fn secure_server<C>(&self, connector: C) -> Result<HttpsConnector<C>, AnyError> {
        let name = bare(self.server.host().unwrap_or_default()).to_owned();
        let name = FixedServerNameResolver::new(name.try_into()?);
        let tls = self.tls.clone();
        Ok(HttpsConnector::new(connector, tls, false, Arc::new(name)))
    }
}

/// Returns a host without the brackets of an IPv6 address.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
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
