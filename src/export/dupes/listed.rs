//! The customers of an account, from its list on the disk.

use serde::Deserialize;
use serde_json::Value as Json;

use super::customers::{Customers, DupesColumn, FoundMember, KeyedCustomer, without_blanks};
use super::member::MemberCell;
use crate::export::columns::{ColumnContent, ExportLayout};
use crate::export::fields::Fields;
use crate::export::spec::ColumnChoice;
use crate::job::error::JobError;
use crate::journal::Spool;
use crate::lookup::listing::whole_list;
use crate::lookup::spooled::for_each_line;
use crate::model::{CustomerId, Field, Key, Schema, Stop};
use crate::source::ferry_sheet::FieldColumn;
use crate::stored::customer::{StoredCustomer, Unreadable};
use crate::stored::key_form;
use crate::stored::value::plain_text;

/// The customers of a list.
pub(crate) struct ListedCustomers<'a> {
    spool: &'a Spool,
    layout: ExportLayout<'a>,
    schema: &'a Schema,
    stop: &'a Stop,
}

/// The part of a customer that tells whether the rest is needed.
#[derive(Deserialize)]
struct IdAlone {
    #[serde(rename = "_id")]
    id: Json,
}

impl<'a> ListedCustomers<'a> {
    /// Takes a list that was read. Fails if a page cannot be read back.
    pub fn new(
        spool: &'a Spool,
        choice: ColumnChoice<'a>,
        stop: &'a Stop,
    ) -> Result<Self, JobError> {
        Ok(Self {
            spool,
            layout: ExportLayout::new(choice, &whole_list::digest_of(spool)?),
            schema: choice.schema,
            stop,
        })
    }
}

fn member(line: &str, id: CustomerId, layout: &ExportLayout<'_>) -> std::io::Result<FoundMember> {
    let customer = Fields::of(line)?;
    let cells = layout.row(&customer).map(MemberCell::from);
    Ok(FoundMember {
        id,
        created: plain_text(customer.get("createTime")),
        // The id stands among ferry's own columns.
        cells: cells.skip(1).collect(),
    })
}

impl Customers for ListedCustomers<'_> {
    fn schema(&self) -> &Schema {
        self.schema
    }

    fn has(&self, _: &Field) -> bool {
        true
    }

    fn columns(&self) -> Vec<DupesColumn> {
        let columns = self.layout.columns.iter().zip(self.layout.to_sheet());
        let columns = columns.filter(|(its, _)| its.content != ColumnContent::Id);
        let columns = columns.map(|(its, column)| {
            let field = match &its.content {
                ColumnContent::Place { key, slot, .. } => {
                    Some(FieldColumn::new(&its.header, key.as_str(), *slot))
                }
                _ => None,
            };
            DupesColumn::new(column, field, self.schema)
        });
        columns.collect()
    }

    fn for_each_keyed(
        &self,
        keys: &[Key],
        take: &mut dyn FnMut(Vec<KeyedCustomer>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let keyed = |line: &str| {
            let stored = StoredCustomer::parse(line)?;
            let id = stored.id().ok_or_else(Unreadable::without_id)?;
            let values = key_form::stored_values(&stored, keys, self.schema);
            Ok((id, without_blanks(values)))
        };
        for_each_line(self.spool, self.stop, keyed, take)
    }

    fn for_each_member(
        &self,
        is_member: &(dyn Fn(&CustomerId) -> bool + Sync),
        take: &mut dyn FnMut(u64, Vec<FoundMember>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let layout = &self.layout;
        let found = |line: &str| {
            let IdAlone { id } = serde_json::from_str(line)?;
            let id = CustomerId::parse(&plain_text(&id)).ok();
            let id = id.filter(|id| is_member(id));
            id.map(|id| member(line, id, layout)).transpose()
        };
        for_each_line(self.spool, self.stop, found, |found| {
            let all = found.len() as u64;
            take(all, found.into_iter().flatten().collect())
        })
    }
}
