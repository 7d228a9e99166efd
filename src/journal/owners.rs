//! The owners that exports of an account have shown: `owners-<account>.json` in the state folder.
//!
//! Sheets name owners by name, and the CRM takes ids alone and lists nobody. An export sees every id that owns a
//! customer, and where the owners file knows it, its name. That is kept: ids, names, counts and times; no customer and
//! no secret. The file is a memory and no record: one that is missing or cannot be read counts as empty.
//!
//! The newest export decides. An id has one name, the one that it had last.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{JournalError, StateFolder};
use crate::model::{rename, write_private};

/// The version of the file.
const VERSION: u32 = 1;

/// How many owners are kept, and how long a name may be, in characters.
const MOST_OWNERS: usize = 10_000;
const LONGEST_NAME: usize = 200;

/// An owner that an export has shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeenOwner {
    /// The name that stood beside the id last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How many customers the owner had in the newest export.
    pub customers: u64,
    /// When an export showed the owner last, in Unix seconds.
    pub seen: i64,
}

/// The owners that exports of an account have shown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SeenOwners {
    version: u32,
    /// When the newest export began, in Unix seconds.
    pub exported: i64,
    /// The owners by id.
    pub owners: BTreeMap<String, SeenOwner>,
}

impl SeenOwners {
    /// Reads what is known of an account, by the account's key; nothing where the file cannot be read.
    pub fn load(state: &StateFolder, account: &str) -> Self {
        let bytes = std::fs::read(path_of(state, account)).unwrap_or_default();
        let read: Option<Self> = serde_json::from_slice(&bytes).ok();
        read.filter(|seen| seen.version == VERSION)
            .unwrap_or_default()
    }

    /// Writes it down.
    pub fn save(&self, state: &StateFolder, account: &str) -> Result<(), JournalError> {
        let path = path_of(state, account);
        let partial = path.with_extension(format!("{}.partial", std::process::id()));
        // Cannot fail: names and numbers are JSON.
        let text = serde_json::to_vec(self).unwrap_or_default();
        write_private(&partial, &text)
            .and_then(|()| rename(&partial, &path))
            .map_err(|source| JournalError::File { path, source })
    }

    /// Forgets what is known of an account. A file that cannot be deleted stays.
    pub fn forget(state: &StateFolder, account: &str) {
        let _ = std::fs::remove_file(path_of(state, account));
    }

    /// Learns from a complete export that began at `began`: how many customers each id owns, and the names that stood
    /// beside ids. An older export than the newest teaches nothing.
    pub fn learn(
        &mut self,
        began: i64,
        customers: &HashMap<String, u64>,
        names: &BTreeMap<String, String>,
    ) {
        if began < self.exported {
            return;
        }
        self.version = VERSION;
        self.exported = began;
        for owner in self.owners.values_mut() {
            owner.customers = 0;
        }
        let shown = customers.keys().chain(names.keys());
        for id in shown {
            let owner = self.owners.entry(id.clone()).or_default();
            owner.customers = customers.get(id).copied().unwrap_or(0);
            owner.seen = began;
            let name = names.get(id).map(|name| name.trim());
            let name = name.filter(|name| (1..=LONGEST_NAME).contains(&name.chars().count()));
            if let Some(name) = name {
                owner.name = Some(name.to_owned());
            }
        }
        self.forget_oldest();
    }

    /// Leaves at most [`MOST_OWNERS`]: those that were seen last, and of these the ones with most customers.
    fn forget_oldest(&mut self) {
        if self.owners.len() <= MOST_OWNERS {
            return;
        }
        let owners = std::mem::take(&mut self.owners);
        let mut owners: Vec<(String, SeenOwner)> = owners.into_iter().collect();
        owners.sort_by_key(|(_, owner)| std::cmp::Reverse((owner.seen, owner.customers)));
        owners.truncate(MOST_OWNERS);
        self.owners = owners.into_iter().collect();
    }
}

fn path_of(state: &StateFolder, account: &str) -> PathBuf {
    let digest = Sha256::digest(account);
    let digest = digest.iter().take(8);
    let number = digest.fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    state.root().join(format!("owners-{number:016x}.json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(owners: &[(&str, u64)]) -> HashMap<String, u64> {
        let owners = owners.iter();
        owners
            .map(|(id, count)| ((*id).to_owned(), *count))
            .collect()
    }

    fn names(owners: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owners = owners.iter();
        owners
            .map(|(id, name)| ((*id).to_owned(), (*name).to_owned()))
            .collect()
    }

    #[test]
    fn the_newest_export_decides_and_an_id_has_one_name() {
        let mut seen = SeenOwners::default();
        seen.learn(
            100,
            &counts(&[("1", 5), ("2", 7)]),
            &names(&[("1", "张三"), ("9", "王五")]),
        );
        assert_eq!(seen.owners["1"].name.as_deref(), Some("张三"));
        assert_eq!(
            (seen.owners["2"].customers, seen.owners["2"].name.as_ref()),
            (7, None)
        );
        assert_eq!(
            (seen.owners["9"].customers, seen.owners["9"].name.as_deref()),
            (0, Some("王五"))
        );

        // Another name for the same id; no name at all says nothing; nobody's customers are counted twice.
        seen.learn(200, &counts(&[("1", 6)]), &names(&[("1", "张三丰")]));
        seen.learn(300, &counts(&[("1", 4)]), &BTreeMap::new());
        assert_eq!(seen.owners["1"].name.as_deref(), Some("张三丰"));
        assert_eq!(
            (seen.owners["1"].customers, seen.owners["2"].customers),
            (4, 0)
        );

        // An export that was stopped and resumed later is still an older one.
        seen.learn(150, &counts(&[("1", 1)]), &names(&[("1", "张三")]));
        assert_eq!(seen.owners["1"].name.as_deref(), Some("张三丰"));
    }

    #[test]
    fn it_is_bounded_kept_per_account_and_survives_a_damaged_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = StateFolder::open(folder.path()).expect("a state folder");
        let mut seen = SeenOwners::default();
        let many: HashMap<String, u64> = (0..MOST_OWNERS as u64 + 5)
            .map(|id| (id.to_string(), id))
            .collect();
        seen.learn(
            100,
            &many,
            &names(&[("10004", &"长".repeat(LONGEST_NAME + 1))]),
        );
        assert_eq!(seen.owners.len(), MOST_OWNERS);
        assert!(
            !seen.owners.contains_key("0"),
            "those with fewest customers go"
        );
        assert_eq!(seen.owners["10004"].name, None);
        seen.save(&state, "one").expect("saved");
        assert_eq!(SeenOwners::load(&state, "one"), seen);
        assert_eq!(SeenOwners::load(&state, "other"), SeenOwners::default());
        std::fs::write(path_of(&state, "one"), "{").expect("written");
        assert_eq!(SeenOwners::load(&state, "one"), SeenOwners::default());
        SeenOwners::forget(&state, "one");
        assert!(!path_of(&state, "one").exists());
    }
}
