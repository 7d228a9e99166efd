//! Groups that were found, a few at a time, for a screen.

use std::path::Path;

use super::find::GROUPS;
use super::member::MemberCell;
use super::report::{DupesReport, StoreFacts};
use crate::job::error::JobError;
use crate::journal::GroupStore;
use crate::stored::customer::read;

/// The groups of a search that was kept.
pub struct FoundGroups {
    store: GroupStore,
    facts: StoreFacts,
}

/// A group, its customers side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownGroup {
    /// The number of the group.
    pub number: u64,
    /// The first customers, the oldest first: the ids, and the labels of the keys that each shares.
    pub customers: Vec<(String, String)>,
    /// How many further customers the group has.
    pub more: u64,
    /// The fields in which one of these customers has something.
    pub fields: Vec<ShownField>,
}

/// A field of the customers of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShownField {
    /// The header.
    pub header: String,
    /// What each customer has, and whether that is something else than the first one has.
    pub values: Vec<(String, bool)>,
}

impl FoundGroups {
    /// Opens the groups in a request's folder; `None` if none were written to their end.
    pub fn open(folder: &Path) -> Result<Option<Self>, JobError> {
        let path = folder.join(GROUPS);
        if !path.is_file() {
            return Ok(None);
        }
        let store = GroupStore::open(&path)?;
        let Some(facts) = store.facts()? else {
            return Ok(None);
        };
        let facts = read(&facts)?;
        Ok(Some(Self { store, facts }))
    }

    /// Returns the result of the search.
    pub fn report(&self) -> &DupesReport {
        &self.facts.report
    }

    /// Returns `count` groups from the number `first` on, of each at most `most` customers.
    pub fn groups(&self, first: u64, count: u64, most: usize) -> Result<Vec<ShownGroup>, JobError> {
        let mut groups: Vec<ShownGroup> = Vec::new();
        let mut cells: Vec<Vec<MemberCell>> = Vec::new();
        self.store
            .for_each(first..first.saturating_add(count), |member| {
                if groups.last().is_none_or(|last| last.number != member.group) {
                    self.put_fields(&mut groups, &mut cells);
                    groups.push(ShownGroup {
                        number: member.group,
                        customers: Vec::new(),
                        more: 0,
                        fields: Vec::new(),
                    });
                }
                let Some(group) = groups.last_mut() else {
                    return Ok(());
                };
                if cells.len() < most {
                    cells.push(MemberCell::from_text(&member.cells)?);
                    let keys = self.report().labels_of(member.keys);
                    group.customers.push((member.id.clone(), keys));
                } else {
                    group.more += 1;
                }
                Ok::<(), JobError>(())
            })?;
        self.put_fields(&mut groups, &mut cells);
        Ok(groups)
    }

    /// Puts the cells that were collected into the last group, by field.
    fn put_fields(&self, groups: &mut [ShownGroup], cells: &mut Vec<Vec<MemberCell>>) {
        let members = std::mem::take(cells);
        let Some(group) = groups.last_mut() else {
            return;
        };
        let headers = self.facts.headers.iter().zip(&self.facts.compared);
        let fields = headers.enumerate().map(|(at, (header, is_compared))| {
            let of = |member: &Vec<MemberCell>| member.get(at).cloned();
            let first = members.first().and_then(of).unwrap_or(MemberCell::Blank);
            let values = members.iter().map(|member| {
                let cell = of(member).unwrap_or(MemberCell::Blank);
                let differs = *is_compared && cell.differs_from(&first);
                (cell.text().into_owned(), differs)
            });
            ShownField {
                header: header.clone(),
                values: values.collect(),
            }
        });
        let has_some = |field: &ShownField| field.values.iter().any(|(text, _)| !text.is_empty());
        group.fields = fields.filter(has_some).collect();
    }
}
