//! A job whose file was uploaded: the file lies in the state folder, where nobody looks for it.

use std::path::{Path, PathBuf};

use crate::job::spec::JobSpec;
use crate::journal::JobFolder;
use crate::lang::{Lang, sheets};
use crate::page::shared::Shared;

/// Returns whether the file of a job was uploaded. `state` is the state folder.
pub(super) fn is_uploaded(spec: &JobSpec, state: &Path) -> bool {
    spec.source.path.starts_with(state)
}

/// Returns the place of a result sheet of a file that was uploaded: with its job, because drafts come and go. `None`
/// for a file of a person's own, beside which its sheet goes. `what` says what the sheet is of.
pub(super) fn own_place(
    shared: &Shared,
    folder: &JobFolder,
    spec: &JobSpec,
    what: &str,
    lang: Lang,
) -> Option<PathBuf> {
    let what = sheets::kind_of_sheet(what, lang);
    let name = format!("{}_{what}.xlsx", spec.stem());
    is_uploaded(spec, shared.state.root()).then(|| folder.file(&name))
}
