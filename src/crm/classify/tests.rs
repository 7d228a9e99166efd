//! The tables of `classify.rs`, row by row.

use super::*;
use Call::{Add, Delete, Fields, Find, List, Update};
use Class::{BadSignature, Busy, Gone, NoPermission, Refused, Unknown, UnknownAppid};

fn class(call: Call, status: u16, retry_after: Option<u64>, body: &str) -> Option<Class> {
    let head = Head {
        status,
        retry_after: retry_after.map(Duration::from_secs),
    };
    let envelope = Envelope::parse(body.as_bytes());
    let api = ApiSettings::default();
    reply(call, head, envelope, &api)
        .err()
        .map(|error| error.class)
}

fn no(code: &str, message: &str) -> String {
    format!(r#"{{"success":false,"code":"{code}","message":"{message}","data":null}}"#)
}

type Row = (Call, u16, &'static str, &'static str, Class);

/// Asserts the class of each reply: call, HTTP status, and the `code` and `message` of its envelope.
#[track_caller]
fn hold(rows: &[Row]) {
    for (call, status, code, message, expected) in rows {
        let body = no(code, message);
        let seen = class(*call, *status, None, &body);
        assert_eq!(seen, Some(*expected), "{call:?} {status} {body}");
    }
}

#[test]
fn busy_in_every_dress() {
    hold(&[
        (Add, 200, "429", "", Busy),
        (Add, 429, "1", "whatever", Busy),
        (Add, 200, "500", "请求过于频繁,请稍后再试", Busy),
        (
            Add,
            403,
            "403",
            "Server is busy, max request frequency is 20/min",
            Busy,
        ),
        (Update, 200, "1001", "接口调用频率超限", Busy),
        (List, 400, "1001", "Too Many Requests", Busy),
        (Add, 200, "500", "API quota exceeded, retry later", Busy),
        (Add, 400, "40029", "调用次数已达上限", Busy),
        (Find, 500, "500", "系统繁忙", Busy),
        (Update, 200, "1", "系统繁忙", Busy),
        (Delete, 503, "503", "server busy", Busy),
        (Update, 500, "500", "并发数超过限制", Busy),
        // A value that merely contains such a word is not busy.
        (Add, 200, "500", "字段 拜访频率 格式错误", Refused),
        (Add, 200, "500", "客户 [Busy Bee] 重复", Refused),
        (
            Add,
            200,
            "500",
            "option frequency is not among the choices",
            Refused,
        ),
        (Add, 200, "500", "mobile: too many values", Refused),
        (Update, 200, "500", "频率不能为空", Refused),
        // For an add only a limiter is believed: servers have said all of this of adds that were stored.
        (Add, 200, "500", "系统繁忙，请稍后再试", Unknown),
        (Add, 200, "1", "服务繁忙", Unknown),
        (Add, 503, "503", "服务繁忙", Unknown),
        (
            Add,
            503,
            "503",
            "server busy, please try again later",
            Unknown,
        ),
        (Add, 500, "500", "系统繁忙", Unknown),
        (Add, 500, "500", "已触发限流", Unknown),
        (Add, 503, "429", "too many requests", Unknown),
        (Add, 200, "500", "并发修改异常", Unknown),
        (Add, 500, "500", "并发数超过限制", Unknown),
        (Add, 500, "500", "Too many open files", Unknown),
        (Add, 200, "500", "Too many connections", Unknown),
        (Add, 200, "500", "Disk quota exceeded", Unknown),
        (Add, 200, "500", "操作超时，请勿频繁提交", Unknown),
    ]);
}

#[test]
fn what_exception_handlers_say() {
    hold(&[
        // For an add no exception handler and no fallback is believed, whatever else its words resemble.
        (
            Add,
            500,
            "500",
            "Cannot deserialize value of type java.sql.Timestamp",
            Unknown,
        ),
        (Add, 500, "401", "签名错误", Unknown),
        (Add, 502, "403", "forbidden", Unknown),
        (Add, 200, "500", "系统异常，请联系管理员", Unknown),
        (Add, 200, "500", "java.lang.NullPointerException", Unknown),
        (Add, 200, "500", "服务降级", Unknown),
        (Add, 200, "500", "操作失败，请稍后再试", Unknown),
        (Add, 200, "500", "Internal Server Error", Unknown),
        (Add, 200, "500", "Read timed out", Unknown),
        (Add, 200, "500", "操作失败", Unknown),
        (Add, 200, "500", "", Unknown),
        (Add, 200, "500", "fail!", Unknown),
        (Add, 200, "10013", "", Unknown),
        (Add, 200, "-1", "操作失败", Unknown),
        (Add, 200, "10013", "名称不规范", Refused),
        (Add, 200, "400", "", Refused),
        (Add, 200, "500", "操作失败，请重试", Unknown),
        (Add, 200, "500", "系统故障", Unknown),
        (Add, 200, "500", "Broken pipe", Unknown),
        (Add, 200, "500", "消息发送失败", Unknown),
        (Add, 200, "500", "数据库连接数超过限制", Unknown),
        (Add, 200, "500", "工作流节点不存在", Unknown),
        (Add, 200, "500", "index already exists", Unknown),
        (Add, 200, "500", "参数错误", Unknown),
        (Add, 200, "500", "timestamp deserialize error", Unknown),
        (Add, 200, "500", "签名服务超时", Unknown),
        (Add, 200, "500", "手机号码重复", Refused),
        (Add, 200, "500", "duplicate mobile", Refused),
        // All calls but add may be repeated; the words of an exception handler are no refusal of them.
        (Update, 200, "500", "系统异常，请联系管理员", Unknown),
        (List, 200, "500", "服务降级", Unknown),
        (Update, 200, "500", "系统异常: 字段长度超限", Refused),
        (Update, 200, "500", "", Refused),
    ]);
}

#[test]
fn what_is_the_jobs_and_what_is_the_rows() {
    hold(&[
        // Refused values with words of the signature.
        (
            Update,
            200,
            "500",
            "Timestamp format must be yyyy-mm-dd hh:mm:ss",
            Refused,
        ),
        (Update, 200, "500", "个性签名超长", Refused),
        (Update, 200, "500", "forbidden word", Refused),
        // Problems of the job.
        (Add, 200, "401", "x", BadSignature),
        (Add, 401, "1", "x", BadSignature),
        (Add, 403, "403", "签名错误", BadSignature),
        (Add, 200, "500", "invalid signature", BadSignature),
        (Fields, 200, "10002", "timestamp expired", BadSignature),
        (Fields, 200, "10003", "时间戳不存在", BadSignature),
        (Fields, 200, "10004", "appid不存在", UnknownAppid),
        (Fields, 401, "401", "unknown appid", UnknownAppid),
        (Delete, 403, "403", "", NoPermission),
        (Delete, 200, "500", "无权限", NoPermission),
        (Delete, 200, "500", "无权限操作该客户", Refused),
        (Update, 200, "500", "无权限修改字段 owner", Refused),
        (Update, 200, "500", "字段 签名 不能为空", Refused),
        // Gone, and refusals that only look like it.
        (Find, 404, "404", "", Gone),
        (Find, 200, "404", "", Gone),
        (Update, 200, "500", "客户不存在", Gone),
        (Delete, 400, "500", "Customer Not Found", Gone),
        (Update, 200, "500", "字段不存在: text_1", Refused),
        (Update, 404, "404", "选项不存在", Refused),
        (Update, 200, "500", "owner not found", Refused),
        (Add, 200, "500", "选项不存在", Refused),
        (Add, 404, "404", "not found", Refused),
        (List, 404, "404", "not found", Refused),
        // Problems of the row.
        (Add, 200, "500", "customerName不能为空", Refused),
        (Add, 400, "400", "bad request", Refused),
        (Update, 422, "1", "", Refused),
        // A no that may follow a store.
        (Add, 500, "500", "系统异常", Unknown),
        (Update, 502, "502", "bad gateway", Unknown),
        (Add, 408, "408", "timeout", Unknown),
        (Add, 302, "302", "moved", Unknown),
    ]);
}

type BareRow = (Call, u16, Option<u64>, &'static str, Option<Class>);

#[test]
fn the_table_without_a_usable_envelope() {
    let rows: &[BareRow] = &[
        (Add, 200, None, r#"{"success":true,"code":"200"}"#, None),
        (Add, 201, None, r#"{"success":"true","code":200}"#, None),
        (Add, 200, None, r#"{"success":true}"#, Some(Unknown)),
        (Add, 200, None, r#"{"code":"200"}"#, Some(Unknown)),
        (
            Add,
            500,
            None,
            r#"{"success":true,"code":"200"}"#,
            Some(Unknown),
        ),
        (
            Add,
            200,
            None,
            r#"{"success":true,"code":"10013","message":"名称重复"}"#,
            Some(Unknown),
        ),
        (
            Update,
            200,
            None,
            r#"{"success":true,"code":"500"}"#,
            Some(Refused),
        ),
        (
            Add,
            200,
            None,
            r#"{"success":false,"code":"200","message":"名称重复"}"#,
            Some(Unknown),
        ),
        (
            Add,
            200,
            None,
            r#"{"success":false,"code":"500","message":"名称重复","data":{"_id":"1"}}"#,
            Some(Unknown),
        ),
        (
            Add,
            200,
            None,
            r#"{"code":"10013","message":"名称重复"}"#,
            Some(Unknown),
        ),
        (Add, 200, None, "<html>busy</html>", Some(Unknown)),
        (Add, 200, None, r#"{"success":true,"co"#, Some(Unknown)),
        (Add, 200, None, "", Some(Unknown)),
        (Add, 302, None, "", Some(Unknown)),
        (Add, 400, None, "<html>", Some(Unknown)),
        (Find, 404, None, "<html>", Some(Unknown)),
        (
            Find,
            404,
            None,
            r#"{"status":404,"error":"Not Found"}"#,
            Some(Unknown),
        ),
        (Add, 403, None, "<html>", Some(Unknown)),
        (Add, 401, None, "<html>", Some(Unknown)),
        (List, 401, None, "<html>", Some(BadSignature)),
        (Add, 413, None, "<html>", Some(Unknown)),
        (Add, 429, None, "<html>", Some(Busy)),
        (Add, 503, Some(3), "<html>", Some(Unknown)),
        (Update, 503, Some(3), "<html>", Some(Busy)),
        (Add, 503, None, "<html>", Some(Unknown)),
        (
            Add,
            500,
            None,
            r#"{"status":500,"message":"busy"}"#,
            Some(Unknown),
        ),
        (Add, 504, Some(3), "", Some(Unknown)),
    ];
    for (call, status, retry_after, body, expected) in rows {
        let seen = class(*call, *status, *retry_after, body);
        assert_eq!(seen, *expected, "{call:?} {status} {retry_after:?} {body}");
    }
}

#[test]
fn settings_add_codes() {
    let mut api = ApiSettings::default();
    api.gone.codes.push("4004".into());
    api.busy.codes.push("9".into());
    let head = Head {
        status: 200,
        retry_after: Some(Duration::from_secs(9)),
    };
    let seen = |call, code: &str| {
        let envelope = Envelope::parse(no(code, "x").as_bytes());
        let error = reply(call, head, envelope, &api).unwrap_err();
        (error.class, error.retry_after.is_some())
    };
    assert_eq!(seen(Find, "4004"), (Gone, false));
    assert_eq!(seen(Add, "4004"), (Refused, false));
    assert_eq!(seen(Add, "9"), (Busy, true));
}

#[test]
fn what_sounds_busy_slows_down_though_it_proves_nothing() {
    let head = |status, seconds| Head {
        status,
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let answer = |head, body: &str| {
        let envelope = Envelope::parse(body.as_bytes());
        reply(Add, head, envelope, &ApiSettings::default()).unwrap_err()
    };
    let page = answer(head(503, 5), "<html>Backend fetch failed</html>");
    assert_eq!(page.class, Unknown);
    assert_eq!(page.sounds_like, Some(Busy));
    assert_eq!(page.retry_after, Some(Duration::from_secs(5)));
    let fallback = answer(head(200, 0), &no("500", "系统繁忙，请稍后再试"));
    assert_eq!(
        (fallback.class, fallback.sounds_like),
        (Unknown, Some(Busy))
    );
    let exception = answer(head(500, 5), &no("500", "timestamp"));
    assert_eq!((exception.class, exception.sounds_like), (Unknown, None));
    assert_eq!(exception.retry_after, None);
}

#[test]
fn errors_carry_what_helps() {
    let body = r#"{"success":false,"code":"77","message":"名称重复","traceId":"t-1"}"#;
    let head = Head {
        status: 200,
        retry_after: None,
    };
    let error = reply(
        Add,
        head,
        Envelope::parse(body.as_bytes()),
        &ApiSettings::default(),
    );
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "名称重复");
    assert_eq!(error.code.as_deref(), Some("77"));
    assert_eq!(error.trace_id.as_deref(), Some("t-1"));
    assert_eq!(error.http_status, Some(200));
}

#[test]
fn quoted_parts_are_not_looked_at() {
    assert_eq!(unquoted("A “busy” [频率] 'x' can't"), "a    can't");
}

/// `docs/design/replies.md` shows the same tables to people.
#[test]
fn the_design_shows_the_same_tables() {
    let source = include_str!("../classify.rs");
    let design = include_str!("../../../docs/design/replies.md");
    let rows: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("//! |"))
        .collect();
    assert!(rows.len() > 20, "{}", rows.len());
    for row in rows {
        assert!(design.contains(&format!("\n|{row}\n")), "{row}");
    }
}
