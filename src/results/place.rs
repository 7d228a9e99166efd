//! Chooses the path of a result sheet.
//!
//! The invariant: a file is replaced only if a person named it. The default name says when the sheet was written, so a
//! sheet that somebody is mending survives a resume. A file that cannot be replaced, such as a workbook that is open in
//! Excel, is left alone, and the sheet goes under another name.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use crate::job::spec::JobSpec;
use crate::journal::JobFolder;
use crate::lang::{Lang, sheets as say};
use crate::model::JobKind;

/// The most bytes of a name that is made from a source's name: file systems take 255, and a number may be added.
const LONGEST_NAME: usize = 240;

/// Returns the path that a job's result sheet was asked to have, else a fresh one beside the source:
/// `<stem>_import_<yyyymmdd-hhmmss>.xlsx`, in Chinese `<stem>_导入结果_…`.
pub(crate) fn wanted_path(spec: &JobSpec, lang: Lang) -> PathBuf {
    match &spec.output {
        Some(path) => path.clone(),
        None => fresh_path(spec, spec.kind.command(), lang),
    }
}

/// Returns a fresh path for a plan's preview beside the source: `<stem>_plan_<yyyymmdd-hhmmss>.xlsx`, in Chinese
/// `<stem>_导入预览_…`.
pub(crate) fn wanted_plan_path(spec: &JobSpec, lang: Lang) -> PathBuf {
    let what = match spec.kind {
        JobKind::Undo { .. } => "undo-preview",
        JobKind::Delete => "delete-preview",
        JobKind::Import | JobKind::Export => "plan",
    };
    fresh_path(spec, what, lang)
}

/// Returns a path beside the source whose name says what the sheet is and when it is written, in the job's time zone.
pub(crate) fn fresh_path(spec: &JobSpec, command: &str, lang: Lang) -> PathBuf {
    let name = fresh_name(&spec.stem(), command, &stamp_in(&spec.timezone), lang);
    match spec.source.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.join(name),
        _ => PathBuf::from(name),
    }
}

/// Returns the time of now in a zone, as names of files have it: `<yyyymmdd-hhmmss>`.
pub(crate) fn stamp_in(timezone: &str) -> String {
    let now = jiff::ZonedDateTime::new(jiff::Timestamp::now(), zone(timezone));
    now.strftime("%Y%m%d-%H%M%S").to_string()
}

/// Returns the name of a sheet: `<stem>_<what it is>_<stamp>.xlsx`.
pub(crate) fn fresh_name(stem: &str, command: &str, stamp: &str, lang: Lang) -> String {
    let ending = format!("_{}_{stamp}.xlsx", say::kind_of_sheet(command, lang));
    shortened(original_stem(stem), LONGEST_NAME - ending.len()) + &ending
}

/// Returns the stem of the file that the first of a chain of result sheets was made of:
/// `客户` of `客户_导入结果_20261130-002827 (2)`.
fn original_stem(stem: &str) -> &str {
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unnumbered = |stem: &'_ str| {
        let number = stem
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once(" ("));
        let is_number = number.is_some_and(|(_, number)| is_digits(number));
        number
            .filter(|_| is_number)
            .map_or(stem.len(), |(rest, _)| rest.len())
    };
    let is_moment = |text: &str| {
        text.len() == "yyyymmdd-hhmmss".len()
            && text
                .split_once('-')
                .is_some_and(|(date, time)| date.len() == 8 && is_digits(date) && is_digits(time))
    };
    let mut rest = stem;
    loop {
        let named = rest.get(..unnumbered(rest)).unwrap_or(rest);
        let shorter = named
            .rsplit_once('_')
            .filter(|(_, moment)| is_moment(moment));
        let shorter = shorter.and_then(|(named, _)| named.rsplit_once('_'));
        match shorter {
            Some((original, kind)) if say::is_kind_of_sheet(kind) && !original.is_empty() => {
                rest = original;
            }
            _ => return rest,
        }
    }
}

/// Returns the beginning of a stem that takes at most so many bytes; a shortened one ends with `…`.
fn shortened(stem: &str, bytes: usize) -> String {
    const MARK: char = '…';
    if stem.len() <= bytes {
        return stem.to_owned();
    }
    let room = bytes.saturating_sub(MARK.len_utf8());
    let ends = stem
        .char_indices()
        .map(|(at, letter)| at + letter.len_utf8());
    let kept = ends.take_while(|end| *end <= room).last().unwrap_or(0);
    let mut short = stem.get(..kept).unwrap_or_default().trim_end().to_owned();
    short.push(MARK);
    short
}

pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Returns the wanted path if it can be written; a `fresh` one only if nothing is there yet. Else returns a numbered
/// path beside it, else one in the working folder, else one in the job's folder.
pub(crate) fn usable_path(wanted: &Path, fresh: bool, folder: &JobFolder) -> PathBuf {
    free_path(wanted, fresh).unwrap_or_else(|name| folder.file(&name))
}

/// Returns the wanted path if it can be written; a `fresh` one only if nothing is there yet. Else returns a numbered
/// path beside it, else one in the working folder. Fails with the plain name where none can be written.
pub(crate) fn free_path(wanted: &Path, fresh: bool) -> Result<PathBuf, String> {
    if !(fresh && wanted.exists()) && is_usable(wanted) {
        return Ok(wanted.to_path_buf());
    }
    let stem = wanted
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let extension = wanted.extension().map_or_else(
        || "xlsx".to_owned(),
        |extension| extension.to_string_lossy().into_owned(),
    );
    let name = |number: u32| match number {
        1 => format!("{stem}.{extension}"),
        number => format!("{stem} ({number}).{extension}"),
    };
    let wanted = &std::path::absolute(wanted).unwrap_or_else(|_| wanted.to_path_buf());
    let beside = (2..100).map(|number| folder_of(wanted).join(name(number)));
    let here = (1..100).map(|number| {
        std::path::absolute(name(number)).unwrap_or_else(|_| PathBuf::from(name(number)))
    });
    let fresh = |path: &PathBuf| !path.exists() && is_usable(path);
    beside.chain(here).find(fresh).ok_or_else(|| name(1))
}

/// Whether a file can be made or replaced at a path. A workbook that is open in Excel cannot be opened for writing.
fn is_usable(path: &Path) -> bool {
    if path.is_dir() || (path.exists() && std::fs::File::options().write(true).open(path).is_err())
    {
        return false;
    }
    tempfile::Builder::new()
        .prefix(".ferry-")
        .suffix(".tmp")
        .tempfile_in(folder_of(path))
        .is_ok()
}

pub(crate) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_a_result_is_named_after_the_first_file() {
        for (stem, original) in [
            ("客户", "客户"),
            ("客户_导入结果_20261130-002827", "客户"),
            ("客户 名单(1)_导入结果_20261130-002827 (2)", "客户 名单(1)"),
            ("c_import_20261130-002827_undo_20261130-002828", "c"),
            ("客户 (2)", "客户 (2)"),
            ("客户_备份_20261130-002827", "客户_备份_20261130-002827"),
            ("客户_导入结果_2026", "客户_导入结果_2026"),
            ("_import_20261130-002827", "_import_20261130-002827"),
        ] {
            assert_eq!(original_stem(stem), original);
        }
    }

    #[test]
    fn a_long_stem_is_shortened_between_letters() {
        assert_eq!(shortened("客户", 6), "客户");
        assert_eq!(shortened("客户名单", 11), "客户…");
        assert_eq!(shortened("list of customers", 8), "list…");
        let long = "客".repeat(80);
        let short = shortened(&long, 200);
        assert!(short.len() <= 200 && short.ends_with("客…"));
    }
}
