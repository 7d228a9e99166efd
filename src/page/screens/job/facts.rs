//! What a job is: its file, its account, its time, and the jobs that belong to it.

use std::path::Path;

use super::uploaded::is_uploaded;
use crate::face::job_line;
use crate::face::plan_words::whose;
use crate::face::seen_job::SeenJob;
use crate::journal::Notes;
use crate::lang::{Lang, page};
use crate::model::JobId;
use crate::page::links;

/// A fact about a job; with a path it leads somewhere.
pub(super) struct JobFact {
    pub label: &'static str,
    pub text: String,
    pub path: Option<String>,
}

/// Returns what a job is. A file that was uploaded lies below `state`, where nobody looks for it: it has its name alone.
pub(super) fn of(seen: &SeenJob, notes: &Notes, state: &Path, lang: Lang) -> Vec<JobFact> {
    let mut facts = Vec::new();
    let mut say = |key, text: String| {
        if !text.is_empty() {
            facts.push(JobFact {
                label: page::say(lang, key),
                text,
                path: None,
            });
        }
    };
    let owner = seen.spec.as_ref().map(|spec| &spec.account);
    let owner = owner.or_else(|| seen.export.as_ref().map(|export| &export.account));
    say(
        "account",
        owner.map_or_else(String::new, |its| whose(its, lang)),
    );
    say("when", job_line::moment(seen.folder.id()));
    if let Some(spec) = &seen.spec {
        let path = &spec.source.path;
        let shown = if is_uploaded(spec, state) {
            job_line::file_name(path)
        } else {
            path.display().to_string()
        };
        say("job-source", shown);
    }
    if let Some(export) = &seen.export {
        let written = export.outcome.as_ref();
        let file = written.and_then(|outcome| outcome.file.as_ref());
        let file = file.or(export.target.as_ref());
        say(
            "job-file",
            file.map_or_else(String::new, |file| file.display().to_string()),
        );
    }
    say("job-name", seen.folder.id().to_string());
    let mut lead = |key, job: Option<&JobId>| {
        if let Some(job) = job {
            facts.push(JobFact {
                label: page::say(lang, key),
                text: job.to_string(),
                path: Some(links::job(job)),
            });
        }
    };
    let undoes = seen.spec.as_ref().and_then(|spec| spec.kind.undoes());
    lead("job-undoes", undoes);
    lead("job-undone-by", notes.undone_by.as_ref());
    let partly = notes.latest_undo.as_ref();
    lead(
        "job-undone-partly",
        partly.filter(|_| notes.undone_by.is_none()),
    );
    facts
}
