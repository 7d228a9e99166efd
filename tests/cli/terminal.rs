//! What others wrote reaches a terminal as text and never as a command to it: cells, headers, labels, names of files
//! and jobs, what the server says.

use std::io::Read;

use crate::support::{Canned, Options, Output, Scene};

/// Clears the screen, rings, sets the title, and turns the direction of writing. At the ends of a cell, unseen
/// characters would be taken off.
const EVIL: &str =
    "\u{1b}[2J\u{7}\u{1b}]0;t\u{7}\u{9b}1m\u{7f}\u{202e}\u{2066}\u{200e}\u{61c}\u{200b}!";

#[track_caller]
fn is_harmless(text: &str) {
    let obeyed = text.chars().find(|character| {
        !matches!(character, '\n' | '\t')
            && (character.is_control()
                || matches!(u32::from(*character), 0x61c | 0x200b..=0x200f | 0x202a..=0x202e | 0x2066..=0x2069))
    });
    assert_eq!(obeyed, None, "{text:?}");
}

/// Fails unless a run showed the evil text, and only showed it.
#[track_caller]
fn shows(output: &Output) {
    let both = format!("{}{}", output.stdout, output.stderr);
    is_harmless(&both);
    assert!(
        both.contains("\\u{202e}") || both.contains("\\u202e"),
        "{both}"
    );
}

/// The fields of an account, one with an evil label.
fn evil_fields(scene: &Scene) -> String {
    scene.ferry("fields --save plain.json").exits(0);
    let plain = std::fs::read_to_string(scene.path("plain.json")).expect("fields");
    let mut fields: serde_json::Value = serde_json::from_str(&plain).expect("JSON");
    for field in fields.as_array_mut().expect("a list") {
        if field["field"] == "customerSource" || field["name"] == "客户来源" {
            field["name"] = format!("来源{EVIL}").into();
        }
    }
    fields.to_string()
}

#[test]
fn cells_headers_labels_and_names() {
    let plain = Scene::new();
    let fields = plain.write("evil.json", evil_fields(&plain));
    let scene = Scene::with(Options {
        fields: Some(fields),
        ..Options::default()
    });
    // Windows takes no control characters in a name.
    let name = if cfg!(windows) {
        "list\u{202e}.csv"
    } else {
        "\u{1b}[2Jlist\u{202e}.csv"
    };
    scene.write(
        name,
        format!("客户名称,来源{EVIL},手机\n甲{EVIL},乙{EVIL}\nerror: forged,13800001111\n"),
    );
    let run = |line: &str| {
        let mut command = scene.command(line);
        command.arg(name);
        Output::of(command)
    };
    shows(&run("check"));
    shows(&run("import --log ferry.log -v"));
    shows(&run("import --again -v --mode update"));
    shows(&run("map --lang zh -o m.toml"));
    shows(&run("import --json --again"));
    shows(&run(""));
    shows(&run("jobs"));
    shows(&run("get"));
    let job = scene.jobs().remove(0);
    shows(&scene.ferry(&format!("jobs {job}")));
    shows(&scene.ferry(&format!("jobs {job} --json")));
    shows(&scene.ferry("fields"));
    is_harmless(&std::fs::read_to_string(scene.path("ferry.log")).expect("a log"));
    scene.write(
        "add.csv",
        format!("客户名称,手机\n丙{EVIL}丁,13800002222\n"),
    );
    scene.ferry("import add.csv --mode add").exits(0);
    let id = scene.crm.customers().remove(0);
    let id = id["_id"].as_str().expect("an id").to_owned();
    shows(&scene.ferry(&format!("get {id}")));
    shows(&scene.ferry(&format!("get {id} --json")));
    // Read back, JSON says what is stored.
    let read = scene.ferry(&format!("get {id} --json")).exits(0).json();
    assert_eq!(read["customers"][0]["customerName"], format!("丙{EVIL}丁"));
    // What is data stays as it is.
    let data = scene.ferry("export -o - --no-excel").exits(0).stdout;
    assert!(data.contains(EVIL), "{data:?}");
}

#[test]
fn a_cell_with_a_line_end_makes_no_line_of_its_own() {
    let scene = Scene::new();
    scene.write("list.csv", "客户名称,客户来源\n甲,\"x\nerror: forged\"\n");
    let said = scene.ferry("check list.csv").exits(3).stderr;
    assert!(
        !said.lines().any(|line| line.starts_with("error: forged")),
        "{said}"
    );
    assert!(said.contains("forged"), "{said}");
}

#[test]
fn what_the_server_says() {
    let scene = Scene::new();
    let message = serde_json::json!({"success": false, "code": "403", "message": format!("无权限{EVIL}"), "traceId": EVIL});
    let server = Canned::start(move |_| message.to_string().into_bytes());
    scene.write("list.csv", "客户名称\n甲\n");
    for line in [
        "fields",
        "import list.csv --log ferry.log",
        "fields --json",
        "doctor",
        "doctor --json",
    ] {
        let mut command = scene.command(line);
        command.env("FERRY_BASE_URL", server.base_url());
        shows(&Output::of(command));
    }
    assert!(server.calls() > 3);
    is_harmless(&std::fs::read_to_string(scene.path("ferry.log")).expect("a log"));
}

#[test]
fn notes_of_a_sheet() {
    let scene = Scene::new();
    scene.write("list.csv", format!("客户名称,客户来源\n甲,乙{EVIL}\n"));
    let sheet = scene
        .ferry("import list.csv -o r.xlsx --json")
        .exits(4)
        .result();
    let file = std::fs::File::open(sheet).expect("a sheet");
    let mut parts = zip::ZipArchive::new(file).expect("a workbook");
    let mut notes = String::new();
    for index in 0..parts.len() {
        let mut part = parts.by_index(index).expect("a part");
        if part.name().is_ok_and(|name| name.contains("comments")) {
            part.read_to_string(&mut notes).expect("text");
        }
    }
    assert!(notes.contains("202e"), "{notes}");
    is_harmless(&notes.replace('\r', ""));
}
