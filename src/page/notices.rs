//! What works have said besides their results: kept with the job, because nobody reads it while a work runs.
//!
//! What a terminal prints beside a job is its to keep; so these are the notices of this page's works.

use super::said;
use super::works::PageWork;
use crate::face::failure::ErrorWords;
use crate::face::waiting::Waiting;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::Lang;
use crate::model::{Code, Problem, write_private};

/// The file in the folder of a job.
const FILE: &str = "page-notices.json";

/// The most notices that are kept of a job.
const MOST: usize = 200;

/// Returns what a work has said and what holds when it is over.
pub(super) fn of_work(work: &PageWork) -> Vec<Problem> {
    let said = work.monitor.report().notices.into_iter();
    said.filter(|notice| Waiting::of(notice).is_none())
        .collect()
}

/// Returns what this page's works on a job have said.
pub(super) fn of_job(folder: &JobFolder) -> Vec<Problem> {
    let bytes = std::fs::read(folder.file(FILE)).unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Keeps what a work has said with the job that it was last on.
pub(super) fn keep_notices(state: &StateFolder, work: &PageWork) {
    let job = work.latest_job();
    if let Some(folder) = job.and_then(|job| state.job(&job).ok()) {
        keep_with(&folder, work);
    }
}

/// Keeps what a work has said with a job, behind what earlier ones have said.
pub(super) fn keep_with(folder: &JobFolder, work: &PageWork) {
    let mut kept = of_job(folder);
    // Whether the command of the profile has worked is said of the last work.
    kept.retain(|notice| notice.code != Code::FinishFailed);
    for notice in of_work(work) {
        if !kept.contains(&notice) && kept.len() < MOST {
            kept.push(notice);
        }
    }
    if let Ok(bytes) = serde_json::to_vec(&kept) {
        // A notice that cannot be kept holds nothing up.
        let _ = write_private(&folder.file(FILE), &bytes);
    }
}

/// Puts notices into words.
pub(super) fn in_words(notices: &[Problem], lang: Lang) -> Vec<ErrorWords> {
    let notices = notices.iter();
    notices.map(|notice| said::error(notice, lang)).collect()
}
