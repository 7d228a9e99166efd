//! The words of the line that moves while a job runs.

use crate::lang::Lang;
use crate::model::{Code, Counter, Problem, Task};

/// Says what is being done and how far, such as `sending 120/1000 rows`. `done` is that number, or for copies MiB.
pub fn task(lang: Lang, task: Task, done: &str) -> String {
    match task {
        Task::Copy => line!(lang, "copying {done} MiB", "正在复制 {done} MiB"),
        Task::Check => line!(lang, "checking {done} rows", "正在校验 {done} 行"),
        Task::Write => line!(
            lang,
            "writing the result sheet {done} rows",
            "正在写结果表 {done} 行"
        ),
        Task::Reconcile => line!(
            lang,
            "looking up rows in doubt {done} rows",
            "正在核实 {done} 行"
        ),
        Task::Send => line!(lang, "sending {done} rows", "正在提交 {done} 行"),
        Task::Fetch => line!(lang, "reading {done} pages", "正在读取 {done} 页"),
        Task::Settle => line!(
            lang,
            "reading customers that were passed over {done}",
            "正在逐个核对漏读的客户 {done}"
        ),
        Task::Save => line!(lang, "writing {done} customers", "正在写入 {done} 个客户"),
        Task::Compare => line!(lang, "comparing {done} customers", "正在比对 {done} 个客户"),
    }
}

/// Says a count.
pub fn amount(lang: Lang, counter: Counter, count: u64) -> String {
    match counter {
        Counter::Calls => line!(lang, "calls {count}", "调用 {count}"),
        Counter::Ok => line!(lang, "ok {count}", "成功 {count}"),
        Counter::Failed => line!(lang, "with problems {count}", "有问题 {count}"),
        Counter::Unknown => line!(lang, "unknown {count}", "待核实 {count}"),
        Counter::Skipped => line!(lang, "skipped {count}", "跳过 {count}"),
        Counter::Busy => line!(lang, "busy {count}", "繁忙 {count}"),
    }
}

/// Says the pace and the one that is allowed.
pub fn pace(lang: Lang, speed: f64, allowed: &str) -> String {
    line!(
        lang,
        "{speed:.1} calls/s of {allowed}",
        "{speed:.1} 次/秒（上限 {allowed}）"
    )
}

/// Says for what a job waits, and until when, as the notice says it that gives the reason.
pub fn waiting(lang: Lang, reason: &Problem) -> String {
    let until = reason.fact("until");
    match reason.code {
        Code::QuotaSpent => line!(
            lang,
            "quota spent until {until}",
            "配额已用完，等到 {until}"
        ),
        Code::ServerBusy => {
            let seconds = reason.fact("seconds");
            line!(
                lang,
                "CRM busy, waiting {seconds} s",
                "CRM 繁忙，等待 {seconds} 秒"
            )
        }
        Code::WaitingToSettle => {
            line!(lang, "looking again at {until}", "{until} 再次核实")
        }
        _ => line!(
            lang,
            "waiting for the CRM until {until}",
            "等待 CRM 恢复，最迟 {until}"
        ),
    }
}

/// Says how much time is left.
pub fn left(lang: Lang, time: &str) -> String {
    line!(lang, "{time} left", "还需 {time}")
}
