//! The hash of what a row would store: two rows of equal content make equal customers.

use sha2::{Digest as _, Sha256};

use crate::model::{JobId, Record, Value};

/// Returns the hash of a record, whatever the order of its fields, and without the job's stamp.
pub(super) fn content_of(record: Option<&Record>, job: &JobId) -> [u8; 16] {
    let is_stamp = |value: &Value| match value {
        Value::Text(text) => {
            let rest = text.strip_prefix(job.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        }
        _ => false,
    };
    let fields = record.map_or(&[][..], |record| &record.fields);
    let mut fields: Vec<_> = fields
        .iter()
        .filter(|(_, value)| !is_stamp(value))
        .collect();
    fields.sort_by_key(|(key, _)| key);
    let mut text = Vec::with_capacity(64 * fields.len());
    // Cannot fail: keys and values are texts.
    let _ = serde_json::to_writer(&mut text, &fields);
    let digest = Sha256::digest(&text);
    let mut content = [0; 16];
    content.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    content
}
