//! The words of the problems that plan, apply, verify, undo and delete bring: both languages side by side.

use super::exports::Words;
use crate::model::Code;

/// The codes whose words are here, as a pattern: a code without words does not compile.
macro_rules! codes_of_changes {
    () => {
        Code::ComparedSingly
            | Code::TooManyDeletes
            | Code::IsAPreview
            | Code::NoIdColumn
            | Code::OnMatchWithoutKey
            | Code::KeysOfSheet
            | Code::KeysDiffer
            | Code::AmbiguousKey
            | Code::KeyNotStored
            | Code::KeyIsStored
            | Code::KeyMatchLeft
            | Code::ChangedSincePlan
            | Code::AddedSincePlan
            | Code::Readded
            | Code::LeftAlone
            | Code::ChangedSinceAdd
            | Code::AdoptedLeft
            | Code::UndoneWith
            | Code::NoImage
            | Code::NotAddedByRow
            | Code::AlreadyGone
            | Code::VerifyDiffers
            | Code::VerifyGone
            | Code::VerifyStillThere
            | Code::TakenBack
            | Code::AddedSince
            | Code::SecondCustomer
            | Code::OtherCustomerHasIt
            | Code::JobIsAPlan
            | Code::NotAPlan
            | Code::SeveralJobs
            | Code::NotOfAJob
            | Code::NothingWritten
    };
}

/// The words of a code of this file; empty for any other, which a test would notice.
pub(super) fn words(code: Code) -> Words {
    match code {
        Code::ComparedSingly => Words {
            english: (
                "{rows} rows are compared with what is stored one by one: about {calls} calls[; the whole list would take {pages}]",
                "only what differs is sent",
            ),
            chinese: (
                "{rows} 行将逐行与已有客户比对：约调用 {calls} 次[；读取整个列表需要 {pages} 次]",
                "只提交有变化的内容",
            ),
            title: ("compared one by one", "逐行比对"),
            meaning: (
                "Rows are compared with what is stored before anything is decided. Here single looks and searches take fewer calls than the whole list.",
                "决定如何处理之前，各行先与 CRM 中的内容比对。这里逐个查询比读取整个列表调用更少。",
            ),
        },
        Code::TooManyDeletes => Words {
            english: (
                "{count} customers would be deleted, and --max-delete allows {limit}",
                "look at the list; if it is right, give --max-delete {count}",
            ),
            chinese: (
                "将删除 {count} 个客户，而 --max-delete 只允许 {limit} 个",
                "请核对名单；确认无误后加 --max-delete {count}",
            ),
            title: ("more deletions than allowed", "删除数量超过上限"),
            meaning: (
                "A limit keeps a wrong file from emptying the CRM. Nothing was deleted.",
                "这个上限防止用错文件而清空 CRM。没有删除任何客户。",
            ),
        },
        Code::IsAPreview => Words {
            english: (
                "this is {detail}, and not a source: it does not hold what is to be stored",
                "give the source itself[; the sheet is of job {job}]",
            ),
            chinese: (
                "这是{detail}，不是数据来源：里面不是要写入的内容",
                "请指定原文件[；这份表来自任务 {job}]",
            ),
            title: ("sheet that is no source", "不是数据来源的表"),
            meaning: (
                "Previews and verifications are made to be read: importing one would store their arrows. The sheet of an undo or a delete holds what the job had written: importing it would do again what was taken back.",
                "导入预览和核对结果只供查看，导入它们会把箭头写进 CRM；撤销和删除的结果表里是任务当初写入的内容，导入它们会把撤销的内容又做一遍。",
            ),
        },
        Code::NoIdColumn => Words {
            english: (
                "{path} has no column _id",
                "give a result sheet, an export, or a list with the header _id",
            ),
            chinese: (
                "{path} 中没有 _id 列",
                "请指定结果表、导出文件，或表头为 _id 的名单",
            ),
            title: ("no _id column", "没有 _id 列"),
            meaning: (
                "Customers are deleted by their _id and by nothing else.",
                "只按 _id 删除客户，不用其他内容。",
            ),
        },
        Code::OnMatchWithoutKey => Words {
            english: (
                "--on-match says what becomes of customers that a key finds, and there is no key",
                "add --key FIELD, such as --key 手机",
            ),
            chinese: (
                "--on-match 用于按查重字段找到的客户，但没有指定查重字段",
                "请加 --key 字段，如 --key 手机",
            ),
            title: ("--on-match without a key", "缺少查重字段"),
            meaning: (
                "Without a key nobody is looked up, so the flag would be ignored and customers that exist would be doubled.",
                "没有查重字段就不会查找已有客户，这个参数不起作用，已有客户会重复。",
            ),
        },
        Code::KeysOfSheet => Words {
            english: (
                "rows are recognised by {keys}, as in the job that this result sheet comes from",
                "--key says otherwise",
            ),
            chinese: (
                "按 {keys} 识别客户，与这份结果表所属的任务相同",
                "可用 --key 另行指定",
            ),
            title: ("key of the result sheet", "沿用结果表的查重字段"),
            meaning: (
                "A result sheet remembers by what its rows were recognised, so that importing it does not add customers that exist.",
                "结果表记着各行按什么识别，再次导入时不会把已有客户当作新客户。",
            ),
        },
        Code::KeysDiffer => Words {
            english: (
                "the rows of this sheet come from jobs that recognised customers in different ways",
                "say it with --key FIELD, or --mode add to look nobody up",
            ),
            chinese: (
                "表中的行来自查重字段不同的多个任务",
                "请用 --key 字段指定，或用 --mode add 表示不查找已有客户",
            ),
            title: ("rows with different keys", "查重字段不一致"),
            meaning: (
                "A result sheet takes its key from the job that wrote it. Rows of several jobs were put together here, and those jobs had different keys, or none.",
                "结果表沿用所属任务的查重字段；这份表由多个任务的行拼成，而这些任务的查重字段不同或没有。",
            ),
        },
        Code::AmbiguousKey => Words {
            english: (
                "several stored customers have this row's {field}[: {ids}]",
                "merge them in the CRM, or write the _id of the one that is meant into the row",
            ),
            chinese: (
                "CRM 中有多个客户的{field}与本行相同[：{ids}]",
                "请在 CRM 中合并，或在本行填写要更新的客户的 _id",
            ),
            title: ("key of several customers", "多个客户查重字段相同"),
            meaning: (
                "The row's key does not say which customer is meant. None of them was touched.",
                "查重字段无法确定是哪个客户，没有改动其中任何一个。",
            ),
        },
        Code::KeyNotStored => Words {
            english: (
                "no stored customer has this row's {field}",
                "check the cell, or let the row be added (--mode auto)",
            ),
            chinese: (
                "CRM 中没有{field}与本行相同的客户",
                "请检查单元格，或允许新增（--mode auto）",
            ),
            title: ("key of nobody", "没有匹配的客户"),
            meaning: (
                "With --mode update nothing is added, and the row's key is nobody's.",
                "--mode update 时不新增客户，而本行的查重字段没有匹配到任何客户。",
            ),
        },
        Code::KeyIsStored => Words {
            english: (
                "customer {id} has this row's {field} already",
                "leave the row out, or let it change the customer (--on-match update)",
            ),
            chinese: (
                "客户 {id} 的{field}与本行相同",
                "请去掉这一行，或允许更新该客户（--on-match update）",
            ),
            title: ("customer exists already", "客户已存在"),
            meaning: (
                "With --on-match fail a row whose key is stored is a problem.",
                "--on-match fail 时，查重字段已存在的行视为有误。",
            ),
        },
        Code::KeyMatchLeft => Words {
            english: (
                "customer {id} has this row's key; left alone",
                "--on-match update changes it, --on-match fill fills its blank fields",
            ),
            chinese: (
                "客户 {id} 的查重字段与本行相同，已保持原样",
                "--on-match update 更新该客户，--on-match fill 只补充空白字段",
            ),
            title: ("existing customer left alone", "已有客户保持不变"),
            meaning: (
                "With --on-match skip customers that exist are not changed.",
                "--on-match skip 时不改动已有客户。",
            ),
        },
        Code::ChangedSincePlan => Words {
            english: (
                "{field} of customer {id} was “{planned}” when the plan was made and is “{now}” now; nothing was written",
                "look at both values; `ferry apply --refresh`, or this sheet imported again, decides anew",
            ),
            chinese: (
                "制定计划时客户 {id} 的{field}是“{planned}”，现在是“{now}”，没有写入",
                "请核对两个值；`ferry apply --refresh` 或再次导入本表会重新决定",
            ),
            title: ("changed since the plan", "计划后被他人修改"),
            meaning: (
                "Somebody changed the customer between plan and apply. What nobody has seen is not overwritten.",
                "计划与执行之间有人修改了该客户；没有人看过的内容不会被覆盖。",
            ),
        },
        Code::AddedSincePlan => Words {
            english: (
                "a customer with this row's key was added since the plan was made[: {ids}]; nothing was added",
                "look at it; this sheet imported again updates it",
            ),
            chinese: (
                "计划制定后，CRM 中出现了查重字段与本行相同的客户[：{ids}]，没有新增",
                "请核对；再次导入本表会更新该客户",
            ),
            title: ("added since the plan", "计划后被他人新增"),
            meaning: (
                "Somebody added the customer between plan and apply. It is not added twice.",
                "计划与执行之间有人新增了该客户，不会重复新增。",
            ),
        },
        Code::Readded => Words {
            english: (
                "re-added as a new customer; its old _id was {old}",
                "whatever refers to the old _id has to be pointed to the new one",
            ),
            chinese: (
                "已作为新客户重新添加，原 _id 为 {old}",
                "引用旧 _id 的地方需要改为新的 _id",
            ),
            title: ("re-added under a new _id", "已用新 _id 重新添加"),
            meaning: (
                "A deleted customer cannot come back under its _id: it is a new one with the same content, without its history.",
                "删除的客户无法以原 _id 恢复：这是内容相同的新客户，没有原来的历史记录。",
            ),
        },
        Code::LeftAlone => Words {
            english: (
                "{field} of customer {id} was changed since: the job wrote “{written}”, it is “{now}” now; left alone",
                "if it is to go back all the same: `ferry undo --force`",
            ),
            chinese: (
                "客户 {id} 的{field}之后又被修改：任务写入的是“{written}”，现在是“{now}”，已保持原样",
                "如仍要恢复，请使用 `ferry undo --force`",
            ),
            title: ("changed since; left alone", "之后被修改，保持原样"),
            meaning: (
                "An undo takes back what the job wrote, and not what somebody wrote after it.",
                "撤销只收回任务写入的内容，不动之后别人写入的内容。",
            ),
        },
        Code::ChangedSinceAdd => Words {
            english: (
                "customer {id} was changed since it was added[ ({field}: “{written}” → “{now}”)]; not deleted",
                "if it is to go all the same: `ferry undo --force`",
            ),
            chinese: (
                "客户 {id} 新增后又被修改[（{field}：“{written}” → “{now}”）]，没有删除",
                "如仍要删除，请使用 `ferry undo --force`",
            ),
            title: ("changed since; not deleted", "之后被修改，没有删除"),
            meaning: (
                "Somebody has worked on the customer since the job added it, so it is not deleted.",
                "该客户新增后已有人修改，所以没有删除。",
            ),
        },
        Code::AdoptedLeft => Words {
            english: (
                "customer {id} was found in the CRM after its reply was lost; it may be somebody else's, and is not deleted",
                "look at it; `ferry undo --force` deletes it",
            ),
            chinese: (
                "客户 {id} 是应答丢失后在 CRM 中找到的，可能不是本任务新增的，没有删除",
                "请核对；`ferry undo --force` 会删除它",
            ),
            title: ("found customer not deleted", "找回的客户没有删除"),
            meaning: (
                "The job took this customer for the one it had added, by its content. That is good enough not to add it again, and not good enough to delete it.",
                "任务根据内容认定该客户是自己新增的：这足以避免重复新增，但不足以据此删除。",
            ),
        },
        Code::UndoneWith => Words {
            english: (
                "undone together with row {row}, which wrote the same customer",
                "see there",
            ),
            chinese: ("与第 {row} 行一并撤销，两行写入同一客户", "请看该行"),
            title: ("undone with another row", "与另一行一并撤销"),
            meaning: (
                "Several rows of the job wrote this customer; it goes back to what it was before the first of them.",
                "任务有多行写入该客户，它恢复到第一行写入之前的内容。",
            ),
        },
        Code::NoImage => Words {
            english: (
                "what was stored before is not known; left alone",
                "look at the customer in the CRM",
            ),
            chinese: ("不知道之前的内容，已保持原样", "请在 CRM 中查看该客户"),
            title: ("earlier content not known", "之前的内容未知"),
            meaning: (
                "The journal has no copy of the customer from before the change, so there is nothing to go back to.",
                "任务记录中没有修改前的副本，无从恢复。",
            ),
        },
        Code::NotAddedByRow => Words {
            english: (
                "the row did not add customer {id}; left alone",
                "to delete it all the same: --all-ids",
            ),
            chinese: (
                "这一行没有新增客户 {id}，已保持原样",
                "如仍要删除，请加 --all-ids",
            ),
            title: ("not added by this row", "不是这一行新增的"),
            meaning: (
                "Of a result sheet only those customers are deleted that its rows added; the others were there before.",
                "对结果表只删除其中新增的客户，其余客户原来就有。",
            ),
        },
        Code::AlreadyGone => Words {
            english: ("customer {id} was gone already", "nothing to do"),
            chinese: ("客户 {id} 已经不在", "无需处理"),
            title: ("gone already", "已经不在"),
            meaning: (
                "A customer that is gone is as good as deleted.",
                "客户已经不在，视为删除完成。",
            ),
        },
        Code::VerifyDiffers => Words {
            english: (
                "{field} of customer {id}: sent “{sent}”, stored “{now}”",
                "somebody has changed it since, or the CRM stores it in another form",
            ),
            chinese: (
                "客户 {id} 的{field}：提交的是“{sent}”，CRM 中是“{now}”",
                "之后有人修改过，或 CRM 以其他形式保存",
            ),
            title: ("stored otherwise", "与提交的不同"),
            meaning: (
                "What is stored is not what the job sent.",
                "CRM 中的内容与任务提交的不同。",
            ),
        },
        Code::VerifyGone => Words {
            english: (
                "customer {id} is not in the CRM",
                "look for it in the CRM's recycle bin or log",
            ),
            chinese: ("CRM 中没有客户 {id}", "请在 CRM 的回收站或日志中查找"),
            title: ("not in the CRM", "不在 CRM 中"),
            meaning: (
                "The job wrote this customer, and it cannot be found now.",
                "任务写入了该客户，但现在查不到。",
            ),
        },
        Code::VerifyStillThere => Words {
            english: (
                "customer {id} was deleted by the job and is in the CRM",
                "somebody has restored it, or the CRM deletes later",
            ),
            chinese: (
                "任务删除了客户 {id}，但它仍在 CRM 中",
                "可能有人恢复了它，或 CRM 延迟删除",
            ),
            title: ("still in the CRM", "仍在 CRM 中"),
            meaning: (
                "The job deleted this customer, and the CRM still shows it.",
                "任务删除了该客户，但 CRM 仍能查到。",
            ),
        },
        Code::SecondCustomer => Words {
            english: (
                "customer {id} is stored twice: {other} holds what the row sent as well ({field} “{value}”)",
                "`ferry delete` of this sheet deletes the second ones (_second_id) and nobody else, after keeping a copy",
            ),
            chinese: (
                "客户 {id} 存了两次：{other} 同样是这一行提交的内容（{field}“{value}”）",
                "对本表运行 `ferry delete` 会先备份，然后只删除重复的那个（_second_id）",
            ),
            title: ("stored twice", "重复存储"),
            meaning: (
                "Another customer holds exactly what the row sent, was created since the job began, and no row of any job is known to have become it. Something between here and the CRM has repeated the add.",
                "另有一个客户与这一行提交的内容完全相同，在任务开始之后创建，且不是任何任务的任何一行新增的：途中有环节重复提交了新增请求。",
            ),
        },
        Code::OtherCustomerHasIt => Words {
            english: (
                "{other} has the {field} “{value}” of customer {id} as well, and was created since the job began",
                "it holds something else too, or may belong to a row in doubt: compare both in the CRM; `ferry delete` of this sheet leaves it alone",
            ),
            chinese: (
                "{other} 也有客户 {id} 的{field}“{value}”，且在任务开始之后创建",
                "它还有其他内容，或可能属于待核实的行：请在 CRM 中比对两者；对本表运行 `ferry delete` 不会删除它",
            ),
            title: ("another customer has it too", "另有客户相同"),
            meaning: (
                "A customer that no row is known to have become shares what recognises this one. It may be a second one that somebody has worked on, or somebody else's.",
                "有一个不属于任何已知行的客户，其识别信息与这一个相同。它可能是重复新增后被人修改过的，也可能是他人新增的。",
            ),
        },
        Code::TakenBack => Words {
            english: (
                "not sent: the job was taken back by {job}",
                "import the file again if it is wanted after all",
            ),
            chinese: (
                "未提交：任务已被 {job} 撤销",
                "如果仍需要，请重新导入该文件",
            ),
            title: ("taken back before it was sent", "提交之前已撤销"),
            meaning: (
                "The job was stopped in the middle and then undone. What it had not sent is not sent any more.",
                "任务中途停止后被撤销，尚未提交的行不再提交。",
            ),
        },
        Code::AddedSince => Words {
            english: (
                "a customer of the same content was added since; not added again",
                "look whether it is the same; `ferry undo --force` adds it all the same",
            ),
            chinese: (
                "之后又新增了内容相同的客户，没有再添加",
                "请核对是否同一客户；`ferry undo --force` 仍会添加",
            ),
            title: ("added since", "之后已新增"),
            meaning: (
                "After the customer was deleted its row was imported again. Bringing it back as well would make two of it.",
                "客户删除后，它的那一行又被导入过；再加回来就会有两个。",
            ),
        },
        Code::JobIsAPlan => Words {
            english: (
                "job {job} is a plan that nobody has applied",
                "`ferry apply {job}`",
            ),
            chinese: ("任务 {job} 是尚未执行的计划", "请运行 `ferry apply {job}`"),
            title: ("plan not applied", "计划尚未执行"),
            meaning: (
                "The job was planned and nothing was sent. `ferry apply` carries it out.",
                "该任务只做了计划，没有提交任何内容；用 `ferry apply` 执行。",
            ),
        },
        Code::NotAPlan => Words {
            english: (
                "job {job} is not a plan that waits to be applied",
                "`ferry jobs` lists all jobs",
            ),
            chinese: (
                "任务 {job} 不是等待执行的计划",
                "`ferry jobs` 会列出所有任务",
            ),
            title: ("not a plan", "不是计划"),
            meaning: (
                "Only what `ferry plan` has made, and nobody has applied, can be applied.",
                "只有 `ferry plan` 生成且尚未执行的任务才能执行。",
            ),
        },
        Code::SeveralJobs => Words {
            english: (
                "the sheet holds rows of several jobs: {jobs}",
                "name the job itself: `ferry undo JOB`",
            ),
            chinese: (
                "表中有多个任务的行：{jobs}",
                "请直接指定任务：`ferry undo JOB`",
            ),
            title: ("rows of several jobs", "包含多个任务"),
            meaning: ("An undo takes one job back.", "撤销每次只撤一个任务。"),
        },
        Code::NotOfAJob => Words {
            english: (
                "{path} holds no rows of a job",
                "give the result sheet of the job, or its name from `ferry jobs`",
            ),
            chinese: (
                "{path} 中没有任务的行",
                "请指定任务的结果表，或 `ferry jobs` 中的任务名",
            ),
            title: ("no rows of a job", "没有任务的行"),
            meaning: (
                "The sheet has no column _job, so it does not say what to take back.",
                "表中没有 _job 列，不知道要撤销什么。",
            ),
        },
        Code::NothingWritten => Words {
            english: (
                "job {job} has written nothing",
                "`ferry jobs {job}` shows what became of its rows",
            ),
            chinese: (
                "任务 {job} 没有写入任何内容",
                "`ferry jobs {job}` 可查看各行的结果",
            ),
            title: ("nothing was written", "没有写入内容"),
            meaning: (
                "There is nothing to take back or to compare.",
                "没有可撤销或核对的内容。",
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
