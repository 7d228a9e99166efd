//! Upserts by key, plans that are shown before they are applied, and what takes them back.

mod keys;
mod plans;
mod regressions;
mod removal;
mod undo;
mod verify;

use serde_json::{Map, Value, json};

use crate::support::{Scene, Table};

/// The headers of [`sheet`].
pub const HEADERS: [&str; 4] = ["客户名称", "手机", "客户编号", "邮箱"];

/// A customer as the CRM keeps it, created long ago.
pub fn customer(number: usize) -> Map<String, Value> {
    let customer = json!({
        "customerName": format!("客户 {number:04}"),
        "createTime": "2024-05-05 08:00:00",
        "updateTime": "2024-05-05 08:00:00",
        "mobile": [{"value": phone(number), "memo": "本人"}],
        "email": [{"value": format!("c{number}@example.com")}],
        "text_k2ad_1687316401122": format!("{number:08}"),
        "select_w1fs_1687316790458": "A类",
    });
    customer.as_object().cloned().unwrap()
}

/// The number of a customer.
pub fn phone(number: usize) -> String {
    format!("138{number:08}")
}

/// Stores the customers of these numbers; their ids.
pub fn fill(scene: &Scene, numbers: impl IntoIterator<Item = usize>) -> Vec<String> {
    let numbers = numbers.into_iter();
    numbers
        .map(|number| scene.crm.insert(customer(number)))
        .collect()
}

/// The rows of these customers, as they are stored by [`fill`].
pub fn sheet(numbers: impl IntoIterator<Item = usize>) -> Table {
    let mut table = Table::of(&HEADERS, &[]);
    for number in numbers {
        table.rows.push(vec![
            format!("客户 {number:04}"),
            phone(number),
            format!("{number:08}"),
            format!("c{number}@example.com"),
        ]);
    }
    table
}

/// Every stored customer, whole.
pub fn all(scene: &Scene) -> Vec<Map<String, Value>> {
    scene.crm.customers()
}

/// What is stored, by id, without what the server sets itself with every write.
pub fn content(scene: &Scene) -> Vec<Map<String, Value>> {
    let mut customers = all(scene);
    for customer in &mut customers {
        customer.retain(|key, _| key != "updateTime" && key != "updateAgent");
    }
    customers.sort_by_key(|customer| customer["_id"].to_string());
    customers
}

/// The customer of an `_id`.
pub fn find(scene: &Scene, id: &str) -> Map<String, Value> {
    let mut stored = all(scene).into_iter();
    stored.find(|one| one["_id"] == id).unwrap()
}

/// Somebody changes one field.
pub fn change(scene: &Scene, id: &str, key: &str, value: Value) {
    let mut stored = find(scene, id);
    stored.insert(key.to_owned(), value);
    scene.crm.insert(stored);
}

/// A list of ids.
pub fn list(ids: &[String]) -> Table {
    let mut table = Table::of(&["_id"], &[]);
    table.rows.extend(ids.iter().map(|id| vec![id.clone()]));
    table
}

/// What is stored, whoever has which `_id`, as JSON in order.
pub fn without_ids(scene: &Scene) -> Vec<String> {
    let mut customers: Vec<String> = content(scene)
        .into_iter()
        .map(|mut customer| {
            customer.retain(|key, _| key != "_id" && !key.ends_with("Time"));
            serde_json::to_string(&customer).unwrap()
        })
        .collect();
    customers.sort();
    customers
}
