//! Decides what is to be done with each row, one after the other, in source order.
//!
//! Of a row that a result sheet brings back, the sheet's status, the row's own job and the ledger are asked first.
//!
//! The loss that is guarded against, in order:
//!
//! 1. An add is stored, and its reply is lost: the row is `unknown`.
//! 2. Its result sheet is imported, and the row is taken for a new one.
//! 3. The row is added once more: the customer is stored twice.
//!
//! So a row that may have been added is decided to be added only when its absence is proven, or a person says so. What
//! a person says is kept apart (`settled`), and takes effect only when the import is confirmed.

use std::collections::{HashMap, HashSet};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::options::Timing;
use crate::job::spec::{ImportOptions, JobSpec, Mode, OnMatch, SheetPlan};
use crate::journal::{Journal, Ledger, LedgerEntry, PlannedRow};
use crate::mapping::Target;
use crate::model::{
    Action, Code, CustomerId, Draft, FieldKey, JobId, Monitor, Prior, PriorStatus, Problem, Record,
    RowNumber, RowOrigin, Schema, Status, Value,
};
use crate::plan::duplicates::Once;
use crate::plan::earlier::{DoubtResolution, EarlierRow, EarlierRows, said_status};
use crate::plan::edited::EditedRows;
use crate::plan::emptied::EmptiedCells;
use crate::plan::judged::Judged;
use crate::stored::customer::StoredCustomer;
use crate::stored::{change, list};

/// Decides the rows of one job; remembers what earlier rows of the file have said.
pub(crate) struct Decider<'a> {
    spec: &'a JobSpec,
    match_schema: Schema,
    options: &'a ImportOptions,
    ledger: &'a Ledger,
    pub(crate) context: &'a Context,
    pub(crate) priors: EarlierRows<'a>,
    pub(crate) timing: Timing,
    /// What a person has written about rows in doubt: the row's customer, or `None` for a row that is not stored.
    settled: HashMap<RowOrigin, Option<CustomerId>>,
    /// Customers that a person has named for rows in doubt: each may be named once.
    named: HashSet<CustomerId>,
    /// The customers named for rows in doubt that were asked for, each with the problem if it could not be read.
    pub(crate) looked_at: HashMap<CustomerId, Option<Problem>>,
    /// The rows that are done but have edited cells.
    pub edited: EditedRows,
    /// The cells that a person has emptied, or may have.
    pub emptied: EmptiedCells,
    /// How many customers that were found by a key keep their owner, although their rows name another.
    kept_owners: u64,
    /// How many calls the updates cost.
    pub calls: u64,
    /// Whether the ledger knows rows of other jobs.
    has_others: bool,
    /// Whether a row so far stands for one that another job has added.
    has_twins: bool,
    /// How many of these rows the present batch has, by their fingerprints.
    twins: HashMap<[u8; 16], u64>,
}

impl<'a> Decider<'a> {
    pub fn new(
        spec: &'a JobSpec,
        ledger: &'a Ledger,
        timing: Timing,
        context: &'a Context,
    ) -> Self {
        Self {
            spec,
            match_schema: spec.match_schema(),
            options: &spec.options,
            ledger,
            context,
            priors: EarlierRows::new(&context.state, &spec.account.key),
            // While rows are decided no customer is written to make a witness. Such rows wait for the end of the run.
            timing: Timing {
                may_touch: false,
                ..timing
            },
            settled: HashMap::new(),
            named: HashSet::new(),
            looked_at: HashMap::new(),
            edited: EditedRows::default(),
            emptied: EmptiedCells::default(),
            kept_owners: 0,
            calls: 0,
            has_others: true,
            has_twins: false,
            twins: HashMap::new(),
        }
    }

    /// Ends: says what is not written, and returns what a person has written about rows in doubt.
    pub fn settled(self) -> Vec<DoubtResolution> {
        if self.kept_owners > 0 {
            let kept = Problem::new(Code::OwnersLeft).with("count", self.kept_owners.to_string());
            self.context.monitor.notice(&kept);
        }
        let settled = self.settled.into_iter();
        settled
            .map(|(place, customer)| DoubtResolution { place, customer })
            .collect()
    }

    /// Decides the rows of a batch, in order. The decisions of all batches before must be in the journal.
    pub fn decide_batch(
        &mut self,
        judged: Vec<Judged>,
        journal: &mut Journal,
        whole_update: &dyn Fn(RowNumber, bool) -> Option<Record>,
    ) -> Result<Vec<PlannedRow>, JobError> {
        // One look at the ledger for all rows: each look of its own would lock the file.
        let snapshot = self.ledger.snapshot()?;
        self.has_others = self.ledger.has_others()?;
        self.twins.clear();
        let decided = journal.in_transaction(|journal| {
            let decide = |judged| {
                let row = self.decide(judged, journal, whole_update)?;
                if row.is_twin {
                    self.has_twins = true;
                    *self.twins.entry(row.fingerprint).or_default() += 1;
                }
                Ok::<_, JobError>(row)
            };
            judged.into_iter().map(decide).collect()
        });
        drop(snapshot);
        decided
    }

    /// Counts the rows above of this fingerprint that stand for rows which other jobs have added.
    fn skipped_twins(&self, fingerprint: &[u8; 16], journal: &Journal) -> Result<u64, JobError> {
        if !self.has_twins {
            return Ok(0);
        }
        let here = self.twins.get(fingerprint).copied().unwrap_or(0);
        Ok(journal.skipped_twins(fingerprint)? + here)
    }

    /// Decides a row. `whole_update` returns the record that a row would write if nothing were compared with what is
    /// stored; its second argument says whether the row's customer was found by a key.
    fn decide(
        &mut self,
        judged: Judged,
        journal: &mut Journal,
        whole_update: &dyn Fn(RowNumber, bool) -> Option<Record>,
    ) -> Result<PlannedRow, JobError> {
        let Judged {
            draft,
            checked,
            before,
            matched,
            whole,
            keeps_owner,
            blank_cells,
        } = judged;
        let draft = &draft;
        let mut row = PlannedRow {
            customer: draft.id.clone(),
            fingerprint: draft.fingerprint,
            ..PlannedRow::new(draft.number, Status::Pending)
        };
        if let Some(leader) = draft.merged_into {
            row.status = Status::Skipped;
            let merged = Problem::new(Code::MergedInto).with("row", leader.row.to_string());
            row.problems = vec![merged];
            return Ok(row);
        }
        let is_valid = checked.problems.is_empty();
        let key_problem = if is_valid {
            let record = whole.as_ref().unwrap_or(&checked.record);
            self.once().of_key(record, draft.number, journal)?
        } else {
            None
        };
        if let Some(prior) = &draft.prior {
            let known = self.priors.find(prior)?;
            if self.decide_prior(prior, known.as_ref(), draft, &mut row)? {
                if row.status == Status::Unknown && is_valid {
                    // The record is sent once the row that this one waits on is proven absent.
                    row.record = Some(self.stamped(checked.record, draft.number));
                }
                return Ok(row);
            }
            if let Some(known) = known.filter(|known| known.fingerprint != draft.fingerprint)
                && let Some(place) = known.places.first()
            {
                self.emptied.see(place, blank_cells);
            }
        } else if self.is_of_export(draft.number) {
            self.emptied.add(blank_cells.len());
        }
        if !is_valid {
            row.status = Status::Invalid;
            row.record = checked.record.name_alone();
            let twice = self.once().problems(draft, &checked, journal)?;
            row.problems = checked.problems;
            row.problems.extend(twice);
            return Ok(row);
        }
        if let (Some(id), Mode::Auto | Mode::Update) = (&draft.id, self.options.mode) {
            row.action = Action::Update;
            if let Some(problem) = self.once().of_id(id, draft.number, journal)? {
                row.status = Status::Invalid;
                row.record = checked.record.name_alone();
                row.problems = vec![problem];
                return Ok(row);
            }
            let is_later = self.is_written_above(id, draft.number, journal)?;
            let whole = is_later.then(|| whole_update(draft.number, false));
            let record = whole.flatten().unwrap_or(checked.record);
            let is_unchanged = draft.is_unchanged && !is_later;
            self.decide_update(&mut row, (!is_unchanged).then_some(record), before);
            return Ok(row);
        }
        if let Some(problem) = key_problem {
            row.status = Status::Invalid;
            row.action = Action::Add;
            row.record = checked.record.name_alone();
            row.problems = vec![problem];
            return Ok(row);
        }
        if let Some(id) = matched {
            self.kept_owners += u64::from(keeps_owner);
            let is_later = self.is_written_above(&id, draft.number, journal)?;
            let is_compared_anew = is_later && self.options.on_match() != OnMatch::Skip;
            let whole = is_compared_anew.then(|| whole_update(draft.number, true));
            let record = match whole.flatten() {
                Some(whole) => self.named(whole, before.as_deref())?,
                None => checked.record,
            };
            let is_unchanged = draft.is_unchanged && !is_later;
            self.decide_match(&mut row, id, (!is_unchanged).then_some(record), before);
            return Ok(row);
        }
        row.record = Some(self.stamped(checked.record, draft.number));
        self.decide_add(&mut row, &draft.merged, journal)?;
        Ok(row)
    }

    fn is_of_export(&self, number: RowNumber) -> bool {
        let sheet = self.spec.sheets.get(usize::from(number.sheet));
        sheet.is_some_and(|sheet| sheet.columns.is_export())
    }

    /// Decides a row with an `_id`; `record` is what it would write, `None` if that changes nothing.
    fn decide_update(
        &mut self,
        row: &mut PlannedRow,
        record: Option<Record>,
        before: Option<String>,
    ) {
        let Some(record) = record else {
            row.status = Status::Unchanged;
            row.action = Action::None;
            return;
        };
        self.calls += 1 + u64::from(list::needs_stored(&record, &self.spec.schema));
        row.record = Some(record);
        row.before = before;
    }

    /// Decides a row whose key one stored customer has; `record` is what it would write, `None` if that changes nothing.
    fn decide_match(
        &mut self,
        row: &mut PlannedRow,
        id: CustomerId,
        record: Option<Record>,
        before: Option<String>,
    ) {
        row.is_matched = true;
        if self.options.on_match() == OnMatch::Skip {
            row.status = Status::Skipped;
            row.problems = vec![Problem::new(Code::KeyMatchLeft).with("id", id.as_str())];
        } else if let Some(record) = record {
            row.action = Action::Update;
            self.calls += 1 + u64::from(list::needs_stored(&record, &self.match_schema));
            row.record = Some(record);
            row.before = before;
        } else {
            row.status = Status::Unchanged;
        }
        row.customer = Some(id);
    }

    /// Decides a row that no stored customer is known for: an add, unless another job has added an equal row. `merged` are
    /// the fingerprints of the other rows of its customer.
    fn decide_add(
        &mut self,
        row: &mut PlannedRow,
        merged: &[[u8; 16]],
        journal: &Journal,
    ) -> Result<(), JobError> {
        row.action = Action::Add;
        // For rows of a result sheet the claim decides when they are sent: a row below may be the one that the other
        // job's equal row stands for.
        if self.has_others && !self.options.again && !self.is_result_sheet(row.number) {
            let twins = self.skipped_twins(&row.fingerprint, journal)?;
            if let Some(entry) = self.other(&row.fingerprint, twins)? {
                row.is_twin = true;
                take_over(row, &entry, &self.spec.id);
                if let Some(problem) = self.priors.not_added(&entry, merged)? {
                    row.status = Status::Invalid;
                    row.problems = vec![problem];
                }
            }
        }
        Ok(())
    }

    /// Whether another job has an equal row in doubt. Then nothing is looked up for this row: it waits for that one.
    pub fn is_added_before(&self, draft: &Draft) -> Result<bool, JobError> {
        if self.options.again || self.is_result_sheet(draft.number) {
            return Ok(false);
        }
        let other = self.other(&draft.fingerprint, 0)?;
        Ok(other.is_some_and(|entry| entry.customer.is_none()))
    }

    /// Returns the record with the customer's name added, where the API's updates must name the customer.
    fn named(&self, mut record: Record, before: Option<&str>) -> Result<Record, JobError> {
        if let Some(before) = before.filter(|_| self.spec.api.update.requires_name) {
            let stored = StoredCustomer::parse(before)?;
            change::complete_name(&mut record, &stored);
        }
        Ok(record)
    }

    /// Whether a row above changes the same customer; notes that this row does. A comparison with the stored customer
    /// is then out of date.
    fn is_written_above(
        &self,
        id: &CustomerId,
        row: RowNumber,
        journal: &mut Journal,
    ) -> Result<bool, JobError> {
        if !self.spec.matches_keys() {
            // Without keys, only a repeated `_id` could mean the same customer, and that is refused.
            return Ok(false);
        }
        Ok(journal.see(&format!("customer {id}"), row)?.is_some())
    }

    fn is_result_sheet(&self, row: RowNumber) -> bool {
        let sheet = self.spec.sheets.get(usize::from(row.sheet));
        sheet.is_some_and(is_result_sheet)
    }

    fn stamped(&self, mut record: Record, number: RowNumber) -> Record {
        if let Some(stamp) = &self.options.stamp {
            let text = Value::Text(self.spec.stamp_of(number));
            record.push(FieldKey::new(stamp), text);
        }
        record
    }

    /// Returns what another job did with an equal row, leaving out the `twins` oldest such rows. What a person has
    /// written about a row in doubt counts as done.
    fn other(&self, fingerprint: &[u8; 16], twins: u64) -> Result<Option<LedgerEntry>, JobError> {
        if self.settled.is_empty() {
            return Ok(self.ledger.other(fingerprint, twins)?);
        }
        let (mut skip, mut left) = (0, twins);
        while let Some(mut entry) = self.ledger.other(fingerprint, skip)? {
            skip += 1;
            if entry.customer.is_none()
                && let Some(settled) = self.settled.get(&origin_of(&entry))
            {
                let Some(customer) = settled else { continue };
                entry.customer = Some(customer.clone());
            }
            if left == 0 {
                return Ok(Some(entry));
            }
            left -= 1;
        }
        Ok(None)
    }

    /// Returns the rules about what may stand in the file once only.
    fn once(&self) -> Once<'a> {
        Once {
            sheets: &self.spec.sheets,
            schema: &self.spec.schema,
            keys: &self.spec.keys,
            blank_key: self.options.blank_key,
            mode: self.options.mode,
        }
    }

    /// Decides a row that a result sheet brings back. Returns false when the row is to be treated like any other.
    fn decide_prior(
        &mut self,
        prior: &Prior,
        known: Option<&EarlierRow>,
        draft: &Draft,
        row: &mut PlannedRow,
    ) -> Result<bool, JobError> {
        row.origin = known.map(|known| known.origin.clone());
        let status = match &prior.status {
            PriorStatus::Said(_) | PriorStatus::Missing => {
                said_status(prior, known).unwrap_or(Status::Unknown)
            }
            PriorStatus::Unreadable(text, column) => {
                row.status = Status::Invalid;
                let bad = Problem::new(Code::BadStatus).at(*column);
                row.problems = vec![bad.with("value", text)];
                return Ok(true);
            }
            // A person has looked and found the customer: the `_id` says more than the emptied `_status`.
            PriorStatus::Cleared if draft.id.is_some() && self.is_in_doubt(prior, known)? => {
                Status::Unknown
            }
            PriorStatus::Cleared => {
                // By emptying `_status` a person says that the customer is not stored.
                let done = self.claim_of(prior, known)?;
                let is_done = done.is_some_and(|entry| entry.customer.is_some());
                if is_done || self.is_settled(prior, known) {
                    // A copy of a row that is done, or that a row above speaks for, is a row of its own.
                    row.origin = None;
                } else {
                    self.note_resolution(prior, known, None);
                }
                return Ok(false);
            }
        };
        // A row that the sheet calls skipped may never have been sent: its own job knows.
        let status = match known {
            Some(known) if status == Status::Skipped && known.status == Status::Pending => {
                Status::Pending
            }
            _ => status,
        };
        let as_it_was = known.is_some_and(|known| known.fingerprint == draft.fingerprint);
        // A row with unchanged cells stands for the row of its job. An equal row below is another one.
        let is_twin = as_it_was && !self.options.again;
        match status {
            Status::Ok | Status::Unchanged | Status::Skipped => {
                if self.options.include_done && draft.id.is_some() {
                    return Ok(false);
                }
                if known.is_some() && !as_it_was {
                    self.edited.add(row.number);
                }
                row.status = Status::Skipped;
                row.is_twin = is_twin;
                row.problems = vec![about(prior, Code::DoneInResult)];
                Ok(true)
            }
            // An update may be repeated.
            Status::Unknown if known.is_some_and(|known| known.action == Action::Update) => {
                Ok(false)
            }
            Status::Unknown => {
                row.is_twin = is_twin;
                self.decide_in_doubt(prior, known, draft, row)
            }
            Status::Invalid | Status::Failed | Status::Pending => {
                // The row's own job may have been resumed since the sheet was written.
                let (entry, is_own) = match self.claim_of(prior, known)? {
                    Some(entry) => (Some(entry), true),
                    None => (self.later(known)?, false),
                };
                // `--again` repeats rows that are added, but never rows that may still be on their way.
                let entry = entry.filter(|entry| !self.options.again || entry.customer.is_none());
                let Some(entry) = entry else {
                    return Ok(false);
                };
                settled_by(row, &entry, &self.spec.id);
                row.is_twin = is_own && is_twin;
                if is_own && entry.customer.is_some() && !as_it_was {
                    self.edited.add(row.number);
                }
                Ok(true)
            }
        }
    }

    /// Decides a row of which its job does not know what became of it. A row that is a twin is marked so already.
    /// Returns false if the row is to be decided like a new one.
    fn decide_in_doubt(
        &mut self,
        prior: &Prior,
        known: Option<&EarlierRow>,
        draft: &Draft,
        row: &mut PlannedRow,
    ) -> Result<bool, JobError> {
        if let Some(id) = &draft.id {
            if let Some(problem) = self.doubt_about(id, prior, known)? {
                row.status = Status::Invalid;
                row.is_twin = false;
                row.problems = vec![problem];
                return Ok(true);
            }
            // A person has looked and found the customer.
            self.note_resolution(prior, known, Some(id));
        }
        let claim = self.claim_of(prior, known)?;
        let customer = match &draft.id {
            Some(id) => Some(id.clone()),
            None => claim.as_ref().and_then(|entry| entry.customer.clone()),
        };
        if customer.is_some() && known.is_some_and(|known| known.fingerprint != draft.fingerprint) {
            self.edited.add(draft.number);
        }
        if let Some(customer) = customer {
            row.status = Status::Skipped;
            row.customer = Some(customer);
            row.problems = vec![about(prior, Code::SettledLater)];
            return Ok(true);
        }
        if claim.is_none() {
            if let Some(entry) = self.later(known)? {
                settled_by(row, &entry, &self.spec.id);
                return Ok(true);
            }
            if self.is_not_stored(known)? {
                row.is_twin = false;
                return Ok(false);
            }
        }
        row.status = Status::Unknown;
        row.action = Action::Add;
        let mut unknown = about(prior, Code::UnknownInResult);
        // A job that is gone settles nothing any more, so there is nothing to wait for.
        if let Some(claim) = claim.filter(|_| known.is_some()) {
            unknown = unknown.with("resume", format!("ferry resume {}", self.spec.id));
            row.waits_on = Some(origin_of(&claim));
        }
        row.problems = vec![unknown];
        Ok(true)
    }

    /// Returns why an `_id` that a person has written beside a row in doubt cannot be that row's; `None` if it can.
    fn doubt_about(
        &mut self,
        id: &CustomerId,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<Option<Problem>, JobError> {
        if self.is_taken(id, prior, known)? || !self.named.insert(id.clone()) {
            return Ok(Some(
                Problem::new(Code::IdOfAnotherRow).with("value", id.as_str()),
            ));
        }
        Ok(self.read_problem(id))
    }

    /// Whether the ledger knows a customer for another row than this one.
    pub(crate) fn is_taken(
        &self,
        id: &CustomerId,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<bool, JobError> {
        is_taken(self.ledger, id, prior, known)
    }

    /// Returns the ledger's entry of a row: of all its places the first that has a customer, else an open claim.
    fn claim_of(
        &self,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<Option<LedgerEntry>, JobError> {
        claim_of(self.ledger, prior, known)
    }

    /// Returns what a later job did with the row, to which a result sheet had brought it.
    fn later(&self, known: Option<&EarlierRow>) -> Result<Option<LedgerEntry>, JobError> {
        let Some(known) = known else { return Ok(None) };
        Ok(self.ledger.settled_origin(&known.origin)?)
    }

    /// Whether the ledger has a claim of the row without a customer: an add that may have happened.
    pub(crate) fn is_in_doubt(
        &self,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<bool, JobError> {
        let claim = self.claim_of(prior, known)?;
        Ok(claim.is_some_and(|entry| entry.customer.is_none()))
    }

    /// Whether a job in which the row was in doubt has proven that it is not stored.
    fn is_not_stored(&mut self, known: Option<&EarlierRow>) -> Result<bool, JobError> {
        for place in known.iter().flat_map(|known| &known.places) {
            if self.priors.is_not_stored(place)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a row above has already settled the same row.
    fn is_settled(&self, prior: &Prior, known: Option<&EarlierRow>) -> bool {
        let places = places(prior, known);
        places.iter().any(|place| self.settled.contains_key(place))
    }

    fn note_resolution(
        &mut self,
        prior: &Prior,
        known: Option<&EarlierRow>,
        customer: Option<&CustomerId>,
    ) {
        for place in places(prior, known) {
            self.settled.insert(place, customer.cloned());
        }
    }
}

/// Whether a sheet names for each row the job that it comes from.
pub(crate) fn is_result_sheet(sheet: &SheetPlan) -> bool {
    let mut columns = sheet.columns.columns.iter();
    columns.any(|column| column.target == Target::Job)
}

/// Whether the ledger knows a customer for another row than this one.
pub(crate) fn is_taken(
    ledger: &Ledger,
    id: &CustomerId,
    prior: &Prior,
    known: Option<&EarlierRow>,
) -> Result<bool, JobError> {
    for place in places(prior, known) {
        let entry = ledger.entry_of(&place.job, place.row)?;
        if entry.is_some_and(|entry| entry.customer.as_ref() == Some(id)) {
            return Ok(false);
        }
    }
    Ok(ledger.knows(id)?)
}

/// Returns the ledger's entry of a row: of all its places the first that has a customer, else an open claim.
pub(crate) fn claim_of(
    ledger: &Ledger,
    prior: &Prior,
    known: Option<&EarlierRow>,
) -> Result<Option<LedgerEntry>, JobError> {
    let mut open = None;
    for place in places(prior, known) {
        match ledger.entry_of(&place.job, place.row)? {
            Some(entry) if entry.customer.is_some() => return Ok(Some(entry)),
            entry => open = open.or(entry),
        }
    }
    Ok(open)
}

/// Returns the jobs and row numbers under which the ledger may know a row.
fn places(prior: &Prior, known: Option<&EarlierRow>) -> Vec<RowOrigin> {
    match known {
        Some(known) => known.places.clone(),
        None => EarlierRows::place_of(prior).into_iter().collect(),
    }
}

fn origin_of(entry: &LedgerEntry) -> RowOrigin {
    RowOrigin {
        job: entry.job.clone(),
        row: entry.row,
    }
}

/// Answers a row with what became of it after its result sheet was written.
fn settled_by(row: &mut PlannedRow, entry: &LedgerEntry, own: &JobId) {
    take_over(row, entry, own);
    if entry.customer.is_some() {
        row.problems = vec![Problem::new(Code::SettledLater).with("job", entry.job.as_str())];
    }
}

/// Answers a row with what another job did with an equal row: skipped if that one is added, waiting if it is in doubt.
fn take_over(row: &mut PlannedRow, entry: &LedgerEntry, own: &JobId) {
    let known = entry.customer.is_some();
    let code = if known {
        Code::AlreadyAdded
    } else {
        Code::InDoubtElsewhere
    };
    row.customer.clone_from(&entry.customer);
    let mut problem = Problem::new(code)
        .with("job", entry.job.as_str())
        .with("row", entry.row.row.to_string());
    if !known {
        problem = problem.with("resume", format!("ferry resume {own}"));
    }
    row.problems = vec![problem];
    if known {
        row.status = Status::Skipped;
        row.action = Action::None;
        row.record = None;
    } else {
        // This row is settled when that one is.
        row.status = Status::Unknown;
        row.action = Action::Add;
        row.waits_on = Some(origin_of(entry));
    }
}

/// Makes a problem that names the row as its sheet does.
fn about(prior: &Prior, code: Code) -> Problem {
    Problem::new(code)
        .with("row", prior.row.as_str())
        .with("job", prior.job.as_str())
}
