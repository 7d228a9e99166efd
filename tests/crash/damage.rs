//! A job folder that was damaged, lost in part or put back in time: nothing is sent from it, and it is said.

use std::fs;
use std::path::Path;

use crate::support::{Scene, named};

/// Files that make up a journal on disk.
const JOURNAL: &[&str] = &["journal.db", "journal.db-wal", "journal.db-shm"];

/// What is done to the folder of a stopped job. `older` is a copy of it from before its last run.
type Damage = fn(job: &Path, older: &Path);

fn without_journal(job: &Path) {
    for name in JOURNAL {
        let _ = fs::remove_file(job.join(name));
    }
}

fn put_back(job: &Path, older: &Path) {
    without_journal(job);
    for name in JOURNAL {
        if older.join(name).exists() {
            fs::copy(older.join(name), job.join(name)).unwrap();
        }
    }
}

fn cut(path: &Path, length: u64) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_len(length).unwrap();
}

fn change(job: &Path, statement: &str) {
    let journal = rusqlite::Connection::open(job.join("journal.db")).expect("a journal");
    assert_eq!(journal.execute(statement, []), Ok(1), "{statement}");
}

/// One damage.
struct Case {
    name: &'static str,
    damage: Damage,
    /// What `resume` says of it.
    code: &'static str,
    /// How an import of the same file ends then: 0 where the folder is no job any more, and the rows that it had not sent
    /// are added; 9 where the job is still the one to go on with; 1 where that cannot be told.
    import_exit: i32,
}

const TABLE: &[Case] = &[
    Case {
        name: "journal deleted",
        damage: |job, _| without_journal(job),
        code: "[E617]",
        import_exit: 0,
    },
    Case {
        name: "journal emptied",
        damage: |job, _| {
            without_journal(job);
            fs::write(job.join("journal.db"), "").unwrap();
        },
        code: "[E617]",
        import_exit: 1,
    },
    Case {
        name: "journal truncated",
        damage: |job, _| cut(&job.join("journal.db"), 4096 + 100),
        code: "[E617]",
        import_exit: 1,
    },
    Case {
        name: "journal is something else",
        damage: |job, _| {
            without_journal(job);
            fs::write(job.join("journal.db"), "客户名称,手机\n".repeat(1000)).unwrap();
        },
        code: "[E617]",
        import_exit: 1,
    },
    Case {
        name: "the record of a row gone",
        damage: |job, _| change(job, "DELETE FROM records WHERE row = 22"),
        code: "[E611]",
        import_exit: 9,
    },
    Case {
        name: "the record of a row in the place of another's",
        damage: |job, _| {
            change(job, "DELETE FROM records WHERE row = 22");
            change(job, "UPDATE records SET row = 22 WHERE row = 23");
        },
        code: "[E611]",
        import_exit: 9,
    },
    Case {
        name: "the name of a field changed",
        damage: |job, _| change(job, "UPDATE fields SET key = 'qq' WHERE number = 0"),
        code: "[E610]",
        import_exit: 9,
    },
    Case {
        name: "an older journal put back",
        damage: put_back,
        code: "[E611]",
        import_exit: 9,
    },
    Case {
        name: "side file deleted",
        damage: |job, _| fs::remove_file(job.join("journal.seq")).unwrap(),
        code: "[E610]",
        import_exit: 1,
    },
    Case {
        name: "side file emptied",
        damage: |job, _| fs::write(job.join("journal.seq"), "").unwrap(),
        code: "[E611]",
        import_exit: 9,
    },
    // One behind is what a kill between the two commits leaves; two is not.
    Case {
        name: "a side file from long ago",
        damage: |job, _| fs::write(job.join("journal.seq"), "0").unwrap(),
        code: "[E611]",
        import_exit: 9,
    },
    Case {
        name: "job.json deleted",
        damage: |job, _| fs::remove_file(job.join("job.json")).unwrap(),
        code: "[E610]",
        import_exit: 0,
    },
    Case {
        name: "job.json cut off",
        damage: |job, _| cut(&job.join("job.json"), 200),
        code: "[E610]",
        import_exit: 0,
    },
    Case {
        name: "the copy of the source edited",
        damage: |job, _| {
            let path = job.join("source.csv");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("0020", "9999")).unwrap();
        },
        code: "[E618]",
        import_exit: 9,
    },
    Case {
        name: "the copy of the source deleted",
        damage: |job, _| fs::remove_file(job.join("source.csv")).unwrap(),
        code: "[E618]",
        import_exit: 9,
    },
];

/// Writes a fact of a job's journal, or takes it away.
fn set_fact(scene: &Scene, key: &str, value: Option<&str>) {
    let journal = rusqlite::Connection::open(scene.job_file("journal.db")).unwrap();
    let changed = match value {
        Some(value) => journal.execute("UPDATE meta SET value = ?2 WHERE key = ?1", [key, value]),
        None => journal.execute("DELETE FROM meta WHERE key = ?1", [key]),
    };
    assert_eq!(changed.unwrap(), 1);
}

/// Read as *planning*, the state of a job that has decided nothing, its folder would be deleted by the next import, and
/// with it all that is known of what was sent.
#[test]
fn an_unknown_state_is_no_job_that_can_be_discarded() {
    for value in [Some("opem"), Some(""), None] {
        let scene = Scene::new();
        scene.save("list.csv", &named(40));
        scene
            .ferry("import list.csv --mode add --limit 10")
            .exits(5);
        set_fact(&scene, "state", value);
        scene.ferry("resume").exits(1).says("[E651]");
        let again = scene.ferry("import list.csv --mode add").exits(1);
        assert!(again.stderr.contains("[E651]"), "{}", again.stderr);
        let listed = scene.ferry("jobs").exits(0);
        assert!(listed.stdout.contains("damaged"), "{}", listed.stdout);
        assert_eq!((scene.jobs().len(), scene.adds()), (1, 10));
    }
}

/// What a person has said of rows in doubt is kept with the plan until it is applied.
#[test]
fn a_word_on_rows_in_doubt_is_never_read_as_none() {
    for value in [Some("[{]"), Some(""), None] {
        let scene = Scene::new();
        scene.save("list.csv", &named(3));
        scene.ferry("plan list.csv --mode add").exits(0);
        set_fact(&scene, "settled", value);
        scene.ferry("apply").exits(1).says("[E651]");
        assert_eq!(scene.adds(), 0);
    }
}

#[test]
fn nothing_is_sent_from_a_damaged_job() {
    for case in TABLE {
        let scene = Scene::new();
        scene.save("list.csv", &named(40));
        scene.ferry("import list.csv --limit 10").exits(5);
        let (job, older) = (scene.job_file(""), scene.path("older"));
        copy_folder(&job, &older);
        scene.ferry("resume --limit 10").exits(5);
        (case.damage)(&job, &older);

        let name = case.name;
        let resume = format!("resume {}", scene.job());
        let run = scene.ferry(&resume);
        assert_eq!((run.code, scene.adds()), (1, 20), "{name}: {run:?}");
        run.says(case.code).says("hint: ");
        // The list still works, and a new import adds nobody twice.
        scene.ferry("jobs").exits(0);
        let run = scene.ferry("import list.csv");
        assert_eq!(run.code, case.import_exit, "{name}: {run:?}");
        let stored = if case.import_exit == 0 { 40 } else { 20 };
        assert_eq!(scene.crm.customer_count(), stored, "{name}");
        assert!(scene.names().values().all(|count| *count == 1), "{name}");
    }
}

#[test]
fn another_jobs_journal_is_refused() {
    let scene = Scene::new();
    scene.save("one.csv", &named(10));
    scene.ferry("import one.csv --limit 3").exits(5);
    let one = scene.job_file("");
    let first = scene.job();
    let mut other = named(20);
    other.rows.drain(..10);
    scene.save("two.csv", &other);
    scene.ferry("import two.csv --limit 3").exits(5);
    let second = scene.jobs().into_iter().find(|job| *job != first).unwrap();
    let two = scene.state().join("jobs").join(&second);
    put_back(&two, &one);
    let run = scene.ferry(&format!("resume {second}")).exits(1);
    run.says("[E617]").says("hint: ");
    assert_eq!(scene.adds(), 6);
}

/// The ledger is the memory of every import: without it, equal rows would be added once more.
#[test]
fn a_lost_ledger_learns_from_the_journals() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.ferry("import list.csv").exits(0);
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(scene.state().join(name));
    }
    let run = scene.ferry("import list.csv").exits(9);
    run.says("[E621]");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// An older copy of the ledger knows of fewer rows than the journals.
#[test]
fn an_older_ledger_learns_what_came_after_it() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.ferry("import list.csv --limit 4").exits(5);
    let ledger = scene.state().join("ledger.db");
    let older = fs::read(&ledger).unwrap();
    scene.ferry("resume").exits(0);
    fs::write(&ledger, older).unwrap();
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(scene.state().join(name));
    }
    fs::copy(scene.path("list.csv"), scene.path("copy.csv")).unwrap();
    scene.ferry("import copy.csv").exits(9).says("[E621]");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// A whole job folder put back: journal and side file agree with each other, and the ledger knows better.
#[test]
fn an_older_job_folder_sends_nothing_again() {
    let scene = Scene::new();
    scene.save("list.csv", &named(60));
    scene.ferry("import list.csv --limit 20").exits(5);
    let job = scene.state().join("jobs").join(scene.jobs().pop().unwrap());
    let kept = scene.path("kept");
    copy_folder(&job, &kept);
    scene.ferry("resume").exits(0);
    fs::remove_dir_all(&job).unwrap();
    copy_folder(&kept, &job);
    scene.ferry("resume").exits(0);
    assert_eq!(scene.crm.customer_count(), 60);
    assert!(scene.names().values().all(|count| *count == 1));
}

#[test]
fn a_ledger_that_is_no_database_stops_the_import() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.ferry("import list.csv").exits(0);
    for name in ["ledger.db-wal", "ledger.db-shm"] {
        let _ = fs::remove_file(scene.state().join(name));
    }
    fs::write(
        scene.state().join("ledger.db"),
        "nothing of the kind\n".repeat(500),
    )
    .unwrap();
    let run = scene.ferry("import list.csv").exits(1);
    run.says("error: ").says("[E6").says("hint: ");
    assert_eq!(scene.crm.customer_count(), 10);
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
    }
}
