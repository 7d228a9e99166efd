//! What each number means, at length: `ferry explain`.

use super::Lang;
use crate::model::Code;

/// One or two whole sentences: why ferry says this, and what has become of the row or the run.
pub fn meaning(code: Code, lang: Lang) -> &'static str {
    let (english, chinese) = both(code);
    lang.pick(english, chinese)
}

fn both(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::NoConfiguration => (
            "ferry does not know which CRM account to use. It looks for ferry.toml in the working folder and above it, then in your config folder, then for the three environment variables.",
            "ferry 不知道要使用哪个 CRM 账号。它依次查找当前及上级文件夹的 ferry.toml、用户配置目录、以及这三个环境变量。",
        ),
        Code::BadConfiguration => (
            "The configuration file cannot be read: a line is not TOML, a name is misspelt, or a value is of the wrong kind.",
            "配置文件无法读取：某一行不符合 TOML 格式，名称拼写有误，或值的类型不对。",
        ),
        Code::SecretMissing => (
            "The profile does not say where its secret is kept, or the secret is not there.",
            "这个配置没有写明密钥存放在哪里，或者那里没有密钥。",
        ),
        Code::SecretExposed => (
            "The secret stands in a file that other users of this computer can read. ferry goes on.",
            "密钥写在本机其他用户也能读取的文件里。ferry 会继续运行。",
        ),
        Code::BadSetting => (
            "A setting from a flag, the environment or ferry.toml cannot be used. Nothing was sent.",
            "来自参数、环境变量或 ferry.toml 的某个设置不可用。没有提交任何内容。",
        ),
        Code::NeedsConfirmation => (
            "ferry asks before it writes to a CRM that is not on this computer. Without a terminal nobody can answer, so it stops.",
            "写入不在本机的 CRM 之前，ferry 会先询问。没有终端就没有人能回答，所以停止。",
        ),
        Code::SandboxFailed => (
            "The embedded CRM server for trying things out did not start, mostly because another one uses the same files.",
            "用于试用的内置 CRM 没有启动，多半是另一个正在使用相同的文件。",
        ),
        Code::ForeignConfiguration => (
            "A ferry.toml in the working folder or above it decides where customers go, before any variable does. This one belongs to another user or can be changed by others, so it may have been put there. ferry goes on.",
            "当前或上级文件夹里的 ferry.toml 决定客户写到哪里，优先于任何环境变量。这个文件属于其他用户，或其他用户也能修改，可能是别人放的。ferry 会继续运行。",
        ),
        Code::FinishLeftOut => (
            "on_finish runs a program with your rights. It is taken only from a file that is yours and that nobody else may write; ferry goes on without it.",
            "on_finish 会以您的权限运行程序，所以只接受归您所有且他人不可写的文件；ferry 不运行它，其余照常。",
        ),
        Code::NameNotText => (
            "The journal, the result sheet and the lines to go on with name files and folders as text, so one whose name is not text could not be found again. Nothing was made.",
            "任务记录、结果表和继续任务的命令都以文本记下文件名，名称不是文本的文件之后就找不到了。没有创建任何内容。",
        ),
        Code::CertificateRefused => (
            "The server proves who it is by a certificate, and this one does not: its issuer is unknown here, it has run out, or it is for another name. Nothing was sent.",
            "服务器用证书证明自己的身份，而这张证书无法证明：签发者在本机不受信任、已经过期，或属于其他名称。没有发出任何内容。",
        ),
        Code::NoTlsThere => (
            "The address says https, but what answers there is not TLS: mostly another port, or a server without encryption. Nothing was sent.",
            "地址写的是 https，但那里的应答不是 TLS：多半是端口不对，或服务器没有加密。没有发出任何内容。",
        ),
        Code::TlsWanted => (
            "The address says http, but the server there speaks only https. It has understood nothing of what was sent.",
            "地址写的是 http，但那里的服务器只接受 https。它没有处理发出的内容。",
        ),
        Code::Unreachable => (
            "The call never left, because no connection could be made. Nothing was stored by it; ferry tries again for a while, then stops so that the job can be resumed.",
            "因为连接不上，调用没有发出，也没有写入任何内容。ferry 会重试一段时间，然后停止，任务之后可以继续。",
        ),
        Code::NoReply => (
            "A call that reads was sent, and no reply came that makes sense.",
            "一次读取调用已发出，但没有收到有意义的应答。",
        ),
        Code::BadSignature => (
            "The CRM answers that a call is not signed correctly. Wrong secrets, another way of signing or a clock that is far off look like this.",
            "CRM 表示调用的签名不正确。密钥错误、签名方式不同、时钟偏差过大都会这样。",
        ),
        Code::UnknownAppid => (
            "The CRM answers that there is no such account.",
            "CRM 表示没有这个账号。",
        ),
        Code::NoPermission => (
            "The account exists and is not allowed to make this call.",
            "账号存在，但无权进行这项调用。",
        ),
        Code::ServerBusy => (
            "The CRM asks to slow down. ferry waits, halves its pace and recovers by itself; rows are not lost.",
            "CRM 要求放慢。ferry 会等待、把速率减半并自动恢复；不会丢行。",
        ),
        Code::ClockOff => (
            "Calls carry the time, and this computer's differs from the server's. ferry corrects it for the run.",
            "调用中带有时间，而本机时间与服务器不一致。本次运行中 ferry 会自动修正。",
        ),
        Code::QuotaSpent => (
            "The calls that --rate allows for this hour or day are used up, counted over all runs.",
            "--rate 允许的每小时或每天的调用次数已用完（跨运行累计）。",
        ),
        Code::NoHeader => (
            "No row among the first ones holds enough labels of fields, so ferry cannot tell which column is what.",
            "前面的行里没有一行含有足够多的字段名称，无法判断各列是什么。",
        ),
        Code::UnknownColumns => (
            "A column's header is no field of the account. ferry guesses nothing, and sends nothing until it is settled.",
            "某一列的表头不是账号里的字段。ferry 不会猜测，确定之前什么都不提交。",
        ),
        Code::TwoColumnsOneField => (
            "Two columns would be written to the same place of one field, and only one value can win.",
            "两列要写入同一字段的同一位置，而只能保留一个值。",
        ),
        Code::FieldDisabled => (
            "The header names a field that somebody has disabled in the CRM.",
            "表头对应的字段已在 CRM 中被停用。",
        ),
        Code::FieldDeleted => (
            "The header names a field that somebody has deleted in the CRM.",
            "表头对应的字段已在 CRM 中被删除。",
        ),
        Code::SeveralSheets => (
            "More than one sheet of the workbook looks like customers, and ferry does not choose for you.",
            "工作簿中不止一个工作表像是客户资料，ferry 不会替您选择。",
        ),
        Code::NoSuchSheet => (
            "--sheet names a sheet that the workbook does not have.",
            "--sheet 指定的工作表在工作簿中不存在。",
        ),
        Code::UnknownType => (
            "The CRM's field list names a type that ferry has never seen.",
            "CRM 的字段列表中有 ferry 没有见过的类型。",
        ),
        Code::ServerSetColumn => (
            "Such columns come from an export. The CRM fills them itself and takes no value for them.",
            "这类列通常来自导出文件。它们由 CRM 自动填写，不接受提交的值。",
        ),
        Code::IgnoredColumns => (
            "--ignore-unmapped leaves out columns that match no field; these were left out.",
            "--ignore-unmapped 会忽略对不上字段的列；以下列被忽略。",
        ),
        Code::HeaderFound => (
            "Titles or notes stand above the header. ferry has looked for it and says where it is.",
            "表头上方有标题或说明。ferry 找到了表头，并告知所在的行。",
        ),
        Code::NothingMatched => (
            "Rows without an _id are new customers to ferry. Whether the same customers are stored already was not looked up.",
            "对 ferry 来说，没有 _id 的行就是新客户；没有查询它们是否已经存在。",
        ),
        Code::RequiredWithoutColumn => (
            "The CRM demands a value for this field, and no column has it: every row would be refused.",
            "CRM 要求填写这个字段，而表中没有对应的列：每一行都会被拒绝。",
        ),
        Code::NoRows => (
            "The sheet has a header, and nothing below it.",
            "工作表有表头，但下面没有内容。",
        ),
        Code::BlankWords => (
            "People write such words where they have nothing to say. In phone, e-mail, date, number and choice columns they count as blank.",
            "没有内容可填时，人们常写这类词。在电话、邮箱、日期、数字和选项列中，它们按空白处理。",
        ),
        Code::AmbiguousHeader => (
            "Several fields of the account have this label; only their keys tell them apart.",
            "账号中有多个字段叫这个名称，只能用字段标识区分。",
        ),
        Code::MappingSyntax => (
            "The mapping cannot be read: a line has not the form of TOML, or a sheet of the workbook is not as ferry writes it.",
            "字段对应无法读取：某一行不符合 TOML 格式，或工作簿中的工作表与 ferry 写出的不同。",
        ),
        Code::MappingUnknownKey => (
            "A word of the mapping is misspelt, or stands where it has no meaning.",
            "字段对应中有写错的词，或写在了没有意义的位置。",
        ),
        Code::MappingUnknownField => (
            "The mapping leads a column to a field that the account does not have.",
            "字段对应把某一列指向了账号中不存在的字段。",
        ),
        Code::MappingUnknownChoice => (
            "The mapping turns a word of the sheet into a choice that the field does not have.",
            "字段对应把表中的词换成了该字段没有的选项。",
        ),
        Code::MappingNoSuchHeader => (
            "The mapping speaks of a column that this sheet does not have.",
            "字段对应提到的列，在这个表中不存在。",
        ),
        Code::MappingUndecided => (
            "`ferry map` was not sure and left a doubt in the mapping. Somebody has to decide it before anything is imported.",
            "`ferry map` 对此没有把握，在字段对应中留下了疑问。导入之前必须有人作出决定。",
        ),
        Code::MappingBadValue => (
            "A setting of the mapping has a value of the wrong kind.",
            "字段对应中某项设置的值不对。",
        ),
        Code::MappingServerSet => (
            "The mapping leads a column to a field that takes no values, because the CRM fills it.",
            "字段对应把某一列指向了由 CRM 填写、不接受提交的字段。",
        ),
        Code::MappingHeaderTwice => (
            "Several columns have the same header, so the mapping does not say which of them it means.",
            "有多列表头相同，字段对应没有说明指的是哪一列。",
        ),
        Code::MappingWon => (
            "Header and mapping disagree, and the mapping wins. This is said once, in case it was not meant.",
            "表头与字段对应不一致，以字段对应为准。这里提示一次，以免并非本意。",
        ),
        Code::MappingTwice => (
            "A setting that holds for a whole field was given at two of its columns, with different values.",
            "对整个字段有效的设置，在它的两列上写了不同的值。",
        ),
        Code::MappingFieldOff => (
            "The mapping leads a column to a field that is not in use.",
            "字段对应把某一列指向了不在使用的字段。",
        ),
        Code::MapByName => (
            "`ferry map` is sure of this column: its header is the label or key of the field.",
            "`ferry map` 对这一列有把握：表头就是字段的名称或标识。",
        ),
        Code::MapBySynonym => (
            "`ferry map` knows this header as another word for the field.",
            "`ferry map` 知道这个表头是该字段的另一种叫法。",
        ),
        Code::MapByChoices => (
            "Most cells of the column hold choices of this field.",
            "这一列的大多数单元格是该字段的选项。",
        ),
        Code::MapByShape => (
            "Most cells of the column have the form of this field's values.",
            "这一列的大多数单元格符合该字段的形式。",
        ),
        Code::MapSimilar => (
            "The header is spelt much like the field's label.",
            "表头与字段名称的写法相近。",
        ),
        Code::MapLeftOut => (
            "Columns such as sequence numbers mean nothing outside the system they come from. They are left out.",
            "序号之类的列离开原系统就没有意义，所以忽略。",
        ),
        Code::MapServerSet => (
            "The CRM fills this field itself and takes no values for it. Old values can be kept in a custom field.",
            "这个字段由 CRM 填写，不接受提交的值。原来的值可以存入自定义字段。",
        ),
        Code::MapFieldOff => (
            "The column fits a field that is not in use.",
            "这一列对应的字段不在使用。",
        ),
        Code::MapMemo => (
            "The column holds the name of a person. It is kept as the memo of that person's phone.",
            "这一列是联系人的姓名，作为其电话的备注保存。",
        ),
        Code::MapLevel => (
            "The column holds one level of a cascade.",
            "这一列是级联中的一级。",
        ),
        Code::MapNothing => (
            "Neither the header nor the cells tell what the column is.",
            "从表头和内容都看不出这一列是什么。",
        ),
        Code::MapIsIt => (
            "The field is a guess that wants to be confirmed.",
            "这个字段是推测的，需要确认。",
        ),
        Code::MapTaken => (
            "Two columns fit the same field, and it has room for one.",
            "有两列都适合同一字段，而它只能容纳一列。",
        ),
        Code::MapCellsDiffer => (
            "The header names a field, and the cells do not hold its values.",
            "表头指的是这个字段，但单元格内容与它不符。",
        ),
        Code::MapDateForm => (
            "The dates of the column are ambiguous. Without their form they would be refused.",
            "这一列的日期有歧义，不写明格式就不会接受。",
        ),
        Code::MapPersonOrCompany => (
            "The sheet has a column of companies and one of persons, and the customer's name can be only one of them.",
            "表中既有公司列又有个人列，而客户名称只能取其一。",
        ),
        Code::MapPhone => (
            "The column holds phone numbers, and mobiles and landlines may belong into different fields.",
            "这一列是电话号码，而手机和座机可能属于不同的字段。",
        ),
        Code::MapLandline => (
            "The column holds landlines. Spreadsheets take the zero of an area code away when they read it as a number.",
            "这一列是座机。表格软件把区号当作数字时，会去掉开头的 0。",
        ),
        Code::MapOpenSea => (
            "Customers without an agent belong to an open sea. It is given as the owner, by its id.",
            "没有员工负责的客户属于公海，以公海的 ID 作为负责人。",
        ),
        Code::MapCreated => (
            "The CRM notes when a customer is added, and does not take another time for that.",
            "CRM 自动记录添加时间，不接受其他时间。",
        ),
        Code::MapOwnId => (
            "Numbers of another system are not the CRM's ids. In a text field they help to recognise customers again.",
            "其他系统的编号不是 CRM 的 _id。存入文本字段后，可用来识别客户。",
        ),
        Code::MapSeveral => (
            "Several fields of the account have the same label.",
            "账号中有多个字段同名。",
        ),
        Code::MapMoreWords => (
            "The list of words that match nothing was cut, because it is long.",
            "对不上的词太多，列表没有全部列出。",
        ),
        Code::MapHead => (
            "How much of the proposed mapping is sure, and how much somebody has to decide.",
            "所提字段对应中，有多少已确定、多少需要人来决定。",
        ),
        Code::MapExists => (
            "The mapping would replace a file that somebody may have worked on.",
            "写出字段对应会替换一个可能已有人修改过的文件。",
        ),
        Code::BadLookup => (
            "A look-up file named by the mapping or the settings cannot be used.",
            "字段对应或设置中指定的对照文件不可用。",
        ),
        Code::NotInLookup => (
            "The mapping says that the words of this column are to be looked up, and this one is not among them.",
            "字段对应要求按对照查找这一列的内容，而对照中没有这个词。",
        ),
        Code::AmbiguousInLookup => (
            "The look-up file gives several answers for this word, and ferry does not choose.",
            "对照文件对这个词给出了多个结果，ferry 不会自行选择。",
        ),
        Code::MergedInto => (
            "merge_rows makes one customer of this row and one above: it was sent as part of that customer and has its answer.",
            "按 merge_rows，这一行与上方的一行是同一客户：它作为该客户的一部分提交，结果相同。",
        ),
        Code::MergeApart => (
            "Rows that merge_rows makes one customer must stand one below the other; here another customer stands between them.",
            "按 merge_rows 合并的行必须上下相邻，而这里中间隔着别的客户。",
        ),
        Code::MergeDiffers => (
            "Rows that are one customer may each add phones and addresses, but a field with one value can have one only.",
            "同一客户的几行可以各带电话和邮箱，但只有一个值的字段不能不同。",
        ),
        Code::MergedCells => (
            "Excel keeps the value of a merged range in its first cell. ferry reads what is stored, so the other rows have none.",
            "合并区域的值只存在左上角的单元格里。ferry 按存储的内容读取，所以其余的行没有值。",
        ),
        Code::Uncalculated => (
            "The program that wrote the file does not calculate: it left the formula without a value, or with a 0 or an empty text that the workbook itself calls outdated.",
            "写这个文件的程序不会计算：公式没有值，或者只有工作簿自己标明已过期的 0 或空文本。",
        ),
        Code::LineBreakInCell => (
            "A quoted cell of the CSV file has a line break, and its field is one of a single line.",
            "CSV 中带引号的单元格里有换行，而这个字段只有一行。",
        ),
        Code::TooManyErrors => (
            "The run stopped by itself, because more rows were wrong than --max-errors allows: something is probably wrong with the whole file, its mapping or the account. What was sent has its answer, the rest waits in the job. When the check alone found too many, nothing was sent, and `ferry resume` asks before it sends.",
            "有问题的行超过 --max-errors 的限制，任务自行停止：多半是整个文件、字段对应或账号有问题。已提交的行都有结果，其余的行保留在任务中。如果在校验时就已超过，则什么都没有提交，`ferry resume` 会在提交前询问。",
        ),
        Code::MergePartner => (
            "Another row of the same customer is wrong, so none of its rows is sent.",
            "同一客户的另一行有误，所以它的各行都不提交。",
        ),
        Code::ForeignResult => (
            "A result sheet holds ids and statuses of the account that wrote it. In another account the same ids are other customers, or none.",
            "结果表中的 _id 和状态属于写出它的账号；在另一个账号里，同样的 _id 是别的客户，或根本不存在。",
        ),
        Code::BadStamp => (
            "The field named by --stamp cannot carry the mark by which lost rows are found again.",
            "--stamp 指定的字段不能用来存放找回丢失行所需的标记。",
        ),
        Code::BadKey => (
            "The field named by --key cannot tell one customer from another in this file. Nothing was sent.",
            "--key 指定的字段在这个文件中不能用来区分客户。没有提交任何内容。",
        ),
        Code::MissingRequired => (
            "The CRM demands a value for this field, and the cell is blank.",
            "CRM 要求填写这个字段，而单元格是空的。",
        ),
        Code::NotAChoice => (
            "The field takes only the entries that the CRM lists, and the cell holds another word.",
            "这个字段只能填 CRM 中列出的选项，而单元格里是别的内容。",
        ),
        Code::NotADate => (
            "The cell cannot be read as a date.",
            "单元格内容无法读作日期。",
        ),
        Code::AmbiguousDate => (
            "Day and month, or the year, can be read in more than one way. ferry does not guess.",
            "日与月（或年份）有不止一种读法。ferry 不会猜测。",
        ),
        Code::NotANumber => (
            "The field takes a number, and the cell holds something else.",
            "这个字段只能填数字，而单元格里是别的内容。",
        ),
        Code::NotAPhone => (
            "The cell holds letters or signs that no phone number has, often O for 0.",
            "单元格里有电话号码不会出现的字符，常见的是把 0 写成了字母 O。",
        ),
        Code::NotAnEmail => (
            "The cell does not have the form of an e-mail address.",
            "单元格内容不是邮箱地址的形式。",
        ),
        Code::ImpreciseNumber => (
            "Spreadsheets keep 15 digits of a number. A longer one in a numeric cell has lost its end before ferry saw it.",
            "表格软件的数字只保留 15 位。更长的数字存成数值时，末尾在 ferry 读到之前就已丢失。",
        ),
        Code::ScientificText => (
            "Text such as 6.86E+17 is a long number that a spreadsheet shortened. Its digits are lost.",
            "6.86E+17 这样的文本是被表格软件缩写的长数字，其中的数字已丢失。",
        ),
        Code::ErrorCell => (
            "A formula of the sheet failed, and the cell shows an error instead of a value.",
            "表中的公式出错，单元格显示的是错误值。",
        ),
        Code::NotAPath => (
            "One level of the cascade is not an entry below the level before it.",
            "级联中的某一级不是上一级下面的选项。",
        ),
        Code::PathTooShort => (
            "The field must be filled down to a certain level, and the cell stops before it.",
            "这个字段必须填到指定的级别，而单元格没有填到。",
        ),
        Code::NotAnOwner => (
            "An owner is named by the id of an agent or of an open sea. Names are not looked up here.",
            "负责人要填员工或公海的 ID。这里不会按姓名查找。",
        ),
        Code::NotACustomerId => (
            "The cell of the _id column is not 1 to 20 digits. Ids turned into numbers lose their last digits.",
            "_id 列的内容不是 1 到 20 位数字。被转成数值的 ID 会丢失末尾几位。",
        ),
        Code::BlankKey => (
            "The import names a key, and this row has nothing in any of its fields, so it could not be recognised.",
            "导入时指定了查重字段，而这一行的这些字段都没有内容，无法识别。",
        ),
        Code::BadStatus => (
            "The cell in _status holds something that is no status. Whether the row may be sent depends on it, so ferry does not guess.",
            "_status 单元格的内容不是任何状态。能否提交这一行取决于它，ferry 不会猜测。",
        ),
        Code::IdOfAnotherRow => (
            "Somebody has written this _id beside a row whose outcome was not known, but the customer was added for another row.",
            "有人在待核实的行填入了这个 _id，但这个客户是为另一行新增的。",
        ),
        Code::DuplicateKey => (
            "A row above has the same key, so both would be one customer. The first is taken; this one is not sent. Phones are compared without spaces, dashes and +86.",
            "上面已有一行的查重字段相同，两行会是同一客户。以先出现的为准，这一行不提交。比较手机号时忽略空格、横线和 +86。",
        ),
        Code::DuplicateId => (
            "Two rows of the file change the same customer. The first is taken; this one is not sent.",
            "文件中有两行要修改同一个客户。以先出现的为准，这一行不提交。",
        ),
        Code::ValueWithoutHeader => (
            "A value stands in a column that has no header, far from the others or by mistake.",
            "有内容出现在没有表头的列里，可能是误填。",
        ),
        Code::RaggedRow => (
            "The line of the CSV file has more or fewer cells than the header, so values may stand in wrong columns.",
            "CSV 的这一行与表头的单元格数量不同，内容可能错列。",
        ),
        Code::ClearRequired => (
            "#CLEAR empties a field, and this field may not be empty.",
            "#清空 会清空字段，而这个字段不能为空。",
        ),
        Code::NothingToUpdate => (
            "The row names a customer and has no value in any column that could be changed.",
            "这一行指明了客户，但可修改的列都没有内容。",
        ),
        Code::UpdateWithoutId => (
            "--mode update sends only updates, and an update needs the customer's _id.",
            "--mode update 只做更新，而更新需要客户的 _id。",
        ),
        Code::AddWithId => (
            "--mode add sends only new customers, and a new customer has no _id.",
            "--mode add 只新增客户，而新客户没有 _id。",
        ),
        Code::MemoWithoutValue => (
            "A memo belongs to a phone, e-mail or account, and that cell is blank.",
            "备注是跟着电话、邮箱等一起存的，而对应的值是空的。",
        ),
        Code::TotalsRow => (
            "The name says 合计, 总计 or 小计: a line of sums, and no customer.",
            "名称是 合计、总计 或 小计：这是汇总行，不是客户。",
        ),
        Code::AlreadyAdded => (
            "ferry remembers the cells of every row it has added to this account. A row with the same cells was added before.",
            "ferry 记得向这个账号添加过的每一行。内容相同的一行以前已添加。",
        ),
        Code::InDoubtElsewhere => (
            "A row with the same cells was sent by another job, and its reply was lost. Sending it again could add the customer twice.",
            "另一个任务提交过内容相同的一行，但应答丢失了。再次提交可能会重复添加。",
        ),
        Code::DoneInResult => (
            "The file is a result sheet, and this row of it is done. Such rows are left alone.",
            "这个文件是结果表，而这一行已完成。这类行不会再动。",
        ),
        Code::SettledLater => (
            "A later job has already done what this row of a result sheet was still waiting for.",
            "结果表中的这一行，之后的任务已经处理好了。",
        ),
        Code::NotAUrl => (
            "The cell does not have the form of a web address.",
            "单元格内容不是网址的形式。",
        ),
        Code::UnknownInResult => (
            "The result sheet says that this row may have been stored. Only a look into the CRM can tell.",
            "结果表显示这一行可能已写入，只有到 CRM 里查看才能确定。",
        ),
        Code::EditedDoneRows => (
            "Rows that are done were changed in the result sheet. They are not sent, because that would add them again.",
            "结果表中已完成的行被修改过。它们不会提交，否则会重复添加。",
        ),
        Code::TimeInDate => (
            "The field holds a date without time. The time would be lost silently, so the row is refused.",
            "这个字段只存日期。时间会无声丢失，所以不接受这一行。",
        ),
        Code::GapInPath => (
            "The levels of a cascade stand in columns of their own, and one in between is blank.",
            "级联各级分列填写，而中间有一级是空的。",
        ),
        Code::Refused => (
            "The CRM has answered no for this row, and nothing was stored.",
            "CRM 拒绝了这一行，没有写入。",
        ),
        Code::CustomerGone => (
            "The row names a customer that the CRM does not have.",
            "这一行指明的客户在 CRM 中不存在。",
        ),
        Code::OutcomeUnknown => (
            "The call was on its way when the connection broke or the reply made no sense. Whether the customer was stored cannot be told, so ferry does not send it again.",
            "调用途中连接断开，或应答无法理解，无法判断客户是否已写入，所以 ferry 不会再次提交。",
        ),
        Code::NotStored => (
            "The outcome of this row was not known. ferry has searched the CRM, found later rows and not this one: it was never stored, and may be sent.",
            "这一行的结果曾经待核实。ferry 在 CRM 中查找过，能找到之后新增的客户而没有它：确实没有写入，可以提交。",
        ),
        Code::Unsearchable => (
            "No usable reply came, and none of the fields of this row can be searched in the CRM, so ferry cannot find out whether it was stored. It does not send it again.",
            "没有收到可用的应答，而这一行的字段在 CRM 中都不能搜索，无法查明是否已写入。ferry 不会再次提交。",
        ),
        Code::ManyShareValue => (
            "No usable reply came, and so many customers have the value that is searched for, or they changed so quickly, that a look at all of them proves nothing.",
            "没有收到可用的应答，而含有所搜内容的客户太多，或变动太快，查看也不能证明什么。",
        ),
        Code::SearchAstray => (
            "No usable reply came, and the CRM's search brings customers that do not have the value, so what it does not bring proves nothing either.",
            "没有收到可用的应答，而 CRM 的搜索给出了不含所搜内容的客户，因此搜不到也不能证明什么。",
        ),
        Code::SearchRefused => (
            "No usable reply came, and the CRM refuses or fails to search for this row.",
            "没有收到可用的应答，而 CRM 拒绝或无法搜索这一行。",
        ),
        Code::OtherHasValue => (
            "No usable reply came. A customer with the same phone, e-mail, account or name is there, but it differs from what was sent or was not made by this import, so ferry does not take it for the row.",
            "没有收到可用的应答。CRM 中有手机、邮箱、账号或名称相同的客户，但与提交的内容不一致，或不是这次导入创建的，所以 ferry 不把它当作这一行。",
        ),
        Code::FitsSeveralRows => (
            "No usable reply came for several rows, of this job or of another one, and one customer that was found could be any of them.",
            "有几行（也可能在另一个任务中）没有收到可用的应答，而找到的一个客户可能是其中任何一行。",
        ),
        Code::SeveralFit => (
            "No usable reply came, and more customers fit than there are such rows: ferry does not choose.",
            "没有收到可用的应答，而相符的客户比这样的行更多，ferry 不会自行选择。",
        ),
        Code::SearchUnproven => (
            "No usable reply came, and the customer was not found. That it is not there is proven only when the same search finds a row that was added later; none was found yet.",
            "没有收到可用的应答，也没有找到这个客户。只有同样的搜索能找到之后新增的客户，才能证明它没有写入；目前还没有。",
        ),
        Code::Interrupted => (
            "ferry, or the computer, stopped while the call was on its way, so the reply was never seen. The row is not sent again until its absence is proven.",
            "调用途中 ferry 或电脑停止了，没有看到应答。在证明没有写入之前，这一行不会再次提交。",
        ),
        Code::UpdateUnknown => (
            "The update was on its way when the connection broke, the reply made no sense, or ferry was interrupted. `ferry resume` sends an update once more where that can do no harm; one that changes single values of a list waits until somebody has looked.",
            "更新途中连接断开、应答无法理解，或 ferry 被中断。再次提交没有妨碍的更新，`ferry resume` 会再次提交；改动列表中个别值的更新，要等有人查看之后再提交。",
        ),
        Code::OtherId => (
            "The CRM answered about another customer than the one that was meant.",
            "CRM 应答的不是原来那个客户。",
        ),
        Code::NotRead => (
            "An update of a list needs what is stored now, and an _id that was written beside a row in doubt is looked at before it is believed: that could not be read.",
            "更新列表类字段需要先知道现有内容，填在待核实行的 _id 也要先查看是否存在：读取失败了。",
        ),
        Code::Adopted => (
            "The reply to this row was lost. ferry has looked for the customer, found exactly one that fits, and taken its _id.",
            "这一行的应答丢失了。ferry 查找后找到唯一相符的客户，并采用了它的 _id。",
        ),
        Code::WaitingToSettle => (
            "Rows whose reply was lost are looked up when every call that was on its way must have arrived.",
            "应答丢失的行，要等途中的调用必定到达之后再查询。",
        ),
        Code::FileNotFound => ("There is no file with this name.", "没有这个名称的文件。"),
        Code::IsDirectory => (
            "The name leads to a folder, and a file is wanted.",
            "这个名称是文件夹，而需要的是文件。",
        ),
        Code::Unreadable => (
            "The system does not let the file be read.",
            "系统不允许读取这个文件。",
        ),
        Code::EmptyFile => ("The file has no content.", "文件没有内容。"),
        Code::NotAWorkbook => (
            "The file is called a workbook, and its content is none, or it is damaged.",
            "文件名是工作簿，但内容不是，或已损坏。",
        ),
        Code::OldFormat => (
            "The file is a workbook of a kind that ferry does not read, or it is protected by a password.",
            "文件是 ferry 不支持的工作簿格式，或设有密码保护。",
        ),
        Code::BadEncoding => (
            "The file's bytes are not text in the encoding that was found or asked for.",
            "按识别出的或指定的编码，文件内容不是有效的文本。",
        ),
        Code::BadCsv => (
            "A record of the CSV file cannot be told from the next, mostly because of a quote without end.",
            "CSV 中的记录无法分开，多半是引号没有结束。",
        ),
        Code::StrayQuote => (
            "A quote of the CSV file opens in one row and closes in another, so that rows between would be lost. Nothing is sent of such a file.",
            "CSV 中的引号在一行开始、在另一行结束，中间的行会丢失。这样的文件不会提交任何内容。",
        ),
        Code::CellTooLong => (
            "No cell of a workbook holds more than 32 767 characters; one that does was not made by a spreadsheet program, and may be made to fill the memory.",
            "工作簿的单元格最多 32767 个字符；更长的不是表格软件写出的，可能会占满内存。",
        ),
        Code::TooManyTexts => (
            "The texts that the sheets of a workbook share are held in memory: 256 MiB, or up to 1 GiB where that is at most 50 times what they take in the file.",
            "工作簿各表共用的文本保存在内存中：最多 256 MiB；不超过文件中所占大小的 50 倍时，最多 1 GiB。",
        ),
        Code::TooManyColumns => (
            "The result has ferry's columns in front of the source's own, and a workbook has no more than 16 384.",
            "结果表在原有各列之前还有 ferry 的列，而工作簿最多 16384 列。",
        ),
        Code::JournalFailed => (
            "ferry writes down what it sends before it sends it. That failed, so it has stopped.",
            "ferry 在提交之前先记录。记录失败，所以已停止。",
        ),
        Code::JournalWentBack => (
            "The job's records are older than what was sent, for example after restoring a copy, or damaged. Going on could add customers twice.",
            "任务记录比实际提交的要旧（例如还原过备份），或已损坏。继续下去可能会重复添加客户。",
        ),
        Code::WordUnknown => (
            "The journal holds something that ferry does not write, so it was damaged or made by another version. It is not read as if it said nothing: that could discard the job, or forget what somebody has said about its rows.",
            "任务记录中有 ferry 不会写入的内容，说明它已损坏，或由其他版本写成。不会当作空白处理：那样可能丢弃任务，或忘记有人对某些行的说明。",
        ),
        Code::CustomerUnreadable => (
            "The journal keeps customers as they were before a row changed them. One of these copies is damaged. Taken for an empty customer it would seem that everything had changed, or that there was nothing to put back.",
            "任务记录保存了修改前的客户内容，其中一份已损坏。若当作空客户，就会误以为全部内容都变了，或没有可还原的内容。",
        ),
        Code::StateGone => (
            "The journal or the ledger is no longer the file of its name. What is written into it from now on would not be found by the next run, which would add rows again; so no further call is made. What was on its way is still recorded in the files that were moved.",
            "任务记录或已添加记录不再是该名称下的文件。此后写入的内容下次运行时找不到，行会被重复添加，因此不再发出任何请求。已发出的请求，其结果仍会记入被移走的文件。",
        ),
        Code::JobBusy => (
            "Another ferry works on this job. Two at once could send rows twice.",
            "另一个 ferry 正在处理这个任务。同时处理可能会重复提交。",
        ),
        Code::NoSuchJob => (
            "No job has this name in the state folder.",
            "数据目录中没有这个名称的任务。",
        ),
        Code::JobUnfinished => (
            "The same file was imported before, and that job still has rows to send.",
            "同一个文件以前导入过，而那个任务还有未提交的行。",
        ),
        Code::ResultUnwritable => (
            "The rows were sent and recorded; only the sheet that shows them could not be written.",
            "行已提交并有记录，只是结果表没能写出来。",
        ),
        Code::JobFinished => (
            "Every row of the job has its answer.",
            "任务的每一行都已有结果。",
        ),
        Code::JournalForeign => (
            "The files in the job's folder belong to different jobs or to another version of ferry.",
            "任务文件夹里的文件属于不同的任务，或另一个版本的 ferry。",
        ),
        Code::CopyChanged => (
            "A job reads its own copy of the source, and somebody has changed that copy.",
            "任务读取的是自己保存的源文件副本，而副本被改动过。",
        ),
        Code::ResultRenamed => (
            "The file that was asked for cannot be written, mostly because a spreadsheet program has it open or its folder is not there.",
            "指定的文件无法写入，多半是正在表格软件中打开，或所在的文件夹不存在。",
        ),
        Code::StateOnNetwork => (
            "The journal relies on locks and on writes that stay written. Network drives promise neither, so ferry warns and goes on.",
            "任务记录依赖文件锁和可靠的写入，网络盘不能保证这两点；ferry 会提醒并继续运行。",
        ),
        codes_of_changes!() => super::changes::words(code).meaning,
        codes_of_doubts!() => super::doubts::words(code).meaning,
        codes_of_exports!() => super::exports::words(code).meaning,
        Code::LedgerHealed => (
            "The memory of added rows was lost and has been rebuilt from the jobs that are still there.",
            "已添加记录曾丢失，现已根据仍在的任务重建。",
        ),
    }
}
