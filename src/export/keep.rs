//! `--keep` and `--keep-monthly`: old exports of the same name are deleted after a new one was written.
//!
//! The invariant: only a file is deleted whose manifest says that it is an export of this account under this name, and
//! whose bytes are still those that were exported. A file that somebody has edited stays, and a notice says so.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::export::names;
use crate::lang::Lang;
use crate::model::{Code, Monitor, Problem};
use crate::source::copy::hash_of;
use crate::source::manifest::Manifest;

/// An export in the folder.
struct Kept {
    file: PathBuf,
    manifest_path: PathBuf,
    manifest: Manifest,
}

/// The rule for the exports of a pattern that stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeepPolicy {
    /// The number of newest exports that stay.
    pub keep: Option<u32>,
    /// The number of months of which the newest export stays.
    pub monthly: Option<u32>,
}

/// Deletes old exports of the pattern in the folder of `newest`. Returns how many were deleted.
pub(crate) fn prune(
    newest: &Path,
    manifest: &Manifest,
    policy: KeepPolicy,
    monitor: &dyn Monitor,
) -> u64 {
    let KeepPolicy { keep, monthly } = policy;
    if keep.is_none() && monthly.is_none() {
        return 0;
    }
    let folder = newest.parent().unwrap_or_else(|| Path::new("."));
    let mut exports = exports_of(folder, manifest);
    // The newest come first. The export that was just written is the newest, whatever its name.
    exports.sort_by_cached_key(|export| {
        Reverse((export.file == newest, export.manifest.started.clone()))
    });
    let mut spared: BTreeSet<usize> = BTreeSet::new();
    let complete = || {
        let exports = exports.iter().enumerate();
        exports.filter(|(_, export)| export.manifest.complete)
    };
    spared.extend(
        complete()
            .take(keep.unwrap_or(1).max(1) as usize)
            .map(|(at, _)| at),
    );
    let mut months = BTreeSet::new();
    for (at, export) in complete() {
        let month = export
            .manifest
            .started
            .get(..7)
            .unwrap_or_default()
            .to_owned();
        let is_new = !months.contains(&month);
        if is_new && months.len() < monthly.unwrap_or(0) as usize {
            months.insert(month);
            spared.insert(at);
        }
    }
    // An incomplete export is useful as long as there is no newer complete one.
    let newest_complete = complete().next().map(|(at, _)| at);
    let mut deleted = 0;
    for (at, export) in exports.iter().enumerate() {
        let is_spared = spared.contains(&at)
            || export.file == newest
            || (!export.manifest.complete && newest_complete.is_none_or(|newest| at < newest));
        if is_spared {
            continue;
        }
        if hash_of(&export.file).map_or(true, |(sha256, _)| sha256 != export.manifest.sha256) {
            let path = export.file.to_string_lossy();
            monitor.notice(&Problem::new(Code::ExportEdited).with("path", path));
            continue;
        }
        // The manifest goes last: without it the file could not be recognised again.
        if fs::remove_file(&export.file).is_ok() {
            if export.manifest.changes.is_some() {
                for lang in [Lang::En, Lang::Zh] {
                    let _ = fs::remove_file(names::changes(&export.file, lang));
                }
            }
            let _ = fs::remove_file(&export.manifest_path);
            deleted += 1;
        }
    }
    deleted
}

fn exports_of(folder: &Path, like: &Manifest) -> Vec<Kept> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let manifest_path = entry.path();
            let name = manifest_path.file_name()?.to_str()?;
            let file_name = name.strip_suffix(".manifest.json")?;
            let manifest = Manifest::read(&manifest_path).ok()?;
            let is_ours = manifest.pattern == like.pattern
                && manifest.account == like.account
                && manifest.filter == like.filter
                && manifest.file == file_name;
            let file = manifest_path.with_file_name(file_name);
            (is_ours && file.is_file()).then_some(Kept {
                file,
                manifest_path,
                manifest,
            })
        })
        .collect()
}

/// Returns the newest complete export of the same kind that nobody has edited, for `--compare last`.
pub(crate) fn last_complete(folder: &Path, like: &Like<'_>) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?.flatten();
    let found = entries.filter_map(|entry| {
        let path = entry.path();
        let name = path.file_name()?.to_str()?.strip_suffix(".manifest.json")?;
        let manifest = Manifest::read(&path).ok()?;
        let is_like = manifest.complete
            && manifest.pattern == like.pattern
            && manifest.account == like.account
            && manifest.filter.as_deref() == like.filter
            && manifest.file == name;
        let file = path.with_file_name(name);
        (is_like && file.is_file()).then_some((manifest.started, file, manifest.sha256))
    });
    let mut found: Vec<(String, PathBuf, String)> = found.collect();
    found.sort();
    // An export that somebody has edited does not show what was stored.
    let whole = found
        .into_iter()
        .rev()
        .find(|(_, file, sha256)| hash_of(file).is_ok_and(|(of_file, _)| of_file == *sha256));
    whole.map(|(_, file, _)| file)
}

/// The facts that two exports of the same kind have in common.
pub(crate) struct Like<'a> {
    /// The name with placeholders.
    pub pattern: &'a str,
    /// The account.
    pub account: &'a str,
    /// The filter in words; `None` for all customers.
    pub filter: Option<&'a str>,
}
