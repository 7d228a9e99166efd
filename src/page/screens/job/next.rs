//! What a person can do next with a job: one main button, and the other things that are possible.

use crate::face::seen_job::{NextAct, SeenJob};
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, Notes};
use crate::lang::say::jobs::JobStanding;
use crate::lang::{Lang, page, say};
use crate::model::{Action, JobKind, Status};
use crate::page::links;
use crate::page::visit::Visit;
use crate::pipeline;

/// A button of a job's screen.
pub(in crate::page::screens) struct JobButton {
    pub path: String,
    pub words: &'static str,
    /// Whether it sends something; else it only leads somewhere.
    pub sends: bool,
}

/// What to do next.
pub(in crate::page::screens) struct MainStep {
    pub words: String,
    pub button: Option<JobButton>,
}

/// Returns the main step of a job. `is_ours` says that a work of this page goes on.
pub(super) fn main(seen: &SeenJob, notes: &Notes, is_ours: bool, lang: Lang) -> MainStep {
    let path = links::job(seen.folder.id());
    let (post, lead) = (
        |place: &str, key| button(format!("{path}/{place}"), page::say(lang, key), true),
        |place: &str, key| button(format!("{path}/{place}"), page::say(lang, key), false),
    );
    let is_export = seen.export.is_some();
    let count = |status| seen.report.as_ref().map_or(0, |its| its.status(status));
    let (words, button) = match seen.next_step() {
        _ if is_ours => (page::say(lang, "pause-about"), Some(post("pause", "pause"))),
        NextAct::Wait => (page::say(lang, "job-elsewhere"), None),
        NextAct::Resume if notes.is_unconfirmed => (
            page::say(lang, "job-unconfirmed"),
            Some(lead("resume", "look-and-go-on")),
        ),
        NextAct::Resume if seen.state == JobStanding::Finished => (
            page::say(lang, "job-doubts"),
            Some(post("resume", "look-up-doubts")),
        ),
        NextAct::Resume if notes.is_trial_over => (
            page::say(lang, "job-trial-over"),
            Some(post("resume", "send-the-rest")),
        ),
        NextAct::Resume => (
            page::say(lang, "job-stopped"),
            Some(post("resume", "go-on")),
        ),
        NextAct::ImportAgain => (
            say::jobs::import_again(lang),
            Some(self::button(
                "/import".to_owned(),
                page::say(lang, "import"),
                false,
            )),
        ),
        NextAct::Apply if count(Status::Pending) == 0 => (say::plan::nothing_to_apply(lang), None),
        NextAct::Apply => (
            page::say(lang, "job-planned"),
            Some(lead("apply", "look-and-apply")),
        ),
        NextAct::Mend if takes_away(seen) => (page::say(lang, "job-left-alone"), None),
        NextAct::Mend => (
            page::say(lang, "job-mend"),
            Some(lead("file", "download-result")),
        ),
        NextAct::Nothing if is_export && seen.state == JobStanding::Finished => (
            page::say(lang, "export-done"),
            has_file(seen).then(|| lead("file", "download-export")),
        ),
        // The error above says what to do.
        NextAct::Nothing if seen.state == JobStanding::Damaged => ("", None),
        NextAct::Nothing => (page::say(lang, "job-done"), None),
    };
    MainStep {
        words: words.to_owned(),
        button,
    }
}

/// Returns the button of what is to be done next with a job, for a list of jobs; none where nothing is.
pub(in crate::page::screens) fn next_button(visit: &Visit, seen: &SeenJob) -> Option<JobButton> {
    next_step(visit, seen).and_then(|step| step.button)
}

/// Returns what is to be done next with a job, for another screen than its own; `None` while a work of this page is on
/// it.
pub(in crate::page::screens) fn next_step(visit: &Visit, seen: &SeenJob) -> Option<MainStep> {
    let is_ours = visit.shared.works.on_job(seen.folder.id()).is_some();
    if is_ours {
        return None;
    }
    // Only of a job that goes on it counts whether somebody has said yes to it.
    let notes = (seen.next_step() == NextAct::Resume && seen.spec.is_some())
        .then(|| Journal::read(&seen.folder).ok()?.notes().ok())
        .flatten();
    Some(main(seen, &notes.unwrap_or_default(), false, visit.lang))
}

fn takes_away(seen: &SeenJob) -> bool {
    let kind = seen.spec.as_ref().map(|spec| &spec.kind);
    kind.is_some_and(JobKind::takes_away)
}

fn has_file(seen: &SeenJob) -> bool {
    let outcome = seen
        .export
        .as_ref()
        .and_then(|export| export.outcome.as_ref());
    let file = outcome.and_then(|outcome| outcome.file.as_ref());
    file.is_some_and(|file| file.is_file())
}

fn button(path: String, words: &'static str, sends: bool) -> JobButton {
    JobButton { path, words, sends }
}

/// Returns what else is possible.
pub(super) fn others(seen: &SeenJob, notes: &Notes, is_ours: bool, lang: Lang) -> Vec<JobButton> {
    let path = links::job(seen.folder.id());
    let is_told = matches!(
        seen.state,
        JobStanding::Finished | JobStanding::Stopped | JobStanding::Planned
    );
    let report_button = (is_told && !is_ours).then(|| {
        let words = page::say(lang, "download-report");
        button(format!("{path}/report"), words, false)
    });
    let (Some(spec), Some(report)) = (&seen.spec, &seen.report) else {
        return report_button.into_iter().collect();
    };
    let mut others = Vec::new();
    let is_to_mend = seen.next_step() == NextAct::Mend && !takes_away(seen);
    if is_to_mend {
        let words = page::say(lang, "import");
        others.push(button("/import".to_owned(), words, false));
    }
    let mut add = |place: &str, key, sends| {
        others.push(button(
            format!("{path}/{place}"),
            page::say(lang, key),
            sends,
        ));
    };
    let is_plan = seen.state == JobStanding::Planned;
    let has_sheet = !matches!(seen.state, JobStanding::Undecided | JobStanding::Damaged);
    if has_sheet && !is_to_mend {
        let key = if is_plan {
            "download-plan"
        } else {
            "download-result"
        };
        add("file", key, false);
    }
    let actions = [Action::Add, Action::Update, Action::Delete, Action::Restore];
    let written: u64 = actions.iter().map(|action| report.done(*action)).sum();
    let has_written = written + report.status(Status::Unknown) > 0;
    let has_begun = matches!(seen.state, JobStanding::Finished | JobStanding::Stopped);
    if !is_ours && has_begun && has_written {
        add("verify", "verify", true);
        if may_undo(&seen.folder, spec) {
            add("undo/preview", "undo", true);
        }
        let is_back = notes.undone_by.is_some();
        if spec.kind == JobKind::Import && report.done(Action::Add) > 0 && !is_back {
            add("delete/preview", "delete-added", true);
        }
    }
    others.extend(report_button);
    others
}

fn may_undo(folder: &JobFolder, spec: &JobSpec) -> bool {
    // A job that cannot be read is not offered; its screen says why.
    pipeline::can_be_undone(folder, spec).unwrap_or_default()
}
