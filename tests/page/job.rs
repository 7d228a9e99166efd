//! The screen of a job: it goes on, is taken back, is verified; and what is not this page's is left alone.

use std::io::Read;

use serde_json::json;

use crate::support::{
    Endpoint, PageClient, ReportPage, Scene, Table, form_values, named, people, until,
};

/// Returns the path of the screen of the only job.
fn path_of(scene: &Scene) -> String {
    format!("/job/{}", scene.job())
}

/// Sends the form of a screen as it is.
fn send(page: &PageClient, screen: &str, action: &str) -> crate::support::Screen {
    let values = form_values(screen, action);
    let fields: Vec<(&str, &str)> = values
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    page.post(action, &fields)
}

fn each_once(scene: &Scene, rows: usize) {
    let names = scene.names();
    assert_eq!(names.len(), rows);
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

#[test]
fn a_job_that_a_terminal_began_and_that_was_killed_goes_on() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.kill_at("import list.csv", Endpoint::Add, 9, None);
    let page = PageClient::open(&scene, "");
    let path = path_of(&scene);
    let screen = page.get(&path).shows("import of list.csv").shows("stopped");
    let action = format!("{path}/resume");
    assert!(screen.text.contains(&format!("action=\"{action}\"")));
    let screen = page.wait(page.post(&action, &[]));
    screen.shows("Everything is done.").shows("40 added");
    each_once(&scene, 40);
    // A second press, or one in a second window, finds a job that is done.
    let adds = scene.adds();
    page.post(&action, &[]).shows("Everything is done.");
    assert_eq!(scene.adds(), adds);
}

#[test]
fn a_job_that_the_page_began_and_that_was_killed_goes_on_here_and_in_a_terminal() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.ferry("plan list.csv").exits(0);
    let path = path_of(&scene);
    let mut page = PageClient::open(&scene, "");
    let apply = format!("{path}/apply");
    page.get(&path).shows("nothing was sent yet").shows(&apply);
    let screen = page.get(&apply).shows("40 to add");
    // Somebody who was shown something else is asked again.
    let other = page.wait(page.post(&apply, &[("shown", "39-0-0-0-0")]));
    other.shows("role=\"alert\"").shows("than was shown");
    assert_eq!(scene.adds(), 0);
    let held = scene.hold(Endpoint::Add, 9);
    send(&page, &screen.text, &apply).shows("data-live=");
    held.wait_for(8);
    let before = scene.adds();
    send(&page, &screen.text, &apply).shows("Pause");
    assert_eq!(scene.adds(), before);
    page.running.kill();
    held.release();
    page = PageClient::open(&scene, "");
    page.get(&path).shows("stopped").shows("Go on");
    scene.ferry("resume").exits(0);
    page.get(&path).shows("Everything is done.");
    each_once(&scene, 40);
}

#[test]
fn a_pause_loses_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.kill_at("import list.csv", Endpoint::Add, 5, None);
    let page = PageClient::open(&scene, "");
    let path = path_of(&scene);
    let held = scene.hold(Endpoint::Add, 15);
    page.post(&format!("{path}/resume"), &[])
        .shows("data-live=");
    held.wait_for(1);
    page.post(&format!("{path}/pause"), &[]).shows("Stopping");
    held.release();
    let screen = page.wait(page.get(&path));
    screen.shows("stopped").shows("Go on");
    assert!(scene.adds() < 40);
    page.wait(page.post(&format!("{path}/resume"), &[]))
        .shows("Everything is done.");
    each_once(&scene, 40);
}

#[test]
fn a_job_of_a_running_terminal_is_followed_and_left_alone() {
    let scene = Scene::new();
    scene.save("list.csv", &named(30));
    let page = PageClient::open(&scene, "");
    let held = scene.hold(Endpoint::Add, 12);
    let running = scene.start("import list.csv");
    held.wait_for(1);
    let path = path_of(&scene);
    let screen = page.get(&path).shows("terminal works on this job");
    let screen = screen.shows("data-live=").lacks("Pause").lacks("/undo");
    // How far it is, as its journal tells, and that it is at work: nothing on the screen says otherwise.
    screen
        .shows(" of 30 rows")
        .shows("<progress max=\"100\"")
        .shows("class=\"standing\" data-heard>running");
    for action in ["resume", "pause", "undo", "delete/preview", "undo/preview"] {
        let refused = page.post(&format!("{path}/{action}"), &[]);
        refused.has_status(409).shows(&scene.job());
    }
    // The piece that the browser follows.
    let client = crate::support::bare_client();
    let request = client.get(format!("{}{path}/live", page.origin));
    let mut stream = page.request(request).send().expect("an answer");
    let mut seen = String::new();
    let mut bytes = [0; 4096];
    while !seen.contains("<svg class=\"bar\"") {
        let read = stream.read(&mut bytes).expect("a piece");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(seen.contains("event: live"), "{seen}");
    held.release();
    running.wait().exits(0);
    while !seen.contains("event: over") {
        let read = stream.read(&mut bytes).expect("the end");
        assert!(read > 0, "{seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    page.get(&path).shows("finished").lacks("data-live=");
    each_once(&scene, 30);
}

#[test]
fn an_undo_takes_everything_back_after_its_preview() {
    let scene = Scene::new();
    scene.save("old.csv", &named(3));
    scene.ferry("import old.csv").exits(0);
    let before = scene.stored();
    let mut table = Table::of(&["客户名称", "手机", "备注"], &[]);
    table.rows = (1..=20)
        .map(|number| {
            let name = format!("客户 {number:04}");
            vec![name, format!("138{number:08}"), "新的备注".to_owned()]
        })
        .collect();
    scene.save("list.csv", &table);
    scene.ferry("import list.csv --key 手机").exits(0);
    let job = scene.jobs().into_iter().find(|job| job.ends_with("list"));
    let path = format!("/job/{}", job.expect("the job"));
    let page = PageClient::open(&scene, "");
    page.get(&path)
        .shows("17 added")
        .shows("3 updated")
        .shows("新的备注");
    let screen = page.wait(page.post(&format!("{path}/undo/preview"), &[]));
    assert_eq!(screen.path, format!("{path}/undo"));
    let screen = screen.shows("17 to delete").shows("3 to restore");
    let screen = screen.shows("新的备注").shows("(blank)");
    let (name, bytes) = page.download(&format!("{path}/undo/file"));
    assert!(name.contains("list_undo-preview.xlsx"), "{name}");
    assert!(bytes.starts_with(b"PK"));
    assert_eq!(scene.crm.customer_count(), 20);
    let undone = page.wait(send(&page, &screen.text, &format!("{path}/undo")));
    let undone = undone
        .shows("undo of list.csv")
        .shows("17 deleted")
        .shows("Takes back");
    assert_ne!(undone.path, path);
    assert_eq!(scene.stored(), before);
    page.get(&path).shows("Taken back by").lacks("undo/preview");
}

#[test]
fn what_was_added_is_deleted_also_where_somebody_has_changed_it() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    scene.ferry("import list.csv").exits(0);
    let mut customer = scene.crm.customers().remove(0);
    customer.insert("mobile".into(), json!([{"value": "13900000000"}]));
    scene.crm.insert(customer);
    let (page, path) = (PageClient::open(&scene, ""), path_of(&scene));
    let left = page.wait(page.post(&format!("{path}/undo/preview"), &[]));
    left.shows("4 to delete").shows("Would be left alone");
    let screen = page.wait(page.post(&format!("{path}/delete/preview"), &[]));
    let screen = screen.shows("5 to delete");
    let deleted = page.wait(send(&page, &screen.text, &format!("{path}/delete")));
    deleted.shows("5 deleted");
    assert_eq!(scene.crm.customer_count(), 0);
}

#[test]
fn a_verification_says_what_differs() {
    let scene = Scene::new();
    scene.save("list.csv", &people(6).0);
    scene.ferry("import list.csv").exits(0);
    let (page, path) = (PageClient::open(&scene, ""), path_of(&scene));
    let verify = format!("{path}/verify");
    page.wait(page.post(&verify, &[]))
        .shows("everything is as it was sent");
    let mut customer = scene.crm.customers().remove(0);
    customer.insert("textarea_p8xw_1687316455310".into(), json!("<b>anders</b>"));
    scene.crm.insert(customer);
    let screen = page.wait(page.post(&verify, &[]));
    screen
        .shows("differences in 1")
        .shows("anders")
        .lacks("<b>anders");
    let (name, bytes) = page.download(&format!("{verify}/file"));
    assert!(name.contains("list_verify.xlsx") && bytes.starts_with(b"PK"));
    assert_eq!(scene.jobs().len(), 1);
}

#[test]
fn rows_are_paged_filtered_and_downloaded_in_both_languages() {
    let scene = Scene::new();
    let mut table = named(250);
    table.headers.push("客户级别".to_owned());
    for (number, row) in table.rows.iter_mut().enumerate() {
        let level = if number % 50 == 7 { "Z<i>类" } else { "A类" };
        row.push(level.to_owned());
    }
    scene.save("客户.csv", &table);
    scene.ferry("import 客户.csv").exits(4);
    let mut page = PageClient::open(&scene, "");
    let job = scene.job();
    let encoded = job.replace("客户", "%E5%AE%A2%E6%88%B7");
    let path = format!("/job/{encoded}");
    let screen = page.get(&path).shows("245 added").shows("5 invalid");
    let screen = screen
        .shows("Next rows")
        .shows("客户 0100")
        .lacks("客户 0101");
    let next = screen.text.split("rel=\"next\" href=\"").nth(1);
    let next = next
        .and_then(|text| text.split('"').next())
        .expect("a link");
    let next = next.replace("&#38;", "&");
    page.get(next.trim_end_matches("#rows"))
        .shows("客户 0101")
        .shows("客户 0200")
        .lacks("客户 0100")
        .lacks("客户 0201");
    let wrong = page.get(&format!("{path}?status=invalid"));
    let wrong = wrong.shows("E402").shows(">9<").lacks("客户 0001");
    // Rows that were not sent have their customers' names too, and are found by them.
    let wrong = wrong.shows("客户 0008").shows("客户 0208");
    page.get(&format!(
        "{path}?status=invalid&text=%E5%AE%A2%E6%88%B7+0058"
    ))
    .shows("客户 0058")
    .lacks("客户 0008");
    wrong.lacks("<i>").shows("Z&#60;i&#62;类");
    page.get(&format!("{path}?code=e402"))
        .shows(">209<")
        .lacks("客户 0001");
    page.get(&format!("{path}?code=E999"))
        .shows("No such rows.");
    page.get(&format!("{path}?text=%E5%AE%A2%E6%88%B7+0033"))
        .shows("客户 0033")
        .lacks("客户 0034");
    let (name, bytes) = page.download(&format!("{path}/file?only=invalid"));
    assert!(name.contains("filename*=UTF-8''%E5%AE%A2"), "{name}");
    let wrong = scene.write("wrong.xlsx", bytes);
    assert_eq!(Table::read(&wrong).rows.len(), 5);
    let (_, bytes) = page.download(&format!("{path}/file"));
    assert_eq!(Table::read(&scene.write("all.xlsx", bytes)).rows.len(), 250);
    page.speak("zh");
    page.get(&path)
        .shows("导入 客户.csv")
        .shows("新增成功 245")
        .shows("校验未通过")
        .shows("下载结果表")
        .shows("下一步");
    page.get("/job/20260101-000000-none").has_status(404);
    page.get("/job/..%2F..%2Fsession.json").has_status(404);
}

#[test]
fn a_hostile_workbook_is_text() {
    let scene = Scene::new();
    let hostile = "<script>alert(1)</script>";
    let table = Table::of(
        &["客户名称", "手机", "客户级别"],
        &[
            &[hostile, "13800000001", ""],
            &["\" onmouseover=\"x", "13800000002", "</td><img src=x>"],
            &["javascript:alert(1)", "13800000003", ""],
        ],
    );
    let name = if cfg!(windows) {
        // No name there has `<` in it.
        "a&b.csv"
    } else {
        "a&b<i>.csv"
    };
    scene.save(name, &table);
    scene.ferry(&format!("import {name}")).exits(4);
    let page = PageClient::open(&scene, "");
    let path = path_of(&scene);
    let screen = page.get(&path).shows("&#60;script&#62;alert(1)");
    let screen = screen
        .lacks("<script>alert")
        .lacks("<img")
        .lacks("<i>")
        .lacks("=\"javascript:");
    drop(screen);
    let query = "text=%22%3E%3Cscript%3Ealert(1)&status=%3Cb%3E&code=%22onx&after=%3Cb%3E";
    page.get(&format!("{path}?{query}"))
        .lacks("<script>alert")
        .lacks("<b>")
        .lacks("\"onx");
    page.get("/").lacks("<i>");
}

#[test]
fn a_protected_account_is_written_to_only_by_its_name() {
    let scene = Scene::new();
    let url = scene.crm.base_url();
    let profile = format!(
        "[profiles.main]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nrate = \"2000/s\"\nprotected = true\n"
    );
    scene.write("ferry.toml", profile);
    scene.save("list.csv", &named(3));
    let run = |line: &str| {
        let mut command = scene.command(line);
        command
            .env_remove("FERRY_BASE_URL")
            .env_remove("FERRY_APPID");
        command
    };
    crate::support::Output::of(run("plan list.csv")).exits(0);
    let page = PageClient::of(run("page --no-open --json"));
    let apply = format!("{}/apply", path_of(&scene));
    let screen = page.get(&apply).shows("name=\"profile\"");
    let shown = form_values(&screen.text, &apply)["shown"].clone();
    for typed in ["", "mian"] {
        let refused = page.post(&apply, &[("shown", &shown), ("profile", typed)]);
        refused.has_status(422).shows("main");
    }
    assert_eq!(scene.adds(), 0);
    let done = page.post(&apply, &[("shown", &shown), ("profile", "main")]);
    page.wait(done).shows("3 added");
    assert_eq!(scene.adds(), 3);
}

#[test]
fn an_export_is_a_job_too() {
    let scene = Scene::new();
    scene.save("list.csv", &named(250));
    scene.ferry("import list.csv").exits(0);
    scene.kill_at("export -o all.xlsx", Endpoint::List, 2, None);
    let jobs = scene.jobs();
    let job = jobs.iter().find(|job| job.ends_with("export"));
    let path = format!("/job/{}", job.expect("the export"));
    let page = PageClient::open(&scene, "");
    page.get(&path).shows("stopped").shows("Go on");
    let done = page.wait(page.post(&format!("{path}/resume"), &[]));
    done.shows("250 customers").shows("Download the file");
    let (name, bytes) = page.download(&format!("{path}/file"));
    assert!(name.contains("all.xlsx"), "{name}");
    assert_eq!(Table::read(&scene.write("got.xlsx", bytes)).rows.len(), 250);
    until("nothing is left", || {
        !scene.path("all.xlsx.partial").exists()
    });
}

/// Returns the report behind a link of the page: its name and what it says.
fn report_of(page: &PageClient, path: &str) -> (String, ReportPage) {
    let (name, bytes) = page.download(path);
    (
        name,
        ReportPage::of(String::from_utf8(bytes).expect("text")),
    )
}

#[test]
fn the_report_of_a_job_is_a_download_and_that_of_the_terminal() {
    let scene = Scene::new();
    scene.save("客户.csv", &named(40));
    let held = scene.hold(Endpoint::Add, 12);
    let running = scene.start("import 客户.csv --report report.html");
    held.wait_for(1);
    let page = PageClient::open(&scene, "");
    let path = path_of(&scene);
    page.get(&path).lacks("Download the report");
    held.release();
    running.wait().exits(0);
    page.get(&path).shows("/report\">Download the report</a>");
    let (name, report) = report_of(&page, &format!("{path}/report"));
    assert!(
        name.starts_with("attachment;") && name.contains("_report.html"),
        "{name}"
    );
    let without_time = |html: &str| html.split("<footer>").next().map(str::to_owned);
    let own = ReportPage::read(&scene.path("report.html"));
    assert_eq!(without_time(&report.html), without_time(&own.html));
    page.get("/job/20260101-000000-list/report").has_status(404);
    // An undo and a verification as well, in the language of the page.
    page.wait(page.post(&format!("{path}/verify"), &[]))
        .shows("Download the report");
    let (name, report) = report_of(&page, &format!("{path}/verify/report"));
    assert!(name.contains("_verify.html"), "{name}");
    assert!(report.verdict().starts_with("40 rows, "));
    // Both were asked for, and neither has taken the place of the other.
    let name_of = |name: &str| scene.job_file(&format!("page-{name}-en.html"));
    let kept = ReportPage::read(&name_of("report"));
    assert_eq!(without_time(&kept.html), without_time(&own.html));
    assert_eq!(ReportPage::read(&name_of("verify")).html, report.html);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    let undo = scene
        .jobs()
        .into_iter()
        .find(|its| *its != job)
        .expect("an undo");
    let mut page = page;
    page.speak("zh");
    let (name, report) = report_of(&page, &format!("/job/{undo}/report"));
    assert!(name.contains("%E6%8A%A5%E5%91%8A.html"), "{name}");
    assert_eq!(report.verdict(), "已完成：全部 40 行均已处理。");
    scene.ferry("export -o all.xlsx").exits(0);
    let jobs = scene.jobs().into_iter();
    let mut exports = jobs.filter(|job| job.ends_with("-export"));
    let export = exports.next().expect("an export");
    page.get(&format!("/job/{export}")).shows("下载报告");
    let (name, report) = report_of(&page, &format!("/job/{export}/report"));
    assert!(name.contains("filename=\"all_"), "{name}");
    assert!(
        report.verdict().starts_with("完整："),
        "{}",
        report.verdict()
    );
}

#[test]
fn many_customers_are_deleted_only_where_just_their_number_is_typed() {
    let scene = Scene::new();
    scene.save("list.csv", &named(1001));
    scene.ferry("import list.csv --yes").exits(0);
    let (page, path) = (PageClient::open(&scene, ""), path_of(&scene));
    let asks = page.wait(page.post(&format!("{path}/undo/preview"), &[]));
    let undo = format!("{path}/undo");
    let shown = form_values(&asks.text, &undo)["shown"].clone();
    for count in ["99999", "1000", "", "1001.0", "all"] {
        let refused = page.wait(page.post(&undo, &[("shown", &shown), ("count", count)]));
        refused
            .has_status(422)
            .shows("1001 customers would be deleted, and another number was typed")
            .lacks("--");
    }
    assert_eq!(scene.crm.customer_count(), 1001);
    let done = page.wait(page.post(&undo, &[("shown", &shown), ("count", " 1001 ")]));
    done.shows("1001 deleted");
    assert_eq!(scene.crm.customer_count(), 0);
}

#[test]
fn the_address_of_a_work_leads_to_its_job_after_a_restart() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.ferry("import list.csv").exits(0);
    let (page, path) = (PageClient::open(&scene, ""), path_of(&scene));
    let asks = page.wait(page.post(&format!("{path}/undo/preview"), &[]));
    let undo = format!("{path}/undo");
    let held = scene.hold(Endpoint::Delete, 9);
    let work = send(&page, &asks.text, &undo).shows("data-live=");
    assert!(work.path.starts_with("/work/"), "{}", work.path);
    held.wait_for(1);
    page.running.kill();
    held.release();
    let page = PageClient::open(&scene, "");
    let job = scene.jobs().into_iter().find(|job| !path.ends_with(job));
    let job = format!("/job/{}", job.expect("the undo"));
    let led = page.get(&work.path);
    assert_eq!(led.path, job);
    led.shows("stopped").shows("Go on");
    // No later work has that address.
    page.wait(page.post(&format!("{job}/resume"), &[]));
    page.wait(page.post(&format!("{path}/verify"), &[]));
    assert_eq!(page.get(&work.path).path, job);
    page.get("/work/1").has_status(404);
    assert_eq!(scene.crm.customer_count(), 0);
}

#[test]
fn the_address_of_an_export_leads_to_its_job_after_a_restart_also_where_jobs_have_its_second() {
    let scene = Scene::new();
    scene.save("list.csv", &named(250));
    scene.ferry("import list.csv").exits(0);
    let page = PageClient::open(&scene, "");
    // Whatever second it begins in, there is a job of it already.
    let now = jiff::Timestamp::now();
    for second in 0..60 {
        let moment = now + jiff::SignedDuration::from_secs(second);
        let moment = moment.in_tz("Asia/Shanghai").expect("a time zone");
        let name = moment.strftime("%Y%m%d-%H%M%S-export").to_string();
        std::fs::create_dir(scene.state().join("jobs").join(name)).expect("a folder");
    }
    let held = scene.hold(Endpoint::List, 2);
    let work = page.post("/export", &[("name", "a"), ("format", "csv")]);
    let work = work.shows("data-live=");
    assert!(work.path.starts_with("/work/"), "{}", work.path);
    held.wait_for(1);
    let job = scene
        .jobs()
        .into_iter()
        .find(|job| job.ends_with("-export-2"));
    let job = format!("/job/{}", job.expect("the export"));
    // While it is at work, its own screen follows it and can pause it.
    page.get(&job).shows("data-live=").shows("Pause");
    page.running.kill();
    held.release();
    let page = PageClient::open(&scene, "");
    let led = page.get(&work.path);
    assert_eq!(led.path, job);
    led.shows("Go on");
}
