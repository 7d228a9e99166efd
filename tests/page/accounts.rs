//! Several accounts: what belongs to one is done in that one, whichever is chosen.

use std::process::Command;

use super::wizard::{apply_of, draft_of, go_on, send, upload};
use crate::support::{PageClient, Scene, Screen};

/// A scene with a profile for its own CRM and one for that of another scene.
fn with_profiles() -> (Scene, Scene) {
    let (scene, other) = (Scene::new(), Scene::new());
    let profile = |name: &str, url: &str| {
        format!(
            "[profiles.{name}]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nrate = \"2000/s\"\n"
        )
    };
    let text = format!(
        "profile = \"first\"\n{}{}",
        profile("first", &scene.crm.base_url()),
        profile("second", &other.crm.base_url())
    );
    scene.write("ferry.toml", text);
    (scene, other)
}

fn command(scene: &Scene, line: &str) -> Command {
    let mut command = scene.command(line);
    command
        .env_remove("FERRY_BASE_URL")
        .env_remove("FERRY_APPID");
    command
}

fn open(scene: &Scene) -> PageClient {
    PageClient::of(command(scene, "page --no-open --json"))
}

fn choose(page: &PageClient, profile: &str) -> Screen {
    page.post("/account/use", &[("profile", profile)])
}

/// Takes a file to its preview. Returns the base of the draft's paths, and the preview.
fn previewed(page: &PageClient) -> (String, Screen) {
    let file = upload(page, "list.csv", "客户名称\n甲公司\n".as_bytes());
    let draft = draft_of(&file);
    let columns = go_on(page, &file, "", &[]);
    let action = format!("{draft}/columns");
    let columns = send(page, &columns, &action, &[("go", "all")]);
    go_on(page, &columns, "/values", &[]);
    let preview = page.wait(page.post(&format!("{draft}/plan"), &[]));
    (draft, preview.shows("1 to add"))
}

#[test]
fn a_preview_and_its_job_stay_with_the_account_that_they_were_made_for() {
    let (scene, other) = with_profiles();
    let page = open(&scene);
    let (draft, _) = previewed(&page);
    choose(&page, "second");
    let belongs = "belongs to another account than the chosen one: first";
    let preview = page.wait(page.get(&format!("{draft}/preview")));
    let preview = preview.shows(belongs).shows("value=\"first\"");
    let done = send(&page, &preview, &apply_of(&preview), &[]).shows("1 added");
    assert_eq!(scene.names().len(), 1);
    assert!(other.names().is_empty());
    let done = page.get(&done.path).shows(belongs);
    page.wait(page.post(&format!("{}/verify", done.path), &[]))
        .shows("everything is as it was sent")
        .shows(belongs);
    // The button leads back to the same screen.
    let back = page.post(
        "/account/use",
        &[("profile", "first"), ("back", &done.path)],
    );
    assert_eq!(back.path, done.path);
    back.lacks("belongs to another account");
}

#[test]
fn a_rehearsal_and_the_real_account_are_each_shown_as_what_they_are() {
    let (scene, _other) = with_profiles();
    let page = open(&scene);
    let banner = "Rehearsal: nothing here reaches a real CRM";
    let (_, preview) = previewed(&page);
    let real = send(&page, &preview, &apply_of(&preview), &[]).shows("1 added");
    choose(&page, "").shows(banner);
    page.get(&real.path)
        .lacks(banner)
        .lacks("class=\"sandbox\"")
        .shows("belongs to another account");
    let (_, preview) = previewed(&page);
    let preview = preview.shows(banner);
    let rehearsed = send(&page, &preview, &apply_of(&preview), &[]);
    let rehearsed = rehearsed.shows("1 added").shows(banner);
    // The embedded CRM that runs is used on, whichever account is chosen.
    choose(&page, "first").lacks(banner);
    let path = &rehearsed.path;
    page.get(path)
        .shows(banner)
        .shows("belongs to another account");
    page.wait(page.post(&format!("{path}/verify"), &[]))
        .shows("everything is as it was sent")
        .shows(banner);
    choose(&page, "");
    page.wait(page.post(&format!("{path}/verify"), &[]))
        .shows("everything is as it was sent");
    assert_eq!(scene.names().len(), 1);
}

#[test]
fn a_draft_for_the_account_of_the_environment_is_not_planned_as_a_rehearsal() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let (draft, _) = previewed(&page);
    choose(&page, "").shows("Rehearsal");
    let preview = page.wait(page.post(&format!("{draft}/plan"), &[]));
    let preview = preview
        .lacks("Rehearsal")
        .shows("belongs to another account");
    send(&page, &preview, &apply_of(&preview), &[]).shows("1 added");
    assert_eq!(scene.names().len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_gives_the_secret_holds_no_screen_up() {
    let scene = Scene::new();
    let url = scene.crm.base_url();
    let folder = "home/.config/ferry";
    std::fs::create_dir_all(scene.path(folder)).expect("a folder");
    // The program runs in the folder of the file that names it.
    scene.write(
        &format!("{folder}/secret.sh"),
        "touch asked; while [ ! -e go ]; do sleep 0.05; done; echo sandbox-secret\n",
    );
    let text = format!(
        "[profiles.slow]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret_command = [\"sh\", \"secret.sh\"]\n"
    );
    // A program is run only where the user's own file names it.
    scene.write(&format!("{folder}/ferry.toml"), text);
    let page = open(&scene);
    std::thread::scope(|threads| {
        let waiting = threads.spawn(|| page.get("/export"));
        crate::support::until("the program is asked", || {
            scene.path(&format!("{folder}/asked")).exists()
        });
        for path in ["/", "/template", "/import", "/jobs", "/nowhere"] {
            page.get(path).shows("slow ·");
        }
        scene.write(&format!("{folder}/go"), "");
        let export = waiting.join().expect("an answer");
        page.wait(export).shows("客户名称");
    });
}

#[test]
fn every_moment_is_told_in_the_zone_of_the_profile_and_each_screen_names_it() {
    let scene = Scene::new();
    let zone = "Pacific/Kiritimati";
    let text = format!(
        "[profiles.far]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\ntimezone = \"{zone}\"\n",
        scene.crm.base_url()
    );
    scene.write("ferry.toml", text);
    let mut command = command(&scene, "page --no-open --json");
    command.env("FERRY_RATE", "2000/s,20/day");
    let mut page = PageClient::of(command);
    page.get("/").shows(&format!("Times are those of {zone}."));
    page.wait(page.get("/export"));
    upload(&page, "list.csv", "客户名称\n甲公司\n".as_bytes());
    // A draft, and the calls that come back, by a clock that is far ahead of every computer's.
    let there = jiff::Timestamp::now().in_tz(zone).expect("a zone");
    let today = |screen: &Screen| {
        screen
            .text
            .contains(&there.strftime("%Y-%m-%d").to_string())
    };
    let drafts = page.get("/import");
    assert!(today(&drafts), "{}", drafts.text);
    let start = page.get("/");
    let comes_back = (1..=2).map(|days| {
        let day = there
            .checked_add(jiff::Span::new().days(days))
            .expect("a day");
        format!("come back at {}", day.strftime("%Y-%m-%d"))
    });
    let is_told = comes_back
        .into_iter()
        .any(|words| start.text.contains(&words));
    assert!(is_told, "{}", start.text);
    page.speak("zh");
    page.get("/").shows(&format!("时间均为 {zone} 时区。"));
}
