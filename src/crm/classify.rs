//! What a failure means, decided here and nowhere else.
//!
//! The invariant: an `add` is called anything but [`Class::Unknown`] only when it is certain that nothing was
//! stored, because every other class lets ferry send the row again or tell its owner that it is not in
//! the CRM.
//!
//! Without a reply:
//!
//! | what happened | class |
//! |---|---|
//! | the connection could not be made (refused, DNS, TLS, connect timeout), or hyper hands the request back because nothing of it was written; the request could not be built | `NotSent` |
//! | anything later: timeout, reset, closed early, unreadable body | `Unknown` |
//!
//! With a reply; the first row that fits decides. An *envelope* is a JSON object with `success` or `code`;
//! *code* is the envelope's, or the HTTP status beside an envelope; `gone.codes` and `busy.codes` are settings.
//!
//! | reply | says |
//! |---|---|
//! | HTTP 2xx, `success` true and `code` 200 | none: it happened |
//! | HTTP 429, or 503 with `Retry-After` | `Busy` |
//! | HTTP 3xx | `Unknown` |
//! | HTTP 401 without an envelope | `BadSignature` |
//! | anything else without an envelope (HTML, truncated, empty), 4xx included | `Unknown` |
//! | an envelope that says neither yes nor no, or yes beside an HTTP error | `Unknown` |
//! | code 429 or in `busy.codes`; a message that says busy ¹ | `Busy` |
//! | a message about the signature, timestamp or nonce ² | `BadSignature` |
//! | a message about the appid ² | `UnknownAppid` |
//! | code 401 | `BadSignature` |
//! | a message about permission ², code 403 | `NoPermission` |
//! | HTTP 5xx | `Unknown` |
//! | HTTP 408 | `Unknown` |
//! | update, delete, find: code in `gone.codes`, a message in `gone.messages` ³ | `Gone` |
//! | a word of an exception, a fallback or *later* ⁴, and none of a value | `Unknown` |
//! | every other no | `Refused` |
//!
//! ¹ busy, frequency, 频繁, 频率, 限流, too many, 繁忙, rate limit, quota … — unless the message speaks of a field or of
//! a value (字段, 选项, 必填, 格式, field, option, invalid …). Quoted parts of a message are ignored: they repeat what
//! was sent.
//! ² unless the message speaks of a field, an option, one customer or an exception ⁴, and neither status nor code is
//! 401 or 403. *Timestamp*, *nonce* and 签名 count only beside what is wrong with them (错误, 过期, invalid,
//! expired …).
//! ³ unless the message speaks of a field, an option, an owner or an agent: that is a refused value.
//!
//! A call other than `add` may be repeated, so its class is simply what the reply says. An `add` gets that class only
//! where the reply proves that the add did not happen. Otherwise its class is `Unknown`:
//!
//! | an `add` is answered | proof that it did not happen |
//! |---|---|
//! | HTTP 5xx, whatever it says | none: gateways, exception handlers and fallbacks say it after the CRM has stored |
//! | `Busy` | HTTP 429; an envelope whose code is 429 or in `busy.codes`, or that speaks of frequency or quota ⁵ |
//! | `BadSignature`, `UnknownAppid`, `NoPermission` | an envelope |
//! | `Refused` | an envelope that says no and why: `success` false, a code other than 200 and 0, no `_id` in `data`, no word of an exception, a fallback or *later* ⁴, no empty or general message (unless the code is 4xx); beside a code 5xx, words of the customer ⁶ |
//!
//! ⁴ 系统异常, 内部错误, 超时, 降级, 熔断, 稍后再试, exception, internal error, timeout, fallback, try again …
//! ⁵ 频率, 频繁, 限流, 请求过多, too many requests, frequency, rate limit, throttl…, quota … — and no word of an exception.
//! ⁶ 手机, 邮箱, 名称, 客户, 负责人, 选项, 必填, 格式, 重复, mobile, email, customer, owner, option, duplicate …
//!
//! Where these words come from: Varnish answers 503 with `Retry-After` when the backend was slow. Spring's error
//! handling and fallbacks of circuit breakers (Hystrix, Sentinel, Resilience4j) answer for a call that goes on behind
//! them. 系统繁忙，请稍后再试 is the usual text of a Chinese framework's last exception handler.
//!
//! Then, after a yes: an `add` whose reply names no usable `_id` → `Unknown`; a `find` that finds `null` → `Gone`;
//! anything else unreadable → `Unknown`.

use std::time::Duration;

use super::call::Call;
use super::call_error::{CallError, Class};
use super::cause;
use super::lanes::NoReply;
use super::settings::ApiSettings;
use super::tls;
use super::wire::Envelope;
use crate::model::{Fact, Phrase, Saying};

/// Words of limiters, which stand before the CRM and refuse before it can store. Sources: contract.md, *Limits and
/// refusals*.
const QUOTA_WORDS: &[&str] = &[
    "频繁",
    "频率",
    "限流",
    "请求过多",
    "超过限制次数",
    "调用次数",
    "too many requests",
    "frequency",
    "rate limit",
    "rate-limit",
    "ratelimit",
    "throttl",
    "quota",
];
/// Words of servers that are called too often or cannot keep up. An exception handler may use them too.
const BUSY_WORDS: &[&str] = &["繁忙", "busy", "too many", "并发"];
/// Words of exception handlers, fallbacks and operating systems. Such a message may come after the CRM has stored.
const FAULT_WORDS: &[&str] = &[
    "系统异常",
    "服务异常",
    "程序异常",
    "网络异常",
    "接口异常",
    "请求异常",
    "操作异常",
    "处理异常",
    "运行异常",
    "运行时异常",
    "修改异常",
    "数据库异常",
    "未知异常",
    "系统内部",
    "系统发生",
    "服务器异常",
    "故障",
    "网关",
    "重试",
    "gateway",
    "broken pipe",
    "i/o",
    "out of bounds",
    "no value present",
    "serialize",
    "系统错误",
    "服务错误",
    "内部错误",
    "服务器错误",
    "服务器内部",
    "未知错误",
    "网络错误",
    "出错了",
    "开小差",
    "不可用",
    "超时",
    "降级",
    "熔断",
    "死锁",
    "稍后",
    "稍候",
    "exception",
    "internal error",
    "internal server",
    "server error",
    "system error",
    "unknown error",
    "unexpected error",
    "error occurred",
    "unavailable",
    "not available",
    "timeout",
    "time out",
    "timed out",
    "deadlock",
    "lock wait",
    "connection",
    "fallback",
    "degrad",
    "circuit",
    "open files",
    "disk quota",
    "try again",
    "try later",
    "again later",
    "retry",
];
/// Whole messages that give no reason.
const GENERAL: &[&str] = &[
    "",
    "error",
    "fail",
    "failed",
    "failure",
    "null",
    "失败",
    "操作失败",
    "请求失败",
    "添加失败",
    "新增失败",
    "保存失败",
];
/// Words by which a message is about a value that was sent.
const VALUE_WORDS: &[&str] = &[
    "字段",
    "选项",
    "必填",
    "不能为空",
    "格式",
    "长度",
    "不存在",
    "已存在",
    "field",
    "option",
    "choice",
    "required",
    "invalid",
    "not found",
    "exist",
    "character",
    "too many values",
    "too many entries",
];
/// Words by which a message is about the customer that was sent: a reason that an exception handler does not give.
const CUSTOMER_WORDS: &[&str] = &[
    "手机",
    "电话",
    "邮箱",
    "号码",
    "名称",
    "姓名",
    "微信",
    "客户",
    "负责人",
    "坐席",
    "公海",
    "选项",
    "必填",
    "格式",
    "重复",
    "mobile",
    "phone",
    "email",
    "customer",
    "owner",
    "option",
    "choice",
    "duplicate",
];
/// Words of the signature that also stand in refused values. They count only beside one of [`WRONG_WORDS`].
const SIGNED_WORDS: &[&str] = &["签名", "signature", "时间戳", "timestamp", "nonce"];
/// Words that say what is wrong with a signature, timestamp or nonce.
const WRONG_WORDS: &[&str] = &[
    "错误",
    "失效",
    "过期",
    "无效",
    "不正确",
    "不匹配",
    "不一致",
    "失败",
    "不存在",
    "为空",
    "重复",
    "超时",
    "非法",
    "invalid",
    "expired",
    "error",
    "mismatch",
    "wrong",
    "missing",
    "fail",
    "not match",
    "reused",
    "used",
    "stale",
    "too old",
];
const SIGNATURE_WORDS: &[&str] = &[
    "验签",
    "sign error",
    "sign invalid",
    "invalid sign",
    "sign fail",
    "sign verif",
    "sign check",
    "unauthorized",
    "request expired",
    "请求已过期",
    "请求过期",
];
const APPID_WORDS: &[&str] = &["appid", "app_id", "app id", "appkey"];
const PERMISSION_WORDS: &[&str] = &[
    "无权限",
    "没有权限",
    "无权",
    "权限不足",
    "未授权",
    "未开通",
    "permission",
    "access denied",
];
/// Words by which a message is about one row and not about the account.
const ROW_WORDS: &[&str] = &[
    "字段",
    "选项",
    "该客户",
    "此客户",
    "field",
    "option",
    "choice",
    "this customer",
];
/// Words by which a message says that something other than the customer is missing.
const PART_WORDS: &[&str] = &[
    "字段",
    "选项",
    "参数",
    "负责人",
    "坐席",
    "客服",
    "公海",
    "field",
    "option",
    "choice",
    "param",
    "owner",
    "agent",
];

/// What decides about a reply besides its body.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub status: u16,
    pub retry_after: Option<Duration>,
}

/// Returns the envelope of a reply that says yes, else the error with its class.
pub(super) fn reply(
    call: Call,
    head: Head,
    envelope: Option<Envelope>,
    api: &ApiSettings,
) -> Result<Envelope, CallError> {
    let status = head.status;
    let ok_status = (200..300).contains(&status);
    match envelope {
        Some(envelope) if ok_status && envelope.says_yes() => Ok(envelope),
        envelope => {
            let (class, sounds_like) = class_of(call, head, envelope.as_ref(), api);
            let error = error(class, head, envelope);
            let is_busy = class == Class::Busy || sounds_like == Some(Class::Busy);
            Err(CallError {
                retry_after: head.retry_after.filter(|_| is_busy),
                sounds_like,
                ..error
            })
        }
    }
}

/// Returns the class of a reply to a call, and [`Class::Busy`] where the reply claims that without proof.
fn class_of(
    call: Call,
    head: Head,
    envelope: Option<&Envelope>,
    api: &ApiSettings,
) -> (Class, Option<Class>) {
    let said = class_of_no(call, head, envelope, api);
    if call.is_repeatable() || is_proof(said, head, envelope, api) {
        (said, None)
    } else {
        (
            Class::Unknown,
            Some(said).filter(|said| *said == Class::Busy),
        )
    }
}

/// Returns the class that a reply claims, when it is not a yes.
fn class_of_no(call: Call, head: Head, envelope: Option<&Envelope>, api: &ApiSettings) -> Class {
    let status = head.status;
    if status == 429 || (status == 503 && head.retry_after.is_some()) {
        return Class::Busy;
    }
    if (300..400).contains(&status) {
        return Class::Unknown;
    }
    let Some(envelope) = envelope else {
        return if status == 401 {
            Class::BadSignature
        } else {
            Class::Unknown
        };
    };
    if !envelope.says_no() {
        return Class::Unknown;
    }
    let status_text = status.to_string();
    let code = envelope.code.as_deref().unwrap_or_default();
    let coded = |wanted: &str| code == wanted || status_text == wanted;
    let message = unquoted(&envelope.message);
    let says = |words: &[&str]| says(&message, words);

    if code == "429" || api.busy.codes.iter().any(|busy| coded(busy)) {
        return Class::Busy;
    }
    if (says(QUOTA_WORDS) || says(BUSY_WORDS)) && !says(VALUE_WORDS) {
        return Class::Busy;
    }
    let is_row = says(ROW_WORDS) || is_fault(&message);
    let about_account = coded("401") || coded("403") || !is_row;
    if about_account {
        if says(SIGNATURE_WORDS) || (says(SIGNED_WORDS) && says(WRONG_WORDS)) {
            return Class::BadSignature;
        }
        if says(APPID_WORDS) {
            return Class::UnknownAppid;
        }
        if coded("401") {
            return Class::BadSignature;
        }
        if coded("403") || says(PERMISSION_WORDS) {
            return Class::NoPermission;
        }
    }
    if status >= 500 || status == 408 {
        return Class::Unknown;
    }
    let gone = api.gone.codes.iter().any(|gone| coded(gone))
        || api
            .gone
            .messages
            .iter()
            .any(|part| message.contains(&part.to_lowercase()));
    if call.names_customer() && gone && !says(PART_WORDS) {
        return Class::Gone;
    }
    if is_fault(&message) && !says(VALUE_WORDS) {
        return Class::Unknown;
    }
    Class::Refused
}

/// Returns whether a reply to an `add` proves that the add did not happen. `said` is the class that it claims.
fn is_proof(said: Class, head: Head, envelope: Option<&Envelope>, api: &ApiSettings) -> bool {
    if head.status == 429 {
        return true;
    }
    let Some(envelope) = envelope.filter(|_| head.status < 500) else {
        return false;
    };
    let code = envelope.code.as_deref().unwrap_or_default();
    let message = unquoted(&envelope.message);
    match said {
        Class::Busy => {
            code == "429"
                || api.busy.codes.iter().any(|busy| busy == code)
                || (says(&message, QUOTA_WORDS) && !is_fault(&message))
        }
        Class::Refused => {
            let of_family = |digit| code.len() == 3 && code.starts_with(digit);
            let is_general = GENERAL.contains(&message.trim_matches(is_mark));
            let says_why = if of_family('5') {
                says(&message, CUSTOMER_WORDS)
            } else {
                !is_general || of_family('4')
            };
            envelope.is_plain_no() && !is_fault(&message) && says_why
        }
        Class::BadSignature | Class::UnknownAppid | Class::NoPermission => true,
        Class::NotSent | Class::Gone | Class::Unknown => false,
    }
}

/// Returns whether a message speaks of an exception. Words for *later* prove none beside those of a limiter, which
/// asks to come again too.
fn is_fault(message: &str) -> bool {
    let later = [
        "稍后",
        "稍候",
        "try again",
        "try later",
        "again later",
        "retry",
    ];
    let words = FAULT_WORDS.iter();
    let is_limiter = says(message, QUOTA_WORDS) && !message.contains("disk quota");
    words
        .filter(|word| !(is_limiter && later.contains(*word)))
        .any(|word| message.contains(word))
}

fn is_mark(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_ascii_punctuation()
        || matches!(letter, '。' | '！' | '，' | '：')
}

fn says(message: &str, words: &[&str]) -> bool {
    words.iter().any(|word| message.contains(word))
}

/// Returns the message in lower case, without its quoted parts: they repeat what was sent.
fn unquoted(message: &str) -> String {
    const PAIRS: &[(char, char)] = &[
        ('“', '”'),
        ('‘', '’'),
        ('"', '"'),
        ('\'', '\''),
        ('「', '」'),
        ('【', '】'),
        ('[', ']'),
        ('《', '》'),
        ('`', '`'),
    ];
    let mut kept = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let pair = PAIRS.iter().find(|(open, _)| *open == letter);
        // A quote that is never closed is a letter like any other, such as an apostrophe.
        let end = pair.and_then(|&(_, close)| Some(after.find(close)? + close.len_utf8()));
        if let Some(end) = end {
            rest = &after[end..];
        } else {
            kept.extend(letter.to_lowercase());
            rest = after;
        }
    }
    kept
}

fn error(class: Class, head: Head, envelope: Option<Envelope>) -> CallError {
    let status = head.status;
    let (message, code, trace_id) = match envelope {
        Some(envelope) if envelope.message.is_empty() => {
            let reason = Phrase::new(Saying::NoReason).with("status", status.to_string());
            let code = envelope.code.as_deref().unwrap_or_default();
            (
                reason.with("code", code).into(),
                envelope.code,
                envelope.trace_id,
            )
        }
        Some(envelope) => (
            Fact::Text(envelope.message),
            envelope.code,
            envelope.trace_id,
        ),
        None => (
            Phrase::new(Saying::WrongForm)
                .with("status", status.to_string())
                .into(),
            None,
            None,
        ),
    };
    CallError {
        class,
        message,
        code,
        http_status: Some(status),
        trace_id,
        retry_after: None,
        sounds_like: None,
    }
}

/// Returns the error of a yes whose `data` cannot be used.
pub(super) fn unreadable(head: Head, envelope: EnvelopeHead, message: Phrase) -> CallError {
    CallError {
        class: Class::Unknown,
        message: message.into(),
        code: envelope.code,
        http_status: Some(head.status),
        trace_id: envelope.trace_id,
        retry_after: None,
        sounds_like: None,
    }
}

/// Returns the error of a find that was answered with nothing.
pub(super) fn nothing_found(head: Head, envelope: EnvelopeHead) -> CallError {
    CallError {
        class: Class::Gone,
        ..unreadable(head, envelope, Saying::NoSuchCustomer.into())
    }
}

/// The parts of an envelope that an error repeats.
#[derive(Debug, Clone)]
pub(super) struct EnvelopeHead {
    pub code: Option<String>,
    pub trace_id: Option<String>,
}

/// Returns the error of a call that got no reply.
pub(super) fn transport(error: &NoReply) -> CallError {
    let (class, what) = match error {
        NoReply::NotSent(_) => (Class::NotSent, Saying::CannotConnect),
        NoReply::TooSlow => return no_reply(Class::Unknown, Saying::NoReplyInTime.into()),
        NoReply::Lost(_) => (Class::Unknown, Saying::ConnectionBroke),
    };
    let message = tls::reason(error);
    let message = message.unwrap_or_else(|| Phrase::new(what).with("cause", cause::of(error)));
    no_reply(class, message)
}

/// Returns the error of a call that got no reply, for a reason that the caller knows.
pub(super) fn no_reply(class: Class, message: Phrase) -> CallError {
    CallError {
        class,
        message: message.into(),
        code: None,
        http_status: None,
        trace_id: None,
        retry_after: None,
        sounds_like: None,
    }
}

#[cfg(test)]
mod tests;
