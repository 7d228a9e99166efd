//! A person at the page, without a browser: what a form would send, and what comes back.

use std::collections::BTreeMap;
use std::process::Command;

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;

use super::{Running, Scene, until};

/// The page of a scene, served by the real binary, and a person who was let in.
pub struct PageClient {
    /// The process that serves.
    pub running: Running,
    /// `http://127.0.0.1:PORT`.
    pub origin: String,
    /// The address that was printed, with the token.
    pub address: String,
    cookie: String,
    client: Client,
}

/// What came back.
#[derive(Debug)]
pub struct Screen {
    /// The HTTP status.
    pub status: u16,
    /// The path of the screen, after redirections.
    pub path: String,
    /// The place on the screen to which the last redirection leads.
    pub anchor: String,
    /// The HTML.
    pub text: String,
}

impl Screen {
    /// Fails unless the screen holds this text.
    #[track_caller]
    pub fn shows(self, text: &str) -> Self {
        assert!(
            self.text.contains(text),
            "“{text}” is not in: {}",
            self.text
        );
        self
    }

    /// Fails if the screen holds this text.
    #[track_caller]
    pub fn lacks(self, text: &str) -> Self {
        assert!(!self.text.contains(text), "“{text}” is in: {}", self.text);
        self
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub fn has_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

/// Returns a client that follows no redirection, so that a test sees each.
pub fn bare_client() -> Client {
    let client = Client::builder().redirect(Policy::none()).no_proxy();
    client.build().expect("a client")
}

impl PageClient {
    /// Opens the page. `flags` are added to `ferry page`.
    pub fn open(scene: &Scene, flags: &str) -> Self {
        Self::of(scene.command(&format!("page --no-open --json {flags}")))
    }

    /// Opens the page that a command serves and whose address it prints as JSON.
    pub fn of(command: Command) -> Self {
        let running = Running::start(command);
        until("the page is there", || running.stdout().contains('\n'));
        let said: serde_json::Value =
            serde_json::from_str(running.stdout().trim()).expect("an object");
        let address = said["address"].as_str().expect("an address").to_owned();
        let (origin, _) = address.split_once("/?token=").expect("a token");
        let client = bare_client();
        let entered = client.get(&address).send().expect("an answer");
        let cookie = entered.headers()[SET_COOKIE].to_str().expect("text");
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        Self {
            origin: origin.to_owned(),
            address,
            cookie,
            client,
            running,
        }
    }

    /// Shows the page in a language from now on.
    pub fn speak(&mut self, lang: &str) {
        let (session, _) = self.cookie.split_once("; ").unwrap_or((&self.cookie, ""));
        self.cookie = format!("{session}; ferry_lang={lang}");
    }

    /// The cookies that the browser sends.
    pub fn cookie(&self) -> &str {
        &self.cookie
    }

    /// A request with the cookies, as the page's own forms send it.
    pub fn request(&self, request: RequestBuilder) -> RequestBuilder {
        request
            .header(COOKIE, &self.cookie)
            .header(ORIGIN, &self.origin)
    }

    /// Opens a path, and whatever it leads to.
    pub fn get(&self, path: &str) -> Screen {
        let request = self.client.get(format!("{}{path}", self.origin));
        self.follow(path, self.request(request).send().expect("an answer"))
    }

    /// Downloads a file: its name, as the browser would save it, and its bytes.
    pub fn download(&self, path: &str) -> (String, Vec<u8>) {
        let request = self.client.get(format!("{}{path}", self.origin));
        let response = self.request(request).send().expect("an answer");
        assert_eq!(response.status().as_u16(), 200, "{path}");
        let name = response.headers()["content-disposition"].to_str();
        let name = name.expect("text").to_owned();
        (name, response.bytes().expect("a body").to_vec())
    }

    /// Sends a form, and opens whatever it leads to. Its path is without a query.
    pub fn post(&self, path: &str, fields: &[(&str, &str)]) -> Screen {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", quoted(name), quoted(value)))
            .collect::<Vec<_>>()
            .join("&");
        let request = self.client.post(format!("{}{path}", self.origin));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let sent = self.request(request.body(body)).send();
        self.follow(path, sent.expect("an answer"))
    }

    /// Sends a file with a form.
    pub fn upload(
        &self,
        path: &str,
        (field, name, bytes): (&str, &str, &[u8]),
        others: &[(&str, &str)],
    ) -> Screen {
        const BOUNDARY: &str = "----------------------ferry";
        let mut body = Vec::new();
        for (name, value) in others {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.bytes());
        }
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(bytes);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let request = self.client.post(format!("{}{path}", self.origin));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let sent = self
            .request(request.header(CONTENT_TYPE, kind).body(body))
            .send();
        self.follow(path, sent.expect("an answer"))
    }

    /// Reloads a screen until the work that it shows is done and it has led elsewhere, or has failed.
    #[track_caller]
    pub fn wait(&self, screen: Screen) -> Screen {
        let mut screen = screen;
        until("the work is done", || {
            if screen.text.contains("data-live=") {
                screen = self.get(&screen.path);
            }
            !screen.text.contains("data-live=")
        });
        screen
    }

    fn follow(&self, path: &str, response: Response) -> Screen {
        let mut path = path.to_owned();
        let (mut response, mut anchor) = (response, String::new());
        for _ in 0..8 {
            let Some(next) = response.headers().get(LOCATION) else {
                break;
            };
            let next = next.to_str().expect("text");
            // A browser keeps the place to itself.
            let (next, place) = next.split_once('#').unwrap_or((next, ""));
            (path, anchor) = (next.to_owned(), place.to_owned());
            let request = self.client.get(format!("{}{path}", self.origin));
            response = self.request(request).send().expect("an answer");
        }
        Screen {
            status: response.status().as_u16(),
            path,
            anchor,
            text: response.text().expect("text"),
        }
    }
}

/// Returns a text as a form sends it.
fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    let letter = |byte: u8| {
        if plain(byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(letter).collect()
}

/// The values of the hidden and filled-in fields of a screen's first form with this action.
pub fn form_values(screen: &str, action: &str) -> BTreeMap<String, String> {
    let begin = screen.find(&format!("action=\"{action}\"")).expect(action);
    let form = screen[begin..].split("</form>").next().expect("a form");
    let attribute = |tag: &str, name: &str| {
        let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        tag[begin..].split('"').next().map(str::to_owned)
    };
    form.split("<input")
        .skip(1)
        .filter_map(|tag| {
            let tag = tag.split('>').next()?;
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        })
        .collect()
}
