//! The owners of an account that are known by name or id, and where from: the owners file, and what exports have shown.
//!
//! A mapping that names owners is asked alone: it was made for its sheet, and may give somebody's customers to another.
//! Else the owners file speaks, and what exports have shown fills in: names that the file does not have, of ids that it
//! does not have either.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use super::mapping::read_owners;
use crate::job::error::JobError;
use crate::job::spec::SheetOptions;
use crate::journal::{SeenOwners, StateFolder};
use crate::mapping::{LookupTable, OWNERS, SEEN_OWNERS};

/// Where owners are known from.
#[derive(Debug, Clone, Copy)]
pub struct OwnerSources<'a> {
    /// The look-up file of owners.
    pub file: Option<&'a Path>,
    /// The state folder, which keeps what exports have shown.
    pub state: &'a StateFolder,
    /// The key of the account.
    pub account: &'a str,
}

/// An owner that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownOwner {
    /// The id.
    pub id: String,
    /// The name by which sheets may name the owner; `None` where only the id is known.
    pub name: Option<String>,
    /// How many customers the owner has in the newest complete export; `None` where no export has shown the owner.
    pub customers: Option<u64>,
    /// When the export began that has shown the owner, in Unix seconds; `None` where the owners file names the owner.
    pub exported: Option<i64>,
}

/// Returns the owners that are known: first those of the owners file by name, then those that exports have shown, most
/// customers first. Fails where the file cannot be read.
pub fn known_owners(sources: &OwnerSources<'_>) -> Result<Vec<KnownOwner>, JobError> {
    let seen = SeenOwners::load(sources.state, sources.account);
    let file = sources.file.map(read_owners).transpose()?;
    let mut known = Vec::new();
    for (name, ids) in file.iter().flat_map(LookupTable::entries) {
        for id in ids {
            let shown = seen.owners.get(id);
            known.push(KnownOwner {
                id: id.clone(),
                name: Some(name.to_owned()),
                customers: shown.map(|shown| shown.customers),
                exported: None,
            });
        }
    }
    let of_file: HashSet<String> = known.iter().map(|owner| owner.id.clone()).collect();
    let is_taken = |name: &String| file.as_ref().is_some_and(|file| file.has(name));
    let mut shown: Vec<KnownOwner> = seen
        .owners
        .into_iter()
        .filter(|(id, _)| !of_file.contains(id))
        .map(|(id, shown)| KnownOwner {
            id,
            name: shown.name.filter(|name| !is_taken(name)),
            customers: Some(shown.customers),
            exported: Some(shown.seen),
        })
        .collect();
    shown.sort_by(|one, other| {
        let most = other.customers.cmp(&one.customers);
        most.then_with(|| one.id.cmp(&other.id))
    });
    known.extend(shown);
    Ok(known)
}

/// Returns the names of owners by id. An id with several names has the first of them.
pub fn named_owners(sources: &OwnerSources<'_>) -> Result<BTreeMap<String, String>, JobError> {
    let mut names = BTreeMap::new();
    for owner in known_owners(sources)? {
        if let Some(name) = owner.name {
            names.entry(owner.id).or_insert(name);
        }
    }
    Ok(names)
}

/// Returns the ids of the owners that are known without a name, most customers first.
pub fn nameless_owners(sources: &OwnerSources<'_>) -> Result<Vec<String>, JobError> {
    let known = known_owners(sources)?;
    let named: HashSet<&str> = known
        .iter()
        .filter(|owner| owner.name.is_some())
        .map(|owner| owner.id.as_str())
        .collect();
    let nameless = known
        .iter()
        .filter(|owner| !named.contains(owner.id.as_str()));
    Ok(nameless.map(|owner| owner.id.clone()).collect())
}

/// Adds the owners that are known by name to the mapping, unless the mapping names owners itself.
pub fn add_owners(options: &mut SheetOptions, sources: &OwnerSources<'_>) -> Result<(), JobError> {
    let mut mapping = options.mapping.clone().unwrap_or_default();
    if mapping.has_owners() {
        return Ok(());
    }
    let mut seen = LookupTable::new(SEEN_OWNERS);
    let shown = SeenOwners::load(sources.state, sources.account);
    for (id, owner) in &shown.owners {
        if let Some(name) = &owner.name {
            seen.add(name, id);
        }
    }
    if sources.file.is_none() && seen.is_empty() {
        return Ok(());
    }
    let changed = Arc::make_mut(&mut mapping);
    if let Some(file) = sources.file {
        changed.attach(OWNERS, read_owners(file)?);
    }
    if !seen.is_empty() {
        changed.attach(SEEN_OWNERS, seen);
    }
    options.mapping = Some(mapping);
    Ok(())
}
