//! What a person is told before rows are added that were compared with no stored customer.

use crate::crm::Query;
use crate::job::context::Context;
use crate::model::{Code, Problem};

/// Makes the notice about rows that were compared with no stored customer. `stored` is how many customers the account
/// has, where that is known.
pub(crate) fn problem(stored: Option<u64>) -> Problem {
    let count = stored
        .filter(|count| *count > 0)
        .map_or_else(String::new, |count| count.to_string());
    Problem::new(Code::NothingMatched).with("count", count)
}

/// Returns how many customers the account has; `None` where the CRM does not say. Makes one call.
pub(crate) fn stored_customers(context: &Context) -> Option<u64> {
    let query = Query {
        page: 1,
        limit: 1,
        condition: None,
    };
    context.crm.list(&query).map(|page| page.count).ok()
}
