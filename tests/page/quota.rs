//! The quota of the account on the start screen.

use crate::support::{PageClient, Scene, named};

#[test]
fn what_is_used_of_a_days_calls_is_shown_and_when_it_comes_back() {
    let scene = Scene::new();
    let with_quota = |line: &str| {
        let mut command = scene.command(line);
        command.env("FERRY_RATE", "2000/s,1000/day");
        command
    };
    let mut page = PageClient::of(with_quota("page --no-open --json"));
    page.get("/")
        .shows("1000/day: 0 calls used, 1000 left")
        .lacks("come back at");
    scene.save("list.csv", &named(7));
    let imported = crate::support::Output::of(with_quota("import list.csv --json"));
    let calls = imported.json()["api_calls"].as_u64().expect("a number");
    assert!(calls >= 7);
    let left = 1000 - calls;
    page.get("/")
        .shows(&format!("1000/day: {calls} calls used, {left} left"))
        .shows("come back at");
    page.speak("zh");
    page.get("/")
        .shows("账号配额")
        .shows(&format!("已用 {calls} 次，剩余 {left} 次"))
        .shows("恢复");
}

#[test]
fn an_account_without_a_quota_of_hours_or_days_shows_none() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    page.get("/").lacks("Quota of the account");
}
