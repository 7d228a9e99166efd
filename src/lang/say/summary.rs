//! The sentences about the result of a job.

use crate::lang::Lang;

/// The outcome of rows, for counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountedOutcome {
    /// New customers were added.
    Added,
    /// Customers were changed.
    Updated,
    /// Customers were deleted.
    Deleted,
    /// Customers have again the values that they had before.
    Restored,
    /// The customers were already stored as the sheet says.
    Unchanged,
    /// The rows were left alone.
    Skipped,
    /// The rows are one customer with a row above, whose outcome they share.
    United,
    /// The rows were not sent.
    Invalid,
    /// The rows were left alone because something has changed since.
    Kept,
    /// The CRM refused the rows.
    Failed,
    /// The rows may have been stored.
    Unknown,
    /// The rows are still to be sent.
    Pending,
}

impl CountedOutcome {
    /// Returns the outcome in words: `added`.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Added => lang.pick("added", "新增成功"),
            Self::Updated => lang.pick("updated", "更新成功"),
            Self::Deleted => lang.pick("deleted", "删除成功"),
            Self::Restored => lang.pick("restored", "恢复成功"),
            Self::Unchanged => lang.pick("unchanged", "无变化"),
            Self::Skipped => lang.pick("skipped", "已跳过"),
            Self::United => crate::lang::sheets::united(lang),
            Self::Invalid => lang.pick("invalid", "校验未通过"),
            Self::Kept => crate::lang::sheets::left_alone(lang),
            Self::Failed => lang.pick("failed", "系统拒绝"),
            Self::Unknown => lang.pick("unknown", "待核实"),
            Self::Pending => lang.pick("not sent yet", "未处理"),
        }
    }
}

/// Returns a count with its outcome: `36 added`.
pub fn counted(lang: Lang, outcome: CountedOutcome, count: u64) -> String {
    let word = outcome.name(lang);
    line!(lang, "{count} {word}", "{word} {count}")
}

/// Joins counts.
pub fn counts(lang: Lang, counted: &[String]) -> String {
    counted.join(lang.pick(", ", "，"))
}

/// Says that no row needed anything.
pub fn nothing_to_do(lang: Lang) -> &'static str {
    lang.pick("nothing to do", "没有需要处理的行")
}

/// Says the counts of a job and its cost.
pub fn total(lang: Lang, rows: u64, counted: &str, calls: u64, time: &str) -> String {
    let in_calls = super::amounts::calls(calls);
    let in_rows = super::amounts::rows(rows);
    line!(
        lang,
        "{in_rows}: {counted} · {in_calls} in {time}",
        "共 {rows} 行：{counted} · 调用 {calls} 次，用时 {time}"
    )
}

/// Says what a job cost.
pub fn cost(lang: Lang, calls: u64, time: &str) -> String {
    line!(lang, "{calls} in {time}", "{calls} 次，用时 {time}")
}

/// Names a row, where a problem is of no cell.
pub fn row(lang: Lang, number: u32) -> String {
    line!(lang, "row {number}", "第 {number} 行")
}

/// Says a problem and its place.
pub fn problem_line(lang: Lang, place: &str, message: &str, code: &str) -> String {
    line!(
        lang,
        "{place}: {message} [{code}]",
        "{place}：{message} [{code}]"
    )
}

/// Names a row of the source, where the address beside it is of another sheet.
pub fn source_row(lang: Lang, name: &str) -> String {
    line!(lang, "source row {name}", "源表第 {name} 行")
}

/// Returns an address with what explains it: `J20 (source row 20, 吴秀英)`. Blank explanations are left out.
pub fn place(lang: Lang, address: &str, beside: &[&str]) -> String {
    let beside: Vec<&str> = beside
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    if beside.is_empty() {
        return address.to_owned();
    }
    let beside = beside.join(lang.pick(", ", "，"));
    line!(lang, "{address} ({beside})", "{address}（{beside}）")
}

/// Says a problem that several rows have, and the place of the first.
pub fn many_problems(lang: Lang, times: u64, message: &str, code: &str, place: &str) -> String {
    line!(
        lang,
        "{times} × {message} [{code}], first: {place}",
        "{times} 行：{message} [{code}]，首个：{place}"
    )
}

/// Names the result sheet.
pub fn result(lang: Lang, path: &str) -> String {
    line!(lang, "result sheet: {path}", "结果表：{path}")
}

/// Says that the result sheet was not written, and how to write it.
pub fn no_result(lang: Lang, command: &str) -> String {
    line!(
        lang,
        "the result sheet is not written: {command} --result result.xlsx",
        "结果表未能写出：请运行 {command} --result 结果.xlsx"
    )
}

/// Says why the job stopped by itself.
pub fn stopped(lang: Lang, message: &str, code: &str) -> String {
    line!(
        lang,
        "stopped: {message} [{code}]",
        "已停止：{message} [{code}]"
    )
}

/// Says that a person stopped the job.
pub fn stopped_as_asked(lang: Lang) -> &'static str {
    lang.pick("stopped, as asked", "已按要求停止")
}

/// Says that `--limit` is reached.
pub fn trial_over(lang: Lang) -> &'static str {
    lang.pick("the trial is over", "试运行结束")
}

/// Says that `--strict` held every row back.
pub fn held_back(lang: Lang) -> &'static str {
    lang.pick(
        "nothing was sent: --strict, and some rows are invalid",
        "没有提交任何行：指定了 --strict，而有些行校验未通过",
    )
}

/// Says what to do after `--strict` held every row back.
pub fn mend_and_import(lang: Lang) -> &'static str {
    lang.pick(
        "mend them in the file and import it again",
        "请在文件中修改后重新导入",
    )
}

/// Names the command that resumes the job.
pub fn go_on_with(lang: Lang, command: &str) -> String {
    line!(lang, "go on with: {command}", "继续请运行：{command}")
}

/// Says what to do about rows in doubt.
pub fn look_up_unknown(lang: Lang, resume: &str) -> String {
    match lang {
        Lang::En => format!(
            "rows that are unknown may have been stored. `{resume}` looks them up once more; _tip says how you settle them yourself"
        ),
        Lang::Zh => format!(
            "待核实的行可能已写入，勿重复导入。`{resume}` 会再查找一次；_tip 说明如何自行核实"
        ),
    }
}

/// Says what to do when every row was skipped.
pub fn all_added_before(lang: Lang) -> &'static str {
    lang.pick(
        "every row was added before, see _error in the result sheet; --again adds them once more",
        "每一行以前都已添加，见结果表的 _error 列；加 --again 可再添加一次",
    )
}

/// Says what to do about rows that are not done.
pub fn mend_the_rows(lang: Lang) -> &'static str {
    lang.pick(
        "mend the rows in the result sheet and import it; rows that are done are left alone",
        "请在结果表中修改有问题的行，然后导入结果表；已完成的行不会再动",
    )
}

/// Says what to do about rows that an undo or a delete left.
pub fn see_what_was_left(lang: Lang, is_undo: bool) -> &'static str {
    if is_undo {
        lang.pick(
            "what was not taken back stands in the result sheet, with the reason; the sheet is not to be imported",
            "没有撤销的行及原因见结果表；这份结果表不能用于导入",
        )
    } else {
        lang.pick(
            "what was not deleted stands in the result sheet, with the reason",
            "没有删除的行及原因见结果表",
        )
    }
}
