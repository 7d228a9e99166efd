//! The list call's body: page, length and conditions; and the texts by which a customer is found.
//!
//! Invariant: a search that passes the check can be answered from the index alone. Only `eq` and `empty` exist, and
//! several conditions must all hold. Both follow the published page or the stricter reading of it.

use serde_json::{Map, Value};

use super::fields::{Field, Fields, strings};
use super::refusal::Refusal;

const DEFAULT_LIMIT: u32 = 20;

/// A checked list call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Query {
    /// The page, from 1.
    pub(super) page: u64,
    pub(super) limit: u32,
    pub(super) conditions: Vec<Condition>,
}

/// One condition of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// The id is one of these.
    Id(Vec<String>),
    /// The field holds one of these, in any of its entries or levels.
    Holds(String, Vec<String>),
    /// The field holds nothing.
    Lacks(String),
    /// The customer is in no open sea, that is, it has an owner.
    Owned,
}

impl Condition {
    /// Returns whether the condition holds for one customer; agrees with the index.
    pub(super) fn holds_for(&self, id: i64, customer: &Map<String, Value>) -> bool {
        let found = |field: &str| customer.get(field).map(texts).unwrap_or_default();
        match self {
            Self::Id(ids) => ids.contains(&id.to_string()),
            Self::Holds(field, values) => found(field).iter().any(|text| values.contains(text)),
            Self::Lacks(field) => found(field).is_empty(),
            Self::Owned => !found("owner").is_empty(),
        }
    }
}

impl Query {
    pub(super) fn parse(
        fields: &Fields,
        body: &Map<String, Value>,
        page_cap: Option<u32>,
    ) -> Result<Self, Refusal> {
        let mut query = Self {
            page: 1,
            limit: DEFAULT_LIMIT,
            conditions: Vec::new(),
        };
        for (name, value) in body {
            match name.as_str() {
                "page" => query.page = positive(name, value)?,
                "limit" => {
                    query.limit = u32::try_from(positive(name, value)?).unwrap_or(u32::MAX);
                }
                "search" => {
                    let items = value
                        .as_array()
                        .ok_or_else(|| Refusal::wrong_parameter(name, "应为数组"))?;
                    query.conditions = items
                        .iter()
                        .map(|item| condition(fields, item))
                        .collect::<Result<_, _>>()?;
                }
                _ => return Err(Refusal::wrong_parameter(name, "未知参数")),
            }
        }
        query.limit = query.limit.min(page_cap.unwrap_or(u32::MAX));
        Ok(query)
    }
}

fn positive(name: &str, value: &Value) -> Result<u64, Refusal> {
    value
        .as_u64()
        .filter(|number| *number >= 1)
        .ok_or_else(|| Refusal::wrong_parameter(name, "应为正整数"))
}

fn condition(fields: &Fields, item: &Value) -> Result<Condition, Refusal> {
    let wrong = |reason: &str| Refusal::wrong_parameter("search", reason);
    let item = item.as_object().ok_or_else(|| wrong("元素应为对象"))?;
    if let Some(key) = item
        .keys()
        .find(|key| !["field", "operator", "value"].contains(&key.as_str()))
    {
        return Err(wrong(&format!("未知属性{key}")));
    }
    let text = |key: &str| item.get(key).and_then(Value::as_str);
    let param = text("field").ok_or_else(|| wrong("缺少field"))?;
    let operator = text("operator").ok_or_else(|| wrong("缺少operator"))?;
    let value = item.get("value").ok_or_else(|| wrong("缺少value"))?;
    let values = strings("search.value", value)?;
    let not_searchable = |reason: &str| Err(Refusal::not_searchable(param, reason));
    let is_eq = match operator {
        "eq" if values.is_empty() => return Err(wrong("eq的value不能为空")),
        "eq" => true,
        "empty" if !values.is_empty() => return Err(wrong("empty的value应为空数组")),
        "empty" => false,
        _ => return not_searchable(&format!("不支持的operator {operator}")),
    };
    let owned = || values.iter().map(|&value| value.to_owned()).collect();
    match (param, is_eq) {
        ("_id", true) => return Ok(Condition::Id(owned())),
        ("openSeaIds", false) => return Ok(Condition::Owned),
        ("_id" | "openSeaIds", _) => return not_searchable("该字段不支持此operator"),
        _ => {}
    }
    match fields.get(param) {
        None => not_searchable("未知字段"),
        Some(field) if !is_indexed(field) => not_searchable("字段不可查询"),
        Some(_) if is_eq => Ok(Condition::Holds(param.to_owned(), owned())),
        Some(_) => Ok(Condition::Lacks(param.to_owned())),
    }
}

/// Returns whether customers can be found by a field.
pub(super) fn is_indexed(field: &Field) -> bool {
    field.searchable && field.status == 1
}

/// Returns the texts by which a value is found: its own, or those of its entries or levels.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let mut found: Vec<String> = match value {
        Value::Array(items) => items.iter().filter_map(text).collect(),
        other => text(other).into_iter().collect(),
    };
    found.sort_unstable();
    found.dedup();
    found
}

/// Returns the first text of a value: its own, or that of its first entry or level.
pub(super) fn first_text(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.first().and_then(text),
        other => text(other),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Object(entry) => entry.get("value").and_then(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Query, Refusal> {
        let fields = Fields::load(None).unwrap();
        Query::parse(&fields, &serde_json::from_str(json).unwrap(), Some(100))
    }

    #[test]
    fn defaults_and_the_cap_apply() {
        let query = parse("{}").unwrap();
        assert_eq!((query.page, query.limit), (1, 20));
        assert_eq!(parse(r#"{"limit": 10000, "page": 3}"#).unwrap().limit, 100);
    }

    #[test]
    fn the_documented_searches_pass() {
        let mobile =
            parse(r#"{"search":[{"operator":"eq","value":["13231307283"],"field":"mobile"}]}"#);
        assert_eq!(
            mobile.unwrap().conditions,
            [Condition::Holds(
                "mobile".to_owned(),
                vec!["13231307283".to_owned()]
            )]
        );
        let sea = parse(r#"{"search":[{"field":"openSeaIds","value":[],"operator":"empty"}]}"#);
        assert_eq!(sea.unwrap().conditions, [Condition::Owned]);
    }

    #[test]
    fn everything_else_is_refused() {
        for (json, code) in [
            (r#"{"size": 1}"#, "40007"),
            (r#"{"page": 0}"#, "40007"),
            (r#"{"limit": "20"}"#, "40007"),
            (r#"{"search": {}}"#, "40007"),
            (
                r#"{"search": [{"field": "mobile", "operator": "eq"}]}"#,
                "40007",
            ),
            (
                r#"{"search": [{"field": "mobile", "operator": "eq", "value": []}]}"#,
                "40007",
            ),
            (
                r#"{"search": [{"field": "_id", "operator": "eq", "value": [12]}]}"#,
                "40007",
            ),
            (
                r#"{"search": [{"field": "mobile", "operator": "like", "value": ["1"]}]}"#,
                "40008",
            ),
            (
                r#"{"search": [{"field": "foo", "operator": "eq", "value": ["1"]}]}"#,
                "40008",
            ),
            (
                r#"{"search": [{"field": "text_6ts9_1687316347239", "operator": "eq", "value": ["1"]}]}"#,
                "40008",
            ),
        ] {
            assert_eq!(parse(json).unwrap_err().code, code, "{json}");
        }
    }
}
