//! The sentences of `ferry` alone, and of `ferry FILE`.

use super::amounts;
use crate::lang::Lang;

/// Says what the program is for.
pub fn purpose(lang: Lang) -> &'static str {
    lang.pick(
        "ferry moves customers between spreadsheets and a CRM.",
        "ferry 在表格与 CRM 之间搬运客户。",
    )
}

/// Names the account.
pub fn account(lang: Lang, whose: &str) -> String {
    line!(lang, "account: {whose}", "账号：{whose}")
}

/// Says that no account is set. `missing` are the variables that are not set, where some are.
pub fn no_account(lang: Lang, missing: &[&str]) -> String {
    if missing.is_empty() {
        return lang
            .pick("account: none yet", "账号：还没有设置")
            .to_owned();
    }
    let missing = amounts::list(lang, missing.iter().copied());
    line!(
        lang,
        "account: incomplete in the environment, missing: {missing}",
        "账号：环境变量不完整，缺少：{missing}"
    )
}

/// Returns an account with the place where it stands.
pub fn found_in(lang: Lang, account: &str, place: &str) -> String {
    line!(lang, "{account}, from {place}", "{account}，取自 {place}")
}

/// Returns the name of the place where an account stands that comes from variables.
pub fn environment(lang: Lang) -> &'static str {
    lang.pick("the environment", "环境变量")
}

/// Names a job that can be resumed.
pub fn stopped(lang: Lang, what: &str, command: &str) -> String {
    line!(
        lang,
        "not finished: {what}; go on with `{command}`",
        "尚未完成：{what}；继续请运行 `{command}`"
    )
}

/// Names a plan that nobody has carried out.
pub fn planned(lang: Lang, what: &str, command: &str) -> String {
    line!(
        lang,
        "waiting: {what}; carry it out with `{command}`",
        "待执行：{what}；执行请运行 `{command}`"
    )
}

/// Heads the list of commands.
pub fn next(lang: Lang) -> &'static str {
    lang.pick("what can be done next:", "接下来可以：")
}

/// A command of the list, for what it is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextStep {
    /// `ferry init`.
    Init,
    /// `ferry import FILE --sandbox`.
    Rehearse,
    /// `ferry doctor`.
    Doctor,
    /// `ferry map FILE`.
    Map,
    /// `ferry check FILE`.
    Check,
    /// `ferry plan FILE`.
    Plan,
    /// `ferry import FILE`.
    Import,
    /// `ferry import FILE`, where nobody is asked.
    ImportUnasked,
    /// `ferry import FILE`, of a result sheet.
    ImportResult,
    /// `ferry import FILE`, of an export.
    ImportExport,
    /// `ferry import FILE`, of the sheet of a check.
    ImportChecked,
    /// `ferry export -o FILE`.
    Export,
    /// `ferry diff OLD NEW`.
    Diff,
    /// `ferry dupes FILE`.
    Dupes,
    /// `ferry delete FILE`.
    Delete,
    /// `ferry jobs`.
    Jobs,
    /// `ferry jobs JOB`.
    OneJob,
    /// `ferry apply JOB`.
    Apply,
    /// `ferry undo FILE`.
    Undo,
    /// `ferry help`.
    Help,
}

impl NextStep {
    /// Returns the step's command as it is typed, before the run's flags. `file` stands in the place of a file.
    pub fn command(self, lang: Lang, file: &str, job: &str) -> String {
        match self {
            Self::Init => "ferry init".to_owned(),
            Self::Rehearse => format!("ferry import {file} --sandbox"),
            Self::Doctor => "ferry doctor".to_owned(),
            Self::Map => format!("ferry map {file}"),
            Self::Check => format!("ferry check {file}"),
            Self::Plan => format!("ferry plan {file}"),
            Self::Import
            | Self::ImportUnasked
            | Self::ImportResult
            | Self::ImportExport
            | Self::ImportChecked => {
                format!("ferry import {file}")
            }
            Self::Export => lang
                .pick(
                    "ferry export -o customers.xlsx",
                    "ferry export -o 客户.xlsx",
                )
                .to_owned(),
            Self::Diff => line!(lang, "ferry diff {file} NEW", "ferry diff {file} 新文件"),
            Self::Dupes => format!("ferry dupes {file}"),
            Self::Delete => format!("ferry delete {file}"),
            Self::Jobs => "ferry jobs".to_owned(),
            Self::OneJob => format!("ferry jobs {job}"),
            Self::Apply => format!("ferry apply {job}"),
            Self::Undo => format!("ferry undo {file}"),
            Self::Help => "ferry help".to_owned(),
        }
    }

    /// Says what the step is good for.
    pub fn purpose(self, lang: Lang) -> &'static str {
        match self {
            Self::Init => lang.pick("name your account", "设置您的账号"),
            Self::Rehearse => lang.pick(
                "try an import without an account, in the embedded CRM",
                "不用账号，在演练环境里试着导入",
            ),
            Self::Doctor => lang.pick("see whether the connection works", "检查连接是否可用"),
            Self::Map => lang.pick(
                "propose what each column is, as a file to go through",
                "生成字段对应的建议，供您确认",
            ),
            Self::Check => lang.pick("check every row, send nothing", "检查每一行，不提交"),
            Self::Plan => lang.pick(
                "see what an import would add and change",
                "先看导入会新增、修改什么",
            ),
            Self::Import => lang.pick("import it, after a question", "导入（会先询问）"),
            Self::ImportUnasked => lang.pick("import it into the embedded CRM", "导入演练环境"),
            Self::ImportResult => lang.pick(
                "import it again after mending: rows that are done are left alone",
                "修改后再次导入，已完成的行不会再动",
            ),
            Self::ImportChecked => lang.pick("import its rows after mending", "修改后导入其中的行"),
            Self::ImportExport => lang.pick(
                "import it after editing: only edited cells travel",
                "编辑后导入，只提交改动过的单元格",
            ),
            Self::Export => lang.pick("all customers into a workbook", "把全部客户导出成工作簿"),
            Self::Diff => lang.pick("compare it with a newer export", "与较新的一份导出作比较"),
            Self::Dupes => lang.pick("see which customers it holds twice", "查找其中重复的客户"),
            Self::Delete => lang.pick(
                "delete those whose `_keep` is blank, after a question",
                "删除 `_keep` 为空的客户（会先询问）",
            ),
            Self::Jobs => lang.pick("what was done so far", "查看做过的任务"),
            Self::OneJob => lang.pick("how that job stands", "查看这个任务"),
            Self::Apply => lang.pick("carry that plan out", "执行这个计划"),
            Self::Undo => lang.pick("take the rows back that stand in it", "撤销表中各行的操作"),
            Self::Help => lang.pick("every command", "全部命令"),
        }
    }
}

/// Says what a table of somebody is.
pub fn table(lang: Lang, path: &str, sheets: &[String], columns: &[String]) -> String {
    const SHOWN: usize = 8;
    let listed = |names: &[String]| {
        let shown = names.iter().take(SHOWN).map(String::as_str);
        let shown = amounts::list(lang, shown);
        if names.len() > SHOWN {
            super::fields::and_more(lang, &shown, names.len())
        } else {
            shown
        }
    };
    let mut parts = vec![line!(lang, "{path}: a spreadsheet", "{path}：表格")];
    if sheets.len() > 1 {
        let sheets = listed(sheets);
        parts.push(line!(lang, "sheets: {sheets}", "工作表：{sheets}"));
    }
    if !columns.is_empty() {
        let columns = listed(columns);
        parts.push(line!(lang, "columns: {columns}", "列：{columns}"));
    }
    parts.join(lang.pick("; ", "；"))
}

/// What a file is that ferry wrote or reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnFile {
    /// The result sheet of an import.
    Result,
    /// The answers of an undo or a delete.
    Removal,
    /// The preview of a plan.
    Preview,
    /// The preview of an undo or a delete.
    Rehearsal,
    /// What differs between two exports.
    Diff,
    /// The differences of a verification.
    Verification,
    /// The problems of a check.
    Check,
    /// An export.
    Export,
    /// Customers that are held twice.
    Duplicates,
    /// A mapping.
    Mapping,
    /// `ferry.toml`.
    Configuration,
    /// A field list.
    FieldList,
    /// The manifest of an export.
    Manifest,
}

/// Says what a file is that ferry wrote or reads.
pub fn own_file(lang: Lang, path: &str, what: OwnFile) -> String {
    let what = match what {
        OwnFile::Result => lang.pick("the result sheet of an import", "导入的结果表"),
        OwnFile::Removal => lang.pick(
            "the result sheet of an undo or a delete; it is not imported",
            "撤销或删除的结果表，不能用于导入",
        ),
        OwnFile::Preview => lang.pick(
            "the preview of a plan; it is not imported",
            "导入预览，不能用于导入",
        ),
        OwnFile::Rehearsal => lang.pick(
            "the preview of an undo or a delete; nothing was changed, and it is not imported",
            "撤销或删除的预览：尚未做任何改动，也不能用于导入",
        ),
        OwnFile::Diff => lang.pick(
            "what `ferry diff` found between two exports; it is not imported",
            "`ferry diff` 对两份导出的比较结果，不能用于导入",
        ),
        OwnFile::Verification => {
            lang.pick("what `ferry verify` found", "`ferry verify` 的核对结果")
        }
        OwnFile::Check => lang.pick(
            "the rows that `ferry check` looked at, with their problems; mend them here, then import it in place of the file",
            "`ferry check` 校验的行和发现的问题；可直接在其中修改，然后代替原文件导入",
        ),
        OwnFile::Export => lang.pick("customers that ferry exported", "ferry 导出的客户"),
        OwnFile::Duplicates => lang.pick(
            "customers that `ferry dupes` found twice; look through them first",
            "`ferry dupes` 找到的重复客户；请先逐组核对",
        ),
        OwnFile::Mapping => lang.pick(
            "a mapping: what each column of a file is",
            "字段对应：说明一个文件的各列是什么",
        ),
        OwnFile::Configuration => lang.pick("a configuration of ferry", "ferry 的配置文件"),
        OwnFile::FieldList => lang.pick("a field list", "字段列表"),
        OwnFile::Manifest => lang.pick("the manifest of an export", "导出的清单文件"),
    };
    line!(lang, "{path}: {what}", "{path}：{what}")
}

/// Says how a mapping is used.
pub fn mapping_use(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "use it with the file that it is for: `ferry check FILE --map {path}`",
        "与它所对应的文件一起使用：`ferry check 文件 --map {path}`"
    )
}

/// Says how a configuration is used.
pub fn configuration_use(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "use it with --config: `ferry doctor --config {path}`",
        "用 --config 使用它：`ferry doctor --config {path}`"
    )
}

/// Says how a field list is used.
pub fn field_list_use(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "with it a file is checked offline: `ferry check FILE --fields {path}`",
        "可离线检查文件：`ferry check 文件 --fields {path}`"
    )
}

/// Asks for Enter, so that a window that ferry opened stays until it was read.
pub fn before_closing(lang: Lang) -> &'static str {
    lang.pick("Press Enter to close this window. ", "按回车键关闭窗口。")
}

/// Says where the page is.
pub fn page_at(lang: Lang, address: &str) -> String {
    line!(
        lang,
        "ferry is open at {address}\nCtrl-C ends it",
        "网页版地址：{address}\n按 Ctrl-C 结束"
    )
}

/// Says that no browser could be opened.
pub fn open_yourself(lang: Lang) -> &'static str {
    lang.pick(
        "no browser could be opened; open this address yourself",
        "没能打开浏览器，请自行打开上面的地址",
    )
}
