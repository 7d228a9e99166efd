//! The help in Chinese. The English texts stand beside the flags in `cli`; a test there sees that none lacks
//! its Chinese one.

/// What a command is for; the program itself is the empty name.
pub fn about(command: &str) -> Option<&'static str> {
    Some(match command {
        "" => "在表格与 CRM 之间搬运客户：不重复、不遗漏，每一行都有交代",
        "init" => "生成带说明的 ferry.toml，需要的内容会逐项询问",
        "doctor" => "连接 CRM 并逐项检查：签名、时钟、字段、列表权限、每页上限、读取客户的方式",
        "fields" => "列出账号的字段：名称、标识、类型、是否必填、选项",
        "template" => "按账号的字段生成导入模板：下拉选项、级联、日期校验和字段说明",
        "map" => "为表格建议字段对应，标出疑问，由人确定并签字",
        "check" => "校验表格的每一行，不提交任何内容",
        "plan" => "决定表格每一行如何处理并显示将发生的变化，不写入任何内容",
        "apply" => "按计划执行；计划之后被他人改动的内容会列出，不会覆盖",
        "import" => "导入表格：校验每一行，提交合格的行，用结果表逐行答复",
        "resume" => "继续一个停止的任务",
        "verify" => "读回任务写入的内容，与提交的内容逐字段核对",
        "undo" => "撤销一个任务：删除它新增的，恢复它修改的，重新添加它删除的",
        "delete" => "按 _id 删除客户，删除前保留副本；对结果表只删除其中新增的客户",
        "export" => "把全部客户或筛选出的客户导出为 Excel、CSV 或 JSON 行",
        "diff" => "不联网比较两个导出文件：新增、修改（字段，原值 → 新值）和本次未查到的客户",
        "get" => "按 _id 显示客户",
        "jobs" => "列出任务，或查看一个任务",
        "explain" => "详细解释一个问题代码；不给代码则列出全部",
        "sandbox" => "运行内置的演练环境（模拟 CRM），用于试用和测试",
        "help" => "显示帮助，或某个命令的帮助",
        _ => return None,
    })
}

/// What follows the purpose in `--help`.
pub fn more(command: &str) -> Option<&'static str> {
    Some(match command {
        "doctor" => {
            "加 --json 时输出一个对象：{\"account\", \"host\", \"steps\": [{\"step\", \"ok\", \"detail\", \"hint\"}], \"api_calls\", \"exit\"}。"
        }
        "fields" => {
            "加 --json 时输出一个对象：{\"fields\": [{\"label\", \"key\", \"kind\", \"type\", \"status\", \"required\", \"system\",\n\"read_only\", \"searchable\", \"choices\": [{\"key\", \"value\"}], \"paths\": [\"浙江/杭州\", …]}], \"exit\"}。"
        }
        "template" => {
            "填写后即可导入，不需要字段对应。加 --json 时输出一个对象：{\"file\", \"fields\", \"required\", \"exit\"}。"
        }
        "export" => {
            "文件写完整后才会以该名称出现。加 --json 时输出每个任务都有的对象，另有 \"customers\"、\"complete\"、\"manifest\" 和 \"changes\"。"
        }
        "diff" => {
            "加 --json 时输出一个对象：{\"added\", \"changed\", \"fields\", \"gone\", \"unchanged\", \"only_old\": [表头], \"only_new\": [表头], \"file\", \"exit\"}。"
        }
        "get" => {
            "加 --json 时输出一个对象：{\"customers\": [CRM 返回的原样], \"gone\": [没有找到的 _id], \"exit\"}。"
        }
        "map" => {
            "加 --json 时输出一个对象：{\"file\", \"rows\", \"certain\", \"ignored\", \"doubts\": [{\"column\", \"header\", \"doubt\"}],\n\"words\", \"owners\", \"exit\"}。"
        }
        "explain" => {
            "加 --json 时输出一个对象：{\"code\", \"title\", \"meaning\", \"example\", \"hint\", \"family\"}，或它们的列表。"
        }
        "sandbox" => {
            "只监听 127.0.0.1。除非加 --no-auth，调用须签名：appid 为 `sandbox`，密钥为 `sandbox-secret`。"
        }
        _ => return None,
    })
}

/// What stands at the end of the program's help.
pub const AFTER: &str =
    "除 --yes、--again 等会解除保护的参数外，每个参数都可以用环境变量 FERRY_<参数名> 设置。
不需要账号即可试用：ferry import samples/customers.xlsx --sandbox";

/// What an argument does. A command's own text wins over the one that several commands share.
pub fn argument(command: &str, id: &str) -> Option<&'static str> {
    own(command, id).or_else(|| shared(id))
}

fn own(command: &str, id: &str) -> Option<&'static str> {
    Some(match (command, id) {
        ("init", "file") => "写到哪里",
        ("init", "base_url") => "CRM 的地址，给出后不再询问",
        ("init", "appid") => "账号的 appid，给出后不再询问",
        ("fields", "output") => "把字段列表写成工作簿或 CSV 文件",
        ("fields", "save") => "把字段列表按接口原样保存，供 `ferry check --fields` 使用",
        ("template", "output") => "模板写到哪里，.xlsx；已有的同名文件会被替换",
        ("map", "file") => "要建议字段对应的文件，.xlsx 或 .csv；'-' 表示从标准输入读取",
        ("map" | "template", "fields") => "`ferry fields --save` 保存的字段列表，用于不联网生成",
        ("map", "output") => "字段对应文件，.toml 或 .xlsx [默认：源文件旁的 <名称>.map.toml]",
        ("check", "file") => "要校验的文件，.xlsx 或 .csv；'-' 表示从标准输入读取",
        ("check", "fields") => "`ferry fields --save` 保存的字段列表，用于不联网校验",
        ("check", "output") => "把有问题的行写成表格，.xlsx 或 .csv",
        ("check", "all") => "表格中包含全部行，而不只是有问题的行",
        ("plan" | "import", "file") => "要导入的文件，.xlsx 或 .csv；'-' 表示从标准输入读取",
        ("import" | "apply", "output") => {
            "结果表，.xlsx 或 .csv [默认：源文件旁的 <名称>_导入结果_<时间>.xlsx]"
        }
        ("plan", "output") => "导入预览，.xlsx [默认：源文件旁的 <名称>_导入预览_<时间>.xlsx]",
        ("apply", "job") => "`ferry plan` 生成的任务 [默认：最近一个尚未执行的]",
        ("apply", "refresh") => "对照现在的内容，重新决定每一行",
        ("apply", "max_errors") => {
            "被系统拒绝的行超过这么多就停止：写行数，或 5% 这样的比例（按已提交的行计算，从第 20 行起）；之后可用 `ferry resume` 继续"
        }
        ("import" | "apply", "limit") => "试运行：只提交这么多行；其余用 `ferry resume` 继续",
        ("plan" | "import", "strict") => "只要有一行校验未通过，就什么都不提交",
        ("plan" | "import", "again") => "以前添加过的行也再添加一次",
        ("plan" | "import", "include_done") => "导入结果表时，已完成的行按 _id 更新",
        ("plan" | "import", "stamp") => {
            "把 <任务>/<行号> 写入这个可搜索的自定义文本字段，应答丢失的行可准确找回"
        }
        ("check", "max_errors") => {
            "有问题的行超过这么多就停止校验：写行数，或 5% 这样的比例（从第 20 行起计算）"
        }
        ("import", "max_errors") => {
            "校验未通过或被系统拒绝的行超过这么多就停止：写行数，或 5% 这样的比例（先按全部行、再按已提交的行计算，从第 20 行起）；之后可用 `ferry resume` 继续"
        }
        ("resume", "max_errors") => {
            "从现在起被系统拒绝的行超过这么多就停止：写行数，或 5% 这样的比例（按已提交的行计算，从第 20 行起）"
        }
        ("verify", "job") => "任务 [默认：最近一个写入过内容的]",
        ("verify", "output") => {
            "差异和汇总表，.xlsx 或 .csv [默认：任务源文件旁的 <名称>_核对结果_<时间>.xlsx]"
        }
        ("undo", "job") => "任务，或它的结果表：给出结果表时只撤销表中的行",
        ("undo", "dry_run") => "只说明会发生什么并写出预览，不做任何改动",
        ("delete", "dry_run") => "只说明会删除谁并写出预览，不删除任何客户",
        ("undo", "force") => "之后被别人修改过的也一并撤销；应答丢失后按内容找回的客户也删除",
        ("undo" | "delete", "max_delete") => "最多删除这么多客户",
        ("undo", "output") => {
            "结果表，.xlsx 或 .csv [默认：任务源文件旁的 <名称>_撤销结果_<时间>.xlsx]"
        }
        ("delete", "file") => {
            "结果表、导出文件，或表头为 _id 的名单；.xlsx 或 .csv，'-' 表示从标准输入读取"
        }
        ("delete", "sheet") => "读取的工作表；可重复，'*' 表示全部 [默认：有 _id 列的工作表]",
        ("delete", "header_row") => "表头所在行 [默认：自动查找]",
        ("delete", "all_ids") => "对结果表，也删除不是其中新增的客户",
        ("delete", "output") => {
            "结果表，.xlsx 或 .csv [默认：源文件旁的 <名称>_删除结果_<时间>.xlsx]"
        }
        ("delete", "limit") => "试运行：只删除这么多；其余用 `ferry resume` 继续",
        ("resume", "job") => "任务 [默认：最近停止的一个]",
        ("resume", "limit") => "只提交这么多行",
        ("export", "output") => {
            "导出文件，.xlsx、.csv 或 .jsonl；文件名中可用 {date}、{time}、{profile}；'-' 表示标准输出 [默认：配置中的 export.output]"
        }
        ("export", "format") => {
            "格式 xlsx、csv 或 jsonl，文件名未说明时使用 [默认：按文件名；'-' 为 csv]"
        }
        ("export", "condition") => "只导出该字段为此值的客户，由 CRM 查询",
        ("export", "where_empty") => "只导出该字段没有值的客户",
        ("export", "fields") => "只导出这些字段（名称或键名），按此顺序；_id 总在最前",
        ("export", "headers") => "表头用什么 [默认：label]",
        ("export", "no_excel") => {
            "CSV 供其他程序使用：不加 BOM，不在可能被 Excel 当公式执行的内容前加撇号"
        }
        ("export", "compare") => {
            "与较早的导出文件比较，或用 last 与最近一次同名的完整导出比较，并列出变更"
        }
        ("export", "keep") => "同名导出保留这么多个，更早的删除；只删除有清单文件且未被改动的",
        ("export", "keep_monthly") => "另外，最近这么多个月每月保留最新的一个",
        ("export", "max_passes") => "列表最多读取这么多遍，直到没有遗漏 [默认：5]",
        ("diff", "old") => "较早的导出文件，.xlsx 或 .csv",
        ("diff", "new") => "较新的导出文件",
        ("diff", "output") => "把全部变更写成表格，.xlsx 或 .csv",
        ("get", "ids") => "客户的 _id，可给多个",
        ("jobs", "job") => "查看这个任务：数量、文件和下一步",
        ("jobs", "result") => "写出任务的结果表，.xlsx 或 .csv；任务进行中也可以",
        ("jobs", "only") => "结果表只包含这种状态的行",
        ("jobs", "prune") => "删除早于此时长（如 90d）的已完成任务，连同记录和副本",
        ("explain", "code") => "问题代码，如 E412、e412 或 412",
        ("sandbox", "port") => "127.0.0.1 上的端口；0 表示任选一个空闲端口",
        ("sandbox", "db") => "把客户保存在这个 SQLite 文件 [默认：内存]",
        ("sandbox", "fields") => {
            "字段列表，即 `ferry fields --save` 的文件 [默认：含各种类型的列表]"
        }
        ("sandbox", "no_auth") => "不检查签名",
        ("sandbox", "fault") => {
            "按概率出错，如 lost-reply=0.05 或 busy-after:503ra@add=0.1（执行后以 --outage 的一种应答作答）；可重复"
        }
        ("sandbox", "outage") => {
            "在一段时间内让所有调用失败，如 6s:cut，或从第 100 次新增起、执行后失败：6s:503ra-after@100；可重复"
        }
        ("sandbox", "seed") => "出错的随机种子，便于重现",
        ("sandbox", "limit") => "每秒允许的调用数，超出的以繁忙拒绝",
        ("sandbox", "busy_as") => "超出 --limit 时以什么方式拒绝",
        ("sandbox", "page_cap") => "列表每页最多多少个客户",
        ("sandbox", "latency") => "每个应答的延迟，如 20ms 或 10ms-40ms",
        ("sandbox", "search_lag") => "改动多久之后才能查询到，如 5s",
        ("sandbox", "keep_update_time") => "没有实际改动的更新不改变 updateTime",
        ("sandbox", "merge_by") => "新增时，若该字段的第一个值已有客户，则以那个客户作答，不新增",
        ("sandbox", "clock_offset") => "服务器时钟快多少秒",
        ("help", "subcommand") => "要查看的命令",
        _ => return None,
    })
}

fn shared(id: &str) -> Option<&'static str> {
    Some(match id {
        "config" => "配置文件 [默认：当前或上级文件夹的 ferry.toml，否则用户配置目录中的]",
        "profile" => "使用配置文件中的哪个配置",
        "sandbox" => "不用账号，改用演练环境；其中的客户保存在数据目录",
        "rate" => "允许的速率，如 5/s 或 10/s,600/min,100000/day [默认：5/s；演练环境 50/s]",
        "concurrency" => "最多同时进行的调用数 [默认：4]",
        "timeout" => "一次调用的最长时间，如 30s [默认：30s]",
        "no_touch" => "核实结果不明的行时，不把任何客户按原值再写一次",
        "settle" => "应答丢失后，过多久向 CRM 核实这一行 [默认：60s]",
        "state_dir" => "任务存放在哪里 [默认：用户的数据目录]",
        "lang" => "界面、提示和文件所用的语言：zh 或 en [默认：与系统一致]",
        "log" => "把过程写入文件，每次调用一行，不含密钥和客户资料",
        "json" => "输出一个 JSON 对象，而不是文字",
        "quiet" => "除错误外不输出",
        "verbose" => "输出更多信息",
        "yes" => "写入前不再询问",
        "sheet" => "读取的工作表；可重复，'*' 表示全部 [默认：表头能对上的那一个]",
        "header_row" => "表头所在行，两行表头写 3-4 [默认：自动查找]",
        "ignore_unmapped" => "忽略对不上字段的列",
        "encoding" => "CSV 文件的编码，如 gb18030 [默认：自动识别]",
        "delimiter" => "CSV 文件的分隔符；'tab' 表示制表符 [默认：自动识别]",
        "map" => "各列的含义：字段对应文件，.toml 或 .xlsx；`ferry map` 可生成建议",
        "mode" => "每一行如何处理",
        "key" => {
            "查重字段：没有 _id 的行按它查找已有客户，找到一个就更新；可重复给出，依次尝试，A+B 表示两个字段合起来"
        }
        "blank_key" => "查重字段全为空的行如何处理",
        "on_match" => "查重字段与已有客户相同的行如何处理 [默认：update，或与结果表所属的任务相同]",
        "no_wait" => "每小时或每天的配额用完时停止，而不是等待",
        "no_wait_of_job" => "每小时或每天的配额用完时停止，而不是等待 [默认：与任务开始时相同]",
        "help" => "显示帮助（-h 为摘要）",
        "version" => "显示版本",
        _ => return None,
    })
}

/// What one of an argument's values means.
pub fn value(id: &str, value: &str) -> Option<&'static str> {
    Some(match (id, value) {
        ("mode", "auto") => "有 _id 的行更新，其余新增",
        ("mode", "add") => "只新增",
        ("mode", "update") => "只更新",
        ("blank_key", "invalid") => "校验不通过",
        ("blank_key", "add") => "直接新增",
        ("on_match", "update") => "更新该客户",
        ("on_match", "fill") => "只补充空白字段",
        ("on_match", "skip") => "不处理这一行",
        ("on_match", "fail") => "这一行校验不通过",
        ("headers", "label") => "字段名称",
        ("headers", "key") => "字段键名",
        ("headers", "both") => "名称 (键名)",
        ("busy_as", "429") => "HTTP 429",
        ("busy_as", "429-retry-after") => "HTTP 429，带 Retry-After 秒数",
        ("busy_as", "503") => "HTTP 503，Retry-After 为时间",
        ("busy_as", "200") => "HTTP 200，内容为拒绝",
        ("busy_as", "403") => "HTTP 403，带说明",
        _ => return None,
    })
}

/// The name of a value in usage lines.
pub fn value_name(name: &str) -> Option<&'static str> {
    Some(match name {
        "FILE" => "文件",
        "FILE.xlsx" => "文件.xlsx",
        "FILE.json" => "文件.json",
        "DIR" => "文件夹",
        "OLD" => "旧文件",
        "NEW" => "新文件",
        "FORMAT" => "格式",
        "A,B" => "字段,字段",
        "FIELD=VALUE" => "字段=值",
        "FILE|last" => "文件|last",
        "NAME" => "名称",
        "RATE" => "速率",
        "TIME" | "AGE" => "时长",
        "BOOL" => "是否",
        "LANG" => "语言",
        "CHAR" => "字符",
        "FIELD" => "字段",
        "MAPPING" => "字段对应",
        "JOB|RESULT" => "任务|结果表",
        "JOB" => "任务",
        "STATUS" => "状态",
        "CODE" => "代码",
        "URL" => "地址",
        "PORT" => "端口",
        "SECONDS" => "秒数",
        "TIME:HOW" => "时长:方式",
        "HOW" | "MODE" | "WHAT" | "KIND" => "方式",
        "NAME=P" => "名称=概率",
        "COMMAND" => "命令",
        _ => return None,
    })
}
