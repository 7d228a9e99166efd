//! The sentences of `ferry plan`, `ferry apply` and `ferry verify`.

use super::amounts;
use crate::lang::{Lang, Text, sheets};

/// Says how many customers would change their owner.
pub fn owner_changes(lang: Lang, count: u64) -> String {
    let all = amounts::customers(count);
    line!(
        lang,
        "{all} would get another owner",
        "{count} 个客户将更换负责人"
    )
}

/// Shows a field that would change. `customer` is the customer's name, or the id of one without a name.
pub fn change(
    lang: Lang,
    (row, customer): (u32, &str),
    field: &str,
    (old, new): (&str, &str),
) -> String {
    let change = sheets::old_and_new(lang, old, new);
    line!(
        lang,
        "source row {row}, {customer}: {field}: {change}",
        "源表第 {row} 行，{customer}：{field}：{change}"
    )
}

/// Says that only the preview shows all changes.
pub fn all_in_sheet(lang: Lang) -> &'static str {
    lang.pick("all changes are in the preview", "全部变更见预览")
}

/// Names the preview.
pub fn sheet(lang: Lang, path: &str) -> String {
    line!(lang, "preview: {path}", "预览：{path}")
}

/// Says that the preview could not be written.
pub fn no_sheet(lang: Lang) -> &'static str {
    lang.pick("the preview is not written", "导入预览未能写出")
}

/// Names the command that applies a plan.
pub fn apply_with(lang: Lang, command: &str) -> String {
    line!(
        lang,
        "nothing was written. Do it with: {command}",
        "没有写入任何内容。执行请运行：{command}"
    )
}

/// Says that nothing would be sent.
pub fn nothing_to_apply(lang: Lang) -> &'static str {
    lang.pick("nothing would be sent", "没有需要提交的内容")
}

/// Says that there is no plan to apply.
pub fn none_planned() -> (Text, Text) {
    (
        both!("no plan waits to be applied", "没有待执行的计划"),
        both!(
            "`ferry plan FILE` makes one",
            "`ferry plan 文件` 可生成计划"
        ),
    )
}

/// Says that `--dry-run` wrote nothing.
pub fn dry_run(lang: Lang) -> &'static str {
    lang.pick(
        "nothing was written: --dry-run",
        "没有写入任何内容：指定了 --dry-run",
    )
}

/// Says that no job has written anything.
pub fn none_written() -> (Text, Text) {
    (
        both!("no job has written anything", "没有写入过内容的任务"),
        both!("`ferry jobs` lists all jobs", "`ferry jobs` 会列出全部任务"),
    )
}

/// Names the job that is read back.
pub fn verifying(lang: Lang, job: &str, source: &str) -> String {
    line!(
        lang,
        "reading back what job {job} wrote, from {source}",
        "核对任务 {job} 写入的内容，来自 {source}"
    )
}

/// Names the plan that is carried out.
pub fn applying(lang: Lang, job: &str, source: &str) -> String {
    line!(
        lang,
        "carrying out plan {job} of {source}",
        "执行计划 {job}，来自 {source}"
    )
}

/// Says that other jobs have run since the latest plan was made.
pub fn not_the_latest(lang: Lang, (job, when): (&str, &str), source: &str, since: &str) -> String {
    line!(
        lang,
        "the latest plan is {job}, of {source}, made at {when}; job {since} has run since",
        "最近的计划是 {job}（{source}，制定于 {when}）；之后又运行过任务 {since}"
    )
}

/// Asks whether the latest plan is meant.
pub fn ask_whether_meant(lang: Lang) -> &'static str {
    lang.pick(
        "Is this the plan to carry out? [y/N] ",
        "要执行的就是这个计划吗？[y/N] ",
    )
}

/// Says that the plan was not meant, and how the one that is meant is carried out. `source` is the file of the plan, as
/// a shell takes it.
pub fn not_this_plan(plan: &str) -> (Text, Text) {
    (
        both!(
            "not carried out; the plan stays as it is",
            "没有执行；该计划保持不变"
        ),
        both!(
            "`ferry jobs` lists every plan, and `ferry apply JOB` carries out the one that is named; `{plan}` makes a new one",
            "`ferry jobs` 会列出所有计划，`ferry apply JOB` 执行指定的那一个；`{plan}` 重新制定计划"
        ),
    )
}

/// Says how many rows and fields a verification compared, and how many rows differ.
pub fn verified(
    lang: Lang,
    rows: u64,
    fields: u64,
    different: u64,
    calls: u64,
    time: &str,
) -> String {
    let in_calls = amounts::calls(calls);
    let (in_rows, in_fields) = (amounts::rows(rows), amounts::fields(fields));
    if different == 0 {
        return line!(
            lang,
            "{in_rows}, {in_fields}: everything is as it was sent · {in_calls} in {time}",
            "共 {rows} 行、{fields} 个字段：与提交的全部一致 · 调用 {calls} 次，用时 {time}"
        );
    }
    line!(
        lang,
        "{in_rows}, {in_fields}: differences in {different} · {in_calls} in {time}",
        "共 {rows} 行、{fields} 个字段：{different} 行有差异 · 调用 {calls} 次，用时 {time}"
    )
}

/// Says how many rows a verification could not compare, and which command settles them.
pub fn verified_unknown(lang: Lang, rows: u64, resume: &str) -> (String, String) {
    let more = amounts::counted(rows, "row more is", "rows more are");
    (
        line!(
            lang,
            "{more} unknown: whether the CRM has it is not known, so it was not compared",
            "另有 {rows} 行待核实：是否写入尚不清楚，因此没有比较"
        ),
        line!(
            lang,
            "`{resume}` looks them up in the CRM",
            "`{resume}` 会到系统中查找"
        ),
    )
}

/// Names the sheet of a verification.
pub fn verify_sheet(lang: Lang, path: &str) -> String {
    line!(lang, "verification: {path}", "核对结果：{path}")
}
