//! The sentences about a wrong command line, wrong settings or an unfit place to run: a message and its hint.

use crate::lang::{Lang, Text};
use crate::model::Fact;

use super::amounts;

type Remark = (Text, Text);

/// Returns a fact in both languages.
pub fn in_both(fact: &Fact) -> Text {
    Text::new(
        crate::lang::said(fact, Lang::En),
        crate::lang::said(fact, Lang::Zh),
    )
}

/// Says that the value of a flag cannot be used; `example` is a good one.
pub fn bad_value(flag: &str, why: &Fact, example: &str) -> Remark {
    let why = in_both(why);
    let (english, chinese) = (why.pick(Lang::En), why.pick(Lang::Zh));
    (
        both!("{flag}: {english}", "{flag}：{chinese}"),
        both!("such as {example}", "例如 {example}"),
    )
}

/// Says that the job died before every row was decided.
pub fn undecided(job: &str) -> Remark {
    (
        both!(
            "job {job} was interrupted before anything was decided or sent",
            "任务 {job} 在作出任何决定之前就中断了，没有提交任何内容"
        ),
        both!("import its file again", "请重新导入它的文件"),
    )
}

/// Says that a person stopped the job before anything was sent.
pub fn stopped_in_plan() -> Remark {
    (
        both!("stopped; nothing was sent", "已停止；没有提交任何内容"),
        both!("run the same command again", "再次运行同一命令即可"),
    )
}

/// Says that the person answered no.
pub fn declined() -> Remark {
    (
        both!(
            "not confirmed; nothing was sent",
            "未确认；没有提交任何内容"
        ),
        both!("run it again when you are sure", "确定之后再运行一次即可"),
    )
}

/// Says that an encoding is unknown.
pub fn unknown_encoding(label: &str) -> Remark {
    (
        both!("unknown encoding “{label}”", "没有“{label}”这种编码"),
        import_help(),
    )
}

/// Says that a character cannot be a delimiter.
pub fn bad_delimiter(delimiter: char) -> Remark {
    (
        both!(
            "“{delimiter}” cannot be a delimiter",
            "“{delimiter}”不能用作分隔符"
        ),
        import_help(),
    )
}

fn import_help() -> Text {
    both!("see `ferry import --help`", "见 `ferry import --help`")
}

/// Says that a delimiter has several characters.
pub fn long_delimiter(text: &str) -> Remark {
    (
        both!(
            "--delimiter “{text}” is not one character",
            "--delimiter “{text}”不是单个字符"
        ),
        both!("such as ';' or tab", "例如 ';' 或 tab"),
    )
}

/// Says that a file could not be written.
pub fn unwritable_file(path: &str, cause: &Fact) -> Remark {
    let cause = in_both(cause);
    let (english, chinese) = (cause.pick(Lang::En), cause.pick(Lang::Zh));
    (
        both!(
            "cannot write {path}: {english}",
            "无法写入 {path}：{chinese}"
        ),
        both!(
            "is the file open in another program, or the disk full?",
            "文件是否正被其他程序打开，或磁盘已满？"
        ),
    )
}

/// Says that a workbook could not be made.
pub fn no_workbook(cause: &str) -> Remark {
    (
        both!(
            "cannot make the workbook: {cause}",
            "无法生成工作簿：{cause}"
        ),
        both!(
            "is the file open in another program, or the disk full?",
            "文件是否正被其他程序打开，或磁盘已满？"
        ),
    )
}

/// Says that a file that a flag names could not be written. `what` is its path, with the flag where there is one.
pub fn name_a_writable_file(what: &str, cause: &str) -> Remark {
    (
        both!("{what}: {cause}", "{what}：{cause}"),
        both!(
            "name a file that can be written",
            "请指定一个可以写入的文件"
        ),
    )
}

/// Says that a result sheet cannot go to standard output.
pub fn result_to_stdout() -> Remark {
    (
        both!(
            "the result sheet cannot go to standard output",
            "结果表不能输出到标准输出"
        ),
        both!("name a file with -o FILE.csv", "请用 -o 文件.csv 指定文件"),
    )
}

/// Says that the source cannot be the output.
pub fn output_is_source() -> Remark {
    (
        both!("-o names the source itself", "-o 指定的就是源文件"),
        both!(
            "name another file; the source is never written to",
            "请另外指定文件；ferry 从不改动源文件"
        ),
    )
}

/// Says that the name of a sheet ends with neither .xlsx nor .csv.
pub fn output_format(path: &str) -> Remark {
    (
        both!(
            "-o {path} is neither .xlsx nor .csv",
            "-o {path} 既不是 .xlsx 也不是 .csv"
        ),
        both!("the extension decides the format", "格式由扩展名决定"),
    )
}

/// Says that the name of a preview does not end with .xlsx.
pub fn preview_format(path: &str) -> Remark {
    (
        both!("-o {path} is not .xlsx", "-o {path} 不是 .xlsx"),
        both!(
            "a preview is a workbook: its colours say what changes",
            "导入预览是工作簿：用颜色标出变化"
        ),
    )
}

/// Says that the file that `ferry init` would write exists.
pub fn is_there(path: &str) -> Remark {
    (
        both!("{path} is there already", "{path} 已存在"),
        both!(
            "name another file, or edit this one; nothing was changed",
            "请指定另一个文件，或直接修改这一个；没有做任何改动"
        ),
    )
}

/// Says that an address has no scheme.
pub fn no_address(text: &str) -> Remark {
    (
        both!(
            "“{text}” does not begin with http:// or https://",
            "“{text}”不是以 http:// 或 https:// 开头"
        ),
        both!(
            "copy it from the CRM's API page",
            "请从 CRM 的接口说明页复制"
        ),
    )
}

/// Says that nobody is there to answer a question.
pub fn nobody_to_ask(flag: &str) -> Remark {
    (
        both!(
            "{flag} is not given and nobody is there to ask",
            "没有给出 {flag}，也没有人可以询问"
        ),
        both!("give {flag}", "请加上 {flag}"),
    )
}

/// Says that a question was not answered.
pub fn nothing_typed(flag: &str) -> Remark {
    (
        both!("nothing was typed", "没有输入内容"),
        both!("give {flag}", "请加上 {flag}"),
    )
}

/// Says that a text is no customer's id.
pub fn no_id(text: &str) -> Remark {
    (
        both!(
            "“{text}” is not an id: 1 to 20 digits",
            "“{text}”不是客户 ID：应为 1 到 20 位数字"
        ),
        both!("an _id has digits only", "_id 只含数字"),
    )
}

/// Says that the file has several profiles, and that none is chosen.
pub fn no_profile_chosen(path: &str, names: &str) -> Remark {
    (
        both!(
            "{path} has several profiles and none is chosen: {names}",
            "{path} 中有多个配置，但没有选定：{names}"
        ),
        both!(
            "say which with --profile NAME, or write profile = \"NAME\" at the top of the file",
            "用 --profile 名称 指定，或在文件开头写 profile = \"名称\""
        ),
    )
}

/// Says that the file does not have a profile.
pub fn no_such_profile(path: &str, name: &str, names: &str) -> Remark {
    (
        both!(
            "{path} has no profile “{name}”; there are: {names}",
            "{path} 中没有配置“{name}”；现有：{names}"
        ),
        both!("say which with --profile NAME", "用 --profile 名称 指定"),
    )
}

/// Says that a profile was named and no file was found.
pub fn profile_without_file(name: &str) -> Remark {
    (
        both!(
            "no ferry.toml holds the profile {name}",
            "没有任何 ferry.toml 含有配置 {name}"
        ),
        both!("name the file with --config", "用 --config 指定配置文件"),
    )
}

/// Says that a job belongs to another account. Both accounts are named in both languages.
pub fn other_account(job_account: &Text, account: &Text) -> Remark {
    let (job_en, job_zh) = (job_account.pick(Lang::En), job_account.pick(Lang::Zh));
    let (own_en, own_zh) = (account.pick(Lang::En), account.pick(Lang::Zh));
    (
        both!(
            "the job belongs to {job_en}, not to {own_en}",
            "任务属于 {job_zh}，不属于 {own_zh}"
        ),
        both!(
            "name its profile with --profile, or run it where its ferry.toml is",
            "用 --profile 指定它的配置，或在它的 ferry.toml 所在的文件夹运行"
        ),
    )
}

/// Says that the user has no folder for jobs.
pub fn no_home() -> Remark {
    (
        both!(
            "this user has no home folder to keep jobs in",
            "当前用户没有可存放任务的主目录"
        ),
        both!(
            "name a folder with --state-dir",
            "用 --state-dir 指定一个文件夹"
        ),
    )
}

/// Says that signals cannot be handled.
pub fn no_signals(cause: &str) -> Remark {
    (
        both!(
            "signals cannot be handled: {cause}",
            "无法处理停止信号：{cause}"
        ),
        Text::default(),
    )
}

/// A defect of ours ended a part of the page.
pub fn broke_down() -> (Text, Text) {
    (
        both!(
            "this has broken down, by a defect of ferry; the journal is safe",
            "这一步因 ferry 的缺陷中断，记录没有损坏"
        ),
        both!(
            "open the job on the start page and go on with it",
            "请在首页打开该任务并继续"
        ),
    )
}

/// A defect of ours ended the program, or a thread of it. `what` and `place` are for whoever mends it.
pub fn panicked(what: &str, place: &str) -> Remark {
    (
        both!(
            "ferry has broken down, by a defect of its own ({place}: {what}); what was sent and answered is in the job, nothing is lost",
            "ferry 因自身缺陷中断（{place}: {what}）；已提交的内容和应答都已记录在任务中，没有丢失"
        ),
        both!(
            "`ferry jobs` shows the job, `ferry resume` goes on with it; please report these lines, with the file of --log if there is one",
            "`ferry jobs` 可查看任务，`ferry resume` 可继续；请把以上内容（如有 --log 日志也请附上）反馈给开发者"
        ),
    )
}

/// The page cannot be served.
pub fn page_unserved(detail: &str) -> (Text, Text) {
    (
        both!(
            "the page cannot be served: {detail}",
            "无法提供网页：{detail}"
        ),
        both!(
            "choose another port with --port",
            "请用 --port 指定其他端口"
        ),
    )
}

/// There is no folder for the user's configuration.
pub fn no_config_folder() -> (Text, Text) {
    (
        both!(
            "there is no folder for a configuration: HOME is not set",
            "没有存放配置的文件夹：未设置 HOME"
        ),
        both!("name a file with --config", "请用 --config 指定文件"),
    )
}

/// Counts the columns that match no field and are not named.
pub fn more_unknown_columns(count: usize) -> Remark {
    let columns = amounts::counted(count as u64, "more column", "more columns");
    (
        both!("{columns} like these", "还有 {count} 列也不对应任何字段"),
        both!(
            "`ferry map FILE` lists them all and proposes what they may be; --ignore-unmapped leaves them out",
            "`ferry map 文件` 会列出全部并给出建议；--ignore-unmapped 忽略这些列"
        ),
    )
}
