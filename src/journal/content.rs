//! The hash of what a row would store: two rows of equal content make equal customers.

use sha2::{Digest as _, Sha256};

use crate::model::{JobId, Record, Value};

/// Returns the hash of a record, whatever the order of its fields, and without the job's stamp.
pub(super) fn content_of(record: Option<&Record>, job: &JobId) -> [u8; 16] {
    let mut record = record.cloned().unwrap_or_default();
    let stamp = format!("{job}/");
    record
        .fields
        .retain(|(_, value)| !matches!(value, Value::Text(text) if text.starts_with(&stamp)));
    record.fields.sort_by(|(one, _), (other, _)| one.cmp(other));
    let text = serde_json::to_string(&record).unwrap_or_default();
    let digest = Sha256::digest(text.as_bytes());
    let mut content = [0; 16];
    content.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    content
}
