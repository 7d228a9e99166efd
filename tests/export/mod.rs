//! `ferry export` and what comes of its files: complete lists, forms, nightly runs, the way back.

mod complete;
mod diff;
mod dupes;
mod edges;
mod files;
mod nightly;
mod report;
mod resume;
mod way_back;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::support::{Scene, Table};

/// A customer as the CRM keeps it, created long ago.
pub fn old(number: usize) -> Map<String, Value> {
    let day = number % 28 + 1;
    let month = number % 12 + 1;
    let customer = json!({
        "customerName": format!("客户 {number:05}"),
        "createTime": format!("2024-{month:02}-{day:02} 08:00:00"),
        "updateTime": format!("2024-{month:02}-{day:02} 08:00:00"),
        "mobile": [{"value": format!("138{number:08}"), "memo": "本人"}],
        "text_k2ad_1687316401122": format!("{number:08}"),
    });
    customer.as_object().cloned().unwrap()
}

/// Stores so many of them; their ids.
pub fn fill(scene: &Scene, customers: usize) -> Vec<String> {
    (1..=customers)
        .map(|number| scene.crm.insert(old(number)))
        .collect()
}

/// The manifest beside a file.
pub fn manifest(file: &Path) -> Value {
    let mut name = file.file_name().unwrap().to_os_string();
    name.push(".manifest.json");
    let text = std::fs::read_to_string(file.with_file_name(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The ids of an exported file, each of which must stand there once.
pub fn ids(file: &Path) -> BTreeSet<String> {
    let table = Table::read(file);
    let ids: Vec<&str> = table.column("_id");
    let unique: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    assert_eq!(unique.len(), ids.len(), "some customer stands twice");
    unique
}
