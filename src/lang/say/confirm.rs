//! The sentences and questions before a write.

use crate::lang::Lang;
use crate::model::Action;

/// Names an account with its profile.
pub fn account_of_profile(lang: Lang, appid: &str, host: &str, profile: &str) -> String {
    line!(
        lang,
        "{appid} at {host} (profile {profile})",
        "{host}（appid {appid}，配置 {profile}）"
    )
}

/// Says for how many rows an action is planned.
pub fn to_do(lang: Lang, action: Action, count: u64) -> String {
    let (english, chinese) = match action {
        Action::Update => ("to update", "更新"),
        Action::Delete => ("to delete", "删除"),
        Action::Restore => ("to restore", "恢复"),
        Action::Add | Action::None => ("to add", "新增"),
    };
    line!(lang, "{count} {english}", "{chinese} {count}")
}

/// Names the account that is written to, and says the counts.
pub fn plan(lang: Lang, whose: &str, counts: &[String]) -> String {
    let counts = super::summary::counts(lang, counts);
    line!(lang, "to {whose}: {counts}", "写入目标：{whose} · {counts}")
}

/// Says that deleted customers come back as new ones.
pub fn new_customers(lang: Lang) -> &'static str {
    lang.pick(
        "what was deleted is added again as new customers: new _ids, and their history is gone",
        "已删除的客户会作为新客户重新添加：_id 是新的，原来的历史记录无法恢复",
    )
}

/// Says how many calls are made, and how long they take.
pub fn cost(lang: Lang, calls: u64, time: &str, rates: &str) -> String {
    let in_calls = super::amounts::calls(calls);
    line!(
        lang,
        "{in_calls}, about {time} at {rates}",
        "共 {calls} 次调用，速率 {rates}，约需 {time}"
    )
}

/// Asks whether rows are added that were compared with no stored customer.
pub fn add_unmatched(lang: Lang) -> &'static str {
    lang.pick(
        "Add them as new customers? [y/N] ",
        "全部作为新客户添加吗？[y/N] ",
    )
}

/// Asks whether to write.
pub fn go_on(lang: Lang) -> &'static str {
    lang.pick("Go on? [y/N] ", "继续吗？[y/N] ")
}

/// Asks for the name of a protected profile before a write.
pub fn type_profile(lang: Lang, profile: &str) -> String {
    line!(
        lang,
        "This profile is protected. Type its name ({profile}) to go on: ",
        "这个配置受保护。请输入它的名称（{profile}）以继续："
    )
}

/// Says when a write that begins now is done.
pub fn done_at(lang: Lang, time: &str) -> String {
    line!(
        lang,
        "begun now, it is done at {time}",
        "现在开始，将在 {time} 完成"
    )
}

/// Says that the rows that a stopped job has not sent will not be sent after its undo.
pub fn not_sent_any_more(lang: Lang, rows: u64) -> String {
    let left =
        super::amounts::counted(rows, "row of the job that was", "rows of the job that were");
    line!(
        lang,
        "{left} not sent yet will not be sent any more",
        "任务中尚未提交的 {rows} 行将不再提交"
    )
}
