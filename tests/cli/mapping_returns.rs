//! Mappings and the result sheets of their jobs: a sheet that comes back is read as its job read the file.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::support::{Scene, Table};

#[test]
fn a_result_sheet_remembers_its_mapping() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "[owner_ids]\n\"张三\" = \"8310\"\n[columns.\"名字\"]\nfield = \"客户名称\"\n[columns.\"渠道\"]\nfield = \"客户来源\"\nchoices = { \"百度推广\" = \"百度\" }\n[columns.\"日期\"]\nfield = \"签约日期\"\nformat = \"dd/MM/yyyy\"\n[columns.\"传真\"]\nignore = true\n",
    );
    let table = Table::of(
        &["名字", "手机", "渠道", "日期", "负责人", "传真"],
        &[
            &["甲", "13800138000", "百度推广", "03/04/2024", "张三", "1"],
            &["乙", "wrong", "百度推广", "04/05/2024", "张三", "2"],
        ],
    );
    scene.save("t.csv", &table);
    let sheet = scene
        .ferry("import t.csv --map m.toml -o r.xlsx --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.count("ok"), 1);
    // The mapping is gone; the job knows what it said.
    std::fs::remove_file(scene.path("m.toml")).unwrap();
    scene
        .ferry("check r.xlsx --lang en")
        .exits(3)
        .says("1 to skip, 1 invalid");
    scene
        .ferry("import r.xlsx -o r2.xlsx --lang en")
        .exits(4)
        .says("columns are read as before");

    // Elsewhere nobody knows what the words mean.
    scene
        .ferry("import r.xlsx --state-dir elsewhere --lang en")
        .exits(3)
        .says("E356")
        .says("--map");
}

/// `apply` keeps the job's description anew. What the look-ups said must stay with the job: the result sheet needs it.
#[test]
fn a_result_sheet_of_a_plan_comes_back_with_owners_by_name() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "[owner_ids]\n\"张三\" = \"8310\"\n[columns.\"等级\"]\nfield = \"客户级别\"\nchoices = { \"重要\" = \"A类\" }\n",
    );
    let table = Table::of(
        &["客户名称", "负责人", "等级", "邮箱"],
        &[
            &["一", "张三", "重要", ""],
            &["二", "张三", "重要", "no address"],
        ],
    );
    scene.save("t.csv", &table);
    scene.ferry("plan t.csv --map m.toml").exits(4);
    scene.ferry("apply -o r.xlsx").exits(4);
    let again = scene.ferry("import r.xlsx --json").exits(4).sheet();
    assert_eq!(again.column("_error_code"), ["E426", "E407"]);
}

/// A mapping names the sheet and the header row of the file that it was made for. A result sheet has others.
#[test]
fn a_mapping_fits_the_result_sheet_of_its_file() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "客户级别"],
        &[&["甲", "A类"], &["乙", "重要"]],
    );
    scene.save("t.xlsx", &table);
    scene.ferry("import t.xlsx -o r.xlsx").exits(4);
    scene.write("m.toml", "sheet = \"Sheet9\"\nheader_row = 7\n");
    scene
        .ferry("check t.xlsx --map m.toml")
        .exits(3)
        .says("E307");
    let run = scene.ferry("check r.xlsx --map m.toml").exits(3);
    assert!(run.says("E402").stderr.matches("E307").count() == 0);
}

/// A CSV file has no hidden sheet: its rows name their job.
#[test]
fn a_result_sheet_in_csv_remembers_its_mapping() {
    let scene = Scene::new();
    let mapping = "[owner_ids]\n\"张三\" = \"8310\"\n[columns.\"名字\"]\nfield = \"客户名称\"\n[columns.\"渠道\"]\nfield = \"客户来源\"\nchoices = { \"百度推广\" = \"百度\" }\n[columns.\"日期\"]\nfield = \"签约日期\"\nformat = \"dd/MM/yyyy\"\n[columns.\"传真\"]\nignore = true\n";
    scene.write("m.toml", mapping);
    let headers = ["名字", "手机", "渠道", "日期", "负责人", "传真"];
    let rows: &[&[&str]] = &[
        &["甲", "13800138000", "百度推广", "03/04/2024", "张三", "1"],
        &["乙", "wrong", "百度推广", "04/05/2024", "张三", "2"],
    ];
    scene.save("t.csv", &Table::of(&headers, rows));
    scene.ferry("import t.csv --map m.toml -o r.csv").exits(4);
    std::fs::remove_file(scene.path("m.toml")).unwrap();
    scene
        .ferry("check r.csv --lang en")
        .exits(3)
        .says("1 to skip, 1 invalid")
        .says("columns are read as before");
    let mut mended = Table::read(&scene.path("r.csv"));
    mended.set(1, "手机", "13900139000");
    scene.save("mended.csv", &mended);
    scene
        .ferry("import mended.csv -o r2.csv --lang en")
        .exits(0)
        .says("[E358]");
    let stored = scene.crm.customer(&scene.id_of("乙")).unwrap();
    assert_eq!(stored["customerSource"], serde_json::json!(["百度"]));
    assert_eq!(stored["owner"], "8310");
    assert_eq!(stored["date_v7hn_1687316560031"], "2024-05-04");
    // The sheet of that import has the mapping as well.
    scene.ferry("import r2.csv").exits(9).says("[E358]");

    // Elsewhere nobody knows whether there was a mapping.
    scene
        .ferry("import r.csv --state-dir elsewhere --lang en")
        .exits(3)
        .says("[E359]")
        .says("--map");
    // With the mapping typed, nothing is recalled. Both rows are done by now.
    scene.write("m.toml", mapping);
    let run = scene
        .ferry("check r.csv --map m.toml")
        .exits(0)
        .says("2 to skip");
    assert!(!run.stderr.contains("E358"), "{}", run.stderr);

    // Rows of jobs that read their columns differently are not guessed at.
    let other = mapping.replace("\"百度推广\" = \"百度\"", "\"百度推广\" = \"\"");
    scene.write("other.toml", other);
    scene.save(
        "u.csv",
        &Table::of(&headers, &[&["丙", "", "百度推广", "", "", ""]]),
    );
    let second = scene
        .ferry("import u.csv --map other.toml --json")
        .exits(0)
        .json();
    mended.set(0, "_job", second["job"].as_str().unwrap());
    scene.save("mixed.csv", &mended);
    scene
        .ferry("check mixed.csv")
        .exits(3)
        .says("[E335]")
        .says("--map");
}

/// A result sheet of a job without a mapping, elsewhere: it is read by its headers, and that is said.
#[test]
fn a_result_sheet_in_csv_without_a_mapping_is_read_by_its_headers() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "手机"],
        &[&["甲", "13800138000"], &["乙", "wrong"]],
    );
    scene.save("t.csv", &table);
    scene.ferry("import t.csv -o r.csv").exits(4);
    let run = scene.ferry("check r.csv").exits(3);
    assert!(
        !run.stderr.contains("E358") && !run.stderr.contains("E359"),
        "{}",
        run.stderr
    );
    scene
        .ferry("check r.csv --state-dir elsewhere")
        .exits(3)
        .says("[E359]")
        .says("1 to skip, 1 invalid");
}

/// Writes a copy of a workbook, hidden sheets included, in which one text is another one.
fn edit(from: &Path, to: &Path, (old, new): (&str, &str)) {
    let mut book = zip::ZipArchive::new(File::open(from).unwrap()).unwrap();
    let mut copy = zip::ZipWriter::new(File::create(to).unwrap());
    for index in 0..book.len() {
        let mut part = book.by_index(index).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let name = part.name().unwrap().into_owned();
        copy.start_file(name, zip::write::SimpleFileOptions::default())
            .unwrap();
        let text = String::from_utf8(bytes).map(|text| text.replace(old, new).into_bytes());
        copy.write_all(&text.unwrap_or_else(std::string::FromUtf8Error::into_bytes))
            .unwrap();
    }
    copy.finish().unwrap();
}

/// The sheet of a check comes back without `--map`, mended, on any computer: no job keeps what its mapping said.
#[test]
fn the_sheet_of_a_check_remembers_its_mapping_and_keys() {
    let scene = Scene::new();
    scene.write(
        "m.toml",
        "merge_rows = [\"编号\"]\n[owner_ids]\n\"张三\" = \"8310\"\n[columns.\"编号\"]\nfield = \"客户编号\"\n[columns.\"等级\"]\nfield = \"客户级别\"\nchoices = { \"重要\" = \"A类\" }\n",
    );
    let table = Table::of(
        &["编号", "客户名称", "负责人", "等级", "手机"],
        &[
            &["1", "一", "张三", "重要", "13800138001"],
            &["2", "二", "张三", "重要", "1380013800X"],
            &["2", "二", "", "", "13800138003"],
        ],
    );
    scene.save("t.csv", &table);
    scene
        .ferry("check t.csv --map m.toml --key 客户编号 -o c.xlsx")
        .exits(3);
    std::fs::remove_file(scene.path("m.toml")).unwrap();
    assert_eq!(Table::read(&scene.path("c.xlsx")).rows.len(), 2);
    scene
        .ferry("check c.xlsx --lang en")
        .exits(3)
        .says("columns are read as before")
        .says("2 invalid");
    let from = scene.path("c.xlsx");
    edit(
        &from,
        &scene.path("mended.xlsx"),
        ("1380013800X", "13800138002"),
    );
    scene
        .ferry("c.xlsx --lang en")
        .exits(0)
        .prints("ferry import c.xlsx");
    scene
        .ferry("import mended.xlsx --state-dir elsewhere --lang en")
        .exits(0)
        .says("1 added, 1 united with a row above");
    let stored = scene.stored();
    assert_eq!(stored[0]["owner"], "8310");
    assert_eq!(stored[0]["select_w1fs_1687316790458"], "A类");
    assert_eq!(stored[0]["mobile"].as_array().map(Vec::len), Some(2));
}
