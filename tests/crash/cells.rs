//! The cross product of what may be said in the CRM's place: reply × before or after storing × rows that meet it ×
//! what else is special. Each cell is one import by the real binary, and one question to the sandbox's store.
//!
//! Invariant: whatever the cell, the store holds exactly the customers of the rows that are `ok`, each once, and no
//! row is sent that may be stored. Which cells end with rows `unknown` is not found out but known: the rule is
//! [`Cell::may_stay_unknown`]. Every other cell ends with all rows `ok`.
//!
//! `tests/crash/gateways.rs` runs a part of the product, `cargo bench --bench soak -- --gateways` runs all of it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crm_ferry::sandbox::Dress;

use crate::support::{Endpoint, FaultKind, Options, Running, Scene, Table, named};

/// Rows of a cell's file.
const ROWS: usize = 6;
/// Customers that the earlier job has added, where there is one.
const EARLIER: usize = 2;
/// How long the late search hides what was stored, and what `--settle` fits it.
const LAG: Duration = Duration::from_secs(5);
const SETTLE: &str = "--settle 6s";
/// A cell that takes longer hangs: the longest waits `--settle` twice and for the pauses that replies ask for.
const DEADLINE: Duration = Duration::from_secs(180);
/// Replies that only a limiter gives, before the CRM has the call.
const LIMITERS: [&str; 4] = ["429", "200limit", "403limit", "sentinel"];

/// Whether a reply comes only before the CRM has the call: after storing it would be a lie that nothing can find out.
pub fn is_limiter(dress: Dress) -> bool {
    LIMITERS.contains(&dress.name())
}

/// Whether the CRM had stored the customer when the reply was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    Before,
    After,
}

/// Which rows meet the reply, each at its first add.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    First,
    Middle,
    Last,
    /// Every row, in an account in which nobody was ever added.
    AllOfFirstJob,
    /// Every row, in an account in which an earlier job has added customers.
    AllOfLaterJob,
}

/// What else is special.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Variant {
    Plain,
    /// `--stamp 客户编号`.
    Stamped,
    /// Each row has an equal one beside it.
    Twins,
    /// The search shows nothing of the last five seconds, and `--settle` says so.
    LateSearch,
    /// The server leaves `updateTime` alone when an update changes nothing.
    KeptUpdateTime,
}

impl When {
    pub const ALL: [Self; 2] = [Self::Before, Self::After];
}

impl Position {
    pub const ALL: [Self; 5] = [
        Self::First,
        Self::Middle,
        Self::Last,
        Self::AllOfFirstJob,
        Self::AllOfLaterJob,
    ];

    /// Indices of the rows that meet the reply.
    fn rows(self) -> std::ops::Range<usize> {
        match self {
            Self::First => 0..1,
            Self::Middle => ROWS / 2 - 1..ROWS / 2,
            Self::Last => ROWS - 1..ROWS,
            Self::AllOfFirstJob | Self::AllOfLaterJob => 0..ROWS,
        }
    }
}

impl Variant {
    pub const ALL: [Self; 5] = [
        Self::Plain,
        Self::Stamped,
        Self::Twins,
        Self::LateSearch,
        Self::KeptUpdateTime,
    ];

    fn flags(self) -> &'static str {
        match self {
            Self::Stamped => "--stamp 客户编号",
            Self::LateSearch => SETTLE,
            Self::Plain | Self::Twins | Self::KeptUpdateTime => "",
        }
    }
}

/// How a cell ended that holds what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every row is stored once, and known.
    Ok,
    /// The rows that met the reply are `unknown`, and not stored.
    Unknown,
}

/// One cell of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub dress: Dress,
    pub when: When,
    pub position: Position,
    pub variant: Variant,
}

impl fmt::Display for Cell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dress,
            when,
            position,
            variant,
        } = self;
        write!(formatter, "{dress} {when:?} {position:?} {variant:?}")
    }
}

/// Every reply with the moments at which it may be given: the limiters' only before storing.
pub fn replies() -> impl Iterator<Item = (Dress, When)> {
    Dress::all().flat_map(|dress| {
        let possible = move |when: &When| *when == When::Before || !is_limiter(dress);
        let moments = When::ALL.into_iter().filter(possible);
        moments.map(move |when| (dress, when))
    })
}

impl Cell {
    /// The whole product.
    pub fn all() -> Vec<Self> {
        let mut cells = Vec::new();
        for (dress, when) in replies() {
            for position in Position::ALL {
                for variant in Variant::ALL {
                    cells.push(Self {
                        dress,
                        when,
                        position,
                        variant,
                    });
                }
            }
        }
        cells
    }

    /// Whether nothing can prove that the rows in doubt are absent, so that they stay `unknown`
    /// (docs/design/doubt.md). A row that was stored is found, and a limiter's reply is a proof by itself. For others a
    /// witness must have been written later than the row in doubt. That is a later row, else a customer of ferry's that
    /// is written again, which shows nothing where the server keeps `updateTime`.
    pub fn may_stay_unknown(self) -> bool {
        let is_in_doubt = self.when == When::Before && !is_limiter(self.dress);
        let has_later_row = matches!(self.position, Position::First | Position::Middle);
        let has_customer = self.position != Position::AllOfFirstJob;
        let may_be_written_again = has_customer && self.variant != Variant::KeptUpdateTime;
        is_in_doubt && !has_later_row && !may_be_written_again
    }

    /// Whether the proof takes a customer that is written again.
    fn needs_a_write(self) -> bool {
        let is_in_doubt = self.when == When::Before && !is_limiter(self.dress);
        is_in_doubt && matches!(self.position, Position::Last | Position::AllOfLaterJob)
    }

    /// Whether the add with this number, from 1, is the first of a row that meets the reply. Calls are made one at a time;
    /// what a limiter refuses is repeated at once, everything else after the last row.
    fn hits(self, number: u64) -> bool {
        let rows = self.position.rows();
        let Ok(number) = usize::try_from(number) else {
            return false;
        };
        if is_limiter(self.dress) && rows.len() > 1 {
            return number % 2 == 1 && number < 2 * rows.len();
        }
        rows.contains(&(number - 1))
    }

    fn table(self) -> Table {
        let mut table = named(EARLIER + ROWS);
        table.rows.drain(..EARLIER);
        if self.variant == Variant::Twins {
            let halved = table.rows.into_iter().step_by(2);
            table.rows = halved.flat_map(|row| [row.clone(), row]).collect();
        }
        table
    }

    /// Runs it; an error says what does not hold.
    pub fn run(self) -> Result<Ending, String> {
        let scene = Scene::with(Options {
            search_lag: match self.variant {
                Variant::LateSearch => LAG,
                _ => Duration::ZERO,
            },
            keep_update_time: self.variant == Variant::KeptUpdateTime,
            ..Options::default()
        });
        let import = |file: &str| {
            let line = format!(
                "import {file}.csv -o {file}-result.csv --timeout 20s --concurrency 1 {}",
                self.variant.flags()
            );
            let run = Running::start(scene.command(&line)).wait_within(DEADLINE);
            let sheet = scene.path(&format!("{file}-result.csv"));
            match run.code {
                0 | 6 => Ok((run.code, Table::read(&sheet))),
                code => Err(format!("exit code {code}: {}", run.stderr)),
            }
        };
        if self.position == Position::AllOfLaterJob {
            scene.save("earlier.csv", &named(EARLIER));
            let (code, _) = import("earlier")?;
            holds("exit code of the earlier job", &code, &0)?;
        }
        scene.save("list.csv", &self.table());
        scene.crm.reset_counters();
        let fault = match self.when {
            When::Before => FaultKind::Before(self.dress),
            When::After => FaultKind::After(self.dress),
        };
        scene.crm.on_call(move |call| {
            (call.endpoint == Endpoint::Add && self.hits(call.number)).then_some(fault)
        });
        let (code, sheet) = import("list")?;
        self.judge(&scene, code, &sheet)
    }

    /// Compares exit code and result sheet with what the sandbox has stored, and with the calls that it got.
    fn judge(self, scene: &Scene, code: i32, sheet: &Table) -> Result<Ending, String> {
        let ending = if self.may_stay_unknown() {
            Ending::Unknown
        } else {
            Ending::Ok
        };
        let is_unknown =
            |row: &usize| ending == Ending::Unknown && self.position.rows().contains(row);
        let statuses: Vec<&str> = (0..ROWS)
            .map(|row| if is_unknown(&row) { "unknown" } else { "ok" })
            .collect();
        holds("_status", &sheet.column("_status"), &statuses).map_err(|error| {
            let why = [sheet.column("_error_code"), sheet.column("_error")];
            format!("{error}, {why:?}")
        })?;
        let known: Vec<usize> = (0..ROWS).filter(|row| !is_unknown(row)).collect();
        holds("exit code", &code, &if known.len() == ROWS { 0 } else { 6 })?;
        for row in (0..ROWS).filter(is_unknown) {
            let said = (sheet.cell(row, "_error_code"), sheet.cell(row, "_id"));
            holds(
                "_error_code and _id of an unknown row",
                &said,
                &("E517", ""),
            )?;
        }

        let answered: BTreeMap<String, (String, String)> = known
            .iter()
            .map(|row| {
                let cell = |header| sheet.cell(*row, header).to_owned();
                (cell("_id"), (cell("客户名称"), cell("手机")))
            })
            .collect();
        holds("ids of their own", &answered.len(), &known.len())?;
        let customers = scene.crm.customers().into_iter();
        let mut stored: BTreeMap<String, (String, String)> = customers
            .map(|customer| {
                let text =
                    |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
                let mobile = text(&customer["mobile"][0]["value"]);
                (
                    text(&customer["_id"]),
                    (text(&customer["customerName"]), mobile),
                )
            })
            .collect();
        let earlier = named(EARLIER);
        let names_of_earlier = earlier.column("客户名称");
        if self.position == Position::AllOfLaterJob {
            let before = stored.len();
            stored.retain(|_, (name, _)| !names_of_earlier.contains(&name.as_str()));
            holds(
                "customers of the earlier job",
                &(before - stored.len()),
                &EARLIER,
            )?;
        }
        holds("who is stored", &stored, &answered)?;

        let hit = self.position.rows().len();
        let is_sent_again = self.when == When::Before && ending == Ending::Ok;
        let adds = if is_sent_again { ROWS + hit } else { ROWS };
        holds("adds", &scene.adds(), &(adds as u64))?;
        let is_written = scene.crm.counters().calls_to(Endpoint::Update) > 0;
        // On a slow machine a later row is added so late that a late search does not show it at the first look. Then a
        // customer is written again although the later row would do.
        if self.variant != Variant::LateSearch || !is_written {
            holds(
                "whether a customer was written again",
                &is_written,
                &self.needs_a_write(),
            )?;
        }
        Ok(ending)
    }
}

fn holds<T: PartialEq + fmt::Debug>(what: &str, is: &T, should_be: &T) -> Result<(), String> {
    if is == should_be {
        return Ok(());
    }
    Err(format!("{what}: {is:?} instead of {should_be:?}"))
}

/// Runs cells in so many threads, because most of them mostly wait, and returns them with their ends.
pub fn run_all(cells: &[Cell], threads: usize) -> Vec<(Cell, Result<Ending, String>)> {
    let next = Mutex::new(cells.iter());
    let ended = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    // A statement of its own: the lock is not kept while the cell runs.
                    let Some(cell) = lock(&next).next() else {
                        break;
                    };
                    let result = std::panic::catch_unwind(|| cell.run());
                    let result = result.unwrap_or_else(|_| Err("a panic".to_owned()));
                    lock(&ended).push((*cell, result));
                }
            });
        }
    });
    ended.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
