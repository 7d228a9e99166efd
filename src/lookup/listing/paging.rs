//! Turns pages of the list, and their customers, into what the spool keeps on the disk.

use crate::crm::Page;
use crate::journal::{SpoolCustomer, SpoolPage};
use crate::lookup::listing::digest::Digest;
use crate::lookup::listing::options::ListOptions;
use crate::lookup::listing::start::Start;
use crate::model::Customer;
use crate::stored::customer::StoredCustomer;

/// How the pages of a list are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Paging<'a> {
    /// How the list is to be read.
    pub options: &'a ListOptions,
    /// The moment at which the list began.
    pub start: &'a Start,
    /// The server's page size.
    pub limit: u32,
}

impl Paging<'_> {
    /// Returns a page of a pass as the spool keeps it.
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

    /// Returns a customer as the spool keeps it.
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

/// Whether a page holds fewer customers than it should, by the count in its own reply.
pub(crate) fn is_short(page: &Page, number: u32, limit: u32) -> bool {
    let before = u64::from(number.saturating_sub(1)) * u64::from(limit);
    let due = page.count.saturating_sub(before).min(u64::from(limit));
    (page.customers.len() as u64) < due
}
