//! The server's refusals: a constructor for each row of the table in the module page.
//!
//! Invariant: a call that is refused has stored nothing. A refusal is sent inside HTTP 200 unless it is about
//! HTTP itself, because that is how the CRM answers.

/// A refusal's code and message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: 200,
            code,
            message: message.into(),
        }
    }

    fn http(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
        }
    }

    pub(super) fn wrong_signature() -> Self {
        Self::new("401", "签名错误")
    }

    pub(super) fn unknown_appid(appid: &str) -> Self {
        Self::new("402", format!("appid不存在：{appid}"))
    }

    pub(super) fn missing_header(name: &str) -> Self {
        Self::new("406", format!("缺少请求头：{name}"))
    }

    pub(super) fn expired_timestamp() -> Self {
        Self::new("407", "timestamp已过期")
    }

    pub(super) fn replayed_nonce() -> Self {
        Self::new("408", "nonce重复使用")
    }

    pub(super) fn unknown_customer() -> Self {
        Self::new("404", "客户不存在")
    }

    pub(super) fn wrong_method(method: &str) -> Self {
        Self::http(405, "405", format!("不支持的请求方法：{method}"))
    }

    pub(super) fn foreign_host() -> Self {
        Self::http(403, "403", "Host不是本机")
    }

    pub(super) fn too_large() -> Self {
        Self::http(413, "413", "请求体过大")
    }

    pub(super) fn wrong_content_type() -> Self {
        Self::http(415, "415", "Content-Type必须为application/json")
    }

    pub(super) fn internal(error: &rusqlite::Error) -> Self {
        Self::http(500, "500", format!("服务器内部错误：{error}"))
    }

    pub(super) fn malformed_body(reason: &str) -> Self {
        Self::new("40000", format!("请求体格式错误：{reason}"))
    }

    pub(super) fn missing_field(field: &str) -> Self {
        Self::new("40001", format!("缺少必填字段：{field}"))
    }

    pub(super) fn unknown_field(param: &str) -> Self {
        Self::new("40002", format!("未知字段：{param}"))
    }

    pub(super) fn closed_field(field: &str, reason: &str) -> Self {
        Self::new("40003", format!("字段{reason}：{field}"))
    }

    pub(super) fn read_only_field(param: &str) -> Self {
        Self::new("40004", format!("字段由系统生成，不可写入：{param}"))
    }

    pub(super) fn wrong_value(field: &str, reason: &str) -> Self {
        Self::new("40005", format!("字段值不合法：{field}，{reason}"))
    }

    pub(super) fn no_such_choice(field: &str, choice: &str) -> Self {
        Self::new("40006", format!("选项不存在：{field}，{choice}"))
    }

    pub(super) fn wrong_parameter(name: &str, reason: &str) -> Self {
        Self::new("40007", format!("参数错误：{name}，{reason}"))
    }

    pub(super) fn not_searchable(param: &str, reason: &str) -> Self {
        Self::new("40008", format!("不支持的查询条件：{param}，{reason}"))
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(&error)
    }
}
