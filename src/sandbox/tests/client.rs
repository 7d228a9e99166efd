//! A client that knows nothing but HTTP/1.1 framing and the signature.
//!
//! Invariant: the client retries, repairs and hides nothing, so a test sees exactly what came off the wire.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::super::{Options, Sandbox, auth};

pub(super) const ADD: &str = "/openapi/crm/add";
pub(super) const UPDATE: &str = "/openapi/crm/update";
pub(super) const LIST: &str = "/openapi/crm/list";
pub(super) const DELETE: &str = "/openapi/crm/delete";
pub(super) const FIELDS: &str = "/openapi/crm/config/field/list";

static NONCE: AtomicU64 = AtomicU64::new(0);

/// A reply as it came off the wire.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: String,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// One keep-alive connection.
pub(super) struct Client {
    pub(super) stream: TcpStream,
    pub(super) appid: String,
    pub(super) secret: String,
    pub(super) clock_offset_seconds: i64,
}

impl Client {
    pub(super) fn new(sandbox: &Sandbox) -> Self {
        Self {
            stream: TcpStream::connect(("127.0.0.1", sandbox.port())).unwrap(),
            appid: "sandbox".to_owned(),
            secret: "sandbox-secret".to_owned(),
            clock_offset_seconds: 0,
        }
    }

    pub(super) fn signed_headers(&self, nonce: &str) -> String {
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
        let timestamp = (now + self.clock_offset_seconds).to_string();
        let signature = auth::sign(&self.secret, &self.appid, nonce, &timestamp);
        format!(
            "appid: {}\r\nnonce: {nonce}\r\ntimestamp: {timestamp}\r\nsignature: {signature}\r\n\
             content-type: application/json\r\n",
            self.appid
        )
    }

    pub(super) fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        self.send_to("127.0.0.1", method, path, headers, body)
    }

    pub(super) fn send_to(
        &mut self,
        host: &str,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> io::Result<Answer> {
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
        );
        // The request is written in one piece: small writes would wait for delayed acknowledgements.
        self.stream.write_all(request.as_bytes())?;
        self.read()
    }

    pub(super) fn read(&mut self) -> io::Result<Answer> {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let mut answer = Answer {
            status: head[9..12].parse().unwrap(),
            head,
            body: String::new(),
        };
        let length = answer.header("content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).unwrap();
        Ok(answer)
    }

    pub(super) fn try_post(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
        let headers = self.signed_headers(&nonce);
        self.send("POST", path, &headers, &body.to_string())
    }

    pub(super) fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.try_post(path, body).unwrap()
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        let nonce = NONCE.fetch_add(1, Ordering::Relaxed).to_string();
        let headers = self.signed_headers(&nonce);
        self.send("GET", path, &headers, "").unwrap()
    }

    /// Posts and returns `data` of the reply, which must be a success.
    pub(super) fn data(&mut self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body).json();
        assert_eq!(answer["success"], true, "{answer}");
        assert_eq!(answer["code"], "200");
        assert_eq!(answer["message"], "200 ok!");
        assert!(answer["traceId"].is_string());
        answer["data"].clone()
    }

    /// Posts and returns the code of the reply, which must be a refusal inside HTTP 200.
    pub(super) fn code(&mut self, path: &str, body: &Value) -> String {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 200);
        let answer = answer.json();
        assert_eq!(answer["success"], false, "{answer}");
        answer["code"].as_str().unwrap().to_owned()
    }

    pub(super) fn add(&mut self, name: &str) -> String {
        let added = self.data(ADD, &json!({"customerName": name}));
        added["_id"].as_str().unwrap().to_owned()
    }
}

/// Starts a sandbox with the default options.
pub(super) fn start() -> Sandbox {
    Sandbox::start(Options::default()).unwrap()
}
