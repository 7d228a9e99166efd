//! Headers that real workbooks use for the system fields (design notes, *headers.md*).
//!
//! Only those that nobody would read otherwise; a doubtful header is an unknown column with a proposal.

/// Header, normalised, and the key of the system field it means.
pub const SYNONYMS: &[(&str, &str)] = &[
    ("客户名称", "customerName"),
    ("客户名字", "customerName"),
    ("客户姓名", "customerName"),
    ("公司名称", "customerName"),
    ("单位名称", "customerName"),
    ("手机", "mobile"),
    ("手机号", "mobile"),
    ("手机号码", "mobile"),
    ("移动电话", "mobile"),
    ("邮箱", "email"),
    ("电子邮箱", "email"),
    ("e-mail", "email"),
    ("qq号", "qq"),
    ("qq", "qq"),
    ("微信", "wechat"),
    ("微信号", "wechat"),
    ("来源", "customerSource"),
    ("客户来源", "customerSource"),
    ("来源渠道", "customerSource"),
    ("负责人", "owner"),
    ("归属时间", "assignTime"),
    ("分配时间", "assignTime"),
    ("创建方式", "createMethod"),
    ("访客id", "visitorId"),
    ("访客进线id", "visitorId"),
];

/// Headers of columns that other systems keep for themselves; left out, and said so.
pub const LEFT_OUT: &[&str] = &[
    "序号",
    "最后跟进时间",
    "负责人主属部门",
    "生命状态",
    "锁定状态",
];
