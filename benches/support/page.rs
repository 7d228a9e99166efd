//! `ferry page` in a process of its own, and a browser's part: its cookie, its forms, its event stream.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use reqwest::blocking::{Body, Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use serde_json::Value;

use crate::arguments::Outcome;
use crate::{command, process};

/// The interval at which a screen is asked whether its work is done.
const LOOK: Duration = Duration::from_millis(200);
/// Between the parts of a form with a file.
const BOUNDARY: &str = "----------------------ferry";

/// The page of a folder; dropping it kills the process.
#[derive(Debug)]
pub struct Page {
    /// `http://127.0.0.1:PORT`.
    origin: String,
    cookie: String,
    client: Client,
    child: Child,
}

/// A screen, and how long the server took for it.
#[derive(Debug)]
pub struct Screen {
    /// Where the redirections led, without the origin.
    pub path: String,
    /// The HTML.
    pub text: String,
    /// From the request to the last byte.
    pub elapsed: Duration,
}

impl Page {
    /// Starts the page of a folder, with the account of the sandbox at `base_url` and a pace that holds nothing back.
    pub fn start(folder: &Path, base_url: &str) -> Outcome<Self> {
        let mut child = command::ferry(folder, base_url)
            .args(["page", "--no-open", "--json", "--lang", "en"])
            .args(["--rate", "1000000/s", "--concurrency", "8"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let output = child.stdout.take().ok_or("the page has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let said: Value = serde_json::from_str(&line)?;
        let address = said["address"].as_str().ok_or("no address was printed")?;
        let (origin, _) = address.split_once("/?token=").ok_or("no token")?;
        let client = Client::builder()
            .no_proxy()
            .timeout(None)
            .redirect(Policy::limited(9))
            .build()?;
        let bare = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .build()?;
        let entered = bare.get(address).send()?;
        let cookie = entered.headers()[SET_COOKIE].to_str()?;
        Ok(Self {
            cookie: cookie.split(';').next().unwrap_or_default().to_owned(),
            origin: origin.to_owned(),
            client,
            child,
        })
    }

    fn send(&self, request: RequestBuilder) -> Outcome<Response> {
        let request = request
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.origin);
        Ok(request.send()?)
    }

    fn shown(&self, request: RequestBuilder) -> Outcome<Screen> {
        let began = Instant::now();
        let response = self.send(request)?;
        let status = response.status();
        let path = response.url().path().to_owned();
        let text = response.text()?;
        let elapsed = began.elapsed();
        if status.is_success() {
            Ok(Screen {
                path,
                text,
                elapsed,
            })
        } else {
            Err(format!("{path}: {status}\n{text}").into())
        }
    }

    /// Opens a path.
    pub fn get(&self, path: &str) -> Outcome<Screen> {
        self.shown(self.client.get(format!("{}{path}", self.origin)))
    }

    /// Returns the median time of a screen, asked for five times.
    pub fn time_of(&self, path: &str) -> Outcome<Duration> {
        let mut times = Vec::new();
        for _ in 0..5 {
            times.push(self.get(path)?.elapsed);
        }
        times.sort_unstable();
        Ok(times[2])
    }

    /// Sends a form whose values need no quoting.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Outcome<Screen> {
        let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
        let body = pairs.collect::<Vec<_>>().join("&");
        let request = self.client.post(format!("{}{path}", self.origin));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.shown(request.body(body))
    }

    /// Sends a file of so many bytes to the import.
    pub fn upload(
        &self,
        name: &str,
        file: impl Read + Send + 'static,
        bytes: u64,
    ) -> Outcome<Screen> {
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        let tail = format!("\r\n--{BOUNDARY}--\r\n");
        let whole = (head.len() + tail.len()) as u64 + bytes;
        let body = std::io::Cursor::new(head)
            .chain(file)
            .chain(std::io::Cursor::new(tail));
        let request = self.client.post(format!("{}/import", self.origin));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = request.header(CONTENT_TYPE, kind);
        self.shown(request.body(Body::sized(body, whole)))
    }

    /// Asks for a screen until the work that it shows is done.
    pub fn wait(&self, mut screen: Screen) -> Outcome<Screen> {
        while screen.text.contains("data-live=") {
            std::thread::sleep(LOOK);
            screen = self.get(&screen.path)?;
        }
        if screen.text.contains("role=\"alert\"") {
            return Err(format!("{}: {}", screen.path, screen.text).into());
        }
        Ok(screen)
    }

    /// Follows a work in a thread, as a browser does, until it is over. Returns the number of pieces that came.
    pub fn follow(&self, path: &str) -> Outcome<std::thread::JoinHandle<u32>> {
        let response = self.send(self.client.get(format!("{}{path}", self.origin)))?;
        Ok(std::thread::spawn(move || {
            let lines = BufReader::new(response).lines().map_while(Result::ok);
            lines.filter(|line| line == "event: live").count() as u32
        }))
    }

    /// Returns the CPU time of the process; `None` without `/proc`.
    pub fn cpu(&self) -> Option<Duration> {
        process::times(&self.child.id().to_string()).map(|(_, cpu)| cpu)
    }

    /// Returns the peak of memory in MiB since the last [`Page::forget_peak`]; `None` without `/proc`.
    pub fn peak_mib(&self) -> Option<f64> {
        process::peak_kib(self.child.id()).map(|kib| kib as f64 / 1024.0)
    }

    /// Begins the peak of memory anew. Returns whether the system lets it.
    pub fn forget_peak(&self) -> bool {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").is_ok()
    }
}

impl Screen {
    /// Returns the value of a hidden field of the form with this action.
    pub fn field(&self, action: &str, name: &str) -> Outcome<String> {
        let missing = || format!("{}: no {name} for {action}", self.path);
        let form = self.text.split(&format!("action=\"{action}\"")).nth(1);
        let field = form.and_then(|form| form.split(&format!("name=\"{name}\"")).nth(1));
        let value = field.and_then(|field| field.split("value=\"").nth(1));
        let value = value.and_then(|value| value.split('"').next());
        Ok(value.ok_or_else(missing)?.to_owned())
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        // Both fail if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
