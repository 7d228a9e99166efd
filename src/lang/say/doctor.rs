//! `ferry doctor`: the names of its steps and what they found.
//!
//! With `--json` steps keep their English names: they are what scripts look for.

use crate::lang::Lang;
use crate::model::Saying;

/// One thing that is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Whether anybody answers.
    Connection,
    /// How calls are signed.
    Signature,
    /// The field list.
    Fields,
    /// How far the clocks are apart.
    Clock,
    /// Whether customers can be listed.
    List,
    /// How many customers a page holds.
    PageCap,
    /// How one customer is read.
    Find,
}

impl Step {
    /// The name in the given language.
    pub fn name(self, lang: Lang) -> &'static str {
        match self {
            Self::Connection => lang.pick("connection", "连接"),
            Self::Signature => lang.pick("signature", "签名"),
            Self::Fields => lang.pick("fields", "字段"),
            Self::Clock => lang.pick("clock", "时钟"),
            Self::List => lang.pick("list", "客户列表"),
            Self::PageCap => lang.pick("page cap", "每页上限"),
            Self::Find => lang.pick("find by id", "按 ID 读取"),
        }
    }
}

/// The mark of a step that went well, or not; two columns wide in Chinese too.
pub fn mark(lang: Lang, ok: bool) -> &'static str {
    if ok {
        lang.pick("ok ", "正常")
    } else {
        lang.pick("NO ", "异常")
    }
}

/// Somebody answers.
pub fn answers_in(lang: Lang, host: &str, milliseconds: u128) -> String {
    line!(
        lang,
        "{host} answers in {milliseconds} ms",
        "{host} 有应答，{milliseconds} 毫秒"
    )
}

/// Somebody answers, with a refusal.
pub fn answers(lang: Lang, host: &str) -> String {
    line!(lang, "{host} answers", "{host} 有应答")
}

/// A scheme of signing in words.
pub fn scheme(lang: Lang, digest: &str, string: &str, encoding: &str) -> String {
    line!(
        lang,
        "{digest} of {string} in {encoding}",
        "{digest}，内容 {string}，编码 {encoding}"
    )
}

/// The configured signature is taken.
pub fn accepted(lang: Lang, scheme: &str) -> String {
    line!(lang, "accepted: {scheme}", "已接受：{scheme}")
}

/// Another signature is taken.
pub fn other_accepted(lang: Lang, scheme: &str) -> String {
    line!(
        lang,
        "the configured scheme is refused, but this one is accepted: {scheme}",
        "当前的签名方式被拒绝，但这一种可以：{scheme}"
    )
}

/// What to do about it.
pub fn write_this(lang: Lang, toml: &str) -> String {
    line!(
        lang,
        "write this into ferry.toml:\n{toml}",
        "请写入 ferry.toml：\n{toml}"
    )
}

/// How many fields there are, and of how many the type is not known.
pub fn fields(lang: Lang, count: usize, unknown: usize) -> String {
    if unknown == 0 {
        return line!(lang, "{count} fields", "{count} 个字段");
    }
    line!(
        lang,
        "{count} fields, {unknown} of a type that is not known and sent as text",
        "{count} 个字段，其中 {unknown} 个类型无法识别，按文本提交"
    )
}

/// No scheme was taken.
pub fn schemes_tried(lang: Lang, why: &str, tried: usize) -> String {
    line!(
        lang,
        "{why} ({tried} schemes tried)",
        "{why}（已尝试 {tried} 种签名方式）"
    )
}

/// The clocks agree.
pub fn clock_good(lang: Lang, seconds: u64) -> String {
    line!(
        lang,
        "differs from the CRM's by {seconds} s",
        "与 CRM 相差 {seconds} 秒"
    )
}

/// The clocks do not agree; `behind` is whether this computer's is late.
pub fn clock_off(lang: Lang, seconds: u64, behind: bool) -> String {
    if behind {
        line!(
            lang,
            "this computer's clock is {seconds} s behind the CRM's; calls are corrected",
            "本机时钟比 CRM 慢 {seconds} 秒；调用时已自动修正"
        )
    } else {
        line!(
            lang,
            "this computer's clock is {seconds} s ahead of the CRM's; calls are corrected",
            "本机时钟比 CRM 快 {seconds} 秒；调用时已自动修正"
        )
    }
}

/// What to do about that.
pub fn set_the_clock(lang: Lang) -> &'static str {
    lang.pick(
        "set the clock, or turn on its synchronisation",
        "请校准系统时间，或打开自动对时",
    )
}

/// How many customers are stored.
pub fn customers(lang: Lang, count: u64) -> String {
    line!(lang, "{count} customers", "{count} 个客户")
}

/// Pages are at least this long.
pub fn page_at_least(lang: Lang, limit: u32) -> String {
    line!(
        lang,
        "pages of {limit} and perhaps more",
        "每页至少 {limit} 个，可能更多"
    )
}

/// Pages are this long.
pub fn page_cap(lang: Lang, count: u64) -> String {
    line!(lang, "{count} customers a page", "每页最多 {count} 个客户")
}

/// Too few customers to tell.
pub fn page_cap_unseen(lang: Lang, count: u64) -> String {
    line!(
        lang,
        "not seen with {count} customers",
        "只有 {count} 个客户，看不出上限"
    )
}

/// Nothing to read.
pub fn no_customer_yet(lang: Lang) -> &'static str {
    lang.pick(
        "not tried: there is no customer yet",
        "未尝试：还没有任何客户",
    )
}

/// Not looked at.
pub fn not_tried(lang: Lang) -> &'static str {
    lang.pick("not tried", "未尝试")
}

/// The configured form answers, and perhaps others.
pub fn find_answers(lang: Lang, forms: &str) -> String {
    line!(lang, "answers: {forms}", "可用：{forms}")
}

/// Another form answers.
pub fn find_other(lang: Lang, forms: &str) -> String {
    line!(
        lang,
        "the configured form does not answer, but this does: {forms}",
        "当前的读取方式没有应答，但这种可以：{forms}"
    )
}

/// The CRM, where an error names a host.
pub fn the_crm() -> Saying {
    Saying::TheCrm
}
