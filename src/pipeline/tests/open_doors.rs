//! No call and no wait happens inside a write transaction, so that other processes can write journal and ledger
//! meanwhile.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::crm::{CallError, Clock, Crm, Page, Query};
use crate::job::context::Context;
use crate::model::{Customer, CustomerId, FieldConfig, JobId, Record, Stop};
use crate::pipeline::tests::bench::{Manner, context_of, run_delete, run_import, run_undo};
use crate::sandbox::{Endpoint, FaultKind, Options, Sandbox};

/// Tries, at each call and each sleep, to write every journal and the ledger of a state folder.
#[derive(Clone)]
struct Door {
    state: PathBuf,
    tries: Arc<Mutex<Vec<&'static str>>>,
    shut: Arc<Mutex<Vec<String>>>,
}

impl Door {
    fn of(state: &Path) -> Self {
        Self {
            state: state.to_path_buf(),
            tries: Arc::default(),
            shut: Arc::default(),
        }
    }

    fn knock(&self, during: &'static str) {
        self.tries.lock().unwrap().push(during);
        let jobs = std::fs::read_dir(self.state.join("jobs")).unwrap();
        let journals = jobs.map(|job| job.unwrap().path().join("journal.db"));
        for path in journals.chain([self.state.join("ledger.db")]) {
            if !path.is_file() {
                continue;
            }
            let write = || {
                let connection = rusqlite::Connection::open(&path)?;
                // Another thread may be committing just now.
                connection.busy_timeout(Duration::from_secs(3))?;
                connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
            };
            if let Err(error) = write() {
                let shut = format!("{during}: {}: {error}", path.display());
                self.shut.lock().unwrap().push(shut);
            }
        }
    }

    /// Fails if a write was refused once, or if one of these `kinds` of calls was not made.
    #[track_caller]
    fn was_open_during(&self, kinds: &[&str]) {
        assert_eq!(*self.shut.lock().unwrap(), Vec::<String>::new());
        let tries = std::mem::take(&mut *self.tries.lock().unwrap());
        for kind in kinds {
            assert!(tries.contains(kind), "no {kind} in {tries:?}");
        }
    }

    fn watch(&self, context: Context) -> Context {
        Context {
            crm: Arc::new(WatchedCrm(context.crm, self.clone())),
            clock: Arc::new(WatchedClock(context.clock, self.clone())),
            ..context
        }
    }
}

struct WatchedCrm(Arc<dyn Crm>, Door);

impl Crm for WatchedCrm {
    fn add(&self, record: &Record) -> Result<Customer, CallError> {
        self.1.knock("add");
        self.0.add(record)
    }

    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError> {
        self.1.knock("update");
        self.0.update(id, record)
    }

    fn delete(&self, id: &CustomerId) -> Result<(), CallError> {
        self.1.knock("delete");
        self.0.delete(id)
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        self.1.knock("find");
        self.0.find(id)
    }

    fn list(&self, query: &Query) -> Result<Page, CallError> {
        self.1.knock("list");
        self.0.list(query)
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        self.1.knock("fields");
        self.0.fields()
    }
}

struct WatchedClock(Arc<dyn Clock>, Door);

impl Clock for WatchedClock {
    fn now(&self) -> Duration {
        self.0.now()
    }

    fn unix_micros(&self) -> u64 {
        self.0.unix_micros()
    }

    fn sleep(&self, duration: Duration, stop: &Stop) -> bool {
        self.1.knock("sleep");
        self.0.sleep(duration, stop)
    }
}

struct Scene {
    folder: tempfile::TempDir,
    crm: Sandbox,
    manner: Manner,
    door: Door,
}

impl Scene {
    fn new(manner: Manner) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let door = Door::of(&folder.path().join("state"));
        Self {
            crm: Sandbox::start(Options::default()).unwrap(),
            manner,
            door,
            folder,
        }
    }

    fn context(&self) -> Context {
        let context = context_of(&self.door.state, &self.crm, &self.manner);
        self.door.watch(context)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, source: &Path) -> JobId {
        run_import(source, &self.context(), &self.manner)
            .unwrap()
            .job
    }
}

/// Rows in doubt that a result sheet brings back are looked up while rows are decided, and the customer whose `_id` a
/// person wrote beside one is read.
#[test]
fn rows_in_doubt_are_looked_up_before_a_batch_is_decided() {
    let scene = Scene::new(Manner {
        concurrency: 1,
        settle: Duration::from_secs(60),
        ..Manner::default()
    });
    let table = "客户名称,手机\n甲,13800000001\n乙,13800000002\n丙,13800000003\n丁,13800000004\n";
    let source = scene.write("list.csv", table);
    scene.crm.on_call(|call| match call.endpoint {
        Endpoint::Add if call.number % 2 == 0 => Some(FaultKind::LostReply),
        // Every search fails. Each fourth list call is the probe whether the CRM is there, and that is answered.
        Endpoint::List => (call.number % 4 != 0).then_some(FaultKind::ErrorBefore),
        _ => None,
    });
    scene.import(&source);
    scene.crm.on_call(|_| None);
    let customers = scene.crm.customers();
    let second = customers
        .iter()
        .find(|customer| customer["customerName"] == "乙")
        .expect("its reply alone was lost");
    let id = second["_id"].as_str().unwrap();
    let result = std::fs::read_to_string(source.with_extension("result.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(result.trim_start_matches('\u{feff}').as_bytes());
    let headers = reader.headers().unwrap().clone();
    let place = |header| headers.iter().position(|name| name == header).unwrap();
    let mut mended = csv::Writer::from_writer(Vec::new());
    mended.write_record(&headers).unwrap();
    let mut doubtful = 0;
    for record in reader.records() {
        let mut cells: Vec<String> = record.unwrap().iter().map(str::to_owned).collect();
        doubtful += usize::from(cells[place("_status")] == "unknown");
        if cells.contains(&"乙".to_owned()) {
            id.clone_into(&mut cells[place("_id")]);
        }
        mended.write_record(cells).unwrap();
    }
    assert_eq!(doubtful, 2, "{result}");
    let mended = String::from_utf8(mended.into_inner().unwrap()).unwrap();
    let mended = scene.write("mended.csv", &mended);
    scene.door.was_open_during(&["add", "list"]);
    scene.import(&mended);
    scene.door.was_open_during(&["find", "list", "sleep"]);
    assert_eq!(scene.crm.customer_count(), 4);
}

#[test]
fn updates_deletes_and_undos_leave_the_door_open() {
    let scene = Scene::new(Manner {
        key: vec!["手机".to_owned()],
        ..Manner::default()
    });
    let customer =
        serde_json::json!({"customerName": "老客户", "mobile": [{"value": "13800000001"}]});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    let table = "客户名称,手机,备注\n老客户,13800000001,一\n新客户,13800000002,二\n";
    let job = scene.import(&scene.write("list.csv", table));
    scene.door.was_open_during(&["list", "add", "update"]);
    let sheet = scene.folder.path().join("undone.csv");
    run_undo(&job, &scene.context(), &scene.manner, &sheet).unwrap();
    scene.door.was_open_during(&["update", "delete"]);
    let list = scene.write("gone.csv", &format!("_id\n{id}\n"));
    run_delete(&list, &scene.context(), &scene.manner).unwrap();
    scene.door.was_open_during(&["find", "delete"]);
    assert_eq!(scene.crm.customer_count(), 0);
}
