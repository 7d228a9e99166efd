//! The report of an export: whether it is complete, how the list was read, what is in the file.

use std::path::Path;
use std::time::Duration;

use askama::Template;

use super::frame::{ReportFrame, ReportVerdict, VerdictTone, capital, shown};
use super::moments::{Moments, ReportPace};
use crate::export::facts::{ExportFacts, WrittenFacts};
use crate::export::request::filter_text;
use crate::export::run::{ExportState, export_state};
use crate::export::spec::ExportSpec;
use crate::face::count_bars::CountBars;
use crate::face::failure::Failure;
use crate::face::job_line;
use crate::face::plan_words::whose;
use crate::face::seen_job::{SeenJob, export_act};
use crate::lang::say::jobs::JobStanding;
use crate::lang::say::report::{PaceUnit, ReportLabel};
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
    /// Reads an export's job.
    pub fn read(seen: &SeenJob, lang: Lang) -> Result<Self, Failure> {
        let spec = ExportSpec::load(&seen.folder)?;
        let export = export_state(&seen.folder)?;
        let facts = ExportFacts::load(&seen.folder)?;
        let told = ToldExport {
            state: seen.state,
            export: &export,
            spec: &spec,
            written: facts.written.as_ref(),
            lang,
        };
        let moments = Moments::of(&spec.timezone);
        let written = facts.written.as_ref();
        let changes = written.and_then(|written| written.manifest.changes.as_ref());
        Ok(Self {
            frame: told.frame(&moments),
            changes: changes.map_or_else(CountBars::default, |changes| bars_of(changes, lang)),
            pace: moments.pace(&facts.pace, PaceUnit::Calls, lang),
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
    let counted = written.tallies.iter().map(|tally| {
        let words = tally.read_in(lang).into_iter();
        let words = words.map(|(word, count)| (shown(&word), count));
        TallySection {
            title: sheets::customers_by(lang, &shown(&tally.header)),
            bars: CountBars::of(words.collect()),
        }
    });
    let mut sections: Vec<TallySection> = counted.collect();
    let first = written.months.len().saturating_sub(MOST_MONTHS);
    let months = written.months.iter().skip(first).map(|(month, count)| {
        let undated = ExportLabel::Undated.words(lang);
        let month = if month.is_empty() { undated } else { month };
        (month.to_owned(), *count)
    });
    sections.push(TallySection {
        title: ExportLabel::ByMonth.words(lang).to_owned(),
        bars: CountBars::of(months.collect()),
    });
    sections.retain(|section| !section.bars.is_empty());
    sections
}

/// An export that is told about.
struct ToldExport<'a> {
    state: JobStanding,
    export: &'a ExportState,
    spec: &'a ExportSpec,
    written: Option<&'a WrittenFacts>,
    lang: Lang,
}

impl ToldExport<'_> {
    fn frame(&self, moments: &Moments) -> ReportFrame {
        let (spec, lang) = (self.spec, self.lang);
        let label = |label: ExportLabel| label.words(lang);
        let title = capital(&shown(&export_act(self.export, lang)));
        let mut frame = ReportFrame::new(title, self.verdict(), moments, lang);
        frame.add(label(ExportLabel::Job), spec.id.to_string());
        frame.add(label(ExportLabel::Account), whose(&spec.account, lang));
        let filter = spec.filter.as_ref().map(filter_text);
        let filter = filter.as_deref().unwrap_or(sheets::no_filter(lang));
        frame.add(label(ExportLabel::Filter), shown(filter));
        frame.add(ReportLabel::Fields.words(lang), shown(&self.fields()));
        let began = moments.words(spec.created * 1000);
        frame.add(label(ExportLabel::Began), began);
        if let Some(written) = self.written {
            add_facts(&mut frame, &written.manifest);
            add_file(&mut frame, &written.manifest);
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

    fn verdict(&self) -> ReportVerdict {
        let lang = self.lang;
        let (tone, sentence) = match &self.export.outcome {
            _ if self.state == JobStanding::Running => (
                VerdictTone::Open,
                say::report::export_running(lang).to_owned(),
            ),
            Some(outcome) if outcome.complete && self.spec.filter.is_some() => (
                VerdictTone::Good,
                say::report::filtered_complete(lang, outcome.customers),
            ),
            Some(outcome) if outcome.complete => (
                VerdictTone::Good,
                say::report::export_complete(lang, outcome.customers),
            ),
            Some(_) => {
                let passes = self.written.map_or(0, |its| its.manifest.list.passes);
                let problem =
                    Problem::new(Code::ExportIncomplete).with("passes", passes.to_string());
                let message = lang::words(&problem, lang).message;
                let code = problem.code.to_string();
                (
                    VerdictTone::Bad,
                    say::report::export_incomplete(lang, &message, &code),
                )
            }
            None => (
                VerdictTone::Open,
                say::report::export_not_finished(lang, self.export.spooled),
            ),
        };
        ReportVerdict {
            tone,
            sentences: vec![sentence],
        }
    }
}

/// Adds how the list was read. What did not happen is not named.
fn add_facts(frame: &mut ReportFrame, manifest: &Manifest) {
    let lang = frame.lang;
    frame.add(ExportLabel::Ended.words(lang), manifest.ended.clone());
    let time = Duration::from_secs_f64(manifest.elapsed_s.max(0.0));
    let time = say::amounts::duration(lang, time);
    frame.add(ExportLabel::TimeSpent.words(lang), time);
    let list = &manifest.list;
    for (label, count, is_always) in [
        (ExportLabel::Calls, manifest.api_calls, true),
        (ExportLabel::Pages, list.pages, true),
        (ExportLabel::Passes, u64::from(list.passes), true),
        (ExportLabel::CountAtStart, list.count_at_start, true),
        (ExportLabel::Repeats, list.repeats, true),
        (ExportLabel::CreatedMeanwhile, list.created_meanwhile, false),
        (ExportLabel::GoneMeanwhile, list.gone_meanwhile, false),
        (ExportLabel::ShortPages, list.short_pages, false),
        (ExportLabel::NotMatching, list.not_matching, false),
        (ExportLabel::CutTexts, manifest.cut_cells, false),
    ] {
        if is_always || count > 0 {
            frame.add(label.words(lang), count.to_string());
        }
    }
}

/// Adds the file, and what it is compared with.
fn add_file(frame: &mut ReportFrame, manifest: &Manifest) {
    let lang = frame.lang;
    frame.add(ReportLabel::File.words(lang), shown(&manifest.file));
    frame.add("SHA-256", manifest.sha256.clone());
    if let Some(with) = &manifest.compared_with {
        let name = job_line::file_name(Path::new(with));
        frame.add(ExportLabel::ComparedWith.words(lang), shown(&name));
    }
}
