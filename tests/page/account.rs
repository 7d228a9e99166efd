//! The account: entered on the page, tested, kept, never shown.

use crate::support::{PageClient, SECRET, Scene};

fn form<'a>(scene_url: &'a str, secret: &'a str) -> [(&'static str, &'a str); 5] {
    [
        ("profile", "正式"),
        ("base_url", scene_url),
        ("appid", "sandbox"),
        ("secret", secret),
        ("rate", "500/s"),
    ]
}

#[test]
fn an_account_is_entered_tested_and_kept_for_the_command_line_too() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let url = scene.crm.base_url();
    let screen = page.wait(page.post("/account", &form(&url, SECRET)));
    assert_eq!(screen.path, "/account");
    let screen = screen.shows("signature").lacks(SECRET);
    assert!(!screen.text.contains("class=\"bad\""), "{}", screen.text);
    // An empty field keeps the secret; the form shows everything else.
    let screen = page.wait(page.post("/account", &form(&url, "")));
    let screen = screen.shows("value=\"正式\"").shows("value=\"500/s\"");
    assert!(!screen.text.contains("class=\"bad\""), "{}", screen.text);
    page.get("/").shows("正式");
    let files = scene.config_files();
    let (toml, secrets): (Vec<_>, Vec<_>) =
        files.iter().partition(|path| path.ends_with("ferry.toml"));
    let text = std::fs::read_to_string(toml[0]).expect("written");
    assert!(
        text.contains("[profiles.\"正式\"]") && !text.contains(SECRET),
        "{text}"
    );
    assert_eq!(secrets.len(), 1);
    scene.ferry("doctor --profile 正式").exits(0);
}

#[test]
fn a_wrong_secret_is_a_light_with_its_remedy_and_a_wrong_address_an_error_beside_the_form() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let url = scene.crm.base_url();
    let screen = page.wait(page.post("/account", &form(&url, "wrong")));
    screen
        .shows("class=\"bad\"")
        .shows("appid")
        .lacks("value=\"wrong\"");
    let screen = page.post("/account", &form("crm.example.com", "wrong"));
    screen
        .has_status(422)
        .shows("role=\"alert\"")
        .shows("value=\"crm.example.com\"")
        .lacks("value=\"wrong\"");
    page.post("/account/use", &[("profile", "")])
        .shows("class=\"sandbox\"");
    page.get("/").shows("Rehearsal");
}

#[test]
fn settings_that_the_crm_answers_to_are_saved_by_a_button() {
    let scene = Scene::new();
    let url = scene.crm.base_url();
    let text = format!(
        "[profiles.main]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret = \"{SECRET}\"\n[profiles.main.find]\nmethod = \"GET\"\npath = \"/openapi/nowhere/{{id}}\"\n"
    );
    scene.write("ferry.toml", text);
    scene.write("one.csv", "客户名称\n甲公司\n");
    scene.ferry("import one.csv --yes").exits(0);
    let page = PageClient::open(&scene, "");
    let screen = page.wait(page.post("/account/test", &[]));
    screen.shows("class=\"bad\"").shows("/account/save-found");
    let screen = page.post("/account/save-found", &[]);
    screen.lacks("class=\"bad\"").lacks("/account/save-found");
    page.wait(page.post("/account/test", &[]))
        .lacks("class=\"bad\"");
}

#[test]
fn without_an_account_everything_leads_to_it_before_a_file_is_sent() {
    let scene = Scene::new();
    let mut command = scene.command("page --no-open --json");
    for name in ["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"] {
        command.env_remove(name);
    }
    let mut page = PageClient::of(command);
    page.speak("zh");
    page.get("/")
        .shows("填写账号")
        .shows("先用演练环境试用")
        .lacks("启动后还没有测试过");
    for path in ["/import", "/export", "/dupes", "/template", "/delete"] {
        let screen = page.get(path);
        assert_eq!(screen.path, "/account", "{path}");
        screen.shows("填写账号").lacks("FERRY_").lacks("--sandbox");
    }
    let sent = page.upload("/import", ("file", "a.csv", b"x"), &[]);
    assert_eq!(sent.path, "/account");
    page.post("/account/use", &[("profile", "")]);
    assert_eq!(page.get("/import").path, "/import");
}

#[test]
fn an_emptied_pace_is_none() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let url = scene.crm.base_url();
    page.wait(page.post("/account", &form(&url, SECRET)))
        .shows("value=\"500/s\"");
    let mut emptied = form(&url, "");
    emptied[4].1 = "";
    page.wait(page.post("/account", &emptied))
        .lacks("value=\"500/s\"");
    let files = scene.config_files();
    let toml = files.iter().find(|path| path.ends_with("ferry.toml"));
    let text = std::fs::read_to_string(toml.expect("the file")).expect("text");
    let is_set = text
        .lines()
        .any(|line| line.trim_start().starts_with("rate"));
    assert!(!is_set, "{text}");
}
