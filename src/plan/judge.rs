//! Judges rows: maps their cells to drafts and checks the drafts, beside what is stored.
//!
//! A batch is judged on all cores, and its order stays. Where no rows are united, cells that show what is stored are
//! taken out before the check, so that a stored value that no check would accept does not make an unchanged row wrong.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;
use serde_json::{Map, Value as Json};

use crate::check::{Checked, Checker, Intent, plain_width};
use crate::job::{JobError, JobSpec, Mode, OnMatch, SheetPlan};
use crate::mapping::{Mapper, SourceColumn, Target};
use crate::model::{
    Code, Draft, Key, NumberSigns, PriorStatus, Problem, Row, RowNumber, Schema, Status, Stop,
    number_signs,
};
use crate::plan::judged::Judged;
use crate::source::merge::SeenKeys;
use crate::source::{decimals, keys, merge};
use crate::stored::change::Stored;
use crate::stored::found::{Found, StoredCustomers};
use crate::stored::{Unreadable, change};
use crate::table::Workbook;

/// Judges the rows of one job's sheets.
pub(crate) struct Judge {
    pub(crate) sheets: Vec<SheetPlan>,
    mappers: Vec<Mapper>,
    pub(crate) checker: Checker,
    pub(crate) schema: Schema,
    mode: Mode,
    /// Whether the API's updates must name the customer.
    pub(crate) requires_name: bool,
    /// Whether rows are recognised by keys that nobody looks up, as in a check.
    has_keys: bool,
    /// How rows are recognised by keys; `None` where keys are not looked up.
    pub(crate) by_key: Option<Matching>,
    /// Rows of a result sheet that are judged as if the sheet called them not sent, because their customers were deleted.
    pub(crate) taken_away: HashSet<RowNumber>,
    /// The customers that were seen so far; `None` where no rows are united into one customer.
    pub(crate) seen: Option<Mutex<SeenKeys>>,
}

impl Judge {
    pub(crate) fn new(sheets: &[SheetPlan], schema: &Schema, mode: Mode) -> Self {
        let mappers = sheets
            .iter()
            .map(|sheet| Mapper::new(&sheet.columns, schema))
            .collect();
        Self {
            sheets: sheets.to_vec(),
            mappers,
            checker: Checker::new(schema),
            schema: schema.clone(),
            mode,
            requires_name: false,
            has_keys: false,
            by_key: None,
            taken_away: HashSet::new(),
            seen: sheets
                .iter()
                .any(|sheet| !sheet.columns.merge.is_empty())
                .then(Mutex::default),
        }
    }

    /// Turns fingerprints off, for rows that are only checked.
    pub(crate) fn without_fingerprints(mut self) -> Self {
        let mappers = self.mappers.into_iter();
        self.mappers = mappers.map(Mapper::without_fingerprints).collect();
        self
    }

    /// Sets whether the API's updates must name the customer.
    pub(crate) fn requiring_name(mut self, requires_name: bool) -> Self {
        self.requires_name = requires_name;
        self
    }

    /// Sets whether rows are recognised by keys, of which nobody knows here whom they find.
    pub(crate) fn with_keys(mut self, has_keys: bool) -> Self {
        self.has_keys = has_keys;
        self
    }

    /// Recognises rows by keys, if the job does.
    pub(crate) fn matching(mut self, spec: &JobSpec) -> Self {
        self.by_key = spec.matches_keys().then(|| Matching::new(spec));
        self
    }

    /// Judges a batch beside what is stored for its rows: what is stored already is taken out. Fails when a stored
    /// customer cannot be read back.
    pub(crate) fn judge_beside(
        &self,
        rows: &[Row],
        stored: &StoredCustomers,
    ) -> Result<Vec<Judged>, Unreadable> {
        let line_of = |draft: &Draft| match stored.get(draft.id.as_ref()?)? {
            Found::Stored(line) => Some(line.clone()),
            Found::Gone | Found::Unread(_) => None,
        };
        if self.seen.is_some() {
            // Rows that are united into one customer are compared as a whole.
            let judged = self.judge(rows).into_iter();
            let compared = judged.map(|(mut draft, mut checked)| {
                if draft.merged_into.is_none() {
                    let stored = stored_of(&draft, stored)?;
                    self.compare(&mut draft, &mut checked, stored.as_ref());
                }
                let before = line_of(&draft);
                Ok(Judged::new(draft, checked, before))
            });
            return compared.collect();
        }
        rows.par_iter()
            .with_min_len(64)
            .filter_map(|row| self.draft(row))
            .map(|mut draft| {
                let customer = stored_of(&draft, stored)?;
                let mut blank_cells = Vec::new();
                if let Some(Stored::Customer(customer)) = &customer {
                    blank_cells = self.blank_cells(&draft, customer);
                    change::drop_same_cells(&mut draft, customer, &self.schema);
                }
                let mut checked = self.check_draft(&draft);
                self.compare(&mut draft, &mut checked, customer.as_ref());
                let before = line_of(&draft);
                // A row above may change the customer. Then this row is sent although it seems unchanged.
                let before = before.filter(|_| !draft.is_unchanged || self.by_key.is_some());
                Ok(Judged {
                    blank_cells,
                    ..Judged::new(draft, checked, before)
                })
            })
            .collect()
    }

    /// Returns what the cells of a draft's row feed that are blank although the customer has something there.
    pub(crate) fn blank_cells(&self, draft: &Draft, customer: &Map<String, Json>) -> Vec<Target> {
        let sheet = self.sheets.get(usize::from(draft.number.sheet));
        sheet.map_or_else(Vec::new, |sheet| {
            change::blank_cells(draft, &sheet.columns, customer, &self.schema)
        })
    }

    /// Prepares for a batch of a source. Fails on a CSV file in which a quote may hide rows. Where a number of the batch can
    /// be read in two ways, finds out from the whole sheet how the numbers of its columns are written.
    pub(crate) fn prepare(
        &mut self,
        rows: &[Row],
        workbook: &Workbook,
        stop: &Stop,
    ) -> Result<(), JobError> {
        require_whole(&self.mappers, rows)?;
        for (at, (mapper, sheet)) in self.mappers.iter_mut().zip(&self.sheets).enumerate() {
            let is_unclear = |row: &Row| {
                usize::from(row.number.sheet) == at
                    && mapper.undecided_numbers(row).any(|(_, text)| {
                        let signs = number_signs(&plain_width(&text));
                        matches!(signs, Some(NumberSigns::Unclear(_)))
                    })
            };
            if mapper.is_undecided() && rows.par_iter().with_min_len(64).any(is_unclear) {
                let signs = decimals::decide(workbook, sheet, mapper, stop)?;
                mapper.decide(&signs);
            }
        }
        Ok(())
    }

    fn compare(&self, draft: &mut Draft, checked: &mut Checked, stored: Option<&Stored>) {
        match stored {
            Some(Stored::Gone) => {
                let mut gone = Problem::new(Code::CustomerGone);
                gone.column = self.id_column(draft.number.sheet);
                checked.problems.push(gone);
            }
            Some(Stored::Unread(why)) => {
                let mut unread = why.clone();
                unread.column = self.id_column(draft.number.sheet);
                checked.problems.push(unread);
            }
            Some(Stored::Customer(stored)) => {
                change::reduce(draft, checked, stored, &self.schema, self.requires_name);
            }
            None => {}
        }
    }

    /// Judges a batch without looking at what is stored.
    pub(crate) fn judge(&self, rows: &[Row]) -> Vec<(Draft, Checked)> {
        self.judge_into(rows, |draft, checked| (draft, checked))
    }

    /// Judges a batch, and keeps of each row what `keep` returns. `keep` runs on the core that judged the row: texts
    /// are dropped fastest where they were made.
    pub(crate) fn judge_into<T: Send>(
        &self,
        rows: &[Row],
        keep: impl Fn(Draft, Checked) -> T + Sync,
    ) -> Vec<T> {
        if let Some(seen) = &self.seen {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let judged = self.judge_groups(rows, &mut seen).into_iter();
            return judged
                .map(|(draft, checked)| keep(draft, checked))
                .collect();
        }
        rows.par_iter()
            .with_min_len(64)
            .filter_map(|row| self.judge_row(row))
            .map(|(draft, checked)| keep(draft, checked))
            .collect()
    }

    /// Judges a batch in which several rows may be one customer. A batch never ends within a customer.
    fn judge_groups(&self, rows: &[Row], seen: &mut SeenKeys) -> Vec<(Draft, Checked)> {
        let drafts = rows.par_iter().with_min_len(64);
        let mut drafts: Vec<Draft> = drafts.filter_map(|row| self.draft(row)).collect();
        let groups = merge::groups(rows, &self.sheets, seen);
        for group in &groups {
            if let Some(drafts) = drafts.get_mut(group.rows.clone()) {
                merge::prepare(drafts);
            }
        }
        let drafts = drafts.into_par_iter().with_min_len(64);
        let mut judged: Vec<(Draft, Checked)> = drafts
            .map(|draft| {
                let checked = self.check_draft(&draft);
                (draft, checked)
            })
            .collect();
        for group in groups {
            if let Some(rows) = judged.get_mut(group.rows) {
                merge::unite(rows, group.is_apart, &self.schema);
            }
        }
        judged
    }

    /// Returns the column of the `_id` in a sheet.
    fn id_column(&self, sheet: u16) -> Option<u32> {
        let columns = &self.sheets.get(usize::from(sheet))?.columns.columns;
        let column = columns.iter().find(|column| column.target == Target::Id);
        column.map(|column| column.column)
    }

    /// Returns the first column of a sheet that feeds a field.
    fn column_of(&self, sheet: u16, key: &str) -> Option<u32> {
        let columns = &self.sheets.get(usize::from(sheet))?.columns.columns;
        let feeds = |column: &&SourceColumn| {
            column
                .target
                .place()
                .is_some_and(|(field, _)| field.as_str() == key)
        };
        columns.iter().find(feeds).map(|column| column.column)
    }

    fn judge_row(&self, row: &Row) -> Option<(Draft, Checked)> {
        let draft = self.draft(row)?;
        let checked = self.check_draft(&draft);
        Some((draft, checked))
    }

    pub(crate) fn draft(&self, row: &Row) -> Option<Draft> {
        let mapper = self.mappers.get(usize::from(row.number.sheet))?;
        let mut draft = mapper.draft(row);
        if self.taken_away.contains(&draft.number) {
            draft.id = None;
            if let Some(prior) = &mut draft.prior {
                prior.status = PriorStatus::Said(Status::Pending);
            }
        }
        Some(draft)
    }

    fn check_draft(&self, draft: &Draft) -> Checked {
        let intent = match (self.mode, &draft.id) {
            (Mode::Update, _) | (Mode::Auto, Some(_)) => Intent::Update,
            (Mode::Add, _) | (Mode::Auto, None) => Intent::Add,
        };
        let mut checked = self.checker.check(draft, intent);
        for problem in &mut checked.problems {
            if problem.code == Code::MissingRequired {
                problem.column = self.column_of(draft.number.sheet, problem.fact("key"));
            }
        }
        let place = |problem: &Problem| problem.column.unwrap_or(u32::MAX);
        checked.problems.sort_by_key(place);
        match (self.mode, &draft.id) {
            // Whether a key finds the customer is known later.
            (Mode::Update, None) if self.by_key.is_some() || self.has_keys => {}
            (Mode::Update, None) => checked.problems.push(Problem::new(Code::UpdateWithoutId)),
            (Mode::Add, Some(_)) => checked.problems.push(Problem::new(Code::AddWithId)),
            _ => {}
        }
        checked
    }
}

/// Fails on a CSV file in which a quote may hide rows, before anything is sent of it.
pub(crate) fn require_whole(mappers: &[Mapper], rows: &[Row]) -> Result<(), JobError> {
    let mapper = |row: &Row| mappers.get(usize::from(row.number.sheet));
    let doubt = rows.iter().find_map(|row| mapper(row)?.doubt(row));
    doubt.map_or(Ok(()), |problem| Err(JobError::Input(vec![problem])))
}

/// Returns what is stored under a row's `_id`; `None` for a row without one, or whose customer was not looked up.
pub(crate) fn stored_of(
    draft: &Draft,
    stored: &StoredCustomers,
) -> Result<Option<Stored>, Unreadable> {
    let found = draft.id.as_ref().and_then(|id| stored.get(id));
    found.map(Stored::of).transpose()
}

/// How rows are recognised by keys, and written to the customers that have them.
pub(crate) struct Matching {
    pub(crate) keys: Vec<Key>,
    pub(crate) labels: String,
    pub(crate) on_match: OnMatch,
    /// The fields as they are written to a customer that was found by a key.
    pub(crate) schema: Schema,
    pub(crate) must_match: bool,
}

impl Matching {
    pub fn new(spec: &JobSpec) -> Self {
        Self {
            keys: spec.keys.clone(),
            labels: keys::labels(&spec.keys, &spec.schema),
            on_match: spec.options.on_match(),
            schema: spec.match_schema(),
            must_match: spec.options.mode == crate::job::spec::Mode::Update,
        }
    }

    pub(crate) fn problem(&self, code: Code) -> Problem {
        Problem::new(code).with("field", &self.labels)
    }
}
