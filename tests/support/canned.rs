//! A server that answers whatever a test wants, byte by byte: what the sandbox is too well-behaved for.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::fixture;

/// Listens on a free port of 127.0.0.1 until the test ends.
pub struct Canned {
    address: String,
    heard: Arc<Heard>,
}

/// What a server was asked.
#[derive(Default)]
struct Heard {
    calls: AtomicU64,
    last_body: Mutex<Vec<u8>>,
}

impl Canned {
    /// Answers every call with HTTP 200 and the body that `answer` makes of the path.
    pub fn start(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::listen(None, answer)
    }

    /// The same in TLS, with a certificate of `tests/fixtures/tls`.
    pub fn secure(name: &str, answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let file = |name: &str| fixture("tls").join(name);
        let certificate = CertificateDer::from_pem_file(file(&format!("{name}.pem")));
        let key = PrivateKeyDer::from_pem_file(file("server.key"));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.expect("a certificate")],
                key.expect("a key"),
            );
        Self::listen(Some(Arc::new(config.expect("they fit"))), answer)
    }

    fn listen(
        tls: Option<Arc<ServerConfig>>,
        answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound").to_string();
        let heard = Arc::<Heard>::default();
        let (counted, answer) = (Arc::clone(&heard), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (counted, answer) = (Arc::clone(&counted), Arc::clone(&answer));
                let tls = tls.clone();
                std::thread::spawn(move || {
                    // A client that hangs up is free to.
                    let _ = match tls {
                        None => serve(stream, &counted, &*answer),
                        Some(config) => {
                            let connection = ServerConnection::new(config).expect("a connection");
                            serve(StreamOwned::new(connection, stream), &counted, &*answer)
                        }
                    };
                });
            }
        });
        Self { address, heard }
    }

    /// Its address as a base URL.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The same for TLS, whether it speaks it or not.
    pub fn secure_url(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How many calls came.
    pub fn calls(&self) -> u64 {
        self.heard.calls.load(Ordering::Relaxed)
    }

    /// The body of the last call.
    pub fn last_body(&self) -> Vec<u8> {
        self.heard.last_body.lock().expect("no panic").clone()
    }
}

fn serve(
    stream: impl Read + Write,
    heard: &Heard,
    answer: &(dyn Fn(&str) -> Vec<u8> + Send + Sync),
) -> std::io::Result<()> {
    let mut input = BufReader::new(stream);
    loop {
        let mut request = String::new();
        if input.read_line(&mut request)? == 0 {
            return Ok(());
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            if input.read_line(&mut header)? == 0 || header.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        input.read_exact(&mut body)?;
        *heard.last_body.lock().expect("no panic") = body;
        heard.calls.fetch_add(1, Ordering::Relaxed);
        let body = answer(request.split_whitespace().nth(1).unwrap_or_default());
        let top = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        input
            .get_mut()
            .write_all(&[top.as_bytes(), &body].concat())?;
    }
}
