//! All drafts of imports.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::draft::ImportDraft;
use crate::journal::StateFolder;

/// After this time, a folder without a draft is what a killed upload has left.
const LEFT_OVER: Duration = Duration::from_secs(3600);

/// Returns all drafts, the latest first.
pub(in crate::page) fn all(drafts: &Path) -> Vec<ImportDraft> {
    let entries = fs::read_dir(drafts).into_iter().flatten().flatten();
    let mut all: Vec<ImportDraft> = entries
        .filter_map(|entry| ImportDraft::open(drafts, entry.file_name().to_str()?))
        .collect();
    all.sort_by_key(|draft| std::cmp::Reverse(draft.facts.begun));
    all
}

/// Removes drafts whose job is gone, and what killed uploads have left.
pub(in crate::page) fn tidy(drafts: &Path, state: &StateFolder) {
    for entry in fs::read_dir(drafts).into_iter().flatten().flatten() {
        let draft = entry
            .file_name()
            .to_str()
            .and_then(|id| ImportDraft::open(drafts, id));
        let is_over = match draft {
            Some(draft) => {
                let mut job = draft.facts.job.iter();
                job.any(|job| state.job(job).is_err())
            }
            None => is_old(&entry),
        };
        if is_over {
            // What cannot be removed now is tried again at the next start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_old(entry: &fs::DirEntry) -> bool {
    let changed = entry.metadata().and_then(|found| found.modified());
    let age = changed
        .ok()
        .and_then(|changed| SystemTime::now().duration_since(changed).ok());
    age.is_some_and(|age| age > LEFT_OVER)
}
