//! The Chinese sentences of the command line's parser. Its English ones are clap's own.

/// What `--help` is for.
pub fn help_flag() -> &'static str {
    "显示帮助（-h 为摘要）"
}

/// What `--version` is for.
pub fn version_flag() -> &'static str {
    "显示版本"
}

/// What the command `help` is for.
pub fn help_command() -> &'static str {
    "显示帮助，或某个命令的帮助"
}

/// Lists the possible values of an argument, behind its help.
pub fn possible(values: &[String]) -> String {
    format!(" [可选：{}]", values.join("、"))
}

/// Returns a value and its meaning.
pub fn value(name: &str, meaning: &str) -> String {
    format!("{name}（{meaning}）")
}

/// Names the default of an argument, behind its help.
pub fn default(values: &[&str]) -> String {
    format!(" [默认：{}]", values.join("、"))
}

/// Says that a flag is unknown, or that there is one argument too many.
pub fn unknown_argument(argument: &str) -> String {
    format!("无法识别的参数“{argument}”")
}

/// Says that a command is unknown.
pub fn unknown_command(command: &str) -> String {
    format!("没有“{command}”这个命令")
}

/// Says that a flag lacks its value.
pub fn value_missing(argument: &str) -> String {
    format!("{argument} 后面缺少值")
}

/// Says that a flag does not take a value.
pub fn bad_value(argument: &str, value: &str, known: &str) -> String {
    if known.is_empty() {
        format!("{argument} 的值“{value}”不可用")
    } else {
        format!("{argument} 的值“{value}”不可用；可选：{known}")
    }
}

/// Says that a flag needs an equals sign.
pub fn no_equals(argument: &str) -> String {
    format!("{argument} 与值之间要用等号")
}

/// Says that an argument has too many values.
pub fn too_many_values(argument: &str, value: &str) -> String {
    format!("{argument} 给出的值过多，多余的是“{value}”")
}

/// Says that a flag was given twice.
pub fn given_twice(argument: &str) -> String {
    format!("{argument} 只能给出一次")
}

/// Says that two flags exclude each other.
pub fn conflict(argument: &str, prior: &str) -> String {
    format!("{argument} 不能与 {prior} 一起使用")
}

/// Says which arguments are missing.
pub fn missing_argument(arguments: &str) -> String {
    format!("缺少必需的参数：{arguments}")
}

/// Says that a command is missing.
pub fn missing_command(commands: &str) -> String {
    format!("缺少命令；可用的有：{commands}")
}

/// Says that an argument is no text.
pub fn not_unicode() -> &'static str {
    "参数中含有无法识别的字符"
}

/// Returns the whole message: the error, a near word, and the usage of the command.
pub fn whole(message: &str, suggestion: Option<&str>, usage: &str) -> String {
    let mut lines = vec![format!("错误：{message}")];
    if let Some(suggestion) = suggestion {
        lines.push(format!("提示：是否想写 {suggestion}？"));
    }
    if !usage.is_empty() {
        lines.push(String::new());
        lines.push(format!("用法：{usage}"));
    }
    lines.push(String::new());
    lines.push("详细说明请加 --help".to_owned());
    lines.join("\n")
}
