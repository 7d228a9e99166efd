//! What the page does that takes longer than a reader waits: each in a thread of its own.
//!
//! Works that write to one account wait for each other, in the order in which they were begun, and can be seen waiting. A
//! restart of the program forgets the works and no job: those stand in the state folder, and the address of a work leads
//! there ([`WorkPlaces`]).

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::links;
use super::monitor::LiveMonitor;
use super::session::random_letters;
use super::work_places::WorkPlaces;
use crate::face::failure::Failure;
use crate::lang::{Text, page};
use crate::model::{JobId, Stop};

/// The most works that are remembered after their end.
const MOST_ENDED: usize = 100;

/// The letters of a work's name.
const NAME_LENGTH: usize = 22;

/// The interval at which a waiting work looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// What is to be done.
#[derive(Debug, Clone)]
pub(super) struct WorkOrder {
    /// What it is, for people.
    pub title: Text,
    /// The path of the screen from which it was begun.
    pub back: String,
    /// The key of the account that it writes to; `None` where it only reads.
    pub writes: Option<String>,
    /// The job that it works on, if that is known.
    pub job: Option<JobId>,
    /// What a work without a job is about: an order of the same title about the same is the same.
    pub about: Option<String>,
}

impl WorkOrder {
    /// Returns the order of something that reads. `title` is the key of a word of the page, and `about` says what is
    /// read: as long as it is being read, nobody reads it once more.
    pub fn reading(title: &str, back: &str, about: impl Into<String>) -> Self {
        Self {
            title: page::text(title, &[]),
            back: back.to_owned(),
            writes: None,
            job: None,
            about: Some(about.into()),
        }
    }
}

/// How a work stands.
#[derive(Debug, Clone)]
pub(super) enum WorkStanding {
    /// It waits for other works that write.
    Queued,
    Running,
    /// It is done; the path of the screen that shows what has come of it.
    Done(String),
    Failed(Arc<Failure>),
}

/// Something that the page does in a thread of its own.
#[derive(Debug)]
pub(super) struct PageWork {
    number: u64,
    /// Its name in addresses, which nobody can guess and no other work has, also after a restart.
    pub name: String,
    pub order: WorkOrder,
    pub monitor: Arc<LiveMonitor>,
    /// Ends the work, resumably.
    pub stop: Stop,
    standing: Mutex<WorkStanding>,
    /// The jobs that it works on, as far as they are known.
    jobs: Mutex<Vec<JobId>>,
    places: Arc<WorkPlaces>,
}

impl PageWork {
    fn lock(&self) -> MutexGuard<'_, WorkStanding> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how the work stands.
    pub fn standing(&self) -> WorkStanding {
        self.lock().clone()
    }

    /// Notes a job that the work works on, and whose name was not known when it began.
    pub fn note_job(&self, job: &JobId) {
        self.jobs().push(job.clone());
        self.note_place(&links::job(job));
    }

    /// Forgets the latest job, which was thrown away: what has become of the work is seen at this path.
    pub fn forget_job(&self, path: &str) {
        self.jobs().pop();
        self.note_place(path);
    }

    /// Notes the path at which one sees what has become of the work if the program ends before it.
    pub fn note_place(&self, path: &str) {
        self.places.note(&self.name, path);
    }

    /// Returns the job of which it was last known that the work is on it.
    pub fn latest_job(&self) -> Option<JobId> {
        self.jobs().last().cloned()
    }

    fn jobs(&self) -> MutexGuard<'_, Vec<JobId>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_on(&self, job: &JobId) -> bool {
        self.jobs().contains(job)
    }

    /// Returns whether the work does what is ordered: of one job, one thing is written at a time, and nothing is read
    /// twice at once.
    fn does(&self, order: &WorkOrder) -> bool {
        let is_titled = self.order.title == order.title;
        let is_alike = (self.order.writes.is_some() && order.writes.is_some()) || is_titled;
        let is_of_job = || order.job.as_ref().is_some_and(|job| self.is_on(job)) && is_alike;
        let is_about = || order.about.is_some() && self.order.about == order.about && is_titled;
        (is_of_job() || is_about()) && self.is_going_on()
    }

    /// Returns whether the work goes on.
    pub fn is_going_on(&self) -> bool {
        matches!(
            self.standing(),
            WorkStanding::Queued | WorkStanding::Running
        )
    }
}

/// All works since the start of the program.
#[derive(Debug, Default)]
pub(super) struct Works {
    all: Mutex<BTreeMap<u64, Arc<PageWork>>>,
    writing: WriteTurn,
    places: Arc<WorkPlaces>,
}

impl Works {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<PageWork>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a work, and returns it; a work that does the same already is returned in its place, so that a button
    /// which is pressed twice does nothing twice. `run` returns the path of the screen that shows what has come of it.
    pub fn begin(
        self: &Arc<Self>,
        order: WorkOrder,
        run: impl FnOnce(&PageWork) -> Result<String, Failure> + Send + 'static,
    ) -> Arc<PageWork> {
        let work = {
            let mut all = self.lock();
            if let Some(same) = all.values().find(|work| work.does(&order)) {
                return same.clone();
            }
            let number = all.keys().next_back().map_or(1, |last| last + 1);
            let work = Arc::new(PageWork {
                number,
                name: random_letters(NAME_LENGTH).unwrap_or_else(|_| number.to_string()),
                places: self.places.clone(),
                standing: Mutex::new(if order.writes.is_some() {
                    WorkStanding::Queued
                } else {
                    WorkStanding::Running
                }),
                jobs: Mutex::new(order.job.iter().cloned().collect()),
                order,
                monitor: LiveMonitor::new(),
                stop: Stop::new(),
            });
            all.insert(number, work.clone());
            forget_old(&mut all);
            work
        };
        work.note_place(&work.order.back);
        if let Some(account) = &work.order.writes {
            self.writing.join(work.number, account);
        }
        let (works, its) = (self.clone(), work.clone());
        std::thread::spawn(move || {
            let account = its.order.writes.as_ref();
            let turn = account.map(|account| works.writing.wait((its.number, account), &its.stop));
            *its.lock() = WorkStanding::Running;
            // A panic is a defect of ours; the page lives on and says that this work failed.
            let run = std::panic::AssertUnwindSafe(|| run(&its));
            let ended = std::panic::catch_unwind(run);
            drop(turn);
            *its.lock() = match ended {
                Ok(Ok(path)) => WorkStanding::Done(path),
                Ok(Err(failure)) => WorkStanding::Failed(Arc::new(failure)),
                Err(_) => WorkStanding::Failed(Arc::new(Failure::said(
                    crate::face::failure::exit::LOCAL,
                    crate::lang::say::usage::broke_down(),
                ))),
            };
        });
        work
    }

    /// Keeps in a file where to look for works after a restart.
    pub fn kept_in(file: PathBuf) -> Self {
        Self {
            places: Arc::new(WorkPlaces::of(file)),
            ..Self::default()
        }
    }

    /// Returns a work by its name; `None` also for one of an earlier start.
    pub fn get(&self, name: &str) -> Option<Arc<PageWork>> {
        let all = self.lock();
        all.values().find(|work| work.name == name).cloned()
    }

    /// Returns the path at which one sees what has become of a work of an earlier start.
    pub fn earlier_place(&self, name: &str) -> Option<String> {
        self.places.of_work(name)
    }

    /// Returns the works that go on, the oldest first.
    pub fn going_on(&self) -> Vec<Arc<PageWork>> {
        let all = self.lock();
        all.values()
            .filter(|work| work.is_going_on())
            .cloned()
            .collect()
    }

    /// Returns the work that works on a job.
    pub fn on_job(&self, job: &JobId) -> Option<Arc<PageWork>> {
        let works = self.going_on();
        works.into_iter().find(|work| work.is_on(job))
    }

    /// Returns whether a work goes on that writes for a job, or waits for its turn.
    pub fn is_written(&self, job: &JobId) -> bool {
        let works = self.going_on();
        works
            .iter()
            .any(|work| work.order.writes.is_some() && work.is_on(job))
    }

    /// Does something with a job while no work is on it, and none can begin; `None` where one is.
    pub fn unless_on<T>(&self, job: &JobId, act: impl FnOnce() -> T) -> Option<T> {
        let all = self.lock();
        let is_free = !all
            .values()
            .any(|work| work.is_going_on() && work.is_on(job));
        is_free.then(act)
    }

    /// Returns why the latest work on a job has failed; `None` if it has not.
    pub fn failure_on(&self, job: &JobId) -> Option<Arc<Failure>> {
        let all = self.lock();
        let latest = all.values().rev().find(|work| work.is_on(job))?;
        match latest.standing() {
            WorkStanding::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Asks all works to stop.
    pub fn stop_all(&self) {
        self.going_on().iter().for_each(|work| work.stop.request());
    }
}

fn forget_old(all: &mut BTreeMap<u64, Arc<PageWork>>) {
    let ended: Vec<u64> = all
        .iter()
        .filter(|(_, work)| !work.is_going_on())
        .map(|(number, _)| *number)
        .collect();
    let too_many = ended.len().saturating_sub(MOST_ENDED);
    for number in &ended[..too_many] {
        all.remove(number);
    }
}

/// The turn to write, which goes round in the order of asking, for each account of its own.
#[derive(Debug, Default)]
struct WriteTurn {
    /// The works and their accounts.
    waiting: Mutex<VecDeque<(u64, String)>>,
    moved: Condvar,
}

/// The turn of one work; the next one has it when this is dropped.
struct HeldTurn<'a> {
    turn: &'a WriteTurn,
    number: u64,
}

impl WriteTurn {
    fn lock(&self) -> MutexGuard<'_, VecDeque<(u64, String)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn join(&self, number: u64, account: &str) {
        self.lock().push_back((number, account.to_owned()));
    }

    /// Waits until all earlier works of the account are over, or the work is to stop: then it runs and sees that for itself.
    fn wait(&self, (number, account): (u64, &str), stop: &Stop) -> HeldTurn<'_> {
        let mut waiting = self.lock();
        let is_next = |waiting: &VecDeque<(u64, String)>| {
            let first = waiting.iter().find(|(_, its)| its == account);
            first.is_none_or(|(first, _)| *first == number)
        };
        while !is_next(&waiting) && !stop.is_requested() {
            let woken = self.moved.wait_timeout(waiting, LOOK);
            waiting = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(waiting);
        HeldTurn { turn: self, number }
    }
}

impl Drop for HeldTurn<'_> {
    fn drop(&mut self) {
        self.turn
            .lock()
            .retain(|(number, _)| *number != self.number);
        self.turn.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(writes: bool) -> WorkOrder {
        order_of(writes.then_some("an account"))
    }

    fn order_of(account: Option<&str>) -> WorkOrder {
        WorkOrder {
            title: Text::verbatim("a work"),
            back: "/".to_owned(),
            writes: account.map(str::to_owned),
            job: None,
            about: None,
        }
    }

    fn ended(work: &PageWork) -> WorkStanding {
        loop {
            match work.standing() {
                WorkStanding::Queued | WorkStanding::Running => {
                    std::thread::sleep(Duration::from_millis(1));
                }
                ended => return ended,
            }
        }
    }

    #[test]
    fn works_that_write_go_one_after_the_other_and_others_do_not_wait() {
        let works = Arc::new(Works::default());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let first = works.begin(order(true), move |_| {
            wait.recv().expect("told to go on");
            Ok("/first".to_owned())
        });
        let second = works.begin(order(true), |_| Ok("/second".to_owned()));
        let reader = works.begin(order(false), |_| Ok("/reader".to_owned()));
        let other = works.begin(order_of(Some("another")), |_| Ok("/other".to_owned()));
        assert!(matches!(ended(&other), WorkStanding::Done(path) if path == "/other"));
        assert!(matches!(ended(&reader), WorkStanding::Done(path) if path == "/reader"));
        assert!(matches!(second.standing(), WorkStanding::Queued));
        go.send(()).expect("the first waits");
        assert!(matches!(ended(&first), WorkStanding::Done(path) if path == "/first"));
        assert!(matches!(ended(&second), WorkStanding::Done(path) if path == "/second"));
    }

    #[test]
    fn a_button_that_is_pressed_twice_begins_one_work() {
        let works = Arc::new(Works::default());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let job = JobId::from_parts("20261123-173015", "customers");
        let of_job = |writes| WorkOrder {
            job: Some(job.clone()),
            ..order(writes)
        };
        let first = works.begin(of_job(true), move |_| {
            wait.recv().expect("told to go on");
            Ok("/first".to_owned())
        });
        let second = works.begin(of_job(true), |_| panic!("it goes on already"));
        assert_eq!(first.name, second.name);
        let unnamed = works.begin(order(false), |_| Ok("/".to_owned()));
        assert_ne!(unnamed.name, first.name);
        assert!(works.unless_on(&job, || ()).is_none());
        go.send(()).expect("it waits");
        assert!(matches!(ended(&first), WorkStanding::Done(_)));
        let later = works.begin(of_job(true), |_| Ok("/later".to_owned()));
        assert!(matches!(ended(&later), WorkStanding::Done(path) if path == "/later"));
        assert!(works.unless_on(&job, || ()).is_some());
    }

    #[test]
    fn what_is_being_read_is_not_read_once_more() {
        let works = Arc::new(Works::default());
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let about = |about: &str| WorkOrder::reading("checking", "/", about);
        let first = works.begin(about("a.1"), move |_| {
            wait.recv().expect("told to go on");
            Ok("/first".to_owned())
        });
        let second = works.begin(about("a.1"), |_| panic!("it goes on already"));
        assert_eq!(first.name, second.name);
        for other in [about("a.2"), WorkOrder::reading("planning", "/", "a.1")] {
            let other = works.begin(other, |_| Ok("/".to_owned()));
            assert_ne!(first.name, other.name);
        }
        go.send(()).expect("it waits");
        assert!(matches!(ended(&first), WorkStanding::Done(_)));
    }

    #[test]
    fn a_work_that_breaks_down_is_told_and_lets_the_next_one_go() {
        let works = Arc::new(Works::default());
        let first = works.begin(order(true), |_| panic!("a defect"));
        let second = works.begin(order(true), |_| Ok("/".to_owned()));
        assert!(matches!(ended(&first), WorkStanding::Failed(_)));
        assert!(matches!(ended(&second), WorkStanding::Done(_)));
        assert!(works.going_on().is_empty());
    }
}
