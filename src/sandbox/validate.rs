//! The checks of an add, an update and a delete: every key and value is checked before anything is stored.
//!
//! Invariant: a value that passes is stored as it was sent, except that a choice or a cascade level sent by its key is
//! stored by its text. The checks are strict on purpose: the real server's are unknown, and a client that satisfies
//! these sends nothing doubtful. `""` and `[]` are empty values: an add ignores them, an update clears the field.

use jiff::civil::{Date, DateTime};
use serde_json::{Map, Value};

use super::fields::{Choice, Field, Fields, Kind, Node, READ_ONLY};
use super::refusal::Refusal;

/// Checks an add's body; returns the fields to store, in the order sent.
pub(super) fn check_add(
    fields: &Fields,
    body: Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut customer = Map::new();
    for (param, value) in body {
        let field = writable(fields, &param)?;
        if let Some(value) = check(field, value)? {
            customer.insert(param, value);
        }
    }
    let missing = fields
        .iter()
        .find(|field| field.required && field.status == 1 && !customer.contains_key(&field.param));
    match missing {
        Some(field) => Err(Refusal::missing_field(&field.title())),
        None => Ok(customer),
    }
}

/// A field's key and its new value; `None` clears the field.
pub(super) type Change = (String, Option<Value>);

/// Checks an update's body; returns the customer's id and the changes.
pub(super) fn check_update(
    fields: &Fields,
    mut body: Map<String, Value>,
    requires_name: bool,
) -> Result<(String, Vec<Change>), Refusal> {
    let id = take_id(&mut body, "_id")?;
    if requires_name && !body.contains_key("customerName") {
        return Err(Refusal::missing_field("客户名称(customerName)"));
    }
    let mut changes = Vec::with_capacity(body.len());
    for (param, value) in body {
        let field = writable(fields, &param)?;
        let value = check(field, value)?;
        if value.is_none() && field.required {
            return Err(Refusal::missing_field(&field.title()));
        }
        changes.push((param, value));
    }
    Ok((id, changes))
}

/// Checks a delete's body, `{"id": "…"}` and nothing else; returns the id.
pub(super) fn check_delete(mut body: Map<String, Value>) -> Result<String, Refusal> {
    let id = take_id(&mut body, "id")?;
    match body.keys().next() {
        Some(key) => Err(Refusal::unknown_field(key)),
        None => Ok(id),
    }
}

/// Takes the id out of a body. An id is a string of 1 to 20 digits; a JSON number is refused, because some clients lose
/// its last digits.
fn take_id(body: &mut Map<String, Value>, key: &str) -> Result<String, Refusal> {
    match body.shift_remove(key) {
        None => Err(Refusal::missing_field(key)),
        Some(Value::String(id)) if (1..=20).contains(&id.len()) && is_digits(&id) => Ok(id),
        Some(_) => Err(Refusal::wrong_parameter(key, "应为数字组成的字符串")),
    }
}

fn writable<'a>(fields: &'a Fields, param: &str) -> Result<&'a Field, Refusal> {
    if READ_ONLY.contains(&param) {
        return Err(Refusal::read_only_field(param));
    }
    let field = fields
        .get(param)
        .ok_or_else(|| Refusal::unknown_field(param))?;
    match field.status {
        1 => Ok(field),
        0 => Err(Refusal::closed_field(&field.title(), "已停用")),
        _ => Err(Refusal::closed_field(&field.title(), "已删除")),
    }
}

/// Checks a value and returns what is stored for it; `None` for an empty value.
fn check(field: &Field, value: Value) -> Result<Option<Value>, Refusal> {
    let wrong = |reason: &str| Err(Refusal::wrong_value(&field.title(), reason));
    if field.kind.is_list() {
        let Value::Array(items) = value else {
            return wrong("应为数组");
        };
        if items.is_empty() {
            return Ok(None);
        }
        return check_list(field, items).map(|items| Some(Value::Array(items)));
    }
    if let (Kind::Number, Value::Number(_)) = (&field.kind, &value) {
        return Ok(Some(value));
    }
    let Value::String(text) = value else {
        return wrong("应为字符串");
    };
    if text.is_empty() {
        return Ok(None);
    }
    let reason = match &field.kind {
        Kind::Number if !is_decimal(&text) => "应为数字",
        Kind::Date if !is_date(&text) => "应为yyyy-MM-dd格式的日期",
        Kind::DateTime if !is_datetime(&text) => "应为yyyy-MM-dd HH:mm:ss格式的时间",
        Kind::Phone if !is_phone(&text) => "电话格式错误",
        Kind::Email if !is_email(&text) => "邮箱格式错误",
        Kind::Owner if !is_digits(&text) => "应为数字组成的字符串",
        Kind::Text if field.required && text.trim().is_empty() => "不能为空白",
        Kind::Select(choices) => return pick(field, choices.iter(), &text).map(Some),
        _ => return Ok(Some(Value::String(text))),
    };
    wrong(reason)
}

fn check_list(field: &Field, items: Vec<Value>) -> Result<Vec<Value>, Refusal> {
    match &field.kind {
        Kind::Contacts => {
            for item in &items {
                check_contact(field, item)?;
            }
            Ok(items)
        }
        Kind::Cascade {
            fill_level,
            children,
        } => check_cascade(field, *fill_level, children, &items),
        Kind::MultiSelect(choices) => items
            .iter()
            .map(|item| pick(field, choices.iter(), text_of(field, item)?))
            .collect(),
        _ => Ok(items),
    }
}

fn check_contact(field: &Field, item: &Value) -> Result<(), Refusal> {
    let wrong = |reason: &str| Err(Refusal::wrong_value(&field.title(), reason));
    let Value::Object(entry) = item else {
        return wrong("元素应为{value, memo}");
    };
    for (key, part) in entry {
        if key != "value" && key != "memo" {
            return wrong(&format!("未知属性{key}"));
        }
        if !part.is_string() {
            return wrong(&format!("{key}应为字符串"));
        }
    }
    match entry.get("value").and_then(Value::as_str) {
        None | Some("") => wrong("value不能为空"),
        Some(_) => Ok(()),
    }
}

fn check_cascade(
    field: &Field,
    fill_level: usize,
    children: &[Node],
    items: &[Value],
) -> Result<Vec<Value>, Refusal> {
    let mut level = children;
    let mut path = Vec::with_capacity(items.len());
    for item in items {
        let text = text_of(field, item)?;
        let chosen = pick(field, level.iter().map(|node| &node.choice), text)?;
        level = level
            .iter()
            .find(|node| Some(node.choice.value.as_str()) == chosen.as_str())
            .map_or(&[], |node| &node.children);
        path.push(chosen);
    }
    // A branch with fewer levels than `fill_level` is filled to its end.
    if path.len() < fill_level && !level.is_empty() {
        let reason = format!("至少填写{fill_level}级");
        return Err(Refusal::wrong_value(&field.title(), &reason));
    }
    Ok(path)
}

fn text_of<'a>(field: &Field, item: &'a Value) -> Result<&'a str, Refusal> {
    item.as_str()
        .ok_or_else(|| Refusal::wrong_value(&field.title(), "元素应为字符串"))
}

/// Finds a choice by its text, else by its key, and returns its text.
fn pick<'a>(
    field: &Field,
    mut choices: impl Iterator<Item = &'a Choice> + Clone,
    sent: &str,
) -> Result<Value, Refusal> {
    let by_text = choices.clone().find(|choice| choice.value == sent);
    by_text
        .or_else(|| choices.find(|choice| choice.key == sent))
        .map(|choice| Value::String(choice.value.clone()))
        .ok_or_else(|| Refusal::no_such_choice(&field.title(), sent))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    match digits.split_once('.') {
        Some((whole, fraction)) => is_digits(whole) && is_digits(fraction),
        None => is_digits(digits),
    }
}

fn is_date(text: &str) -> bool {
    // The date is written back and compared, because parsing alone lets `2024-1-2` pass.
    Date::strptime("%Y-%m-%d", text).is_ok_and(|date| date.strftime("%Y-%m-%d").to_string() == text)
}

fn is_datetime(text: &str) -> bool {
    const FORMAT: &str = "%Y-%m-%d %H:%M:%S";
    DateTime::strptime(FORMAT, text).is_ok_and(|time| time.strftime(FORMAT).to_string() == text)
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let plain = text
        .strip_prefix('+')
        .unwrap_or(text)
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b" -()".contains(&byte));
    plain && (5..=20).contains(&digits)
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let labels_filled = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    !local.is_empty()
        && labels_filled
        && !domain.contains('@')
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAGS: &str = "multiSelect_h6jk_1687316845012";
    const AREA: &str = "cascade_r2lb_1687316902233";

    fn add(key: &str, json: &str) -> Result<Map<String, Value>, String> {
        let mut body = Map::new();
        body.insert("customerName".to_owned(), "张三".into());
        body.insert(key.to_owned(), serde_json::from_str(json).unwrap());
        check_add(&Fields::load(None).unwrap(), body)
            .map_err(|refusal| format!("{} {}", refusal.code, refusal.message))
    }

    #[test]
    fn each_kind_takes_what_fits_and_refuses_what_does_not() {
        let table: &[(&str, &[&str], &[&str])] = &[
            (
                "text_k2ad_1687316401122",
                &[r#""A-1""#],
                &["1", "null", "[]", "true"],
            ),
            (
                "number_m3qe_1687316502874",
                &["12.50", r#""-3.5""#, "1e3"],
                &[r#""1,000""#, r#""1e3""#, r#""x""#, r#"".5""#],
            ),
            (
                "date_v7hn_1687316560031",
                &[r#""2024-02-29""#],
                &[
                    r#""2023-02-29""#,
                    r#""2024-2-9""#,
                    r#""2024/02/09""#,
                    "20240209",
                ],
            ),
            (
                "assignTime",
                &[r#""2024-11-14 09:46:17""#],
                &[
                    r#""2024-11-14""#,
                    r#""2024-11-14 24:00:00""#,
                    r#""2024-11-14T09:46:17""#,
                ],
            ),
            (
                "phone_z9uc_1687316678205",
                &[r#""0571-88888888""#, r#""+86 (571) 88888888""#],
                &[r#""8888""#, r#""电话0571""#],
            ),
            (
                "email_d5gy_1687316733667",
                &[r#""a@b.cn""#],
                &[r#""a@b""#, r#""ab.cn""#, r#""a@@b.cn""#, r#""a b@c.cn""#],
            ),
            ("owner", &[r#""8310""#], &["8310", r#""李四""#]),
            (
                "select_w1fs_1687316790458",
                &[r#""B类""#],
                &[r#""E类""#, r#"["B类"]"#],
            ),
            (
                TAGS,
                &[r#"["VIP、重点", "Key Account"]"#],
                &[r#""VIP""#, r#"["VIP", "重点"]"#, "[1]"],
            ),
            ("customerSource", &[r#"["试用申请"]"#], &[r#""试用申请""#]),
            (
                AREA,
                &[
                    r#"["浙江", "杭州"]"#,
                    r#"["浙江", "其他"]"#,
                    r#"["浙江", "杭州", "西湖"]"#,
                ],
                &[
                    r#"["浙江"]"#,
                    r#"["浙江", "西湖"]"#,
                    r#"["浙江", "杭州", "西湖", "西湖"]"#,
                ],
            ),
            (
                "mobile",
                &[
                    r#"[{"value": "13800000000"}]"#,
                    r#"[{"value": "1", "memo": ""}]"#,
                ],
                &[
                    r#"["138"]"#,
                    r#"[{"value": ""}]"#,
                    r#"[{"memo": "x"}]"#,
                    r#"[{"value": 138}]"#,
                    r#"[{"value": "1", "type": "home"}]"#,
                ],
            ),
        ];
        for (key, good, bad) in table {
            for json in *good {
                assert!(add(key, json).is_ok(), "{key} {json}: {:?}", add(key, json));
            }
            for json in *bad {
                let refusal = add(key, json).unwrap_err();
                assert!(refusal.contains(key), "{json}: {refusal}");
            }
        }
    }

    #[test]
    fn keys_are_stored_as_texts() {
        assert_eq!(
            add("select_w1fs_1687316790458", r#""level_2""#).unwrap()["select_w1fs_1687316790458"],
            "B类"
        );
        assert_eq!(
            add(TAGS, r#"["tag_1"]"#).unwrap()[TAGS],
            serde_json::json!(["VIP"])
        );
        let area = add(AREA, r#"["area_1", "杭州"]"#).unwrap();
        assert_eq!(area[AREA], serde_json::json!(["浙江", "杭州"]));
    }

    #[test]
    fn keys_that_cannot_be_written_are_named() {
        for (key, code) in [
            ("foo", "40002"),
            ("_id", "40004"),
            ("createTime", "40004"),
            ("text_n0xe_1687316960781", "40003"),
            ("text_c8vo_1687317011406", "40003"),
        ] {
            let refusal = add(key, r#""1""#).unwrap_err();
            assert!(
                refusal.starts_with(code) && refusal.contains(key),
                "{refusal}"
            );
        }
        assert!(
            add("customerName", r#""""#)
                .unwrap_err()
                .starts_with("40001")
        );
        assert!(
            add("customerName", r#""  ""#)
                .unwrap_err()
                .starts_with("40005")
        );
    }

    #[test]
    fn empty_means_absent_on_add_and_clear_on_update() {
        let customer = add("mobile", "[]").unwrap();
        assert!(!customer.contains_key("mobile"));
        let fields = Fields::load(None).unwrap();
        let update = |json: &str| check_update(&fields, serde_json::from_str(json).unwrap(), false);
        let (id, changes) = update(r#"{"_id": "12", "owner": "", "mobile": []}"#).unwrap();
        assert_eq!(id, "12");
        assert_eq!(
            changes,
            [("owner".to_owned(), None), ("mobile".to_owned(), None)]
        );
        assert_eq!(
            update(r#"{"_id": "12", "customerName": ""}"#)
                .unwrap_err()
                .code,
            "40001"
        );
        assert_eq!(update(r#"{"_id": 12}"#).unwrap_err().code, "40007");
        assert_eq!(
            update(r#"{"customerName": "x"}"#).unwrap_err().code,
            "40001"
        );
    }
}
