//! The headers of real workbooks for the system fields.
//!
//! Listed are headers that nobody would read otherwise. A doubtful header has a hint, or is an unknown column.

/// Normalised headers, each with the key of the system field that it means.
pub const SYNONYMS: &[(&str, &str)] = &[
    ("客户名称", "customerName"),
    ("客户名字", "customerName"),
    ("客户姓名", "customerName"),
    ("客户名", "customerName"),
    ("客户全称", "customerName"),
    ("公司名称", "customerName"),
    ("公司名", "customerName"),
    ("公司全称", "customerName"),
    ("单位名称", "customerName"),
    ("单位全称", "customerName"),
    ("企业名称", "customerName"),
    ("企业全称", "customerName"),
    ("手机", "mobile"),
    ("手机号", "mobile"),
    ("手机号码", "mobile"),
    ("移动电话", "mobile"),
    ("手机电话", "mobile"),
    ("邮箱", "email"),
    ("电子邮箱", "email"),
    ("电子邮件", "email"),
    ("电邮", "email"),
    ("邮箱地址", "email"),
    ("邮件地址", "email"),
    ("e-mail", "email"),
    ("qq号", "qq"),
    ("qq号码", "qq"),
    ("qq", "qq"),
    ("微信", "wechat"),
    ("微信号", "wechat"),
    ("微信号码", "wechat"),
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
        &[
            "联系人",
            "对接人",
            "联系人姓名",
            "联系人名称",
            "主要联系人",
            "首要联系人",
            "经办人",
        ],
        Hint::Contact,
        &[],
    ),
    (
        &[
            "联系电话",
            "电话",
            "联系方式",
            "电话号码",
            "联系号码",
            "联系人电话",
            "联系手机",
            "联系人手机",
        ],
        Hint::Phone,
        &[],
    ),
    (
        &["座机", "固话", "办公电话", "固定电话", "座机号", "公司电话"],
        Hint::Landline,
        &["座机", "固话", "固定电话", "办公电话"],
    ),
    (
        &[
            "备用电话",
            "备用手机",
            "备用号码",
            "其他电话",
            "其它电话",
            "第二电话",
        ],
        Hint::SecondPhone,
        &[],
    ),
    (&["微信昵称"], Hint::Doubtful("wechat"), &[]),
    (
        &["公司", "单位", "企业", "客户简称", "公司简称", "单位简称"],
        Hint::Doubtful(NAME),
        &[],
    ),
    (
        &["渠道", "客户渠道", "获客渠道", "线索来源", "来源途径"],
        Hint::Source,
        &[],
    ),
    (
        &[
            "跟进人",
            "所属销售",
            "归属客服",
            "归属人",
            "销售",
            "销售员",
            "销售人员",
            "销售代表",
            "业务员",
            "业务经理",
            "客户经理",
            "所属人",
            "所有人",
        ],
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
        &[
            "客户编号",
            "客户id",
            "编号",
            "客户编码",
            "客户代码",
            "客户号",
            "代码",
            "编码",
        ],
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
    (
        &["备注信息", "备注说明", "说明", "附注"],
        Hint::Custom,
        &["备注", "说明"],
    ),
];

/// Words of everyday headers that mean the same, each with the one that stands for all of them. The first that fits
/// counts.
const ALIKE: &[(&str, &str)] = &[
    ("生日", "出生日期"),
    ("时间", "日期"),
    ("编码", "编号"),
    ("代码", "编号"),
    ("资金", "资本"),
    ("等级", "级别"),
    ("类别", "类型"),
    ("分类", "类型"),
    ("总额", "金额"),
    ("电子邮件", "邮箱"),
    ("岗位", "职务"),
    ("职位", "职务"),
    ("法定代表人", "法人"),
    ("法人代表", "法人"),
    ("网站", "网址"),
    ("下次跟进", "下次回访"),
    ("下次联系", "下次回访"),
];

/// Returns a normalised header with one word in place of those that mean the same, without the 所属 in front and the
/// 日期 behind: 签约时间 and 签约日期 become 签约.
pub fn bare_sense(name: &str) -> String {
    let mut sense = name.to_owned();
    for (word, stands) in ALIKE {
        sense = sense.replace(word, stands);
    }
    let bare = sense.strip_suffix("日期").unwrap_or(&sense);
    let bare = bare.strip_prefix("所属").unwrap_or(bare);
    if bare.is_empty() {
        sense
    } else {
        bare.to_owned()
    }
}

/// Endings of the names of companies and other bodies.
const BODIES: &[&str] = &[
    "公司",
    "集团",
    "工厂",
    "厂",
    "店",
    "商行",
    "中心",
    "学校",
    "大学",
    "医院",
    "银行",
    "酒店",
    "事务所",
    "合作社",
    "工作室",
    "经营部",
];

/// Returns whether a word ends as the names of companies do.
pub fn is_body(word: &str) -> bool {
    BODIES.iter().any(|ending| word.ends_with(ending))
}

/// Returns the hint of a normalised header, and the words in the label of a custom field for it.
pub fn hint_of(name: &str) -> Option<(Hint, &'static [&'static str])> {
    HINTS
        .iter()
        .find(|(headers, ..)| headers.contains(&name))
        .map(|(_, hint, words)| (*hint, *words))
}
