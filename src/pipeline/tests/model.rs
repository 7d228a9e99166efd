//! A model of a server that may do whatever the API's contract leaves open. It remembers what a real server does not:
//! for which row each customer was stored.
//!
//! The model normalises what it stores, shows new customers late or never, searches by some fields only, moves its
//! pages, has a clock of its own, loses replies, stores late, and lets colleagues add customers in between.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};

use crate::crm::{CallError, Class, Clock, Condition, Crm, Page, Query};
use crate::model::{Customer, CustomerId, FieldConfig, FieldStatus, Record, Value};
use crate::pipeline::tests::bench::JumpClock;

/// The key of the field of `--stamp`.
pub(crate) const STAMP: &str = "text_stamp";

/// What becomes of an add.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is stored and answered.
    Fine,
    /// It is stored, and the reply is lost.
    Lost,
    /// It is not stored, and nobody says so.
    NotStored,
    /// It is stored, and the reply says that the server is busy (503).
    BusyAfter,
    /// It is not stored, and the reply says that the server is busy (503).
    BusyBefore,
    /// No reply comes, and it is stored so many seconds later.
    Late(u64),
    /// It is refused.
    Refused,
}

/// How a field is searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    Works,
    /// No customer is ever found.
    Nothing,
    /// The condition is ignored, so every customer is found.
    Everybody,
    Refused,
}

/// How values are changed as they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Nothing,
    /// Capitals become small letters.
    Lower,
    /// Full-width letters and digits become ordinary ones.
    Fold,
    /// `+86` is cut off.
    Country,
    /// Blanks and dashes are dropped.
    Squeeze,
    /// Lists are reversed.
    Reverse,
}

/// What a colleague adds after one of our adds has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colleague {
    Nobody,
    /// An equal customer.
    Equal,
    /// A customer of another name with the same phones.
    SamePhone,
}

/// What kind of server it is.
#[derive(Debug, Clone)]
pub(crate) struct Habits {
    /// What becomes of each add, in turn, over and over.
    pub fates: Vec<Fate>,
    /// What a colleague adds after each add, in turn, over and over.
    pub colleagues: Vec<Colleague>,
    pub changes: Vec<Change>,
    /// Whether a value that is searched for is changed in the same way before the search.
    pub changes_queries: bool,
    /// How names, phones, addresses and the stamp are searched.
    pub search: [Search; 4],
    /// How many seconds after it was stored a customer is found, by the same four fields.
    pub lag_seconds: [u64; 4],
    pub page_cap: usize,
    pub pages_move: bool,
    pub offset_seconds: i64,
    pub updates: Updates,
}

/// What becomes of an update with the values that are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Updates {
    /// The update time is a new one, and the search shows it as late as a new customer.
    Renew,
    /// The update time stays.
    Keep,
    /// The update time is a new one, and the search never shows it.
    Hide,
    Refuse,
}

const SEARCHED: [&str; 4] = ["customerName", "mobile", "email", STAMP];

/// A stored customer, and what it was stored for.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub customer: Customer,
    /// The content that was sent, without the stamp.
    pub sent: String,
    /// Whether ferry sent it.
    pub ours: bool,
    since: Duration,
    /// The customer as it was written last, and when: the search may not show it yet.
    written: Option<(Customer, Duration)>,
}

impl Stored {
    /// Whether it was written after it was added.
    pub fn is_written(&self) -> bool {
        self.written.is_some()
    }
}

#[derive(Debug, Clone, Default)]
struct Store {
    stored: Vec<Stored>,
    /// The records that will be stored later, each with its time.
    due: Vec<(Duration, Record)>,
    adds: u64,
    lists: u64,
}

/// The model of a server. Clones share its store; [`Model::as_of_now`] makes one of its own.
#[derive(Clone)]
pub(crate) struct Model {
    habits: Arc<Habits>,
    store: Arc<Mutex<Store>>,
    dead: Arc<AtomicBool>,
    clock: JumpClock,
}

/// Returns a record's content without its stamp, by which rows are told apart.
pub(crate) fn content(record: &Record) -> String {
    let mut fields: Vec<String> = record
        .fields
        .iter()
        .filter(|(key, _)| key.as_str() != STAMP)
        .map(|field| serde_json::to_string(field).unwrap())
        .collect();
    fields.sort();
    fields.join(",")
}

impl Model {
    pub fn new(habits: Habits, clock: JumpClock) -> Self {
        Self {
            habits: Arc::new(habits),
            store: Arc::default(),
            dead: Arc::default(),
            clock,
        }
    }

    /// Makes another server that holds the same customers and goes its own way.
    pub fn as_of_now(&self) -> Self {
        Self {
            store: Arc::new(Mutex::new(self.lock().clone())),
            dead: Arc::default(),
            ..self.clone()
        }
    }

    /// Makes the server unreachable from now on.
    pub fn die(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }

    /// Returns all customers, with those that will be stored later.
    pub fn stored(&self) -> Vec<Stored> {
        let mut store = self.lock();
        self.store_due(&mut store, Duration::MAX);
        store.stored.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap()
    }

    fn alive(&self) -> Result<(), CallError> {
        if self.dead.load(Ordering::Relaxed) {
            return Err(failure(Class::NotSent, "nobody is there"));
        }
        Ok(())
    }

    fn store_due(&self, store: &mut Store, now: Duration) {
        for (at, record) in std::mem::take(&mut store.due) {
            if at <= now {
                self.keep(store, &record, true, at.min(self.clock.now()));
            } else {
                store.due.push((at, record));
            }
        }
    }

    fn keep(&self, store: &mut Store, record: &Record, ours: bool, since: Duration) -> Customer {
        let id = format!(
            "{}",
            685_775_343_058_800_000_u64 + store.stored.len() as u64
        );
        let created = self.server_time();
        let mut fields = Map::new();
        fields.insert("_id".to_owned(), id.clone().into());
        for (key, value) in &record.fields {
            fields.insert(key.as_str().to_owned(), self.changed_value(value));
        }
        fields.insert("createTime".to_owned(), created.clone().into());
        fields.insert("updateTime".to_owned(), created.clone().into());
        let customer = Customer {
            id: CustomerId::parse(&id).unwrap(),
            created: Some(created),
            edited: false,
            created_by: Some(if ours { "openApi" } else { "张三" }.to_owned()),
            fields,
        };
        store.stored.push(Stored {
            customer: customer.clone(),
            sent: content(record),
            ours,
            since,
            written: None,
        });
        customer
    }

    /// Returns the present time by the server's clock, as the server writes it.
    fn server_time(&self) -> String {
        let unix = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs() as i64;
        let at = jiff::Timestamp::from_second(unix + self.habits.offset_seconds).unwrap();
        at.in_tz("Asia/Shanghai")
            .unwrap()
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string()
    }

    fn changed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for change in &self.habits.changes {
            text = match change {
                Change::Nothing | Change::Reverse => text,
                Change::Lower => text.to_lowercase(),
                Change::Fold => text.chars().map(folded).collect(),
                Change::Country => text
                    .strip_prefix("+86")
                    .map_or(text.clone(), |rest| rest.trim_start().to_owned()),
                Change::Squeeze => text.split([' ', '-']).collect(),
            };
        }
        text
    }

    fn changed_value(&self, value: &Value) -> Json {
        match value {
            Value::Text(text) => self.changed(text).into(),
            Value::Entries(entries) => {
                let mut entries: Vec<Json> = entries
                    .iter()
                    .map(|entry| json!({"value": self.changed(&entry.value), "memo": entry.memo}))
                    .collect();
                if self.habits.changes.contains(&Change::Reverse) {
                    entries.reverse();
                }
                entries.into()
            }
            Value::List(texts) => texts.clone().into(),
            Value::ClearText | Value::ClearList => Json::Null,
        }
    }

    fn found(&self, store: &Store, field: &str, value: &str) -> Result<Vec<Customer>, CallError> {
        let place = SEARCHED
            .iter()
            .position(|known| *known == field)
            .unwrap_or(0);
        let value = if self.habits.changes_queries {
            self.changed(value)
        } else {
            value.to_owned()
        };
        let now = self.clock.now();
        let lag = Duration::from_secs(self.habits.lag_seconds[place]);
        let shown = store.stored.iter().filter(|it| it.since + lag <= now);
        let of = |it: &Stored| match &it.written {
            Some((customer, since)) if *since + lag <= now => customer.clone(),
            _ => it.customer.clone(),
        };
        Ok(match self.habits.search[place] {
            Search::Works => shown
                .filter(|it| holds(&it.customer, field, &value))
                .map(of)
                .collect(),
            Search::Nothing => Vec::new(),
            Search::Everybody => shown.map(of).collect(),
            Search::Refused => return Err(failure(Class::Refused, "not searchable")),
        })
    }
}

/// Returns the second after a time, both as the server writes them.
fn second_after(text: &str) -> String {
    let format = "%Y-%m-%d %H:%M:%S";
    let at = jiff::civil::DateTime::strptime(format, text).unwrap();
    let after = at.checked_add(Duration::from_secs(1)).unwrap();
    after.strftime(format).to_string()
}

fn holds(customer: &Customer, field: &str, value: &str) -> bool {
    match customer.fields.get(field) {
        Some(Json::String(text)) => text == value,
        Some(Json::Array(items)) => items.iter().any(|item| item["value"] == value),
        _ => false,
    }
}

fn folded(letter: char) -> char {
    match u32::from(letter) {
        code @ 0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).unwrap_or(letter),
        _ => letter,
    }
}

fn failure(class: Class, message: &str) -> CallError {
    CallError {
        class,
        message: message.into(),
        code: None,
        http_status: None,
        trace_id: None,
        retry_after: None,
        sounds_like: None,
    }
}

/// Returns the error that `classify` makes of a gateway's 503 in answer to an add.
fn busy() -> CallError {
    CallError {
        sounds_like: Some(Class::Busy),
        ..failure(Class::Unknown, "try again later")
    }
}

impl Crm for Model {
    fn add(&self, record: &Record) -> Result<Customer, CallError> {
        self.alive()?;
        let (mut store, now) = (self.lock(), self.clock.now());
        self.store_due(&mut store, now);
        let number = store.adds as usize;
        store.adds += 1;
        let fates = &self.habits.fates;
        let answer = match fates[number % fates.len()] {
            Fate::Fine => Ok(self.keep(&mut store, record, true, now)),
            Fate::Lost => {
                self.keep(&mut store, record, true, now);
                Err(failure(Class::Unknown, "the reply was lost"))
            }
            Fate::NotStored => Err(failure(Class::Unknown, "something went wrong")),
            Fate::BusyAfter => {
                self.keep(&mut store, record, true, now);
                Err(busy())
            }
            Fate::BusyBefore => Err(busy()),
            Fate::Late(seconds) => {
                store
                    .due
                    .push((now + Duration::from_secs(seconds), record.clone()));
                Err(failure(Class::Unknown, "no reply came in time"))
            }
            Fate::Refused => Err(failure(Class::Refused, "no")),
        };
        let colleagues = &self.habits.colleagues;
        let theirs = match colleagues[number % colleagues.len()] {
            Colleague::Nobody => None,
            Colleague::Equal => Some(record.clone()),
            Colleague::SamePhone => {
                let mut other = record.clone();
                for (key, value) in &mut other.fields {
                    if key.as_str() == "customerName" {
                        *value = Value::Text("别人".to_owned());
                    }
                }
                Some(other)
            }
        };
        if let Some(mut theirs) = theirs {
            theirs.fields.retain(|(key, _)| key.as_str() != STAMP);
            self.keep(&mut store, &theirs, false, now);
        }
        answer
    }

    fn list(&self, query: &Query) -> Result<Page, CallError> {
        self.alive()?;
        let mut store = self.lock();
        self.store_due(&mut store, self.clock.now());
        store.lists += 1;
        let mut all = match &query.condition {
            Some(Condition::Equals { field, value }) => self.found(&store, field, value)?,
            Some(Condition::Empty { .. }) => Vec::new(),
            None => store.stored.iter().map(|it| it.customer.clone()).collect(),
        };
        if self.habits.pages_move && !all.is_empty() {
            let turn = store.lists as usize % all.len();
            all.rotate_left(turn);
        }
        let count = all.len() as u64;
        let size = self.habits.page_cap.min(query.limit as usize);
        let customers = all
            .into_iter()
            .skip(size * (query.page as usize - 1))
            .take(size);
        Ok(Page {
            customers: customers.collect(),
            count,
        })
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        self.alive()?;
        let stamp = FieldConfig {
            key: STAMP.to_owned(),
            label: "导入标记".to_owned(),
            type_name: "text".to_owned(),
            status: FieldStatus::Enabled,
            searchable: Some(true),
            ..FieldConfig::default()
        };
        Ok(vec![stamp])
    }

    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError> {
        self.alive()?;
        let (mut store, now) = (self.lock(), self.clock.now());
        let stored = store.stored.iter_mut().find(|it| it.customer.id == *id);
        let Some(stored) = stored else {
            return Err(failure(Class::Gone, "nobody"));
        };
        let mut latest = match &stored.written {
            Some((customer, _)) => customer.clone(),
            None => stored.customer.clone(),
        };
        for (key, value) in &record.fields {
            let same = latest.fields.get(key.as_str()) == Some(&self.changed_value(value));
            // A test sends no updates but those that make a witness, which write what is stored.
            assert!(same, "no row is an update: {key:?}");
        }
        let before = latest.fields["updateTime"].as_str().unwrap().to_owned();
        let renewed = self.server_time().max(second_after(&before));
        match self.habits.updates {
            Updates::Refuse => return Err(failure(Class::Refused, "no updates")),
            Updates::Keep => return Ok(latest),
            Updates::Renew | Updates::Hide => {}
        }
        latest
            .fields
            .insert("updateTime".to_owned(), renewed.into());
        latest.edited = true;
        let since = match self.habits.updates {
            Updates::Hide => now + Duration::from_secs(1_000_000),
            _ => now,
        };
        stored.written = Some((latest.clone(), since));
        Ok(latest)
    }

    fn delete(&self, _: &CustomerId) -> Result<(), CallError> {
        Err(failure(Class::Refused, "nothing is deleted"))
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        self.alive()?;
        let store = self.lock();
        let stored = store.stored.iter().find(|it| it.customer.id == *id);
        let stored = stored.ok_or_else(|| failure(Class::Gone, "nobody"))?;
        let latest = stored.written.as_ref().map(|(customer, _)| customer);
        Ok(latest.unwrap_or(&stored.customer).clone())
    }
}
