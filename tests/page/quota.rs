//! The quota of the account on the start screen.

use super::wizard::{apply_of, draft_of, filled, go_on, send, upload};
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

#[test]
fn the_time_of_a_job_knows_what_is_left_of_a_day() {
    let scene = Scene::new();
    let with_quota = |line: &str| {
        let mut command = scene.command(line);
        command.env("FERRY_RATE", "2000/s,40/day");
        command
    };
    scene.save("list.csv", &named(20));
    let imported = crate::support::Output::of(with_quota("import list.csv --mode add"));
    imported.exits(0);
    let page = PageClient::of(with_quota("page --no-open --json"));
    let rows: Vec<String> = (1..=30).map(|number| format!("公司 {number}")).collect();
    let rows = rows.join("\n");
    let file = upload(&page, "more.csv", format!("客户名称\n{rows}").as_bytes());
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let columns = send(
        &page,
        &columns,
        &format!("{draft}/columns"),
        &[("go", "all")],
    );
    let _ = go_on(&page, &columns, "/values", &[]);
    let plan = page.wait(page.post(&format!("{draft}/plan"), &[("mode", "add")]));
    // Before it begins: how long, which window is short, and when calls come back.
    let plan = plan
        .shows("30 calls")
        .shows("calls used, ")
        .shows("come back at")
        .lacks("about 0.0 s");
    let apply = apply_of(&plan);
    let begun = page.post(&apply, &[("shown", &filled(&plan, &apply)["shown"])]);
    // And while it runs, also while it waits.
    crate::support::until("the quota is spent", || {
        page.get(&begun.path).text.contains("40/day: spent")
    });
    let screen = page.get(&begun.path).shows("Calls are possible again at");
    assert!(screen.text.contains(" left"), "{}", screen.text);
    page.post(&format!("{}/pause", begun.path), &[]);
}
