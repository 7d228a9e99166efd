//! The words of reports: one HTML file about a job, to be handed over.

use super::amounts;
use crate::lang::{Lang, Text};

/// A heading or a label of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportLabel {
    /// The job that this one takes back.
    Undoes,
    /// The job that has taken this one back.
    UndoneBy,
    /// When the last row was sent or answered.
    Latest,
    /// The name of the result sheet.
    ResultSheet,
    /// The name of a plan's preview.
    Preview,
    /// The name of a verification's sheet.
    VerifySheet,
    /// The heading of the rows by outcome.
    RowsByOutcome,
    /// The outcome of rows.
    Outcome,
    /// The share of rows.
    Share,
    /// The heading of the problems by kind.
    ProblemsByKind,
    /// The heading of the problems, equal ones together.
    Problems,
    /// The number of rows with a problem.
    Rows,
    /// What is wrong.
    Problem,
    /// The first row with a problem.
    First,
    /// What to do.
    Remedy,
    /// The heading of the rows that are not done.
    RowsNotDone,
    /// Where a row stands.
    Place,
    /// The customer.
    Customer,
    /// The fields of an export.
    Fields,
    /// The name of an export's file.
    File,
    /// The heading of what has changed since an older export.
    Changes,
    /// The heading of the differences that a verification found.
    Differences,
    /// What differs.
    Difference,
    /// The row of the source.
    SourceRow,
}

impl ReportLabel {
    /// Returns the label's words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Undoes => lang.pick("takes back", "撤销的任务"),
            Self::UndoneBy => lang.pick("taken back by", "已由以下任务撤销"),
            Self::Latest => lang.pick("last row at", "最近一次提交或答复的时间"),
            Self::ResultSheet => lang.pick("result sheet", "结果表"),
            Self::Preview => lang.pick("preview", "预览"),
            Self::VerifySheet => lang.pick("sheet of differences", "核对结果表"),
            Self::RowsByOutcome => lang.pick("Rows by outcome", "各结果的行数"),
            Self::Outcome => lang.pick("outcome", "结果"),
            Self::Share => lang.pick("share", "占比"),
            Self::ProblemsByKind => lang.pick("Problems by kind", "各类问题的次数"),
            Self::Problems => lang.pick(
                "Problems, equal ones together",
                "问题清单（相同的问题合并列出）",
            ),
            Self::Rows => lang.pick("rows", "行数"),
            Self::Problem => lang.pick("problem", "问题"),
            Self::First => lang.pick("first", "首个位置"),
            Self::Remedy => lang.pick("what to do", "处理办法"),
            Self::RowsNotDone => lang.pick("Rows that are not done", "未完成的行"),
            Self::Place => lang.pick("place", "位置"),
            Self::Customer => lang.pick("customer", "客户"),
            Self::Fields => lang.pick("fields", "字段"),
            Self::File => lang.pick("file", "文件"),
            Self::Changes => lang.pick(
                "What has changed since the older export",
                "与上一次导出相比的变更",
            ),
            Self::Differences => lang.pick("Differences", "差异"),
            Self::Difference => lang.pick("what differs", "差异内容"),
            Self::SourceRow => lang.pick("source row", "源表行号"),
        }
    }
}

/// What a chart over time counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceUnit {
    /// Rows that were sent.
    SentRows,
    /// Calls.
    Calls,
}

impl PaceUnit {
    /// Returns the heading of the chart.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::SentRows => lang.pick("Rows sent over time", "提交行数随时间的变化"),
            Self::Calls => lang.pick("Calls over time", "调用次数随时间的变化"),
        }
    }

    /// Returns the word that follows a number in Chinese.
    fn measure(self) -> &'static str {
        match self {
            Self::SentRows => "行",
            Self::Calls => "次",
        }
    }

    /// Says that there were none.
    fn none(self) -> &'static str {
        match self {
            Self::SentRows => "没有提交",
            Self::Calls => "没有调用",
        }
    }

    /// Counts them in English.
    fn counted(self, count: u64) -> String {
        match self {
            Self::SentRows => amounts::rows(count),
            Self::Calls => amounts::counted(count, "call", "calls"),
        }
    }
}

/// Says that a process still works on the job. `done` of `rows` rows have their answer.
pub fn still_running(lang: Lang, done: u64, rows: u64) -> String {
    let all = amounts::rows(rows);
    line!(
        lang,
        "Still at work: {done} of {all} have their answer.",
        "仍在进行：共 {rows} 行，{done} 行已有结果。"
    )
}

/// Says that a job has stopped. `done` of `rows` rows have their answer.
pub fn not_finished(lang: Lang, done: u64, rows: u64) -> String {
    let all = amounts::rows(rows);
    line!(
        lang,
        "Not finished yet: {done} of {all} have their answer.",
        "尚未完成：共 {rows} 行，{done} 行已有结果。"
    )
}

/// Says that an export has stopped.
pub fn export_not_finished(lang: Lang, customers: u64) -> String {
    let all = amounts::counted(customers, "customer is", "customers are");
    line!(
        lang,
        "Not finished yet: {all} here so far, and there is no file.",
        "尚未完成：目前已取得 {customers} 个客户，尚未生成文件。"
    )
}

/// Says that an export is still at work.
pub fn export_running(lang: Lang) -> &'static str {
    lang.pick("Still at work.", "仍在进行。")
}

/// Says that a plan has written nothing.
pub fn only_planned(lang: Lang) -> &'static str {
    lang.pick(
        "A plan: nothing was written to the CRM.",
        "这是计划：尚未向 CRM 写入任何内容。",
    )
}

/// Says that a job died before anything was decided.
pub fn undecided(lang: Lang) -> &'static str {
    lang.pick(
        "Interrupted before anything was decided or sent.",
        "在判定和提交之前已中断，没有写入任何内容。",
    )
}

/// Says that every row is done.
pub fn all_done(lang: Lang, rows: u64) -> String {
    match (lang, rows) {
        (Lang::En, 1) => "Done: the row is dealt with.".to_owned(),
        (Lang::En, _) => format!("Done: all {rows} rows are dealt with."),
        (Lang::Zh, _) => format!("已完成：全部 {rows} 行均已处理。"),
    }
}

/// Says that every row was skipped.
pub fn all_skipped(lang: Lang) -> &'static str {
    lang.pick(
        "Nothing was left to do: every row was skipped.",
        "没有需要处理的行：全部已跳过。",
    )
}

/// Says that rows are wrong and everything else is done.
pub fn done_but(lang: Lang, rows: u64) -> String {
    let some = amounts::counted(rows, "row, which is", "rows, which are");
    line!(
        lang,
        "Done, except for {some} to be mended.",
        "已完成，其中 {rows} 行需要修改后再导入。"
    )
}

/// Says that rows of an undo or a delete were left alone, as a whole or in part.
pub fn done_but_left(lang: Lang, rows: u64) -> String {
    let some = amounts::counted(rows, "row that was", "rows that were");
    line!(
        lang,
        "Done, except for {some} left alone, as a whole or in part.",
        "已完成，其中 {rows} 行全部或部分保持原样。"
    )
}

/// Says that it is not known whether rows were stored.
pub fn unknown(lang: Lang, rows: u64) -> String {
    let some = amounts::counted(rows, "row", "rows");
    line!(
        lang,
        "Of {some} it is not known whether the CRM has stored them: they are not to be imported again before they are looked up.",
        "另有 {rows} 行是否已写入 CRM 尚不清楚：核实之前请勿重复导入。"
    )
}

/// Says that all rows that are known have their answer.
pub fn over_but_unknown(lang: Lang) -> &'static str {
    lang.pick(
        "Over, and some rows are unknown.",
        "已结束，但有待核实的行。",
    )
}

/// Says that `--strict` held every row back, because so many are wrong.
pub fn held_back(lang: Lang, rows: u64) -> String {
    let some = amounts::counted(rows, "row is", "rows are");
    line!(
        lang,
        "Nothing was sent: {some} invalid, and --strict asks for none.",
        "没有提交任何行：{rows} 行校验未通过，而指定了 --strict。"
    )
}

/// Says that an export is complete.
pub fn export_complete(lang: Lang, customers: u64) -> String {
    let all = amounts::customers(customers);
    line!(
        lang,
        "Complete: {all}. Everybody who was there throughout is in the file.",
        "完整：客户 {customers} 个。导出期间一直存在的客户全部在文件中。"
    )
}

/// Says that an export that met a filter is complete.
pub fn filtered_complete(lang: Lang, customers: u64) -> String {
    let all = amounts::customers(customers);
    line!(
        lang,
        "Complete: {all} that the CRM finds for the filter.",
        "完整：CRM 按筛选条件查到的客户 {customers} 个。"
    )
}

/// Says that customers may be missing in an export.
pub fn export_incomplete(lang: Lang, message: &str, code: &str) -> String {
    line!(
        lang,
        "Incomplete: customers may be missing. {message} [{code}]",
        "不完整：可能缺少客户。{message} [{code}]"
    )
}

/// Names a verification.
pub fn verification(lang: Lang, act: &str) -> String {
    line!(lang, "Verification: {act}", "核对：{act}")
}

/// Says how many lines a table leaves out, and which sheet has them; nothing of none.
pub fn more(lang: Lang, count: u64, sheet: &str) -> String {
    match (lang, count, sheet) {
        (_, 0, _) => String::new(),
        (Lang::En, _, "") => format!("… and {count} more."),
        (Lang::Zh, _, "") => format!("……另有 {count} 处。"),
        (Lang::En, ..) => format!("… and {count} more: see {sheet}."),
        (Lang::Zh, ..) => format!("……另有 {count} 处，见 {sheet}。"),
    }
}

/// Says what a chart over time shows.
pub fn pace(lang: Lang, unit: PaceUnit, most: &str, average: &str) -> String {
    let measure = unit.measure();
    line!(
        lang,
        "{most} a second at most, {average} on average.",
        "每秒最高 {most} {measure}，平均 {average} {measure}。"
    )
}

/// Says what happened in a time that is too short for a chart.
pub fn in_short(lang: Lang, unit: PaceUnit, count: u64, (from, to): (&str, &str)) -> String {
    let (counted, measure) = (unit.counted(count), unit.measure());
    line!(
        lang,
        "{counted} from {from} to {to}.",
        "{from} 至 {to}，共 {count} {measure}。"
    )
}

/// Says that the remedy of a problem stands above.
pub fn as_above(lang: Lang) -> &'static str {
    lang.pick("as above", "同上")
}

/// Says a pause that the chart cuts.
pub fn pause(
    lang: Lang,
    unit: PaceUnit,
    number: usize,
    (from, to): (&str, &str),
    time: &str,
) -> String {
    let none = unit.none();
    line!(
        lang,
        "[{number}] nothing from {from} to {to} ({time})",
        "[{number}] {from} 至 {to} {none}（{time}）"
    )
}

/// Says by which program a report was made, and when.
pub fn made_by(lang: Lang, version: &str, when: &str, zone: &str) -> String {
    line!(
        lang,
        "ferry {version} · made {when} ({zone})",
        "ferry {version} · 生成于 {when}（{zone}）"
    )
}

/// Says that no fields were chosen.
pub fn all_fields(lang: Lang) -> &'static str {
    lang.pick("all", "全部")
}

/// Names the part of a file's name that says what it is.
pub fn kind_of_file(lang: Lang) -> &'static str {
    lang.pick("report", "报告")
}

/// Names a report that was written.
pub fn written(lang: Lang, path: &str) -> String {
    line!(lang, "report: {path}", "报告：{path}")
}

/// Says that the report was not written, and how to write it.
pub fn not_written(lang: Lang, command: &str) -> String {
    line!(
        lang,
        "the report is not written: {command} --report report.html",
        "报告未能写出：请运行 {command} --report 报告.html"
    )
}

/// Says that a report goes into an HTML file.
pub fn no_html(path: &str) -> (Text, Text) {
    (
        both!(
            "--report: {path} ends with neither .html nor .htm",
            "--report：{path} 的扩展名不是 .html 或 .htm"
        ),
        both!(
            "a report is a file for a browser: name it report.html",
            "报告用浏览器打开：请用 报告.html 这样的文件名"
        ),
    )
}
