//! The words in files that ferry writes: names of files and sheets, and titles of columns that are no contract.

use super::{Lang, Words};
use crate::model::JobKind;
use crate::model::{Action, Code, Status};

/// The parts between stem and time in the names of files: what was done, in English and in Chinese.
const KINDS_OF_SHEET: &[(&str, &str)] = &[
    ("import", "导入结果"),
    ("delete", "删除结果"),
    ("undo", "撤销结果"),
    ("plan", "导入预览"),
    ("undo-preview", "撤销预览"),
    ("delete-preview", "删除预览"),
    ("verify", "核对结果"),
    ("duplicates", "重复客户"),
];

/// Returns the part between stem and time in the name of a job's result sheet.
pub fn kind_of_sheet(command: &str, lang: Lang) -> &str {
    let mut kinds = KINDS_OF_SHEET.iter();
    match kinds.find(|(english, _)| *english == command) {
        Some((_, chinese)) if lang == Lang::Zh => chinese,
        _ => command,
    }
}

/// Returns whether a part of a name is one that [`kind_of_sheet`] gives, in any language.
pub fn is_kind_of_sheet(part: &str) -> bool {
    let mut kinds = KINDS_OF_SHEET.iter();
    kinds.any(|(english, chinese)| *english == part || *chinese == part)
}

/// Returns the name of the sheet with a row for each row of the source.
pub fn results(lang: Lang, kind: &JobKind) -> &'static str {
    match kind {
        JobKind::Undo { .. } => lang.pick("Results", "撤销结果"),
        JobKind::Delete => lang.pick("Results", "删除结果"),
        JobKind::Import | JobKind::Export => lang.pick("Results", "导入结果"),
    }
}

/// Returns whether a code says that a row was left alone because somebody has changed or added something since.
pub fn is_left_alone(code: Code) -> bool {
    LEFT_ALONE.contains(&code)
}

/// The codes that say so.
pub const LEFT_ALONE: [Code; 6] = [
    Code::ChangedSincePlan,
    Code::AddedSincePlan,
    Code::LeftAlone,
    Code::ChangedSinceAdd,
    Code::AdoptedLeft,
    Code::AddedSince,
];

/// Returns the outcome of a row that was left alone.
pub fn left_alone(lang: Lang) -> &'static str {
    lang.pick("changed since, left alone", "有变化，已保持原样")
}

/// Returns the name of the sheet with a row for each row of a planned source.
pub fn preview(lang: Lang, kind: &JobKind) -> &'static str {
    match kind {
        JobKind::Undo { .. } => lang.pick("Undo preview", "撤销预览"),
        JobKind::Delete => lang.pick("Delete preview", "删除预览"),
        JobKind::Import | JobKind::Export => lang.pick("Preview", "导入预览"),
    }
}

/// Returns what becomes of a row that is united with one above it: `row` is the number of that row in the source, and
/// `outcome` what becomes of it, in words.
pub fn united_with(lang: Lang, row: &str, outcome: &str) -> String {
    match lang {
        Lang::En => format!("united with source row {row}: {outcome}"),
        Lang::Zh => format!("与源表第 {row} 行合并：{outcome}"),
    }
}

/// Returns the label of the rows that are united with one above them, for counts.
pub fn united(lang: Lang) -> &'static str {
    lang.pick("united with a row above", "与上方的行合并")
}

/// Returns the outcome that a row would have.
pub fn planned(status: Status, action: Action, lang: Lang) -> &'static str {
    match (status, action) {
        (Status::Pending, Action::Update) => lang.pick("would be updated", "将更新"),
        (Status::Pending, Action::Delete) => lang.pick("would be deleted", "将删除"),
        (Status::Pending, Action::Restore) => lang.pick("would be restored", "将恢复"),
        (Status::Pending, _) => lang.pick("would be added", "将新增"),
        (Status::Invalid, _) => lang.pick("not valid, would not be sent", "校验未通过（不会提交）"),
        (status, action) => outcome(status, action, lang),
    }
}

/// Returns what a cell shows where nothing is stored.
pub fn blank(lang: Lang) -> &'static str {
    lang.pick("(blank)", "（空）")
}

/// Returns an old value and a new one, for one cell.
pub fn old_and_new(lang: Lang, old: &str, new: &str) -> String {
    let said = |text: &str| {
        if text.is_empty() {
            blank(lang).to_owned()
        } else {
            text.to_owned()
        }
    };
    format!("{} → {}", said(old), said(new))
}

/// Returns the name of the sheet with the rows of a check.
pub fn checked_rows(lang: Lang) -> &'static str {
    lang.pick("Check", "校验结果")
}

/// Returns the name of the sheet of problems.
pub fn problems(lang: Lang) -> &'static str {
    lang.pick("Problems", "问题清单")
}

/// Returns the name of the sheet of counts.
pub fn summary(lang: Lang) -> &'static str {
    lang.pick("Summary", "汇总")
}

/// Returns the name of the column with the outcome in words. Both names are recognised when a sheet comes back.
pub fn result_column(lang: Lang) -> &'static str {
    lang.pick("_result", "_结果")
}

/// Returns the outcome of a row in words, for the `_result` or `_结果` column.
pub fn outcome(status: Status, action: Action, lang: Lang) -> &'static str {
    match (status, action) {
        (Status::Ok, Action::Update) => lang.pick("updated", "更新成功"),
        (Status::Ok, Action::Delete) => lang.pick("deleted", "删除成功"),
        (Status::Ok, Action::Restore) => lang.pick("restored", "恢复成功"),
        (Status::Ok, _) => lang.pick("added", "新增成功"),
        (Status::Unchanged, _) => lang.pick("unchanged", "无变化"),
        (Status::Invalid, _) => lang.pick("not valid, not sent", "校验未通过（未提交）"),
        (Status::Failed, _) => lang.pick("refused by the CRM", "系统拒绝"),
        (Status::Unknown, _) => lang.pick(
            "unknown: may have been stored, do not import again",
            "待核实（可能已写入，勿重复导入）",
        ),
        (Status::Skipped, _) => lang.pick("skipped", "已跳过"),
        (Status::Pending, _) => lang.pick("not sent yet", "未处理"),
    }
}

/// What a check says of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckedOutcome {
    /// It would be sent.
    Valid,
    /// It would be skipped.
    Skipped,
    /// It would be sent as a part of a row above.
    United,
    /// It would be looked for.
    Unknown,
    /// It has problems.
    Wrong,
}

impl CheckedOutcome {
    /// Returns the words for people.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Valid => lang.pick("valid", "校验通过"),
            Self::Skipped => lang.pick("would be skipped", "将跳过"),
            Self::United => united(lang),
            Self::Unknown => lang.pick("unknown: would be looked up", "待核实（将查找）"),
            Self::Wrong => lang.pick("not valid", "校验未通过"),
        }
    }
}

/// Returns the titles of the sheet of problems.
pub fn problem_columns(lang: Lang) -> [&'static str; 8] {
    lang.pick(
        [
            "customer",
            "cell",
            "source row",
            "column",
            "value",
            "code",
            "message",
            "tip",
        ],
        [
            "客户",
            "单元格",
            "源表行号",
            "列",
            "内容",
            "代码",
            "问题",
            "处理办法",
        ],
    )
}

/// Returns what a note on a cell begins with: the problem's code, and the cell of the source.
pub fn place_of_note(lang: Lang, code: &str, source: &str) -> String {
    match lang {
        Lang::En => format!("{code}, source {source}"),
        Lang::Zh => format!("{code}（源表 {source}）"),
    }
}

/// Returns the name of the sheet with the differences that a verification found.
pub fn verified(lang: Lang) -> &'static str {
    lang.pick("Verification", "核对结果")
}

/// The column of the second customers that a verification found. `ferry delete` takes these alone.
pub const SECOND_ID: &str = "_second_id";

/// Returns the titles of the sheet of a verification.
pub fn verify_columns(lang: Lang) -> [&'static str; 10] {
    lang.pick(
        [
            "row", "_id", SECOND_ID, "customer", "field", "sent", "stored", "code", "problem",
            "tip",
        ],
        [
            "行号",
            "_id",
            SECOND_ID,
            "客户",
            "字段",
            "提交的内容",
            "CRM 中的内容",
            "代码",
            "问题",
            "处理办法",
        ],
    )
}

/// A label of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SummaryLabel {
    /// The heading of the job's facts.
    JobHeading,
    /// The heading of a check's facts.
    CheckHeading,
    /// The job's name.
    Job,
    /// The account.
    Account,
    /// The source file.
    Source,
    /// When the job began.
    Began,
    /// The time zone of all moments in the sheets.
    Timezone,
    /// How long the job worked.
    TimeSpent,
    /// Calls, retries included.
    Calls,
    /// The pace, in calls a second.
    Pace,
    /// The heading of the counts by status, and the chart's title.
    RowsByStatus,
    /// The title of the column of counts of rows.
    Rows,
    /// The count of all rows.
    AllRows,
    /// The heading of the counts by code.
    ProblemsByCode,
    /// The title of the column of counts of problems.
    Times,
    /// The heading of a verification's facts.
    VerifyHeading,
    /// When the rows were verified.
    VerifiedAt,
    /// Rows that were compared.
    ComparedRows,
    /// Fields that were compared.
    ComparedFields,
    /// Rows with a difference.
    DifferentRows,
    /// Added rows for which second customers were searched.
    LookedForTwice,
    /// Rows whose outcome is not known. They were not compared.
    NotComparedRows,
    /// The result of the verification.
    Verdict,
    /// The result where everything is stored as it was sent.
    VerifiedClean,
    /// The result where something is stored otherwise.
    VerifiedDifferent,
    /// The result where all known rows are as they were sent, and some rows are unknown.
    VerifiedButUnknown,
}

impl SummaryLabel {
    /// Returns the label's words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::JobHeading => lang.pick("Job", "任务信息"),
            Self::CheckHeading => lang.pick("Check", "校验信息"),
            Self::Job => lang.pick("job", "任务"),
            Self::Account => lang.pick("account", "账号"),
            Self::Source => lang.pick("source", "源文件"),
            Self::Began => lang.pick("began", "开始时间"),
            Self::Timezone => lang.pick("time zone", "时区"),
            Self::TimeSpent => lang.pick("time spent", "用时"),
            Self::Calls => lang.pick("calls", "调用次数"),
            Self::Pace => lang.pick("pace", "平均速率"),
            Self::RowsByStatus => lang.pick("Rows by status", "各状态的行数"),
            Self::Rows => lang.pick("rows", "行数"),
            Self::AllRows => lang.pick("all rows", "合计"),
            Self::ProblemsByCode => lang.pick("Problems by code", "各类问题的次数"),
            Self::Times => lang.pick("times", "次数"),
            Self::VerifyHeading => lang.pick("Verification", "核对"),
            Self::VerifiedAt => lang.pick("verified at", "核对时间"),
            Self::ComparedRows => lang.pick("rows compared", "核对行数"),
            Self::ComparedFields => lang.pick("fields compared", "核对字段数"),
            Self::DifferentRows => lang.pick("rows that differ", "有差异的行"),
            Self::LookedForTwice => {
                lang.pick("adds looked for second customers", "查找过重复存储的新增行")
            }
            Self::NotComparedRows => lang.pick(
                "rows whose outcome is not known: not compared",
                "待核实、未能比较的行",
            ),
            Self::Verdict => lang.pick("result", "结论"),
            Self::VerifiedClean => lang.pick("everything is as it was sent", "与提交的全部一致"),
            Self::VerifiedButUnknown => lang.pick(
                "what is known is as it was sent; rows are unknown: see the next sheet",
                "已知的行与提交的一致；另有待核实的行，见下一张表",
            ),
            Self::VerifiedDifferent => {
                lang.pick("differences: see the next sheet", "有差异，见下一张表")
            }
        }
    }
}

/// Returns a status for the summary, in the words of the sheet's language.
pub fn status(lang: Lang, status: Status) -> String {
    let chinese = match status {
        Status::Pending => "未处理",
        Status::Ok => "成功",
        Status::Unchanged => "无变化",
        Status::Invalid => "校验未通过",
        Status::Failed => "系统拒绝",
        Status::Unknown => "待核实",
        Status::Skipped => "已跳过",
    };
    match lang {
        Lang::En => status.to_string(),
        Lang::Zh => chinese.to_owned(),
    }
}

/// Returns a number of seconds.
pub fn seconds(lang: Lang, seconds: f64) -> String {
    match lang {
        Lang::En => format!("{seconds:.1} s"),
        Lang::Zh => format!("{seconds:.1} 秒"),
    }
}

/// Returns a pace in calls a second.
pub fn pace(lang: Lang, calls_per_second: f64) -> String {
    match lang {
        Lang::En => format!("{calls_per_second:.1} calls/s"),
        Lang::Zh => format!("{calls_per_second:.1} 次/秒"),
    }
}

/// Returns the separator between the messages, tips or codes of one row.
pub fn between(lang: Lang) -> &'static str {
    lang.pick("; ", "；")
}

/// Returns the note on a cell: the place, the problem and the remedy.
pub fn cell_note(lang: Lang, place: &str, words: &Words) -> String {
    let Words { message, tip } = words;
    match lang {
        Lang::En => format!("{place}: {message}\n{tip}"),
        Lang::Zh => format!("{place}：{message}\n{tip}"),
    }
}

/// Returns the note on a cell whose text is too long for a workbook.
pub fn cut_cell(lang: Lang) -> &'static str {
    lang.pick(
        "The text is longer than the 32 767 characters of a cell, and is cut here. A result in .csv (`-o result.csv`) holds it whole.",
        "内容超过单元格上限 32 767 个字符，此处已截断。结果写成 .csv（`-o 结果.csv`）可保留完整内容。",
    )
}

/// Returns the note of a cell that a person has corrected; `was` is empty for a blank cell.
pub fn corrected_cell(lang: Lang, was: &str) -> String {
    match (lang, was) {
        (Lang::En, "") => "was blank (corrected)".to_owned(),
        (Lang::Zh, "") => "原为空（已更正）".to_owned(),
        (Lang::En, was) => format!("was: {was} (corrected)"),
        (Lang::Zh, was) => format!("原为：{was}（已更正）"),
    }
}

/// Returns the name of the sheet of an export's customers.
pub fn customers(lang: Lang) -> &'static str {
    lang.pick("Customers", "客户")
}

/// The column of a sheet of duplicates with the number of the group. `ferry delete` reads it.
pub const GROUP: &str = "_group";
/// The column of a sheet of duplicates that marks who stays. `ferry delete` reads it.
pub const KEEP: &str = "_keep";
/// The column of a sheet of duplicates with the keys by which a customer was found.
pub const MATCHED_BY: &str = "_matched_by";

/// Returns the name of the sheet of duplicates.
pub fn duplicates(lang: Lang) -> &'static str {
    lang.pick("Duplicates", "重复客户")
}

/// Returns what a cell of the column [`KEEP`] says of a customer that is to stay.
pub fn keeps(lang: Lang) -> &'static str {
    lang.pick("yes", "是")
}

/// A label of the summary of duplicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DupesLabel {
    /// The heading of the facts.
    Heading,
    /// Whether all customers were looked at.
    Complete,
    /// Where the customers come from.
    Source,
    /// Customers that were looked at.
    Customers,
    /// Groups of customers that are held twice.
    Groups,
    /// Customers in these groups.
    InGroups,
    /// Customers that are not proposed to stay.
    ToDelete,
    /// The heading of the counts by key.
    ByKey,
    /// How the customer that stays is proposed.
    Rule,
    /// What is coloured.
    Coloured,
    /// What comes next.
    Next,
}

impl DupesLabel {
    /// Returns the label's words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Heading => lang.pick("Duplicates", "重复客户"),
            Self::Complete => lang.pick("all customers were looked at", "是否查看了全部客户"),
            Self::Source => lang.pick("of", "来源"),
            Self::Customers => lang.pick("customers looked at", "查看的客户数"),
            Self::Groups => lang.pick("groups", "重复的组数"),
            Self::InGroups => lang.pick("customers in groups", "组内客户数"),
            Self::ToDelete => lang.pick("proposed to delete", "建议删除的客户数"),
            Self::ByKey => lang.pick("Groups by key", "按查重字段统计的组数"),
            Self::Rule => lang.pick(
                "`_keep` proposes the oldest customer of each group. Those whose `_keep` is blank are deleted: look through them first, and mark who is to stay.",
                "`_keep` 建议保留每组中最早创建的客户。`_keep` 为空的会被删除：请先逐组核对，并标出要保留的客户。",
            ),
            Self::Coloured => lang.pick(
                "Coloured is what a customer says otherwise than the first of its group, and what would be lost with it.",
                "着色的单元格与组内第一个客户不同，删除后会丢失。",
            ),
            Self::Next => lang.pick(
                "Then: ferry delete with this file. Copies are kept, and ferry undo adds the customers again.",
                "然后对本文件运行 ferry delete。删除前会保留副本，ferry undo 可将客户重新添加。",
            ),
        }
    }
}

/// Returns the name of the sheet of changes since an older export.
pub fn changes(lang: Lang) -> &'static str {
    lang.pick("Changes", "变更明细")
}

/// Returns the titles of the sheet of changes.
pub fn change_columns(lang: Lang) -> [&'static str; 6] {
    lang.pick(
        ["change", "_id", "customer", "field", "old", "new"],
        ["变更", "_id", "客户", "字段", "原值", "新值"],
    )
}

/// Returns the words for a kind of change between two exports, by its name in `--json`.
pub fn change(lang: Lang, kind: &str) -> &'static str {
    match kind {
        "added" => lang.pick("added", "新增"),
        "gone" => lang.pick("gone", "本次未查到"),
        _ => lang.pick("changed", "修改"),
    }
}

/// Returns the mark behind the stem of an incomplete export.
pub fn incomplete_mark(lang: Lang) -> &'static str {
    lang.pick("_incomplete", "_不完整")
}

/// Returns the mark behind the stem of the file of changes beside a CSV export.
pub fn changes_mark(lang: Lang) -> &'static str {
    lang.pick("_changes", "_变更明细")
}

/// Says whether an export is complete.
pub fn is_complete(lang: Lang, complete: bool) -> &'static str {
    if complete {
        lang.pick("yes", "是")
    } else {
        lang.pick("NO: customers may be missing", "否：可能缺少客户")
    }
}

/// Says that an export has no filter.
pub fn no_filter(lang: Lang) -> &'static str {
    lang.pick("all customers", "全部客户")
}

/// Returns the title of the counts of customers by a field.
pub fn customers_by(lang: Lang, field: &str) -> String {
    match lang {
        Lang::En => format!("Customers by {field}"),
        Lang::Zh => format!("按{field}统计的客户数"),
    }
}

/// Returns the label of customers without a value.
pub fn no_word(lang: Lang) -> &'static str {
    lang.pick("(blank)", "（空）")
}

/// Returns the label of all values that are not listed.
pub fn other_words(lang: Lang) -> &'static str {
    lang.pick("others", "其他")
}

/// A label of an export's summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportLabel {
    /// The heading of the facts.
    Heading,
    /// Whether the export is complete.
    Complete,
    /// Customers in the file.
    Customers,
    /// The filter.
    Filter,
    /// The account.
    Account,
    /// The job's name.
    Job,
    /// When the export began.
    Began,
    /// When the file was written.
    Ended,
    /// The zone of all times.
    Timezone,
    /// How many customers the CRM counted at the start.
    CountAtStart,
    /// Customers that were created while the list was read, and that are in the file.
    CreatedMeanwhile,
    /// Customers that were deleted while the list was read.
    GoneMeanwhile,
    /// Customers that the list showed twice.
    Repeats,
    /// Pages with fewer customers than were asked for.
    ShortPages,
    /// Customers that the CRM found and that do not meet the filter.
    NotMatching,
    /// Texts that were cut.
    CutTexts,
    /// Passes over the list.
    Passes,
    /// Pages of all passes.
    Pages,
    /// Calls, retries included.
    Calls,
    /// How long the export worked.
    TimeSpent,
    /// The older export that was compared.
    ComparedWith,
    /// The differences from the older export.
    Differences,
    /// The heading of the months, and the chart's title.
    ByMonth,
    /// Customers without a time of creation.
    Undated,
}

impl ExportLabel {
    /// Returns the label's words.
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Self::Heading => lang.pick("Export", "导出信息"),
            Self::Complete => lang.pick("complete", "是否完整"),
            Self::Customers => lang.pick("customers", "客户数"),
            Self::Filter => lang.pick("filter", "筛选"),
            Self::Account => lang.pick("account", "账号"),
            Self::Job => lang.pick("job", "任务"),
            Self::Began => lang.pick("began", "开始时间"),
            Self::Ended => lang.pick("ended", "结束时间"),
            Self::Timezone => lang.pick("time zone", "时区"),
            Self::CountAtStart => {
                lang.pick("customers in the CRM at the start", "开始时 CRM 中的客户数")
            }
            Self::CreatedMeanwhile => lang.pick(
                "created while it was read, and here",
                "读取期间新建并已包含",
            ),
            Self::GoneMeanwhile => lang.pick("gone while it was read", "读取期间已不存在"),
            Self::Repeats => lang.pick("repeats that were dropped", "去掉的重复"),
            Self::ShortPages => lang.pick("pages with too few customers", "客户不足的页"),
            Self::NotMatching => lang.pick(
                "found without matching, left out",
                "查到但不符合筛选，已略去",
            ),
            Self::CutTexts => lang.pick(
                "texts cut at 32 767 characters",
                "截断的内容（32 767 字符）",
            ),
            Self::Passes => lang.pick("passes over the list", "读取遍数"),
            Self::Pages => lang.pick("pages", "页数"),
            Self::Calls => lang.pick("calls", "调用次数"),
            Self::TimeSpent => lang.pick("time spent", "用时"),
            Self::ComparedWith => lang.pick("compared with", "比较的基准"),
            Self::Differences => lang.pick("differences", "变更"),
            Self::ByMonth => lang.pick("Customers by month of creation", "按创建月份统计的客户数"),
            Self::Undated => lang.pick("no time of creation", "没有创建时间"),
        }
    }
}
