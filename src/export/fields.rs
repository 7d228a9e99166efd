//! The fields of a customer as they are read from the spool.
//!
//! They are a list and no map: each field is looked at once, and hashing all keys of all customers costs as much as the
//! rest of reading them.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

/// The fields of a customer, in the server's order.
#[derive(Debug, Default)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, Json)>);

impl<'a> Fields<'a> {
    /// Reads a line of the spool.
    pub fn of(line: &'a str) -> serde_json::Result<Self> {
        serde_json::from_str(line)
    }

    /// Returns the value of a key; null when the key is absent.
    pub fn get(&self, key: &str) -> &Json {
        let found = self.0.iter().find(|(known, _)| known == key);
        found.map_or(&Json::Null, |(_, value)| value)
    }

    /// Returns whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(known, _)| known == key)
    }
}

#[derive(serde::Deserialize)]
struct JsonKey<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a customer")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(32);
                while let Some((JsonKey(key), value)) = map.next_entry()? {
                    fields.push((key, value));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_key_whatever_it_holds() {
        let fields = Fields::of(r#"{"_id":"1","a\"b":[1],"n":685775343058800640}"#).expect("JSON");
        assert_eq!(fields.get("_id"), "1");
        assert_eq!(fields.get("a\"b"), &serde_json::json!([1]));
        assert_eq!(fields.get("n").to_string(), "685775343058800640");
        assert_eq!(fields.get("x"), &Json::Null);
        assert!(fields.has("n") && !fields.has("x"));
        assert!(Fields::of("[1]").is_err());
    }
}
