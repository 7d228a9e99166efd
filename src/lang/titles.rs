//! What each number is called, in two or three words: for lists of counts, and over its explanation.

use super::Lang;
use crate::model::Code;

/// The words of a number, without facts.
pub fn title(code: Code, lang: Lang) -> &'static str {
    let (english, chinese) = both(code);
    lang.pick(english, chinese)
}

fn both(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NoConfiguration => ("no account is set", "未设置账号"),
        Code::BadConfiguration => ("mistake in ferry.toml", "ferry.toml 有误"),
        Code::SecretMissing => ("no secret", "没有密钥"),
        Code::SecretExposed => ("secret readable by others", "密钥可被他人读取"),
        Code::BadSetting => ("unusable setting", "设置不可用"),
        Code::NeedsConfirmation => ("not confirmed", "未确认"),
        Code::SandboxFailed => ("embedded CRM did not start", "演练环境未能启动"),
        Code::Unreachable => ("no connection", "无法连接"),
        Code::NoReply => ("no usable reply", "没有可用的应答"),
        Code::BadSignature => ("signature refused", "签名被拒绝"),
        Code::UnknownAppid => ("appid unknown", "appid 不存在"),
        Code::NoPermission => ("no permission", "没有权限"),
        Code::ServerBusy => ("CRM busy", "CRM 繁忙"),
        Code::ClockOff => ("clock off", "时钟不准"),
        Code::QuotaSpent => ("quota spent", "配额已用完"),
        Code::NoHeader => ("no header found", "没有找到表头"),
        Code::UnknownColumns => ("column matches no field", "列对不上字段"),
        Code::TwoColumnsOneField => ("two columns for one field", "两列对应同一字段"),
        Code::FieldDisabled => ("field disabled", "字段已停用"),
        Code::FieldDeleted => ("field deleted", "字段已删除"),
        Code::SeveralSheets => ("several sheets match", "多个工作表可用"),
        Code::NoSuchSheet => ("no such sheet", "没有该工作表"),
        Code::UnknownType => ("unknown field type", "字段类型无法识别"),
        Code::ServerSetColumn => ("column set by the CRM", "由 CRM 填写的列"),
        Code::IgnoredColumns => ("columns left out", "已忽略的列"),
        Code::HeaderFound => ("header below other rows", "表头不在首行"),
        Code::NothingMatched => ("not compared with stored customers", "未与已有客户查重"),
        Code::RequiredWithoutColumn => ("no column for a required field", "缺少必填字段的列"),
        Code::NoRows => ("header without rows", "只有表头没有数据"),
        Code::BlankWords => ("words that count as blank", "按空白处理的词"),
        Code::AmbiguousHeader => ("label of several fields", "多个字段同名"),
        Code::ForeignResult => ("result sheet of another account", "其他账号的结果表"),
        Code::BadStamp => ("unusable stamp field", "标记字段不可用"),
        Code::BadKey => ("unusable key", "查重字段不可用"),
        Code::KeyRecognises => ("stored customers are not looked up", "不查找已有客户"),
        Code::MappingSyntax => ("mapping not readable", "字段对应有误"),
        Code::MappingUnknownKey => ("unknown word in the mapping", "字段对应中的未知写法"),
        Code::MappingUnknownField => ("unknown field in the mapping", "字段对应中没有该字段"),
        Code::MappingUnknownChoice => ("unknown choice in the mapping", "字段对应中没有该选项"),
        Code::MappingNoSuchHeader => ("column of the mapping not in the sheet", "表中没有该列"),
        Code::MappingUndecided => ("undecided in the mapping", "字段对应尚未确定"),
        Code::MappingBadValue => ("unusable value in the mapping", "字段对应中的值不可用"),
        Code::MappingServerSet => ("field set by the CRM in the mapping", "由 CRM 填写的字段"),
        Code::MappingHeaderTwice => ("several columns with one header", "表头重复"),
        Code::MappingWon => ("mapping and header differ", "以字段对应为准"),
        Code::MappingTwice => ("two settings for one field", "字段对应前后不一"),
        Code::BadLookup => ("look-up file unusable", "对照文件有误"),
        Code::MappingFieldOff => ("field of the mapping disabled", "字段已停用或删除"),
        Code::MapByName => ("named like the field", "名称相同"),
        Code::MapBySynonym => ("a common header", "常见叫法"),
        Code::MapByChoices => ("cells are choices of the field", "内容是选项"),
        Code::MapByShape => ("cells look like the field", "内容形似"),
        Code::MapSimilar => ("header resembles the field", "名称相近"),
        Code::MapLeftOut => ("left out", "其他系统自用"),
        Code::MapServerSet => ("set by the CRM", "由 CRM 填写"),
        Code::MapFieldOff => ("field disabled or deleted", "字段不可用"),
        Code::MapMemo => ("memo of a phone", "联系人"),
        Code::MapLevel => ("level of a cascade", "级联的一级"),
        Code::MapNothing => ("unknown column", "无法判断"),
        Code::MapIsIt => ("field to be confirmed", "需要确认"),
        Code::MapTaken => ("field taken by another column", "字段已被占用"),
        Code::MapCellsDiffer => ("cells differ from the field", "内容不符"),
        Code::MapDateForm => ("form of dates unknown", "日期格式不明"),
        Code::MapPersonOrCompany => ("company or person", "公司还是个人"),
        Code::MapPhone => ("which phones", "手机还是座机"),
        Code::MapLandline => ("landline", "座机"),
        Code::MapOpenSea => ("open sea", "公海"),
        Code::MapCreated => ("creation time of another system", "原创建时间"),
        Code::MapOwnId => ("id of another system", "其他系统的编号"),
        Code::MapSeveral => ("several fields of one label", "对应到多个同名字段"),
        Code::MapMoreWords => ("further words", "未列出的词"),
        Code::MapHead => ("a proposed mapping", "待决定的数量"),
        Code::MapExists => ("file exists", "文件已存在"),
        Code::MissingRequired => ("required field blank", "必填项为空"),
        Code::NotAChoice => ("not a choice", "不在选项中"),
        Code::NotADate => ("not a date", "不是日期"),
        Code::AmbiguousDate => ("ambiguous date", "日期有歧义"),
        Code::NotANumber => ("not a number", "不是数字"),
        Code::NotAPhone => ("not a phone number", "不是电话号码"),
        Code::NotAnEmail => ("not an e-mail address", "不是邮箱地址"),
        Code::ImpreciseNumber => ("digits lost in the spreadsheet", "表格软件丢失了数字"),
        Code::ScientificText => ("scientific notation as text", "科学计数法文本"),
        Code::ErrorCell => ("error cell", "错误值单元格"),
        Code::NotAPath => ("unknown cascade entry", "级联选项不存在"),
        Code::PathTooShort => ("cascade not filled far enough", "级联没有填到底"),
        Code::NotAnOwner => ("owner is no id", "负责人不是 ID"),
        Code::NotACustomerId => ("_id is no id", "_id 不是客户 ID"),
        Code::DuplicateId => ("_id twice in the file", "文件中 _id 重复"),
        Code::ValueWithoutHeader => ("value without header", "内容没有表头"),
        Code::RaggedRow => ("wrong number of cells", "单元格数量不符"),
        Code::ClearRequired => ("required field emptied", "清空了必填项"),
        Code::NothingToUpdate => ("nothing to change", "没有要修改的内容"),
        Code::UpdateWithoutId => ("update without _id", "更新但没有 _id"),
        Code::AddWithId => ("add with _id", "新增却有 _id"),
        Code::MemoWithoutValue => ("memo without value", "只有备注没有值"),
        Code::TotalsRow => ("line of totals", "合计行"),
        Code::AlreadyAdded => ("added before", "以前已添加"),
        Code::InDoubtElsewhere => ("in doubt in another job", "在另一任务中待核实"),
        Code::DoneInResult => ("done already", "已完成"),
        Code::SettledLater => ("settled by a later job", "之后的任务已处理"),
        Code::NotAUrl => ("not a web address", "不是网址"),
        Code::UnknownInResult | Code::OutcomeUnknown | Code::Interrupted => {
            ("outcome not known", "待核实")
        }
        Code::EditedDoneRows => ("done rows edited", "已完成的行被修改"),
        Code::TimeInDate => ("time in a date field", "日期字段带有时间"),
        Code::GapInPath => ("gap in a cascade", "级联中间有空缺"),
        Code::BlankKey => ("key blank", "查重字段为空"),
        Code::DuplicateKey => ("key twice in the file", "文件中查重字段重复"),
        Code::BadStatus => ("not a status", "不是状态"),
        Code::IdOfAnotherRow => ("_id of another row", "_id 属于另一行"),
        Code::NotInLookup => ("not in the look-up file", "不在对照中"),
        Code::AmbiguousInLookup => ("more than one in the look-up file", "对照中不唯一"),
        Code::MergedInto => ("one customer with a row above", "与上方的行是同一客户"),
        Code::MergeApart => ("rows of one customer stand apart", "同一客户的行不相邻"),
        Code::MergeDiffers => ("rows of one customer differ", "同一客户的行不一致"),
        Code::MergePartner => (
            "another row of the customer is wrong",
            "同一客户的另一行有误",
        ),
        Code::MergedCells => ("merged cells", "合并单元格"),
        Code::TooManyErrors => ("too many rows are wrong", "有问题的行过多"),
        Code::Refused => ("refused by the CRM", "系统拒绝"),
        Code::CustomerGone => ("customer does not exist", "客户不存在"),
        Code::OtherId => ("reply about another customer", "应答的是另一个客户"),
        Code::NotRead => ("customer could not be read", "客户无法读取"),
        Code::Adopted => ("found after a lost reply", "应答丢失后已找到"),
        Code::WaitingToSettle => ("waiting to look rows up", "等待核实"),
        Code::NotStored => ("not stored", "未写入"),
        Code::Unsearchable => (
            "outcome not known: nothing to search by",
            "待核实：没有可搜索的字段",
        ),
        Code::ManyShareValue => (
            "outcome not known: many share the value",
            "待核实：内容相同的客户太多",
        ),
        Code::SearchAstray => (
            "outcome not known: the search goes astray",
            "待核实：搜索结果不可信",
        ),
        Code::SearchRefused => (
            "outcome not known: the search is refused",
            "待核实：CRM 拒绝搜索",
        ),
        Code::OtherHasValue => (
            "outcome not known: another customer has the value",
            "待核实：另有内容相同的客户",
        ),
        Code::FitsSeveralRows => (
            "outcome not known: a customer fits several rows",
            "待核实：一个客户符合几行",
        ),
        Code::SeveralFit => (
            "outcome not known: several customers fit",
            "待核实：多个客户相符",
        ),
        Code::SearchUnproven => (
            "outcome not known: absence not proven",
            "待核实：不能断定未写入",
        ),
        Code::UpdateUnknown => ("update of unknown outcome", "更新待核实"),
        Code::FileNotFound => ("file not found", "文件不存在"),
        Code::IsDirectory => ("folder instead of a file", "是文件夹不是文件"),
        Code::Unreadable => ("file cannot be read", "文件无法读取"),
        Code::EmptyFile => ("empty file", "空文件"),
        Code::NotAWorkbook => ("no workbook", "不是工作簿"),
        Code::OldFormat => ("format not read", "不支持的格式"),
        Code::BadEncoding => ("encoding", "编码问题"),
        Code::BadCsv => ("broken CSV", "CSV 有误"),
        Code::JournalFailed => ("journal not writable", "任务记录无法写入"),
        Code::JournalWentBack => ("journal not whole", "任务记录不完整"),
        Code::JobBusy => ("job in use", "任务正被使用"),
        Code::NoSuchJob => ("no such job", "没有该任务"),
        Code::JobUnfinished => ("job not finished", "任务未完成"),
        Code::ResultUnwritable => ("result not writable", "结果表无法写入"),
        Code::JobFinished => ("job finished", "任务已完成"),
        Code::JournalForeign => ("not the journal of this job", "不是这个任务的记录"),
        Code::CopyChanged => ("copy of the source changed", "源文件副本已改变"),
        Code::ResultRenamed => ("result under another name", "结果表改了名"),
        Code::LedgerHealed => ("ledger restored", "已添加记录已恢复"),
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
        | Code::FinishFailed => super::exports::words(code).title,
        Code::StateOnNetwork => ("state folder on a network drive", "任务文件夹在网络盘上"),
    }
}
