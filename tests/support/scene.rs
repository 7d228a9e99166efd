//! A folder, a sandbox, and the binary run between them in an environment that holds nothing else.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crm_ferry::sandbox::{Auth, Endpoint, FaultKind, Options, Sandbox};
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::run::{Output, Running};
use super::{Held, Table};

/// What the server sets by itself, and so differs between two stores of the same customers.
const SET_BY_SERVER: &[&str] = &[
    "_id",
    "accountId",
    "createTime",
    "createMethod",
    "createAgent",
    "updateTime",
    "updateAgent",
    "assignTime",
    "firstOwner",
    "firstAssignTime",
];

/// The secret of every scene's account; no file or output may hold it.
pub const SECRET: &str = "sandbox-secret";

/// One test's world.
pub struct Scene {
    /// The CRM.
    pub crm: Sandbox,
    folder: TempDir,
}

/// Makes a folder. Programs name the folder to which links lead, and the path of the temporary folder may lead through
/// some, as on macOS.
fn new_folder() -> TempDir {
    let parent = std::env::temp_dir();
    let parent = match parent.canonicalize() {
        Ok(real) if cfg!(unix) => real,
        _ => parent,
    };
    tempfile::tempdir_in(parent).expect("a folder")
}

impl Scene {
    /// Makes an empty folder and an empty CRM.
    pub fn new() -> Self {
        Self::with(Options::default())
    }

    /// The same with a CRM that behaves differently.
    pub fn with(options: Options) -> Self {
        Self {
            crm: Sandbox::start(options).expect("a sandbox on a free port"),
            folder: new_folder(),
        }
    }

    /// A CRM that expects other credentials than the scene gives.
    pub fn with_secret(secret: &str) -> Self {
        Self::with(Options {
            auth: Auth::Hmac {
                appid: "sandbox".to_owned(),
                secret: secret.to_owned(),
            },
            ..Options::default()
        })
    }

    /// A path in the scene's folder, which is also the working folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("the folder is writable");
        path
    }

    /// Writes a table as `.csv` or `.xlsx`.
    pub fn save(&self, name: &str, table: &Table) -> PathBuf {
        let path = self.path(name);
        table.save(&path);
        path
    }

    /// The binary with the scene's account in a cleaned environment. `line` is split at spaces.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ferry"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .env_clear();
        for name in ["SYSTEMROOT", "TEMP", "TMP", "TMPDIR", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", self.path("home"))
            .env("APPDATA", self.path("home"))
            .env("LOCALAPPDATA", self.path("home"))
            .env("FERRY_BASE_URL", self.crm.base_url())
            .env("FERRY_APPID", "sandbox")
            .env("FERRY_SECRET", SECRET)
            .env("FERRY_STATE_DIR", self.state())
            .env("FERRY_RATE", "2000/s")
            .env("FERRY_CONCURRENCY", "8")
            .env("FERRY_SETTLE", "0s")
            .env("FERRY_LANG", "en");
        command
    }

    /// Runs the binary to its end.
    pub fn ferry(&self, line: &str) -> Output {
        Output::of(self.command(line))
    }

    /// Starts the binary.
    pub fn start(&self, line: &str) -> Running {
        Running::start(self.command(line))
    }

    /// Holds every call to `endpoint` from the given number on.
    pub fn hold(&self, endpoint: Endpoint, number: u64) -> Held {
        Held::install(&self.crm, endpoint, number)
    }

    /// Runs the binary until a call to `endpoint` with this number is there, and kills it as `kill -9` does. That call and
    /// all that came with it have been held, and are executed after that, or end with a fault.
    pub fn kill_at(&self, line: &str, endpoint: Endpoint, number: u64, fate: Option<FaultKind>) {
        let held = self.hold(endpoint, number);
        let running = self.start(line);
        held.wait_for(1);
        running.kill();
        match fate {
            Some(fate) => held.release_as(fate),
            None => held.release(),
        }
    }

    /// The state folder.
    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// The files of the user's own configuration.
    pub fn config_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path("home")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.push(path);
                }
            }
        }
        files
    }

    /// Names of the jobs in the state folder, oldest first.
    pub fn jobs(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.state().join("jobs")) else {
            return Vec::new();
        };
        let mut names: Vec<String> = entries
            .map(|entry| {
                let entry = entry.expect("the state folder is readable");
                entry.file_name().to_string_lossy().into_owned()
            })
            .collect();
        names.sort();
        names
    }

    /// The only job there is.
    pub fn job(&self) -> String {
        let mut jobs = self.jobs();
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        jobs.remove(0)
    }

    /// A file of the only job.
    pub fn job_file(&self, name: &str) -> PathBuf {
        self.state().join("jobs").join(self.job()).join(name)
    }

    /// How many adds arrived at the CRM.
    pub fn adds(&self) -> u64 {
        self.crm.counters().calls_to(Endpoint::Add)
    }

    /// Stored customers without what the server sets, in the order of their JSON.
    pub fn stored(&self) -> Vec<Map<String, Value>> {
        stored_without_server_fields(self.crm.customers())
    }

    /// How often each name is stored.
    pub fn names(&self) -> BTreeMap<String, usize> {
        let mut names = BTreeMap::new();
        for customer in self.crm.customers() {
            *names.entry(text(&customer, "customerName")).or_default() += 1;
        }
        names
    }

    /// The `_id` of the one customer with this name.
    pub fn id_of(&self, name: &str) -> String {
        let customers = self.crm.customers();
        let mut found = customers
            .iter()
            .filter(|customer| text(customer, "customerName") == name);
        let id = found.next().map(|customer| text(customer, "_id"));
        assert!(found.next().is_none(), "{name} is stored twice");
        id.unwrap_or_else(|| panic!("{name} is not stored"))
    }

    /// Fails unless the sheet's done rows and the store tell the same story: every `_id` of an `ok` row belongs to
    /// a customer of that row's name, and nobody is stored twice.
    pub fn agrees_with(&self, sheet: &Table) {
        for (name, count) in self.names() {
            assert_eq!(count, 1, "{name} is stored {count} times");
        }
        for row in 0..sheet.rows.len() {
            if sheet.cell(row, "_status") != "ok" {
                continue;
            }
            let id = sheet.cell(row, "_id");
            let customer = self.crm.customer(id);
            let name = customer.map(|customer| text(&customer, "customerName"));
            assert_eq!(
                name.as_deref(),
                Some(sheet.cell(row, "客户名称")),
                "row {row}: {id}"
            );
        }
    }

    /// Every file below the state folder.
    pub fn state_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.state(), &mut files);
        files
    }
}

/// A customer's text field, empty when absent.
fn text(customer: &Map<String, Value>, key: &str) -> String {
    let value = customer.get(key).and_then(Value::as_str);
    value.unwrap_or_default().to_owned()
}

fn stored_without_server_fields(customers: Vec<Map<String, Value>>) -> Vec<Map<String, Value>> {
    let mut plain: Vec<Map<String, Value>> = customers
        .into_iter()
        .map(|customer| {
            let own = customer
                .into_iter()
                .filter(|(key, _)| !SET_BY_SERVER.contains(&key.as_str()));
            let sorted: BTreeMap<String, Value> = own.collect();
            sorted.into_iter().collect()
        })
        .collect();
    plain.sort_by_key(|customer| Value::Object(customer.clone()).to_string());
    plain
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// A file of `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// A file of `samples`.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name)
}
