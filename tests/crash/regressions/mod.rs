//! Ways in which rows were once doubled, lost or answered with a customer that was not theirs: one short test each, for
//! what must not come back. Each opens with what once happened, and names the commit that brought it; d7efb28 tries what
//! was mended before it. Two more need a clock that does not wait and are in `src/pipeline/tests/regressions.rs`.

mod equal_rows;
mod job;
mod result_sheet;
mod witness;

use crate::support::{Endpoint, FaultKind, Options, Scene, Table, fixture, named};

/// A CRM none of whose fields can be searched: nothing that is in doubt can be settled by looking.
fn unsearchable() -> Scene {
    Scene::with(Options {
        fields: Some(fixture("unsearchable.json")),
        ..Options::default()
    })
}

/// Imports so many rows, of which one add meets a fault, and returns the result sheet `first.csv`.
fn import_with(scene: &Scene, rows: usize, add: u64, fault: FaultKind) -> Table {
    scene.save("list.csv", &named(rows));
    scene
        .crm
        .on_call(move |call| is_add(call.endpoint, call.number, add).then_some(fault));
    scene
        .ferry("import list.csv --concurrency 1 --mode add -o first.csv --no-touch")
        .exits(6);
    scene.crm.on_call(|_| None);
    Table::read(&scene.path("first.csv"))
}

fn is_add(endpoint: Endpoint, number: u64, wanted: u64) -> bool {
    endpoint == Endpoint::Add && number == wanted
}

/// Adds three customers whose adds can be witnesses.
fn import_others(scene: &Scene) {
    let mut others = named(13);
    others.rows.drain(..10);
    scene.save("others.csv", &others);
    scene.ferry("import others.csv").exits(0);
}

/// The last of ten rows was not stored, and no later add of its job can prove that.
fn last_row_in_doubt(scene: &Scene) -> Table {
    import_with(scene, 10, 10, FaultKind::Dropped)
}

fn position(sheet: &Table, header: &str) -> usize {
    let found = sheet.headers.iter().position(|name| name == header);
    found.expect("the column")
}

/// A profile `main` whose writes are asked about, also on this machine.
fn protect(scene: &Scene) {
    let profile = "appid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nprotected = true";
    let base_url = scene.crm.base_url();
    scene.write(
        "ferry.toml",
        format!("[profiles.main]\nbase_url = \"{base_url}\"\n{profile}\n"),
    );
}

/// The row's own cells again, as a new row without what ferry wrote.
fn bare(sheet: &Table, row: usize) -> Vec<String> {
    let cells = sheet.headers.iter().zip(&sheet.rows[row]);
    cells
        .map(|(header, cell)| {
            let ours = header.starts_with('_');
            if ours { String::new() } else { cell.clone() }
        })
        .collect()
}

/// The `_id` of the customer that a row became.
fn own(scene: &Scene, sheet: &Table, row: usize) -> String {
    scene.id_of(sheet.cell(row, "客户名称"))
}

/// Copies what stands in the folder of the only job.
fn keep_job(scene: &Scene) {
    let copy = scene.path("older");
    std::fs::create_dir_all(&copy).unwrap();
    for entry in std::fs::read_dir(scene.job_file("")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
}

/// Puts the journal and its side file back as they were kept.
fn put_journal_back(scene: &Scene) {
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(scene.job_file(name));
    }
    for name in ["journal.db", "journal.db-wal", "journal.seq"] {
        let kept = scene.path("older").join(name);
        if kept.exists() {
            std::fs::copy(kept, scene.job_file(name)).unwrap();
        }
    }
}
