//! The page in a real browser: at two widths, in both languages, without a word from its console.
//!
//! Where no browser is installed these tests say that they were skipped. With `FERRY_PICTURES=<folder>` they leave the
//! pictures of all screens there.

use std::path::PathBuf;

use crate::support::{PageClient, Scene, Window, people};

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

/// Keeps a picture where that is wanted.
fn keep(window: &Window, name: &str) {
    if let Some(folder) = std::env::var_os("FERRY_PICTURES") {
        let folder = PathBuf::from(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        window.picture(&folder.join(format!("{name}.png")));
    }
}

/// Looks at a screen at both widths.
fn look_at(window: &Window, address: &str, name: &str) {
    for width in [1280, 390] {
        window.resize(width);
        window.go(address);
        let flaws = window.value(FLAWS);
        assert_eq!(flaws.as_str(), Some(""), "{name} at {width} px");
        keep(window, &format!("{name}-{width}"));
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
