//! The digest of a page: which fields hold something, and how much. It tells which columns a sheet will need, so that
//! the pages need not be read twice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::model::Customer;
use crate::stored::customer::{Unreadable, read};
use crate::stored::value::{is_empty_text, items};

/// How far the values of a field reach, in one page or in all pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Extent(
    /// The last position that holds a value or a memo, over all customers; 0 where none does.
    pub u16,
    /// The last position that holds a memo, over all customers; 0 where none does.
    pub u16,
);

/// The fields that hold something, and the newest time, of one page or of all pages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Digest {
    /// The extent of each field, by its key.
    pub fields: BTreeMap<String, Extent>,
    /// The latest time of creation or change, as the server writes it; empty when there is none.
    pub newest: String,
}

impl Digest {
    /// Adds a customer.
    pub fn add(&mut self, customer: &Customer) {
        for (key, value) in &customer.fields {
            let extent = extent_of(value);
            if extent.0 == 0 {
                continue;
            }
            match self.fields.get_mut(key) {
                Some(known) => known.widen(extent),
                None => drop(self.fields.insert(key.clone(), extent)),
            }
        }
        for time in ["createTime", "updateTime"] {
            if let Some(Json::String(time)) = customer.fields.get(time)
                && *time > self.newest
            {
                self.newest.clone_from(time);
            }
        }
    }

    /// Adds the digest of another page.
    pub fn merge(&mut self, other: Self) {
        for (key, extent) in other.fields {
            self.fields.entry(key).or_default().widen(extent);
        }
        if other.newest > self.newest {
            self.newest = other.newest;
        }
    }

    /// Writes the digest as the spool keeps it.
    pub fn to_text(&self) -> String {
        // Cannot fail: a map of texts and numbers is JSON.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a digest back. A text that cannot be read is an error: an empty digest in its place could cost the sheet a
    /// column.
    pub fn from_text(text: &str) -> Result<Self, Unreadable> {
        read(text)
    }

    /// Returns the extent of a field; zeros where no customer holds anything.
    pub fn extent(&self, key: &str) -> Extent {
        self.fields.get(key).copied().unwrap_or_default()
    }
}

impl Extent {
    fn widen(&mut self, other: Self) {
        self.0 = self.0.max(other.0);
        self.1 = self.1.max(other.1);
    }
}

fn extent_of(value: &Json) -> Extent {
    let mut extent = Extent::default();
    for (item, position) in items(value).zip(1_u16..) {
        let (text, memo) = match item {
            Json::Object(entry) => {
                let has = |key: &str| entry.get(key).is_some_and(|text| !is_empty_text(text));
                (has("value") || !entry.contains_key("value"), has("memo"))
            }
            other => (!is_empty_text(other), false),
        };
        if text || memo {
            extent.0 = position;
        }
        if memo {
            extent.1 = position;
        }
    }
    extent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::CustomerId;

    #[test]
    fn the_most_values_of_any_customer_count() {
        let mut digest = Digest::default();
        for fields in [
            serde_json::json!({"mobile": [{"value": "1"}, {"value": "2", "memo": ""}], "a": "", "b": null, "c": []}),
            serde_json::json!({"mobile": [{"value": "1", "memo": "x"}], "d": 0, "updateTime": "2026-01-02 00:00:00"}),
        ] {
            let fields = fields.as_object().expect("an object").clone();
            digest.add(&Customer {
                id: CustomerId::parse("1").expect("an id"),
                created: None,
                edited: false,
                created_by: None,
                fields,
            });
        }
        let mut whole = Digest::default();
        whole.merge(Digest::from_text(&digest.to_text()).expect("a digest"));
        assert!(Digest::from_text("").is_err());
        assert_eq!(whole.extent("mobile"), Extent(2, 1));
        assert_eq!(whole.extent("d"), Extent(1, 0));
        assert_eq!(whole.newest, "2026-01-02 00:00:00");
        let keys: Vec<&str> = whole.fields.keys().map(String::as_str).collect();
        assert_eq!(keys, ["d", "mobile", "updateTime"]);
    }
}
