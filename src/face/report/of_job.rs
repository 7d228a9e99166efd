//! The report of a job with rows: an import, a plan, an undo, a delete.

use askama::Template;

use super::frame::{ReportFrame, ReportVerdict, VerdictTone, capital, shown};
use super::moments::{Moments, ReportPace};
use super::problems::{ProblemSource, ReportProblems};
use crate::face::failure::{Failure, exit};
use crate::face::job_line;
use crate::face::outcome_bar::OutcomeBar;
use crate::face::plan_words::whose;
use crate::face::seen_job::SeenJob;
use crate::job::end::End;
use crate::job::report::{Report, report_of};
use crate::job::spec::JobSpec;
use crate::journal::{Journal, Notes, SentTimes};
use crate::lang::hint::Hints;
use crate::lang::say::jobs::JobStanding;
use crate::lang::say::report::{PaceUnit, ReportLabel};
use crate::lang::sheets::SummaryLabel;
use crate::lang::{Lang, say, sheets};
use crate::model::{JobId, Status};

#[derive(Template)]
#[template(path = "face/report/job.html")]
pub(super) struct JobReportFile {
    frame: ReportFrame,
    bar: OutcomeBar,
    all_rows: u64,
    pace: ReportPace,
    problems: ReportProblems,
    /// What is said below a table that leaves rows out; blank where none does.
    more_problems: String,
    more_rows: String,
}

impl JobReportFile {
    /// Reads a job.
    pub fn read(seen: &SeenJob, hints: &Hints, lang: Lang) -> Result<Self, Failure> {
        let spec = JobSpec::load(&seen.folder)?;
        let journal = Journal::read(&seen.folder)?;
        let report = report_of(&seen.folder, &journal, &spec.kind, End::Finished)?;
        let is_running = seen.state == JobStanding::Running;
        let report = if is_running {
            let counts = report.counts.running();
            Report { counts, ..report }
        } else {
            report
        };
        let (notes, times) = (journal.notes()?, journal.sent_times()?);
        let is_plan = seen.state == JobStanding::Planned;
        let problems = ProblemSource {
            folder: &seen.folder,
            spec: &spec,
            journal: &journal,
            is_plan,
            is_running,
            lang,
            hints,
        };
        let problems = problems.read()?;
        let moments = Moments::of(&spec.timezone);
        let sheet = report.result.as_deref().map(job_line::file_name);
        let sheet = shown(&sheet.unwrap_or_default());
        let told = ToldJob {
            state: seen.state,
            spec: &spec,
            report: &report,
            left: problems.left,
            notes: &notes,
            times: &times,
            lang,
        };
        Ok(Self {
            frame: told.frame(&moments, &sheet),
            bar: OutcomeBar::of(&report, is_plan, lang),
            all_rows: report.counts.total(),
            pace: moments.pace(&times.pace, PaceUnit::SentRows, lang),
            more_problems: say::report::more(lang, problems.more_problems, &sheet),
            more_rows: say::report::more(lang, problems.more_rows, &sheet),
            problems,
        })
    }

    fn say(&self, label: ReportLabel) -> &'static str {
        label.words(self.frame.lang)
    }

    fn all(&self) -> &'static str {
        SummaryLabel::AllRows.words(self.frame.lang)
    }
}

/// A job that is told about.
struct ToldJob<'a> {
    state: JobStanding,
    spec: &'a JobSpec,
    report: &'a Report,
    /// How many rows are wrong, or left alone as a whole or in part.
    left: u64,
    notes: &'a Notes,
    times: &'a SentTimes,
    lang: Lang,
}

impl ToldJob<'_> {
    fn frame(&self, moments: &Moments, sheet: &str) -> ReportFrame {
        let (spec, report, lang) = (self.spec, self.report, self.lang);
        let is_plan = self.state == JobStanding::Planned;
        let title = capital(&shown(&job_line::act(spec, is_plan, lang)));
        let mut frame = ReportFrame::new(title, self.verdict(), moments, lang);
        let label = |label: SummaryLabel| label.words(lang);
        let own = |label: ReportLabel| label.words(lang);
        let named = |job: Option<&JobId>| job.map(ToString::to_string).unwrap_or_default();
        frame.add(label(SummaryLabel::Job), spec.id.to_string());
        frame.add(label(SummaryLabel::Account), whose(&spec.account, lang));
        let source = job_line::file_name(&spec.source.path);
        frame.add(label(SummaryLabel::Source), shown(&source));
        frame.add(own(ReportLabel::Undoes), named(spec.kind.undoes()));
        let undone_by = named(self.notes.undone_by.as_ref());
        frame.add(own(ReportLabel::UndoneBy), undone_by);
        let began = moments.words(spec.created * 1000);
        frame.add(label(SummaryLabel::Began), began);
        let latest = self.times.latest.map(|moment| moments.words(moment));
        frame.add(own(ReportLabel::Latest), latest.unwrap_or_default());
        let time = say::amounts::duration(lang, report.elapsed);
        frame.add(label(SummaryLabel::TimeSpent), time);
        frame.add(label(SummaryLabel::Calls), report.calls.to_string());
        let seconds = report.elapsed.as_secs_f64();
        if seconds > 0.0 && report.calls > 0 {
            let pace = sheets::pace(lang, report.calls as f64 / seconds);
            frame.add(label(SummaryLabel::Pace), pace);
        }
        let of_sheet = if is_plan {
            ReportLabel::Preview
        } else {
            ReportLabel::ResultSheet
        };
        frame.add(own(of_sheet), sheet);
        frame
    }

    fn verdict(&self) -> ReportVerdict {
        let (report, lang) = (self.report, self.lang);
        let rows = report.counts.total();
        let done = rows - report.status(Status::Pending);
        let (tone, sentence) = match self.state {
            JobStanding::Running => (
                VerdictTone::Open,
                say::report::still_running(lang, done, rows),
            ),
            JobStanding::Planned => (
                VerdictTone::Open,
                say::report::only_planned(lang).to_owned(),
            ),
            JobStanding::Undecided | JobStanding::Damaged => {
                (VerdictTone::Bad, say::report::undecided(lang).to_owned())
            }
            JobStanding::Stopped => (
                VerdictTone::Open,
                say::report::not_finished(lang, done, rows),
            ),
            JobStanding::Finished => self.finished(),
        };
        let unknown = report.status(Status::Unknown);
        let unknown = (unknown > 0).then(|| say::report::unknown(lang, unknown));
        ReportVerdict {
            tone,
            sentences: std::iter::once(sentence).chain(unknown).collect(),
        }
    }

    fn finished(&self) -> (VerdictTone, String) {
        let (report, lang) = (self.report, self.lang);
        let wrong = report.status(Status::Invalid) + report.status(Status::Failed);
        if self.notes.is_held_back {
            (VerdictTone::Bad, say::report::held_back(lang, wrong))
        } else if report.kind.takes_away() && self.left > 0 {
            (
                VerdictTone::Mixed,
                say::report::done_but_left(lang, self.left),
            )
        } else if wrong > 0 {
            (VerdictTone::Mixed, say::report::done_but(lang, wrong))
        } else if report.status(Status::Unknown) > 0 {
            let words = say::report::over_but_unknown(lang).to_owned();
            (VerdictTone::Mixed, words)
        } else if report.exit_code() == exit::NOTHING {
            let words = say::report::all_skipped(lang).to_owned();
            (VerdictTone::Good, words)
        } else {
            let words = say::report::all_done(lang, report.counts.total());
            (VerdictTone::Good, words)
        }
    }
}
