//! The sentences of `ferry doctor`: the names of its steps and their findings.
//!
//! With `--json` steps keep their English names, because scripts look for them.

use crate::lang::{Lang, Text};
use crate::model::Saying;

/// A step of `ferry doctor`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Whether the CRM answers.
    Connection,
    /// Whether the CRM accepts the signature.
    Signature,
    /// Whether the field list can be read.
    Fields,
    /// Whether the clocks agree.
    Clock,
    /// Whether customers can be listed.
    List,
    /// The number of customers that a page holds at most.
    PageCap,
    /// The form in which one customer is read.
    Find,
}

impl Step {
    /// Returns the step's name.
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

/// Returns the mark of a step that went well or did not. It has two columns in Chinese too.
pub fn mark(lang: Lang, ok: bool) -> &'static str {
    if ok {
        lang.pick("ok ", "正常")
    } else {
        lang.pick("NO ", "异常")
    }
}

/// Says that the CRM answers, and how fast.
pub fn answers_in(lang: Lang, host: &str, milliseconds: u128) -> String {
    line!(
        lang,
        "{host} answers in {milliseconds} ms",
        "{host} 有应答，{milliseconds} 毫秒"
    )
}

/// Says that the CRM answers, though with a refusal.
pub fn answers(lang: Lang, host: &str) -> String {
    line!(lang, "{host} answers", "{host} 有应答")
}

/// Returns a signing scheme in words.
pub fn scheme(lang: Lang, digest: &str, string: &str, encoding: &str) -> String {
    line!(
        lang,
        "{digest} of {string} in {encoding}",
        "{digest}，内容 {string}，编码 {encoding}"
    )
}

/// Says that the configured signature is accepted.
pub fn accepted(lang: Lang, scheme: &str) -> String {
    line!(lang, "accepted: {scheme}", "已接受：{scheme}")
}

/// Says that another signature than the configured one is accepted.
pub fn other_accepted(lang: Lang, scheme: &str) -> String {
    line!(
        lang,
        "the configured scheme is refused, but this one is accepted: {scheme}",
        "当前的签名方式被拒绝，但这一种可以：{scheme}"
    )
}

/// Says what is to be checked where no signature is accepted. `place` is where the secret came from.
pub fn check_appid_and_secret(lang: Lang, appid: &str, place: &str) -> String {
    line!(
        lang,
        "check the appid, “{appid}”, and the secret in {place}; the page where the CRM shows both also says how calls are signed",
        "请核对 appid“{appid}”和 {place} 中的密钥；CRM 显示这两项的页面也会说明调用如何签名"
    )
}

/// Shows the lines that `ferry.toml` needs.
pub fn write_this(lang: Lang, toml: &str) -> String {
    line!(
        lang,
        "write this into ferry.toml:\n{toml}",
        "请写入 ferry.toml：\n{toml}"
    )
}

/// Says how many fields there are, and how many of them have an unknown type.
pub fn fields(lang: Lang, count: usize, unknown: usize) -> String {
    let all = super::amounts::fields(count as u64);
    if unknown == 0 {
        return line!(lang, "{all}", "{count} 个字段");
    }
    line!(
        lang,
        "{all}, {unknown} of a type that is not known and sent as text",
        "{count} 个字段，其中 {unknown} 个类型无法识别，按文本提交"
    )
}

/// Says that no signing scheme was accepted.
pub fn schemes_tried(lang: Lang, why: &str, tried: usize) -> String {
    line!(
        lang,
        "{why} ({tried} schemes tried)",
        "{why}（已尝试 {tried} 种签名方式）"
    )
}

/// Says that the clocks agree.
pub fn clock_good(lang: Lang, seconds: u64) -> String {
    line!(
        lang,
        "differs from the CRM's by {seconds} s",
        "与 CRM 相差 {seconds} 秒"
    )
}

/// Says that the clocks do not agree. `behind` is whether this computer's clock is late.
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

/// Says how a wrong clock is corrected.
pub fn set_the_clock(lang: Lang) -> &'static str {
    lang.pick(
        "set the clock, or turn on its synchronisation",
        "请校准系统时间，或打开自动对时",
    )
}

/// Says how many customers are stored.
pub fn customers(lang: Lang, count: u64) -> String {
    let all = super::amounts::customers(count);
    line!(lang, "{all}", "{count} 个客户")
}

/// Says that a page holds at least `limit` customers.
pub fn page_at_least(lang: Lang, limit: u32) -> String {
    line!(
        lang,
        "pages of {limit} and perhaps more",
        "每页至少 {limit} 个，可能更多"
    )
}

/// Says how many customers a page holds.
pub fn page_cap(lang: Lang, count: u64) -> String {
    let all = super::amounts::customers(count);
    line!(lang, "{all} a page", "每页最多 {count} 个客户")
}

/// Says that there are too few customers to see how many a page holds.
pub fn page_cap_unseen(lang: Lang, count: u64) -> String {
    let all = super::amounts::customers(count);
    line!(
        lang,
        "not seen with {all}",
        "只有 {count} 个客户，看不出上限"
    )
}

/// Says that there is no customer that could be read.
pub fn no_customer_yet(lang: Lang) -> &'static str {
    lang.pick(
        "not tried: there is no customer yet",
        "未尝试：还没有任何客户",
    )
}

/// Says that the step was not tried.
pub fn not_tried(lang: Lang) -> &'static str {
    lang.pick("not tried", "未尝试")
}

/// Names the forms that answer, the configured one among them.
pub fn find_answers(lang: Lang, forms: &str) -> String {
    line!(lang, "answers: {forms}", "可用：{forms}")
}

/// Names the forms that answer, the configured one not among them.
pub fn find_other(lang: Lang, forms: &str) -> String {
    line!(
        lang,
        "the configured form does not answer, but this does: {forms}",
        "当前的读取方式没有应答，但这种可以：{forms}"
    )
}

/// Returns the words for the CRM, where an error names a host.
pub fn the_crm() -> Saying {
    Saying::TheCrm
}

/// Returns the remark above settings that were written into `ferry.toml`.
pub fn found_remark(lang: Lang) -> &'static str {
    lang.pick(
        "found by `ferry doctor --save`",
        "由 `ferry doctor --save` 检查得出",
    )
}

/// Says that what a step found stands in the profile now.
pub fn now_saved(lang: Lang, detail: &str) -> String {
    line!(lang, "{detail} (saved)", "{detail}（已保存）")
}

/// Says which settings were written, and where.
pub fn saved(lang: Lang, names: &[&str], path: &str) -> String {
    let names = super::amounts::list(lang, names.iter().copied());
    line!(lang, "saved in {path}: {names}", "已写入 {path}：{names}")
}

/// Says that every setting is right already, or that none was found.
pub fn nothing_to_save(lang: Lang) -> &'static str {
    lang.pick(
        "nothing to save: no setting was found that differs from the profile's",
        "没有需要保存的：没有发现与当前配置不同的设置",
    )
}

/// Asks whether the settings that were found are saved.
pub fn ask_to_save(lang: Lang, names: &[&str], path: &str) -> String {
    let names = super::amounts::list(lang, names.iter().copied());
    line!(
        lang,
        "Write what was found into {path} ({names})? [Y/n] ",
        "把检查得出的设置写入 {path} 吗（{names}）？[Y/n] "
    )
}

/// Names the command that saves the settings that were found.
pub fn save_with(lang: Lang, names: &[&str]) -> String {
    let names = super::amounts::list(lang, names.iter().copied());
    line!(
        lang,
        "`ferry doctor --save` writes what was found into ferry.toml: {names}",
        "`ferry doctor --save` 会把检查得出的设置写入 ferry.toml：{names}"
    )
}

/// Says that there is no profile in which settings could be saved.
pub fn nowhere_to_save() -> (Text, Text) {
    (
        both!(
            "--save writes into a profile of ferry.toml, and this account comes from none",
            "--save 要写入 ferry.toml 中的配置，而这个账号不是从那里来的"
        ),
        both!(
            "`ferry init` writes a ferry.toml; then run it again",
            "先用 `ferry init` 生成 ferry.toml，再运行一次"
        ),
    )
}
