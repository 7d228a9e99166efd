//! The page in a real browser: at two widths, in both languages, without a word from its console.
//!
//! Where no browser is installed these tests say that they were skipped. With `FERRY_PICTURES=<folder>` they leave the
//! pictures of all screens there, light and dark. `docs/images/make.sh` makes those of the documentation.

use std::path::PathBuf;

use super::wizard::{apply_of, draft_of, go_on, send, upload};
use crate::support::{PageClient, Scene, Table, Window, people, sample};

/// What makes a screen hard to use, as a list of sentences.
const FLAWS: &str = r#"(() => {
  const flaws = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 1) { flaws.push(`${wide} px too wide`); }
  for (const field of document.querySelectorAll("input:not([type=hidden]), select, textarea")) {
    if (!field.labels?.length && !field.ariaLabel) { flaws.push(`no label: ${field.name}`); }
  }
  for (const pressed of document.querySelectorAll("button, a")) {
    if (!pressed.textContent.trim() && !pressed.ariaLabel) { flaws.push(`no name: ${pressed.outerHTML}`); }
  }
  if (document.querySelectorAll("h1").length !== 1) { flaws.push("not one h1"); }
  if (!document.documentElement.lang) { flaws.push("no language"); }
  const ids = [...document.querySelectorAll("[id]")].map((its) => its.id);
  if (new Set(ids).size !== ids.length) { flaws.push("an id twice"); }
  return flaws.join("; ");
})()"#;

/// The folder for pictures that a variable names; `None` where none are wanted.
fn folder_of(variable: &str) -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os(variable)?);
    std::fs::create_dir_all(&folder).expect("a folder");
    Some(folder)
}

/// Looks at a screen at both widths.
fn look_at(window: &Window, address: &str, name: &str) {
    for width in [1280, 390] {
        window.resize(width);
        window.go(address);
        let flaws = window.value(FLAWS);
        assert_eq!(flaws.as_str(), Some(""), "{name} at {width} px");
        let Some(folder) = folder_of("FERRY_PICTURES") else {
            continue;
        };
        for (is_dark, colours) in [(true, "dark"), (false, "light")] {
            window.darken(is_dark);
            window.whole_picture(&folder.join(format!("{name}-{width}-{colours}.webp")));
        }
    }
}

#[test]
fn every_first_screen_is_usable_at_both_widths_in_both_languages() {
    let Some(window) = Window::open() else {
        return;
    };
    let scene = Scene::new();
    scene.save("people.csv", &people(3).0);
    scene.ferry("import people.csv").exits(0);
    let page = PageClient::open(&scene, "");
    window.go(&page.address);
    for lang in ["en", "zh"] {
        window.value(&format!("document.cookie = 'ferry_lang={lang}; path=/'"));
        for (path, name) in [
            ("/", "start"),
            ("/account", "account"),
            ("/export", "export"),
        ] {
            let address = format!("{}{path}", page.origin);
            look_at(&window, &address, &format!("{name}-{lang}"));
        }
    }
}

#[test]
fn the_account_is_tested_by_a_click_and_the_lights_come_by_themselves() {
    let Some(window) = Window::open() else {
        return;
    };
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    window.go(&page.address);
    // The token has left the address, and no script can read it.
    let address = window.value("location.href");
    assert_eq!(address.as_str(), Some(format!("{}/", page.origin).as_str()));
    assert_eq!(window.value("document.cookie").as_str(), Some(""));
    window.click("form[action='/account/test'] button");
    window.wait_for("accepted: hmac-sha256");
}

/// A workbook with whatever an import has to ask: columns in doubt, words that match nothing, wrong rows.
fn messy() -> Table {
    let mut table = Table::of(
        &[
            "单位全称",
            "手机",
            "从哪来",
            "客户级别",
            "签约日期",
            "很长很长很长很长的一个列名用来看看窄屏幕上会怎样显示",
        ],
        &[
            &["", "13800000001", "官往", "甲等", "03/04/2024", ""],
            &[
                "一个名称特别特别长的客户有限责任公司驻北京市朝阳区第一办事处",
                "138O0138000",
                "百度推广",
                "Z类",
                "2024-13-45",
                "averyveryverylongwordwithoutanyspacewhichcannotbebrokenanywhereatall@example.com",
            ],
        ],
    );
    for number in 3..=30 {
        let row = [
            format!("客户 {number:04}"),
            format!("138{number:08}"),
            "官网".to_owned(),
            "A类".to_owned(),
            "2024-03-05".to_owned(),
            String::new(),
        ];
        table.rows.push(row.to_vec());
    }
    table
}

#[test]
fn every_step_of_an_import_is_usable_at_both_widths_in_both_languages() {
    let Some(window) = Window::open() else {
        return;
    };
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let bytes = std::fs::read(scene.save("messy.xlsx", &messy())).expect("the workbook");
    let draft = draft_of(&upload(&page, "messy.xlsx", &bytes));
    window.go(&page.address);
    let look_in_both = |paths: &[(String, &str)]| {
        for lang in ["en", "zh"] {
            window.value(&format!("document.cookie = 'ferry_lang={lang}; path=/'"));
            for (path, name) in paths {
                let address = format!("{}{path}", page.origin);
                look_at(&window, &address, &format!("{name}-{lang}"));
            }
        }
    };
    let at = |step: &str| format!("{draft}{step}");
    look_in_both(&[("/import".to_owned(), "import"), (at(""), "file")]);
    let columns = go_on(&page, &page.get(&draft), "", &[("header", "1")]);
    look_in_both(&[(at("/columns"), "columns")]);
    let chosen = [
        ("field.0", "客户名称"),
        ("field.2", "客户来源"),
        ("field.5", "备注"),
        ("go", "all"),
    ];
    let values = send(&page, &columns, &at("/columns"), &chosen);
    look_in_both(&[(at("/values"), "values"), (at("/check"), "unchecked")]);
    go_on(&page, &values, "/values", &[]);
    page.post(
        &at("/mend"),
        &[
            ("sheet", "0"),
            ("row", "3"),
            ("column", "1"),
            ("text", "13800138000"),
        ],
    );
    look_in_both(&[(at("/check"), "check"), (at("/preview"), "unplanned")]);
    let preview = page.get(&at("/preview"));
    let preview = send(&page, &preview, &at("/plan"), &[]);
    look_in_both(&[(at("/preview"), "preview")]);
    let done = send(&page, &preview, &apply_of(&preview), &[]);
    let job = done.path;
    page.wait(page.post(&format!("{job}/undo/preview"), &[]));
    page.wait(page.post(&format!("{job}/verify"), &[]));
    look_in_both(&[
        (job.clone(), "job"),
        (format!("{job}/undo"), "undo"),
        (format!("{job}/verify"), "verify"),
        ("/template".to_owned(), "template"),
        ("/nowhere".to_owned(), "missing"),
        ("/import/0".to_owned(), "error"),
    ]);
}

/// Makes the pictures of the documentation, where `FERRY_DOC_PICTURES` names their folder.
#[test]
fn the_pictures_of_the_documentation() {
    let Some((folder, window)) = folder_of("FERRY_DOC_PICTURES").zip(Window::open()) else {
        return;
    };
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "--sandbox");
    window.go(&page.address);
    window.resize(1280);
    let keep = |page: &PageClient, lang: &str, (path, name): (&str, &str)| {
        window.value(&format!("document.cookie = 'ferry_lang={lang}; path=/'"));
        window.go(&format!("{}{path}", page.origin));
        window.picture(&folder.join(format!("page-{name}-{lang}.webp")));
    };
    let keep_both = |page: &PageClient, path: &str, name: &str| {
        keep(page, "en", (path, name));
        keep(page, "zh", (path, name));
    };
    let bytes = std::fs::read(sample("customers.xlsx")).expect("the sample");
    let file = upload(&page, "customers.xlsx", &bytes);
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    keep_both(&page, &columns.path, "columns");
    let action = format!("{draft}/columns");
    let values = send(&page, &columns, &action, &[("go", "all")]);
    let check = go_on(&page, &values, "/values", &[]);
    keep_both(&page, &check.path, "check");
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]);
    keep_both(&page, &preview.path, "preview");
    let done = send(&page, &preview, &apply_of(&preview), &[]);
    keep_both(&page, &done.path, "job");
    for lang in ["en", "zh"] {
        page.speak(lang);
        page.wait(page.post("/account/test", &[]));
        keep(&page, lang, ("/", "start"));
    }
}
