//! The words of the problems around rows whose outcome is not known: both languages side by side.

use super::exports::Words;
use crate::model::Code;

/// The codes whose words are here, as a pattern: a code without words does not compile.
macro_rules! codes_of_doubts {
    () => {
        Code::OutageWait
            | Code::Touching
            | Code::MergedByServer
            | Code::SameCustomer
            | Code::NeverStored
            | Code::TouchChanged
            | Code::MergedRows
            | Code::TooManyShareIt
            | Code::FormatsNotKept
    };
}

/// The words of a code of this file; empty for any other, which a test would notice.
pub(super) fn words(code: Code) -> Words {
    match code {
        Code::OutageWait => Words {
            english: (
                "{host} does not answer sensibly ({detail}): nothing is sent until it does, at the latest until {until}",
                "wait, or stop with Ctrl-C: the rest stays pending, and `ferry resume` sends it",
            ),
            chinese: (
                "{host} 没有正常应答（{detail}）：在恢复之前不再提交，最迟等到 {until}",
                "请等待，或按 Ctrl-C 停止：其余各行保持未处理，之后用 `ferry resume` 继续",
            ),
            title: ("waiting for the CRM", "等待 CRM 恢复"),
            meaning: (
                "Several calls in a row ended without a known outcome: a cut connection, an error page, a login page. Each further row \
                 sent now would be one more in doubt. So ferry sends none, asks with one harmless read at a time, and goes on by itself \
                 when the CRM answers again. The setting max_outage (10 min) says how long it waits.",
                "接连几次调用都不知道结果：连接被切断、返回错误页或登录页。此时每多提交一行，就多一行结果不明。因此 ferry 暂停提交，\
                 每次只用一个只读查询探测，恢复后自动继续。最多等待多久由 max_outage 设置（默认 10 分钟）。",
            ),
        },
        Code::Touching => Words {
            english: (
                "to see whether the search shows what was written last, customer {id} of job {job} is written once more with the {field} that it has",
                "nothing changes but its update time; --no-touch forbids it, and then such rows may stay unknown",
            ),
            chinese: (
                "为确认查询能查到最新写入的内容，将任务 {job} 新增的客户 {id} 的“{field}”按原值再写一次",
                "除更新时间外没有变化；可用 --no-touch 禁止，但这类行可能一直待核实",
            ),
            title: ("a customer is written again as it is", "按原值再写一次"),
            meaning: (
                "A row whose reply was lost may be sent again only when it is proven not to be stored. That the search finds nobody proves \
                 it only if the search shows what was written later. So ferry writes a customer that it added itself, and that nobody has \
                 changed since, with the value it has, and looks whether the search shows the new update time.",
                "应答丢失的行，只有证明没有写入之后才能再次提交。查询查不到并不够，还要证明查询能查到更晚写入的内容。因此 ferry \
                 把自己新增、且之后无人改动的一个客户按原值再写一次，看查询结果是否显示新的更新时间。",
            ),
        },
        Code::MergedByServer => Words {
            english: (
                "the CRM answered with customer {id}, which was there before[ (created {created})]: it merged the row into it",
                "look at that customer; undo and delete leave it alone",
            ),
            chinese: (
                "CRM 返回的是原有客户 {id}[（创建于 {created}）]：这一行被并入了该客户",
                "请查看该客户；撤销和删除都不会动它",
            ),
            title: ("merged into an existing customer", "被并入原有客户"),
            meaning: (
                "The CRM did not make a new customer of the row but answered with one that is older, for example because of its phone. \
                 It may have changed it. Since ferry did not make that customer, no undo deletes it.",
                "CRM 没有为这一行新建客户，而是返回了一个更早的客户，例如手机号相同。该客户可能已被改动。它不是 ferry 新增的，\
                 因此撤销不会删除它。",
            ),
        },
        Code::SameCustomer => Words {
            english: (
                "the CRM answered with customer {id}, which is that of row {row} of job {job}: it merged both",
                "look at that customer; it belongs to the other row",
            ),
            chinese: (
                "CRM 返回的客户 {id} 与任务 {job} 第 {row} 行是同一个：两行被合并了",
                "请查看该客户；它属于另一行",
            ),
            title: ("two rows became one customer", "两行成了同一客户"),
            meaning: (
                "Two rows were added, and the CRM gave both one _id. Only the first made a customer, and only its undo deletes it.",
                "两行都提交新增，CRM 却返回了同一个 _id。只有先提交的一行新建了客户，撤销时也只由它删除。",
            ),
        },
        Code::NeverStored => Words {
            english: (
                "the CRM fails on this row[: {detail}]; it was sent {count} times, and each time was proven not to be stored",
                "look for something unusual in its cells, or add this customer by hand",
            ),
            chinese: (
                "CRM 处理不了这一行[：{detail}]；已提交 {count} 次，每次都证实没有写入",
                "请查看这一行有无特殊内容，或手工新增该客户",
            ),
            title: ("row that the CRM fails on", "CRM 处理不了的行"),
            meaning: (
                "Each reply left it open whether the row was stored, and each time the CRM was seen not to have it. Sending it once more \
                 would not end differently.",
                "每次应答都不能说明是否写入，而每次都证实 CRM 中没有。再次提交结果也不会不同。",
            ),
        },
        Code::MergedRows => Words {
            english: (
                "rows that the CRM has merged into customers that were there: {count}",
                "look for E551 and E552 in the result sheet; `ferry verify` lists them",
            ),
            chinese: (
                "被 CRM 并入已有客户的行：{count}",
                "请在结果表中查看 E551 和 E552；`ferry verify` 会列出",
            ),
            title: ("rows that were merged", "被并入的行"),
            meaning: (
                "The CRM answered these adds with customers that were there before, or with the customer of another row. The rows are done; no \
                 undo deletes those customers.",
                "CRM 用已有的客户或另一行的客户应答了这些新增。这些行已处理完；撤销不会删除那些客户。",
            ),
        },
        Code::TouchChanged => Words {
            english: (
                "writing customer {id} once more as it is has changed it: the CRM replaces what an update does not name",
                "compare that customer with `ferry verify`, and give --no-touch from now on",
            ),
            chinese: (
                "将客户 {id} 按原值再写一次后，内容有变化：CRM 会覆盖更新中没有提到的内容",
                "请用 `ferry verify` 核对该客户，今后请加 --no-touch",
            ),
            title: ("an update changed more than it said", "更新改动了其他内容"),
            meaning: (
                "After a customer was written with a value that it had, it is not what it was. No other customer is written so in this run.",
                "客户按原值写入后与之前不同。本次运行不再对其他客户这样做。",
            ),
        },
        Code::TooManyShareIt => Words {
            english: (
                "more than 2000 customers hold “{value}”: whether this row is stored twice was not looked for",
                "import with --stamp or a key that tells customers apart, then verify can look for it",
            ),
            chinese: (
                "有 2000 多个客户的内容为“{value}”：未能核对这一行是否重复写入",
                "导入时请使用 --stamp 或能区分客户的查重字段，核对时即可查找",
            ),
            title: ("too many customers alike", "相同内容的客户太多"),
            meaning: (
                "A verification looks for other customers that hold what a row sent. Where a value is shared by thousands, such as a \
                 common name in a file without phones, reading them all for each row would cost too many calls, and the value tells nobody apart.",
                "核对时会查找含有同一内容的其他客户。若有几千个客户的内容相同（例如没有手机号的文件中的常见名称），逐行全部读取\
                 调用过多，该内容也不能区分客户。",
            ),
        },
        Code::FormatsNotKept => Words {
            english: (
                "this workbook is of Excel 5 or 95: of its number formats only dates are kept, so a number that shows as 0571 or 15% is read as 571 or 0.15",
                "if it has such numbers, save it as .xlsx and take that",
            ),
            chinese: (
                "这是 Excel 5 或 95 的工作簿：数字格式只保留日期，显示为 0571、15% 的数字会读成 571、0.15",
                "如有这类数字，请另存为 .xlsx 后使用",
            ),
            title: ("number formats not kept", "未保留数字格式"),
            meaning: (
                "Texts, numbers, dates and formulas' values of such an old workbook are read, but not what a number format adds to a number. \
                 In a workbook of a later version leading zeros and percent are read as they show.",
                "这类旧工作簿的文本、数字、日期和公式结果都会读取，但数字格式附加的内容不会。较新版本的工作簿会按显示的样子读取前导零和百分比。",
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
