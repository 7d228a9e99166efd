//! A scripted HTTP server for the tests of this room. It can also send what no real server library would, such as a
//! truncated body.
//!
//! Each connection has a thread; answers are taken in the order in which requests arrive.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with one request.
#[derive(Clone)]
pub enum Answer {
    /// Answers with status, further headers and body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// Promises more bytes than it sends.
    Truncated(String),
    /// Closes the connection after reading the request.
    Drop,
    /// Keeps the connection open and says nothing until the client gives up.
    Silence,
    /// Decides by the request.
    Decide(Arc<dyn Fn(&Request) -> Answer + Send + Sync>),
}

/// A request as it arrived.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Request {
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(header, _)| header == name);
        found.map_or("", |(_, value)| value)
    }
}

/// Answers yes, with `data`.
pub fn yes(data: &str) -> Answer {
    json(
        200,
        &format!(r#"{{"success":true,"message":"200 ok!","code":"200","data":{data}}}"#),
    )
}

/// Answers no, with code and message, in HTTP 200.
pub fn no(code: &str, message: &str) -> Answer {
    json(
        200,
        &format!(r#"{{"success":false,"message":"{message}","code":"{code}","data":null}}"#),
    )
}

/// Answers with a status and a body.
pub fn json(status: u16, body: &str) -> Answer {
    Answer::Reply(status, Vec::new(), body.to_owned())
}

/// The server. Dropping it ends listening.
pub struct TestServer {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<Request>>,
    closing: Mutex<bool>,
}

impl TestServer {
    /// Starts a server that answers with `script`, then with a 418 that no test expects.
    pub fn start(script: impl IntoIterator<Item = Answer>) -> Self {
        Self::on(&TcpListener::bind("127.0.0.1:0").unwrap(), script)
    }

    /// Starts a server on a listener of the caller.
    pub fn on(listener: &TcpListener, script: impl IntoIterator<Item = Answer>) -> Self {
        let shared = Arc::new(Shared {
            script: Mutex::new(script.into_iter().collect()),
            ..Shared::default()
        });
        let address = listener.local_addr().unwrap();
        let (listener, serving) = (listener.try_clone().unwrap(), shared.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if *serving.closing.lock().unwrap() {
                    return;
                }
                let serving = serving.clone();
                thread::spawn(move || serving.serve(&stream));
            }
        });
        Self { address, shared }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        *self.shared.closing.lock().unwrap() = true;
        // Wakes the listener.
        let _ = TcpStream::connect(self.address);
    }
}

impl Shared {
    fn serve(&self, stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read_request(&mut reader) {
            let next = self.script.lock().unwrap().pop_front();
            self.requests.lock().unwrap().push(request.clone());
            let mut answer = next.unwrap_or_else(|| json(418, "the script is over"));
            while let Answer::Decide(decide) = answer {
                answer = decide(&request);
            }
            if !write_answer(stream, answer) {
                break;
            }
        }
        let _ = stream.shutdown(Shutdown::Both);
    }
}

fn read_request(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request = Request {
        method: words.next()?,
        path: words.next()?,
        ..Request::default()
    };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        let header = (name.to_lowercase(), value.trim().to_owned());
        request.headers.push(header);
    }
    let length = request.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    request.body = String::from_utf8(body).ok()?;
    Some(request)
}

/// Sends an answer; returns whether the connection stays open.
fn write_answer(mut stream: &TcpStream, answer: Answer) -> bool {
    match answer {
        Answer::Reply(status, headers, body) => {
            let mut head = format!("HTTP/1.1 {status} Scripted\r\n");
            for (name, value) in headers {
                let _ = write!(head, "{name}: {value}\r\n");
            }
            let _ = write!(head, "content-length: {}\r\n\r\n", body.len());
            stream.write_all((head + &body).as_bytes()).is_ok()
        }
        Answer::Truncated(body) => {
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n",
                body.len() + 1
            );
            let _ = stream.write_all((head + &body).as_bytes());
            false
        }
        Answer::Silence => {
            // Returns when the client closes the connection.
            let _ = stream.read(&mut [0; 1]);
            false
        }
        Answer::Drop | Answer::Decide(_) => false,
    }
}
