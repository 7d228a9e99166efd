//! The six calls of the API as a trait, so that decorators can wrap them.

use super::call_error::CallError;
use super::query::{FieldQuery, Page, Query};
use crate::model::{Customer, CustomerId, FieldConfig, Record};

/// The six calls of contract.md.
///
/// Each method makes one call, as its caller sees it. Each method says whether its call may be repeated after a
/// [`Class::Unknown`](super::Class::Unknown) failure; decorators obey.
pub trait Crm: Send + Sync {
    /// Stores a new customer. **May not be repeated** after [`Class::Unknown`](super::Class::Unknown): it may have
    /// happened.
    fn add(&self, record: &Record) -> Result<Customer, CallError>;

    /// Changes the fields in `record` of a stored customer. May be repeated: the same fields get the
    /// same values.
    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError>;

    /// Deletes a customer. May be repeated: a second delete answers [`Class::Gone`](super::Class::Gone).
    fn delete(&self, id: &CustomerId) -> Result<(), CallError>;

    /// Reads one customer. May be repeated.
    fn find(&self, id: &CustomerId) -> Result<Customer, CallError>;

    /// Reads one page of customers. May be repeated, but the set moves while it is paged.
    fn list(&self, query: &Query) -> Result<Page, CallError>;

    /// Reads the field configuration. May be repeated.
    fn fields(&self) -> Result<Vec<FieldConfig>, CallError>;

    /// Reads the field configuration of the fields that pass a filter. May be repeated. The default is for doubles of a
    /// server in tests, and lets every field pass.
    fn fields_where(&self, _query: &FieldQuery) -> Result<Vec<FieldConfig>, CallError> {
        self.fields()
    }
}
