//! One job in a line, for people: when, what with which file, how many.

use std::path::Path;

use super::report_words;
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::lang::say::jobs::JobAct;
use crate::lang::{Lang, say};
use crate::model::{JobId, JobKind};

/// Returns when a job began, `2026-11-23 17:30`, as its id tells it; empty for an id without a time.
pub(crate) fn moment(id: &JobId) -> String {
    let text = id.as_str();
    let digits = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(part)
    };
    let read = || {
        let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
        let (hour, minute) = (digits(9, 11)?, digits(11, 13)?);
        Some(format!("{year}-{month}-{day} {hour}:{minute}"))
    };
    read().unwrap_or_default()
}

/// Returns what a job does with which file: `import of customers.xlsx`.
pub(crate) fn act(spec: &JobSpec, is_plan: bool, lang: Lang) -> String {
    let act = match &spec.kind {
        JobKind::Import if is_plan => JobAct::Plan,
        JobKind::Import => JobAct::Import,
        JobKind::Delete => JobAct::Delete,
        JobKind::Undo { .. } => JobAct::Undo,
        JobKind::Export => JobAct::Export,
    };
    let text = say::jobs::act(lang, act, &file_name(&spec.source.path));
    if spec.account.sandbox {
        say::jobs::with_remark(lang, &text, say::embedded_crm(lang))
    } else {
        text
    }
}

/// Returns what a job has done: `import of customers.xlsx: 36 added, 4 invalid`.
pub(crate) fn in_words(spec: &JobSpec, report: &Report, is_plan: bool, lang: Lang) -> String {
    let counts = if is_plan {
        report_words::counts_of_plan(report, lang)
    } else {
        report_words::counts(report, lang)
    };
    say::jobs::act_and_counts(lang, &act(spec, is_plan, lang), &counts)
}

/// Returns the name of a file without its folder.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moment_stands_in_the_id() {
        let id = JobId::from_parts("20261123-173015", "客户");
        assert_eq!(moment(&id), "2026-11-23 17:30");
        assert_eq!(moment(&JobId::parse("list").expect("an id")), "");
    }
}
