//! Who is let in, and what the answers forbid.

use reqwest::header::{COOKIE, HOST, ORIGIN};

use crate::support::{PageClient, Scene, bare_client};

#[test]
fn the_printed_address_lets_in_and_nothing_else_does() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    page.get("/").has_status(200).shows("<h1>Start</h1>");
    let client = bare_client();
    let at = |path: &str| client.get(format!("{}{path}", page.origin));
    for path in ["/", "/page.js", "/import", "/nowhere", "/?token=wrong"] {
        let answer = at(path).send().expect("an answer");
        assert_eq!(answer.status().as_u16(), 403, "{path}");
        let text = answer.text().expect("text");
        assert!(text.contains("ferry page") && !text.contains('<'), "{text}");
    }
    // A cookie that differs in its last letter.
    let mut other = page.cookie().to_owned();
    let last = other.pop().expect("a letter");
    other.push(if last == 'A' { 'B' } else { 'A' });
    let answer = at("/").header(COOKIE, other).send().expect("an answer");
    assert_eq!(answer.status().as_u16(), 403);
}

#[test]
fn another_host_or_origin_is_refused() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let client = bare_client();
    let port = page.origin.rsplit(':').next().expect("a port");
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("ferry.example:{port}"), 403),
        ("127.0.0.1".to_owned(), 403),
        (format!("127.0.0.1.example:{port}"), 403),
    ] {
        let request = client.get(format!("{}/", page.origin));
        let request = request.header(COOKIE, page.cookie()).header(HOST, &host);
        let answer = request.send().expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{host}");
    }
    let same = page.origin.clone();
    for (origin, status) in [
        (Some(same.as_str()), 303),
        (None, 403),
        (Some("null"), 403),
        (Some("http://ferry.example"), 403),
        (Some("http://127.0.0.1:1"), 403),
        (Some(same.replace("http", "https").as_str()), 403),
    ] {
        let request = client.post(format!("{}/language", page.origin));
        let mut request = request
            .header(COOKIE, page.cookie())
            .header("content-type", "application/x-www-form-urlencoded")
            .body("lang=zh&path=/");
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        let answer = request.send().expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{origin:?}");
    }
}

#[test]
fn answers_forbid_what_the_page_does_not_need() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let client = bare_client();
    for path in ["/", "/page.css", "/nowhere"] {
        let request = client.get(format!("{}{path}", page.origin));
        let answer = page.request(request).send().expect("an answer");
        let header = |name: &str| {
            let value = answer.headers().get(name).expect(name);
            value.to_str().expect("text").to_owned()
        };
        let content = header("content-security-policy");
        assert!(content.starts_with("default-src 'self'"), "{content}");
        assert!(!content.contains("unsafe"), "{content}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("x-frame-options"), "DENY");
    }
}

#[test]
fn both_languages_and_no_way_out_by_the_change_of_language() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.get("/nowhere").has_status(404).shows("no longer");
    for (path, leads_to) in [
        ("/import", "/import"),
        ("//ferry.example", "/"),
        ("http://x", "/"),
    ] {
        let screen = page.post("/language", &[("lang", "zh"), ("path", path)]);
        assert_eq!(screen.path, leads_to);
    }
    page.speak("zh");
    page.get("/")
        .shows("<html lang=\"zh-CN\">")
        .shows("最近的任务");
}

#[test]
fn a_new_start_has_another_address_and_an_open_browser_goes_on() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let (address, cookie) = (page.address.clone(), page.cookie().to_owned());
    page.running.kill();
    let page = PageClient::open(&scene, "");
    assert_ne!(page.address, address, "the token of a start is its own");
    let client = bare_client();
    let old = client.get(&address).send().expect("an answer");
    assert_eq!(old.status().as_u16(), 403, "the old address lets nobody in");
    let open = client.get(format!("{}/", page.origin));
    let open = open.header(COOKIE, cookie).send().expect("an answer");
    assert_eq!(open.status().as_u16(), 200, "an open browser goes on");
    let files = scene.state_files();
    let kept = files
        .iter()
        .find(|path| path.ends_with("page/session.json"));
    let kept = std::fs::read_to_string(kept.expect("the session")).expect("text");
    let token = page.address.rsplit('=').next().expect("a token");
    assert!(
        !kept.contains(token),
        "the token of the address is kept nowhere"
    );
    for path in ["/", "/account"] {
        page.get(path).lacks(crate::support::SECRET);
    }
}

#[test]
fn nobody_is_led_to_another_site() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let client = bare_client();
    let token = page.address.rsplit('=').next().expect("a token");
    let port: u16 = page
        .origin
        .rsplit(':')
        .next()
        .and_then(|text| text.parse().ok())
        .expect("a port");
    // A client would tidy the path up; a browser that is led here sends it as it stands.
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).expect("connected");
    let request = format!(
        "GET //evil.example/?token={token} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    );
    std::io::Write::write_all(&mut stream, request.as_bytes()).expect("sent");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    assert!(answer.contains("location: /\r\n"), "{answer}");
    for path in [
        "/\\evil.example",
        "//evil.example",
        "/\t/evil.example",
        "http://evil.example",
    ] {
        for (action, name) in [("/language", "path"), ("/account/use", "back")] {
            let body = format!("lang=zh&profile=&{name}={}", path.replace('\t', "%09"));
            let request = client.post(format!("{}{action}", page.origin));
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            let answer = page.request(request.body(body)).send().expect("an answer");
            let place = answer.headers()["location"].to_str().expect("text");
            assert!(matches!(place, "/" | "/account"), "{place}");
        }
    }
}

#[test]
fn what_cannot_be_read_is_a_screen_in_the_readers_language() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    let said = "无法识别该地址或提交的内容";
    page.get("/job/%FF").has_status(400).shows(said);
    page.get("/dupes/a?from=x").has_status(400).shows(said);
    page.post("/account", &[("profile", "a")])
        .has_status(422)
        .shows(said);
    let draft = "/import/00000000000000000000000000000000/mend";
    page.post(draft, &[("sheet", "x")])
        .has_status(422)
        .shows(said);
    let client = bare_client();
    let request = client.delete(format!("{}/", page.origin));
    let answer = page.request(request).send().expect("an answer");
    assert_eq!(answer.status().as_u16(), 405);
    assert!(answer.text().expect("text").contains(said));
}

#[test]
fn the_language_of_an_error_of_a_form_is_changed_and_back_leads_to_the_form() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let client = bare_client();
    let request = client.post(format!("{}/import/{}/discard", page.origin, "0".repeat(32)));
    let request = page
        .request(request)
        .header("referer", format!("{}/import?x=1", page.origin));
    let answer = request.send().expect("an answer");
    assert_eq!(answer.status().as_u16(), 404);
    let text = answer.text().expect("text");
    assert!(
        text.contains("name=\"path\" value=\"/import?x=1\""),
        "{text}"
    );
    assert!(text.contains("href=\"/import?x=1\" data-back"), "{text}");
    // Another site's address is no way back.
    let request = client.post(format!("{}/import/{}/discard", page.origin, "0".repeat(32)));
    let request = page
        .request(request)
        .header("referer", "http://ferry.example/import");
    let text = request.send().expect("an answer").text().expect("text");
    assert!(
        text.contains("name=\"path\" value=\"/\"") && !text.contains("data-back"),
        "{text}"
    );
}
