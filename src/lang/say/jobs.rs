//! The sentences of `ferry jobs` and `ferry resume`.

use super::amounts;
use crate::lang::{Lang, Text};

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStanding {
    /// A process works on the job.
    Running,
    /// Every row has its answer, or the export its file.
    Finished,
    /// The job is a plan that nobody has applied.
    Planned,
    /// The job can be resumed.
    Stopped,
    /// The job died before every row was decided.
    Undecided,
    /// The job's folder cannot be read.
    Damaged,
}

impl JobStanding {
    /// Returns the name in `--json`, which scripts look for.
    pub fn as_str(self) -> &'static str {
        self.name(Lang::En)
    }

    /// Returns the name for people.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Running => lang.pick("running", "进行中"),
            Self::Finished => lang.pick("finished", "已完成"),
            Self::Planned => lang.pick("planned", "待执行"),
            Self::Stopped => lang.pick("stopped", "已停止"),
            Self::Undecided => lang.pick("undecided", "未开始"),
            Self::Damaged => lang.pick("damaged", "已损坏"),
        }
    }
}

/// The label before one of a job's facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobLabel {
    /// The job's name and state.
    Job,
    /// The account.
    Account,
    /// The source file.
    Source,
    /// The counts of its rows.
    Rows,
    /// The calls and the time that it took.
    Calls,
    /// The path of the result sheet.
    Result,
    /// The job's folder.
    Folder,
    /// The next step.
    Next,
}

impl JobLabel {
    /// All labels, in the order in which they are shown.
    pub const ALL: &'static [Self] = &[
        Self::Job,
        Self::Account,
        Self::Source,
        Self::Rows,
        Self::Calls,
        Self::Result,
        Self::Folder,
        Self::Next,
    ];

    /// Returns the label with its colon.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Job => lang.pick("job:", "任务："),
            Self::Account => lang.pick("account:", "账号："),
            Self::Source => lang.pick("source:", "源文件："),
            Self::Rows => lang.pick("rows:", "行数："),
            Self::Calls => lang.pick("calls:", "调用："),
            Self::Result => lang.pick("result:", "结果表："),
            Self::Folder => lang.pick("folder:", "文件夹："),
            Self::Next => lang.pick("next:", "下一步："),
        }
    }
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobAct {
    /// It imports a file.
    Import,
    /// It is the plan of an import.
    Plan,
    /// It deletes what a file names.
    Delete,
    /// It takes back what was done with a file.
    Undo,
    /// It writes the list into a file.
    Export,
}

/// Says what a job does with which file.
pub fn act(lang: Lang, act: JobAct, file: &str) -> String {
    match act {
        JobAct::Import => line!(lang, "import of {file}", "导入 {file}"),
        JobAct::Plan => line!(lang, "plan for {file}", "计划导入 {file}"),
        JobAct::Delete => line!(lang, "delete with {file}", "按 {file} 删除"),
        JobAct::Undo => line!(lang, "undo of {file}", "撤销 {file}"),
        JobAct::Export => line!(lang, "export to {file}", "导出到 {file}"),
    }
}

/// Names an export that went to standard output.
pub fn export_to_stdout(lang: Lang) -> &'static str {
    lang.pick("export to standard output", "导出到标准输出")
}

/// Says what a job does, and what has come of it.
pub fn act_and_counts(lang: Lang, act: &str, counts: &str) -> String {
    if counts.is_empty() {
        return act.to_owned();
    }
    line!(lang, "{act}: {counts}", "{act}：{counts}")
}

/// Names the latest job that can be taken back.
pub fn latest_to_undo(lang: Lang, (job, when): (&str, &str), what: &str) -> String {
    line!(
        lang,
        "the latest job that can be undone: {job}, {when}, {what}",
        "最近一个可以撤销的任务：{job}，{when}，{what}"
    )
}

/// Says that there is no job to take back.
pub fn none_to_undo() -> (Text, Text) {
    (
        both!(
            "no job has written anything that could be undone",
            "没有可以撤销的任务"
        ),
        both!(
            "`ferry jobs` lists all of them",
            "`ferry jobs` 会列出全部任务"
        ),
    )
}

/// Returns a name with a remark behind it.
pub fn with_remark(lang: Lang, name: &str, remark: &str) -> String {
    line!(lang, "{name} ({remark})", "{name}（{remark}）")
}

/// Says that there are no jobs.
pub fn none(lang: Lang, folder: &str) -> String {
    line!(lang, "no jobs in {folder}", "{folder} 中没有任务")
}

/// Says that a result sheet was deleted or moved.
pub fn no_longer_there(lang: Lang) -> &'static str {
    lang.pick("no longer there", "文件已不在")
}

/// Says what to do with a running job.
pub fn wait(lang: Lang) -> &'static str {
    lang.pick(
        "wait, or stop it with Ctrl-C where it runs",
        "请等待，或在运行它的窗口按 Ctrl-C 停止",
    )
}

/// Says what to do with a job that decided nothing.
pub fn import_again(lang: Lang) -> &'static str {
    lang.pick("import the file again", "请重新导入该文件")
}

/// Says what to do with rows that are not done.
pub fn mend(lang: Lang) -> &'static str {
    lang.pick(
        "mend the rows in the result sheet and import it",
        "在结果表中修改有问题的行，然后导入结果表",
    )
}

/// Says that there is nothing to do.
pub fn nothing(lang: Lang) -> &'static str {
    lang.pick("nothing", "无需处理")
}

/// Says that a job was deleted.
pub fn deleted(lang: Lang, job: &str) -> String {
    line!(lang, "deleted {job}", "已删除 {job}")
}

/// Says how many jobs were deleted.
pub fn pruned(lang: Lang, count: u64) -> String {
    let all = super::amounts::counted(count, "job", "jobs");
    line!(lang, "{all} deleted", "共删除 {count} 个任务")
}

/// Says that a job is resumed.
pub fn going_on(lang: Lang, job: &str) -> String {
    line!(lang, "going on with job {job}", "继续任务 {job}")
}

/// Says whether rewriting a customer is allowed.
pub fn allowed(lang: Lang, is_allowed: bool) -> &'static str {
    if is_allowed {
        lang.pick("allowed", "允许")
    } else {
        lang.pick("forbidden", "不允许")
    }
}

/// Says how calls are made otherwise than when the job began: the flag, its value now, its value then. `None` without a
/// change.
pub fn begun_otherwise(lang: Lang, changes: &[(&str, String, String)]) -> Option<String> {
    let changes: Vec<String> = changes
        .iter()
        .map(|(flag, now, then)| {
            line!(
                lang,
                "{flag} {now} instead of {then}",
                "{flag} {now}（原为 {then}）"
            )
        })
        .collect();
    if changes.is_empty() {
        return None;
    }
    let changes = amounts::list(lang, changes.iter().map(String::as_str));
    Some(line!(
        lang,
        "not as it was begun, but as a flag or the environment says: {changes}",
        "按命令行或环境变量，与任务开始时不同：{changes}"
    ))
}

/// Says that a job is finished.
pub fn finished(lang: Lang, job: &str) -> String {
    line!(lang, "job {job} is finished", "任务 {job} 已完成")
}

/// Says that there is no job to resume.
pub fn none_stopped() -> (Text, Text) {
    (
        both!("no job is stopped", "没有停止的任务"),
        both!(
            "`ferry jobs` lists all of them",
            "`ferry jobs` 会列出全部任务"
        ),
    )
}

/// Says that a job's folder cannot be used; `why` has both languages.
pub fn damaged(job: &str, why: &Text) -> (Text, Text) {
    let (english, chinese) = (why.pick(Lang::En), why.pick(Lang::Zh));
    (
        both!(
            "job {job} is damaged: {english}",
            "任务 {job} 已损坏：{chinese}"
        ),
        both!("restore its folder as it was", "请把任务文件夹还原成原样"),
    )
}

/// Says that the word of `--only` is no status.
pub fn no_status(text: &str, all: &str) -> (Text, Text) {
    (
        both!("--only “{text}” is no status", "--only “{text}”不是状态"),
        both!("one of: {all}", "可用的有：{all}"),
    )
}

/// Says that an export has no result sheet.
pub fn no_result_sheet(job: &str) -> (Text, Text) {
    (
        both!(
            "{job} is an export and has no result sheet",
            "{job} 是导出任务，没有结果表"
        ),
        both!(
            "`ferry jobs {job}` shows its file",
            "`ferry jobs {job}` 会显示它的文件"
        ),
    )
}
