//! Reads lists that move while they are read, from a model of a server: a list that is called complete is complete.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::tz::TimeZone;
use proptest::prelude::*;
use serde_json::json;

use super::options::ListEnd;
use super::whole_list::*;
use crate::crm::{CallError, Class, Crm, Pace, Page, Query, Rates, ServerClock, SystemClock};
use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::journal::{Age, Spool, SpoolCustomer, StateFolder};
use crate::lang::Lang;
use crate::lookup::listing::options::{Completeness, ListOptions};
use crate::model::{Customer, CustomerId, FieldConfig, Monitor, Record, Saying, Stop, VoidMonitor};

/// A change of the list that happens just before a page is answered.
#[derive(Debug, Clone, Copy)]
enum Move {
    /// A customer is created, with a time of creation that is so many seconds from now.
    Insert(i64),
    /// The customer at this position of the list is deleted.
    Delete(usize),
}

/// The order in which the server lists customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    NewestFirst,
    OldestFirst,
}

struct Moving {
    /// The customers in the server's order: their ids and times of creation.
    list: Vec<(u64, String)>,
    order: Order,
    /// The changes, with the number of the page call before which each happens, from 1.
    script: Vec<(u32, Move)>,
    calls: u32,
    next_id: u64,
    cap: usize,
    /// Numbers of the pages that are answered with half of what they should hold.
    short: Vec<u32>,
    /// Customers that were there at the start and are deleted by now.
    gone: BTreeSet<u64>,
    finds: u32,
    /// Whether the server refuses to read single customers.
    refuses_finds: bool,
}

struct Server(Mutex<Moving>);

fn local(seconds: i64) -> String {
    let moment = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    jiff::ZonedDateTime::new(moment, zone)
        .strftime("%Y-%m-%d %H:%M:%S")
        .to_string()
}

impl Moving {
    fn of(customers: u64, order: Order, script: Vec<(u32, Move)>) -> Self {
        let mut list: Vec<(u64, String)> = (1..=customers)
            .map(|id| (id, local(-1_000_000 + i64::try_from(id).expect("small"))))
            .collect();
        // One customer is recent enough to show that clock and zone are the right ones.
        if let Some(newest) = list.last_mut() {
            newest.1 = local(-600);
        }
        if order == Order::NewestFirst {
            list.reverse();
        }
        Self {
            list,
            order,
            script,
            calls: 0,
            next_id: 1_000_000,
            cap: usize::MAX,
            short: Vec::new(),
            gone: BTreeSet::new(),
            finds: 0,
            refuses_finds: false,
        }
    }

    fn happen(&mut self, event: Move) {
        match event {
            Move::Insert(seconds) => {
                self.next_id += 1;
                let newcomer = (self.next_id, local(seconds));
                match self.order {
                    Order::NewestFirst => self.list.insert(0, newcomer),
                    Order::OldestFirst => self.list.push(newcomer),
                }
            }
            Move::Delete(position) => {
                if !self.list.is_empty() {
                    let at = position % self.list.len();
                    let (id, _) = self.list.remove(at);
                    self.gone.insert(id);
                }
            }
        }
    }
}

fn customer((id, created): &(u64, String)) -> Customer {
    let fields =
        json!({"_id": id.to_string(), "createTime": created, "customerName": format!("客户{id}")});
    Customer {
        id: CustomerId::parse(&id.to_string()).expect("digits"),
        created: Some(created.clone()),
        edited: false,
        created_by: None,
        fields: fields.as_object().expect("an object").clone(),
    }
}

fn refused(class: Class) -> CallError {
    CallError {
        class,
        message: Saying::NoSuchCustomer.into(),
        code: None,
        http_status: None,
        trace_id: None,
        retry_after: None,
        sounds_like: None,
    }
}

impl Crm for Server {
    fn list(&self, query: &Query) -> Result<Page, CallError> {
        let mut server = self.0.lock().expect("nobody fails");
        server.calls += 1;
        let now = server.calls;
        let due: Vec<Move> = server
            .script
            .iter()
            .filter(|(at, _)| *at == now)
            .map(|(_, event)| *event)
            .collect();
        for event in due {
            server.happen(event);
        }
        let limit = (query.limit as usize).min(server.cap);
        let skip = (query.page as usize - 1) * query.limit as usize;
        let mut customers: Vec<Customer> = server
            .list
            .iter()
            .skip(skip)
            .take(limit)
            .map(customer)
            .collect();
        if server.short.contains(&query.page) {
            customers.truncate(customers.len() / 2);
        }
        Ok(Page {
            customers,
            count: server.list.len() as u64,
        })
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        let mut server = self.0.lock().expect("nobody fails");
        server.finds += 1;
        if server.refuses_finds {
            return Err(refused(Class::Refused));
        }
        let found = server
            .list
            .iter()
            .find(|(known, _)| known.to_string() == id.as_str());
        found.map(customer).ok_or_else(|| refused(Class::Gone))
    }

    fn add(&self, _: &Record) -> Result<Customer, CallError> {
        Err(refused(Class::Refused))
    }

    fn update(&self, _: &CustomerId, _: &Record) -> Result<Customer, CallError> {
        Err(refused(Class::Refused))
    }

    fn delete(&self, _: &CustomerId) -> Result<(), CallError> {
        Err(refused(Class::Refused))
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        Ok(Vec::new())
    }
}

/// What reading a list came to.
struct Told {
    verdict: Option<Completeness>,
    ids: BTreeSet<u64>,
    passes: u32,
    calls: u32,
    finds: u32,
    gone: BTreeSet<u64>,
}

fn read(server: Moving, page_size: u32, max_passes: u32) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    read_from(
        server,
        (page_size, max_passes),
        &folder.path().join("spool.db"),
    )
}

/// Reads a list into a spool that may hold pages already.
fn read_from(server: Moving, (page_size, max_passes): (u32, u32), spool: &Path) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Arc::new(Server(Mutex::new(server)));
    let monitor = Arc::new(CallCounter::new(Arc::new(VoidMonitor)));
    let rates: Rates = "1000000/s".parse().expect("a rate");
    let pace = Pace::new(&rates, None, monitor.clone() as Arc<dyn Monitor>).expect("a pace");
    let context = Context {
        state: StateFolder::open(&folder.path().join("state")).expect("state"),
        crm: server.clone(),
        pace: Arc::new(pace),
        monitor,
        stop: Stop::new(),
        server_clock: Arc::new(ServerClock::measured(0)),
        clock: Arc::new(SystemClock::default()),
        lang: Lang::En,
        hints: crate::lang::hint::Hints::default(),
        owners: crate::stored::OwnerNames::default(),
    };
    let options = ListOptions {
        condition: None,
        page_size,
        concurrency: 1,
        max_passes,
        zone: TimeZone::get("Asia/Shanghai").expect("a zone"),
    };
    let spool = Spool::open(spool).expect("a spool");
    let mut listing = Listing::begin(spool, &options, &context).expect("a first page");
    let verdict = match listing.read().expect("it can be read") {
        ListEnd::Read(verdict) => Some(verdict),
        _ => None,
    };
    let spool = listing.into_spool();
    let mut ids = BTreeSet::new();
    let living = spool.seen().expect("seen").living();
    let mut reader = spool.reader(living).expect("a reader");
    loop {
        let pages = reader.read(3).expect("pages");
        if pages.is_empty() {
            break;
        }
        let texts: Vec<String> = pages
            .iter()
            .map(|page| page.text().expect("whole"))
            .collect();
        let lines = pages
            .iter()
            .zip(&texts)
            .flat_map(|(page, text)| page.lines(text));
        for line in lines {
            let customer: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let id = customer["_id"]
                .as_str()
                .expect("an id")
                .parse()
                .expect("digits");
            assert!(ids.insert(id), "{id} twice");
        }
    }
    let passes = (1..10)
        .filter(|pass| !spool.pages(*pass).expect("pages").is_empty())
        .count();
    let server = server.0.lock().expect("nobody fails");
    Told {
        verdict,
        ids,
        passes: u32::try_from(passes).expect("few"),
        calls: server.calls,
        finds: server.finds,
        gone: server.gone.clone(),
    }
}

/// Whether every one of the first `customers` that is not deleted was read.
fn has_all(told: &Told, customers: u64) -> bool {
    (1..=customers)
        .filter(|id| !told.gone.contains(id))
        .all(|id| told.ids.contains(&id))
}

#[test]
fn a_still_list_is_read_once() {
    let told = read(Moving::of(25, Order::NewestFirst, Vec::new()), 10, 5);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    assert_eq!(
        (told.ids.len(), told.passes, told.calls, told.finds),
        (25, 1, 3, 0)
    );
    for empty in [0, 1] {
        let told = read(Moving::of(empty, Order::OldestFirst, Vec::new()), 10, 5);
        assert_eq!(told.verdict, Some(Completeness::Complete));
        assert_eq!((told.ids.len() as u64, told.calls), (empty, 1));
    }
}

/// A deletion on a page that was read hides a living customer behind it, and a new customer makes up for it. Unique
/// rows and the server's count agree although a customer is missing.
#[test]
fn a_hidden_customer_is_found_although_rows_and_count_agree() {
    let script = vec![(2, Move::Delete(3)), (2, Move::Insert(30))];
    let told = read(Moving::of(30, Order::OldestFirst, script.clone()), 10, 1);
    assert_eq!(told.ids.len(), 30, "as many rows as the server counts");
    assert!(!has_all(&told, 30), "and one is hidden");
    assert_eq!(told.verdict, Some(Completeness::Incomplete));
    let told = read(Moving::of(30, Order::OldestFirst, script), 10, 5);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    assert!(has_all(&told, 30));
    // The deleted customer was read by itself, and is not in the list.
    assert!(told.finds >= 1 && told.ids.iter().all(|id| !told.gone.contains(id)));
}

/// The database that gives times of creation is seconds behind the proxy that gives `Date`. A new customer seems to be
/// as old as the start, and makes up for one that was hidden.
#[test]
fn a_newcomer_by_a_slow_clock_makes_up_for_nobody() {
    for behind in [-4, -60, -110] {
        let script = vec![(2, Move::Delete(3)), (2, Move::Insert(behind))];
        let told = read(Moving::of(60, Order::OldestFirst, script), 10, 5);
        assert_eq!(told.verdict, Some(Completeness::Complete));
        assert!(has_all(&told, 60), "{behind} s");
    }
}

/// A customer is hidden from the pass upwards by a deletion and from the one downwards by a new customer. The server's
/// count tells that it is missing.
#[test]
fn a_customer_whom_two_passes_miss_is_missed_by_the_count() {
    let mut server = Moving::of(
        60,
        Order::NewestFirst,
        vec![(2, Move::Delete(3)), (12, Move::Insert(-60))],
    );
    // Without times of creation, only passes that agree prove anything.
    for (_, created) in &mut server.list {
        created.clear();
    }
    let told = read(server, 10, 5);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    assert!(has_all(&told, 60));
    assert!(told.passes > 2);
}

#[test]
fn a_customer_who_cannot_be_read_leaves_the_list_incomplete() {
    let mut server = Moving::of(
        30,
        Order::OldestFirst,
        vec![(2, Move::Delete(3)), (2, Move::Insert(30))],
    );
    // Without times of creation, only passes that agree prove anything.
    for (_, created) in &mut server.list {
        created.clear();
    }
    server.refuses_finds = true;
    let told = read(server, 10, 3);
    assert_eq!(told.verdict, Some(Completeness::Incomplete));
    assert!(has_all(&told, 30) && told.passes == 3);
}

#[test]
fn a_page_that_a_killed_run_has_left_is_read_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spool.db");
    let mut spool = Spool::open(&path).expect("a spool");
    let dead = SpoolCustomer {
        id: CustomerId::parse("77").expect("digits"),
        age: Age::Before,
        month: String::new(),
        line: r#"{"_id":"77"}"#.to_owned(),
    };
    let page = crate::journal::SpoolPage {
        pass: 1,
        page: 1,
        count: 30,
        is_short: false,
        digest: String::new(),
        customers: vec![dead],
    };
    let page = page.pack().expect("packed");
    spool.add(&[page]).expect("added");
    drop(spool);
    let server = Moving::of(30, Order::OldestFirst, Vec::new());
    let told = read_from(server, (10, 5), &path);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    assert_eq!(told.ids, (1..=30).collect());
}

#[test]
fn new_customers_cost_no_pass() {
    // With the newest first, new customers shift the pages back: customers repeat, and none is hidden.
    let script = (2..=8).map(|at| (at, Move::Insert(30))).collect();
    let told = read(Moving::of(50, Order::NewestFirst, script), 10, 5);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    assert!(has_all(&told, 50));
    assert_eq!(told.passes, 1);
}

#[test]
fn a_cap_is_found_on_the_first_page() {
    let server = Moving {
        cap: 7,
        ..Moving::of(40, Order::NewestFirst, Vec::new())
    };
    let told = read(server, 100, 5);
    assert_eq!(told.verdict, Some(Completeness::Complete));
    // One call finds the page size of seven, then six pages are read.
    assert_eq!((told.ids.len(), told.calls), (40, 7));
}

#[test]
fn a_short_page_is_never_taken_for_the_end() {
    let server = Moving {
        short: vec![3],
        ..Moving::of(50, Order::NewestFirst, Vec::new())
    };
    let told = read(server, 10, 2);
    assert_eq!(told.verdict, Some(Completeness::Incomplete));
    assert_eq!(told.ids.len(), 45);
}

#[test]
fn constant_change_in_both_directions_hides_nobody() {
    // A deletion or a new customer with every second page, for as long as it is read.
    for order in [Order::NewestFirst, Order::OldestFirst] {
        for seed in 0..6 {
            let mut random = fastrand::Rng::with_seed(seed);
            let script = (2..2000)
                .step_by(2)
                .map(|at| {
                    let event = if random.bool() {
                        Move::Insert(30)
                    } else {
                        Move::Delete(random.usize(..2000))
                    };
                    (at, event)
                })
                .collect();
            let told = read(Moving::of(2000, order, script), 20, 12);
            // Where the newest come last, it is not known within the first two minutes which customers came since.
            let is_complete = told.verdict == Some(Completeness::Complete);
            assert!(is_complete || order == Order::OldestFirst, "seed {seed}");
            assert!(
                !is_complete || has_all(&told, 2000),
                "seed {seed}, {order:?}"
            );
        }
    }
}

fn moves() -> impl Strategy<Value = Vec<(u32, Move)>> {
    let event = prop_oneof![
        prop_oneof![Just(-100), Just(-1), Just(0), Just(30)].prop_map(Move::Insert),
        (0_usize..60).prop_map(Move::Delete),
    ];
    proptest::collection::vec((2_u32..20, event), 0..12)
}

proptest! {
    /// A list that a single pass proves complete has everybody, whatever moved.
    #[test]
    fn a_single_pass_that_says_complete_has_everybody(
        customers in 1_u64..40,
        newest_first in any::<bool>(),
        page_size in 1_u32..9,
        script in moves(),
    ) {
        let order = if newest_first { Order::NewestFirst } else { Order::OldestFirst };
        let told = read(Moving::of(customers, order, script), page_size, 1);
        if told.verdict == Some(Completeness::Complete) {
            prop_assert!(has_all(&told, customers));
        }
    }
}
