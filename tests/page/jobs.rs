//! The list of all jobs, and what it offers to do next.

use crate::support::{PageClient, Scene};

#[test]
fn every_job_is_reached_by_kind_state_and_page() {
    let scene = Scene::new();
    for number in 0..14 {
        let name = format!("list{number:02}.csv");
        scene.write(&name, format!("客户名称\n第{number}公司\n"));
        scene.ferry(&format!("import {name} --yes")).exits(0);
    }
    scene.write("planned.csv", "客户名称\n计划公司\n");
    scene.ferry("plan planned.csv").exits(0);
    scene.ferry("export -o all.csv").exits(0);
    let mut page = PageClient::open(&scene, "");
    let start = page.get("/").shows("href=\"/jobs\"").shows("planned.csv");
    // The start screen has the last ones, each with its next step.
    let start = start.lacks("list00.csv").shows("Look, then carry out");
    let _ = start;
    page.get("/jobs").shows("list00.csv").shows("list13.csv");
    page.get("/jobs?kind=export")
        .shows("all.csv")
        .lacks("list13.csv");
    page.get("/jobs?state=planned")
        .shows("planned.csv")
        .lacks("list13.csv");
    page.get("/jobs?kind=undo").shows("No such jobs.");
    let jobs = scene.jobs();
    let seventh = &jobs[7];
    page.get(&format!("/jobs?before={seventh}"))
        .shows("list00.csv")
        .lacks("list13.csv")
        .lacks(&format!("/job/{seventh}\""));
    page.speak("zh");
    page.get("/jobs").shows("全部任务").shows("查看后执行");
}
