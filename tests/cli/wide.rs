//! What a workbook cannot hold is said before anything is sent, or noted where it is cut.

use crate::support::{Scene, Table};

#[test]
fn a_result_with_too_many_columns_must_be_csv() {
    let scene = Scene::new();
    let header: Vec<String> = (0..16_380).map(|number| format!("c{number}")).collect();
    let text = format!(
        "客户名称,{}\n甲{}\n",
        header.join(","),
        ",x".repeat(header.len())
    );
    scene.write("wide.csv", text);
    for line in [
        "import wide.csv --ignore-unmapped",
        "check wide.csv --ignore-unmapped -o checked.xlsx",
    ] {
        let run = scene.ferry(line).exits(3).says("[E643]").says(".csv");
        let run = run.says("c0, c1, ").says(", c99, … (16380 in all) [E310]");
        assert_eq!(run.stdout, "");
        assert_eq!(scene.crm.customer_count(), 0);
        assert_eq!(scene.jobs(), [""; 0]);
    }
    scene
        .ferry("import wide.csv --ignore-unmapped -o result.csv")
        .exits(0);
    assert_eq!(scene.crm.customer_count(), 1);
    let result = std::fs::read_to_string(scene.path("result.csv")).unwrap();
    let header = result.lines().next().unwrap();
    assert_eq!(header.split(',').count(), 16_381 + 10);
}

#[test]
fn a_text_beyond_a_cell_is_cut_with_a_note() {
    let scene = Scene::new();
    let long = "长".repeat(40_000);
    scene.write("long.csv", format!("客户名称,备注\n甲,{long}\n"));
    let run = scene
        .ferry("import long.csv --json")
        .exits(0)
        .says("[E627]");
    assert!(
        scene.stored()[0]
            .values()
            .any(|value| value == long.as_str())
    );
    let sheet = run.sheet();
    assert!(sheet.cell(0, "备注").ends_with("…[cut]"));
    let mut zip = zip::ZipArchive::new(std::fs::File::open(run.result()).unwrap()).unwrap();
    let mut notes = String::new();
    std::io::Read::read_to_string(&mut zip.by_name("xl/comments1.xml").unwrap(), &mut notes)
        .unwrap();
    assert!(notes.contains("is cut here"), "{notes}");
    scene.ferry("import long.csv --again -o whole.csv").exits(0);
    let whole = std::fs::read_to_string(scene.path("whole.csv")).unwrap();
    assert!(whole.contains(&long));
}

#[test]
fn what_an_ods_repeats_beyond_the_header_is_a_problem_and_no_burden() {
    let scene = Scene::new();
    let row = |rest: &str| {
        format!("<table:table-row><table:table-cell {rest}</table:table-cell></table:table-row>")
    };
    let content = format!(
        "<office:spreadsheet><table:table table:name=\"S\">{}{}</table:table></office:spreadsheet>",
        row("><text:p>客户名称</text:p>"),
        row("table:number-columns-repeated=\"16384\"><text:p>甲</text:p>"),
    );
    let mut zip = zip::ZipWriter::new(std::fs::File::create(scene.path("wide.ods")).unwrap());
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content.as_str()),
    ] {
        zip.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    scene
        .ferry("import wide.ods -o result.csv")
        .exits(4)
        .says("[E416]");
    let sheet = Table::read(&scene.path("result.csv"));
    assert_eq!(sheet.cell(0, "_error_code"), "E416");
    assert_eq!(scene.crm.customer_count(), 0);
}
