//! Contact rows: adjacent rows of one customer, one for each contact, in a file whose mapping does not unite them.
//!
//! Rows that name a customer by `_id` or come from a result sheet are no contact rows: what they are is known already.

use crate::job::spec::SheetPlan;
use crate::mapping::Target;
use crate::model::{CUSTOMER_NAME, Code, Draft, Problem, Schema, are_same_word};

/// What tells a row's customer and contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContactKey {
    /// The customer's name as the row has it.
    customer: String,
    /// All values of lists from left to right, each with [`BETWEEN`] behind it.
    contact: String,
}

/// No cell holds it.
const BETWEEN: char = '\u{1f}';

impl ContactKey {
    /// Returns the key of a row; `None` if it names no customer, or is known to be one of its own.
    pub(crate) fn of(draft: &Draft, schema: &Schema) -> Option<Self> {
        if draft.id.is_some() || draft.prior.is_some() || draft.merged_into.is_some() {
            return None;
        }
        let (mut customer, mut contact) = (None, String::with_capacity(64));
        for part in &draft.parts {
            let field = schema.fields.get(part.field)?;
            if field.key.as_str() == CUSTOMER_NAME {
                customer = Some(part.text.clone());
            } else if field.kind.is_value_list() {
                contact.push_str(&part.text);
                contact.push(BETWEEN);
            }
        }
        customer.map(|customer| Self { customer, contact })
    }
}

/// Counts the contact rows of a source.
#[derive(Debug)]
pub(crate) struct ContactRows {
    last: Option<(u16, ContactKey)>,
    count: u64,
    is_united: bool,
}

impl ContactRows {
    /// Begins with the first row. Counts nothing where the mapping unites rows.
    pub(crate) fn new(sheets: &[SheetPlan]) -> Self {
        Self {
            last: None,
            count: 0,
            is_united: sheets.iter().any(|sheet| !sheet.columns.merge.is_empty()),
        }
    }

    /// Takes the next row of a sheet.
    pub(crate) fn see(&mut self, sheet: u16, key: Option<ContactKey>) {
        let key = key.filter(|_| !self.is_united).map(|key| (sheet, key));
        if let (Some((last_sheet, last)), Some((sheet, key))) = (&self.last, &key)
            && last_sheet == sheet
            && last.contact != key.contact
            && are_same_word(&last.customer, &key.customer)
        {
            self.count += 1;
        }
        self.last = key;
    }

    /// Returns the notice that proposes to unite the rows; `None` where there are none.
    pub(crate) fn notice(&self, sheets: &[SheetPlan]) -> Option<Problem> {
        let columns = sheets.iter().flat_map(|sheet| &sheet.columns.columns);
        let is_name = |target: &Target| {
            let place = target.place();
            place.is_some_and(|(key, _)| key.as_str() == CUSTOMER_NAME)
        };
        let mut names = columns.filter(|column| is_name(&column.target));
        let header = names.next().map_or("", |column| column.header.as_str());
        (self.count > 0).then(|| notice(self.count, header))
    }
}

/// Returns the notice about contact rows. `header` is that of the customer's name.
pub(crate) fn notice(count: u64, header: &str) -> Problem {
    Problem::new(Code::ContactRows)
        .with("count", count.to_string())
        .with("header", header)
}
