//! The words of the problems that exports, comparisons and the way back bring: both languages side by side.

use super::Lang;
use crate::model::Code;

/// The codes whose words are here, as a pattern: a code without words does not compile.
macro_rules! codes_of_exports {
    () => {
        Code::ComparedByList
            | Code::NoSuchField
            | Code::NotSearchableField
            | Code::CutText
            | Code::CutTextsLeft
            | Code::RowWithoutId
            | Code::ExportIncomplete
            | Code::ShortPage
            | Code::TimesInFuture
            | Code::NotMatching
            | Code::ExportBusy
            | Code::ExportUnwritten
            | Code::FolderMissing
            | Code::TargetUnwritable
            | Code::TextsCut
            | Code::NotABaseline
            | Code::NoBaseline
            | Code::OtherScope
            | Code::NotAnExport
            | Code::ExportEdited
            | Code::FinishFailed
    };
}

/// What is said of a code.
pub(super) struct Words {
    /// Message and tip in English.
    pub english: (&'static str, &'static str),
    /// Message and tip in Chinese.
    pub chinese: (&'static str, &'static str),
    /// The title in both.
    pub title: (&'static str, &'static str),
    /// The long form in both.
    pub meaning: (&'static str, &'static str),
}

impl Words {
    /// Message and tip.
    pub fn templates(&self, lang: Lang) -> (&'static str, &'static str) {
        lang.pick(self.english, self.chinese)
    }
}

/// The words of a code of this file; empty for any other, which a test would notice.
pub(super) fn words(code: Code) -> Words {
    match code {
        Code::ComparedByList => Words {
            english: (
                "{rows} rows are compared with the stored customers by reading the whole list, which takes fewer calls ({calls}) than looking each of them up",
                "only what differs is sent",
            ),
            chinese: (
                "将读取整个客户列表与 {rows} 行比对：调用 {calls} 次，而不是每行至少一次",
                "只提交有变化的内容",
            ),
            title: ("compared by the whole list", "读取整个列表比对"),
            meaning: (
                "Rows with an _id or a key are compared with what is stored, so that only what differs is sent. ferry reads the whole list where that costs fewer calls than a look at each customer.",
                "带 _id 或查重字段的行会先与 CRM 中的内容比对，只提交有变化的部分。读取整个列表比逐个查询调用更少时，ferry 就读取整个列表。",
            ),
        },
        Code::NoSuchField => Words {
            english: (
                "there is no field “{field}”[, nearest: {nearest}]",
                "`ferry fields` lists labels and keys",
            ),
            chinese: (
                "没有字段“{field}”[，最接近：{nearest}]",
                "`ferry fields` 会列出名称和键名",
            ),
            title: ("no such field", "没有该字段"),
            meaning: (
                "The account has no field of this label or key.",
                "该账号没有这个名称或键名的字段。",
            ),
        },
        Code::NotSearchableField => Words {
            english: (
                "the CRM does not search by {field}[: {detail}]",
                "export all customers and filter in the spreadsheet, or name another field",
            ),
            chinese: (
                "CRM 不支持按“{field}”查询[：{detail}]",
                "请导出全部客户后在表格中筛选，或换一个字段",
            ),
            title: ("field not searchable", "字段不可查询"),
            meaning: (
                "The filter of an export is a search by the CRM, and the field list says that it does not search by this field.",
                "导出的筛选由 CRM 查询完成，而字段列表表明不能按这个字段查询。",
            ),
        },
        Code::CutText => Words {
            english: (
                "{field}: the text was cut by an export at the limit of a spreadsheet's cells",
                "put the whole text in, or leave the cell blank",
            ),
            chinese: (
                "{field}：内容在导出时因超出单元格上限而被截断",
                "请填入完整内容，或将单元格留空",
            ),
            title: ("cut text", "被截断的内容"),
            meaning: (
                "Excel holds at most 32 767 characters in a cell, so an export cut the text and marked it. A new customer must not get half a text.",
                "Excel 单元格最多容纳 32 767 个字符，导出时内容被截断并做了标记。新客户不能只存一半内容。",
            ),
        },
        Code::CutTextsLeft => Words {
            english: (
                "{count} texts were cut by the export; what is stored stays as it is",
                "to change one of them, put the whole text in",
            ),
            chinese: (
                "{count} 处内容在导出时被截断，CRM 中的原内容保持不变",
                "如要修改，请填入完整内容",
            ),
            title: ("cut texts left alone", "被截断的内容未改动"),
            meaning: (
                "Cells that end with the mark of a cut text leave the stored text alone.",
                "带有截断标记的单元格不会改动 CRM 中的内容。",
            ),
        },
        Code::RowWithoutId => Words {
            english: (
                "{path}, row {row} has no _id",
                "compare exports as ferry wrote them",
            ),
            chinese: ("{path} 第 {row} 行没有 _id", "请比较 ferry 写出的原文件"),
            title: ("row without _id", "行没有 _id"),
            meaning: (
                "Exports are compared by _id, and this row has none.",
                "比较导出文件以 _id 为准，而这一行没有。",
            ),
        },
        Code::ExportIncomplete => Words {
            english: (
                "the export may lack customers: they changed while it read, and {passes} passes did not agree",
                "run it again at a quieter time, or allow more with --max-passes; the file is named as incomplete and serves as no baseline",
            ),
            chinese: (
                "导出可能缺少客户：读取期间客户有增减，{passes} 遍读取的结果不一致",
                "请在较空闲的时间重新运行，或用 --max-passes 增加遍数；文件名已标明不完整，也不会用作比较的基准",
            ),
            title: ("export incomplete", "导出不完整"),
            meaning: (
                "Customers that are added or deleted while the list is read shift its pages, so that others may be passed over. ferry reads the list again until nothing is missing, up to --max-passes; this time that was not enough.",
                "读取列表期间有客户增加或删除，会使后面的页错位，可能漏掉其他客户。ferry 会重新读取直到没有遗漏，最多 --max-passes 遍；这次仍不够。",
            ),
        },
        Code::ShortPage => Words {
            english: (
                "page {page} of the list held {count} customers instead of {limit}, also when it was asked for again",
                "another pass follows; if it happens each time, ask the vendor",
            ),
            chinese: (
                "列表第 {page} 页只有 {count} 个客户，应为 {limit} 个，再次请求仍是如此",
                "将再读取一遍；如果每次都这样，请联系厂商",
            ),
            title: ("short page", "页内客户不足"),
            meaning: (
                "A page in the middle of the list held fewer customers than asked for. It is never taken for the end.",
                "列表中间的一页客户数少于请求的数量。ferry 不会把它当作列表的结尾。",
            ),
        },
        Code::TimesInFuture => Words {
            english: (
                "customers have times in the future, such as {value}: `timezone` or a clock is wrong",
                "set `timezone` in ferry.toml to the zone in which the CRM shows times; until then another pass has to prove that nothing is missing",
            ),
            chinese: (
                "有客户的时间在将来，例如 {value}：`timezone` 设置或时钟有误",
                "请在 ferry.toml 中把 `timezone` 设为 CRM 显示时间所用的时区；在此之前需要多读一遍来证明没有遗漏",
            ),
            title: ("times in the future", "时间在将来"),
            meaning: (
                "Whether a customer was there when the export began is told by its time of creation. Times in the future show that clock or zone are not what ferry takes them for.",
                "客户在导出开始时是否已存在，要看它的创建时间。时间在将来，说明时钟或时区与 ferry 所认为的不同。",
            ),
        },
        Code::NotMatching => Words {
            english: (
                "{count} customers that the CRM found do not have the value that was searched; they are left out",
                "without the filter the export holds all customers",
            ),
            chinese: (
                "CRM 查到的 {count} 个客户并不符合筛选条件，已略去",
                "不加筛选即可导出全部客户",
            ),
            title: ("found without matching", "查到但不符合条件"),
            meaning: (
                "How the CRM searches is not published, so ferry looks at what it finds once more.",
                "CRM 的查询规则没有公开，所以 ferry 会再核对一遍查到的客户。",
            ),
        },
        Code::ExportBusy => Words {
            english: (
                "another process is exporting to {path}",
                "wait until it ends; `ferry jobs` shows it",
            ),
            chinese: (
                "另一个进程正在导出到 {path}",
                "请等它结束；`ferry jobs` 可以查看",
            ),
            title: ("export in use", "导出正在进行"),
            meaning: (
                "Two runs of the same export would disturb each other, so the second ends at once.",
                "同一个导出同时运行两次会互相干扰，所以后一次立即结束。",
            ),
        },
        Code::ExportUnwritten => Words {
            english: (
                "the export could not be written to {path}: {detail}",
                "all customers are here: close the file or make room, then `{resume}` writes it without reading the list again",
            ),
            chinese: (
                "导出文件无法写入 {path}：{detail}",
                "客户数据都已取到：请关闭该文件或腾出空间，然后运行 `{resume}`，不必重新读取列表",
            ),
            title: ("export not writable", "导出文件无法写入"),
            meaning: (
                "The customers were read and are kept; only the file could not be put in its place. What was there before is untouched.",
                "客户已读取并保存，只是文件没能写出。原有的文件没有改动。",
            ),
        },
        Code::FolderMissing => Words {
            english: (
                "the folder {path} does not exist",
                "make it first; a scheduled task does not have the drive letters of your desktop: name a network folder as \\\\server\\share",
            ),
            chinese: (
                "文件夹 {path} 不存在",
                "请先建好；计划任务中没有桌面上映射的盘符，网络文件夹请写成 \\\\服务器\\共享名",
            ),
            title: ("folder missing", "文件夹不存在"),
            meaning: (
                "ferry looks before the first call whether the file can be written, and makes no folders.",
                "ferry 在第一次调用之前就检查文件能否写入，而且不会自动建立文件夹。",
            ),
        },
        Code::TargetUnwritable => Words {
            english: (
                "nothing can be written to {path}[: {detail}]",
                "name another file with -o, or ask for the right to write there",
            ),
            chinese: (
                "无法写入 {path}[：{detail}]",
                "请用 -o 指定另一个文件，或取得该处的写入权限",
            ),
            title: ("target not writable", "目标无法写入"),
            meaning: (
                "ferry looks before the first call whether the file can be written.",
                "ferry 在第一次调用之前就检查文件能否写入。",
            ),
        },
        Code::TextsCut => Words {
            english: (
                "{count} texts are longer than the 32 767 characters of a cell and were cut, with a mark at their ends",
                ".csv and .jsonl hold them whole; an import leaves cut texts alone",
            ),
            chinese: (
                "{count} 处内容超过单元格上限 32 767 个字符，已截断并在末尾标记",
                ".csv 和 .jsonl 可保留完整内容；再导入时，被截断的内容不会改动",
            ),
            title: ("texts cut", "内容被截断"),
            meaning: (
                "Excel holds no more than 32 767 characters in a cell.",
                "Excel 单元格最多容纳 32 767 个字符。",
            ),
        },
        Code::NotABaseline => Words {
            english: (
                "{path} is not known to be a complete export",
                "compare with a complete one: customers that it lacks would look as if they were new or gone",
            ),
            chinese: (
                "无法确认 {path} 是完整的导出",
                "请与完整的导出比较，否则缺少的客户会被当作新增或已不存在",
            ),
            title: ("no baseline", "不能作为基准"),
            meaning: (
                "An export that may lack customers says nothing about what was added or is gone. Completeness stands in the manifest and in the hidden sheet.",
                "可能缺少客户的导出不能说明哪些是新增、哪些已不存在。是否完整记录在清单文件和隐藏工作表中。",
            ),
        },
        Code::NoBaseline => Words {
            english: (
                "there is no earlier complete export of this name to compare with",
                "the next one will be compared with this",
            ),
            chinese: ("没有同名的、完整的旧导出可供比较", "下一次将与这一次比较"),
            title: ("nothing to compare with", "没有可比较的导出"),
            meaning: (
                "`--compare last` takes the newest complete export of the same name, account and filter in the target's folder.",
                "`--compare last` 取目标文件夹中同名、同账号、同筛选的最新完整导出。",
            ),
        },
        Code::OtherScope => Words {
            english: (
                "{path} holds the customers of another account or filter",
                "compare exports of the same customers",
            ),
            chinese: (
                "{path} 是另一个账号或另一种筛选的客户",
                "请比较同一范围的导出",
            ),
            title: ("export of other customers", "导出范围不同"),
            meaning: (
                "Customers outside of one of the exports would look as if they were new or gone.",
                "不在其中一个导出范围内的客户会被当作新增或已不存在。",
            ),
        },
        Code::NotAnExport => Words {
            english: (
                "{path} is no export with columns: its first row has no _id",
                "name files that `ferry export` wrote as .xlsx or .csv",
            ),
            chinese: (
                "{path} 不是带列的导出文件：第一行没有 _id",
                "请指定 `ferry export` 写出的 .xlsx 或 .csv 文件",
            ),
            title: ("not an export", "不是导出文件"),
            meaning: (
                "Exports are compared by _id, and its column stands in the first row.",
                "比较导出文件以 _id 为准，第一行要有这一列。",
            ),
        },
        Code::ExportEdited => Words {
            english: (
                "{path} was changed since it was exported and is not deleted",
                "move it elsewhere if it is to be kept, or delete it yourself",
            ),
            chinese: (
                "{path} 在导出之后被修改过，没有删除",
                "如要保留请移到别处，否则请自行删除",
            ),
            title: ("changed export kept", "保留被修改的导出"),
            meaning: (
                "--keep deletes only files that are still what ferry wrote.",
                "--keep 只删除与 ferry 写出时一致的文件。",
            ),
        },
        Code::FinishFailed => Words {
            english: (
                "on_finish failed: {detail}",
                "what ferry did is done; try the command by hand with the JSON that --json prints",
            ),
            chinese: (
                "on_finish 执行失败：{detail}",
                "ferry 的工作已经完成；请用 --json 输出的内容手动试一下该命令",
            ),
            title: ("on_finish failed", "on_finish 失败"),
            meaning: (
                "The command that is to be run at the end could not be started, or did not end with 0.",
                "结束时要执行的命令无法启动，或没有以 0 退出。",
            ),
        },
        _ => Words {
            english: ("", ""),
            chinese: ("", ""),
            title: ("", ""),
            meaning: ("", ""),
        },
    }
}
