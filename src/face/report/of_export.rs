//! The report of an export: whether it is complete, how the list was read, what is in the file.

use askama::Template;

use super::frame::{ReportFact, ReportFrame, ReportVerdict, VerdictTone, capital, shown};
use super::moments::{Moments, ReportPace};
use super::of_job::stopped_by;
use crate::export::facts::{ExportFacts, WrittenFacts};
use crate::export::request::filter_text;
use crate::export::run::ExportState;
use crate::export::spec::ExportSpec;
use crate::export::summary::months_in_words;
use crate::face::count_bars::CountBars;
use crate::face::failure::{ErrorWords, Failure};
use crate::face::job_line;
use crate::face::plan_words::whose;
use crate::face::seen_job::{SeenJob, export_act};
use crate::job::run_end::EndReason;
use crate::lang::hint::Hints;
use crate::lang::say::jobs::JobStanding;
use crate::lang::say::report::ReportLabel;
use crate::lang::sheets::ExportLabel;
use crate::lang::{self, Lang, say, sheets};
use crate::model::{Code, Problem};
use crate::source::manifest::{ChangeCounts, Manifest};

/// The most months that are shown, the latest ones.
const MOST_MONTHS: usize = 24;

/// Customers counted by something.
struct TallySection {
    title: String,
    bars: CountBars,
}

#[derive(Template)]
#[template(path = "face/report/export.html")]
pub(super) struct ExportReportFile {
    frame: ReportFrame,
    changes: CountBars,
    pace: ReportPace,
    tallies: Vec<TallySection>,
}

impl ExportReportFile {
    /// Reads an export's job. `failure` is why this run of it has failed, if it has.
    pub fn read(
        seen: &SeenJob,
        export: &ExportState,
        (failure, hints): (Option<&Failure>, &Hints),
        lang: Lang,
    ) -> Result<Self, Failure> {
        let spec = ExportSpec::load(&seen.folder)?;
        let facts = ExportFacts::load(&seen.folder)?;
        let told = ToldExport {
            seen,
            export,
            spec: &spec,
            facts: facts.as_ref(),
            failure,
            hints,
            lang,
        };
        let moments = Moments::of(&spec.timezone);
        let written = facts.as_ref().and_then(|facts| facts.written.as_ref());
        let calls = facts.as_ref().map(|facts| &facts.pace);
        let pace = calls.map(|calls| {
            moments.pace(
                calls,
                (say::report::calls_chart, say::report::calls_made),
                lang,
            )
        });
        let changes = written.and_then(|written| written.manifest.changes.as_ref());
        Ok(Self {
            frame: told.frame(&moments),
            changes: changes.map_or_else(CountBars::default, |changes| bars_of(changes, lang)),
            pace: pace.unwrap_or_default(),
            tallies: written.map_or_else(Vec::new, |written| tallies(written, lang)),
        })
    }

    fn say(&self, label: ReportLabel) -> &'static str {
        label.words(self.frame.lang)
    }
}

fn bars_of(changes: &ChangeCounts, lang: Lang) -> CountBars {
    let change = |kind| sheets::change(lang, kind).to_owned();
    CountBars::of(vec![
        (change("added"), changes.added),
        (change("changed"), changes.changed),
        (change("gone"), changes.gone),
        (
            say::summary::CountedOutcome::Unchanged
                .name(lang)
                .to_owned(),
            changes.unchanged,
        ),
    ])
}

fn tallies(written: &WrittenFacts, lang: Lang) -> Vec<TallySection> {
    let counted = written.tallies.iter().map(|counts| {
        let words = counts.in_words(lang).into_iter();
        let words = words.map(|(word, count)| (shown(&word), count));
        TallySection {
            title: sheets::customers_by(lang, &shown(&counts.header)),
            bars: CountBars::of(words.collect()),
        }
    });
    let mut sections: Vec<TallySection> = counted.collect();
    let months = months_in_words(&written.months, lang);
    let first = months.len().saturating_sub(MOST_MONTHS);
    sections.push(TallySection {
        title: ExportLabel::ByMonth.words(lang).to_owned(),
        bars: CountBars::of(months.into_iter().skip(first).collect()),
    });
    sections.retain(|section| !section.bars.is_empty());
    sections
}

/// An export that is told about.
struct ToldExport<'a> {
    seen: &'a SeenJob,
    export: &'a ExportState,
    spec: &'a ExportSpec,
    facts: Option<&'a ExportFacts>,
    failure: Option<&'a Failure>,
    hints: &'a Hints,
    lang: Lang,
}

impl ToldExport<'_> {
    fn frame(&self, moments: &Moments) -> ReportFrame {
        let (spec, lang) = (self.spec, self.lang);
        let label = |label: ExportLabel| label.words(lang);
        let own = |label: ReportLabel| label.words(lang);
        let mut frame = ReportFrame {
            lang,
            title: capital(&shown(&export_act(self.export, lang))),
            verdict: self.verdict(),
            facts: Vec::<ReportFact>::new(),
            notices: Vec::new(),
            made: moments.made_now(lang),
        };
        frame.add(label(ExportLabel::Job), spec.id.to_string());
        frame.add(label(ExportLabel::Account), whose(&spec.account, lang));
        let filter = spec.filter.as_ref().map(filter_text);
        let filter = filter.as_deref().unwrap_or(sheets::no_filter(lang));
        frame.add(label(ExportLabel::Filter), shown(filter));
        frame.add(own(ReportLabel::Fields), shown(&self.fields()));
        frame.add(
            label(ExportLabel::Began),
            moments.words(spec.created * 1000),
        );
        if let Some(facts) = self.facts {
            self.add_facts(&mut frame, facts, moments);
            frame.add_notices(&facts.run.notices, self.hints);
        }
        if let Some(written) = self.facts.and_then(|facts| facts.written.as_ref()) {
            self.add_file(&mut frame, &written.manifest);
        }
        frame
    }

    fn fields(&self) -> String {
        let spec = self.spec;
        if spec.fields.is_empty() {
            return say::report::all_fields(self.lang).to_owned();
        }
        let labels = spec.fields.iter().map(|key| {
            let field = spec.schema.field(key.as_str());
            field.map_or(key.as_str(), |field| field.label.as_str())
        });
        say::amounts::list(self.lang, labels)
    }

    /// Adds how the list was read. What did not happen is not named.
    fn add_facts(&self, frame: &mut ReportFrame, facts: &ExportFacts, moments: &Moments) {
        let lang = self.lang;
        let label = |label: ExportLabel| label.words(lang);
        if self.seen.state != JobStanding::Running {
            frame.add(label(ExportLabel::Ended), moments.words(facts.run.ended));
        }
        let time = std::time::Duration::from_millis(facts.elapsed_ms);
        frame.add(
            label(ExportLabel::TimeSpent),
            say::amounts::duration(lang, time),
        );
        let list = &facts.list;
        let cut = facts.written.as_ref().map(|its| its.manifest.cut_cells);
        for (name, count, is_always) in [
            (ExportLabel::Calls, facts.calls, true),
            (ExportLabel::Pages, list.pages, true),
            (ExportLabel::Passes, u64::from(list.passes), true),
            (ExportLabel::CountAtStart, list.count_at_start, true),
            (ExportLabel::Repeats, list.repeats, true),
            (ExportLabel::CreatedMeanwhile, list.created_meanwhile, false),
            (ExportLabel::GoneMeanwhile, list.gone_meanwhile, false),
            (ExportLabel::ShortPages, list.short_pages, false),
            (ExportLabel::NotMatching, list.not_matching, false),
            (ExportLabel::CutTexts, cut.unwrap_or(0), false),
        ] {
            if is_always || count > 0 {
                frame.add(label(name), count.to_string());
            }
        }
    }

    /// Adds the file, and what it is compared with.
    fn add_file(&self, frame: &mut ReportFrame, manifest: &Manifest) {
        let own = |label: ReportLabel| label.words(self.lang);
        frame.add(own(ReportLabel::File), shown(&manifest.file));
        if !manifest.file.is_empty() {
            let beside = Manifest::path_of(std::path::Path::new(&manifest.file));
            frame.add(
                own(ReportLabel::Manifest),
                shown(&job_line::file_name(&beside)),
            );
            frame.add("SHA-256", manifest.sha256.clone());
        }
        if let Some(with) = &manifest.compared_with {
            let name = job_line::file_name(std::path::Path::new(with));
            frame.add(ExportLabel::ComparedWith.words(self.lang), shown(&name));
        }
    }

    fn verdict(&self) -> ReportVerdict {
        let lang = self.lang;
        let (tone, sentences) = match &self.export.outcome {
            _ if self.seen.state == JobStanding::Running => (
                VerdictTone::Open,
                vec![say::report::export_running(lang).to_owned()],
            ),
            Some(outcome) if outcome.complete && self.spec.filter.is_some() => (
                VerdictTone::Good,
                vec![say::report::filtered_complete(lang, outcome.customers)],
            ),
            Some(outcome) if outcome.complete => (
                VerdictTone::Good,
                vec![say::report::export_complete(lang, outcome.customers)],
            ),
            Some(_) => {
                let passes = self.facts.map_or(0, |facts| facts.list.passes).to_string();
                let problem = Problem::new(Code::ExportIncomplete).with("passes", passes);
                let message = lang::words(&problem, lang).message;
                let code = problem.code.to_string();
                (
                    VerdictTone::Bad,
                    vec![say::report::export_incomplete(lang, &message, &code)],
                )
            }
            None => {
                let (tone, why) = self.why_stopped();
                let resume = self
                    .hints
                    .command(&format!("ferry resume {}", self.spec.id));
                let so_far = say::report::export_goes_on(lang, self.export.spooled, &resume);
                (tone, vec![why, so_far])
            }
        };
        ReportVerdict::new(tone, &sentences, lang)
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
        match self.facts.map(|facts| &facts.run.reason) {
            Some(EndReason::Problem(problem)) => (
                VerdictTone::Bad,
                stopped_by(&ErrorWords::of(problem, lang), lang),
            ),
            Some(EndReason::Asked | EndReason::TrialOver) => {
                (VerdictTone::Open, say::report::stopped(lang).to_owned())
            }
            Some(EndReason::Finished) | None => {
                (VerdictTone::Bad, say::report::cut_off(lang).to_owned())
            }
        }
    }
}
