//! The catalogue in Chinese, in the terms of the CRM and of spreadsheet programs.

use crate::model::Code;

/// Message and tip of a code, with facts in braces.
pub(super) fn templates(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NoConfiguration => (
            "还没有设置账号：没有 ferry.toml，环境变量 FERRY_BASE_URL、FERRY_APPID、FERRY_SECRET 也不齐全[（缺少：{missing}）]",
            "运行 `ferry init` 生成 ferry.toml，或加 --sandbox 先在演练环境里试用",
        ),
        Code::BadConfiguration => (
            "{path}：{detail}",
            "请修改这一行；`ferry init` 可生成带说明的示例",
        ),
        Code::SecretMissing => (
            "配置 {profile} 没有密钥[：{detail}]",
            "在 ferry.toml 中用 secret_env 或 secret_file 指明密钥存放在哪里",
        ),
        Code::SecretExposed => (
            "{path} 里直接写着密钥，而其他用户可以读取这个文件",
            "把文件设为仅自己可读（chmod 600），或改用 secret_env",
        ),
        Code::BadSetting => ("{name}：{detail}", "写法见 `ferry help` 和 README.zh-CN.md"),
        Code::NeedsConfirmation => (
            "即将写入 {host}，但没有人可以确认",
            "看清上面的数量后，加 --yes 再运行",
        ),
        Code::SandboxFailed => (
            "演练环境无法启动：{detail}",
            "是否有另一个 `--sandbox` 正在使用同一数据目录或端口？请等它结束，或用 --state-dir 换一个目录",
        ),
        Code::ForeignConfiguration => (
            "账号取自 {path}，而这个文件{detail}",
            "它优先于 FERRY_BASE_URL；如非本意，请用 --config 指定另一个文件，否则请把它改为自己所有（chown、chmod go-w）",
        ),
        Code::FinishLeftOut => (
            "没有采用 on_finish：{path} {detail}",
            "请把文件改为自己所有（chown）且他人不可写（chmod go-w），或把命令写在用户自己的配置目录里",
        ),
        Code::NameNotText => (
            "名称 {name} 不是有效的 UTF-8 文本",
            "请重命名该文件或文件夹；没有读取或提交任何内容",
        ),
        Code::CertificateRefused => (
            "{host} 的证书未被接受：{detail}",
            "如果是公司自建的证书机构，请把其证书（PEM）写入配置的 ca_file，或环境变量 SSL_CERT_FILE；否则请检查 base_url 和本机时钟",
        ),
        Code::NoTlsThere => (
            "{host} 在这个端口上不使用 TLS，而 base_url 写的是 https",
            "请检查 base_url 的端口（https 一般是 443）；不使用 TLS 的服务器应写 http://",
        ),
        Code::TlsWanted => (
            "{host} 在这个端口上要求 TLS，而 base_url 写的是 http",
            "请在 base_url 中写 https://",
        ),
        Code::Unreachable => (
            "无法连接 {host}：{detail}",
            "请检查地址和网络[；数据没有丢失，恢复后运行 `{resume}`]",
        ),
        Code::NoReply => (
            "{host} 没有返回可用的应答：{detail}",
            "请稍后再试；如果一直如此，请检查 base_url；`ferry doctor` 可逐项排查",
        ),
        Code::BadSignature => (
            "CRM 拒绝了签名[：{detail}]",
            "请检查 appid 和密钥；`ferry doctor` 会逐一尝试已知的签名方式并核对时钟",
        ),
        Code::UnknownAppid => (
            "CRM 不认识这个 appid[：{detail}]",
            "请检查 appid 和 base_url",
        ),
        Code::NoPermission => (
            "该账号没有此项权限[：{detail}]",
            "请 CRM 管理员为这个 appid 开通开放接口权限",
        ),
        Code::ServerBusy => ("CRM 提示繁忙[：{detail}]", "用 --rate 调低速率"),
        Code::ClockOff => (
            "本机时钟与 CRM 相差 {seconds} 秒，本次运行已自动修正",
            "请校准系统时间，或打开自动对时",
        ),

        Code::QuotaSpent => (
            "调用次数已用完：[{detail}][配额 {rate} 已用完，{until} 起恢复]",
            "请稍后[用 `{resume}` ]继续",
        ),

        Code::NoHeader => (
            "[工作表“{sheet}”：]没有找到表头[；最接近的是第 {row} 行，但 {cells} 个单元格中只有 {matched} 个能对上字段]",
            "表头要用 `ferry fields` 列出的字段名称；也可用 --header-row 指定表头所在行",
        ),
        Code::UnknownColumns => (
            "{column} 列“{header}”对不上任何字段[，最接近：{nearest}]",
            "把表头改成 `ferry fields` 列出的名称，或用 --ignore-unmapped 忽略这些列；这样的列很多时，用 `ferry map` 生成字段对应",
        ),
        Code::TwoColumnsOneField => (
            "{other_column} 列“{other}”和 {column} 列“{header}”对应字段“{field}”的同一位置",
            "请修改其中一个表头；同一字段的更多值用 手机2、手机3 …",
        ),
        Code::FieldDisabled => (
            "{column} 列“{header}”对应字段“{field}”，该字段在 CRM 中已停用",
            "在 CRM 中启用该字段，或删除此列，或用 --ignore-unmapped 忽略",
        ),
        Code::FieldDeleted => (
            "{column} 列“{header}”对应字段“{field}”，该字段在 CRM 中已删除",
            "删除此列或修改表头，或用 --ignore-unmapped 忽略",
        ),
        Code::SeveralSheets => (
            "有多个工作表的表头都能对上：{sheets}",
            "用 --sheet 名称 指定其中一个（可重复；'*' 表示全部）",
        ),
        Code::NoSuchSheet => (
            "没有名为“{sheet}”的工作表[；现有：{sheets}]",
            "请与工作表标签上的名称保持一致",
        ),
        Code::UnknownType => (
            "字段“{field}”的类型“{type}”无法识别，按文本提交",
            "如果 CRM 拒绝，请在 ferry.toml 的 [fields] 下设置它的 kind",
        ),
        Code::ServerSetColumn => (
            "以下列由 CRM 自动填写，已忽略：{headers}",
            "删除这些列；确需保留时请存入自定义字段",
        ),
        Code::IgnoredColumns => (
            "以下列对不上任何字段，已忽略：{headers}",
            "如需导入，请修改表头",
        ),
        Code::HeaderFound => (
            "表头在[工作表“{sheet}”的]第 {row} 行，其上方的内容已忽略",
            "如果不对，用 --header-row 指定表头所在行",
        ),
        Code::NothingMatched => (
            "没有 _id 的行将作为新客户添加，不会与已有的[ {count} 个]客户查重",
            "加 --key 字段（如 --key 手机）可查找已有客户；确实要全部新增则加 --mode add",
        ),
        Code::RequiredWithoutColumn => ("缺少必填字段“{field}”的列", "请增加一列，表头写“{field}”"),
        Code::NoRows => (
            "[工作表“{sheet}”：]有表头，但下面没有数据",
            "请至少填写一行",
        ),
        Code::BlankWords => (
            "{count} 个单元格写的是 无、-、/、N/A 之类，按空白处理",
            "如果本意如此，无需处理",
        ),
        Code::AmbiguousHeader => (
            "{column} 列“{header}”是多个字段共用的名称：{keys}",
            "请把表头改写为其中一个字段标识",
        ),

        Code::BadStamp => (
            "--stamp {field}：{detail}",
            "请指定一个可搜索、且表中没有对应列的自定义文本字段；`ferry fields` 会列出它们",
        ),
        Code::BadKey => (
            "--key {field}：{detail}",
            "请指定表中有对应列的手机、邮箱、账号或文本字段；A+B 表示两个字段合起来",
        ),
        Code::MappingSyntax => (
            "{place}[（{line}）]：{detail}",
            "请修改这一行；templates/mapping 中有各种写法的示例",
        ),
        Code::MappingUnknownKey => (
            "{place}[（{line}）]：这里不能写“{value}”[，最接近：{nearest}]",
            "可写的有：{choices}",
        ),
        Code::MappingUnknownField => (
            "{place}[（{line}）]：没有字段“{value}”[，最接近：{nearest}]",
            "请写 `ferry fields` 列出的名称或标识，或字段中的位置：手机2、手机.备注、地区.1",
        ),
        Code::MappingUnknownChoice => (
            "{place}[（{line}）]：“{value}”不在“{field}”的选项中[，最接近：{nearest}][；可选：{choices}]",
            "请写该字段的选项之一；如果这个词要按空白处理，就留空",
        ),
        Code::MappingNoSuchHeader => (
            "{place}[（{line}）]：表中没有“{value}”这一列[，最接近：{nearest}]",
            "请照抄表中的表头；没有表头的列按列号写成 \"@C\"",
        ),
        Code::MappingUndecided => (
            "{place}[（{line}）]：“{value}”尚未确定[：{detail}]",
            "请确定：填入正确的值，并删除疑问",
        ),
        Code::MappingBadValue => (
            "{place}[（{line}）]：{key} 不能是“{value}”[：{detail}]",
            "应为：{expected}",
        ),
        Code::MappingServerSet => (
            "{place}[（{line}）]：“{field}”由 CRM 自动填写",
            "忽略此列，或改用自定义字段",
        ),
        Code::MappingHeaderTwice => (
            "{place}[（{line}）]：有多列的表头都是“{value}”：{columns}",
            "请用列号指定：\"@{nearest}\"",
        ),
        Code::MappingWon => (
            "{column} 列“{header}”：字段对应中指定为“{field}”；仅看表头会是“{other}”",
            "如果本意如此，无需处理",
        ),
        Code::MappingTwice => (
            "{place}[（{line}）]：“{field}”的 {key} 写了两次且不一致：{other} 和 {value}",
            "只写一次即可，它对整个字段有效",
        ),
        Code::MappingFieldOff => (
            "{place}[（{line}）]：字段“{field}”在 CRM 中已停用或删除",
            "在 CRM 中启用该字段，或改用其他字段",
        ),
        Code::MapByName => ("表头就是字段名称", "无需处理"),
        Code::MapBySynonym => ("“{field}”的常见叫法", "如果本意如此，无需处理"),
        Code::MapByChoices => (
            "{share}% 的单元格是“{field}”的选项",
            "如果本意如此，无需处理",
        ),
        Code::MapByShape => ("{share}% 的单元格形似“{field}”", "如果本意如此，无需处理"),
        Code::MapSimilar => ("表头与“{field}”相近", "如果本意如此，无需处理"),
        Code::MapLeftOut => ("这是其他系统自用的列", "如需导入，请指定字段"),
        Code::MapServerSet => (
            "“{field}”由 CRM 自动填写；原来的值要存入自定义字段吗",
            "请指定自定义字段，或忽略此列",
        ),
        Code::MapFieldOff => (
            "字段“{field}”在 CRM 中已停用或删除，改用哪个字段",
            "请在 CRM 中启用它，或改用其他字段，或忽略此列",
        ),
        Code::MapMemo => (
            "客户方的联系人：作为电话的备注",
            "如果不是这样，请指定其他字段",
        ),
        Code::MapLevel => ("“{field}”的第 {level} 级", "如果本意如此，无需处理"),
        Code::MapNothing => (
            "无法判断这一列是什么[；最接近的字段：{nearest}]",
            "请指定字段，或忽略此列",
        ),
        Code::MapIsIt => ("确实是“{field}”吗", "请指定正确的字段，或忽略此列"),
        Code::MapTaken => (
            "{column} 列“{other}”已对应“{field}”",
            "请指定其他字段或位置，或忽略其中一列",
        ),
        Code::MapCellsDiffer => (
            "单元格内容不像“{field}”，例如“{value}”",
            "请查看这一列，并指定正确的字段",
        ),
        Code::MapDateForm => (
            "“{value}”这样的日期有不止一种读法；是哪种格式",
            "请写明格式，如 dd/MM/yyyy 或 yy-MM-dd",
        ),
        Code::MapPersonOrCompany => (
            "客户是公司“{other}”，还是这个人",
            "请指定字段；只能有一列作为客户名称",
        ),
        Code::MapPhone => (
            "是手机、座机，还是两者都有",
            "手机写入电话列表；座机可以有单独的字段",
        ),
        Code::MapLandline => (
            "单独的字段，还是带备注的电话",
            "请指定字段；并检查区号是否丢了开头的 0",
        ),
        Code::MapOpenSea => (
            "公海客户的负责人是公海的 ID；这些是公海吗",
            "把公海的 ID 填为负责人，或忽略此列",
        ),
        Code::MapCreated => (
            "创建时间由 CRM 自动填写；原来的时间要存入自定义字段吗",
            "请指定自定义日期字段，或忽略此列",
        ),
        Code::MapOwnId => (
            "这是其他系统的编号，不是 CRM 的 _id；可存入文本字段，适合作查重字段",
            "请指定文本字段；如要按它识别客户，请设置查重（key）",
        ),
        Code::MapSeveral => ("多个字段同名：{nearest}", "请写正确的那个字段标识"),
        Code::MapMoreWords => (
            "另有 {count} 个词对不上，未列出",
            "请补充，或按 `ferry check` 指出的单元格修改",
        ),
        Code::MapHead => (
            "{columns} 列已确定，{doubts} 列待决定",
            "请逐一决定：填入正确的字段，删除疑问，把每个 \"?\" 换成正确的值；然后运行 `ferry check 文件 --map 本文件`",
        ),
        Code::MapExists => (
            "{path} 已存在，可能已填写过",
            "请用 -o 换一个文件名；确实要替换，加 --yes",
        ),
        Code::BadLookup => (
            "{path}[ {place}]：{detail}",
            "对照文件有两列：表中的词，以及 CRM 接受的值（负责人：姓名和 ID）",
        ),
        Code::NotInLookup => (
            "{field}：“{value}”不在对照 {lookup} 中[，最接近：{nearest}]",
            "请改正单元格，或补充对照",
        ),
        Code::AmbiguousInLookup => (
            "{field}：“{value}”在对照 {lookup} 中有多个结果：{choices}",
            "请在单元格或选项对照中写明是哪一个",
        ),
        Code::MergedInto => ("与第 {row} 行是同一客户", "无需处理：结果与该行相同"),
        Code::MergeApart => (
            "该客户的其他行在上方，中间隔着别的客户",
            "请按合并行（merge_rows）所列的列排序",
        ),
        Code::MergeDiffers => (
            "{field}：“{value}”与[第 {row} 行的]“{other}”不同，而两行是同一客户",
            "请改正其一，或将后一行留空",
        ),
        Code::MergedCells => (
            "单元格 {cells} 是合并的[，另有 {more} 处]：只有左上角的单元格有值，其余按空白处理",
            "如果每一行都应有值，请取消合并，并向下填充",
        ),
        Code::Uncalculated => (
            "{field}：单元格是公式，文件里没有算好的值",
            "请用 Excel、WPS 或 LibreOffice 打开并保存（.xls 请另存为 .xlsx）后再导入；或直接填写数值",
        ),
        Code::LineBreakInCell => ("{field}：第 {line} 行开始的引号里有换行", "请写成一行"),
        Code::TooManyErrors => (
            "有 {count} 行校验未通过或被系统拒绝，超过 --max-errors 的限制；其余的行尚未提交",
            "请查看结果表中这些行的 _error；要照原样提交其余的行，请运行 `ferry resume`，或在文件中修改后重新导入",
        ),
        Code::MergePartner => (
            "同一客户的第 {row} 行有问题",
            "请修改该行；一个客户要么整体提交，要么不提交",
        ),
        Code::ForeignResult => (
            "这份结果表[（任务 {job}）]属于另一个账号[：{account}]",
            "请导入源文件；一个账号的状态和 _id 在另一个账号里没有意义",
        ),

        Code::MissingRequired => ("{field}为必填项，不能为空", "请填写"),
        Code::NotAChoice => (
            "{field}：“{value}”不在选项中[，最接近：{nearest}][；可选：{choices}]",
            "请改为该字段的选项之一，或在 CRM 中增加该选项",
        ),
        Code::NotADate => (
            "{field}：“{value}”不是日期",
            "请写成 2024-11-14 或 2024-11-14 09:30:00",
        ),
        Code::AmbiguousDate => (
            "{field}：“{value}”可以理解成多个日期",
            "请把年份写在前面：2024-11-14",
        ),
        Code::TimeInDate => (
            "{field}：“{value}”带有时间，而该字段只存日期",
            "请去掉时间部分",
        ),
        Code::NotANumber => ("{field}：“{value}”不是数字", "只写数字，最多一个小数点"),
        Code::NotAPhone => (
            "{field}：“{value}”不是电话号码",
            "只能包含数字、+ - ( ) 和空格；多个号码用 ; 分隔",
        ),
        Code::NotAnEmail => ("{field}：“{value}”不是邮箱地址", "请写成 name@example.com"),
        Code::ImpreciseNumber => (
            "{field}：{value} 超过 15 位，表格软件已丢失末尾几位",
            "请从原系统重新导出，并把这一列存为文本",
        ),
        Code::ScientificText => (
            "{field}：“{value}”是长数字被表格软件改成的科学计数法",
            "请从原系统重新导出，并把这一列存为文本",
        ),
        Code::ErrorCell => (
            "{field}：单元格里是错误值 {value}",
            "请修正公式，或直接填写数值",
        ),
        Code::NotAPath => (
            "{field}：第 {level} 级没有“{value}”[，最接近：{nearest}][；可选：{choices}]",
            "请写成 浙江/杭州/西湖 的形式，每一级与 CRM 中的写法一致",
        ),
        Code::PathTooShort => (
            "{field}：“{value}”没有填到底，至少要填 {levels} 级[；下一级：{nearest}]",
            "请用 / 接着填写下一级",
        ),
        Code::GapInPath => (
            "{field}：第 {level} 级为空，而更下一级有内容",
            "请逐级填写，中间不要空缺",
        ),
        Code::NotAnOwner => (
            "{field}：“{value}”不是员工或公海的 ID",
            "请填写 ID，只含数字",
        ),
        Code::NotACustomerId => (
            "_id：“{value}”不是客户 ID",
            "请从结果表或导出文件中以文本形式复制，或清空该单元格",
        ),
        Code::BlankKey => (
            "查重字段没有内容：{field}",
            "请至少填写其中一个；如果确实没有，可加 --blank-key add 直接新增",
        ),
        Code::BadStatus => (
            "“{value}”不是结果表的状态",
            "请改回原来的状态；如要当作从未提交的行重新提交，请清空 _status 单元格",
        ),
        Code::IdOfAnotherRow => (
            "客户 {value} 属于另一行",
            "请在 CRM 中确认这个客户属于哪一行",
        ),
        Code::DuplicateKey => (
            "查重字段[“{field}”]与上面第 {row} 行相同[：{value}]",
            "请合并为一行，或改为不同的内容",
        ),
        Code::DuplicateId => ("_id {value} 在第 {row} 行已出现过", "每个客户只保留一行"),
        Code::ValueWithoutHeader => (
            "{column} 列有内容“{value}”，但没有表头",
            "请补上表头，或删除内容，或加 --ignore-unmapped",
        ),
        Code::RaggedRow => (
            "这一行有 {count} 个单元格，而表头有 {width} 个",
            "请检查是否漏了引号，或内容中含有分隔符",
        ),
        Code::ClearRequired => ("{field}为必填项，不能清空", "请填写内容"),
        Code::NothingToUpdate => (
            "这一行有 _id，但没有要修改的内容",
            "请填写要修改的内容，或删除这一行",
        ),
        Code::UpdateWithoutId => (
            "指定了 --mode update，但这一行没有 _id",
            "请填写 _id，或改用 --mode auto",
        ),
        Code::AddWithId => (
            "指定了 --mode add，但这一行有 _id",
            "如果要新增客户，请清空 _id；否则改用 --mode auto",
        ),
        Code::MemoWithoutValue => ("{field}：只有备注“{value}”，没有值", "请填写值，或清空备注"),
        Code::TotalsRow => ("这一行像是合计行", "请删除这一行，或修改名称"),
        Code::AlreadyAdded => (
            "任务 {job} 的第 {row} 行已添加过相同内容",
            "无需处理；加 --again 可再添加一次",
        ),
        Code::InDoubtElsewhere => (
            "任务 {job} 的第 {row} 行可能已添加过相同内容，结果尚待核实",
            "`ferry resume {job}` 会再查找；或在 CRM 中查找该客户：已存在，就在任务 {job} 的结果表的那一行 _id 填入其编号；不存在，就清空那里的 _status 单元格；然后导入那份结果表[。之后 `{resume}` 会处理这一行]",
        ),
        Code::DoneInResult => (
            "结果表显示任务 {job} 的第 {row} 行已完成",
            "无需处理；加 --include-done 可按 _id 更新这些行",
        ),
        Code::SettledLater => ("任务 {job} 之后已处理过这一行", "无需处理"),
        Code::NotAUrl => ("{field}：“{value}”不是网址", "请写成 https://example.com"),
        Code::UnknownInResult => (
            "任务 {job} 的第 {row} 行可能已写入，结果尚待核实，不会再次提交",
            "[`ferry resume {job}` 会再查找，之后 `{resume}` 会处理这一行；或]请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表",
        ),
        Code::EditedDoneRows => (
            "{count} 行已完成，之后又被修改过，已跳过",
            "加 --include-done 可按 _id 更新它们",
        ),

        Code::Refused => (
            "系统拒绝[，代码 {code}][：{detail}][（trace {trace}）]",
            "按提示修改后，重新导入本表",
        ),
        Code::CustomerGone => (
            "CRM 中没有这个 _id 的客户[：{detail}][（trace {trace}）]",
            "客户可能已被删除，_id 也可能写错或属于另一个账号：请改正 _id；如要新增客户，请清空 _id 单元格",
        ),
        Code::NotStored => (
            "CRM 中没有这个客户：请求没有到达，或被拒绝",
            "请重新导入本表，这一行会再次提交",
        ),
        Code::Unsearchable => (
            "客户可能已写入[（{detail}）]；提交的字段都不能搜索，无法核实",
            "请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表。下次加 --stamp FIELD，这样的行就能确定",
        ),
        Code::ManyShareValue => (
            "客户可能已写入[（{detail}）]；内容相同的客户太多，无法区分",
            "请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表。下次加 --stamp FIELD，这样的行就能确定",
        ),
        Code::SearchAstray => (
            "客户可能已写入[（{detail}）]；CRM 的搜索帮不上忙：搜出的客户并没有所搜的内容[：{ids}]",
            "请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表。下次可让 ferry 用别的字段搜索：--key FIELD 或 --stamp FIELD",
        ),
        Code::SearchRefused => (
            "客户可能已写入[（{detail}）]；CRM 拒绝搜索，或无法完成搜索[：{answer}]",
            "`ferry resume` 会再搜索；或请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表",
        ),
        Code::OtherHasValue => (
            "客户可能已写入[（{detail}）]；CRM 中有内容相同的客户，但其他字段不一致、创建时间不符，或由他人创建[：{ids}]",
            "请与本行比对：是同一客户，就在 _id 填入其编号；不是，就清空 _status 单元格；然后导入本表",
        ),
        Code::FitsSeveralRows => (
            "客户可能已写入[（{detail}）]；找到的客户同时符合其他行[：{ids}]",
            "请比对：属于某行的，在该行 _id 填入其编号；没有客户的行，清空 _status 单元格；然后导入本表",
        ),
        Code::SeveralFit => (
            "客户可能已写入[（{detail}）]；找到多个相符的客户[：{ids}]",
            "请在 CRM 中比对：其中一个是本行的客户，就在 _id 填入其编号；都不是，就清空 _status 单元格；然后导入本表",
        ),
        Code::SearchUnproven => (
            "客户可能已写入[（{detail}）]；还不能断定没有写入：CRM 的搜索未能显示之后新增的客户[；找到的候选客户：{ids}]",
            "`ferry resume` 会再查找，之后又新增过客户时更容易查明；或请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表",
        ),
        Code::Interrupted => (
            "ferry 在记录应答之前被中断；客户可能已写入",
            "`ferry resume` 会查找；或请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表",
        ),
        Code::OutcomeUnknown => (
            "请求已发出，但没有收到可用的应答[：{detail}]；客户可能已写入",
            "`ferry resume` 会查找；或请在 CRM 中查找该客户：已存在，就在 _id 填入其编号；不存在，就清空 _status 单元格；然后导入本表",
        ),
        Code::UpdateUnknown => (
            "更新请求已发出，但没有收到可用的应答[：{detail}]；可能已更新",
            "请在 CRM 中查看该客户；导入本表会再次提交更新，如果已更新，可删去这一行",
        ),
        Code::OtherId => (
            "应答中的 _id 是 {other}，与提交的不同",
            "请在 CRM 中查看这两个客户",
        ),

        Code::Adopted => (
            "应答曾丢失；已在 CRM 中按“{field}”找到该客户，认定为这一行",
            "无需处理",
        ),
        Code::WaitingToSettle => (
            "有 {count} 行待核实；{seconds} 秒后[（{until}）]向 CRM 查询[，约调用 {calls} 次]，届时途中的请求应已到达",
            "请等待；也可现在停止，之后用 `ferry resume` 再查",
        ),
        Code::NotRead => (
            "未能先读取该客户[：{detail}]，没有写入任何内容",
            "请稍后重新导入这一行；如果一直如此，请在 CRM 中查看该客户",
        ),

        Code::FileNotFound => (
            "{path}：文件不存在",
            "请检查文件名；把文件拖入窗口即可得到完整路径",
        ),
        Code::IsDirectory => ("{path} 是文件夹", "请指定其中的 .xlsx 或 .csv 文件"),
        Code::Unreadable => (
            "{path} 无法读取：{detail}",
            "是否正被其他程序打开，或所在磁盘已断开？",
        ),
        Code::EmptyFile => ("{path} 是空文件", "请重新导出或保存"),
        Code::NotAWorkbook => (
            "{path} 不是工作簿：{detail}",
            "请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv",
        ),
        Code::OldFormat => ("{path}：{detail}", "请用 Excel 或 WPS 打开，另存为 .xlsx"),
        Code::BadEncoding => (
            "{path}：{detail}",
            "用 --encoding 指定编码，或把文件另存为 UTF-8",
        ),
        Code::BadCsv => (
            "{path}：{detail}",
            "请用文本编辑器查看该行；也可用 --delimiter 指定分隔符",
        ),
        Code::StrayQuote => (
            "[{path}：]{detail}",
            "请用文本编辑器查看该行：引号里面的引号要写成两个（\"\"），多余的引号请删除；分隔符不对时用 --delimiter 指定；如果内容本来如此，请另存为 .xlsx",
        ),
        Code::CellTooLong => ("{path}：{detail}", "请缩短内容；CSV 的单元格可以有 1 MiB"),
        Code::TooManyTexts => (
            "{path}：{detail}",
            "请把工作表另存为 .csv，那里没有这个限制",
        ),
        Code::TooManyColumns => (
            "表格将有 {count} 列，而工作簿最多 {limit} 列",
            "请写成 .csv：`-o 结果.csv`",
        ),
        Code::JournalFailed => (
            "任务记录无法写入：{detail}",
            "此后没有再提交；请腾出空间或修复文件夹，然后运行 `ferry resume`；如果 `ferry jobs` 没有列出该任务，请重新导入",
        ),
        Code::JournalWentBack => (
            "任务记录不完整[：{detail}]",
            "这样的记录不会再提交任何内容；请还原整个任务文件夹，或先在 CRM 中核对最后几行，再重新导入",
        ),
        Code::WordUnknown => (
            "{path} 中 {what} 的内容“{value}”无法识别",
            "这样的任务不会继续；请把任务文件夹还原成原样",
        ),
        Code::CustomerUnreadable => (
            "保存的客户内容无法读取：{detail}",
            "不会据此做任何判断；请把任务文件夹还原成原样，或在 CRM 中核对其余部分",
        ),
        Code::StateGone => (
            "任务进行中，{path} 被删除、移走或卸载：已停止提交",
            "请把数据目录放回原处，或用 --state-dir 指明新位置，然后运行 `ferry resume`。若已丢失，请先在 CRM 中核对客户，再重新导入：ferry 已不知道新增过哪些",
        ),
        Code::JobBusy => (
            "任务 {job} 正被另一个进程使用",
            "请等它结束，或先停止它；`ferry jobs` 可查看",
        ),
        Code::NoSuchJob => ("没有任务[ {job}]", "`ferry jobs` 会列出全部任务"),
        Code::JobUnfinished => ("这个文件的任务 {job} 还没有完成", "请继续：`{resume}`"),
        Code::ResultUnwritable => (
            "结果表无法写入 {path}：{detail}",
            "数据没有丢失：运行 `ferry jobs {job} --result 文件` 可重新生成",
        ),
        Code::JobFinished => ("任务 {job} 已完成", "`ferry jobs {job}` 可查看数量和文件"),
        Code::JournalForeign => (
            "任务文件夹中的文件不是一套[：{detail}]",
            "请把任务文件夹还原成原样；这样的记录不会再提交任何内容",
        ),
        Code::CopyChanged => (
            "任务文件夹里的源文件副本已不是建立任务时的那一份：{detail}",
            "请把任务文件夹还原成原样；在此之前不会提交任何内容",
        ),
        Code::ResultRenamed => (
            "{wanted} 无法写入（是否正打开着，或文件夹不存在？），结果表改存为 {path}",
            "下次请先关闭该文件，或建好文件夹",
        ),
        Code::StateOnNetwork => (
            "任务文件夹 {path} 在网络盘上；断线或另一台电脑同时使用都可能损坏任务记录",
            "请用 --state-dir 或 ferry.toml 的 state_dir 指定本机上的文件夹",
        ),
        codes_of_changes!() => super::changes::words(code).templates(super::Lang::Zh),
        codes_of_doubts!() => super::doubts::words(code).templates(super::Lang::Zh),
        codes_of_exports!() => super::exports::words(code).templates(super::Lang::Zh),
        Code::LedgerHealed => (
            "已添加记录（ledger.db）丢失或比任务旧，已根据 {count} 个任务恢复",
            "之后删除的任务，其中的行无法再识别：再次导入这类文件前请先核对",
        ),
    }
}
