//! Turns errors into text, hint and exit code. No other file does.

use super::hint::Hints;
use super::print;
use super::print::say_line;
use crate::crm::{CallError, Class};
use crate::job::error::JobError;
use crate::journal::JournalError;
use crate::lang;
use crate::lang::{Lang, Text, say};
use crate::model::{Code, Problem};
use crate::table::TableError;

/// The result of a command: an exit code, or a failure.
pub(super) type CommandResult = Result<u8, Failure>;

/// The exit codes of product.md.
///
/// | code | meaning |
/// |---|---|
/// | 0 | done |
/// | 1 | unexpected or local failure (journal, disk, the sheet unwritable) |
/// | 2 | usage or configuration |
/// | 3 | unusable input, or `check`/`--strict` found problems |
/// | 4 | finished, some rows invalid or failed, or differences, or an incomplete export |
/// | 5 | stopped, resumable; also: nobody reachable |
/// | 6 | finished, some rows unknown |
/// | 7 | refused: signature, appid or permission |
/// | 8 | job or export in use by another process |
/// | 9 | nothing to do |
pub(super) mod exit {
    pub const DONE: u8 = 0;
    pub const LOCAL: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const INPUT: u8 = 3;
    pub const PARTLY: u8 = 4;
    pub const STOPPED: u8 = 5;
    pub const UNKNOWN: u8 = 6;
    pub const REFUSED: u8 = 7;
    pub const BUSY: u8 = 8;
    pub const NOTHING: u8 = 9;
}

/// A failure that ends a command, in words.
#[derive(Debug)]
pub(super) struct Failure {
    /// The exit code.
    pub exit: u8,
    /// The errors, one part for each.
    parts: Vec<FailurePart>,
}

/// One error, before it is put into words.
#[derive(Debug)]
enum FailurePart {
    /// An error with a number in the catalogue.
    Numbered(Problem),
    /// An error without a number: a message and a hint.
    Plain(Text, Text),
}

impl FailurePart {
    /// Returns number, message and hint.
    fn words(&self, lang: Lang) -> (Option<Code>, String, String) {
        match self {
            Self::Numbered(problem) => {
                let words = lang::words(problem, lang);
                (Some(problem.code), words.message, words.tip)
            }
            Self::Plain(message, hint) => {
                let said = |text: &Text| text.pick(lang).to_owned();
                (None, said(message), said(hint))
            }
        }
    }
}

impl Failure {
    /// Makes a failure without a number in the catalogue, of a message and its hint.
    pub fn said(exit: u8, (message, hint): (Text, Text)) -> Self {
        Self {
            exit,
            parts: vec![FailurePart::Plain(message, hint)],
        }
    }

    /// Makes a numbered failure.
    pub fn of(exit: u8, problem: &Problem) -> Self {
        Self::of_all(exit, std::slice::from_ref(problem))
    }

    /// Makes a failure of several numbered problems.
    pub fn of_all(exit: u8, problems: &[Problem]) -> Self {
        Self {
            exit,
            parts: problems
                .iter()
                .cloned()
                .map(FailurePart::Numbered)
                .collect(),
        }
    }

    /// Returns the failure as one object: `{"exit", "errors": [{"code", "message", "hint"}]}`.
    pub fn json(&self, lang: Lang, hints: &Hints) -> serde_json::Value {
        let parts = self.parts.iter().map(|part| part.words(lang));
        let errors: Vec<_> = parts
            .map(|(code, message, hint)| {
                let hint = hints.copyable(&hint);
                serde_json::json!({"code": code.map(|code| code.to_string()), "message": message, "hint": hint})
            })
            .collect();
        serde_json::json!({"exit": self.exit, "errors": errors})
    }

    /// Prints the failure: on stderr as text, or on stdout as JSON where that was asked for.
    pub fn print(&self, json: bool, lang: Lang, hints: &Hints) {
        if json {
            print::json(&self.json(lang, hints));
            return;
        }
        let parts: Vec<_> = self.parts.iter().map(|part| part.words(lang)).collect();
        let mut last_hint = "";
        for (position, (code, message, hint)) in parts.iter().enumerate() {
            let code = code.map(|code| code.to_string());
            say_line(&say::error(lang, message, code.as_deref()));
            // The same remedy of several errors in a row is shown once, after the last of them.
            let next = parts
                .get(position + 1)
                .map_or("", |(_, _, hint)| hint.as_str());
            if !hint.is_empty() && hint != next && hint != last_hint {
                say_line(&say::hint(lang, &hints.copyable(hint)));
                last_hint = hint;
            }
        }
    }
}

/// Makes the failure of a command line, a setting or a file that cannot be used, of a message and its hint.
pub(super) fn usage(words: (Text, Text)) -> Failure {
    Failure::said(exit::USAGE, words)
}

impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Table(error) => error.into(),
            JobError::Journal(error) => error.into(),
            JobError::Call(error) => Self::of(call_exit(&error), &call_problem(&error)),
            JobError::Input(problems) => Self::of_all(exit::INPUT, &problems),
            JobError::File { .. } | JobError::Spec { .. } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::JournalFailed).with("detail", error.detail()),
            ),
            JobError::CopyChanged { .. } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::CopyChanged).with("detail", error.detail()),
            ),
            JobError::Unfinished { job } => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobUnfinished)
                    .with("job", job.as_str())
                    .with("resume", format!("ferry resume {job}")),
            ),
            JobError::Finished(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobFinished).with("job", job.as_str()),
            ),
            JobError::IsAPlan(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::JobIsAPlan).with("job", job.as_str()),
            ),
            JobError::Usage(problem) => Self::of(exit::USAGE, &problem),
            JobError::NothingWritten(job) => Self::of(
                exit::NOTHING,
                &Problem::new(Code::NothingWritten).with("job", job.as_str()),
            ),
            JobError::NotAPlan(job) => Self::of(
                exit::USAGE,
                &Problem::new(Code::NotAPlan).with("job", job.as_str()),
            ),
            JobError::Undecided(job) => {
                Self::said(exit::USAGE, say::usage::undecided(job.as_str()))
            }
            JobError::Unconfirmed { host } => Self::of(
                exit::USAGE,
                &Problem::new(Code::NeedsConfirmation).with("host", host),
            ),
            JobError::UnreadableCustomer(_) => Self::of(
                exit::LOCAL,
                &Problem::new(Code::CustomerUnreadable).with("detail", error.detail()),
            ),
            JobError::Output(problem) => Self::of(exit::LOCAL, &problem),
            JobError::ExportUnwritten { path, detail, job } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::ExportUnwritten)
                    .with("path", path.to_string_lossy())
                    .with("detail", detail)
                    .with("resume", format!("ferry resume {job}")),
            ),
            JobError::ExportBusy(path) => Self::of(
                exit::BUSY,
                &Problem::new(Code::ExportBusy).with("path", path),
            ),
            JobError::StoppedInPlan => Self::said(exit::STOPPED, say::usage::stopped_in_plan()),
            JobError::Declined => Self::said(exit::USAGE, say::usage::declined()),
        }
    }
}

impl From<JournalError> for Failure {
    fn from(error: JournalError) -> Self {
        let detailed = |code| Problem::new(code).with("detail", error.detail());
        match &error {
            JournalError::Database { .. }
            | JournalError::File { .. }
            | JournalError::Stopped(_) => Self::of(exit::LOCAL, &detailed(Code::JournalFailed)),
            JournalError::UnknownWord { path, what, value } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::WordUnknown)
                    .with("path", path.to_string_lossy())
                    .with("what", *what)
                    .with("value", value),
            ),
            JournalError::WentBack { .. }
            | JournalError::Damaged { .. }
            | JournalError::WithoutSource { .. } => {
                Self::of(exit::LOCAL, &detailed(Code::JournalWentBack))
            }
            JournalError::Gone { path } => Self::of(
                exit::LOCAL,
                &Problem::new(Code::StateGone).with("path", path.to_string_lossy()),
            ),
            JournalError::Foreign { .. } => Self::of(exit::LOCAL, &detailed(Code::JournalForeign)),
            JournalError::Busy(job) => {
                Self::of(exit::BUSY, &Problem::new(Code::JobBusy).with("job", job))
            }
            JournalError::NoSuchJob(job) => {
                Self::of(exit::USAGE, &Problem::new(Code::NoSuchJob).with("job", job))
            }
        }
    }
}

impl From<TableError> for Failure {
    fn from(mut error: TableError) -> Self {
        let path = error
            .path()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        let code = match &error {
            TableError::NotFound { .. } => Code::FileNotFound,
            TableError::IsDirectory { .. } => Code::IsDirectory,
            TableError::Unreadable { .. } => Code::Unreadable,
            TableError::Empty { .. } => Code::EmptyFile,
            TableError::NotAWorkbook { .. }
            | TableError::Damaged { .. }
            | TableError::SheetMissing { .. } => Code::NotAWorkbook,
            TableError::OldFormat { .. } => Code::OldFormat,
            TableError::Encoding { .. } => Code::BadEncoding,
            TableError::Csv { .. } | TableError::TooLong { .. } => Code::BadCsv,
            TableError::Quote { .. } => Code::StrayQuote,
            TableError::TooLarge { .. } => Code::CellTooLong,
            TableError::TooManyTexts { .. } => Code::TooManyTexts,
            TableError::UnknownEncoding { label } => {
                return Self::said(exit::USAGE, say::usage::unknown_encoding(label));
            }
            TableError::BadDelimiter { delimiter } => {
                return Self::said(exit::USAGE, say::usage::bad_delimiter(*delimiter));
            }
            TableError::Io { .. } => {
                let words = say::usage::unwritable_file(&path, &error.detail());
                return Self::said(exit::LOCAL, words);
            }
            TableError::Unwritable { detail } => {
                return Self::said(exit::LOCAL, say::usage::no_workbook(detail));
            }
        };
        let problem = Problem::new(code)
            .with("path", path)
            .with("detail", error.detail());
        Self::of(exit::INPUT, &problem)
    }
}

/// Returns the exit code of a call that failed outside the rows.
pub(super) fn call_exit(error: &CallError) -> u8 {
    match error.class {
        class if class.is_fatal() => exit::REFUSED,
        Class::NotSent | Class::Busy | Class::Unknown => exit::STOPPED,
        _ => exit::LOCAL,
    }
}

/// Returns a failed call as a numbered problem.
pub(super) fn call_problem(error: &CallError) -> Problem {
    let by_class = match error.class {
        Class::NotSent if error.code.as_deref() == Some(CallError::QUOTA) => Code::QuotaSpent,
        Class::NotSent => Code::Unreachable,
        Class::Busy => Code::ServerBusy,
        Class::BadSignature => Code::BadSignature,
        Class::UnknownAppid => Code::UnknownAppid,
        Class::NoPermission => Code::NoPermission,
        Class::Unknown => Code::NoReply,
        Class::Refused => Code::Refused,
        Class::Gone => Code::CustomerGone,
    };
    let code = error.connection_code().unwrap_or(by_class);
    let trace = error.trace_id.as_deref().unwrap_or_default();
    let refusal = error.code.as_deref().unwrap_or_default();
    Problem::new(code)
        .with("host", say::doctor::the_crm())
        .with("detail", &error.message)
        .with("code", refusal)
        .with("trace", trace)
}
