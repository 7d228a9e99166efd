//! Every key of a mapping file, from its text to the record that would be sent, and every error with its place.

use std::collections::BTreeMap;

use super::*;
use crate::crm::fields_from_json;
use crate::mapping::{HeaderOptions, HeaderRows, Mapper, find_header, parse_toml, resolve};
use crate::model::{ListPolicy, Overwrite, Record, Row, Value};

pub(crate) fn sample_schema() -> Schema {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/fields.json");
    let text = std::fs::read_to_string(path).expect("the sample is there");
    let fields = fields_from_json(&text).expect("the sample is a field list");
    Schema::new(&fields, &BTreeMap::new())
}

fn row(number: u32, texts: &[&str]) -> Row {
    Row::of_texts(number, texts.iter().copied())
}

/// Returns the record of one row under a mapping, or every problem.
fn judged(
    text: &str,
    header: &[&str],
    cells: &[&str],
    intent: Intent,
) -> Result<Record, Vec<Problem>> {
    let mapping = parse_toml("m.toml", text)?;
    judged_with(&mapping, header, cells, intent)
}

fn judged_with(
    mapping: &Mapping,
    header: &[&str],
    cells: &[&str],
    intent: Intent,
) -> Result<Record, Vec<Problem>> {
    let faults = mapping.faults();
    if !faults.is_empty() {
        return Err(faults);
    }
    let mut mapping = mapping.clone();
    if let Some(owners) = owners(&mapping, Path::new("")).map_err(|problem| vec![problem])? {
        mapping.attach(OWNERS, owners);
    }
    let schema = mapping.schema(&sample_schema())?;
    let options = HeaderOptions {
        certain: &[],
        is_export: false,
        ignore_unmapped: mapping.form.ignore_unmapped,
        mapping: Some(&mapping),
        sheet: "客户",
    };
    let texts: Vec<String> = header.iter().map(|text| (*text).to_owned()).collect();
    let unused = mapping.unused(&texts);
    if !unused.is_empty() {
        return Err(unused);
    }
    let resolved = resolve(&row(1, header), &schema, options)?;
    let plan = SheetPlan {
        index: 0,
        name: "客户".to_owned(),
        header_row: 1,
        columns: resolved.columns,
    };
    let wrong = wrong_values(&mapping, std::slice::from_ref(&plan), &schema, Lang::En);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let draft = Mapper::new(&plan.columns, &schema).draft(&row(2, cells));
    let checked = Checker::new(&schema).check(&draft, intent);
    if checked.problems.is_empty() {
        Ok(checked.record)
    } else {
        Err(checked.problems)
    }
}

/// Returns a record as `label=value` pairs in its order; lists joined with `|`, memos behind a colon.
fn shown(record: &Record) -> String {
    let schema = sample_schema();
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::List(texts) => format!("[{}]", texts.join("|")),
        Value::Entries(entries) => entries
            .iter()
            .map(|entry| match &entry.memo {
                Some(memo) => format!("{}:{memo}", entry.value),
                None => entry.value.clone(),
            })
            .collect::<Vec<_>>()
            .join("|"),
        Value::ClearText | Value::ClearList => "(clear)".to_owned(),
    };
    let pair = |(key, value): &(crate::model::FieldKey, Value)| {
        let label = schema.field(key.as_str()).map_or("?", |field| &field.label);
        format!("{label}={}", text(value))
    };
    record.fields.iter().map(pair).collect::<Vec<_>>().join(" ")
}

/// Mapping below the name's column, second header, second cell, values that are sent besides the name.
const KEYS: &[(&str, &str, &str, &str)] = &[
    (
        "[columns.X]\nfield = \"mobile2\"",
        "X",
        "13800138000",
        "手机=13800138000",
    ),
    (
        "[columns.X]\nfield = \"手机\"",
        "X",
        "13800138000",
        "手机=13800138000",
    ),
    (
        "[columns.X]\nfield = \"text_k2ad_1687316401122\"",
        "X",
        "007",
        "客户编号=007",
    ),
    ("[columns.X]\nignore = true", "X", "anything", ""),
    (
        "[columns.X]\nfield = \"客户级别\"\ndefault = \"未分级\"",
        "X",
        "",
        "客户级别=未分级",
    ),
    (
        "[columns.X]\nfield = \"客户级别\"\ndefault = \"未分级\"",
        "X",
        "无",
        "客户级别=未分级",
    ),
    (
        "[columns.X]\nfield = \"客户级别\"\ndefault = \"未分级\"",
        "X",
        "A类",
        "客户级别=A类",
    ),
    (
        "[columns.X]\nfield = \"手机\"\nsplit = [\" \", \"|\"]",
        "X",
        "13800138000 13900139000|13700137000",
        "手机=13800138000|13900139000|13700137000",
    ),
    // Blanks inside one number do not separate.
    (
        "[columns.X]\nfield = \"手机\"\nsplit = [\" \"]",
        "X",
        "138 0013 8000",
        "手机=138 0013 8000",
    ),
    (
        "[columns.X]\nfield = \"客户标签\"\nsplit = [\"+\"]",
        "X",
        "VIP、重点+制造业",
        "客户标签=[VIP、重点|制造业]",
    ),
    (
        "[columns.X]\nfield = \"客户来源\"\nchoices = { \"百度推广\" = \"百度\", \"不清楚\" = \"\" }",
        "X",
        "百度推广；官网、不清楚",
        "客户来源=[百度|官网]",
    ),
    (
        "[columns.X]\nfield = \"客户级别\"\nchoices = { \"a\" = \"A类\" }",
        "X",
        "Ａ",
        "客户级别=A类",
    ),
    (
        "[columns.X]\nfield = \"所在地区\"\nchoices = { \"浙江省\" = \"浙江\", \"杭州市\" = \"杭州\" }",
        "X",
        "浙江省/杭州市/西湖",
        "所在地区=[浙江|杭州|西湖]",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nchoices = { \"旧\" = \"old\" }",
        "X",
        "旧",
        "客户编号=old",
    ),
    (
        "[columns.X]\nfield = \"签约日期\"\nformat = \"%d/%m/%Y\"",
        "X",
        "03/04/2024",
        "签约日期=2024-04-03",
    ),
    (
        "[columns.X]\nfield = \"签约日期\"\nformat = \"MM/dd/yy\"",
        "X",
        "03/04/24",
        "签约日期=2024-03-04",
    ),
    // A date in ferry's own form is read in spite of `format`.
    (
        "[columns.X]\nfield = \"签约日期\"\nformat = \"dd/MM/yyyy\"",
        "X",
        "2024-11-14",
        "签约日期=2024-11-14",
    ),
    (
        "[columns.X]\nfield = \"下次回访时间\"\nformat = \"d/M/yyyy HH:mm\"",
        "X",
        "3/4/2024 09:05",
        "下次回访时间=2024-04-03 09:05:00",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\ntransform = [\"nfkc\", \"digits\"]",
        "X",
        "No.１２-3",
        "客户编号=123",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\ntransform = [\"trim\", \"upper\", { replace = [\"-\", \"\"] }]",
        "X",
        "ab-1",
        "客户编号=AB1",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\ntransform = [\"lower\"]",
        "X",
        "AB",
        "客户编号=ab",
    ),
    // A cell that is blank after `transform` counts as blank.
    (
        "[columns.X]\nfield = \"客户编号\"\ntransform = [\"digits\"]\ndefault = \"0\"",
        "X",
        "没有",
        "客户编号=0",
    ),
    (
        "[columns.X]\nfield = \"客户来源\"\nsend = \"key\"",
        "X",
        "百度",
        "客户来源=[source_1]",
    ),
    (
        "[columns.X]\nfield = \"客户来源\"\nshape = \"scalar\"",
        "X",
        "百度",
        "客户来源=百度",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nkind = \"number\"",
        "X",
        "1,234.5",
        "客户编号=1234.5",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nkind = \"number\"\ndecimal = \".\"",
        "X",
        "1,234",
        "客户编号=1234",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nkind = \"number\"\ndecimal = \",\"",
        "X",
        "1,234",
        "客户编号=1.234",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nblank = [\"不详\"]",
        "X",
        "不详",
        "",
    ),
    (
        "[columns.X]\nfield = \"客户编号\"\nkey = true",
        "X",
        "1",
        "客户编号=1",
    ),
    (
        "[columns.\"@B\"]\nfield = \"客户编号\"",
        "X",
        "1",
        "客户编号=1",
    ),
    (
        "[columns.\"@B\"]\nfield = \"客户编号\"",
        "",
        "1",
        "客户编号=1",
    ),
    // Without `field` the header names the field.
    (
        "[columns.\"手机\"]\nsplit = [\"|\"]",
        "手机",
        "13800138000|13900139000",
        "手机=13800138000|13900139000",
    ),
    // The case and width of a header's letters do not matter.
    (
        "[columns.abc]\nfield = \"客户编号\"",
        "ＡＢＣ",
        "1",
        "客户编号=1",
    ),
    (
        "[columns.X]\nfield = \"负责人\"\nchoices = { \"张三(离职)\" = \"8310\" }",
        "X",
        "张三(离职)",
        "负责人=8310",
    ),
    (
        "[owner_ids]\n\"张三\" = \"8310\"",
        "负责人",
        "张三",
        "负责人=8310",
    ),
    (
        "[owner_ids]\n\"张三\" = \"8310\"",
        "负责人",
        "8311",
        "负责人=8311",
    ),
    (
        "[constants]\n\"创建方式\" = \"名单 {sheet}\"",
        "客户编号",
        "1",
        "客户编号=1 创建方式=名单 客户",
    ),
    (
        "[constants]\n\"手机2\" = \"13900139000\"",
        "手机",
        "13800138000",
        "手机=13800138000|13900139000",
    ),
];

#[test]
fn every_key_of_a_column_does_what_it_says() {
    let name = "公司";
    let with = |key: &str| format!("[columns.\"公司\"]\nfield = \"客户名称\"\n{key}");
    for (text, header, cell, sent) in KEYS {
        let (top, columns) = text.split_at(text.find("[columns").unwrap_or(text.len()));
        let text = format!("{top}\n{}\n{columns}", with(""));
        let record = judged(&text, &[name, header], &["甲", cell], Intent::Add);
        let expected = format!("客户名称=甲 {sent}");
        assert_eq!(
            record.as_ref().map(shown).as_deref(),
            Ok(expected.trim()),
            "{text}"
        );
    }
}

#[test]
fn the_top_of_a_mapping_holds_for_all_columns() {
    let text =
        "ignore_unmapped = true\nblank = [\"不详\"]\n[columns.\"公司\"]\nfield = \"客户名称\"";
    let record = judged(
        text,
        &["公司", "客户编号", "幸运数字"],
        &["甲", "不详", "7"],
        Intent::Add,
    );
    assert_eq!(record.as_ref().map(shown).as_deref(), Ok("客户名称=甲"));

    let mapping = parse_toml(
        "m.toml",
        "sheet = \"三月\"\nheader_row = \"3-4\"\nignore_unmapped = true",
    )
    .expect("a good mapping");
    let merged = options(&SheetOptions {
        mapping: Some(Arc::new(mapping)),
        ..SheetOptions::default()
    });
    assert_eq!(
        (merged.sheets, merged.header_row, merged.ignore_unmapped),
        (vec!["三月".to_owned()], HeaderRows::parse("3-4"), true)
    );
}

#[test]
fn an_update_gets_no_defaults_and_nothing_into_fields_that_are_never_overwritten() {
    let text = "[columns.X]\nfield = \"客户级别\"\ndefault = \"未分级\"\n[columns.Y]\nfield = \"客户编号\"\noverwrite = \"never\"";
    let header = ["客户名称", "X", "Y"];
    let sent =
        |intent| judged(text, &header, &["甲", "", "1"], intent).map(|record| shown(&record));
    assert_eq!(
        sent(Intent::Add).as_deref(),
        Ok("客户名称=甲 客户级别=未分级 客户编号=1")
    );
    assert_eq!(sent(Intent::Update).as_deref(), Ok("客户名称=甲"));
}

#[test]
fn policies_of_a_field_are_kept_with_the_fields() {
    let text = "[columns.A]\nfield = \"手机\"\nlist = \"replace\"\n[columns.B]\nfield = \"手机.备注\"\noverwrite = \"if_blank\"";
    let schema = parse_toml("m.toml", text)
        .and_then(|mapping| mapping.schema(&sample_schema()))
        .expect("a good mapping");
    let mobile = schema.fields.iter().find(|field| field.label == "手机");
    assert_eq!(
        mobile.map(|field| (field.list, field.overwrite)),
        Some((ListPolicy::Replace, Some(Overwrite::IfBlank)))
    );
}

/// Mapping, code, place, nearest word.
const ERRORS: &[(&str, Code, &str, &str)] = &[
    (
        "[columns.X]\nfeild = \"手机\"",
        Code::MappingUnknownKey,
        "m.toml:2:1",
        "field",
    ),
    (
        "colums = 1",
        Code::MappingUnknownKey,
        "m.toml:1:1",
        "columns",
    ),
    (
        "[columns.X]\nfield = 3",
        Code::MappingSyntax,
        "m.toml:2:9",
        "",
    ),
    (
        "[columns.X]\nfield = \"手机",
        Code::MappingSyntax,
        "m.toml:2:12",
        "",
    ),
    ("columns.X = 3", Code::MappingSyntax, "m.toml:1:9", ""),
    (
        "[columns.X]\nlist = \"merged\"",
        Code::MappingSyntax,
        "m.toml:2:8",
        "",
    ),
    (
        "header_row = \"4-3\"",
        Code::MappingSyntax,
        "m.toml:1:14",
        "",
    ),
    (
        "[columns.X]\nfield = \"签约日\"",
        Code::MappingUnknownField,
        "m.toml:2:9",
        "签约日期",
    ),
    (
        "[columns.X]\nfield = \"创建时间\"",
        Code::MappingServerSet,
        "m.toml:2:9",
        "",
    ),
    (
        "[columns.X]\nfield = \"客户来源\"\nchoices = { \"百度推广\" = \"百度网\" }",
        Code::MappingUnknownChoice,
        "m.toml:3:22",
        "百度",
    ),
    (
        "[columns.\"公司名\"]\nfield = \"客户编号\"",
        Code::MappingNoSuchHeader,
        "m.toml:1:10",
        "公司",
    ),
    (
        "[columns.X]\nfield = \"手机\"\ndoubt = \"座机?\"",
        Code::MappingUndecided,
        "m.toml:3:9",
        "",
    ),
    (
        "[columns.X]\nfield = \"?\"",
        Code::MappingUndecided,
        "m.toml:2:9",
        "",
    ),
    (
        "[columns.X]\nfield = \"客户来源\"\n[columns.X.choices]\n\"百度推广\" = \"?\"",
        Code::MappingUndecided,
        "m.toml:4:10",
        "",
    ),
    (
        "[owner_ids]\n\"张三\" = \"?\"",
        Code::MappingUndecided,
        "m.toml:2:8",
        "",
    ),
    (
        "[owner_ids]\n\"张三\" = \"李四\"",
        Code::MappingBadValue,
        "m.toml:2:8",
        "",
    ),
    (
        "[columns.X]\nfield = \"签约日期\"\nformat = \"dd/MM\"",
        Code::MappingBadValue,
        "m.toml:3:10",
        "",
    ),
    (
        "[columns.X]\nfield = \"手机\"\nsplit = [\"//\"]",
        Code::MappingBadValue,
        "m.toml:3:9",
        "",
    ),
    (
        "[columns.X]\nfield = \"客户级别\"\ndefault = \"Z类\"",
        Code::MappingBadValue,
        "m.toml:3:11",
        "",
    ),
    (
        "[constants]\n\"签约日期\" = \"昨天\"",
        Code::MappingBadValue,
        "m.toml:2:10",
        "",
    ),
    (
        "[constants]\n\"客户名称\" = \"甲\"",
        Code::MappingTwice,
        "m.toml:2:10",
        "",
    ),
    (
        "[columns.X]\nfield = \"手机\"\nlist = \"merge\"\n[columns.\"公司\"]\nfield = \"手机2\"\nlist = \"replace\"",
        Code::MappingTwice,
        "",
        "",
    ),
];

#[test]
fn every_error_names_its_place_and_the_nearest_word() {
    let name = "[columns.\"公司\"]\nfield = \"客户名称\"\n";
    for (text, code, place, nearest) in ERRORS {
        let text = if text.contains("[columns.\"公司\"]") {
            (*text).to_owned()
        } else {
            format!("{text}\n{name}")
        };
        let header: &[&str] = if text.contains("columns.X") {
            &["公司", "X"]
        } else {
            &["公司"]
        };
        let problems =
            judged(&text, header, &["甲", "1"], Intent::Add).expect_err("something is wrong");
        let first = &problems[0];
        assert_eq!(first.code, *code, "{text}: {problems:?}");
        assert!(
            first.fact("place") == *place || (place.is_empty() && !first.fact("place").is_empty()),
            "{text}: {first:?}"
        );
        let near: Vec<&str> = first.fact("nearest").split(", ").collect();
        assert!(
            nearest.is_empty() || near[0] == *nearest,
            "{text}: {first:?}"
        );
        let said = lang::words(first, Lang::En);
        assert!(
            said.message.contains("m.toml") && !said.tip.is_empty(),
            "{said:?}"
        );
    }
}

#[test]
fn several_errors_are_told_at_once_and_show_their_lines() {
    let text = "[columns.A]\nfeild = \"手机\"\nsplit = 3\n[columns.B]\nlist = \"x\"\n";
    let problems = parse_toml("m.toml", text).expect_err("three are wrong");
    let lines: Vec<&str> = problems
        .iter()
        .map(|problem| problem.fact("line"))
        .collect();
    assert_eq!(lines, ["feild = \"手机\"", "split = 3", "list = \"x\""]);
}

#[test]
fn a_header_that_stands_twice_is_named_by_its_letter() {
    let text = "[columns.\"电话\"]\nfield = \"手机\"";
    let problems =
        judged(text, &["客户名称", "电话", "电话"], &[], Intent::Add).expect_err("twice");
    assert_eq!(problems[0].code, Code::MappingHeaderTwice);
    assert_eq!(problems[0].fact("columns"), "B, C");
    let text = "[columns.\"@B\"]\nfield = \"手机\"\n[columns.\"@C\"]\nfield = \"手机2\"";
    let record = judged(
        text,
        &["客户名称", "电话", "电话"],
        &["甲", "13800138000", "13900139000"],
        Intent::Add,
    );
    assert_eq!(
        record.as_ref().map(shown).as_deref(),
        Ok("客户名称=甲 手机=13800138000|13900139000")
    );
}

#[test]
fn a_mapping_wins_over_the_header_and_says_so() {
    let text = "[columns.\"手机\"]\nfield = \"客户编号\"";
    let mapping = parse_toml("m.toml", text).expect("a good mapping");
    let options = HeaderOptions {
        mapping: Some(&mapping),
        ..HeaderOptions::default()
    };
    let resolved = resolve(&row(1, &["客户名称", "手机"]), &sample_schema(), options);
    let notices = resolved.expect("nothing is wrong").notices;
    assert_eq!(notices.len(), 1);
    assert_eq!(
        (
            notices[0].code,
            notices[0].fact("field"),
            notices[0].fact("other")
        ),
        (Code::MappingWon, "客户编号", "手机")
    );
}

#[test]
fn damage_is_seen_before_the_mapping_changes_it() {
    let text = "[columns.X]\nfield = \"手机\"\ntransform = [\"digits\"]";
    let problems = judged(text, &["客户名称", "X"], &["甲", "1.38E+10"], Intent::Add);
    assert_eq!(problems.expect_err("refused")[0].code, Code::ScientificText);
    let record = judged(text, &["客户名称", "X"], &["甲", "#CLEAR"], Intent::Update);
    assert_eq!(
        record.as_ref().map(shown).as_deref(),
        Ok("客户名称=甲 手机=(clear)")
    );
}

#[test]
fn words_that_a_look_up_lacks_are_problems_of_the_row() {
    let text = "[owner_ids]\n\"张三\" = \"8310\"";
    let problems = judged(
        text,
        &["客户名称", "负责人"],
        &["甲", "张三丰"],
        Intent::Add,
    )
    .expect_err("nobody is called so");
    assert_eq!(problems[0].code, Code::NotInLookup);
    assert_eq!(
        (problems[0].fact("nearest"), problems[0].column),
        ("张三", Some(1))
    );
    // Without owners in the mapping, a cell must hold an id.
    let problems = judged("", &["客户名称", "负责人"], &["甲", "张三"], Intent::Add)
        .expect_err("a name is no id");
    assert_eq!(problems[0].code, Code::NotAnOwner);
}

#[test]
fn the_starters_resolve_against_fitting_headers() {
    let starters: [(&str, &[&str]); 3] = [
        (
            "plain-list.toml",
            &[
                "序号",
                "公司名称",
                "联系人",
                "联系电话",
                "备用电话",
                "渠道",
                "签约日期",
                "级别",
                "邮箱",
            ],
        ),
        (
            "crm-export.toml",
            &[
                "客户ID",
                "客户名称",
                "联系人",
                "电话",
                "邮箱",
                "来源",
                "客户等级",
                "省",
                "市",
                "负责人",
                "成交时间",
                "生命状态",
                "最后联系",
            ],
        ),
        (
            "call-centre.toml",
            &["姓名", "号码", "备注", "标签", "回访", "微信", ""],
        ),
    ];
    for (file, header) in starters {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("templates/mapping")
            .join(file);
        let mapping = load_mapping(&path).expect("the starter is good");
        let cells: Vec<&str> = header
            .iter()
            .map(|header| match *header {
                "公司名称" | "客户名称" | "姓名" => "甲",
                "联系电话" | "电话" | "号码" => "13800138000",
                "省" => "浙江省",
                "市" => "杭州市",
                _ => "",
            })
            .collect();
        let sent = judged_with(&mapping, header, &cells, Intent::Add);
        assert!(sent.is_ok(), "{file}: {sent:?}");
        let schema = mapping.schema(&sample_schema()).expect("a good mapping");
        let found = find_header(
            &[row(1, &["标题"]), row(2, header)],
            &schema,
            Some(&mapping),
        );
        assert_eq!(found, Some(1), "{file}");
    }
}
