//! The API's JSON: the only file that knows its keys.
//!
//! Requests are written straight into one buffer. Replies are read leniently, because every field of the
//! envelope may be absent, null or of another type (contract.md, *Envelope and headers*), with two
//! exceptions where leniency would harm: an `_id` is digits or an error, never a rounded number, and a
//! list without its parts is an error, because "no such customer" permits a second add.

use serde_json::{Map, Value as Json, json};

use super::query::{Condition, FieldQuery, Page, Query};
use super::settings::{ClearSend, Empty};
use crate::model::{
    CascadeOption, Choice, Customer, CustomerId, FieldConfig, FieldStatus, Phrase, Record, Saying,
    Value,
};

pub(super) const ADD: &str = "/openapi/crm/add";
pub(super) const UPDATE: &str = "/openapi/crm/update";
pub(super) const DELETE: &str = "/openapi/crm/delete";
pub(super) const LIST: &str = "/openapi/crm/list";
pub(super) const FIELDS: &str = "/openapi/crm/config/field/list";

/// The code that says yes, if `success` does too.
pub(super) const YES: &str = "200";

/// Writes the body of an add.
pub(super) fn add_body(record: &Record, clear: ClearSend) -> Vec<u8> {
    let mut body = Vec::with_capacity(64 + 48 * record.fields.len());
    body.push(b'{');
    write_fields(&mut body, record, clear, true);
    body.push(b'}');
    body
}

/// Writes the body of an update: the record and the id.
pub(super) fn update_body(id: &CustomerId, record: &Record, clear: ClearSend) -> Vec<u8> {
    let mut body = Vec::with_capacity(96 + 48 * record.fields.len());
    body.extend_from_slice(br#"{"_id":"#);
    write_text(&mut body, id.as_str());
    write_fields(&mut body, record, clear, false);
    body.push(b'}');
    body
}

/// Writes the body of a delete, whose key is `id` and not `_id`.
pub(super) fn delete_body(id: &CustomerId) -> Vec<u8> {
    format!(r#"{{"id":"{}"}}"#, id.as_str()).into_bytes()
}

/// Writes the body of a list.
pub(super) fn list_body(query: &Query) -> Vec<u8> {
    let mut body = format!(r#"{{"page":{},"limit":{}"#, query.page, query.limit).into_bytes();
    if let Some(condition) = &query.condition {
        let (field, operator, value) = match condition {
            Condition::Equals { field, value } => (field, "eq", Some(value)),
            Condition::Empty { field } => (field, "empty", None),
        };
        body.extend_from_slice(br#","search":[{"field":"#);
        write_text(&mut body, field);
        body.extend_from_slice(br#","operator":""#);
        body.extend_from_slice(operator.as_bytes());
        body.extend_from_slice(br#"","value":["#);
        if let Some(value) = value {
            write_text(&mut body, value);
        }
        body.extend_from_slice(b"]}]");
    }
    body.push(b'}');
    body
}

/// Writes the body of the field list call with its filters.
pub(super) fn field_query(query: &FieldQuery) -> Vec<u8> {
    let mut body = Map::new();
    if !query.categories.is_empty() {
        body.insert("category".to_owned(), json!(query.categories));
    }
    if let Some(is_editable) = query.is_editable {
        body.insert("editable".to_owned(), json!(is_editable));
    }
    Json::Object(body).to_string().into_bytes()
}

/// Writes the body of a call without parameters: the empty object.
pub(super) fn empty_body() -> Vec<u8> {
    b"{}".to_vec()
}

fn write_fields(body: &mut Vec<u8>, record: &Record, clear: ClearSend, mut first: bool) {
    for (key, value) in &record.fields {
        if key.as_str() == "_id" {
            continue;
        }
        if !std::mem::take(&mut first) {
            body.push(b',');
        }
        write_text(body, key.as_str());
        body.push(b':');
        match value {
            Value::Text(text) => write_text(body, text),
            Value::List(items) => write_array(body, items, |body, item| write_text(body, item)),
            Value::Entries(entries) => {
                let said = entries.iter().filter(|entry| !entry.value.is_empty());
                write_array(body, said, |body, entry| {
                    body.extend_from_slice(br#"{"value":"#);
                    write_text(body, &entry.value);
                    if let Some(memo) = &entry.memo {
                        body.extend_from_slice(br#","memo":"#);
                        write_text(body, memo);
                    }
                    body.push(b'}');
                });
            }
            Value::ClearText => write_empty(body, clear.text),
            Value::ClearList => write_empty(body, clear.list),
        }
    }
}

fn write_array<T>(
    body: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    write: impl Fn(&mut Vec<u8>, T),
) {
    body.push(b'[');
    for (position, item) in items.into_iter().enumerate() {
        if position > 0 {
            body.push(b',');
        }
        write(body, item);
    }
    body.push(b']');
}

fn write_empty(body: &mut Vec<u8>, empty: Empty) {
    body.extend_from_slice(match empty {
        Empty::Text => b"\"\"",
        Empty::List => b"[]",
        Empty::Null => b"null",
    });
}

fn write_text(body: &mut Vec<u8>, text: &str) {
    // Writing a string into a Vec cannot fail.
    let _ = serde_json::to_writer(body, text);
}

/// The frame of each reply of the API.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Envelope {
    success: Option<bool>,
    /// As text, whatever its JSON type was.
    pub code: Option<String>,
    /// Empty when absent.
    pub message: String,
    pub trace_id: Option<String>,
    /// Null when absent.
    pub data: Json,
}

impl Envelope {
    /// Reads a reply. Returns `None` for anything but a JSON object with `success` or `code`: the error pages of
    /// proxies and frameworks have neither.
    pub(super) fn parse(body: &[u8]) -> Option<Self> {
        // Some frameworks put a byte order mark first; RFC 8259, section 8.1, lets a reader ignore it.
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        // Checking the whole text at once takes less than checking each string of it.
        let text = str::from_utf8(body).ok()?;
        let Ok(Json::Object(mut object)) = serde_json::from_str(text) else {
            return None;
        };
        let success = object.get("success").and_then(to_bool);
        let code = object.get("code").and_then(to_text);
        if success.is_none() && code.is_none() {
            return None;
        }
        let text = |key: &str| object.get(key).and_then(to_text);
        Some(Self {
            success,
            code,
            message: text("message").or_else(|| text("msg")).unwrap_or_default(),
            trace_id: text("traceId").filter(|id| !id.is_empty()),
            data: object.remove("data").unwrap_or_default(),
        })
    }

    /// Returns whether the reply says yes: `success` is true, and the code is 200.
    pub(super) fn says_yes(&self) -> bool {
        self.success == Some(true) && self.code.as_deref() == Some(YES)
    }

    /// Returns whether the reply says nothing but no: `success` is false, the code is not 200 or 0, and `data` names no
    /// customer.
    pub(super) fn is_plain_no(&self) -> bool {
        let is_good = matches!(self.code.as_deref(), Some(YES | "0"));
        let has_id = self.data.get("_id").is_some_and(|id| !id.is_null());
        self.success == Some(false) && !is_good && !has_id
    }

    /// Returns whether the reply says no: `success` is false, or the code is not 200. A reply that lacks one of the two
    /// may say neither yes nor no.
    pub(super) fn says_no(&self) -> bool {
        self.success == Some(false) || self.code.as_deref().is_some_and(|code| code != YES)
    }
}

fn to_bool(value: &Json) -> Option<bool> {
    match value {
        Json::Bool(yes) => Some(*yes),
        Json::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Json::Number(number) => match number.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            _ => None,
        },
        _ => None,
    }
}

fn to_text(value: &Json) -> Option<String> {
    match value {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        _ => None,
    }
}

fn to_integer(value: &Json) -> Option<i64> {
    to_text(value)?.parse().ok()
}

/// Reads a stored customer. `asked` is its id where the reply names none, as some servers answer an update with
/// `null`. An add has no such id.
pub(super) fn customer(data: Json, asked: Option<&CustomerId>) -> Result<Customer, Phrase> {
    let fields = match data {
        Json::Object(fields) => fields,
        Json::Null => Map::new(),
        _ => return Err(Saying::NotACustomer.into()),
    };
    let id = match (fields.get("_id"), asked) {
        (None | Some(Json::Null), Some(id)) => id.clone(),
        (None | Some(Json::Null), None) => {
            return Err(Saying::ReplyWithoutId.into());
        }
        (Some(Json::String(text)), _) => parse_id(text.trim())?,
        // With arbitrary precision a number keeps its text, so no digit is lost.
        (Some(Json::Number(number)), _) => parse_id(number.as_str())?,
        (Some(_), _) => return Err(Saying::OddIdInReply.into()),
    };
    let text = |name: &str| match fields.get(name) {
        Some(Json::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let (created, created_by) = (text("createTime"), text("createAgent"));
    let edited = text("updateTime").is_some_and(|updated| Some(updated) != created);
    Ok(Customer {
        id,
        created,
        edited,
        created_by,
        fields,
    })
}

fn parse_id(text: &str) -> Result<CustomerId, Phrase> {
    CustomerId::parse(text).map_err(|_| Phrase::new(Saying::BadIdInReply).with("value", text))
}

/// Reads a page. A missing `count` is worked out only where the page is shorter than `limit` and so must be the last.
pub(super) fn page(data: Json, query: &Query) -> Result<Page, Phrase> {
    let Json::Object(mut data) = data else {
        return Err(Saying::NotAPage.into());
    };
    let count = data.get("count").and_then(to_integer);
    let count = count.and_then(|count| u64::try_from(count).ok());
    let items = match data.remove("list") {
        Some(Json::Array(items)) => items,
        None | Some(Json::Null) if count == Some(0) => Vec::new(),
        _ => return Err(Saying::ReplyWithoutList.into()),
    };
    let found = items.len() as u64;
    let before = u64::from(query.page.saturating_sub(1)) * u64::from(query.limit);
    let count = match count {
        Some(count) => count,
        None if found < u64::from(query.limit) => before + found,
        None => return Err(Saying::ReplyWithoutCount.into()),
    };
    let customers: Result<Vec<Customer>, Phrase> =
        items.into_iter().map(|item| customer(item, None)).collect();
    Ok(Page {
        customers: customers?,
        count,
    })
}

/// Reads the field list out of a reply's `data`; `null` means an account without fields of its own.
pub(super) fn fields(data: &Json) -> Result<Vec<FieldConfig>, Phrase> {
    match data {
        Json::Null => Ok(Vec::new()),
        Json::Array(items) => items
            .iter()
            .map(|item| item.as_object().map(field))
            .collect::<Option<_>>()
            .ok_or_else(|| Saying::FieldNotAnObject.into()),
        _ => Err(Saying::FieldsNotAnArray.into()),
    }
}

fn field(item: &Map<String, Json>) -> FieldConfig {
    let text = |key: &str| item.get(key).and_then(to_text).unwrap_or_default();
    let flag = |key: &str| item.get(key).and_then(to_bool);
    let key = Some(text("param")).filter(|key| !key.is_empty());
    let options = item.get("options").unwrap_or(&Json::Null);
    FieldConfig {
        key: key.unwrap_or_else(|| text("field")),
        label: text("name"),
        type_name: text("type"),
        status: match text("status").as_str() {
            "" | "1" | "true" => FieldStatus::Enabled,
            "-1" => FieldStatus::Deleted,
            _ => FieldStatus::Disabled,
        },
        required: flag("required").unwrap_or(false),
        system: flag("isSystem").unwrap_or(false),
        searchable: flag("searchable"),
        choices: objects(item.get("choices"))
            .map(|choice| Choice {
                key: text_at(choice, "key"),
                value: text_at(choice, "value"),
            })
            .collect(),
        cascade: cascade(options.get("children")),
        fill_level: options
            .get("fillLevel")
            .and_then(to_integer)
            .and_then(|level| u32::try_from(level).ok())
            .unwrap_or(0),
        sort: item.get("sort").and_then(to_integer).unwrap_or(0),
    }
}

fn cascade(children: Option<&Json>) -> Vec<CascadeOption> {
    objects(children)
        .map(|option| CascadeOption {
            key: text_at(option, "key"),
            value: text_at(option, "value"),
            children: cascade(option.get("children")),
        })
        .collect()
}

fn objects(value: Option<&Json>) -> impl Iterator<Item = &Map<String, Json>> {
    let items = value.and_then(Json::as_array).into_iter().flatten();
    items.filter_map(Json::as_object)
}

fn text_at(object: &Map<String, Json>, key: &str) -> String {
    object.get(key).and_then(to_text).unwrap_or_default()
}

/// Reads a field list kept in a file: the bare array, or a whole reply of the API.
pub fn fields_from_json(text: &str) -> Result<Vec<FieldConfig>, Phrase> {
    let text = text.trim_start_matches('\u{feff}');
    let json: Json = serde_json::from_str(text)
        .map_err(|error| Phrase::new(Saying::NotJson).with("cause", error.to_string()))?;
    match json {
        Json::Object(mut envelope) => {
            let data = envelope.remove("data").filter(Json::is_array);
            let data = data.ok_or(Phrase::new(Saying::ReplyWithoutFields))?;
            fields(&data)
        }
        list @ Json::Array(_) => fields(&list),
        _ => Err(Saying::NeitherFieldsNorReply.into()),
    }
}

/// Writes a field list as the API does (an array of `CustomerFieldVO`), indented for people.
pub fn fields_to_json(fields: &[FieldConfig]) -> String {
    let items: Vec<Json> = fields.iter().map(field_json).collect();
    format!("{:#}\n", Json::Array(items))
}

fn field_json(field: &FieldConfig) -> Json {
    let choice = |choice: &Choice| json!({"key": choice.key, "value": choice.value});
    let choices: Vec<Json> = field.choices.iter().map(choice).collect();
    let options = json!({
        "level": depth(&field.cascade),
        "fillLevel": field.fill_level,
        "children": cascade_json(&field.cascade),
    });
    let has_options = !field.cascade.is_empty() || field.fill_level > 0;
    json!({
        "field": field.key,
        "name": field.label,
        "param": field.key,
        "type": field.type_name,
        "status": match field.status {
            FieldStatus::Enabled => 1,
            FieldStatus::Disabled => 0,
            FieldStatus::Deleted => -1,
        },
        "searchable": field.searchable,
        "choices": Some(choices).filter(|choices| !choices.is_empty()),
        "options": Some(options).filter(|_| has_options),
        "sort": field.sort,
        "isSystem": field.system,
        "required": field.required,
    })
}

fn cascade_json(options: &[CascadeOption]) -> Vec<Json> {
    let option = |option: &CascadeOption| {
        let mut json = json!({"key": option.key, "value": option.value});
        if !option.children.is_empty() {
            json["children"] = Json::Array(cascade_json(&option.children));
        }
        json
    };
    options.iter().map(option).collect()
}

fn depth(options: &[CascadeOption]) -> usize {
    let below = options.iter().map(|option| depth(&option.children)).max();
    below.map_or(0, |below| below + 1)
}

#[cfg(test)]
mod tests;
