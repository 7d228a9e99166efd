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
        Saying::CannotConnect => ("cannot connect[: {cause}]", "连接不上[：{cause}]"),
        Saying::NoReplyInTime => ("no reply in time[: {cause}]", "超时没有应答[：{cause}]"),
        Saying::ConnectionBroke => (
            "the connection broke before the whole reply came[: {cause}]",
            "应答没有收完，连接就断开了[：{cause}]",
        ),
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
        Saying::NoSuchField => ("there is no such field", "没有这个字段"),
        Saying::FieldNotEnabled => ("the field is not enabled", "该字段未启用"),
        Saying::IdentifiesNobody => (
            "a field of its kind identifies nobody",
            "这种字段不能用来识别客户",
        ),
        Saying::FedByNoColumn => ("no column of the sheet feeds it", "表中没有对应的列"),
        Saying::Waiting => ("waiting {seconds} s", "等待 {seconds} 秒"),
    }
}
