//! The account that a screen works with: its settings, and its fields.
//!
//! Reading the fields takes a call, and a CRM that does not answer is waited for. So they are read by a work, which is
//! seen and can be stopped, and kept until an import begins anew.

use std::sync::Arc;

use super::error::PageError;
use super::visit::Visit;
use super::works::{PageWork, WorkOrder};
use crate::face::failure::Failure;
use crate::face::settings::Settings;
use crate::job::account::Account;
use crate::job::error::JobError;
use crate::model::Schema;

/// What a screen needs of the account.
pub(super) struct AccountFacts {
    pub settings: Arc<Settings>,
    pub schema: Arc<Schema>,
}

impl AccountFacts {
    /// Returns what a screen needs of the chosen account. Where the fields were not read, they are read first, and from
    /// there the browser is led to the path `to`.
    pub async fn of(visit: &Visit, to: &str) -> Result<Self, PageError> {
        visit.require_account().await?;
        let settings = visit.blocking(|visit| visit.shared.accounts.settings());
        let account = settings.await?.account.clone();
        Self::of_account(visit, account, to).await
    }

    /// The same of an account, which need not be the chosen one.
    pub async fn of_account(visit: &Visit, account: Account, to: &str) -> Result<Self, PageError> {
        let its = account.clone();
        let settings = visit.blocking(move |visit| visit.shared.accounts.settings_of(&its));
        let settings = settings.await?;
        if let Some(schema) = visit.shared.accounts.schema(&account) {
            return Ok(Self { settings, schema });
        }
        let order = WorkOrder::reading("reading-fields", "/", to);
        let to = to.to_owned();
        let place = visit.place_of(order, move |visit, work| {
            Self::read(visit, &account, work)?;
            Ok(to)
        });
        Err(PageError::Elsewhere(place.await))
    }

    /// Reads the fields of an account, and keeps them.
    pub fn read(visit: &Visit, account: &Account, work: &PageWork) -> Result<Self, Failure> {
        let settings = visit.shared.accounts.settings_of(account)?;
        let context = settings.context(false, work.monitor.clone(), &work.stop)?;
        let configs = context.crm.fields().map_err(JobError::Call)?;
        let schema = Arc::new(Schema::new(&configs, &settings.overrides));
        visit.shared.accounts.keep_schema(&settings, schema.clone());
        Ok(Self { settings, schema })
    }
}
