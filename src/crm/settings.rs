//! Everything about the API that only the vendor knows, as settings.
//!
//! contract.md names each unknown and its default; the names here are the contract's. The struct is part of
//! `ferry.toml`. It is also written, resolved, into a job's folder, as a record of how the job began. A resumed job
//! uses the settings of the day on which it is resumed, because a mended setting may be why it was stopped. The
//! struct holds no secret. Unknown names are refused: a misspelt setting would otherwise silently mean its default.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::bad_setting::BadSetting;
use super::sign::Signing;
use crate::model::{Phrase, Saying};

/// The contract's settings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiSettings {
    /// `sign.string`, `sign.digest`, `sign.encoding`, `sign.headers.*`.
    pub sign: Signing,
    /// `find.method`, `find.path`.
    pub find: FindForm,
    /// `clear.send`.
    pub clear: ClearRule,
    /// `gone.codes`, `gone.messages`.
    pub gone: GoneRule,
    /// `busy.codes`.
    pub busy: BusyRule,
    /// `update.requires_name`.
    pub update: UpdateRule,
    /// `list.update`.
    pub list: ListRule,
}

/// The request that finds one customer. The vendor's page contradicts itself about its form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FindForm {
    /// Default `GET`.
    pub method: FindMethod,
    /// Path below the base URL, with `{id}`. Default `/openapi/crm/findById/{id}`.
    pub path: String,
}

/// The methods seen on the vendor's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FindMethod {
    /// Without a body.
    #[default]
    Get,
    /// With the body `{}`.
    Post,
}

impl FindMethod {
    /// Returns the word of the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Default for FindForm {
    fn default() -> Self {
        Self::new(FindMethod::Get, "/openapi/crm/findById/{id}")
    }
}

impl FindForm {
    fn new(method: FindMethod, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
        }
    }

    /// Returns the forms that the vendor's page shows, the default first; `ferry doctor` tries them.
    pub fn candidates() -> Vec<Self> {
        vec![
            Self::default(),
            Self::new(FindMethod::Get, "/openapi/crm/{id}"),
            Self::new(FindMethod::Post, "/openapi/crm/findById/{id}"),
        ]
    }
}

/// How a field is emptied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClearRule {
    /// What is sent, by kind of field.
    pub send: ClearSend,
}

/// What is sent to empty a field, by kind of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClearSend {
    /// For a scalar field. Default `""`.
    pub text: Empty,
    /// For a list field. Default `[]`.
    pub list: Empty,
}

impl Default for ClearSend {
    fn default() -> Self {
        Self {
            text: Empty::Text,
            list: Empty::List,
        }
    }
}

/// A JSON value that stands for nothing. In settings: `""`, `[]`, or the word `"null"`, because TOML has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// `""`.
    Text,
    /// `[]`.
    List,
    /// `null`.
    Null,
}

impl Serialize for Empty {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text => serializer.serialize_str(""),
            Self::List => serializer.collect_seq::<[&str; 0]>([]),
            Self::Null => serializer.serialize_str("null"),
        }
    }
}

impl<'de> Deserialize<'de> for Empty {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum WrittenEmpty {
            Text(String),
            List(Vec<String>),
        }
        match WrittenEmpty::deserialize(deserializer)? {
            WrittenEmpty::Text(text) if text.is_empty() => Ok(Self::Text),
            WrittenEmpty::Text(text) if text == "null" => Ok(Self::Null),
            WrittenEmpty::Text(text) if text == "[]" => Ok(Self::List),
            WrittenEmpty::List(list) if list.is_empty() => Ok(Self::List),
            _ => Err(serde::de::Error::custom(
                "expected \"\", [] or the word \"null\"",
            )),
        }
    }
}

/// How the server refuses an id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GoneRule {
    /// Codes (or HTTP statuses with an envelope) of such a refusal. Default `["404"]`.
    pub codes: Vec<String>,
    /// Parts of the messages of such a refusal, in any case. Default: `不存在`, `not found` and their like.
    pub messages: Vec<String>,
}

impl Default for GoneRule {
    fn default() -> Self {
        let messages = [
            "不存在",
            "未找到",
            "not found",
            "not exist",
            "no such customer",
        ];
        Self {
            codes: vec!["404".to_owned()],
            messages: messages.map(str::to_owned).to_vec(),
        }
    }
}

/// Codes by which this server says that it is busy, beside those that ferry recognizes anyway.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusyRule {
    /// Default none: no error-code table is public.
    pub codes: Vec<String>,
}

/// What an update demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateRule {
    /// Whether `customerName` must be sent even when it does not change. Default off.
    pub requires_name: bool,
}

/// What an update does to lists, and how long the pages of the list call are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ListRule {
    /// What happens to the stored values of a list that an update sends. Default `replace`.
    pub update: ListUpdate,
    /// Customers per page to ask for, 1 to 10 000. Default 100: no maximum is documented.
    pub page_size: u32,
}

impl Default for ListRule {
    fn default() -> Self {
        Self {
            update: ListUpdate::default(),
            page_size: 100,
        }
    }
}

/// What happens to the stored values of a list that an update sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListUpdate {
    /// The sent list takes the place of the stored one.
    #[default]
    Replace,
    /// The sent values are added to the stored ones.
    Append,
}

impl ApiSettings {
    /// Checks what the types cannot; the error names the bad setting.
    pub fn validate(&self) -> Result<(), BadSetting> {
        self.sign.validate()?;
        let refuse = |name: &str, reason: Phrase| Err(BadSetting::new(name, reason));
        let placed = |saying, path: &str| {
            Phrase::new(saying)
                .with("value", path)
                .with("placeholder", "{id}")
        };
        let path = &self.find.path;
        if !path.starts_with('/') || path.matches("{id}").count() != 1 {
            return refuse("find.path", placed(Saying::FindPathForm, path));
        }
        if path.contains(['?', '#']) || path.replace("{id}", "").contains(['{', '}', ' ']) {
            return refuse("find.path", placed(Saying::FindPathNotPlain, path));
        }
        if !(1..=10_000).contains(&self.list.page_size) {
            let why = Phrase::new(Saying::NotInRange)
                .with("value", self.list.page_size.to_string())
                .with("least", "1")
                .with("most", "10000");
            return refuse("list.page_size", why);
        }
        if self.gone.messages.iter().any(|part| part.trim().is_empty()) {
            return refuse("gone.messages", Saying::MatchesEverything.into());
        }
        for (name, codes) in [("gone", &self.gone.codes), ("busy", &self.busy.codes)] {
            if codes.iter().any(|code| code == "200" || code.is_empty()) {
                return refuse(&format!("{name}.codes"), Saying::NotARefusalCode.into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_survive_toml_and_json() {
        let settings = ApiSettings::default();
        assert_eq!(settings.validate(), Ok(()));
        let toml = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<ApiSettings>(&toml).unwrap(), settings);
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(
            serde_json::from_str::<ApiSettings>(&json).unwrap(),
            settings
        );
        assert_eq!(toml::from_str::<ApiSettings>("").unwrap(), settings);
    }

    #[test]
    fn the_contracts_names_are_the_settings_names() {
        let text = r#"
            find = { path = "/openapi/crm/{id}", method = "POST" }
            clear.send = { text = "null", list = [] }
            gone.codes = ["4004"]
            update.requires_name = true
            list.update = "append"
            list.page_size = 500
            sign.string = "appid={appid}&nonce={nonce}&timestamp={timestamp}"
            sign.digest = "hmac-sha1"
            sign.encoding = "hex"
            sign.headers = { signature = "x-sign" }
        "#;
        let settings: ApiSettings = toml::from_str(text).unwrap();
        assert_eq!(settings.validate(), Ok(()));
        assert_eq!(settings.clear.send.text, Empty::Null);
        assert_eq!(settings.sign.headers.appid, "appid");
        let again = toml::to_string(&settings).unwrap();
        assert_eq!(toml::from_str::<ApiSettings>(&again).unwrap(), settings);
    }

    #[test]
    fn a_bad_setting_is_named() {
        assert!(toml::from_str::<ApiSettings>("find.pth = '/x'").is_err());
        assert!(toml::from_str::<ApiSettings>("clear.send.text = 'x'").is_err());
        for (text, name) in [
            ("find.path = '/openapi/crm'", "find.path"),
            ("find.path = 'openapi/{id}'", "find.path"),
            ("find.path = '/a/{id}/{x}'", "find.path"),
            ("gone.codes = ['200']", "gone.codes"),
            ("gone.messages = ['']", "gone.messages"),
            ("sign.string = '{appid}{salt}'", "sign.string"),
            ("sign.string = '{appid'", "sign.string"),
            ("sign.digest = 'sha256'", "sign.string"),
            ("sign.headers.nonce = 'a b'", "sign.headers.nonce"),
            ("sign.headers.nonce = 'appid'", "sign.headers"),
        ] {
            let settings: ApiSettings = toml::from_str(text).unwrap();
            let error = settings.validate().unwrap_err();
            assert!(error.name.starts_with(name), "{text}: {error}");
        }
    }
}
