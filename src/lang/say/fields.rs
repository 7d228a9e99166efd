//! The words of `ferry fields`: its table on the terminal and its workbook.

use super::amounts;
use crate::lang::{Lang, Text};
use crate::model::{FieldStatus, Kind};

/// Returns the titles of the table on the terminal.
pub fn titles(lang: Lang) -> [&'static str; 4] {
    lang.pick(
        ["label", "kind", "key", "about"],
        ["字段名称", "类型", "字段标识", "说明"],
    )
}

/// Returns the titles of the workbook's columns.
pub fn columns(lang: Lang) -> [&'static str; 7] {
    lang.pick(
        [
            "label", "key", "kind", "required", "status", "set by", "choices",
        ],
        [
            "字段名称",
            "字段标识",
            "类型",
            "必填",
            "状态",
            "由谁填写",
            "选项",
        ],
    )
}

/// Returns the name of the workbook's sheet.
pub fn sheet(lang: Lang) -> &'static str {
    lang.pick("Fields", "字段")
}

/// Returns the name of a kind. In Chinese it is the word of spreadsheet users, because `ferry.toml` takes the English
/// one.
pub fn kind(lang: Lang, kind: Kind) -> String {
    let chinese = match kind {
        Kind::Text => "文本",
        Kind::Textarea => "多行文本",
        Kind::Number => "数字",
        Kind::Date => "日期",
        Kind::Datetime => "日期时间",
        Kind::Phone => "电话",
        Kind::Email => "邮箱",
        Kind::Url => "网址",
        Kind::Choice => "单选",
        Kind::MultiChoice => "多选",
        Kind::Cascade => "级联",
        Kind::Owner => "负责人",
        Kind::PhoneList => "电话（多个）",
        Kind::EmailList => "邮箱（多个）",
        Kind::TextList => "文本（多个）",
    };
    lang.pick(kind.as_str(), chinese).to_owned()
}

/// Says that the field must be filled.
pub fn required(lang: Lang) -> &'static str {
    lang.pick("required", "必填")
}

/// Says whether the field is in use.
pub fn status(lang: Lang, status: FieldStatus) -> &'static str {
    match status {
        FieldStatus::Enabled => lang.pick("enabled", "启用"),
        FieldStatus::Disabled => lang.pick("disabled", "已停用"),
        FieldStatus::Deleted => lang.pick("deleted", "已删除"),
    }
}

/// Says that the server fills the field.
pub fn set_by_crm(lang: Lang) -> &'static str {
    lang.pick("set by the CRM", "由 CRM 填写")
}

/// Says who fills the field, in the workbook.
pub fn who(lang: Lang, is_crm: bool) -> &'static str {
    if is_crm {
        lang.pick("the CRM", "CRM")
    } else {
        lang.pick("you", "用户")
    }
}

/// Says that the field cannot be searched.
pub fn not_searchable(lang: Lang) -> &'static str {
    lang.pick("not searchable", "不可搜索")
}

/// Says in which form an owner is given.
pub fn owner_form(lang: Lang) -> &'static str {
    lang.pick(
        "an id, or a name of the owners file or of an export",
        "ID，或负责人对照表、导出表中的姓名",
    )
}

/// Says where the ids of owners are found.
pub fn owner_ids(lang: Lang) -> &'static str {
    lang.pick(
        "an owner's id stands in the owner column of an export (`ferry export -o customers.xlsx`), and in `ferry get ID` of a customer of theirs; with names beside the ids in a file that ferry.toml names as owners, sheets may hold names; what a complete export has shown is listed here",
        "负责人的 ID 见导出表的负责人列（`ferry export -o 客户.xlsx`），或用 `ferry get ID` 查看他名下的客户；把姓名和 ID 写进一个文件，并在 ferry.toml 中设为 owners，表格里就可以直接写姓名；完整导出中见过的负责人会列在这里",
    )
}

/// Says how many owners are known.
pub fn known_owners(lang: Lang, count: usize) -> String {
    let owners = amounts::counted(count as u64, "owner is", "owners are");
    line!(
        lang,
        "{owners} known (id, name, customers in the newest export, where from):",
        "已知 {count} 位负责人（ID、姓名、最近一次导出中的客户数、来源）："
    )
}

/// Says that only the id of an owner is known.
pub fn no_name(lang: Lang) -> &'static str {
    lang.pick("(name not known)", "（姓名未知）")
}

/// Says how many customers an owner has.
pub fn customers(lang: Lang, count: u64) -> String {
    let customers = amounts::customers(count);
    line!(lang, "{customers}", "{count} 个客户")
}

/// Says that an export has shown an owner, and when.
pub fn of_export(lang: Lang, day: &str) -> String {
    line!(lang, "export of {day}", "{day} 的导出")
}

/// Says how many owners are not shown, and how they are.
pub fn more_owners(lang: Lang, count: usize) -> String {
    line!(
        lang,
        "… and {count} more: `ferry fields -o fields.xlsx` lists all",
        "…… 还有 {count} 位：`ferry fields -o 字段.xlsx` 会列出全部"
    )
}

/// Returns the titles of the columns of owners.
pub fn owner_columns(lang: Lang) -> [&'static str; 4] {
    lang.pick(
        ["id", "name", "customers", "from"],
        ["ID", "姓名", "客户数", "来源"],
    )
}

/// Returns the name of the sheet of owners.
pub fn owners_sheet(lang: Lang) -> &'static str {
    lang.pick("Owners", "负责人")
}

/// Says how many fields pass the filters.
pub fn passing(lang: Lang, count: usize) -> String {
    let all = super::amounts::counted(count as u64, "field passes", "fields pass");
    line!(lang, "{all}", "符合条件的字段 {count} 个")
}

/// Shows the first of many entries, and says how many there are.
pub fn and_more(lang: Lang, shown: &str, all: usize) -> String {
    line!(lang, "{shown} … ({all})", "{shown} …（共 {all} 个）")
}

/// Names the saved field list.
pub fn saved(lang: Lang, path: &str) -> String {
    line!(lang, "saved: {path}", "已保存：{path}")
}

/// Names a file that was written for people.
pub fn file_written(lang: Lang, path: &str) -> String {
    line!(lang, "written: {path}", "已写入：{path}")
}

/// Says that a saved file holds no field list; `why` has both languages.
pub fn no_field_list(path: &str, why: &Text) -> (Text, Text) {
    let (english, chinese) = (why.pick(Lang::En), why.pick(Lang::Zh));
    (
        both!(
            "{path} holds no field list: {english}",
            "{path} 里没有字段列表：{chinese}"
        ),
        save_hint(),
    )
}

/// Says that a saved field list cannot be opened.
pub fn unreadable(path: &str, cause: &str) -> (Text, Text) {
    (
        Text::verbatim(format!("--fields {path}: {cause}")),
        save_hint(),
    )
}

fn save_hint() -> Text {
    both!(
        "`ferry fields --save FILE` writes one",
        "用 `ferry fields --save 文件` 可以生成"
    )
}
