//! The headers of real workbooks for the system fields (design notes, *headers.md*).
//!
//! Listed are headers that nobody would read otherwise. A doubtful header has a hint, or is an unknown column.

/// Normalised headers, each with the key of the system field that it means.
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

/// Headers of columns that other systems keep for themselves. They are left out, and a notice says so.
pub const LEFT_OUT: &[&str] = &[
    "序号",
    "创建人",
    "更新人",
    "最后修改人",
    "最后修改时间",
    "最后跟进时间",
    "负责人主属部门",
    "生命状态",
    "锁定状态",
];

/// The key of the customer's name.
pub const NAME: &str = "customerName";
/// The key of the list of phones.
pub const PHONES: &str = "mobile";
/// The key of the owner.
pub const OWNER: &str = "owner";
/// The key of the customer's source.
pub const SOURCE: &str = "customerSource";

/// The meaning of a header that depends on the rest of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// A person: the customer, unless another column holds the company.
    Person,
    /// A person at the customer: the memo of the phone.
    Contact,
    /// A phone of any kind.
    Phone,
    /// A landline: a field of its own, or a phone with a memo.
    Landline,
    /// The second phone.
    SecondPhone,
    /// Perhaps the system field with this key.
    Doubtful(&'static str),
    /// The source.
    Source,
    /// An owner, by name.
    Owner,
    /// An open sea, which is an owner too.
    OpenSea,
    /// When another system created the customer; never `createTime`.
    Created,
    /// A level of the cascade of regions.
    Level(u16),
    /// The id of another system; never `_id`.
    OwnId,
    /// A custom field whose label contains one of the hint's words.
    Custom,
}

impl Hint {
    /// Returns whether the hint comes before a label that reads the same. Such labels belong to fields that the CRM
    /// sets itself.
    pub fn wins(self) -> bool {
        matches!(self, Self::OpenSea | Self::Created)
    }
}

/// Normalised headers, with their hint and the words in the label of a custom field for them.
const HINTS: &[(&[&str], Hint, &[&str])] = &[
    (
        &["姓名", "顾客姓名", "昵称", "名称", "客户"],
        Hint::Person,
        &[],
    ),
    (
        &["联系人", "对接人", "联系人姓名", "主要联系人"],
        Hint::Contact,
        &[],
    ),
    (
        &["联系电话", "电话", "联系方式", "电话号码"],
        Hint::Phone,
        &[],
    ),
    (
        &["座机", "固话", "办公电话", "固定电话", "座机号", "公司电话"],
        Hint::Landline,
        &["座机", "固话", "固定电话", "办公电话"],
    ),
    (
        &["备用电话", "备用手机", "其他电话", "其它电话"],
        Hint::SecondPhone,
        &[],
    ),
    (&["微信昵称"], Hint::Doubtful("wechat"), &[]),
    (&["渠道", "客户渠道"], Hint::Source, &[]),
    (
        &["跟进人", "所属销售", "归属客服", "归属人", "销售", "业务员"],
        Hint::Owner,
        &[],
    ),
    (&["公海", "客户池"], Hint::OpenSea, &[]),
    (
        &["创建时间", "录入日期", "录入时间", "创建日期"],
        Hint::Created,
        &["创建", "录入"],
    ),
    (&["省", "省份"], Hint::Level(1), &[]),
    (&["市", "城市"], Hint::Level(2), &[]),
    (&["区", "区县", "县"], Hint::Level(3), &[]),
    (
        &["客户编号", "客户id", "编号", "客户编码"],
        Hint::OwnId,
        &["编号", "编码", "客户id"],
    ),
    (
        &["信用代码", "统一社会信用代码", "税号"],
        Hint::OwnId,
        &["信用代码", "税号"],
    ),
    (
        &["地址", "通讯地址", "联系地址", "公司地址", "办公地址"],
        Hint::Custom,
        &["地址"],
    ),
    (
        &[
            "级别",
            "等级",
            "意向",
            "客户等级",
            "客户级别",
            "意向级别",
            "重要程度",
        ],
        Hint::Custom,
        &["级别", "等级", "意向"],
    ),
    (
        &[
            "地区",
            "省市区",
            "省市",
            "区域",
            "所在地区",
            "所在地",
            "所在区域",
            "所属地区",
        ],
        Hint::Custom,
        &["地区", "省市", "区域", "所在地"],
    ),
    (&["标签"], Hint::Custom, &["标签"]),
    (&["状态", "客户阶段"], Hint::Custom, &["状态", "阶段"]),
    (
        &["跟进记录", "跟进情况", "沟通记录"],
        Hint::Custom,
        &["跟进", "记录"],
    ),
    (&["备注信息", "说明"], Hint::Custom, &["备注", "说明"]),
];

/// Returns the hint of a normalised header, and the words in the label of a custom field for it.
pub fn hint_of(name: &str) -> Option<(Hint, &'static [&'static str])> {
    HINTS
        .iter()
        .find(|(headers, ..)| headers.contains(&name))
        .map(|(_, hint, words)| (*hint, *words))
}
