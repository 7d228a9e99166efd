//! The words of phrases: English and Chinese side by side, with facts in braces as in the catalogue.

use super::Lang;
use crate::model::Saying;

/// The template of a phrase.
pub(super) fn template(saying: Saying, lang: Lang) -> &'static str {
    let (english, chinese) = both(saying);
    lang.pick(english, chinese)
}

fn both(saying: Saying) -> (&'static str, &'static str) {
    match saying {
        // Calls.
        Saying::CannotConnect => ("cannot connect[: {cause}]", "连接失败[：{cause}]"),
        Saying::NoReplyInTime => ("no reply in time[: {cause}]", "超时没有应答[：{cause}]"),
        Saying::ConnectionBroke => (
            "the connection broke before the whole reply came[: {cause}]",
            "应答没有收完，连接就断开了[：{cause}]",
        ),
        Saying::CertificateNotTrusted => (
            "nobody whom this computer trusts has issued it",
            "签发者不受本机信任",
        ),
        Saying::CertificateExpired => ("it has expired", "证书已过期"),
        Saying::CertificateNotYetValid => ("it is not valid yet", "证书尚未生效"),
        Saying::CertificateOfOther => (
            "it was issued for another name[: {names}]",
            "证书是签发给其他名称的[：{names}]",
        ),
        Saying::CertificateRevoked => ("it was revoked", "证书已被吊销"),
        Saying::CertificateBad => ("it cannot be checked: {cause}", "无法校验：{cause}"),
        Saying::NotTls => ("the server does not answer in TLS", "服务器的应答不是 TLS"),
        Saying::TlsBrokeOff => (
            "the server hung up before TLS had begun; perhaps it speaks no TLS there",
            "TLS 尚未建立，服务器就断开了连接；可能它在这个端口上不使用 TLS",
        ),
        Saying::TlsExpected => ("the server expects TLS", "服务器要求使用 TLS"),
        Saying::ReplyBrokeOff => ("the reply broke off: {cause}", "应答中断：{cause}"),
        Saying::ReplyTooLarge => ("the reply is larger than 64 MiB", "应答超过 64 MiB"),
        Saying::ReplyTooSlow => ("the reply did not end in time", "应答没有按时收完"),
        Saying::NoReason => (
            "the server gave no reason (HTTP {status}[, code {code}])",
            "服务器没有说明原因（HTTP {status}[，代码 {code}]）",
        ),
        Saying::WrongForm => (
            "the reply does not have the API's form (HTTP {status})",
            "应答不符合接口的格式（HTTP {status}）",
        ),
        Saying::NoSuchCustomer => (
            "the server found no such customer",
            "服务器没有找到这个客户",
        ),
        Saying::RowDamaged => (
            "{path}: what it says of row {row} is not what was written",
            "{path}：第 {row} 行的记录与写入时不同",
        ),
        Saying::RowWithoutSource => (
            "{path}: it has a row {row}, and the source has none",
            "{path}：有第 {row} 行的记录，而源文件没有这一行",
        ),
        Saying::UnknownWord => (
            "{path} says “{value}” for {what}",
            "{path} 中 {what} 的内容为“{value}”",
        ),
        Saying::FieldNotEnabled => ("the field is not enabled", "该字段未启用"),
        Saying::IdentifiesNobody => (
            "a field of its kind identifies nobody",
            "这种字段不能用来识别客户",
        ),
        Saying::FedByNoColumn => ("no column of the sheet feeds it", "表中没有对应的列"),
        Saying::NotACustomer => (
            "the reply's data is not a customer",
            "应答中的 data 不是客户",
        ),
        Saying::ReplyWithoutId => (
            "the reply says yes but names no _id",
            "应答表示成功，却没有给出 _id",
        ),
        Saying::OddIdInReply => (
            "the reply's _id is neither text nor a number",
            "应答中的 _id 既不是文本也不是数字",
        ),
        Saying::BadIdInReply => (
            "the reply's _id “{value}” is not an id: 1 to 20 digits",
            "应答中的 _id“{value}”不是 1 到 20 位数字",
        ),
        Saying::NotAPage => (
            "the reply's data is not a page of customers",
            "应答中的 data 不是客户列表页",
        ),
        Saying::ReplyWithoutList => ("the reply holds no list of customers", "应答中没有客户列表"),
        Saying::ReplyWithoutCount => (
            "the reply does not say how many customers match",
            "应答没有说明共有多少客户符合",
        ),
        Saying::FieldNotAnObject => (
            "an entry of the field list is not an object",
            "字段列表中有一项不是对象",
        ),
        Saying::FieldsNotAnArray => ("the field list is not an array", "字段列表不是数组"),
        Saying::NotJson => ("not JSON: {cause}", "不是 JSON：{cause}"),
        Saying::ReplyWithoutFields => (
            "a reply without a field list in data",
            "应答的 data 中没有字段列表",
        ),
        Saying::NeitherFieldsNorReply => (
            "neither a field list nor a reply with one",
            "既不是字段列表，也不是含字段列表的应答",
        ),
        Saying::StoppedBeforeCall => ("stopped before the call was made", "调用之前已停止"),
        Saying::QuotaSpentUntil => (
            "the quota of {rate} is spent until {until}",
            "配额 {rate} 已用完，{until} 恢复",
        ),
        Saying::CannotCount => ("cannot count calls: {cause}", "无法统计调用次数：{cause}"),
        Saying::NoSensibleAnswer => (
            "no sensible answer for {seconds} s; the last: {cause}",
            "{seconds} 秒内没有正常应答，最后一次：{cause}",
        ),
        Saying::AsksToWait => (
            "the CRM asks to wait {seconds} s, longer than max_outage ({most} s): {cause}",
            "CRM 要求等待 {seconds} 秒，超过了 max_outage（{most} 秒）：{cause}",
        ),
        Saying::Waiting => (
            "waiting {seconds} s[, until {until}]",
            "等待 {seconds} 秒[，到 {until}]",
        ),
        Saying::TheCrm => ("the CRM", "CRM"),
        Saying::EmbeddedCrm => ("the embedded CRM", "演练环境"),
        Saying::SheetOfAPlan => ("the preview of a plan", "导入预览"),
        Saying::SheetOfAVerification => ("the sheet of a verification", "核对结果"),
        Saying::SheetOfAnUndo => ("the result of an undo", "撤销结果"),
        Saying::SheetOfADelete => ("the result of a delete", "删除结果"),
        Saying::AccountAt => ("{appid} at {host}", "{host}（appid {appid}）"),

        // Settings.
        Saying::NotAHeaderText => (
            "must be the text of an HTTP header and not empty",
            "必须能作为 HTTP 头的内容，且不能为空",
        ),
        Saying::IsEmpty => ("is empty", "为空"),
        Saying::NotLongerThanNothing => ("must be longer than nothing", "必须大于零"),
        Saying::NotAtLeastOne => ("must be at least 1", "至少为 1"),
        Saying::NotAnAddress => (
            "must begin with http:// or https:// and name a host",
            "必须以 http:// 或 https:// 开头并包含主机名",
        ),
        Saying::AddressWithUser => ("must not hold a user or password", "不能包含用户名或密码"),
        Saying::AddressWithQuery => ("must not hold ? or #", "不能包含 ? 或 #"),
        Saying::FindPathForm => (
            "“{value}” must begin with / and hold {placeholder} once",
            "“{value}”必须以 / 开头，且包含一次 {placeholder}",
        ),
        Saying::FindPathNotPlain => (
            "“{value}” must be a plain path with no placeholder but {placeholder}",
            "“{value}”必须是普通路径，占位符只能有 {placeholder}",
        ),
        Saying::MatchesEverything => (
            "an empty part would match every message",
            "空白内容会匹配所有消息",
        ),
        Saying::NotARefusalCode => (
            "200 says yes, and a code has a text",
            "200 表示成功，而且代码不能为空",
        ),
        Saying::SecretNotSigned => (
            "must hold {placeholder} when sign.digest is sha256",
            "sign.digest 为 sha256 时必须包含 {placeholder}",
        ),
        Saying::NotAHeaderName => (
            "“{value}” is no name of a header",
            "“{value}”不能作为 HTTP 头的名称",
        ),
        Saying::SameHeaders => ("two headers have the same name", "有两个 HTTP 头同名"),
        Saying::LoneBrace => ("“{value}” has a lone brace", "“{value}”中有不成对的花括号"),
        Saying::UnknownPlaceholder => (
            "{value} is unknown; {known} are known",
            "{value} 无法识别；可用的有 {known}",
        ),
        Saying::NotARate => (
            "“{value}” is not a rate: write 5/s, 600/min, 2000/h, 100000/day, or several with commas between them",
            "“{value}”不是速率：请写成 5/s、600/min、2000/h、100000/day，多个用逗号分隔",
        ),
        Saying::NotInRange => (
            "{value} is not between {least} and {most}",
            "{value} 不在 {least} 到 {most} 之间",
        ),
        Saying::NotADuration => (
            "“{value}” is no duration, write it as 30s",
            "“{value}”不是时长，请写成 30s 的形式",
        ),
        Saying::NotATimeUnit => (
            "“{value}” is no unit of time, use ms, s, m, h or d",
            "“{value}”不是时间单位，请用 ms、s、m、h 或 d",
        ),
        Saying::DurationOutOfRange => ("“{value}” is out of range", "“{value}”超出范围"),
        Saying::NotATimezone => ("there is no time zone “{value}”", "没有“{value}”这个时区"),
        Saying::NotInProfile => (
            "profile {profile} does not say it",
            "配置 {profile} 中没有写明",
        ),
        Saying::WrongKind => (
            "[line {line}: ]the value is not of the right kind[, expected {expected}]",
            "[第 {line} 行：]值的类型不对[，应为 {expected}]",
        ),
        Saying::UnknownName => (
            "[line {line}: ]“{name}” is unknown here; known are {known}",
            "[第 {line} 行：]这里不能写“{name}”；可用的有 {known}",
        ),
        Saying::AtLine => ("[line {line}: ]{what}", "[第 {line} 行：]{what}"),

        // Secrets.
        Saying::SeveralSecrets => (
            "more than one of secret, secret_env, secret_file and secret_command is given",
            "secret、secret_env、secret_file、secret_command 只能给出一个",
        ),
        Saying::NoSecretNamed => (
            "{path} names none of secret_env, secret_file, secret_command",
            "{path} 没有写 secret_env、secret_file、secret_command 中的任何一个",
        ),
        Saying::VariableNotSet => ("the variable {name} is not set", "环境变量 {name} 没有设置"),
        Saying::VariableEmpty => ("the variable {name} is empty", "环境变量 {name} 为空"),
        Saying::FileEmpty => ("{path} is empty", "{path} 是空的"),
        Saying::OnlyFromUsersFolder => (
            "secret_command is taken only from the user's own config folder, because a file that came with a workbook could run anything",
            "secret_command 只能写在用户自己的配置目录里，因为随表格带来的文件可能借此运行任何程序",
        ),
        Saying::BelongsToOther => ("belongs to another user", "属于其他用户"),
        Saying::OthersMayWrite => ("may be changed by others", "其他用户也可以修改"),
        Saying::OutsideUsersFolder => ("lies outside your own folder", "不在您自己的文件夹里"),
        Saying::CommandEmpty => ("secret_command is empty", "secret_command 为空"),
        Saying::CommandFailed => (
            "{program} ended with {status}",
            "{program} 运行失败：{status}",
        ),
        Saying::CommandNotText => ("{program} did not print text", "{program} 输出的不是文本"),
        Saying::CommandSilent => ("{program} printed nothing", "{program} 没有输出"),

        // Spreadsheets.
        Saying::KindNotRead => ("it is {kind}, which is not read", "这是{kind}，暂不支持"),
        Saying::OldXls => (
            "a workbook of Excel 4 or before",
            "Excel 4 或更早版本的工作簿",
        ),
        Saying::PasswordProtected => ("a password-protected workbook", "有密码保护的工作簿"),
        Saying::ContentIsText => (
            "its content is text: give it a name that ends in .csv",
            "内容是文本：请把扩展名改为 .csv",
        ),
        Saying::NoWorkbookInside => (
            "an Office document without a workbook in it",
            "是 Office 文档，但里面没有工作簿",
        ),
        Saying::SheetWithoutEnd => ("the sheet has no end", "工作表不完整，没有结尾"),
        Saying::CellTwice => ("the next row has a cell twice", "下一行中有重复的单元格"),
        Saying::RowsOutOfOrder => (
            "row {row} follows: rows are out of order",
            "其后是第 {row} 行：行的顺序不对",
        ),
        Saying::BeyondLastColumn => (
            "a cell stands beyond the last column, XFD",
            "有单元格超出最后一列 XFD",
        ),
        Saying::BeyondLastRow => (
            "a row stands beyond the last one, 1048576",
            "有行超出最后一行 1048576",
        ),
        Saying::WebPage => ("a web page named .xls", "扩展名为 .xls 的网页"),
        Saying::EmptyZip => ("an empty zip file", "空的压缩包"),
        Saying::NotAZip => ("its content is not that of a workbook", "内容不是工作簿"),
        Saying::NoWorksheet => ("it has no worksheet", "里面没有工作表"),
        Saying::ReaderBroke => ("the reader broke off", "读取中断"),
        Saying::NotInEncoding => (
            "row {row} holds bytes that are not {encoding}",
            "第 {row} 行含有不属于 {encoding} 的字节",
        ),
        Saying::AtRow => ("row {row}: {what}", "第 {row} 行：{what}"),
        Saying::TooManyRows => ("too many rows", "行数过多"),
        Saying::OpenQuote => (
            "a quote that starts here has no end",
            "从这里开始的引号没有结束",
        ),
        Saying::QuoteInsideCell => (
            "the quote that opens in line {line} is closed in the middle of a cell",
            "第 {line} 行开始的引号在单元格中间结束",
        ),
        Saying::QuoteHidesRows => (
            "the cell whose quote opens in line {line} holds whole rows",
            "第 {line} 行开始的引号把后面的整行都包进了一个单元格",
        ),
        Saying::QuoteInOneLineField => (
            "{field}: the cell whose quote opens in line {line} goes over several lines, of which some look like rows",
            "{field}：第 {line} 行开始的引号跨了多行，其中可能包着其他行",
        ),
        Saying::QuoteInRaggedRow => (
            "the cell whose quote opens in line {line} goes over several lines, and the row has {count} cells where the header has {width}",
            "第 {line} 行开始的引号跨了多行，而该行有 {count} 个单元格，表头有 {width} 个",
        ),
        Saying::LongCell => (
            "sheet {sheet}, cell {cell}: longer than {limit} characters",
            "工作表“{sheet}”的单元格 {cell} 超过 {limit} 个字符",
        ),
        Saying::LongQuotedCell => (
            "the cell in column {column}, line {line}, is larger than {limit} MiB: a forgotten quote?",
            "第 {line} 行 {column} 列的单元格超过 {limit} MiB：是否漏了引号？",
        ),
        Saying::LongSharedText => (
            "shared text {number} is longer than {limit} characters",
            "第 {number} 个共用文本超过 {limit} 个字符",
        ),
        Saying::LongRow => (
            "sheet {sheet}, row {row}: larger than {limit} MiB",
            "工作表“{sheet}”的第 {row} 行超过 {limit} MiB",
        ),
        Saying::SharedTextsTooLarge => (
            "the texts that its sheets share take more than {limit} MiB",
            "各工作表共用的文本超过 {limit} MiB",
        ),
        Saying::NotDelimited => ("not readable as delimited text", "无法按分隔文本读取"),
        Saying::NulByte => (
            "a NUL byte, which no text holds",
            "含有文本中不应出现的 NUL 字节",
        ),
        Saying::RowTooLong => (
            "row {row} is longer than {limit} MiB: a forgotten quote?",
            "第 {row} 行超过 {limit} MiB：是否漏了引号？",
        ),
        Saying::IsAFolder => ("it is a folder", "这是一个文件夹"),
        Saying::SheetMissing => ("sheet {number} is missing", "缺少第 {number} 个工作表"),
        Saying::DamagedSheet => (
            "sheet {sheet}, after row {row}: {what}",
            "工作表“{sheet}”第 {row} 行之后：{what}",
        ),

        // Jobs and journals.
        Saying::AccessDenied => ("access denied", "拒绝访问"),
        Saying::PathAndCause => ("{path}: {cause}", "{path}：{cause}"),
        Saying::OtherJobOrVersion => (
            "it belongs to another job or version",
            "它属于另一个任务或版本",
        ),
        Saying::ContentDiffers => ("its content is different", "内容已不同"),
        Saying::WitnessDiffers => (
            "{path} is at commit {journal}, its witness at {side}: one of them was lost or replaced",
            "{path} 记到第 {journal} 次提交，而旁证记到第 {side} 次：其中之一丢失或被替换过",
        ),
        Saying::NotOfThisJob => (
            "{path} is not the journal of this job: {cause}",
            "{path} 不是这个任务的记录：{cause}",
        ),
        Saying::OtherVersion => ("version {version}", "版本为 {version}"),
        Saying::FileMissing => ("the file is missing", "文件不见了"),
        Saying::NamesOtherJob => ("it names job {job}", "其中写的是任务 {job}"),
        Saying::JournalStopped => ("the journal stopped: {cause}", "任务记录已停止：{cause}"),
        Saying::JobFileUnreadable => ("job.json cannot be read", "job.json 无法读取"),
        Saying::JournalRowUnreadable => (
            "row {row} of the journal cannot be read, nothing was sent for it",
            "任务记录中的第 {row} 行无法读取，没有为它提交任何内容",
        ),

        // Looking rows up.

        // Stamps.
        Saying::NoSuchField => ("there is no such field", "没有这个字段"),
        Saying::NotWritable => ("it cannot be written", "该字段不能写入"),
        Saying::NotCustomText => ("it is no custom text field", "它不是自定义文本字段"),
        Saying::NotSearchable => ("it cannot be searched", "该字段不能搜索"),
        Saying::FedByColumn => (
            "a column of the sheet is meant for it",
            "表中已有对应它的列",
        ),
    }
}
