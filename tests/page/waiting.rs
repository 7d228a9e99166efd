//! While a job waits, its screen says for what, and until when.

use std::time::Duration;

use crm_ferry::sandbox::{Outage, OutageKind};

use crate::support::{Fault, PageClient, Scene, Screen, form_values, named, until};

/// Makes a plan of so many rows, and presses the button that carries it out, on a page with these settings.
fn begun(scene: &Scene, rows: usize, settings: &[(&str, &str)]) -> (PageClient, String) {
    scene.save("list.csv", &named(rows));
    scene.ferry("plan list.csv").exits(0);
    let mut command = scene.command("page --no-open --json");
    command.envs(settings.iter().copied());
    let page = PageClient::of(command);
    let path = format!("/job/{}", scene.job());
    let apply = format!("{path}/apply");
    let shown = form_values(&page.get(&apply).text, &apply)["shown"].clone();
    page.post(&apply, &[("shown", &shown)]);
    (page, path)
}

/// Looks at a job until it says that it waits; returns the sentence.
fn waiting(page: &PageClient, path: &str) -> String {
    let mut said = String::new();
    until("the job waits", || {
        let Screen { text, .. } = page.get(path);
        let note = text.split("class=\"note\" data-heard>").nth(1);
        let note = note.and_then(|note| note.split("</p>").next());
        note.unwrap_or_default().clone_into(&mut said);
        !said.is_empty()
    });
    said
}

/// Fails unless a sentence names a time of day.
fn names_a_time(said: &str) {
    let is_time = |word: &str| {
        let parts: Vec<&str> = word.split(':').collect();
        parts.len() == 3
            && parts
                .iter()
                .all(|part| part.len() == 2 && part.parse::<u8>().is_ok())
    };
    let letters = |letter: char| !letter.is_ascii_digit() && letter != ':';
    assert!(said.split(letters).any(is_time), "{said}");
}

/// Pauses a job that waits, has the CRM well again, and goes on: every row is stored once.
fn goes_on_after(page: &PageClient, path: &str, scene: &Scene, rows: usize) {
    page.post(&format!("{path}/pause"), &[]);
    page.wait(page.get(path)).shows("stopped").lacks("Waiting:");
    scene.crm.set_faults(Vec::new());
    scene.crm.set_outages(Vec::new());
    page.wait(page.post(&format!("{path}/resume"), &[]))
        .shows("Everything is done.");
    let names = scene.names();
    assert_eq!(names.len(), rows);
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

fn fault(text: &str) -> Vec<Fault> {
    vec![text.parse().expect("a fault")]
}

#[test]
fn a_busy_crm_is_named_with_the_time_at_which_the_job_goes_on() {
    let scene = Scene::new();
    scene.crm.set_faults(fault("busy-429-retry-after:25@add=1"));
    let (mut page, path) = begun(&scene, 12, &[]);
    let said = waiting(&page, &path);
    assert!(said.contains("Waiting:") && said.contains("busy"), "{said}");
    names_a_time(&said);
    page.speak("zh");
    let said = waiting(&page, &path);
    assert!(said.contains("等待中：") && said.contains("繁忙"), "{said}");
    names_a_time(&said);
    page.speak("en");
    scene.crm.set_faults(Vec::new());
    goes_on_after(&page, &path, &scene, 12);
}

#[test]
fn a_crm_that_is_out_is_named_and_the_word_goes_when_it_answers_again() {
    let scene = Scene::new();
    let (page, path) = {
        scene.crm.set_outages(vec![Outage {
            lasts: Duration::from_secs(3600),
            kind: OutageKind::Fault("dropped".parse().expect("a fault")),
            from_add: 5,
        }]);
        begun(&scene, 40, &[])
    };
    let said = waiting(&page, &path);
    assert!(said.contains("does not answer"), "{said}");
    names_a_time(&said);
    scene.crm.set_outages(Vec::new());
    let done = page.wait(page.get(&path));
    done.shows("Everything is done.").lacks("Waiting:");
    let names = scene.names();
    assert_eq!(names.len(), 40);
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

#[test]
fn rows_in_doubt_are_waited_for_with_their_number() {
    let scene = Scene::new();
    let held = scene.hold(crate::support::Endpoint::Add, 12);
    let (page, path) = begun(&scene, 12, &[("FERRY_SETTLE", "25s")]);
    held.wait_for(1);
    held.release_as("lost-reply".parse().expect("a fault"));
    let said = waiting(&page, &path);
    assert!(said.contains("rows in doubt: 1"), "{said}");
    names_a_time(&said);
    page.post(&format!("{path}/pause"), &[]);
    page.wait(page.get(&path)).shows("stopped");
    let resumed = scene.ferry("resume --settle 0s");
    resumed.exits(0);
    assert_eq!(scene.names().len(), 12);
}

#[test]
fn a_spent_quota_is_named_with_the_time_at_which_calls_come_back() {
    let scene = Scene::new();
    let (page, path) = begun(&scene, 40, &[("FERRY_RATE", "2000/s,15/h")]);
    // A job keeps the pace that it was planned with, unless the environment gives another.
    let said = waiting(&page, &path);
    assert!(said.contains("the quota of 15/h is spent"), "{said}");
    names_a_time(&said);
    let start = page.get("/").shows("Quota of the account");
    start
        .shows("15/h: spent")
        .shows("Calls are possible again at");
    page.post(&format!("{path}/pause"), &[]);
    page.wait(page.get(&path)).shows("stopped").shows("Go on");
    assert!(scene.adds() <= 15);
}
