//! Uploads that do not come to an end, or do not fit.

use std::io::Write as _;
use std::net::{Shutdown, TcpStream};

use crate::support::{PageClient, Scene, until};

const BOUNDARY: &str = "--------ferry";

/// Opens a connection and sends the head of an upload that announces so many bytes, and the beginning of a file.
fn begin(page: &PageClient, announced: u64) -> TcpStream {
    let address = page.origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).expect("a connection");
    let head = format!(
        "POST /import HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {announced}\r\n\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n\r\n客户名称\r\n",
        origin = page.origin,
        cookie = page.cookie(),
    );
    stream.write_all(head.as_bytes()).expect("sent");
    stream
}

fn drafts(scene: &Scene) -> usize {
    let folder = scene.state().join("page").join("imports");
    std::fs::read_dir(folder).map_or(0, |found| found.flatten().count())
}

#[test]
fn of_an_upload_that_breaks_off_nothing_stays() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let mut stream = begin(&page, 50_000_000);
    stream
        .write_all("甲公司\r\n".repeat(100_000).as_bytes())
        .expect("sent");
    // A part has arrived and is on the disk.
    until("the file is begun", || {
        scene.state_files().iter().any(|path| {
            path.ends_with("list.csv") && path.metadata().is_ok_and(|found| found.len() > 1000)
        })
    });
    page.get("/import").lacks("list.csv");
    stream.shutdown(Shutdown::Both).expect("cut");
    drop(stream);
    until("nothing is left", || drafts(&scene) == 0);
    page.get("/import")
        .lacks("Begun and not finished")
        .lacks("list.csv");
    // The next upload is as any other.
    let table = "客户名称\n甲公司\n";
    let screen = page.upload("/import", ("file", "list.csv", table.as_bytes()), &[]);
    page.wait(screen).has_status(200).shows("客户名称");
    assert_eq!(drafts(&scene), 1);
}

/// Windows is not asked how much room there is.
#[cfg(unix)]
#[test]
fn a_file_that_does_not_fit_is_refused_before_it_is_sent() {
    use std::io::Read as _;

    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    // No disk has room for a thousand terabytes; the file itself is never sent.
    let mut stream = begin(&page, 1 << 50);
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    until("the answer is there", || {
        let read = stream.read(&mut bytes).unwrap_or(0);
        answer.extend_from_slice(&bytes[..read]);
        read == 0 || String::from_utf8_lossy(&answer).contains("</html>")
    });
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(
        answer.contains("1073741824 MiB") && answer.contains("are free"),
        "{answer}"
    );
    assert_eq!(drafts(&scene), 0);
    // The form knows the room too, so that a browser says it before.
    page.get("/import").shows("data-room=");
}
