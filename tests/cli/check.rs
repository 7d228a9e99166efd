//! What a check finds: everything that is wrong with a row, what stands twice, and when it has seen enough.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Endpoint, FaultKind, Scene, Table, named};

/// The position of the sheet of problems.
const PROBLEMS: usize = 1;

/// A saved field list in which some fields are another type or required.
fn fields_with(scene: &Scene, change: impl Fn(&mut Value)) {
    scene.ferry("fields --save fields.json").exits(0);
    let path = scene.path("fields.json");
    let mut fields: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let list = match &mut fields {
        Value::Object(envelope) => envelope["data"].as_array_mut().unwrap(),
        other => other.as_array_mut().unwrap(),
    };
    list.iter_mut().for_each(change);
    scene.write("fields.json", fields.to_string());
}

#[test]
fn every_problem_of_a_row_is_said_at_once_with_its_cell_and_what_is_near() {
    let scene = Scene::new();
    let headers = &[
        "客户名称",
        "手机",
        "邮箱",
        "客户来源",
        "负责人",
        "注册资本",
        "签约日期",
        "客户级别",
        "所在地区",
        "座机",
    ];
    let row: &[&str] = &[
        "",
        "12",
        "nobody",
        "百度推广",
        "张三",
        "许多",
        "下周三",
        "E类",
        "浙江/杭洲",
        "一二三",
    ];
    scene.save("list.xlsx", &Table::of(headers, &[row]));
    scene.ferry("check list.xlsx -o problems.xlsx").exits(3);
    let found = Table::read_sheet(&scene.path("problems.xlsx"), PROBLEMS);
    // One problem for each cell, in the order of the columns, which stand behind three of ferry's.
    let cells: Vec<String> = ('D'..='M').map(|letter| format!("{letter}2")).collect();
    assert_eq!(found.column("cell"), cells);
    assert_eq!(found.column("column"), *headers);
    assert_eq!(
        found.column("code"),
        [
            "E401", "E406", "E407", "E402", "E413", "E405", "E403", "E402", "E411", "E406"
        ]
    );
    // Of a cascade, the level that is wrong.
    let mut values = row.to_vec();
    values[8] = "杭洲";
    assert_eq!(found.column("value")[1..], values[1..]);
    assert!(found.column("tip").iter().all(|tip| !tip.is_empty()));
    for (row, near) in [(3, "百度"), (7, "A类"), (8, "杭州")] {
        let message = found.cell(row, "message");
        assert!(
            message.contains("nearest") && message.contains(near),
            "{message}"
        );
    }
    // The import says the same.
    scene.ferry("import list.xlsx -o result.xlsx").exits(4);
    let said = Table::read_sheet(&scene.path("result.xlsx"), PROBLEMS);
    assert_eq!(
        (said.column("value"), said.column("code")),
        (found.column("value"), found.column("code"))
    );
    // There the customer's id stands in front as well.
    let cells: Vec<String> = ('E'..='N').map(|letter| format!("{letter}2")).collect();
    assert_eq!(said.column("cell"), cells);
}

#[test]
fn an_address_is_that_of_the_sheet_that_is_to_be_mended_and_equal_problems_are_one() {
    let scene = Scene::new();
    let rows: Vec<Vec<String>> = (1..=20)
        .map(|number| {
            let source = if number > 4 { "百度推广" } else { "百度" };
            let phone = if number == 3 { "12" } else { "" };
            [
                format!("客户 {number}"),
                phone.to_owned(),
                source.to_owned(),
            ]
            .to_vec()
        })
        .collect();
    let table = Table::of(&["客户名称", "手机", "客户来源"], &[]).appended(&rows);
    scene.save("list.xlsx", &table);
    // Without a sheet the file itself is mended.
    scene
        .ferry("check list.xlsx")
        .exits(3)
        .says("16 × 客户来源: “百度推广”")
        .says("first: C6 (客户 5)")
        .says("B4 (客户 3): ");
    scene
        .ferry("check list.xlsx -o problems.xlsx")
        .exits(3)
        .says("first: F3 (source row 6, 客户 5)")
        .says("E2 (source row 4, 客户 3): ");
    let run = scene.ferry("import list.xlsx -o result.xlsx").exits(4);
    run.says("16 × 客户来源: “百度推广”")
        .says("first: G6 (source row 6, 客户 5)")
        .says("F4 (source row 4, 客户 3): ");
    let result = Table::read(&scene.path("result.xlsx"));
    assert_eq!(result.headers[..4], ["_result", "_id", "_error", "_tip"]);
    assert_eq!(result.headers[6], "客户来源");
    let problems = Table::read_sheet(&scene.path("result.xlsx"), PROBLEMS);
    assert_eq!(problems.cell(1, "customer"), "客户 5");
    assert_eq!(problems.cell(1, "cell"), "G6");
}

#[test]
fn an_id_that_stands_twice_is_said_also_in_rows_that_are_wrong_otherwise() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["685775343058800640", "甲", "下周三"],
        &["685775343058800640", "乙", ""],
        &["685775343058800641", "丙", ""],
        &["685775343058800641", "丁", "下周四"],
    ];
    scene.save(
        "list.csv",
        &Table::of(&["_id", "客户名称", "签约日期"], rows),
    );
    for id in ["685775343058800640", "685775343058800641"] {
        let stored = serde_json::json!({"_id": id, "customerName": "旧"});
        scene.crm.insert(stored.as_object().cloned().unwrap());
    }
    scene.ferry("check list.csv -o problems.csv --all").exits(3);
    let checked = Table::read(&scene.path("problems.csv"));
    let codes = ["E403", "E415", "", "E403; E415"];
    assert_eq!(checked.column("_error_code"), codes);
    let sheet = scene
        .ferry("import list.csv --strict --json")
        .exits(3)
        .sheet();
    assert_eq!(sheet.column("_error_code"), codes);
}

#[test]
fn a_check_knows_keys_as_an_import_does() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "138-0013-8000", "x"],
        &["乙", "+86 138 0013 8000", ""],
        &["丙", "", ""],
        &["丁", "13700137000", ""],
        &["戊", "1", ""],
    ];
    scene.save(
        "list.csv",
        &Table::of(&["客户名称", "手机", "签约日期"], rows),
    );
    let checked = |line: &str| {
        scene
            .ferry(&format!("check list.csv -o problems.csv --all {line}"))
            .exits(3);
        let table = Table::read(&scene.path("problems.csv"));
        table.column("_error_code").join(",")
    };
    // The first is wrong as well; whose key it is, a person decides. A phone that is none is not a blank key.
    assert_eq!(checked("--key 手机"), "E403,E435,E434,,E406");
    assert_eq!(checked("--key 手机 --blank-key add"), "E403,E435,,,E406");
    assert_eq!(checked(""), "E403,,,,E406");
    let sheet = scene
        .ferry("import list.csv --key 手机 --json")
        .exits(4)
        .sheet();
    assert_eq!(
        sheet.column("_error_code").join(","),
        "E403,E435,E434,,E406"
    );
    scene
        .ferry("check list.csv --key 幸运数字")
        .exits(3)
        .says("[E320]");
}

/// Rows of one customer share id and key on purpose, also when one of them is wrong.
#[test]
fn rows_of_one_customer_do_not_stand_twice() {
    let scene = Scene::new();
    scene.write("m.toml", "merge_rows = [\"客户名称\"]\n");
    let rows: &[&[&str]] = &[
        &["甲", "13800138000", "下周三"],
        &["甲", "13900139000", ""],
        &["乙", "13700137000", ""],
        &["乙", "13600136000", ""],
    ];
    scene.save(
        "list.csv",
        &Table::of(&["客户名称", "手机", "签约日期"], rows),
    );
    for (command, code) in [
        ("check list.csv -o out.csv --all", 3),
        ("import list.csv -o out.csv", 4),
    ] {
        let line = format!("{command} --map m.toml --key 客户名称");
        scene.ferry(&line).exits(code);
        let codes = Table::read(&scene.path("out.csv"))
            .column("_error_code")
            .join(",");
        assert!(
            !codes.contains("E435") && codes.starts_with("E403,E445,"),
            "{codes}"
        );
    }
}

#[test]
fn a_field_of_an_unknown_type_is_text_and_that_is_said_once() {
    let scene = Scene::new();
    fields_with(&scene, |field| {
        if field["param"] == "text_6ts9_1687316347239" {
            field["type"] = json!("hologram");
        }
    });
    let list = Table::of(
        &["客户名称", "详细地址"],
        &[&["甲", "00123"], &["乙", "=1+1"]],
    );
    scene.save("list.xlsx", &list);
    let said = scene.ferry("check list.xlsx --fields fields.json").exits(0);
    assert_eq!(said.stderr.matches("[E308]").count(), 1, "{}", said.stderr);

    // And on the wire, where the server's own list says so.
    let options = crm_ferry::sandbox::Options {
        fields: Some(scene.path("fields.json")),
        ..Default::default()
    };
    let other = Scene::with(options);
    other.save("list.xlsx", &list);
    let said = other.ferry("import list.xlsx").exits(0);
    assert_eq!(said.stderr.matches("[E308]").count(), 1, "{}", said.stderr);
    let stored = other.crm.customer(&other.id_of("甲")).unwrap();
    assert_eq!(stored["text_6ts9_1687316347239"], "00123");
}

/// The value of a field in the only add that was made, and how the import ended.
fn sent(mapping: &str, header: &str, cell: &str, key: &str) -> (Value, i32) {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        format!("[columns.\"{header}\"]\nfield = \"{header}\"\n{mapping}"),
    );
    scene.save(
        "list.csv",
        &Table::of(&["客户名称", header], &[&["甲", cell]]),
    );
    let body: Arc<Mutex<Value>> = Arc::default();
    let seen = Arc::clone(&body);
    scene.crm.on_call(move |call| {
        if call.endpoint == Endpoint::Add {
            *seen.lock().unwrap() = serde_json::from_slice(call.body).unwrap();
        }
        None
    });
    let code = scene.ferry("import list.csv --map m.toml").code;
    let body = body.lock().unwrap();
    (body[key].clone(), code)
}

#[test]
fn choices_and_cascades_travel_as_the_field_says() {
    let (level, tags, region) = (
        ("客户级别", "b类", "select_w1fs_1687316790458"),
        (
            "客户标签",
            "VIP；Key Account",
            "multiSelect_h6jk_1687316845012",
        ),
        ("所在地区", "浙江/杭州", "cascade_r2lb_1687316902233"),
    );
    // The sandbox refuses an array of one choice: then the row is failed.
    for ((header, cell, key), mapping, expected, code) in [
        (level, "", json!("B类"), 0),
        (level, "send = \"key\"\n", json!("level_2"), 0),
        (level, "shape = \"array\"\n", json!(["B类"]), 4),
        (
            level,
            "send = \"key\"\nshape = \"array\"\n",
            json!(["level_2"]),
            4,
        ),
        (tags, "", json!(["VIP", "Key Account"]), 0),
        (tags, "send = \"key\"\n", json!(["tag_1", "tag_3"]), 0),
        (region, "", json!(["浙江", "杭州"]), 0),
    ] {
        assert_eq!(
            sent(mapping, header, cell, key),
            (expected, code),
            "{header} {mapping}"
        );
    }
}

#[test]
fn a_check_stops_when_it_has_seen_enough() {
    let scene = Scene::new();
    let mut list = Table::of(&["客户名称", "签约日期"], &[]);
    list.rows = (0..60)
        .map(|number| {
            let date = if number % 2 == 0 {
                "2024-11-14"
            } else {
                "下周三"
            };
            vec![format!("客户 {number}"), date.to_owned()]
        })
        .collect();
    scene.save("list.csv", &list);
    let rows_of = |limit: &str| {
        let run = scene
            .ferry(&format!("check list.csv --json {limit}"))
            .exits(3);
        let said = run.json();
        (
            said["rows"].as_u64().unwrap(),
            said["invalid"].as_u64().unwrap(),
        )
    };
    assert_eq!(rows_of(""), (60, 30));
    // The fourth wrong row is the eighth.
    assert_eq!(rows_of("--max-errors 3"), (8, 4));
    assert_eq!(rows_of("--max-errors 0"), (2, 1));
    // A percentage is taken from the twentieth row on.
    assert_eq!(rows_of("--max-errors 5%"), (20, 10));
    assert_eq!(rows_of("--max-errors 50%"), (60, 30));
    scene
        .ferry("check list.csv --max-errors 3")
        .exits(3)
        .says("stopped after 8 rows");
    scene.ferry("check list.csv --max-errors many").exits(2);
}

/// What a check found is mended in its own sheet, and that sheet is imported.
#[test]
fn the_sheet_of_a_check_is_mended_and_imported() {
    let scene = Scene::new();
    let customer = json!({"customerName": "老客户"});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    let rows: &[&[&str]] = &[
        &[&id, "老客户", "下周三"],
        &["", "新客户", "下周四"],
        &["甲乙丙", "错客户", ""],
        &["", "好客户", ""],
    ];
    scene.save(
        "list.xlsx",
        &Table::of(&["_id", "客户名称", "签约日期"], rows),
    );
    for lang in ["en", "zh"] {
        scene
            .ferry(&format!("check list.xlsx -o wrong.xlsx --lang {lang}"))
            .exits(3);
        let wrong = Table::read(&scene.path("wrong.xlsx"));
        assert_eq!(wrong.column("_row"), ["2", "3", "4"]);
        // An _id that is none is still there to be seen.
        assert_eq!(wrong.column("_id"), [id.as_str(), "", "甲乙丙"]);
        assert_eq!(wrong.column("_error_code"), ["E403", "E403", "E414"]);
    }
    let mut mended = Table::read(&scene.path("wrong.xlsx"));
    mended.set(0, "签约日期", "2024-11-14");
    mended.set(1, "签约日期", "2024-11-15");
    mended.set(2, "_id", "");
    scene.save("mended.xlsx", &mended);
    let said = scene.ferry("import mended.xlsx --json").exits(0).json();
    assert_eq!(
        (said["added"].as_u64(), said["updated"].as_u64()),
        (Some(2), Some(1))
    );
    let stored = scene.crm.customer(&id).unwrap();
    assert_eq!(stored["date_v7hn_1687316560031"], "2024-11-14");
}

/// Of a result sheet, a check keeps which job and row each row is: what is done stays done.
#[test]
fn a_checked_result_sheet_is_still_one() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[&["甲", ""], &["乙", "下周三"], &["丙", ""]];
    scene.save("list.xlsx", &Table::of(&["客户名称", "签约日期"], rows));
    scene.ferry("import list.xlsx -o result.xlsx").exits(4);
    scene
        .ferry("check result.xlsx -o checked.xlsx --all")
        .exits(3);
    let mut checked = Table::read(&scene.path("checked.xlsx"));
    let result = Table::read(&scene.path("result.xlsx"));
    for header in ["_row", "_status", "_job", "_id"] {
        assert_eq!(checked.column(header), result.column(header), "{header}");
    }
    checked.set(1, "签约日期", "2024-11-14");
    scene.save("mended.xlsx", &checked);
    let said = scene.ferry("import mended.xlsx --json").exits(0).json();
    assert_eq!(
        (said["added"].as_u64(), said["skipped"].as_u64()),
        (Some(1), Some(2))
    );
    assert_eq!(scene.crm.customer_count(), 3);
}

/// The counts that a check and an import of the same file have in common.
fn counts(said: &Value) -> [Option<u64>; 5] {
    ["rows", "added", "skipped", "unknown", "invalid"].map(|name| said[name].as_u64())
}

/// Rows in doubt counted as rows to add.
#[test]
fn a_check_of_a_result_sheet_counts_like_its_import() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.crm.on_call(|call| {
        let last = call.endpoint == Endpoint::Add && call.number == 10;
        last.then_some(FaultKind::Dropped)
    });
    scene
        .ferry("import list.csv --concurrency 1 -o first.csv --no-touch")
        .exits(6);
    scene.crm.on_call(|_| None);
    scene.ferry("fields --save fields.json").exits(0);
    let in_doubt = [Some(10), Some(0), Some(9), Some(1), Some(0)];
    // With the account, by the sheet alone, and where its job is not known.
    for flags in ["", "--fields fields.json", "--state-dir elsewhere"] {
        let said = scene
            .ferry(&format!("check first.csv --json {flags}"))
            .exits(0);
        assert_eq!(counts(&said.json()), in_doubt, "{flags}");
    }
    scene
        .ferry("check first.csv")
        .exits(0)
        .says("0 to add, 0 to update, 9 to skip, 1 unknown, 0 invalid");
    let imported = scene.ferry("import first.csv --json --no-touch").exits(6);
    assert_eq!(counts(&imported.json()), in_doubt);

    // A person has found it, has found that it is not there, or has mistyped.
    let mut sheet = Table::read(&scene.path("first.csv"));
    let id = scene
        .crm
        .insert(json!({"customerName": "十"}).as_object().cloned().unwrap());
    let other = sheet.cell(0, "_id").to_owned();
    for (header, text, expected) in [
        ("_id", id.as_str(), [0, 10, 0, 0]),
        ("_id", &other, [0, 9, 0, 1]),
        ("_id", "", [0, 9, 1, 0]),
        ("_status", "checking", [0, 9, 0, 1]),
        ("_status", "", [1, 9, 0, 0]),
    ] {
        sheet.set(9, header, text);
        scene.save("mended.csv", &sheet);
        let said = scene.ferry("check mended.csv --json").json();
        assert_eq!(counts(&said)[1..], expected.map(Some), "{header}={text}");
        let planned = scene.ferry("plan mended.csv --json").json();
        assert_eq!(counts(&planned)[1..], expected.map(Some), "{header}={text}");
    }
    // What a later job did with the row is known as well.
    scene.ferry("import mended.csv --json").exits(0);
    let said = scene.ferry("check first.csv --json").exits(0).json();
    let imported = scene.ferry("import first.csv --json").exits(9).json();
    assert_eq!(counts(&said), counts(&imported));
    assert_eq!(said["skipped"], 10);
}

#[test]
fn rows_that_were_added_before_are_skipped_by_a_check_too() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[&["甲"], &["甲"], &["乙"], &["甲"], &["丙"]];
    scene.save("first.csv", &Table::of(&["客户名称"], &rows[..3]));
    scene.ferry("import first.csv --mode add").exits(0);
    // Two equal rows were added, so a third is new.
    scene.save("more.csv", &Table::of(&["客户名称"], rows));
    let checked = scene.ferry("check more.csv --json").exits(0).json();
    let planned = scene
        .ferry("plan more.csv --mode add --json")
        .exits(0)
        .json();
    assert_eq!(
        counts(&checked),
        [Some(5), Some(2), Some(3), Some(0), Some(0)]
    );
    assert_eq!(counts(&checked), counts(&planned));
    // Another account has added nothing.
    let other = scene
        .ferry("check more.csv --sandbox --json")
        .exits(0)
        .json();
    assert_eq!(other["added"], 5);
}

#[test]
fn a_check_writes_what_an_import_writes() {
    let scene = Scene::new();
    scene.save("list.csv", &Table::of(&["客户名称"], &[&["甲"]]));
    scene.ferry("check list.csv -o list.txt").exits(2);
    scene.ferry("check list.csv -o -").exits(2);
    scene.ferry("check list.csv -o list.csv").exits(2);
    scene.ferry("check list.csv -o out.xlsx").exits(0);
    scene.ferry("check list.csv -o out.csv").exits(0);
    let bytes = std::fs::read(scene.path("out.csv")).unwrap();
    assert!(bytes.starts_with(b"\xEF\xBB\xBF"));
}

/// A check took no keys from the jobs of a result sheet: keys that stand twice, and blank ones, were found by the import
/// alone.
#[test]
fn a_check_takes_the_keys_that_a_result_sheet_remembers() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "13800138001"],
        &["乙", "13800138002"],
        &["丙", "138-0013-8001"],
        &["丁", "12"],
        &["戊", ""],
    ];
    scene.save("list.csv", &Table::of(&["客户名称", "手机"], rows));
    scene.ferry("fields --save fields.json").exits(0);
    scene
        .ferry("import list.csv --key 手机 -o result.xlsx")
        .exits(4);
    // The workbook remembers its keys where its job is not known; what is typed wins, and so does `--mode add`.
    let of = |flags: &str| {
        scene
            .ferry(&format!("check result.xlsx --json {flags}"))
            .json()
    };
    assert_eq!(of("--fields fields.json")["invalid"], 3);
    assert_eq!(of("--key 手机 --blank-key add")["invalid"], 2);
    assert_eq!(of("--mode add")["invalid"], 1);
    let mut sheet = Table::read(&scene.path("result.xlsx"));
    sheet.set(3, "手机", "13800138004");
    scene.save("mended.csv", &sheet);
    let expected = [5, 1, 2, 0, 2].map(Some);
    let check = scene.ferry("check mended.csv").exits(3);
    check.says("[E435]").says("[E434]").says("[E330]");
    for command in ["check", "plan", "import"] {
        let said = scene.ferry(&format!("{command} mended.csv --json"));
        let said = said.json();
        assert_eq!(counts(&said), expected, "{command}");
    }
}

/// Sums and headers between the rows of a result sheet were hidden by what ferry had written beside them.
#[test]
fn sums_and_headers_in_a_result_sheet_are_flagged() {
    let scene = Scene::new();
    // A sum has further problems, such as a phone that is none.
    let aside = |sheet: &Table| -> Vec<String> {
        let codes = sheet.column("_error_code").into_iter();
        let known = |codes: &str| {
            codes
                .split("; ")
                .find(|code| ["E423", "E463"].contains(code))
                .map(str::to_owned)
        };
        codes
            .map(|codes| known(codes).unwrap_or_default())
            .collect()
    };
    let header = ["客户名称", "手机", "备注"];
    let rows: &[&[&str]] = &[
        &["甲", "13800138001", "1"],
        &["客户名称", "手机", "备注"],
        &["乙", "13800138002", "2"],
        &["", "合计", "2 家"],
    ];
    scene.save("list.xlsx", &Table::of(&header, rows));
    for name in ["result.xlsx", "result.csv"] {
        scene
            .ferry(&format!("import list.xlsx --again -o {name}"))
            .exits(4);
        let mut sheet = Table::read(&scene.path(name));
        assert_eq!(aside(&sheet), ["", "E463", "", "E423"]);
        // A person adds a sum under the first of ferry's columns, one under the person's own, and the header whole.
        let headers = sheet.headers.clone();
        let lead = headers[0].clone();
        for cells in [
            vec![(lead.as_str(), "合计"), ("备注", "3")],
            vec![("客户名称", "总计"), ("备注", "300 家")],
            headers
                .iter()
                .map(|header| (header.as_str(), header.as_str()))
                .collect(),
            vec![("客户名称", name), ("手机", "13800138003")],
        ] {
            let row = sheet.rows.len();
            sheet.rows.push(vec![String::new(); headers.len()]);
            for (header, text) in cells {
                sheet.set(row, header, text);
            }
        }
        scene.save("mended.xlsx", &sheet);
        let checked = scene.ferry("check mended.xlsx --json").exits(3).json();
        assert_eq!(counts(&checked), [8, 1, 2, 0, 5].map(Some), "{name}");
        let said = scene
            .ferry("import mended.xlsx -o again.csv --json")
            .exits(4);
        assert_eq!(counts(&said.json()), [8, 1, 2, 0, 5].map(Some), "{name}");
        let codes = ["", "E463", "", "E423", "E423", "E423", "E463", ""];
        assert_eq!(aside(&Table::read(&scene.path("again.csv"))), codes);
    }
}
