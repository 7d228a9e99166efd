//! Helpers for the tests of this room: a monitor that collects, and a scripted [`Crm`].

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use super::api::Crm;
use super::call_error::{CallError, Class};
use super::query::{Page, Query};
use crate::model::{
    Counter, Customer, CustomerId, FieldConfig, FieldKey, Monitor, Problem, Record, Task, Value,
};

/// A monitor that collects notices and counts.
#[derive(Default)]
pub struct Collector {
    notices: Mutex<Vec<Problem>>,
    counts: Mutex<Vec<(Counter, u64)>>,
}

impl Collector {
    pub fn notices(&self) -> Vec<Problem> {
        self.notices.lock().unwrap().clone()
    }

    pub fn counted(&self, counter: Counter) -> u64 {
        let counts = self.counts.lock().unwrap();
        let same = counts.iter().filter(|(counted, _)| *counted == counter);
        same.map(|(_, amount)| amount).sum()
    }
}

impl Monitor for Collector {
    fn start_task(&self, _: Task, _: Option<u64>) {}
    fn advance(&self, _: Task, _: u64) {}
    fn finish_task(&self, _: Task) {}

    fn count(&self, counter: Counter, amount: u64) {
        self.counts.lock().unwrap().push((counter, amount));
    }

    fn notice(&self, problem: &Problem) {
        self.notices.lock().unwrap().push(problem.clone());
    }
}

/// A CRM that answers each attempt with the next of its script, and with success after that.
pub struct Scripted {
    script: Mutex<VecDeque<Option<CallError>>>,
    calls: Mutex<u32>,
    adds: Mutex<u32>,
    lists: Mutex<u32>,
    lists_are_good: bool,
}

impl Scripted {
    pub fn new(script: impl IntoIterator<Item = Option<CallError>>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            calls: Mutex::new(0),
            adds: Mutex::new(0),
            lists: Mutex::new(0),
            lists_are_good: false,
        }
    }

    /// Lets every list succeed; the script is for the other calls.
    pub fn with_good_lists(self) -> Self {
        Self {
            lists_are_good: true,
            ..self
        }
    }

    pub fn calls(&self) -> u32 {
        *self.calls.lock().unwrap()
    }

    pub fn adds(&self) -> u32 {
        *self.adds.lock().unwrap()
    }

    pub fn lists(&self) -> u32 {
        *self.lists.lock().unwrap()
    }

    fn next<T>(&self, good: T) -> Result<T, CallError> {
        *self.calls.lock().unwrap() += 1;
        match self.script.lock().unwrap().pop_front().flatten() {
            Some(error) => Err(error),
            None => Ok(good),
        }
    }
}

impl Crm for &Scripted {
    fn add(&self, _: &Record) -> Result<Customer, CallError> {
        *self.adds.lock().unwrap() += 1;
        self.next(customer())
    }

    fn update(&self, _: &CustomerId, _: &Record) -> Result<Customer, CallError> {
        self.next(customer())
    }

    fn delete(&self, _: &CustomerId) -> Result<(), CallError> {
        self.next(())
    }

    fn find(&self, _: &CustomerId) -> Result<Customer, CallError> {
        self.next(customer())
    }

    fn list(&self, _: &Query) -> Result<Page, CallError> {
        *self.lists.lock().unwrap() += 1;
        let page = Page {
            customers: Vec::new(),
            count: 0,
        };
        if self.lists_are_good {
            *self.calls.lock().unwrap() += 1;
            return Ok(page);
        }
        self.next(page)
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        self.next(Vec::new())
    }
}

pub fn id() -> CustomerId {
    CustomerId::parse("685775343058800640").unwrap()
}

pub fn customer() -> Customer {
    Customer {
        id: id(),
        created: None,
        created_by: None,
        edited: false,
        fields: serde_json::Map::new(),
    }
}

pub fn record() -> Record {
    let mut record = Record::default();
    record.push(FieldKey::new("customerName"), Value::Text("甲".into()));
    record
}

pub fn error(class: Class) -> CallError {
    CallError {
        class,
        message: format!("{class:?}").into(),
        code: None,
        http_status: None,
        trace_id: None,
        retry_after: None,
        sounds_like: None,
    }
}

pub fn busy_error(seconds: u64) -> CallError {
    CallError {
        retry_after: Some(Duration::from_secs(seconds)),
        ..error(Class::Busy)
    }
}
