//! Refuses names of files that are no text, or that this system cannot hold.
//!
//! Systems allow names that are no UTF-8. The journal keeps names as text, and the command that resumes a job is text,
//! so ferry would lose such a file half-way. A name that Windows cannot hold would fail only when everything is done.
//! Both are refused before anything is made.

use std::ffi::OsStr;
use std::path::PathBuf;

use super::failure::{Failure, exit};
use crate::model::{Code, Phrase, Problem, Saying, impossible_part};

/// Fails when an argument, or a `FERRY_…` variable that stands for one, is not text.
pub(crate) fn require_text<'a>(
    arguments: impl IntoIterator<Item = &'a OsStr>,
) -> Result<(), Failure> {
    arguments.into_iter().try_for_each(is_text)?;
    let ours = |name: &OsStr| name.to_str().is_some_and(|name| name.starts_with("FERRY_"));
    let variables = std::env::vars_os().filter(|(name, _)| ours(name));
    variables
        .into_iter()
        .try_for_each(|(_, value)| is_text(&value))
}

/// Fails when the path of the working folder, where every relative name begins, is no text.
pub(crate) fn check_folder() -> Result<(), Failure> {
    std::env::current_dir().map_or(Ok(()), |folder| is_text(folder.as_os_str()))
}

/// Fails when this system cannot hold a file of such a name.
pub(crate) fn require_possible(files: &[PathBuf]) -> Result<(), Failure> {
    files.iter().try_for_each(|file| {
        let path = file.to_string_lossy();
        let Some(part) = impossible_part(&path) else {
            return Ok(());
        };
        let why = Phrase::new(Saying::ImpossibleName).with("name", part);
        let problem = Problem::new(Code::TargetUnwritable).with("path", path.as_ref());
        Err(Failure::of(exit::USAGE, &problem.with("detail", why)))
    })
}

fn is_text(name: &OsStr) -> Result<(), Failure> {
    if name.to_str().is_some() {
        return Ok(());
    }
    let problem = Problem::new(Code::NameNotText).with("name", name.to_string_lossy());
    Err(Failure::of(exit::USAGE, &problem))
}
