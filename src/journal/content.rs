//! The hash of what a row would store: two rows of equal content make equal customers.

use sha2::{Digest as _, Sha256};

use crate::model::{JobId, Record, Value};

/// Returns the hash of a record, whatever the order of its fields, and without the job's stamp.
pub(super) fn content_of(record: Option<&Record>, job: &JobId) -> [u8; 16] {
    let stamp = format!("{job}/");
    let fields = record.iter().flat_map(|record| &record.fields);
    let mut fields: Vec<_> = fields
        .filter(|(_, value)| !matches!(value, Value::Text(text) if text.starts_with(&stamp)))
        .collect();
    fields.sort_by_key(|(key, _)| key);
    let text = serde_json::to_string(&fields).unwrap_or_default();
    let digest = Sha256::digest(text.as_bytes());
    let mut content = [0; 16];
    content.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    content
}
