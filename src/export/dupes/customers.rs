//! The customers in which duplicates are looked for. They are read twice: for their keys, then for the cells of those
//! that are in a group.

use crate::job::error::JobError;
use crate::model::{CustomerId, Field, FieldKey, Key, Schema};
use crate::source::ferry_sheet::FieldColumn;
use crate::stored::key_form::is_blank_value;
use crate::table::Column;

use super::member::MemberCell;

/// A column of the sheet.
#[derive(Debug, Clone)]
pub(crate) struct DupesColumn {
    /// The column as it is written.
    pub column: Column,
    /// The field that it holds; `None` for the name of an owner.
    pub field: Option<FieldColumn>,
    /// Whether a difference counts. What the server sets itself always differs.
    pub is_compared: bool,
}

impl DupesColumn {
    /// Makes a column; `field` is the one whose values it holds, if it holds one's.
    pub fn new(column: Column, field: Option<FieldColumn>, schema: &Schema) -> Self {
        let known = field.as_ref().map(|field| schema.field(&field.key));
        Self {
            column,
            is_compared: known.is_some_and(|field| field.is_none_or(|field| !field.read_only)),
            field,
        }
    }
}

/// A customer with the values of its keys.
pub(crate) type KeyedCustomer = (CustomerId, Vec<String>);

/// A customer of a group.
pub(crate) struct FoundMember {
    pub id: CustomerId,
    /// When the customer was created; blank where that is not known.
    pub created: String,
    pub cells: Vec<MemberCell>,
}

/// Where customers are read from, the same ones in the same order each time.
pub(crate) trait Customers {
    /// Returns the fields.
    fn schema(&self) -> &Schema;

    /// Returns whether the customers have a field.
    fn has(&self, field: &Field) -> bool;

    /// Returns the columns of the sheet behind ferry's own.
    fn columns(&self) -> Vec<DupesColumn>;

    /// Hands all customers to `take`, with the values of their keys.
    fn for_each_keyed(
        &self,
        keys: &[Key],
        take: &mut dyn FnMut(Vec<KeyedCustomer>) -> Result<(), JobError>,
    ) -> Result<(), JobError>;

    /// Hands those customers to `take` that `is_member` picks, and the number of all that were gone through.
    fn for_each_member(
        &self,
        is_member: &(dyn Fn(&CustomerId) -> bool + Sync),
        take: &mut dyn FnMut(u64, Vec<FoundMember>) -> Result<(), JobError>,
    ) -> Result<(), JobError>;
}

/// Removes the values of which a part is blank: customers without a phone number have nothing in common.
pub(crate) fn without_blanks(mut values: Vec<String>) -> Vec<String> {
    values.retain(|value| !value.split('\u{1f}').skip(1).any(is_blank_value));
    values
}

/// Returns whether keys name a field.
pub(crate) fn names(keys: &[Key], field: &str) -> bool {
    let mut fields = keys.iter().flat_map(|key| &key.fields);
    fields.any(|key: &FieldKey| key.as_str() == field)
}
