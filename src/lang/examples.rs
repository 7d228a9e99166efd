//! An example of each number's message, as `ferry explain` shows it.

use super::{Lang, fill, templates};
use crate::model::{Code, Phrase, Problem, Saying};

/// A problem with facts as they could be. Reasons that differ from case to case are left out.
pub fn example(code: Code) -> Problem {
    let (message, tip) = templates(code, Lang::En);
    let names = fill::names(message).chain(fill::names(tip));
    let mut problem = Problem::new(code);
    for name in names {
        problem = match (name, detail(code)) {
            ("detail", Some(detail)) => problem.with(name, detail),
            ("detail" | "finding" | "trace" | "ids", _) => problem,
            ("choices", _) if code != Code::AmbiguousInLookup => problem,
            _ => problem.with(name, fact(code, name)),
        };
    }
    problem
}

/// The reason, where the message is nothing without one.
fn detail(code: Code) -> Option<Phrase> {
    let at_row = |what| {
        Phrase::new(Saying::AtRow)
            .with("row", "17")
            .with("what", what)
    };
    Some(match code {
        Code::ExportUnwritten => Phrase::new(Saying::AccessDenied),
        Code::FinishFailed => Phrase::new(Saying::CommandFailed)
            .with("program", "notify")
            .with("status", "exit status: 1"),
        Code::BadConfiguration => Phrase::new(Saying::UnknownName)
            .with("line", "3")
            .with("name", "base_ulr")
            .with("known", "base_url, appid"),
        Code::BadSetting => Phrase::new(Saying::NotARate).with("value", "fast"),
        Code::SecretMissing => Phrase::new(Saying::VariableNotSet).with("name", "FERRY_SECRET"),
        Code::Unreachable => Phrase::new(Saying::CannotConnect),
        Code::ForeignConfiguration | Code::FinishLeftOut => Phrase::new(Saying::OthersMayWrite),
        Code::CertificateRefused => Phrase::new(Saying::CertificateNotTrusted),
        Code::NoReply | Code::OutcomeUnknown | Code::UpdateUnknown | Code::OutageWait => {
            Phrase::new(Saying::NoReplyInTime)
        }
        Code::IsAPreview => Phrase::new(Saying::SheetOfAPlan),
        Code::BadStamp | Code::BadKey => Phrase::new(Saying::NoSuchField),
        Code::OldFormat => Phrase::new(Saying::KindNotRead).with("kind", Saying::OldXls),
        Code::MappingSyntax | Code::BadLookup | Code::CustomerUnreadable => {
            Phrase::new(Saying::IsEmpty)
        }
        Code::NotAWorkbook => Phrase::new(Saying::NotAZip),
        Code::BadEncoding => Phrase::new(Saying::NotInEncoding)
            .with("row", "17")
            .with("encoding", "UTF-8"),
        Code::BadCsv => at_row(Saying::OpenQuote),
        Code::StrayQuote => Phrase::new(Saying::QuoteInsideCell).with("line", "17"),
        Code::CellTooLong => Phrase::new(Saying::LongCell)
            .with("sheet", "客户")
            .with("cell", "C5")
            .with("limit", "32767"),
        Code::TooManyTexts => Phrase::new(Saying::SharedTextsTooLarge).with("limit", "200"),
        Code::CopyChanged => Phrase::new(Saying::ContentDiffers),
        Code::SandboxFailed | Code::Unreadable | Code::JournalFailed | Code::ResultUnwritable => {
            Phrase::new(Saying::AccessDenied)
        }
        _ => return None,
    })
}

fn fact(code: Code, name: &str) -> &'static str {
    match (name, code) {
        ("value", Code::NotADate) => "下周三",
        ("value", Code::AmbiguousDate) => "03/04/2024",
        ("value", Code::TimeInDate) => "2024-11-14 09:30",
        ("value", Code::NotANumber) => "约三万",
        ("value", Code::NotAPhone) => "138O0138000",
        ("value", Code::NotAnEmail) => "zhang.example.com",
        ("value", Code::ImpreciseNumber) => "686775343058800000",
        ("value", Code::ScientificText) => "6.86E+17",
        ("value", Code::ErrorCell) => "#N/A",
        ("value", Code::NotAPath) => "西湖区",
        ("value", Code::PathTooShort) => "浙江",
        ("value", Code::NotAnOwner) => "王芳",
        ("value", Code::NotACustomerId | Code::DuplicateId | Code::IdOfAnotherRow) => {
            "685775343058800640"
        }
        ("value", Code::MemoWithoutValue) => "办公室",
        ("value", Code::NotAUrl) => "example",
        ("field", Code::NotADate | Code::AmbiguousDate | Code::TimeInDate) => "签约日期",
        ("field", Code::NotANumber | Code::ImpreciseNumber | Code::ScientificText) => "合同金额",
        (
            "field",
            Code::NotAPhone
            | Code::MemoWithoutValue
            | Code::Adopted
            | Code::TwoColumnsOneField
            | Code::BlankKey
            | Code::SecondCustomer
            | Code::OtherCustomerHasIt
            | Code::DuplicateKey,
        ) => "手机",
        ("value", Code::BadStatus) => "maybe",
        ("value", Code::WordUnknown) => "opem",
        ("what", Code::WordUnknown) => "state",
        ("value", Code::TooManyShareIt) => "张伟",
        ("value", Code::DuplicateKey | Code::SecondCustomer | Code::OtherCustomerHasIt) => {
            "13800138000"
        }
        ("field", Code::NotAnEmail) => "邮箱",
        ("field", Code::NotAPath | Code::PathTooShort | Code::GapInPath) => "所在地区",
        ("field", Code::NotAnOwner) => "负责人",
        ("field", Code::NotAUrl) => "网址",
        ("field", Code::MissingRequired | Code::ClearRequired | Code::RequiredWithoutColumn) => {
            "客户名称"
        }
        ("nearest", Code::NotAPath) => "西湖",
        ("nearest", Code::PathTooShort) => "杭州",
        ("header", Code::UnknownColumns) => "来源渠道说明",
        ("header", Code::TwoColumnsOneField) => "手机号码",
        ("field" | "header", _) | ("nearest", Code::UnknownColumns) => "客户来源",
        ("value", Code::TimesInFuture) => "2026-11-26 01:00:00",
        ("value", _) => "百度推广",
        ("nearest", _) => "百度",
        ("headers", Code::ServerSetColumn) => "创建时间",
        ("headers", _) => "备用1",
        ("other", Code::OtherId | Code::SecondCustomer | Code::OtherCustomerHasIt) => {
            "685775343058800999"
        }
        ("other", _) => "手机",
        ("other_column", _) => "C",
        ("column", _) => "F",
        ("row" | "count", _) => "17",
        ("rows", _) => "20000",
        ("calls", _) => "214",
        ("passes", _) => "5",
        ("page" | "columns", _) => "12",
        ("limit", _) => "100",
        ("place", Code::BadLookup) => "B3",
        ("place", _) => "mapping.toml:7:9",
        ("line", _) => "field = \"手机号吗\"",
        ("lookup", _) => "owners.xlsx",
        ("choices", _) => "8310, 8311",
        ("doubts", _) => "3",
        ("share", _) => "93",
        ("key", _) => "format",
        ("expected", _) => "yyyy-MM-dd",
        ("cells", Code::MergedCells) => "B2:B4",
        ("more", _) => "11",
        ("pages", _) => "3000",
        ("id" | "old", _) => "685775343058800641",
        ("planned" | "written" | "sent", _) => "官网",
        ("now", _) => "抖音",
        ("jobs", _) => "20261123-173015-customers, 20261124-090000-more",
        ("answer", _) => "search is not allowed",
        ("sheet", _) => "Sheet1",
        ("sheets", _) => "Sheet1, Sheet2",
        ("job", _) => "20261123-173015-customers",
        ("path" | "wanted", Code::ResultRenamed) if name == "path" => "customers (2).xlsx",
        ("path", Code::SecretExposed | Code::BadConfiguration) => "ferry.toml",
        ("path" | "wanted", _) => "customers.xlsx",
        ("host", _) => "crm.example.com",
        ("seconds", Code::ClockOff) => "3600",
        ("seconds", _) => "60",
        ("resume", Code::InDoubtElsewhere | Code::UnknownInResult) => {
            "ferry resume 20261124-090000-more"
        }
        ("resume", _) => "ferry resume",
        ("level" | "levels", _) => "2",
        ("width", _) => "16",
        ("until", _) => "18:00",
        ("type", _) => "holo-3d",
        ("rate", _) => "1000/h",
        ("profile", _) => "main",
        ("name", _) => "rate",
        ("missing", _) => "FERRY_SECRET",
        ("matched", _) => "1",
        ("keys", _) => "text_a, text_b",
        ("code", _) => "500",
        ("created", _) => "2023-06-26 23:18:43",
        ("cells", _) => "8",
        ("account", _) => "1090",
        _ => "…",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::words;

    #[test]
    fn every_example_is_a_whole_sentence_in_both_languages() {
        for code in Code::ALL.iter().copied() {
            for lang in Lang::ALL.iter().copied() {
                let message = words(&example(code), lang).message;
                assert!(!message.contains(['{', '…']), "{code}: {message}");
                assert!(
                    !message.ends_with([':', '：', ' ']) && !message.starts_with([':', '：']),
                    "{code}: {message}"
                );
            }
        }
    }
}
