//! The field configuration: the answer of the field list call, and the kind of value of each key.
//!
//! Invariant: the field list is answered verbatim as it was loaded, also the parts that this server does not
//! understand. The system fields are known even when a loaded list leaves them out, because the real
//! list may or may not have them (`contract.md`).

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

use super::error::SandboxError;
use super::refusal::Refusal;

/// The built-in list: the system fields, and custom fields of every kind.
const BUILT_IN: &str = include_str!("fields.json");

/// Keys that only the server sets.
pub(super) const READ_ONLY: [&str; 8] = [
    "_id",
    "accountId",
    "createTime",
    "createAgent",
    "updateTime",
    "updateAgent",
    "firstAssignTime",
    "firstOwner",
];

/// The kind of a field's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Text,
    Number,
    Date,
    DateTime,
    Phone,
    Email,
    /// A string of digits: an agent's id.
    Owner,
    Select(Vec<Choice>),
    MultiSelect(Vec<Choice>),
    Cascade {
        fill_level: usize,
        children: Vec<Node>,
    },
    /// A list of `{value, memo}`.
    Contacts,
}

impl Kind {
    /// Returns whether values are arrays. `[]` empties such a field, `""` any other.
    pub(super) fn is_list(&self) -> bool {
        matches!(
            self,
            Self::MultiSelect(_) | Self::Cascade { .. } | Self::Contacts
        )
    }
}

/// A choice; clients send its text or its key.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) key: String,
    pub(super) value: String,
}

/// A choice of a cascade and the choices of the level below it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) choice: Choice,
    pub(super) children: Vec<Node>,
}

/// One field, as far as the server checks it.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) param: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) status: i64,
    pub(super) required: bool,
    pub(super) searchable: bool,
}

impl Field {
    /// Returns the label and the key, as refusals name a field.
    pub(super) fn title(&self) -> String {
        format!("{}({})", self.name, self.param)
    }
}

/// All fields: the list as it was loaded, and the fields that are checked.
#[derive(Debug)]
pub(super) struct Fields {
    listed: Vec<Value>,
    known: Vec<Field>,
    by_param: HashMap<String, usize>,
}

impl Fields {
    /// Loads a list from a file (an array of fields, or an envelope with `data`), or the built-in one.
    pub(super) fn load(path: Option<&Path>) -> Result<Self, SandboxError> {
        let built_in = parse(BUILT_IN).expect("the built-in list is tested");
        let Some(path) = path else {
            return Ok(Self::new(built_in.clone(), &built_in));
        };
        let fail = |reason: String| SandboxError::Fields {
            path: path.to_owned(),
            reason,
        };
        let text = fs::read_to_string(path).map_err(|error| fail(error.to_string()))?;
        Ok(Self::new(parse(&text).map_err(fail)?, &built_in))
    }

    fn new(listed: Vec<Value>, built_in: &[Value]) -> Self {
        let mut fields = Self {
            listed: Vec::new(),
            known: Vec::new(),
            by_param: HashMap::new(),
        };
        let system = built_in.iter().filter(|raw| flag(raw, "isSystem"));
        for raw in listed.iter().chain(system) {
            let field = field_of(raw);
            if !field.param.is_empty() && !fields.by_param.contains_key(&field.param) {
                fields
                    .by_param
                    .insert(field.param.clone(), fields.known.len());
                fields.known.push(field);
            }
        }
        fields.listed = listed;
        fields
    }

    /// Returns the field with this key.
    pub(super) fn get(&self, param: &str) -> Option<&Field> {
        self.by_param.get(param).map(|&index| &self.known[index])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Field> {
        self.known.iter()
    }

    /// Returns the fields that pass a filter, as the field list call answers them.
    pub(super) fn list(&self, filter: &Map<String, Value>) -> Result<Vec<&Value>, Refusal> {
        let mut fields: Vec<&Value> = self.listed.iter().collect();
        for (name, value) in filter {
            match name.as_str() {
                "name" => {
                    let part = value
                        .as_str()
                        .ok_or_else(|| Refusal::wrong_parameter(name, "应为字符串"))?;
                    fields.retain(|field| text(field, "name").contains(part));
                }
                "category" => {
                    let wanted = strings(name, value)?;
                    fields.retain(|field| wanted.contains(&category(field)));
                }
                "type" => {
                    let wanted = strings(name, value)?;
                    fields.retain(|field| wanted.contains(&text(field, "type")));
                }
                "enabled" => {
                    let wanted = boolean(name, value)?;
                    fields.retain(|field| (status(field) == 1) == wanted);
                }
                "editable" => {
                    let wanted = boolean(name, value)?;
                    fields.retain(|field| {
                        let fixed = field.get("editable") == Some(&Value::Bool(false));
                        let generated = READ_ONLY.contains(&text(field, "param"));
                        (!fixed && !generated) == wanted
                    });
                }
                _ => return Err(Refusal::wrong_parameter(name, "未知参数")),
            }
        }
        Ok(fields)
    }
}

/// Reads an array of strings.
pub(super) fn strings<'a>(name: &str, value: &'a Value) -> Result<Vec<&'a str>, Refusal> {
    value
        .as_array()
        .and_then(|items| items.iter().map(Value::as_str).collect())
        .ok_or_else(|| Refusal::wrong_parameter(name, "应为字符串数组"))
}

fn boolean(name: &str, value: &Value) -> Result<bool, Refusal> {
    value
        .as_bool()
        .ok_or_else(|| Refusal::wrong_parameter(name, "应为布尔值"))
}

fn parse(json: &str) -> Result<Vec<Value>, String> {
    let json = json.trim_start_matches('\u{feff}');
    let mut value: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if let Some(data) = value.get_mut("data") {
        value = data.take();
    }
    match value {
        Value::Array(fields) if fields.iter().all(Value::is_object) => Ok(fields),
        _ => Err("not an array of fields, nor an envelope whose `data` is one".to_owned()),
    }
}

fn text<'a>(raw: &'a Value, key: &str) -> &'a str {
    raw.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn flag(raw: &Value, key: &str) -> bool {
    raw.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn status(raw: &Value) -> i64 {
    raw.get("status").and_then(Value::as_i64).unwrap_or(1)
}

/// Returns the category of a field. The published fields have none, although the call filters by it; so they are
/// `system` or `custom`, as a field page would show.
fn category(raw: &Value) -> &str {
    match text(raw, "category") {
        "" if flag(raw, "isSystem") => "system",
        "" => "custom",
        category => category,
    }
}

fn field_of(raw: &Value) -> Field {
    let param = match text(raw, "param") {
        "" => text(raw, "field"),
        param => param,
    };
    Field {
        param: param.to_owned(),
        name: text(raw, "name").to_owned(),
        kind: kind_of(param, raw),
        status: status(raw),
        required: flag(raw, "required"),
        searchable: flag(raw, "searchable"),
    }
}

fn kind_of(param: &str, raw: &Value) -> Kind {
    match param {
        "mobile" | "email" | "qq" | "wechat" => return Kind::Contacts,
        "owner" => return Kind::Owner,
        "assignTime" => return Kind::DateTime,
        "customerName" | "createMethod" | "visitorId" => return Kind::Text,
        _ => {}
    }
    let type_name = text(raw, "type").to_lowercase();
    if let Some(options) = raw.get("options").filter(|options| options.is_object()) {
        let fill_level = options.get("fillLevel").and_then(Value::as_u64);
        return Kind::Cascade {
            fill_level: fill_level.map_or(1, |level| level.max(1) as usize),
            children: nodes(options),
        };
    }
    if let Some(raw_choices) = raw.get("choices").and_then(Value::as_array) {
        let choices = raw_choices.iter().map(choice).collect();
        let many = ["multi", "checkbox", "多选"]
            .iter()
            .any(|mark| type_name.contains(mark));
        return if many || param == "customerSource" {
            Kind::MultiSelect(choices)
        } else {
            Kind::Select(choices)
        };
    }
    match type_name.as_str() {
        "number" | "int" | "integer" | "decimal" | "float" | "money" => Kind::Number,
        "date" => Kind::Date,
        "datetime" | "date_time" => Kind::DateTime,
        "phone" | "mobile" | "tel" => Kind::Phone,
        "email" | "mail" => Kind::Email,
        _ => Kind::Text,
    }
}

fn choice(raw: &Value) -> Choice {
    Choice {
        key: text(raw, "key").to_owned(),
        value: text(raw, "value").to_owned(),
    }
}

fn nodes(raw: &Value) -> Vec<Node> {
    let children = raw.get("children").and_then(Value::as_array);
    children.map_or_else(Vec::new, |children| {
        children
            .iter()
            .map(|child| Node {
                choice: choice(child),
                children: nodes(child),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_list_has_every_kind_and_one_required_field() {
        let fields = Fields::load(None).unwrap();
        let required: Vec<&str> = fields
            .iter()
            .filter(|field| field.required)
            .map(|field| field.param.as_str())
            .collect();
        assert_eq!(required, ["customerName"]);
        for kind in [
            "Text",
            "Number",
            "Date",
            "DateTime",
            "Phone",
            "Email",
            "Owner",
            "Select",
            "MultiSelect",
            "Cascade",
            "Contacts",
        ] {
            let found = fields
                .iter()
                .any(|field| format!("{:?}", field.kind).starts_with(kind));
            assert!(found, "no field of kind {kind}");
        }
        let statuses: Vec<i64> = fields.iter().map(|field| field.status).collect();
        assert!(statuses.contains(&0) && statuses.contains(&-1));
        let params: std::collections::HashSet<_> =
            fields.iter().map(|field| &field.param).collect();
        assert_eq!(params.len(), fields.listed.len());
    }

    #[test]
    fn filters_narrow_the_list() {
        let fields = Fields::load(None).unwrap();
        let count = |json: &str| {
            let filter: Map<String, Value> = serde_json::from_str(json).unwrap();
            fields.list(&filter).map(|found| found.len())
        };
        let all = fields.listed.len();
        assert_eq!(count("{}"), Ok(all));
        assert_eq!(count(r#"{"enabled": true}"#), Ok(all - 2));
        assert_eq!(count(r#"{"enabled": false}"#), Ok(2));
        assert_eq!(count(r#"{"name": "客户编"}"#), Ok(1));
        assert_eq!(count(r#"{"type": ["cascade"]}"#), Ok(1));
        assert_eq!(count(r#"{"category": ["system"]}"#), Ok(10));
        assert_eq!(count(r#"{"editable": false}"#), Ok(0));
        assert!(count(r#"{"size": 1}"#).is_err());
        assert!(count(r#"{"type": "text"}"#).is_err());
    }

    #[test]
    fn a_loaded_list_keeps_the_system_fields_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fields.json");
        fs::write(
            &path,
            r#"{"success": true, "data": [{"param": "text_1", "name": "x", "type": "text", "status": 1}]}"#,
        )
        .unwrap();
        let fields = Fields::load(Some(&path)).unwrap();
        assert_eq!(fields.list(&Map::new()).unwrap().len(), 1);
        assert_eq!(fields.get("mobile").unwrap().kind, Kind::Contacts);
        fs::write(&path, "{}").unwrap();
        let error = Fields::load(Some(&path)).unwrap_err().to_string();
        assert!(error.contains("fields.json"), "{error}");
    }
}
