//! `ferry dupes`: customers that an account holds twice.
//!
//! 1. Read the list until it is complete, or open the export.
//! 2. Put the values of the keys of all customers on the disk, in their normal forms, and read them back in order:
//!    customers of one value are neighbours.
//! 3. Join neighbours into groups, and go through the customers again for those that are in one.
//! 4. Write the sheet.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::customers::{Customers, DupesColumn};
use super::exported::ExportedCustomers;
use super::groups::{GroupNumbers, Groups};
use super::listed::ListedCustomers;
use super::member::MemberCell;
use super::report::{DupesReport, KeyCount, StoreFacts};
use super::request::{DupesRequest, ListRequest};
use super::sheet::DupesSheet;
use crate::export::diff::file::ExportFile;
use crate::export::names;
use crate::export::request::{MAX_PASSES, check_target};
use crate::export::spec::{ColumnChoice, Headers};
use crate::export::summary::whose;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::{GroupMember, GroupStore, KeyIndex, Spool};
use crate::lookup::listing::options::{Completeness, ListEnd, ListOptions};
use crate::lookup::listing::whole_list::Listing;
use crate::model::{
    Code, CustomerId, Field, Key, Monitor, Phrase, Problem, Saying, Schema, Stop, Task,
};
use crate::results::place;
use crate::source::{keys, owners};

/// The keys without `--by`.
pub(crate) const DEFAULT_KEYS: [&str; 2] = ["mobile", "email"];

/// The most keys: each has a bit.
const MOST_KEYS: usize = 64;

/// The files in the request's folder.
const SPOOL: &str = "spool.db";
const INDEX: &str = "keys.db";
pub(crate) const GROUPS: &str = "groups.db";

/// The sort of a customer whose time of creation is not known: behind all others, so that it is not the one to stay.
const UNDATED: &str = "~";

/// Looks for duplicates in the list of an account.
pub fn dupes_of_account(
    request: &DupesRequest,
    list: &ListRequest,
    context: &Context,
) -> Result<DupesReport, JobError> {
    let began = Instant::now();
    check_target(Some(&request.target))?;
    let owners = owners::named_owners(&owners::OwnerSources {
        file: list.owners.as_deref(),
        state: &context.state,
        account: &list.job.account.key,
    })?;
    let schema = Schema::new(&context.crm.fields()?, &list.overrides);
    // An unusable key is refused before the list is read.
    wanted_keys(&request.by, &schema, |_| true)?;
    let (spool, verdict) = read_list(request, list, context)?;
    let choice = ColumnChoice {
        schema: &schema,
        fields: &[],
        headers: Headers::Label,
        owners: &owners,
    };
    let customers = ListedCustomers::new(&spool, choice, &context.stop)?;
    let search = Search {
        request,
        customers: &customers,
        whole: Some(spool.seen()?.living()),
        complete: Some(verdict == Completeness::Complete),
        account: Some(list.job.account.key.clone()),
        source: whose(&list.job.account, request.lang),
        monitor: context.monitor.as_ref(),
    };
    let mut report = search.run()?;
    report.calls = context.monitor.calls();
    report.elapsed = began.elapsed();
    Ok(report)
}

/// Looks for duplicates in an export, without a network. `schema` is the account's list of fields, if it is known: it
/// tells which fields of the account's own hold phones.
pub fn dupes_of_export(
    request: &DupesRequest,
    path: &Path,
    schema: Option<Schema>,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<DupesReport, JobError> {
    let began = Instant::now();
    check_target(Some(&request.target))?;
    let file = ExportFile::open(path)?;
    let customers = ExportedCustomers::new(&file, schema, stop);
    let search = Search {
        request,
        customers: &customers,
        whole: None,
        complete: file.said.complete,
        account: file.said.account.clone(),
        source: path.display().to_string(),
        monitor,
    };
    let mut report = search.run()?;
    report.elapsed = began.elapsed();
    Ok(report)
}

/// Reads the list onto the disk.
fn read_list(
    request: &DupesRequest,
    list: &ListRequest,
    context: &Context,
) -> Result<(Spool, Completeness), JobError> {
    let options = ListOptions {
        condition: None,
        page_size: list.page_size,
        concurrency: list.job.run.concurrency,
        max_passes: MAX_PASSES,
        zone: place::zone(&list.job.timezone),
    };
    let spool = Spool::open(&request.folder.join(SPOOL))?;
    let mut listing = Listing::begin(spool, &options, context)?;
    match listing.read()? {
        ListEnd::Read(verdict) => Ok((listing.into_spool(), verdict)),
        ListEnd::Stopped => Err(JobError::StoppedInPlan),
        ListEnd::Failed(error) => Err(error.into()),
    }
}

/// Returns the keys that were asked for, else those of [`DEFAULT_KEYS`] that are there.
fn wanted_keys(
    by: &[String],
    schema: &Schema,
    has: impl Fn(&Field) -> bool,
) -> Result<Vec<Key>, JobError> {
    if !by.is_empty() {
        return keys::keys_named(by, "--by", schema, has);
    }
    let by = DEFAULT_KEYS.map(str::to_owned);
    let usable: Vec<String> = by
        .iter()
        .filter(|name| schema.field(name).is_some_and(&has))
        .cloned()
        .collect();
    let wanted: &[String] = if usable.is_empty() { &by } else { &usable };
    keys::keys_named(wanted, "--by", schema, has)
}

/// A search over customers that can be read.
struct Search<'a> {
    request: &'a DupesRequest,
    customers: &'a dyn Customers,
    /// How many customers there are, if that is known.
    whole: Option<u64>,
    complete: Option<bool>,
    account: Option<String>,
    /// The list or the file, for people.
    source: String,
    monitor: &'a dyn Monitor,
}

impl Search<'_> {
    fn run(&self) -> Result<DupesReport, JobError> {
        let schema = self.customers.schema();
        let has = |field: &crate::model::Field| self.customers.has(field);
        let mut keys = wanted_keys(&self.request.by, schema, has)?;
        let mut known = Vec::new();
        keys.retain(|key| {
            let is_new = !known.contains(key);
            known.push(key.clone());
            is_new
        });
        if let Some(key) = keys.get(MOST_KEYS) {
            let most = Phrase::new(Saying::TooManyKeys).with("limit", MOST_KEYS.to_string());
            let many = Problem::new(Code::BadKey).with("flag", "--by");
            let many = many
                .with("field", counted(key, schema).label)
                .with("detail", most);
            return Err(JobError::Usage(many));
        }
        // Each customer is looked at twice.
        let whole = self.whole.map(|whole| whole * 2);
        self.monitor.start_task(Task::Compare, whole);
        let (groups, searched) = self.join(&keys)?;
        let columns = self.customers.columns();
        let mut store = GroupStore::create(&self.request.folder.join(GROUPS))?;
        self.keep(&groups, &mut store)?;
        drop(groups);
        self.monitor.finish_task(Task::Compare);
        let mut report = DupesReport {
            searched,
            by: keys.iter().map(|key| counted(key, schema)).collect(),
            complete: self.complete,
            ..DupesReport::default()
        };
        count(&store, &mut report)?;
        if report.groups > 0 {
            report.file = Some(self.write(&store, &columns, &report)?);
        }
        let facts = StoreFacts {
            headers: headers(&columns),
            compared: columns.iter().map(|column| column.is_compared).collect(),
            report: report.clone(),
        };
        store.set_facts(&serde_json::to_string(&facts).unwrap_or_default())?;
        Ok(report)
    }

    /// Joins the customers that share a value of a key. Returns how many customers were looked at as well.
    fn join(&self, keys: &[Key]) -> Result<(Groups, u64), JobError> {
        let mut index = KeyIndex::create(&self.request.folder.join(INDEX))?;
        let mut searched = 0;
        self.customers.for_each_keyed(keys, &mut |customers| {
            let number = customers.len() as u64;
            searched += number;
            index.add(&customers)?;
            self.monitor.advance(Task::Compare, number);
            Ok(())
        })?;
        let mut groups = Groups::default();
        let mut before: Option<(String, String)> = None;
        index.for_each_shared(|value, id| {
            match &before {
                Some((known, first)) if known == value => {
                    let key = value.split('\u{1f}').next();
                    let key = key.and_then(|position| position.parse().ok());
                    groups.join(first, id, key.unwrap_or(0));
                }
                _ => before = Some((value.to_owned(), id.to_owned())),
            }
            Ok::<(), JobError>(())
        })?;
        Ok((groups.settled(), searched))
    }

    /// Puts the customers that are in a group on the disk.
    fn keep(&self, groups: &Groups, store: &mut GroupStore) -> Result<(), JobError> {
        let mut numbers = GroupNumbers::of(groups);
        let is_member = |id: &CustomerId| groups.has(id);
        self.customers
            .for_each_member(&is_member, &mut |gone_through, found| {
                let members = found.into_iter().filter_map(|found| {
                    let place = numbers.place(&found.id)?;
                    Some(GroupMember {
                        group: place.group,
                        created: match found.created {
                            created if created.is_empty() => UNDATED.to_owned(),
                            created => created,
                        },
                        id: found.id.as_str().to_owned(),
                        keys: place.keys,
                        cells: MemberCell::to_text(&found.cells),
                    })
                });
                let members: Vec<GroupMember> = members.collect();
                store.add(&members)?;
                self.monitor.advance(Task::Compare, gone_through);
                Ok(())
            })
    }

    fn write(
        &self,
        store: &GroupStore,
        columns: &[DupesColumn],
        report: &DupesReport,
    ) -> Result<PathBuf, JobError> {
        let DupesRequest {
            target,
            is_named,
            lang,
            ..
        } = self.request;
        let wanted = match self.complete {
            Some(false) => names::incomplete(target, *lang),
            _ => target.clone(),
        };
        // A file that is open in Excel is left alone, as for result sheets.
        let path = place::free_path(&wanted, !is_named).map_err(|name| {
            let problem = Problem::new(Code::TargetUnwritable).with("path", name);
            JobError::Output(problem.with("detail", ""))
        })?;
        let sheet = DupesSheet {
            store,
            columns,
            report,
            account: self.account.as_deref(),
            source: &self.source,
            lang: *lang,
        };
        sheet.write(&path)?;
        Ok(path)
    }
}

fn counted(key: &Key, schema: &Schema) -> KeyCount {
    KeyCount {
        key: key.to_text(),
        label: keys::labels(std::slice::from_ref(key), schema),
        ..KeyCount::default()
    }
}

fn headers(columns: &[DupesColumn]) -> Vec<String> {
    let columns = columns.iter();
    columns.map(|its| its.column.header.clone()).collect()
}

/// Counts groups and customers, in all and by key.
fn count(store: &GroupStore, report: &mut DupesReport) -> Result<(), JobError> {
    let (mut group, mut keys) = (0, 0);
    store.for_each(0..u64::MAX, |member| {
        if member.group != group {
            (group, keys) = (member.group, 0);
            report.groups += 1;
        }
        report.customers += 1;
        for (position, count) in report.by.iter_mut().enumerate() {
            let bit = 1_u64 << position;
            if member.keys & bit != 0 {
                count.customers += 1;
                count.groups += u64::from(keys & bit == 0);
            }
        }
        keys |= member.keys;
        Ok::<(), JobError>(())
    })
}
