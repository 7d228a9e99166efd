//! `--stamp FIELD`: each added row carries its job and row number into the CRM, so that a row whose reply was
//! lost can be found there with certainty.

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::model::{Code, FieldStatus, Kind, Problem, Saying, Schema};

/// Returns the key of the stamp field, or the reason why a field cannot be one. It must be a writable, searchable
/// custom text field that no column feeds. A key is looked for before a label.
pub(crate) fn stamp_field(
    wanted: Option<&str>,
    schema: &Schema,
    sheets: &[SheetPlan],
) -> Result<Option<String>, JobError> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let refuse = |detail: Saying| {
        let problem = Problem::new(Code::BadStamp)
            .with("field", wanted)
            .with("detail", detail);
        Err(JobError::Input(vec![problem]))
    };
    let named = |by_key: bool| {
        schema.fields.iter().find(|field| {
            if by_key {
                field.key.as_str() == wanted
            } else {
                field.label == wanted
            }
        })
    };
    let Some(field) = named(true).or_else(|| named(false)) else {
        return refuse(Saying::NoSuchField);
    };
    let is_fed = sheets
        .iter()
        .flat_map(|sheet| &sheet.columns.columns)
        .any(|column| {
            column
                .target
                .place()
                .is_some_and(|(key, _)| *key == field.key)
        });
    if field.status != FieldStatus::Enabled || field.read_only {
        refuse(Saying::NotWritable)
    } else if field.system || field.kind != Kind::Text {
        refuse(Saying::NotCustomText)
    } else if field.searchable == Some(false) {
        refuse(Saying::NotSearchable)
    } else if is_fed {
        refuse(Saying::FedByColumn)
    } else {
        Ok(Some(field.key.as_str().to_owned()))
    }
}
