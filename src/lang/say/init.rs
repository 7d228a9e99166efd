//! The words of `ferry init`: its questions, and the file that it writes.

use crate::lang::Lang;

/// Asks for the CRM's address.
pub fn ask_base_url(lang: Lang) -> &'static str {
    lang.pick(
        "Address of the CRM (such as https://crm.example.com): ",
        "CRM 的地址（如 https://crm.example.com）：",
    )
}

/// Asks for the appid.
pub fn ask_appid(lang: Lang) -> &'static str {
    lang.pick("appid: ", "appid：")
}

/// Asks for the secret, which is not shown.
pub fn ask_secret(lang: Lang, variable: &str) -> String {
    line!(
        lang,
        "Secret (not shown while you type; leave it empty to take it from the variable {variable}): ",
        "密钥（输入时不显示；留空则从环境变量 {variable} 读取）："
    )
}

/// Says that an address is about to be tried.
pub fn trying(lang: Lang, address: &str) -> String {
    line!(lang, "trying {address} …", "正在连接 {address} ……")
}

/// Says that somebody answers at the address.
pub fn answers(lang: Lang, address: &str) -> String {
    line!(lang, "{address} answers", "{address} 有应答")
}

/// Asks whether an address that does not answer is kept.
pub fn ask_keep(lang: Lang) -> &'static str {
    lang.pick(
        "Keep this address all the same? [y/N] ",
        "仍然使用这个地址吗？[y/N] ",
    )
}

/// Says where the secret is kept.
pub fn secret_kept(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "the secret is kept in {path}, which only you can read",
        "密钥保存在 {path}，只有您自己可以读取"
    )
}

/// Asks whether the connection is checked now.
pub fn ask_doctor(lang: Lang) -> &'static str {
    lang.pick(
        "Check now what works (`ferry doctor`)? [Y/n] ",
        "现在检查哪些可用吗（`ferry doctor`）？[Y/n] ",
    )
}

/// Says what to do after the file was written. `variable` is where the secret is still to be put.
pub fn next(lang: Lang, variable: Option<&str>) -> String {
    match variable {
        Some(variable) => line!(
            lang,
            "next: put the secret into the variable {variable}, then `ferry doctor`",
            "下一步：把密钥放进环境变量 {variable}，然后运行 `ferry doctor`"
        ),
        None => lang
            .pick("next: `ferry doctor`", "下一步：运行 `ferry doctor`")
            .to_owned(),
    }
}

/// Says what to do when the connection works.
pub fn ready(lang: Lang) -> String {
    lang.pick(
        "next: drop a workbook on the program, or name it (`ferry customers.xlsx`): ferry says what it is and which command takes it",
        "下一步：把表格拖到程序上，或写出它的名称（`ferry 客户.xlsx`），ferry 会说明它是什么、用哪个命令",
    )
    .to_owned()
}

/// Returns the file with its comments. The values are quoted as TOML wants them.
pub fn file(lang: Lang, values: &Values<'_>) -> String {
    let template = lang.pick(
        include_str!("init/ferry.en.toml"),
        include_str!("init/ferry.zh.toml"),
    );
    let Values {
        profile,
        key,
        base_url,
        appid,
        env,
        file,
    } = values;
    let values = [
        ("profile", profile),
        ("key", key),
        ("base_url", base_url),
        ("appid", appid),
        ("env", env),
        ("file", file),
    ];
    // The placeholders are filled in one pass, because a value may look like a placeholder.
    let mut file = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some((before, from)) = rest.split_once('<') {
        file.push_str(before);
        let named = from.split_once('>').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, after))
        });
        let (value, after) = named.unwrap_or((&&"<", from));
        file.push_str(value);
        rest = after;
    }
    file.push_str(rest);
    file
}

/// The values that go into the file.
#[derive(Debug, Clone, Copy)]
pub struct Values<'a> {
    /// The profile's name as a TOML string.
    pub profile: &'a str,
    /// The profile's name as a TOML key.
    pub key: &'a str,
    /// The address as a TOML string.
    pub base_url: &'a str,
    /// The appid as a TOML string.
    pub appid: &'a str,
    /// The line with the environment variable that holds the secret; a comment where a file does.
    pub env: &'a str,
    /// The line with the file that holds the secret; a comment where a variable does.
    pub file: &'a str,
}
