//! The report of a verification: the conclusion first, then every difference.

use askama::Template;

use super::frame::{ReportFrame, ReportVerdict, VerdictTone, shown};
use super::moments::Moments;
use crate::face::job_line;
use crate::face::plan_words::whose;
use crate::face::report_words;
use crate::job::spec::JobSpec;
use crate::lang::hint::Hints;
use crate::lang::say::report::ReportLabel;
use crate::lang::sheets::SummaryLabel;
use crate::lang::{Lang, say, sheets};
use crate::pipeline::VerifyReport;
use crate::results::result::sheet_hints;

/// A difference between what was sent and what is stored.
struct DifferenceLine {
    row: String,
    name: String,
    message: String,
    code: String,
}

#[derive(Template)]
#[template(path = "face/report/verify.html")]
pub(super) struct VerifyReportFile {
    frame: ReportFrame,
    differences: Vec<DifferenceLine>,
    /// What is said below the table if it leaves differences out; else blank.
    more: String,
}

impl VerifyReportFile {
    /// Takes what a verification has found.
    pub fn of(report: &VerifyReport, spec: &JobSpec, hints: &Hints, lang: Lang) -> Self {
        let hints = sheet_hints(spec, hints).without_paths();
        let differences = report.examples.iter().map(|example| DifferenceLine {
            row: spec.row_label(example.row),
            name: shown(&example.name),
            message: shown(&hints.words(&example.problem, lang).message),
            code: example.problem.code.to_string(),
        });
        let differences: Vec<DifferenceLine> = differences.collect();
        let left = report.differences.saturating_sub(differences.len() as u64);
        let sheet = shown(&job_line::file_name(&report.result));
        Self {
            frame: frame(report, spec, &sheet, lang),
            differences,
            more: say::report::more(lang, left, &sheet),
        }
    }

    fn say(&self, label: ReportLabel) -> &'static str {
        label.words(self.frame.lang)
    }
}

fn frame(report: &VerifyReport, spec: &JobSpec, sheet: &str, lang: Lang) -> ReportFrame {
    let moments = Moments::of(&spec.timezone);
    let act = shown(&job_line::act(spec, false, lang));
    let title = say::report::verification(lang, &act);
    let mut frame = ReportFrame::new(title, verdict(report, lang), &moments, lang);
    let label = |label: SummaryLabel| label.words(lang);
    let source = shown(&job_line::file_name(&spec.source.path));
    let some = |count: u64| {
        if count > 0 {
            count.to_string()
        } else {
            String::new()
        }
    };
    let now = moments.words(jiff::Timestamp::now().as_millisecond());
    for (name, text) in [
        (SummaryLabel::Job, spec.id.to_string()),
        (SummaryLabel::Account, whose(&spec.account, lang)),
        (SummaryLabel::Source, source),
        (SummaryLabel::VerifiedAt, now),
        (SummaryLabel::ComparedRows, report.rows.to_string()),
        (SummaryLabel::ComparedFields, report.fields.to_string()),
        (
            SummaryLabel::DifferentRows,
            report.different_rows.to_string(),
        ),
        (SummaryLabel::NotComparedRows, some(report.unknown_rows)),
        (SummaryLabel::LookedForTwice, report.looked_for.to_string()),
        (SummaryLabel::Calls, report.calls.to_string()),
        (
            SummaryLabel::TimeSpent,
            sheets::seconds(lang, report.elapsed.as_secs_f64()),
        ),
    ] {
        frame.add(label(name), text);
    }
    frame.add(ReportLabel::VerifySheet.words(lang), sheet);
    frame
}

fn verdict(report: &VerifyReport, lang: Lang) -> ReportVerdict {
    let mut sentences = vec![report_words::verified(report, lang)];
    if report.unknown_rows > 0 {
        sentences.push(say::plan::verified_unknown(lang, report.unknown_rows, "").0);
    }
    let tone = match (report.different_rows, report.unknown_rows) {
        (0, 0) => VerdictTone::Good,
        (0, _) => VerdictTone::Mixed,
        _ => VerdictTone::Bad,
    };
    ReportVerdict { tone, sentences }
}
