//! State that decays: single bits of the journal flip, or some of its witnesses are put back from a copy.

use std::fs;
use std::path::Path;

use crate::support::{Scene, named};

/// A job of forty rows, of which twenty were sent in two runs, the second in two groups, with a copy of the state folder after each run.
fn stopped_twice() -> Scene {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.ferry("import list.csv --limit 10 ").exits(5);
    copy_folder(&scene.state(), &scene.path("older"));
    scene
        .ferry("resume --limit 10 --rate 20/s --concurrency 2")
        .exits(5);
    copy_folder(&scene.state(), &scene.path("newer"));
    assert_eq!(scene.crm.customer_count(), 20);
    scene
}

/// Puts the state folder, and the CRM, back to where both stood after the second run.
fn start_over(scene: &Scene, before: &[String]) {
    fs::remove_dir_all(scene.state()).unwrap();
    copy_folder(&scene.path("newer"), &scene.state());
    for customer in scene.crm.customers() {
        let id = customer["_id"].as_str().unwrap();
        if !before.iter().any(|known| known == id) {
            scene.crm.remove(id);
        }
    }
}

fn ids(scene: &Scene) -> Vec<String> {
    let customers = scene.crm.customers();
    customers
        .iter()
        .map(|customer| customer["_id"].as_str().unwrap().to_owned())
        .collect()
}

/// Which witnesses are put back: journal, side file, ledger. All three together are a whole state folder from a backup,
/// of which no file remembers that there was a later one.
const WITNESSES: [(bool, bool, bool); 6] = [
    (true, false, false),
    (false, true, false),
    (false, false, true),
    (true, true, false),
    (true, false, true),
    (false, true, true),
];

#[test]
fn whatever_witness_is_put_back_nobody_is_added_twice() {
    let scene = stopped_twice();
    let before = ids(&scene);
    for (journal, side, ledger) in WITNESSES {
        start_over(&scene, &before);
        let job = Path::new("jobs").join(scene.job());
        let mut names = Vec::new();
        if journal {
            names.push(job.join("journal.db"));
        }
        if side {
            names.push(job.join("journal.seq"));
        }
        if ledger {
            names.push("ledger.db".into());
        }
        for name in &names {
            for end in ["-wal", "-shm"] {
                let _ = fs::remove_file(scene.state().join(format!("{}{end}", name.display())));
            }
            fs::copy(scene.path("older").join(name), scene.state().join(name)).unwrap();
        }
        let what = format!("journal {journal}, side file {side}, ledger {ledger}");
        let run = scene.ferry("resume");
        if journal || side {
            assert_eq!((run.code, scene.crm.customer_count()), (1, 20), "{what}");
            assert!(run.stderr.contains("[E611]"), "{what}: {run:?}");
            assert!(run.stderr.contains("hint: "), "{what}: {run:?}");
        } else {
            assert_eq!((run.code, scene.crm.customer_count()), (0, 40), "{what}");
            assert!(run.stderr.contains("[E621]"), "{what}: {run:?}");
        }
        scene.ferry("import list.csv").exits(9);
        assert!(scene.names().values().all(|count| *count == 1), "{what}");
    }
}

/// Flips single bits anywhere in the journal, as the seed decides, and resumes from each. Returns what nobody may ever
/// see (somebody added twice, a panic), and what a journal that knew of the flip would not have done or said.
fn bits_flip(seed: u64, flips: u64) -> (Vec<String>, Vec<String>) {
    let scene = stopped_twice();
    let before = ids(&scene);
    let known = named(40);
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut harm, mut unnoticed) = (Vec::new(), Vec::new());
    for flip in 0..flips {
        start_over(&scene, &before);
        let path = scene.job_file("journal.db");
        let mut bytes = fs::read(&path).unwrap();
        let (place, bit) = (random.usize(0..bytes.len()), random.u32(0..8));
        bytes[place] ^= 1 << bit;
        fs::write(&path, bytes).unwrap();
        let run = scene.ferry("resume --json");
        let what = format!("flip {flip}: bit {bit} of byte {place}, exit {}", run.code);
        if run.stderr.contains("panicked") {
            harm.push(format!("{what}: {}", run.stderr));
        }
        for (name, count) in scene.names() {
            if !known.column("客户名称").contains(&name.as_str()) {
                unnoticed.push(format!(
                    "{what}: {name} is stored, and no row has that name"
                ));
            } else if count != 1 {
                harm.push(format!("{what}: {name} is stored {count} times"));
            }
        }
        // A bit in what nobody reads harms nothing, and the job is done (0). One in what is read is said (1): it stops the
        // job, or, where everything was sent already, keeps the sheet from being written.
        let said = run.json();
        let is_named = said["errors"][0]["code"].is_string()
            || (said["result"].is_null() && run.stderr.contains("[E6"));
        if run.code != 0 {
            if run.code != 1 || !is_named {
                harm.push(format!("{what}: {run:?}"));
            }
            continue;
        }
        let sheet = run.sheet();
        for row in 0..sheet.rows.len() {
            let customer = scene.crm.customer(sheet.cell(row, "_id"));
            let name = sheet.cell(row, "客户名称");
            if customer.is_none_or(|customer| customer["customerName"] != name) {
                unnoticed.push(format!("{what}: {name} is done under a wrong _id"));
            }
        }
    }
    (harm, unnoticed)
}

#[test]
fn a_flipped_bit_of_the_journal_adds_nobody_twice() {
    for seed in [1, 2] {
        let (harm, _) = bits_flip(seed, 40);
        assert!(harm.is_empty(), "seed {seed}: {}", harm.join("\n"));
    }
}

#[test]
fn a_flipped_bit_of_the_journal_is_noticed() {
    let (harm, unnoticed) = bits_flip(2, 200);
    let all = [harm, unnoticed].concat();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else {
            fs::copy(&path, copy).unwrap();
        }
    }
}
