//! Customers to import, and what the CRM must hold afterwards.

use serde_json::{Map, Value, json};

use super::Table;

/// A table of as many customers, over most kinds of fields, and what must be stored for each row.
pub fn people(count: usize) -> (Table, Vec<Map<String, Value>>) {
    let headers = [
        "客户名称",
        "客户编号",
        "手机",
        "手机.备注",
        "手机2",
        "邮箱",
        "客户来源",
        "客户级别",
        "客户标签",
        "所在地区",
        "详细地址",
        "注册资本",
        "签约日期",
        "备注",
    ];
    let mut table = Table::of(&headers, &[]);
    let mut records = Vec::new();
    for number in 1..=count {
        let (row, record) = person(number);
        table.rows.push(row);
        records.push(record);
    }
    (table, records)
}

fn person(number: usize) -> (Vec<String>, Map<String, Value>) {
    let level = ["A类", "B类", "C类", "D类"][number % 4];
    let (tag, tags) = [
        ("VIP", json!(["VIP"])),
        ("VIP、重点", json!(["VIP、重点"])),
        ("制造业；Key Account", json!(["制造业", "Key Account"])),
    ][number % 3]
        .clone();
    let city = ["杭州/西湖", "宁波/海曙", "温州/鹿城"][number % 3];
    let note = [
        "=1+1",
        "两行\n备注",
        "\"引号\"，逗号,分号;",
        "@someone",
        "-5 度",
    ][number % 5];
    let name = format!("客户 {number:04}");
    let code = format!("{number:08}");
    let mobile = format!("138{number:08}");
    let second = format!("+86 139{number:08}");
    let email = format!("c{number}@example.com");
    let address = format!("文三路 {number} 号");
    let capital = format!("{number}.5");
    let day = number % 28 + 1;
    let record = json!({
        "customerName": name,
        "text_k2ad_1687316401122": code,
        "mobile": [{"value": mobile, "memo": "前台"}, {"value": second}],
        "email": [{"value": email}],
        "customerSource": ["百度", "官网"],
        "select_w1fs_1687316790458": level,
        "multiSelect_h6jk_1687316845012": tags,
        "cascade_r2lb_1687316902233":
            std::iter::once("浙江").chain(city.split('/')).collect::<Vec<_>>(),
        "text_6ts9_1687316347239": address,
        "number_m3qe_1687316502874": capital,
        "date_v7hn_1687316560031": format!("2024-03-{day:02}"),
        "textarea_p8xw_1687316455310": note,
    });
    let row = vec![
        name,
        code,
        mobile,
        "前台".to_owned(),
        second,
        email,
        "百度；官网".to_owned(),
        level.to_owned(),
        tag.to_owned(),
        format!("浙江/{city}"),
        address,
        capital,
        format!("2024/3/{day}"),
        note.to_owned(),
    ];
    let record = record.as_object().cloned().unwrap_or_default();
    (row, record)
}

/// A small table: as many names with a mobile each.
pub fn named(count: usize) -> Table {
    let mut table = Table::of(&["客户名称", "手机"], &[]);
    table.rows = (1..=count)
        .map(|number| vec![format!("客户 {number:04}"), format!("138{number:08}")])
        .collect();
    table
}
