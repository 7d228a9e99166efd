//! What people read, kept whole: the help of every command, typical errors, a result sheet's cells, each in
//! both languages. `INSTA_UPDATE=always cargo test snapshots` writes them anew after a wanted change.

use std::fmt::Write as _;

use crate::support::{Output, Scene, Table, sample};

const LANGUAGES: [&str; 2] = ["en", "zh"];

fn keep(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, text));
}

/// The names in the list of commands.
fn commands(scene: &Scene) -> Vec<String> {
    let help = scene.ferry("--help").exits(0).stdout;
    let list = help.split_once("Commands:\n").expect("a list").1;
    list.lines()
        .take_while(|line| !line.is_empty())
        // Further lines of a text are indented more.
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn help_of_every_command() {
    let scene = Scene::new();
    let mut lines = vec![("ferry".to_owned(), "--help".to_owned())];
    for name in commands(&scene) {
        lines.push((name.clone(), format!("{name} --help")));
    }
    assert!(lines.len() > 9, "{lines:?}");
    for (name, line) in lines {
        for lang in LANGUAGES {
            let help = scene.ferry(&format!("{line} --lang {lang}")).exits(0);
            assert_eq!(help.stderr, "");
            keep(
                &format!("help_{name}_{lang}"),
                &masked(&scene, &help.stdout),
            );
        }
    }
}

/// Without what differs from run to run and from system to system.
fn masked(scene: &Scene, text: &str) -> String {
    let folder = scene.path("");
    let folder = folder.to_string_lossy();
    text.replace(folder.trim_end_matches(['/', '\\']), "<folder>")
        .replace(&scene.crm.base_url(), "<crm>")
        .replace('\\', "/")
        .replace("ferry.exe", "ferry")
}

#[test]
fn typical_errors() {
    for lang in LANGUAGES {
        let scene = Scene::new();
        scene.write("empty.csv", "");
        scene.write("unknown.csv", "客户名称,来源渠道说明\n甲,1\n");
        scene.write("twice.csv", "客户名称,手机,手机号码\n甲,1,2\n");
        scene.write("quote.csv", "客户名称,手机\n甲,\"1380\n乙,1\n");
        scene.write("rows.csv", "客户名称,手机\n");
        scene.write("good.csv", "客户名称,手机\n甲,13800000001\n");
        scene.write("bad.toml", "[profiles.main]\nbase_ulr = \"x\"\n");
        scene.write(
            "two.toml",
            "[profiles.a]\nappid = \"1\"\n[profiles.b]\nappid = \"2\"\n",
        );
        let mut kept = String::new();
        for (line, code) in [
            ("import nowhere.csv", 3),
            ("import empty.csv", 3),
            ("import unknown.csv", 3),
            ("import twice.csv", 3),
            ("import quote.csv", 3),
            ("import rows.csv", 3),
            ("import good.csv -o good.csv", 2),
            ("import good.csv --delimiter ab", 2),
            ("import good.csv --stamp 客户名称", 3),
            ("import good.csv --rate fast", 2),
            ("import good.csv --config bad.toml", 2),
            ("import good.csv --config two.toml", 2),
            ("import good.csv --lmit 3", 2),
            ("import", 2),
            ("imprt", 2),
            ("import good.csv --mode upsert", 2),
            ("jobs nothing", 2),
            ("resume", 9),
            ("get x", 2),
            ("explain 999", 2),
        ] {
            let Output { stderr, .. } = scene.ferry(&format!("{line} --lang {lang}")).exits(code);
            let said = masked(&scene, &stderr);
            writeln!(kept, "$ ferry {line}\n{said}").expect("text");
        }
        keep(&format!("errors_{lang}"), &kept);
    }
}

/// Columns whose cells differ from run to run.
const MASKED: [&str; 3] = ["_id", "_job", "_sent_at"];

/// Labels of the summary whose facts differ from run to run, in both languages.
const MASKED_FACTS: [&str; 12] = [
    "job",
    "account",
    "source",
    "began",
    "time spent",
    "pace",
    "任务",
    "账号",
    "源文件",
    "开始时间",
    "用时",
    "平均速率",
];

#[test]
fn cells_of_a_result_sheet() {
    for lang in LANGUAGES {
        let scene = Scene::new();
        let bytes = std::fs::read(sample("customers.xlsx")).unwrap();
        scene.write("customers.xlsx", bytes);
        let line = format!("import customers.xlsx --lang {lang} -o result.xlsx");
        scene.ferry(&line).exits(4);
        let mut kept = String::new();
        for position in 0..3 {
            let table = Table::read_sheet(&scene.path("result.xlsx"), position);
            writeln!(kept, "{}", table.headers.join(" | ")).expect("text");
            for row in &table.rows {
                // Wrong rows of the first sheet, and one that is right, say enough.
                let is_shown = position > 0 || row.iter().any(|cell| cell == "invalid");
                if !is_shown && table.cell_of(row, "_row") != "2" {
                    continue;
                }
                let is_fact = MASKED_FACTS.contains(&row[0].as_str());
                let cells = row.iter().zip(&table.headers).enumerate();
                let cells: Vec<&str> = cells
                    .map(|(column, (cell, header))| {
                        let hidden = MASKED.contains(&header.as_str())
                            || (position == 2 && column == 1 && is_fact);
                        if hidden && !cell.is_empty() {
                            "…"
                        } else {
                            cell.as_str()
                        }
                    })
                    .collect();
                writeln!(kept, "{}", cells.join(" | ")).expect("text");
            }
            kept.push('\n');
        }
        keep(&format!("result_{lang}"), &kept);
    }
}
