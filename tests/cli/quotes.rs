//! Quotes of a CSV file that hide rows: nothing is sent, and the line is named in which the quote opens.

use std::fs::File;

use crate::support::{Output, Scene, Table, fixture};

#[track_caller]
fn is_refused(scene: &Scene, output: Output, says: &[&str]) {
    let output = output.exits(3).says("[E640]").says("hint: ");
    for text in says {
        assert!(
            output.stderr.contains(text),
            "“{text}” is not in: {}",
            output.stderr
        );
    }
    assert_eq!(scene.crm.customer_count(), 0);
    assert_eq!(scene.jobs(), [""; 0]);
}

#[test]
fn a_quote_that_is_closed_inside_a_cell() {
    for name in ["stray_quotes", "stray_quotes_name"] {
        let scene = Scene::new();
        let comma = std::fs::read_to_string(fixture(&format!("quotes/{name}.csv"))).unwrap();
        scene.write("quotes.csv", &comma);
        scene.write("quotes.tsv", comma.replace(',', "\t"));
        let says = ["line 3", "middle of a cell"];
        for file in ["quotes.csv", "quotes.tsv"] {
            for command in ["import", "plan", "check"] {
                let output = scene.ferry(&format!("{command} {file}"));
                is_refused(&scene, output, &says);
            }
            let mut command = scene.command("import -");
            command.stdin(File::open(scene.path(file)).unwrap());
            is_refused(&scene, Output::of(command), &says);
        }
    }
}

#[test]
fn quotes_that_stand_where_they_may_and_hide_rows() {
    let cases = [
        // A last cell that swallows the rows below.
        (
            "客户名称,手机,QQ,备注\n甲,13800138001,1,\"a\n乙,13800138002,2,b\n丙,13800138003,3,c\"\n",
            "line 2",
        ),
        // The quote closes in the same column of a later row.
        (
            "客户名称,备注,QQ\n甲,x,1\n乙,\"y,2\n丙,z,3\n\n丁,w\",4\n",
            "line 3",
        ),
        // It opens and closes in a field of one line.
        ("客户名称,备注,QQ\n甲,x,1\n\"乙,y\n丙\",z,2\n", "line 3"),
        (
            "客户名称,邮箱,备注\n甲,\"a@b.cn,x\n乙,c@d.cn\",y\n",
            "line 2",
        ),
        // It closes in another column.
        ("客户名称,备注,QQ\n甲,\"x\n乙\",y,2\n", "line 2"),
        ("客户名称\n甲\n\"乙\n丙\"\n", "line 3"),
    ];
    for (text, line) in cases {
        let scene = Scene::new();
        scene.write("hidden.csv", text);
        let output = scene.ferry("import hidden.csv");
        is_refused(&scene, output, &[line]);
        let output = scene.ferry("check hidden.csv");
        is_refused(&scene, output, &[line]);
    }
    let scene = Scene::new();
    scene.write("ids.csv", "_id,备注\n1,a\n2,\"b\n3,c\"\n");
    let output = scene.ferry("delete ids.csv");
    is_refused(&scene, output, &["line 3"]);
}

#[test]
fn text_of_several_lines_is_no_hidden_row() {
    let scene = Scene::new();
    let memo = "12 Main St\nSpringfield, IL, USA";
    let text = format!(
        "客户名称,手机,备注\n甲,\"13800138001\n13900139001\",\"{memo}\"\n乙,,\"地址：杭州,西湖\n电话：1,2,3\n\n完\"\n"
    );
    scene.write("memo.csv", text);
    let run = scene.ferry("import memo.csv --json").exits(0);
    assert_eq!(run.sheet().cell(0, "备注"), memo);
    assert_eq!(scene.crm.customer_count(), 2);
}

#[test]
fn a_line_break_in_a_name_is_a_problem_of_its_row() {
    let scene = Scene::new();
    scene.write("name.csv", "客户名称,备注,QQ\n\"甲\n公司\",x,1\n乙,y,2\n");
    scene
        .ferry("import name.csv -o result.csv")
        .exits(4)
        .says("[E454]");
    let sheet = Table::read(&scene.path("result.csv"));
    assert_eq!(sheet.count("invalid"), 1);
    assert_eq!(scene.names().keys().collect::<Vec<_>>(), ["乙"]);
}

#[test]
fn what_ferry_wrote_comes_back_whatever_its_cells_hold() {
    let scene = Scene::new();
    // A workbook says by itself where its cells end.
    let table = crate::support::Table::of(
        &["客户名称", "备注", "QQ"],
        &[&["甲\n公司", "x,1\n乙,y,2\n丙,z", "1"], &["丁", "w", "2"]],
    );
    scene.save("rows.xlsx", &table);
    scene.ferry("import rows.xlsx -o done.csv").exits(0);
    scene.ferry("import done.csv").exits(9);
    scene.ferry("export -o all.csv").exits(0);
    scene
        .ferry("import all.csv --ignore-unmapped")
        .exits(0)
        .says("unchanged");
}

#[test]
fn a_blank_before_a_quote_is_no_text() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(fixture("quotes/blank_before_quote.csv")).unwrap();
    scene.write("blank.csv", text.replace("客户编号", "QQ"));
    scene.ferry("import blank.csv").exits(0);
    let stored = scene.stored();
    let shown = serde_json::to_string(&stored).unwrap();
    assert!(!shown.contains("\\\""), "{shown}");
    for text in ["甲公司", "KH1", "好"] {
        assert!(shown.contains(&format!("\"{text}\"")), "{shown}");
    }
}
