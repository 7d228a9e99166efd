//! The command of the profile (`on_finish`) gets what has come of jobs of the page.
#![cfg(unix)]

use std::process::Command;

use serde_json::Value;

use crate::support::{PageClient, SECRET, Scene, form_values, named};

/// A command of a scene whose profile has an `on_finish`, which adds its input to `told`.
fn with_profile(scene: &Scene, line: &str) -> Command {
    let mut command = scene.command(line);
    command
        .env_remove("FERRY_BASE_URL")
        .env_remove("FERRY_APPID");
    command
}

fn scene(script: &str) -> Scene {
    let scene = Scene::new();
    let url = scene.crm.base_url();
    let profile = format!(
        "[profiles.main]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nrate = \"2000/s\"\non_finish = [\"sh\", \"tell.sh\"]\n"
    );
    scene.write("ferry.toml", profile);
    scene.write("tell.sh", script);
    scene.save("list.csv", &named(3));
    crate::support::Output::of(with_profile(&scene, "plan list.csv")).exits(0);
    std::fs::remove_file(scene.path("told")).expect("the plan was told");
    scene
}

/// What the command has got since the last time.
fn told(scene: &Scene) -> Vec<Value> {
    let text = std::fs::read_to_string(scene.path("told")).unwrap_or_default();
    let _ = std::fs::remove_file(scene.path("told"));
    text.lines()
        .map(|line| serde_json::from_str(line).expect("an object"))
        .collect()
}

fn press(page: &PageClient, action: &str, asks: &str) -> crate::support::Screen {
    let shown = form_values(asks, action)["shown"].clone();
    page.wait(page.post(action, &[("shown", &shown)]))
}

#[test]
fn imports_undos_and_exports_are_told_and_previews_are_not() {
    let scene = scene("cat >> told; env | grep -c SECRET >> secrets; exit 0");
    let page = PageClient::of(with_profile(&scene, "page --no-open --json"));
    let path = format!("/job/{}", scene.job());
    let apply = format!("{path}/apply");
    let asks = page.get(&apply);
    press(&page, &apply, &asks.text).shows("3 added");
    let first = told(&scene);
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(
        (&first[0]["command"], &first[0]["added"], &first[0]["exit"]),
        (&"apply".into(), &3.into(), &0.into())
    );
    let undo = format!("{path}/undo");
    let preview = page.wait(page.post(&format!("{undo}/preview"), &[]));
    assert!(told(&scene).is_empty(), "a preview is no end");
    press(&page, &undo, &preview.text).shows("3 deleted");
    let second = told(&scene);
    assert_eq!(second[0]["command"], "undo");
    assert_eq!((second.len(), &second[0]["deleted"]), (1, &3.into()));
    page.wait(page.post("/export", &[("name", "x"), ("format", "csv")]));
    let third = told(&scene);
    assert_eq!((third.len(), &third[0]["command"]), (1, &"export".into()));
    assert_eq!(third[0]["complete"], true);
    let secrets = std::fs::read_to_string(scene.path("secrets")).expect("written");
    assert!(secrets.lines().all(|count| count == "0"), "{secrets}");
}

#[test]
fn a_failure_is_told_too_and_a_command_that_fails_is_named_on_the_screen_of_the_job() {
    let scene = scene("cat >> told; test ! -e fail");
    scene.write("fail", "");
    let page = PageClient::of(with_profile(&scene, "page --no-open --json"));
    let path = format!("/job/{}", scene.job());
    let apply = format!("{path}/apply");
    let asks = page.get(&apply);
    let done = press(&page, &apply, &asks.text);
    assert_eq!(done.path, path);
    let done = done.shows("3 added").shows("role=\"alert\"");
    done.shows("E633").shows("sh").lacks(SECRET);
    assert_eq!(told(&scene).len(), 1);
    // What fails is told with its reason.
    std::fs::remove_file(scene.path("fail")).expect("removed");
    let wrong = [
        ("format", "csv"),
        ("where_field", "客户级别"),
        ("where_value", "Z类"),
    ];
    page.wait(page.post("/export", &wrong))
        .shows("role=\"alert\"");
    let failed = told(&scene);
    assert_eq!(failed.len(), 1, "{failed:?}");
    assert_eq!(failed[0]["command"], "export");
    assert!(failed[0]["errors"][0]["message"].is_string(), "{failed:?}");
}
