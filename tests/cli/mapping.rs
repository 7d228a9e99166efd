//! Mappings as people meet them: proposed, decided, signed as a workbook, imported; and refused with a place.

use std::collections::BTreeMap;

use crate::support::{Scene, Table, fixture, sample};

/// What each column of the other CRM's export is: the field by its label, nothing where it has none. Written by
/// hand, from what the headers mean.
const EXPECTED: &[(&str, &str)] = &[
    ("序号", ""),
    ("客户ID", ""),
    ("客户编号", "客户编号"),
    ("公司名称", "客户名称"),
    ("联系人", "手机.备注"),
    ("手机号码", "手机"),
    ("备用电话", "手机2"),
    ("固话", "座机"),
    ("传真", ""),
    ("E-mail", "邮箱"),
    ("QQ号", "QQ"),
    ("微信号", "微信"),
    // A nickname finds nobody.
    ("微信昵称", ""),
    ("来源渠道", "客户来源"),
    ("客户等级", "客户级别"),
    ("标签", "客户标签"),
    ("省", "所在地区.1"),
    ("市", "所在地区.2"),
    ("区", "所在地区.3"),
    ("通讯地址", "详细地址"),
    ("跟进人", "负责人"),
    // Every customer has one owner, and that is 跟进人.
    ("公海", ""),
    ("分配时间", "归属时间"),
    // The CRM sets its own; the account has no field for the old one.
    ("创建时间", ""),
    ("创建人", ""),
    ("最后跟进时间", ""),
    ("负责人主属部门", ""),
    ("生命状态", ""),
    ("锁定状态", ""),
    ("注册资本", "注册资本"),
    ("签约日期", "签约日期"),
    ("下次回访时间", "下次回访时间"),
    ("财务邮箱", "财务邮箱"),
    ("备注", "备注"),
    ("统一社会信用代码", ""),
    ("跟进记录", ""),
    ("访客ID", "访客ID"),
    ("联系邮箱", "邮箱2"),
    ("商机金额", ""),
    ("是否上市", ""),
];

/// What a person fills in for the words of the sheet.
const DECIDED: &[(&str, &str)] = &[
    ("百度推广", "百度"),
    ("A", "A类"),
    ("重点客户", "VIP"),
    ("浙江省", "浙江"),
    ("宁波市", "宁波"),
    ("张三", "8310"),
    ("李四", "8311"),
    ("王五(离职)", "8310"),
];

fn with_export(scene: &Scene) {
    let bytes = std::fs::read(fixture("crm_export.xlsx")).unwrap();
    scene.write("export.xlsx", &bytes);
    let fields = std::fs::read(sample("fields.json")).unwrap();
    scene.write("fields.json", &fields);
}

#[test]
fn an_export_of_another_crm_is_proposed_rightly_and_nothing_is_wrongly_certain() {
    let scene = Scene::new();
    with_export(&scene);
    let line = "map export.xlsx --fields fields.json -o m.toml --json";
    let told = scene.ferry(line).exits(0).json();
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    let columns = mapping["columns"].as_table().unwrap();
    assert_eq!((columns.len(), EXPECTED.len()), (40, 40));
    let (mut right, mut wrong) = (0, Vec::new());
    for (header, field) in EXPECTED {
        let column = columns[*header].as_table().unwrap();
        let proposed = column
            .get("field")
            .map_or("", |field| field.as_str().unwrap());
        let is_certain = !column.contains_key("doubt");
        if proposed == *field {
            right += 1;
        } else {
            wrong.push((header, proposed));
            assert!(
                !is_certain,
                "{header} is wrongly certain to be “{proposed}”"
            );
        }
    }
    assert!(
        right * 10 >= EXPECTED.len() * 9,
        "{right} are right; wrong: {wrong:?}"
    );
    // Doubts of the design notes are doubts here.
    for header in [
        "固话",
        "微信昵称",
        "公海",
        "创建时间",
        "客户ID",
        "统一社会信用代码",
        "签约日期",
    ] {
        assert!(
            columns[header].as_table().unwrap().contains_key("doubt"),
            "{header}"
        );
    }
    let doubts = columns
        .values()
        .filter(|column| column.as_table().unwrap().contains_key("doubt"));
    assert_eq!(told["doubts"].as_array().unwrap().len(), doubts.count());
    // Words and owners with the rows that hold them.
    let owners: Vec<&String> = mapping["owner_ids"].as_table().unwrap().keys().collect();
    assert_eq!(owners.len(), 3);
    assert!(text.contains("\"张三\" = \"?\"  # 12 ×"), "{text}");
    assert!(
        text.contains("\"百度推广\" = \"? 百度\"  # 6 ×, ≈ 百度"),
        "{text}"
    );
}

/// The proposal with every doubt decided as a person would.
fn decide(text: &str) -> String {
    let mut lines = Vec::new();
    let is_open = |line: &&str| !line.starts_with("doubt = ") && !line.starts_with("merge_rows = ");
    for line in text.lines().filter(is_open) {
        let word = line
            .split_once(" = \"?")
            .map(|(word, _)| word.trim_matches('"'));
        lines.push(match word {
            Some(word) => {
                let decided = DECIDED.iter().find(|(known, _)| *known == word);
                let (_, meaning) = decided.unwrap_or_else(|| panic!("{word} is not expected"));
                format!("\"{word}\" = \"{meaning}\"")
            }
            None => line.to_owned(),
        });
        if line == "field = \"签约日期\"" {
            lines.push("format = \"yy-MM-dd\"".to_owned());
        }
    }
    lines.join("\n")
}

#[test]
fn a_decided_proposal_imports() {
    let scene = Scene::new();
    with_export(&scene);
    scene.ferry("map export.xlsx -o m.toml").exits(0);
    let proposed = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    scene
        .ferry("import export.xlsx --map m.toml")
        .exits(3)
        .says("“固话” is not decided")
        .says("m.toml:")
        .says("“百度推广” is not decided");
    assert_eq!(
        scene.crm.counters().calls,
        1,
        "the field list, and nothing else"
    );

    scene.write("m.toml", decide(&proposed));
    let sheet = scene
        .ferry("import export.xlsx --map m.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.rows.len(), 36);
    let told: BTreeMap<&str, &str> = sheet
        .column("_row")
        .into_iter()
        .zip(sheet.column("_error_code"))
        .filter(|(_, code)| !code.is_empty())
        .collect();
    // Row 16 has 1.38E+10 for a phone, row 25 an address without its sign.
    assert_eq!(told, BTreeMap::from([("16", "E409"), ("25", "E407")]));
    assert_eq!(sheet.count("ok"), 34);

    // Row 6 of the export: the third of the first company.
    let row = sheet
        .column("_row")
        .iter()
        .position(|row| *row == "6")
        .unwrap();
    let stored = scene.crm.customer(sheet.cell(row, "_id")).unwrap();
    assert_eq!(stored["customerName"], "杭州青松机械有限公司");
    assert_eq!(stored["owner"], "8310");
    assert_eq!(
        stored["cascade_r2lb_1687316902233"],
        serde_json::json!(["浙江", "杭州", "西湖"])
    );
    assert_eq!(stored["select_w1fs_1687316790458"], "A类");
    assert_eq!(stored["mobile"][0]["memo"], "吴美玲");
    let phones: Vec<&str> = stored["mobile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["value"].as_str().unwrap())
        .collect();
    assert_eq!(phones, ["13320033757", "15320033757"]);
    assert_eq!(stored["date_v7hn_1687316560031"], "2024-04-05");
}

#[test]
fn the_workbook_says_the_same_and_names_its_cells() {
    let scene = Scene::new();
    with_export(&scene);
    let line = "map export.xlsx --fields fields.json -o";
    scene.ferry(&format!("{line} m.xlsx")).exits(0);
    scene.ferry(&format!("{line} m.toml")).exits(0);
    let told = |mapping: &str| {
        let line = format!("check export.xlsx --fields fields.json --map {mapping} --json");
        let errors = scene.ferry(&line).exits(3).json()["errors"].clone();
        errors.as_array().unwrap().len()
    };
    assert_eq!(told("m.xlsx"), told("m.toml"));
    scene
        .ferry("check export.xlsx --fields fields.json --map m.xlsx")
        .exits(3)
        // 固话 is the eighth column, “Doubt” the sixth of the sheet.
        .says("m.xlsx Columns!F9: “固话” is not decided");
    let columns = Table::read_sheet(&scene.path("m.xlsx"), 1);
    assert_eq!(columns.cell(7, "Header"), "固话");
    assert_eq!(columns.cell(7, "Field"), "座机");
    let owners = Table::read_sheet(&scene.path("m.xlsx"), 3);
    assert_eq!(owners.column("Name").len(), 3);
}

#[test]
fn a_mapping_is_never_overwritten_without_yes() {
    let scene = Scene::new();
    with_export(&scene);
    scene.ferry("map export.xlsx --fields fields.json").exits(0);
    scene.write("export.map.xlsx", "mine");
    let line = "map export.xlsx --fields fields.json";
    let mapping = || std::fs::read(scene.path("export.map.xlsx")).unwrap();
    // Whether it is named or not: somebody may have filled it in.
    for named in ["", "-o export.map.xlsx"] {
        scene
            .ferry(&format!("{line} {named}"))
            .exits(2)
            .says("export.map.xlsx is there already");
        assert_eq!(mapping(), b"mine");
    }
    scene.ferry(&format!("{line} --yes")).exits(0);
    assert_ne!(mapping(), b"mine");
    scene
        .ferry("map export.xlsx --fields fields.json -o m.txt")
        .exits(2);
    scene
        .ferry("map export.xlsx --fields fields.json -o export.xlsx")
        .exits(2);
}

#[test]
fn look_up_files_are_read_beside_the_mapping_and_kept_with_the_job() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("maps")).unwrap();
    scene.write(
        "maps/owners.csv",
        "姓名,ID\n张三,8310\n8311,李四\n王五,1\n王五,2\n",
    );
    scene.write("maps/levels.csv", "甲,A类\n乙,B类\n");
    scene.write(
        "maps/m.toml",
        "owners = \"owners.csv\"\n[columns.\"等级\"]\nfield = \"客户级别\"\nlookup = \"levels.csv\"\n",
    );
    let table = Table::of(
        &["客户名称", "负责人", "等级"],
        &[
            &["一", "张三", "甲"],
            &["二", "李四", "乙"],
            &["三", "王五", "甲"],
            &["四", "8313", "丙"],
        ],
    );
    scene.save("t.csv", &table);
    let sheet = scene
        .ferry("import t.csv --map maps/m.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_error_code"), ["", "", "E441", "E440"]);
    let stored = scene.crm.customer(sheet.cell(1, "_id")).unwrap();
    assert_eq!(
        (&stored["owner"], &stored["select_w1fs_1687316790458"]),
        (&"8311".into(), &"B类".into())
    );
    let kept = std::fs::read_to_string(scene.job_file("lookups.json")).unwrap();
    assert!(
        kept.contains("owners.csv") && kept.contains("levels.csv"),
        "{kept}"
    );
    let spec = std::fs::read_to_string(scene.job_file("job.json")).unwrap();
    assert!(
        spec.contains("levels.csv") && !spec.contains("李四"),
        "{spec}"
    );

    scene.write("maps/bad.toml", "owners = \"nobody.csv\"\n");
    scene
        .ferry("import t.csv --map maps/bad.toml")
        .exits(3)
        .says("bad.toml:1:10")
        .says("nobody.csv");
}

#[test]
fn policies_act_on_updates_by_id() {
    let scene = Scene::new();
    let first = Table::of(
        &["客户名称", "手机", "手机2", "客户级别", "客户编号"],
        &[&["甲", "13800138000", "13900139000", "A类", ""]],
    );
    scene.save("first.csv", &first);
    scene.ferry("import first.csv").exits(0);
    let id = scene.id_of("甲");
    scene.write(
        "m.toml",
        "[columns.\"手机\"]\nlist = \"replace\"\n[columns.\"客户级别\"]\noverwrite = \"if_blank\"\n[columns.\"客户编号\"]\noverwrite = \"if_blank\"\n[columns.\"客户名称\"]\noverwrite = \"never\"\n",
    );
    let second = Table::of(
        &["_id", "客户名称", "手机", "客户级别", "客户编号"],
        &[&[&id, "乙", "13700137000", "B类", "7"]],
    );
    scene.save("second.csv", &second);
    scene.ferry("import second.csv --map m.toml").exits(0);
    let stored = scene.crm.customer(&id).unwrap();
    assert_eq!(stored["customerName"], "甲");
    assert_eq!(stored["mobile"].as_array().unwrap().len(), 1);
    assert_eq!(stored["mobile"][0]["value"], "13700137000");
    assert_eq!(stored["select_w1fs_1687316790458"], "A类");
    assert_eq!(stored["text_k2ad_1687316401122"], "7");
}

#[test]
fn a_sheet_whose_headers_match_nothing_is_proposed_too() {
    let scene = Scene::new();
    let table = Table::of(
        &["甲方", "号", "邮"],
        &[
            &["一公司", "13800138000", "a@b.cn"],
            &["二公司", "13900139000", "c@d.cn"],
        ],
    );
    scene.save("t.csv", &table);
    let told = scene
        .ferry("map t.csv -o t.map.toml --json")
        .exits(0)
        .json();
    assert_eq!(
        (&told["certain"], told["doubts"].as_array().unwrap().len()),
        (&0.into(), 3)
    );
    let text = std::fs::read_to_string(scene.path("t.map.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    assert_eq!(mapping["columns"]["号"]["field"].as_str(), Some("手机"));
    assert_eq!(mapping["columns"]["邮"]["field"].as_str(), Some("邮箱"));
    // Names of companies, of which nothing else is known.
    assert_eq!(
        mapping["columns"]["甲方"]["field"].as_str(),
        Some("客户名称")
    );
}

#[test]
fn constants_and_sheets_come_from_the_mapping() {
    let scene = Scene::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for name in ["三月", "四月"] {
        let sheet = book.add_worksheet();
        sheet.set_name(name).unwrap();
        Table::of(&["客户名称", "手机"], &[&[name, "13800138000"]]).fill(sheet);
    }
    book.save(scene.path("t.xlsx")).unwrap();
    scene.write(
        "m.toml",
        "sheet = \"四月\"\n[constants]\n\"创建方式\" = \"名单 {sheet}\"\n",
    );
    let sheet = scene
        .ferry("import t.xlsx --map m.toml --json")
        .exits(0)
        .sheet();
    assert_eq!(sheet.column("客户名称"), ["四月"]);
    let stored = scene.crm.customer(sheet.cell(0, "_id")).unwrap();
    assert_eq!(stored["createMethod"], "名单 四月");
    // A flag wins over the mapping.
    let sheet = scene
        .ferry("import t.xlsx --map m.toml --sheet 三月 --json")
        .exits(0)
        .sheet();
    assert_eq!(sheet.column("客户名称"), ["三月"]);
    // A mapping to go on from says which sheet.
    scene
        .ferry("map t.xlsx --map m.toml -o n.toml")
        .exits(0)
        .says("0 to be decided");
    let again = std::fs::read_to_string(scene.path("n.toml")).unwrap();
    assert!(again.contains("\"创建方式\" = \"名单 {sheet}\""), "{again}");
}

#[test]
fn an_earlier_mapping_stands_and_only_what_it_lacks_is_added() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "[owner_ids]\n\"张三\" = \"8310\"\n[columns.\"名字\"]\nfield = \"客户名称\"\n[columns.\"渠道\"]\nfield = \"客户来源\"\nchoices = { \"百度推广\" = \"百度\" }\n[columns.\"传真\"]\nignore = true\n",
    );
    let table = Table::of(
        &["名字", "渠道", "跟进人", "手机"],
        &[
            &["甲", "百度推广", "张三", "13800138000"],
            &["乙", "百度竞价", "李四", "13900139000"],
        ],
    );
    scene.save("t.csv", &table);
    scene
        .ferry("map t.csv --map m.toml -o n.toml")
        .exits(0)
        // The sheet has lost a column.
        .says("传真");
    let text = std::fs::read_to_string(scene.path("n.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    assert_eq!(
        mapping["columns"]["名字"]["field"].as_str(),
        Some("客户名称")
    );
    let choices = &mapping["columns"]["渠道"]["choices"];
    assert_eq!(choices["百度推广"].as_str(), Some("百度"));
    assert_eq!(choices["百度竞价"].as_str(), Some("? 百度"));
    assert_eq!(mapping["owner_ids"]["张三"].as_str(), Some("8310"));
    assert_eq!(mapping["owner_ids"]["李四"].as_str(), Some("?"));
    assert_eq!(mapping["columns"]["手机"]["field"].as_str(), Some("手机"));
    assert!(mapping["columns"].get("传真").is_none());
}

#[test]
fn a_mapping_workbook_can_be_filled_in_without_reading_anything_else() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "手机", "渠道", "负责人"],
        &[
            &["甲", "13800138000", "百度推广", "张三"],
            &["乙", "13900139000", "百度推广", "李四"],
            &["丙", "13700137000", "百度", "8310"],
        ],
    );
    scene.save("t.csv", &table);
    scene.ferry("map t.csv --lang zh").exits(0);
    let path = scene.path("t.map.xlsx");
    let guide = Table::read_sheet(&path, 0);
    assert!(guide.column("怎么填")[0].contains("黄色"));
    let columns = Table::read_sheet(&path, 1);
    assert_eq!(columns.cell(0, "示例"), "甲 | 乙 | 丙");
    let choices = Table::read_sheet(&path, 2);
    assert_eq!(choices.cell(0, "CRM选项"), "百度");
    assert_eq!(choices.cell(0, "行数"), "2");
    assert!(!choices.cell(0, "疑问").is_empty());

    // Drop-downs for field, choice and owner, and the settings that few people need out of sight.
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut part = |number: u32| {
        let name = format!("xl/worksheets/sheet{number}.xml");
        let mut text = String::new();
        std::io::Read::read_to_string(&mut archive.by_name(&name).unwrap(), &mut text).unwrap();
        text
    };
    let fields = part(2);
    assert!(fields.contains("<formula1>_words!$A$3:$A$"), "{fields}");
    assert!(fields.contains("outlineLevel=\"1\""), "{fields}");
    assert!(part(3).contains("MATCH($A2,"));
    assert!(part(4).contains("<formula1>_words!$B$3:$B$"));
    // Amber is a rule and no paint: it goes when the doubt does.
    assert!(
        fields.contains("<formula>OR($F2&lt;&gt;\"\",LEFT($D2,1)=\"?\")</formula>"),
        "{fields}"
    );
    let owners =
        "<formula>OR($C2&lt;&gt;\"\",LEFT($B2,1)=\"?\",AND($A2&lt;&gt;\"\",$B2=\"\"))</formula>";
    assert!(part(4).contains(owners), "{}", part(4));
    // A count is a number, and no text that Excel marks.
    assert!(part(3).contains("<v>2</v>"));

    scene
        .ferry("check t.csv --map t.map.xlsx --lang en")
        .exits(3)
        .says("选项对照!E2: “百度推广” is not decided")
        .says("负责人对照!")
        .says("(blank) in a workbook");
}

#[test]
fn an_owner_can_be_mapped_to_nobody() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "[owner_ids]\n\"公共\" = \"\"\n\"张三\" = \"8310\"\n",
    );
    let table = Table::of(&["客户名称", "负责人"], &[&["甲", "公共"], &["乙", "张三"]]);
    scene.save("t.csv", &table);
    let sheet = scene
        .ferry("import t.csv --map m.toml --json")
        .exits(0)
        .sheet();
    let owner = |row: usize| {
        let stored = scene.crm.customer(sheet.cell(row, "_id")).unwrap();
        stored.get("owner").cloned()
    };
    assert_eq!(owner(0), None);
    assert_eq!(owner(1), Some("8310".into()));
}

#[test]
fn a_mapped_path_is_not_mapped_again_level_by_level() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "[columns.\"地区\"]\nfield = \"所在地区\"\nchoices = { \"总部\" = \"浙江/杭州/西湖\", \"杭州\" = \"宁波\" }\n",
    );
    let table = Table::of(&["客户名称", "地区"], &[&["甲", "总部"]]);
    scene.save("t.csv", &table);
    let sheet = scene
        .ferry("import t.csv --map m.toml --json")
        .exits(0)
        .sheet();
    let stored = scene.crm.customer(sheet.cell(0, "_id")).unwrap();
    assert_eq!(
        stored["cascade_r2lb_1687316902233"],
        serde_json::json!(["浙江", "杭州", "西湖"])
    );
}

/// Headers of real workbooks, with other words than the fields' labels, units, and a name that only its cells tell.
/// The words of a header that comes again, and of a sum, are nobody's choices and owners.
/// A person goes through the workbook sheet by sheet.
#[test]
fn what_is_undecided_is_listed_sheet_by_sheet() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "联系电话", "客户级别", "负责人"],
        &[
            &["甲", "13800138000", "重要", "张三"],
            &["甲", "057188888888", "普通", "李四"],
        ],
    );
    scene.save("t.csv", &table);
    scene.ferry("map t.csv -o m.xlsx").exits(0);
    let said = scene.ferry("check t.csv --map m.xlsx").exits(3).stderr;
    let at = |sheet: &str| {
        said.find(sheet)
            .unwrap_or_else(|| panic!("{sheet}: {said}"))
    };
    let places = ["Columns!", "Choices!", "Owners!", "Settings!"].map(at);
    assert!(places.is_sorted(), "{said}");
    assert!(said.contains("Merge rows"), "{said}");
}

/// A workbook is in one language, whose words are its titles, headings and drop-downs, and is read whatever language the
/// reader has. Only what is the account's own stays as it is.
#[test]
fn a_mapping_workbook_is_in_one_language() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "手机", "渠道", "负责人", "junk"],
        &[&["Acme", "13800138000", "google ads", "8310", "x"]],
    );
    scene.save("t.csv", &table);
    scene.ferry("map t.csv -o en.xlsx").exits(0);
    let path = scene.path("en.xlsx");
    let is_chinese = |text: &str| text.chars().any(|letter| ('一'..='鿿').contains(&letter));
    for (sheet, title) in [
        "How to fill in",
        "Columns",
        "Choices",
        "Owners",
        "Constants",
        "Settings",
    ]
    .into_iter()
    .enumerate()
    {
        let rows = Table::read_sheet(&path, sheet);
        assert!(!rows.headers.iter().any(|text| is_chinese(text)), "{title}");
    }
    let mut archive = zip::ZipArchive::new(std::fs::File::open(&path).unwrap()).unwrap();
    let mut workbook = String::new();
    std::io::Read::read_to_string(
        &mut archive.by_name("xl/workbook.xml").unwrap(),
        &mut workbook,
    )
    .unwrap();
    assert!(!is_chinese(&workbook), "{workbook}");
    let columns = Table::read_sheet(&path, 1);
    let junk = columns.column("Header");
    let junk = junk.iter().position(|header| *header == "junk").unwrap();
    assert_eq!(columns.cell(junk, "Ignore"), "yes");
    let mut choices = Table::read_sheet(&path, 2);
    choices.set(0, "CRM choice", "(blank)");
    choices.set(0, "Doubt", "");
    let mut columns = columns;
    for row in 0..columns.rows.len() {
        columns.set(row, "Doubt", "");
    }
    let mut book = rust_xlsxwriter::Workbook::new();
    for (title, table) in [("Columns", &columns), ("Choices", &choices)] {
        let sheet = book.add_worksheet();
        sheet.set_name(title).unwrap();
        table.fill(sheet);
    }
    book.save(scene.path("mine.xlsx")).unwrap();
    for lang in ["en", "zh"] {
        scene
            .ferry(&format!("check t.csv --map mine.xlsx --lang {lang}"))
            .exits(0);
    }
}

/// Who has nothing to decide is not told to decide it.
#[test]
fn a_proposal_without_doubts_says_so() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[&["甲公司", "13800138001"], &["乙公司", "13800138002"]];
    scene.save("a.csv", &Table::of(&["客户名称", "手机"], rows));
    let run = scene.ferry("map a.csv").exits(0);
    let run = run.says("nothing is in doubt: `ferry check");
    assert!(!run.stderr.contains("decide what"), "{}", run.stderr);
    scene.save(
        "b.csv",
        &Table::of(&["客户名称", "不明"], &[&["甲公司", "1"]]),
    );
    scene
        .ferry("map b.csv")
        .exits(0)
        .says("decide what is marked");
}

/// `map` and `import` have one rule, also where a header only resembles the label and the cells decide.
#[test]
fn a_wrong_owner_of_a_mapping_is_told_how_nobody_is_written() {
    let scene = Scene::new();
    scene.save(
        "t.csv",
        &Table::of(&["客户名称", "负责人"], &[&["甲公司", "张三"]]),
    );
    scene.write("m.toml", "[owner_ids]\n\"张三\" = \"无\"\n");
    let said = scene.ferry("check t.csv --map m.toml").exits(3);
    said.says("[E346]")
        .says("(blank) in a workbook, \"\" in TOML");
}

#[test]
fn a_mapping_workbook_as_source_is_named_as_what_it_is() {
    let scene = Scene::new();
    scene.save("t.csv", &Table::of(&["客户名称"], &[&["甲公司"]]));
    scene.ferry("map t.csv -o m.xlsx").exits(0);
    for command in ["check", "import --mode add", "plan"] {
        scene
            .ferry(&format!("{command} m.xlsx"))
            .exits(3)
            .says("[E327]")
            .says("--map");
    }
}

#[test]
fn a_long_name_of_a_source_makes_a_shorter_one_of_its_mapping() {
    let scene = Scene::new();
    let name = format!("{}.csv", "长".repeat(83));
    scene.save(&name, &Table::of(&["客户名称"], &[&["甲公司"]]));
    scene.ferry(&format!("map {name}")).exits(0);
    let made = std::fs::read_dir(scene.path(""))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .find(|name| name.ends_with(".map.xlsx"));
    assert!(made.is_some_and(|name| name.starts_with("长长")));
}
