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

/// Says what to do after the file was written.
pub fn next(lang: Lang, variable: &str) -> String {
    line!(
        lang,
        "next: put the secret into the variable {variable}, then `ferry doctor`",
        "下一步：把密钥放进环境变量 {variable}，然后运行 `ferry doctor`"
    )
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
        variable,
    } = values;
    let values = [
        ("profile", profile),
        ("key", key),
        ("base_url", base_url),
        ("appid", appid),
        ("variable", variable),
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
    /// The environment variable that holds the secret.
    pub variable: &'a str,
}
