//! A proxy of the environment: named where a connection fails, refused where it is not understood, SOCKS included.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::support::{Canned, Output, Scene, fixture};

/// `ferry fields` of a host that nobody has (RFC 2606), with a variable.
fn fields(name: &str, value: &str) -> Output {
    fields_of("http://crm.invalid", name, value)
}

/// `ferry fields` of a server, with a variable.
fn fields_of(base_url: &str, name: &str, value: &str) -> Output {
    let scene = Scene::new();
    let profile = format!(
        "[profiles.a]\nbase_url = \"{base_url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n\
         max_outage = \"1s\"\nca_file = \"ca.pem\"\n"
    );
    scene.write("ferry.toml", profile);
    std::fs::copy(fixture("tls").join("ca.pem"), scene.path("ca.pem")).expect("a certificate");
    let mut command = scene.command("fields");
    command.env_remove("FERRY_BASE_URL").env(name, value);
    Output::of(command)
}

fn no_fields(_path: &str) -> Vec<u8> {
    br#"{"success":true,"code":"200","message":"ok","data":[]}"#.to_vec()
}

/// A port on which nobody listens.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("it is bound").port()
}

/// The words of the operating system stood in English in Chinese messages.
#[test]
fn why_a_connection_failed_is_said_in_the_language_of_the_reader() {
    let scene = Scene::new();
    let port = closed_port();
    for (base_url, zh, en) in [
        (
            format!("http://127.0.0.1:{port}"),
            "对方拒绝了连接",
            "the connection was refused",
        ),
        (
            "http://crm.invalid".to_owned(),
            "找不到该主机名",
            "the name of the host is not found",
        ),
    ] {
        let profile = format!(
            "[profiles.a]\nbase_url = \"{base_url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n\
             max_outage = \"1s\"\n"
        );
        scene.write("ferry.toml", profile);
        for (lang, said) in [("zh", zh), ("en", en)] {
            let mut command = scene.command("fields --log log.txt");
            command.args(["--lang", lang]).env_remove("FERRY_BASE_URL");
            command.env_remove("HTTP_PROXY").env_remove("http_proxy");
            command.env_remove("ALL_PROXY").env_remove("all_proxy");
            let stderr = Output::of(command).exits(5).says(said).stderr;
            assert!(!stderr.contains("os error"), "{stderr}");
        }
        let log = std::fs::read_to_string(scene.path("log.txt")).unwrap();
        let original = match base_url.contains("invalid") {
            true if cfg!(windows) => "os error 11001",
            true => "lookup",
            false => "efused",
        };
        assert!(log.contains(original), "{log}");
    }
}

/// How a proxy greets a client: returns what it was asked for, and what of that goes to the server.
type Greeting = fn(&mut TcpStream) -> std::io::Result<(String, Vec<u8>)>;

/// Listens as a proxy that sends every connection to one server; returns its port, and what it is asked for.
fn proxy(server: String, greeting: Greeting) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = Arc::clone(&requests);
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let (server, asked) = (server.clone(), Arc::clone(&asked));
            let forward = move || -> std::io::Result<u64> {
                let (request, rest) = greeting(&mut client)?;
                asked.lock().expect("no panic").push(request);
                let mut upstream = TcpStream::connect(server)?;
                upstream.write_all(&rest)?;
                let (mut from_client, mut to_server) = (client.try_clone()?, upstream.try_clone()?);
                thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
                std::io::copy(&mut upstream, &mut client)
            };
            // A client that hangs up is free to.
            thread::spawn(move || drop(forward()));
        }
    });
    (port, requests)
}

/// SOCKS 5 (RFC 1928) and SOCKS 4: greeting, and request by a host's name or number. Returns host and port.
fn socks(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let first = take(client, 2)?;
    let is_five = first[0] == 5;
    let (host, port) = if is_five {
        take(client, usize::from(first[1]))?;
        client.write_all(&[5, 0])?;
        let head = take(client, 4)?;
        assert_eq!(head[..3], [5, 1, 0], "a connection");
        let host = if head[3] == 1 {
            numbers(&take(client, 4)?)
        } else {
            let length = usize::from(take(client, 1)?[0]);
            String::from_utf8_lossy(&take(client, length)?).into_owned()
        };
        (host, take(client, 2)?)
    } else {
        assert_eq!(first, [4, 1], "a connection");
        let port = take(client, 2)?;
        let host = numbers(&take(client, 4)?);
        // The name of the user, which is empty.
        assert_eq!(take(client, 1)?, [0]);
        (host, port)
    };
    if is_five {
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    } else {
        client.write_all(&[0, 90, 0, 0, 0, 0, 0, 0])?;
    }
    let port = u16::from_be_bytes([port[0], port[1]]);
    Ok((format!("{host}:{port}"), Vec::new()))
}

fn take(client: &mut TcpStream, bytes: usize) -> std::io::Result<Vec<u8>> {
    let mut buffer = vec![0; bytes];
    client.read_exact(&mut buffer).map(|()| buffer)
}

fn numbers(address: &[u8]) -> String {
    let numbers: Vec<String> = address.iter().map(u8::to_string).collect();
    numbers.join(".")
}

/// RFC 9110: a request that names the whole address is passed on, `CONNECT` makes a tunnel. Returns the head of the
/// request without a path and without values of its own.
fn http(client: &mut TcpStream) -> std::io::Result<(String, Vec<u8>)> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&head).to_lowercase();
    let parts = ["connect ", "post ", "host: ", "proxy-authorization: "];
    let kept = text
        .lines()
        .filter(|line| parts.iter().any(|part| line.starts_with(part)));
    let kept = kept.collect::<Vec<_>>().join("|");
    if text.starts_with("connect ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        head.clear();
    }
    Ok((kept, head))
}

#[test]
fn a_proxy_that_does_not_answer_is_named_without_its_password() {
    let address = format!("127.0.0.1:{}", closed_port());
    let said = fields("http_proxy", &format!("http://user:hush-hush@{address}"));
    let said = said
        .exits(5)
        .says("[E240]")
        .says(&format!("http://{address}"));
    let said = said.says("NO_PROXY");
    assert!(!said.stderr.contains("hush-hush"), "{}", said.stderr);
    fields("all_proxy", &format!("socks5h://{address}"))
        .exits(5)
        .says("[E240]")
        .says(&format!("socks5h://{address}"));
}

/// Why a call through a SOCKS proxy failed is said in ferry's words, which there are in both languages.
#[test]
fn why_a_socks_proxy_failed_is_said_in_words_of_ferry() {
    for scheme in ["socks4", "socks5", "socks5h"] {
        let port = closed_port();
        let run = fields("all_proxy", &format!("{scheme}://127.0.0.1:{port}"));
        let run = run.exits(5);
        for words in ["SOCKS error", "failed to", "lookup"] {
            assert!(!run.stderr.contains(words), "{scheme}: {}", run.stderr);
        }
    }
}

#[test]
fn a_socks_proxy_is_used() {
    let server = Canned::start(no_fields);
    let base_url = server.base_url();
    let address = base_url.trim_start_matches("http://").to_owned();
    let (port, asked) = proxy(address, socks);
    fields("all_proxy", &format!("socks5h://127.0.0.1:{port}")).exits(0);
    // An address for documentation (RFC 5737).
    for (scheme, base_url) in [
        ("socks5h", "http://192.0.2.1"),
        ("socks5", "http://192.0.2.1:8080"),
        ("socks4", "http://192.0.2.1"),
        ("socks4a", "http://192.0.2.1"),
    ] {
        let proxy = format!("{scheme}://127.0.0.1:{port}");
        fields_of(base_url, "all_proxy", &proxy).exits(0);
    }
    assert_eq!(
        *asked.lock().expect("no panic"),
        [
            "crm.invalid:80",
            "192.0.2.1:80",
            "192.0.2.1:8080",
            "192.0.2.1:80",
            "192.0.2.1:80"
        ]
    );
}

/// `socks4` and `socks5` mean that names are looked up here, and there may be none.
#[test]
fn a_name_that_nobody_has_is_told_beside_a_socks_proxy() {
    let server = Canned::start(no_fields);
    let address = server.base_url().replace("http://", "");
    let (port, asked) = proxy(address, socks);
    for scheme in ["socks4", "socks5"] {
        let said = fields("all_proxy", &format!("{scheme}://127.0.0.1:{port}"));
        said.exits(5).says("the name of the host is not found");
    }
    assert!(asked.lock().expect("no panic").is_empty());
}

/// Behind a proxy that gets its number, the server's certificate still has its name.
#[test]
fn tls_through_a_socks_proxy_knows_the_name_of_the_server() {
    let server = Canned::secure("other", no_fields);
    let address = server.base_url().replace("http://", "");
    let (port, asked) = proxy(address, socks);
    let value = format!("socks5h://127.0.0.1:{port}");
    fields_of("https://crm.example.com", "all_proxy", &value).exits(0);
    let said = fields_of("https://192.0.2.1", "all_proxy", &value);
    said.exits(5).says("[E210]");
    assert_eq!(
        *asked.lock().expect("no panic"),
        ["crm.example.com:443", "192.0.2.1:443"]
    );
}

/// A proxy needs the whole address and its password to pass a request on.
#[test]
fn an_http_proxy_passes_requests_on() {
    let server = Canned::start(no_fields);
    let base_url = server.base_url();
    let address = base_url.trim_start_matches("http://").to_owned();
    let (port, asked) = proxy(address, http);
    fields("http_proxy", &format!("http://u:p@127.0.0.1:{port}")).exits(0);
    let asked = asked.lock().expect("no panic");
    let line = "post http://crm.invalid/openapi/crm/config/field/list http/1.1";
    let [only] = asked.as_slice() else {
        panic!("{asked:?}");
    };
    assert!(only.starts_with(line), "{only}");
    assert!(only.contains("|host: crm.invalid"), "{only}");
    assert!(only.contains("|proxy-authorization: basic dtpw"), "{only}");
}

/// Through a tunnel the server's certificate is checked, and the server learns nothing of the proxy's password.
#[test]
fn an_http_proxy_makes_a_tunnel_for_https() {
    let server = Canned::secure("other", no_fields);
    let base_url = server.base_url();
    let address = base_url.trim_start_matches("http://").to_owned();
    let (port, asked) = proxy(address, http);
    let value = format!("http://u:p@127.0.0.1:{port}");
    fields_of("https://crm.example.com", "https_proxy", &value).exits(0);
    let said = fields_of("https://crm.invalid", "https_proxy", &value);
    said.exits(5).says("[E210]");
    let asked = asked.lock().expect("no panic");
    assert_eq!(server.calls(), 1);
    assert!(
        asked[0].starts_with("connect crm.example.com:443 http/1.1|"),
        "{asked:?}"
    );
    assert!(
        asked[0].contains("|proxy-authorization: basic dtpw"),
        "{asked:?}"
    );
    assert!(
        asked[1].starts_with("connect crm.invalid:443 "),
        "{asked:?}"
    );
}

#[test]
fn a_proxy_that_is_not_understood_is_refused() {
    // Windows has one variable for both cases of a name.
    let said = if cfg!(windows) {
        "ALL_PROXY"
    } else {
        "all_proxy"
    };
    fields("all_proxy", "socks://127.0.0.1:1080")
        .exits(2)
        .says(said)
        .says("socks5://");
    // A local server is never behind a proxy.
    let scene = Scene::new();
    let mut command = scene.command("fields");
    command.env("all_proxy", "socks://127.0.0.1:1080");
    Output::of(command).exits(0);
}
