//! The words in files that ferry writes: names of files and sheets, titles of columns that are no contract.

use super::Lang;

/// What stands between stem and time in the name of a job's result sheet.
pub fn kind_of_sheet(command: &str, lang: Lang) -> &str {
    match (lang, command) {
        (Lang::En, _) => command,
        (Lang::Zh, "delete") => "删除结果",
        (Lang::Zh, "undo") => "撤销结果",
        (Lang::Zh, "plan") => "导入预览",
        (Lang::Zh, _) => "导入结果",
    }
}

/// The sheet with a row for each row of the source.
pub fn results(lang: Lang) -> &'static str {
    lang.pick("Results", "导入结果")
}

/// The sheet of problems.
pub fn problems(lang: Lang) -> &'static str {
    lang.pick("Problems", "问题清单")
}

/// The sheet of counts.
pub fn summary(lang: Lang) -> &'static str {
    lang.pick("Summary", "汇总")
}

/// The column with the outcome in words; both names are recognised when a sheet comes back.
pub fn result_column(lang: Lang) -> &'static str {
    lang.pick("_result", "_结果")
}
