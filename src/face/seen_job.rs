//! A job as it is shown: how it stands, and what can be done next.

use super::failure::exit;
use super::job_line;
use crate::export::run::ExportState;
use crate::job;
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JobStatus, Journal};
use crate::lang::say::jobs::{JobAct, JobStanding};
use crate::lang::{Lang, say};
use crate::model::{JobKind, Status};

/// A job as it is shown. A damaged job has no report.
#[derive(Debug)]
pub(crate) struct SeenJob {
    pub folder: JobFolder,
    /// What the job is; `None` for an export, and where it cannot be read.
    pub spec: Option<JobSpec>,
    /// How its rows stand.
    pub report: Option<Report>,
    /// How far it is; of an export.
    pub export: Option<ExportState>,
    pub state: JobStanding,
}

/// What a person can do next with a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextAct {
    /// It is at work.
    Wait,
    /// Go on with it: it was stopped, or has rows whose outcome is not known.
    Resume,
    /// Begin it again: its rows were never decided.
    ImportAgain,
    /// Carry out the plan.
    Apply,
    /// Mend the wrong rows in the result sheet.
    Mend,
    Nothing,
}

impl SeenJob {
    /// Looks at a job. What cannot be read is left out.
    pub fn of(folder: JobFolder) -> Self {
        if job::is_export(&folder) {
            return Self::of_export(folder);
        }
        // Asked first: a job that ends while it is looked at is still running, and never half of both.
        let running = folder.is_locked();
        let spec = JobSpec::load(&folder).ok();
        let journal = Journal::read(&folder).ok();
        let kind = spec.as_ref().map_or(&JobKind::Import, |spec| &spec.kind);
        let report = journal
            .as_ref()
            .and_then(|journal| job::glance_at(&folder, journal, kind).ok());
        let report = report.map(|report| Report {
            counts: if running {
                report.counts.running()
            } else {
                report.counts
            },
            ..report
        });
        let decided = journal.as_ref().and_then(|journal| journal.status().ok());
        let state = match decided {
            _ if running => JobStanding::Running,
            Some(JobStatus::Finished) => JobStanding::Finished,
            Some(JobStatus::Open) => JobStanding::Stopped,
            Some(JobStatus::Planned) => JobStanding::Planned,
            Some(JobStatus::Planning) => JobStanding::Undecided,
            None => JobStanding::Damaged,
        };
        Self {
            folder,
            spec,
            report,
            export: None,
            state,
        }
    }

    fn of_export(folder: JobFolder) -> Self {
        let running = folder.is_locked();
        let export = crate::export::export_state(&folder).ok();
        let state = match &export {
            _ if running => JobStanding::Running,
            Some(ExportState { outcome, .. }) if outcome.is_some() => JobStanding::Finished,
            Some(_) => JobStanding::Stopped,
            None => JobStanding::Damaged,
        };
        Self {
            folder,
            spec: None,
            report: None,
            export,
            state,
        }
    }

    /// Returns when the job was made, in Unix seconds; `None` where its folder cannot be read.
    pub fn created(&self) -> Option<i64> {
        let of_spec = self.spec.as_ref().map(|spec| spec.created);
        of_spec.or_else(|| self.export.as_ref().map(|export| export.created))
    }

    /// Returns what a person can do next.
    pub fn next_step(&self) -> NextAct {
        let count = |status| self.report.as_ref().map_or(0, |its| its.status(status));
        match self.state {
            JobStanding::Running => NextAct::Wait,
            JobStanding::Stopped => NextAct::Resume,
            JobStanding::Undecided => NextAct::ImportAgain,
            JobStanding::Planned => NextAct::Apply,
            // Rows in doubt are looked up before wrong rows are corrected.
            _ if count(Status::Unknown) > 0 => NextAct::Resume,
            _ if count(Status::Invalid) + count(Status::Failed) > 0 => NextAct::Mend,
            _ => NextAct::Nothing,
        }
    }

    /// Returns what a job does with which file, and what has come of it; only its name where it cannot be read.
    pub fn in_words(&self, lang: Lang) -> String {
        let is_plan = self.state == JobStanding::Planned;
        match (&self.spec, &self.report, &self.export) {
            (Some(spec), Some(report), _) => job_line::in_words(spec, report, is_plan, lang),
            (Some(spec), None, _) => job_line::act(spec, is_plan, lang),
            (None, _, Some(export)) => export_in_words(export, lang),
            (None, _, None) => String::new(),
        }
    }

    /// Returns the exit code that a command about the job would end with.
    pub fn exit_code(&self) -> u8 {
        let outcome = self
            .export
            .as_ref()
            .and_then(|export| export.outcome.as_ref());
        match (self.state, &self.report, outcome) {
            (JobStanding::Finished | JobStanding::Planned, Some(report), _) => report.exit_code(),
            (JobStanding::Finished, None, Some(outcome)) if outcome.complete => exit::DONE,
            (JobStanding::Finished, None, Some(_)) => exit::PARTLY,
            _ => exit::STOPPED,
        }
    }
}

/// Returns a time as `2026-11-23T09:30:15Z`.
pub(crate) fn as_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

fn export_in_words(export: &ExportState, lang: Lang) -> String {
    let act = export_act(export, lang);
    say::jobs::act_and_counts(lang, &act, &customers_of(export, lang))
}

/// Returns what an export does with which file: `export to customers.xlsx`.
pub(crate) fn export_act(export: &ExportState, lang: Lang) -> String {
    let act = match &export.target {
        Some(target) => {
            let written = export.outcome.as_ref();
            let written = written.and_then(|outcome| outcome.file.as_ref());
            let file = job_line::file_name(written.unwrap_or(target));
            say::jobs::act(lang, JobAct::Export, &file)
        }
        None => say::jobs::export_to_stdout(lang).to_owned(),
    };
    if export.account.sandbox {
        say::jobs::with_remark(lang, &act, say::embedded_crm(lang))
    } else {
        act
    }
}

/// Returns the number of an export's customers, with a remark when customers may be missing.
pub(crate) fn customers_of(state: &ExportState, lang: Lang) -> String {
    let outcome = state.outcome.as_ref();
    let customers = outcome.map_or(state.spooled, |outcome| outcome.customers);
    let customers = say::export::customers(lang, customers);
    if outcome.is_some_and(|outcome| !outcome.complete) {
        say::jobs::with_remark(lang, &customers, say::export::is_incomplete(lang))
    } else {
        customers
    }
}
