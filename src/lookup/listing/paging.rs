//! A page of the list, and its customers, as they are kept on the disk.

use crate::crm::Page;
use crate::journal::{SpoolCustomer, SpoolPage};
use crate::lookup::listing::digest::Digest;
use crate::lookup::listing::options::ListOptions;
use crate::lookup::listing::start::Start;
use crate::model::Customer;
use crate::stored::customer::StoredCustomer;

/// How a pass is read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging<'a> {
    /// What was asked for.
    pub options: &'a ListOptions,
    /// When the list was begun.
    pub start: &'a Start,
    /// Customers a page, as the server gives them.
    pub limit: u32,
}

impl Paging<'_> {
    /// A page of a pass as the spool keeps it.
    pub fn received(&self, pass: u32, number: u32, page: &Page) -> SpoolPage {
        let mut digest = Digest::default();
        for customer in &page.customers {
            digest.add(customer);
        }
        let customers = page.customers.iter();
        SpoolPage {
            pass,
            page: number,
            count: page.count,
            is_short: is_short(page, number, self.limit),
            digest: digest.to_text(),
            customers: customers.map(|customer| self.kept(customer)).collect(),
        }
    }

    /// A customer as the spool keeps it.
    pub fn kept(&self, customer: &Customer) -> SpoolCustomer {
        let is_filtered = self.options.condition.is_some();
        let created = customer.created.as_deref().unwrap_or_default();
        SpoolCustomer {
            id: customer.id.clone(),
            age: self.start.age(customer, &self.options.zone, is_filtered),
            month: created.get(..7).unwrap_or_default().to_owned(),
            line: StoredCustomer::line_of(&customer.fields),
        }
    }
}

/// Whether a page holds fewer customers than its own count leaves for it.
pub(crate) fn is_short(page: &Page, number: u32, limit: u32) -> bool {
    let before = u64::from(number.saturating_sub(1)) * u64::from(limit);
    let due = page.count.saturating_sub(before).min(u64::from(limit));
    (page.customers.len() as u64) < due
}
