//! Plans the deletion of a file's customers, which are named by their `_id`.
//!
//! Every customer is copied into the journal before anything is deleted; a customer that cannot be copied is not
//! deleted. Of a sheet with `_action`, only customers that its rows have added are deleted; of a verification, only the
//! second customers; of a sheet of duplicates, only those that are not marked to stay ([`keepers`](super::keepers)).

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::{JobHold, OpenJob};
use crate::job::options::SendOptions;
use crate::job::request::JobRequest;
use crate::job::spec::{ImportOptions, JobSpec, Mode, SheetOptions, SheetPlan, stem_of};
use crate::job::unfinished::refuse_unfinished;
use crate::journal::{HeldRow, KnownRows, Ledger, PlannedRow, RowState};
use crate::lang::sheets::{GROUP, KEEP, MATCHED_BY, SECOND_ID};
use crate::lookup::customers::{Lookup, RowCounts};
use crate::mapping::{Columns, HEADER_SEARCH_ROWS, Mapper, SourceColumn, Target};
use crate::model::{
    Action, Cell, Code, CustomerId, JobKind, Monitor, Problem, Row, Saying, Schema, Status, Task,
};
use crate::plan::judge::require_whole;
use crate::plan::keepers::{Keepers, NotDeleted};
use crate::results::result::require_fitting;
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind, is_side};
use crate::source::rows::SourceRows;
use crate::source::{copy, manifest, sheets};
use crate::stored::found::Found;
use crate::table::{ReadOptions, Workbook};

/// What to delete: the request of `ferry delete`.
#[derive(Debug, Clone)]
pub struct DeleteRequest {
    /// The account, and how the job runs.
    pub job: JobRequest,
    /// The file; `-` is standard input.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// Which sheets, and where their header is.
    pub sheets: SheetOptions,
    /// Whether customers that the rows of a result sheet did not add are deleted as well.
    pub all_ids: bool,
    /// The most customers that may be deleted; more are refused, except in a dry run.
    pub most: u64,
    /// Whether the command only says what would happen.
    pub dry_run: bool,
    /// How calls are sent.
    pub send: SendOptions,
}

/// Plans the deletion of a file's customers, and copies them into the journal. Errors name the file as it was typed.
pub(crate) fn delete(request: &DeleteRequest, context: &Context) -> Result<OpenJob, JobError> {
    let name = format!("delete-{}", stem_of(&request.source));
    let hold = JobHold::begin(&request.job.job_id(&name), context)?;
    // Errors name the file that a person knows, not the copy.
    plan_in(hold, request, context).map_err(|error| error.about(&request.source))
}

fn plan_in(hold: JobHold, request: &DeleteRequest, context: &Context) -> Result<OpenJob, JobError> {
    let read = manifest::read_options(&request.source, &request.read);
    let (source, workbook) = copy::copy(&request.source, &read, hold.folder(), context)?;
    refuse_unfinished(&source, &request.job.account, hold.folder(), context)?;
    let sheets = id_sheets(&workbook, request)?;
    let schema = Schema::new(&context.crm.fields()?, &BTreeMap::new());
    let id = hold.folder().id();
    let spec = JobSpec {
        options: ImportOptions {
            mode: Mode::Update,
            ..ImportOptions::default()
        },
        ..JobSpec::begin(&request.job, id, JobKind::Delete, source, sheets, schema)
    };
    require_fitting(&spec)?;
    let mut job = OpenJob::begin(hold, spec, context)?;
    let decided = decide_rows(request, &mut job, &workbook, context);
    // The copy must be closed before a failed job deletes its folder.
    drop(workbook);
    decided.map(|()| job)
}

/// A row of the file, with the `_id` of its customer if that may be deleted.
struct DeletionCandidate {
    row: PlannedRow,
    id: Option<CustomerId>,
}

impl DeletionCandidate {
    /// Leaves the customer alone.
    fn leave(&mut self, status: Status, problem: Problem) {
        self.row.status = status;
        self.row.action = Action::None;
        self.row.problems = vec![problem];
        self.id = None;
    }

    /// Keeps the customer as it was found. Without a copy, nothing is deleted.
    fn keep_copy(&mut self, id: &CustomerId, found: Option<&Found>) {
        match found {
            Some(Found::Stored(line)) => self.row.before = Some(line.clone()),
            Some(Found::Unread(problem)) => self.leave(Status::Invalid, problem.clone()),
            Some(Found::Gone) | None => {
                let gone = Problem::new(Code::AlreadyGone).with("id", id.as_str());
                self.leave(Status::Unchanged, gone);
            }
        }
    }
}

fn refuse_too_many(count: u64, request: &DeleteRequest) -> Result<(), JobError> {
    if count <= request.most || request.dry_run {
        return Ok(());
    }
    let problem = Problem::new(Code::TooManyDeletes)
        .with("count", count.to_string())
        .with("limit", request.most.to_string());
    Err(JobError::Usage(problem))
}

fn decide_rows(
    request: &DeleteRequest,
    job: &mut OpenJob,
    workbook: &Workbook,
    context: &Context,
) -> Result<(), JobError> {
    let OpenJob {
        spec,
        journal,
        ledger,
        hold,
        ..
    } = job;
    let spec = &*spec;
    let mappers = mappers_of(spec);
    let mut keepers = Keepers::read(spec, workbook, &mappers)?;
    let mut count = 0;
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    while let Some(row) = rows.read_row()? {
        require_whole(&mappers, std::slice::from_ref(&row))?;
        let candidate = candidate_of(request, spec, &mappers, &keepers, &row);
        count += u64::from(candidate.id.is_some());
    }
    let is_verification = spec.sheets.iter().any(is_of_seconds);
    if count == 0 && is_verification {
        let nobody = Problem::new(Code::IsAPreview);
        let nobody = nobody.with("detail", Saying::SheetOfAVerification);
        return Err(JobError::Input(vec![nobody]));
    }
    refuse_too_many(count, request)?;
    // Nobody is looked up who stays, unless somebody goes.
    let staying = if count > 0 { keepers.marked_rows() } else { 0 };
    let counts = RowCounts {
        with_id: count + staying,
        ..RowCounts::default()
    };
    let concurrency = request.send.concurrency;
    let mut lookup = Lookup::for_rows(spec, counts, hold.folder().path(), concurrency, context)?;
    if let Some(lookup) = lookup.as_mut().filter(|_| staying > 0) {
        keepers.look_up(lookup, journal)?;
    }
    context.monitor.start_task(Task::Check, None);
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    loop {
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let batch = rows.read_batch()?;
        if batch.is_empty() {
            break;
        }
        let mut decided: Vec<DeletionCandidate> = batch
            .iter()
            .map(|row| candidate_of(request, spec, &mappers, &keepers, row))
            .collect();
        for (candidate, row) in decided.iter_mut().zip(&batch) {
            if let Some(id) = &candidate.id
                && let Some(problem) = keepers.objection(row, id, journal)?
            {
                candidate.leave(Status::Invalid, problem);
            }
        }
        let ids = decided.iter().filter_map(|candidate| candidate.id.clone());
        let stored = match &mut lookup {
            Some(lookup) => lookup.find_ids(ids.collect())?,
            None => crate::stored::found::StoredCustomers::new(),
        };
        journal.in_transaction(|journal| {
            for candidate in &mut decided {
                if let Some(id) = candidate.id.clone() {
                    let number = candidate.row.number;
                    if let Some(earlier) = journal.see(&format!("_id {id}"), number)? {
                        let twice = Problem::new(Code::DuplicateId).with("value", id.as_str());
                        let twice = twice.with("row", spec.row_label(earlier));
                        candidate.leave(Status::Skipped, twice);
                    } else {
                        candidate.keep_copy(&id, stored.get(&id));
                        // An undo that adds the customer again answers to the row that it came from.
                        remember_source(&mut candidate.row, &id, ledger)?;
                    }
                }
            }
            let rows: Vec<PlannedRow> =
                decided.into_iter().map(|candidate| candidate.row).collect();
            Ok::<(), JobError>(journal.plan(&rows)?)
        })?;
        context.monitor.advance(Task::Check, batch.len() as u64);
    }
    context.monitor.finish_task(Task::Check);
    if journal.counts()?.total() == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    Ok(())
}

/// Notes from which row a customer came, as the ledger knows it. If an undo adds the customer again, the new one stands
/// for that row, and each such row is added once.
pub(crate) fn remember_source(
    row: &mut PlannedRow,
    id: &CustomerId,
    ledger: &Ledger,
) -> Result<(), JobError> {
    let Some(source) = ledger.source_of(id)? else {
        // The customer came from no row: its `_id` is its fingerprint.
        row.fingerprint = fingerprint_of_id(id);
        return Ok(());
    };
    row.fingerprint = source.fingerprint;
    row.origin = source.origin;
    row.known = Some(KnownRows {
        imported: ledger.count_of(&source.fingerprint)?,
        is_imported: !source.is_readded,
    });
    Ok(())
}

fn fingerprint_of_id(id: &CustomerId) -> [u8; 16] {
    let digest = Sha256::digest(format!("_id {id}").as_bytes());
    let mut fingerprint = [0; 16];
    fingerprint.copy_from_slice(digest.get(..16).unwrap_or(&[0; 16]));
    fingerprint
}

/// Looks at the customers of pending rows once more, after a stop: they are copied again, because they may have changed
/// since the first copy, and those of a sheet of duplicates are deleted only if one of their group is still there.
pub(crate) fn look_again(
    job: &mut OpenJob,
    concurrency: usize,
    context: &Context,
) -> Result<(), JobError> {
    let OpenJob {
        spec,
        journal,
        hold,
        ..
    } = job;
    let spec = &*spec;
    let workbook = copy::open(hold.folder(), &spec.source)?;
    let mut keepers = Keepers::read(spec, &workbook, &mappers_of(spec))?;
    let pending = journal.counts()?.status(Status::Pending);
    let counts = RowCounts {
        with_id: if pending > 0 {
            pending + keepers.marked_rows()
        } else {
            0
        },
        ..RowCounts::default()
    };
    let Some(mut lookup) =
        Lookup::for_rows(spec, counts, hold.folder().path(), concurrency, context)?
    else {
        return Ok(());
    };
    keepers.look_up(&mut lookup, journal)?;
    let mut rows = SourceRows::new(&workbook, &spec.sheets);
    loop {
        let batch = rows.read_batch()?;
        if batch.is_empty() {
            return Ok(());
        }
        let mut pending = Vec::new();
        for row in &batch {
            let planned = journal.row(row.number)?;
            let planned = planned.filter(|its| its.state == RowState::At(Status::Pending));
            pending.extend(planned.and_then(|its| Some((row, its.customer?))));
        }
        let stored = lookup.find_ids(pending.iter().map(|(_, id)| id.clone()).collect())?;
        let (mut copies, mut held) = (Vec::new(), Vec::new());
        for (row, id) in pending {
            // The run that died, or a colleague, has deleted a customer that is gone. Its first copy stays.
            let Some(Found::Stored(line)) = stored.get(&id) else {
                continue;
            };
            copies.push((row.number, line.as_str()));
            if let Some(problem) = keepers.objection(row, &id, journal)? {
                held.push(HeldRow {
                    number: row.number,
                    status: Status::Invalid,
                    problem: Some(problem),
                    customer: Some(id),
                });
            }
        }
        journal.keep_before(&copies)?;
        journal.hold(&held)?;
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
    }
}

fn mappers_of(spec: &JobSpec) -> Vec<Mapper> {
    let sheets = spec.sheets.iter();
    sheets
        .map(|sheet| Mapper::new(&sheet.columns, &spec.schema))
        .collect()
}

/// Returns whether a row's customer may be deleted, as far as the file alone tells.
fn candidate_of(
    request: &DeleteRequest,
    spec: &JobSpec,
    mappers: &[Mapper],
    keepers: &Keepers,
    row: &Row,
) -> DeletionCandidate {
    let draft = mappers
        .get(usize::from(row.number.sheet))
        .map(|mapper| mapper.draft(row));
    let customer = draft.as_ref().and_then(|draft| draft.id.clone());
    let mut candidate = DeletionCandidate {
        row: PlannedRow {
            customer: customer.clone(),
            fingerprint: draft.as_ref().map_or([0; 16], |draft| draft.fingerprint),
            ..PlannedRow::new(row.number, Status::Skipped)
        },
        id: None,
    };
    let bad_id = draft.iter().flat_map(|draft| &draft.problems);
    let mut bad_id = bad_id.filter(|problem| problem.code == Code::NotACustomerId);
    if let Some(problem) = bad_id.next() {
        candidate.leave(Status::Invalid, problem.clone());
        return candidate;
    }
    let Some(id) = customer else {
        return candidate;
    };
    if let Some(NotDeleted { status, problem }) = keepers.refusal(row, &id) {
        candidate.leave(status, problem);
        return candidate;
    }
    let text = |header: &str| {
        let sheet = spec.sheets.get(usize::from(row.number.sheet))?;
        let mut columns = sheet.columns.columns.iter();
        let column = columns.find(|column| column.header.trim() == header)?;
        Some(row.cell(column.column).map_or("", |cell| cell.text.trim()))
    };
    let added = match text("_action") {
        None => true,
        Some(action) => {
            let code = text("_error_code").and_then(|code| Code::parse(code).ok());
            action == Action::Add.as_str()
                && text("_status").is_none_or(|status| status == Status::Ok.as_str())
                && !code.is_some_and(Code::is_merge)
        }
    };
    if !added && !request.all_ids {
        let not_added = Problem::new(Code::NotAddedByRow).with("id", id.as_str());
        candidate.leave(Status::Skipped, not_added);
        return candidate;
    }
    candidate.row.status = Status::Pending;
    candidate.row.action = Action::Delete;
    candidate.id = Some(id);
    candidate
}

/// Whether a sheet comes from a verification. Then its second customers are deleted.
fn is_of_seconds(sheet: &SheetPlan) -> bool {
    let mut columns = sheet.columns.columns.iter();
    columns.any(|column| column.header.trim() == SECOND_ID)
}

/// Returns the wanted sheets that have a column `_id`; of a verification those that have the column of second
/// customers. Fails if there is none.
fn id_sheets(workbook: &Workbook, request: &DeleteRequest) -> Result<Vec<SheetPlan>, JobError> {
    let is_verification = sheets::refuse_unfit(
        workbook,
        Some(&request.job.account.key),
        &[WorkbookKind::Plan],
    )?;
    let is_ours = FerrySheet::is_in(workbook);
    let mut plans = Vec::new();
    for (index, sheet) in workbook.sheets().iter().enumerate() {
        let wanted = &request.sheets.sheets;
        let is_named = wanted.iter().any(|name| name == "*" || *name == sheet.name);
        let is_beside = sheet.hidden || (is_ours && is_side(&sheet.name));
        if (!wanted.is_empty() && !is_named) || (is_beside && !wanted.contains(&sheet.name)) {
            continue;
        }
        let mut reader = workbook.rows(index, 0)?;
        for _ in 0..HEADER_SEARCH_ROWS {
            let Some(row) = reader.read_row()? else { break };
            let is_named = request
                .sheets
                .header_row
                .is_none_or(|rows| row.number.row == rows.last);
            // The `_id`s of a verification are the customers that are to stay.
            let wanted = if is_verification { SECOND_ID } else { "_id" };
            if is_named && row.cells.iter().any(|cell| cell.text.trim() == wanted) {
                plans.push(plan_of(index, &sheet.name, &row));
                break;
            }
        }
    }
    if plans.is_empty() {
        let problem = Problem::new(Code::NoIdColumn);
        let path = request.source.to_string_lossy();
        return Err(JobError::Input(vec![problem.with("path", path)]));
    }
    Ok(plans)
}

fn plan_of(index: usize, name: &str, header: &Row) -> SheetPlan {
    let is_second = |cell: &Cell| cell.text.trim() == SECOND_ID;
    let id = if header.cells.iter().any(is_second) {
        SECOND_ID
    } else {
        "_id"
    };
    let columns = header.cells.iter().map(|cell| SourceColumn {
        column: cell.column,
        header: cell.text.clone(),
        target: match cell.text.trim() {
            text if text == id => Target::Id,
            "_status" => Target::Status,
            "_job" => Target::Job,
            "_row" => Target::Row,
            // They stay in the result sheet, so that its rows are still those of a sheet of duplicates.
            GROUP | KEEP | MATCHED_BY => Target::Ignored,
            text if text.starts_with('_') => Target::Ferry,
            _ => Target::Ignored,
        },
        rule: crate::mapping::ColumnRule::default(),
    });
    SheetPlan {
        index,
        name: name.to_owned(),
        header_row: header.number.row,
        columns: Columns {
            columns: columns.collect(),
            ignore_unmapped: true,
            ..Columns::default()
        },
    }
}
