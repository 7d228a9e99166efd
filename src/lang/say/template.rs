//! The words of `ferry template`: those in the workbook and those of the command.
//!
//! Titles and messages of checks keep within Excel's limits of 32 and 255 UTF-16 units. A test holds this.

use crate::lang::{Lang, Text};
use crate::model::{Field, Kind, Slot};

/// The reason why the workbook refuses an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryRefusal {
    /// The entry is no choice.
    Choice,
    /// The entry is no single choice, but may be several.
    Choices,
    /// The entry is not below the entry of the level above.
    Level,
    /// The entry is no date.
    Date,
    /// The entry is no date with a time.
    Datetime,
    /// The entry is no number.
    Number,
}

impl EntryRefusal {
    /// All reasons.
    pub const ALL: [Self; 6] = [
        Self::Choice,
        Self::Choices,
        Self::Level,
        Self::Date,
        Self::Datetime,
        Self::Number,
    ];

    /// Returns the title above the message.
    pub fn title(self, lang: Lang) -> &'static str {
        match self {
            Self::Choice => lang.pick("Not one of the choices", "不在选项中"),
            Self::Choices => lang.pick("Several choices, or none", "是否填写多个选项"),
            Self::Level => lang.pick("Not below the level above", "不属于所选的上一级"),
            Self::Date | Self::Datetime => lang.pick("Not a date", "不是日期"),
            Self::Number => lang.pick("Not a number", "不是数字"),
        }
    }

    /// Returns the message: what to do.
    pub fn message(self, lang: Lang) -> &'static str {
        match self {
            Self::Choice => lang.pick(
                "Please choose from the list. The sheet “Fields” shows all choices.",
                "请从下拉列表中选择。全部选项见“字段说明”。",
            ),
            Self::Choices => lang.pick(
                "The list has single choices. If you have typed several of them with ; between, go on; else choose from the list.",
                "下拉列表每次只能选一个。如果填写的是用“；”隔开的多个选项，请选“是”继续；否则请从列表中选择。",
            ),
            Self::Level => lang.pick(
                "Please fill the levels from left to right, each from its list. If the level above has changed, choose this one anew.",
                "请从左到右逐级选择。上一级为空时没有可选项；上一级改动后，这一级要重新选择。",
            ),
            Self::Date => lang.pick(
                "Please enter a date, such as 2026-11-23.",
                "请填写日期，例如 2026-11-23。",
            ),
            Self::Datetime => lang.pick(
                "Please enter a date, with a time or without, such as 2026-11-23 09:30:00.",
                "请填写日期，可带时间，例如 2026-11-23 09:30:00。",
            ),
            Self::Number => lang.pick(
                "Please enter a number of at most 15 digits, without a unit.",
                "请填写数字，最多 15 位，不写单位。",
            ),
        }
    }
}

/// Returns the name of the sheet that is filled in.
pub fn data_sheet(lang: Lang) -> &'static str {
    lang.pick("Customers", "客户")
}

/// Returns the name of the sheet that explains the fields.
pub fn fields_sheet(lang: Lang) -> &'static str {
    lang.pick("Fields", "字段说明")
}

/// Returns the titles of the sheet that explains the fields.
pub fn columns(lang: Lang) -> [&'static str; 8] {
    lang.pick(
        [
            "field",
            "columns",
            "what goes in",
            "required",
            "choices",
            "example",
            "kind",
            "key",
        ],
        [
            "字段",
            "对应的列",
            "如何填写",
            "是否必填",
            "选项",
            "示例",
            "类型",
            "字段标识",
        ],
    )
}

/// Says whether a column must be filled, in a note.
pub fn required(lang: Lang, required: bool) -> &'static str {
    if required {
        lang.pick("Required.", "必填。")
    } else {
        lang.pick("May stay blank.", "可以不填。")
    }
}

/// Shows an example, in a note.
pub fn example_line(lang: Lang, example: &str) -> String {
    line!(lang, "Example: {example}", "示例：{example}")
}

/// Says what goes into a column. `name` is the name of the field in the column's header.
pub fn what_goes_in(lang: Lang, field: &Field, slot: Slot, name: &str) -> String {
    match (field.kind, slot) {
        (_, Slot::Memo(_)) => line!(
            lang,
            "A remark on the number beside it, such as whose it is.",
            "对旁边号码的说明，例如联系人姓名。"
        ),
        (Kind::Cascade, Slot::Level(1)) => lang
            .pick("Choose from the list.", "从下拉列表中选择。")
            .to_owned(),
        (Kind::Cascade, Slot::Level(level)) => {
            let above = level - 1;
            line!(
                lang,
                "Choose “{name}.{above}” first; the list then shows what belongs to it.",
                "先选“{name}.{above}”，下拉列表即显示其下级。"
            )
        }
        (Kind::PhoneList, Slot::Value(position)) => line!(
            lang,
            "Phone number {position}. Further columns may be added: “{name}3”, “{name}2.memo” ….",
            "第 {position} 个号码。还可以自行加列：“{name}3”“{name}2.备注”等。"
        ),
        (kind, _) => whole(lang, kind, field.choices.is_empty()).to_owned(),
    }
}

fn whole(lang: Lang, kind: Kind, is_open: bool) -> &'static str {
    match kind {
        Kind::Text => lang.pick(
            "Text, taken as it is; leading zeros stay.",
            "文本，照原样导入，开头的 0 会保留。",
        ),
        Kind::Textarea => lang.pick(
            "Text; Alt+Enter begins a new line.",
            "文本，可用 Alt+Enter 换行。",
        ),
        Kind::Number => lang.pick(
            "A number of at most 15 digits, without a unit.",
            "数字，最多 15 位，不写单位。",
        ),
        Kind::Date => lang.pick("A date: year-month-day.", "日期：年-月-日。"),
        Kind::Datetime => lang.pick(
            "A date, with a time or without: year-month-day hour:minute:second.",
            "日期，可带时间：年-月-日 时:分:秒。",
        ),
        Kind::Phone => lang.pick(
            "One phone number, with area code and extension if it has them.",
            "一个电话号码，可带区号和分机。",
        ),
        Kind::Email => lang.pick("One e-mail address.", "一个邮箱地址。"),
        Kind::Url => lang.pick("A web address.", "网址。"),
        Kind::Choice if is_open => lang.pick(
            "One of the words that the CRM knows.",
            "CRM 中的一个选项，须与 CRM 中的写法一致。",
        ),
        Kind::Choice | Kind::Cascade => lang.pick("Choose from the list.", "从下拉列表中选择。"),
        Kind::MultiChoice if is_open => lang.pick(
            "Words that the CRM knows; several with ; between.",
            "CRM 中的选项，须与 CRM 中的写法一致；多个用“；”隔开。",
        ),
        Kind::MultiChoice => lang.pick(
            "Choose from the list. For several, type them with ; between, and answer Yes when you are asked.",
            "从下拉列表中选择。要填多个时，请直接输入并用“；”隔开，出现提示时选“是”。",
        ),
        Kind::PhoneList => lang.pick(
            "A phone number. Several in one cell: with ; between.",
            "电话号码。一格填多个时用“；”隔开。",
        ),
        Kind::EmailList => lang.pick(
            "An e-mail address. Several in one cell: with ; between.",
            "邮箱地址。一格填多个时用“；”隔开。",
        ),
        Kind::TextList => lang.pick(
            "An account. Several in one cell: with ; between.",
            "账号。一格填多个时用“；”隔开。",
        ),
        Kind::Owner => lang.pick(
            "The id of an agent or of an open sea: digits. A name only if the import has a mapping with owners.",
            "负责人或公海的 ID（数字）。导入时的字段对应里有负责人对照的，也可以写姓名。",
        ),
    }
}

/// Says how far a cascade must be filled once it is begun.
pub fn fill_level(lang: Lang, levels: u32) -> String {
    line!(
        lang,
        "At least {levels} levels, if there are so many.",
        "至少填到第 {levels} 级（有下级时）。"
    )
}

/// Returns a sample entry of a column; empty where any text would do.
pub fn example(lang: Lang, field: &Field, slot: Slot) -> String {
    let choice = |number: usize| field.choices.get(number).map(|choice| choice.value.trim());
    match (field.kind, slot) {
        (_, Slot::Memo(_)) => lang.pick("Ms Zhang", "张女士").to_owned(),
        (Kind::Cascade, Slot::Level(level)) => {
            let mut options = field.cascade.as_slice();
            let mut found = "";
            for _ in 0..level {
                let next = options
                    .iter()
                    .find(|option| !option.children.is_empty())
                    .or(options.first());
                found = next.map_or("", |option| option.value.trim());
                options = next.map_or(&[], |option| option.children.as_slice());
            }
            found.to_owned()
        }
        (Kind::PhoneList | Kind::Phone, Slot::Value(_)) => "0571-88888888".to_owned(),
        (Kind::Choice, _) => choice(0).unwrap_or_default().to_owned(),
        (Kind::MultiChoice, _) => {
            let several: Vec<&str> = [choice(0), choice(1)].into_iter().flatten().collect();
            several.join("；")
        }
        (kind, _) => match kind {
            Kind::Number => "1200.50",
            Kind::Date => "2026-11-23",
            Kind::Datetime => "2026-11-23 09:30:00",
            Kind::Phone | Kind::PhoneList => "13800138000",
            Kind::Email | Kind::EmailList => "name@example.com",
            Kind::Url => "https://www.example.com",
            Kind::Owner => "8310",
            // The CRM itself demands only one text: the customer's name.
            Kind::Text if field.system && field.required => {
                lang.pick("Example Ltd", "示例有限公司")
            }
            _ => "",
        }
        .to_owned(),
    }
}

/// Ends a list of choices that is too long to be shown.
pub fn more_choices(lang: Lang, all: usize) -> String {
    line!(
        lang,
        "… {all} in all, in the drop-down list",
        "……共 {all} 个，见下拉列表"
    )
}

/// Says that the name of a template does not end with .xlsx.
pub fn no_workbook(path: &str) -> (Text, Text) {
    (
        both!("-o {path} is no .xlsx file", "-o {path} 不是 .xlsx 文件"),
        both!(
            "drop-downs need a workbook: `ferry template -o template.xlsx`",
            "下拉选项只能放在工作簿里：`ferry template -o 导入模板.xlsx`"
        ),
    )
}

/// Names the fields that no header can name.
pub fn nameless(lang: Lang, labels: &str) -> String {
    line!(
        lang,
        "note: left out, because neither label nor key makes a header that names them alone: {labels}",
        "注意：以下字段的名称和标识都不能作为唯一的表头，未放入模板：{labels}"
    )
}

/// Names the template.
pub fn template_written(lang: Lang, path: &str, fields: usize, required: usize) -> String {
    let all = super::amounts::fields(fields as u64);
    line!(
        lang,
        "template: {path} ({all}, {required} required)",
        "模板：{path}（{fields} 个字段，其中必填 {required} 个）"
    )
}

/// Says what to do with the template.
pub fn what_next(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "fill it in, then `ferry check {path}` and `ferry import {path}`",
        "填写后先 `ferry check {path}`，再 `ferry import {path}`"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_say_no_more_than_excel_shows() {
        for refusal in EntryRefusal::ALL {
            for lang in [Lang::En, Lang::Zh] {
                assert!(refusal.title(lang).encode_utf16().count() <= 32);
                assert!(refusal.message(lang).encode_utf16().count() <= 255);
            }
        }
    }
}
