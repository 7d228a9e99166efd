//! The report of a job with rows: an import, a plan, an undo, a delete.

use askama::Template;

use super::frame::{ReportFact, ReportFrame, ReportVerdict, VerdictTone, capital, shown};
use super::moments::{Moments, ReportPace};
use super::problems::{ProblemSource, ReportProblems};
use crate::face::failure::{ErrorWords, Failure, exit};
use crate::face::job_line;
use crate::face::outcome_bar::OutcomeBar;
use crate::face::plan_words::whose;
use crate::face::seen_job::SeenJob;
use crate::job::report::Report;
use crate::job::run_end::{EndReason, RunEnd};
use crate::job::spec::JobSpec;
use crate::journal::{Journal, Notes, SentTimes};
use crate::lang::hint::Hints;
use crate::lang::say::jobs::JobStanding;
use crate::lang::say::report::ReportLabel;
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
    /// Reads a job. `failure` is why this run of it has failed, if it has.
    pub fn read(
        seen: &SeenJob,
        failure: Option<&Failure>,
        hints: &Hints,
        lang: Lang,
    ) -> Result<Self, Failure> {
        let (Some(spec), Some(report)) = (&seen.spec, &seen.report) else {
            return Err(seen.damage());
        };
        let journal = Journal::read(&seen.folder)?;
        let (notes, times) = (journal.notes()?, journal.sent_times()?);
        let told = ToldJob {
            seen,
            spec,
            report,
            times: &times,
            run: RunEnd::of(&journal)?,
            failure,
            hints,
            lang,
        };
        let is_plan = seen.state == JobStanding::Planned;
        let problems = ProblemSource {
            folder: &seen.folder,
            spec,
            journal: &journal,
            report,
            is_plan,
            is_running: seen.state == JobStanding::Running,
            lang,
            hints,
        };
        let problems = problems.read()?;
        let moments = Moments::of(&spec.timezone);
        let sheet = report.result.as_deref().map(job_line::file_name);
        let sheet = sheet.unwrap_or_default();
        Ok(Self {
            bar: OutcomeBar::of(report, is_plan, lang),
            all_rows: report.counts.total(),
            pace: moments.pace(
                &times.pace,
                (say::report::rows_chart, say::report::rows_sent),
                lang,
            ),
            more_problems: if problems.more_problems > 0 {
                say::report::more_problems(lang, problems.more_problems)
            } else {
                String::new()
            },
            more_rows: if problems.more_rows > 0 {
                say::report::more_rows(lang, problems.more_rows, &shown(&sheet))
            } else {
                String::new()
            },
            frame: told.frame(&notes, &moments, &sheet),
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
    seen: &'a SeenJob,
    spec: &'a JobSpec,
    report: &'a Report,
    times: &'a SentTimes,
    run: Option<RunEnd>,
    failure: Option<&'a Failure>,
    hints: &'a Hints,
    lang: Lang,
}

impl ToldJob<'_> {
    fn frame(&self, notes: &Notes, moments: &Moments, sheet: &str) -> ReportFrame {
        let (spec, report, lang) = (self.spec, self.report, self.lang);
        let is_plan = self.seen.state == JobStanding::Planned;
        let mut frame = ReportFrame {
            lang,
            title: capital(&shown(&job_line::act(spec, is_plan, lang))),
            verdict: self.verdict(notes),
            facts: Vec::<ReportFact>::new(),
            notices: Vec::new(),
            made: moments.made_now(lang),
        };
        let label = |label: SummaryLabel| label.words(lang);
        let own = |label: ReportLabel| label.words(lang);
        frame.add(label(SummaryLabel::Job), spec.id.to_string());
        frame.add(label(SummaryLabel::Account), whose(&spec.account, lang));
        let source = job_line::file_name(&spec.source.path);
        frame.add(label(SummaryLabel::Source), shown(&source));
        let named = |job: Option<&JobId>| job.map(ToString::to_string).unwrap_or_default();
        frame.add(own(ReportLabel::Undoes), named(spec.kind.undoes()));
        frame.add(own(ReportLabel::UndoneBy), named(notes.undone_by.as_ref()));
        let began = moments.words(spec.created * 1000);
        frame.add(label(SummaryLabel::Began), began);
        if self.seen.state != JobStanding::Running {
            let ended = self.run.as_ref().filter(|_| !self.is_cut_off());
            let ended = ended.map(|run| run.ended).or(self.times.latest);
            let ended = ended.map(|moment| moments.words(moment));
            frame.add(own(ReportLabel::Ended), ended.unwrap_or_default());
        }
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
        frame.add(own(of_sheet), shown(sheet));
        if let Some(run) = &self.run {
            frame.add_notices(&run.notices, &self.hints.reading(&spec.asked));
        }
        frame
    }

    /// Returns whether the latest run was killed: rows were sent after the end that is noted, or none is.
    fn is_cut_off(&self) -> bool {
        match &self.run {
            Some(run) => self.times.latest.is_some_and(|latest| latest > run.ended),
            None => true,
        }
    }

    fn verdict(&self, notes: &Notes) -> ReportVerdict {
        let (report, lang) = (self.report, self.lang);
        let rows = report.counts.total();
        let done = rows - report.status(Status::Pending);
        let (tone, sentences) = match self.seen.state {
            JobStanding::Running => (
                VerdictTone::Open,
                vec![say::report::still_running(lang, done, rows)],
            ),
            JobStanding::Planned => (
                VerdictTone::Open,
                vec![say::report::only_planned(lang).to_owned()],
            ),
            JobStanding::Undecided | JobStanding::Damaged => (
                VerdictTone::Bad,
                vec![say::report::undecided(lang).to_owned()],
            ),
            JobStanding::Stopped => {
                let (tone, why) = self.why_stopped();
                let resume = self.hints.command(&format!("ferry resume {}", report.job));
                let mut sentences = vec![why, say::report::goes_on(lang, (done, rows), &resume)];
                sentences.extend(self.unknown());
                (tone, sentences)
            }
            JobStanding::Finished => self.finished(notes),
        };
        ReportVerdict::new(tone, &sentences, lang)
    }

    fn finished(&self, notes: &Notes) -> (VerdictTone, Vec<String>) {
        let (report, lang) = (self.report, self.lang);
        let wrong = report.status(Status::Invalid) + report.status(Status::Failed);
        let left = wrong + report.left_alone;
        let sentence = if notes.is_held_back {
            return (
                VerdictTone::Bad,
                vec![say::report::held_back(lang, report.status(Status::Invalid))],
            );
        } else if report.kind.takes_away() && left > 0 {
            say::report::done_but_left(lang, left)
        } else if wrong > 0 {
            say::report::done_but(lang, wrong)
        } else if report.status(Status::Unknown) > 0 {
            say::report::over_but_unknown(lang).to_owned()
        } else if report.exit_code() == exit::NOTHING {
            return (
                VerdictTone::Good,
                vec![say::report::all_skipped(lang).to_owned()],
            );
        } else {
            return (
                VerdictTone::Good,
                vec![say::report::all_done(lang, report.counts.total())],
            );
        };
        let unknown = self.unknown();
        (
            VerdictTone::Mixed,
            std::iter::once(sentence).chain(unknown).collect(),
        )
    }

    fn unknown(&self) -> Option<String> {
        let rows = self.report.status(Status::Unknown);
        (rows > 0).then(|| say::report::unknown(self.lang, rows))
    }

    fn why_stopped(&self) -> (VerdictTone, String) {
        let lang = self.lang;
        let failed = self.failure.and_then(|failure| {
            let words = failure.words(lang).into_iter().next()?;
            Some(stopped_by(&words, lang))
        });
        if let Some(why) = failed {
            return (VerdictTone::Bad, why);
        }
        let reason = self.run.as_ref().map(|run| &run.reason);
        match reason.filter(|_| !self.is_cut_off()) {
            Some(EndReason::Asked) => (VerdictTone::Open, say::report::stopped(lang).to_owned()),
            Some(EndReason::TrialOver) => {
                (VerdictTone::Open, say::report::trial_over(lang).to_owned())
            }
            Some(EndReason::Problem(problem)) => (
                VerdictTone::Bad,
                stopped_by(&ErrorWords::of(problem, lang), lang),
            ),
            Some(EndReason::Finished) | None => {
                (VerdictTone::Bad, say::report::cut_off(lang).to_owned())
            }
        }
    }
}

/// Returns the sentence that says what stopped a run.
pub(super) fn stopped_by(words: &ErrorWords, lang: Lang) -> String {
    let code = words.code.map(|code| code.to_string());
    say::report::stopped_by(lang, &shown(&words.message), &code.unwrap_or_default())
}
