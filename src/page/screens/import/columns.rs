//! The second step: which field each column feeds, and how its cells are read.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::get;

use super::step::{
    ListEntry, Posted, StepLink, change_columns, columns_of, draft_of, look_of, steps, wanted,
};
use crate::face::failure::{ErrorWords, Failure};
use crate::job::error::JobError;
use crate::lang::{self, Lang, say};
use crate::mapping::{
    self, ColumnForm, MappingForm, OfferedField, ProposedColumn, is_undecided, suggestion_of,
};
use crate::model::{
    Code, DecimalSign, FieldKey, FieldStatus, ListPolicy, Overwrite, Schema, Slot, shortened,
    visible,
};
use crate::page::error::refused;
use crate::page::imports::{DraftColumns, DraftStep, ImportDraft, is_of_values};
use crate::page::look::Look;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::pipeline::Proposed;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/import/{id}/columns", get(show).post(decide))
}

/// A column in a line.
struct ColumnLine {
    /// The number of the line, in the names of its fields.
    number: usize,
    letters: String,
    header: String,
    samples: Vec<String>,
    confidence: u8,
    note: String,
    /// What a person has to decide; empty where nothing is in doubt.
    doubt: String,
    /// Whether it is the first column with a doubt, to which the next step leads.
    is_first_doubt: bool,
    fields: Vec<ListEntry>,
    default: String,
    split: String,
    format: String,
    decimal: Vec<ListEntry>,
    overwrite: Vec<ListEntry>,
    list: Vec<ListEntry>,
    is_key: bool,
    /// Whether the further settings are shown at once, because the doubt is about one of them.
    is_about_form: bool,
}

/// Something that is still to be decided, with the place on the screen where that is done.
struct OpenDoubt {
    anchor: String,
    name: String,
}

#[derive(Template)]
#[template(path = "page/import/columns.html")]
struct ColumnsScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    is_ours: bool,
    /// What the numbers of the lines mean.
    version: String,
    rows: u64,
    lines: Vec<ColumnLine>,
    /// The header by which rows seem to be further contacts, and how many; empty where they do not.
    merge: String,
    merge_rows: u64,
    merging: Vec<ListEntry>,
    missing: Vec<String>,
    errors: Vec<ErrorWords>,
    doubts: Vec<OpenDoubt>,
}

async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    if draft.facts.is_ours {
        return html(&ColumnsScreen::of(&visit, &draft));
    }
    let columns = columns_of(&visit, draft, DraftStep::Columns).await?;
    let screen = visit.blocking(move |visit| screen(visit, &columns));
    html(&screen.await?)
}

impl ColumnsScreen {
    /// Makes the screen without a line for any column: all that a file of ferry's own needs.
    fn of(visit: &Visit, draft: &ImportDraft) -> Self {
        let look = look_of(visit, draft);
        Self {
            steps: steps(draft, DraftStep::Columns, &look),
            id: draft.id.clone(),
            is_ours: draft.facts.is_ours,
            look,
            version: String::new(),
            rows: 0,
            lines: Vec::new(),
            merge: String::new(),
            merge_rows: 0,
            merging: Vec::new(),
            missing: Vec::new(),
            errors: Vec::new(),
            doubts: Vec::new(),
        }
    }
}

fn screen(visit: &Visit, columns: &DraftColumns) -> Result<ColumnsScreen, Failure> {
    let mut screen = ColumnsScreen::of(visit, &columns.draft);
    let form = columns.form()?;
    let proposed = columns.proposed(None)?;
    let offered = mapping::offered_fields(&columns.schema);
    let lines = proposed.proposal.columns.iter().enumerate();
    screen.lines = lines
        .map(|(number, column)| line(number, column, &form, &offered, &columns.schema, visit.lang))
        .collect();
    screen.version = columns.version();
    screen.rows = columns.seen.rows;
    if let Some((rows, name)) = &proposed.proposal.contact_rows {
        screen.merge_rows = *rows;
        screen.merge.clone_from(name);
        screen.merging = merging(&form, &screen.look);
    }
    screen.missing = missing(&form, &columns.schema);
    screen.doubts = doubts(&screen, &form);
    let mut lines = screen.lines.iter_mut();
    if let Some(first) = lines.find(|line| !line.doubt.is_empty()) {
        first.is_first_doubt = true;
    }
    screen.errors = errors(columns, visit.lang)?;
    Ok(screen)
}

fn doubts(screen: &ColumnsScreen, form: &MappingForm) -> Vec<OpenDoubt> {
    let lines = screen.lines.iter().filter(|line| !line.doubt.is_empty());
    let of_line = |line: &ColumnLine| OpenDoubt {
        anchor: format!("column-{}", line.number),
        name: format!("{} {}", line.letters, line.header),
    };
    let is_merge_open = form.merge_rows.iter().any(|name| is_undecided(name));
    let merge = is_merge_open.then(|| OpenDoubt {
        anchor: "contacts".to_owned(),
        name: screen.look.say("contacts").to_owned(),
    });
    lines.map(of_line).chain(merge).collect()
}

fn line(
    number: usize,
    column: &ProposedColumn,
    form: &MappingForm,
    offered: &[OfferedField],
    schema: &Schema,
    lang: Lang,
) -> ColumnLine {
    let entry = form.columns.get(&column.name).unwrap_or(&column.form);
    let reasons = column.reasons.iter();
    let reasons = reasons.filter(|reason| Some(*reason) != column.doubt.as_ref());
    let mut note: Vec<String> = reasons
        .map(|reason| said::problem(reason, lang).message)
        .collect();
    let doubt = entry.doubt.clone().map(|said| match &column.doubt {
        Some(doubt) => {
            let words = said::problem(doubt, lang);
            note.push(words.tip);
            words.message
        }
        None => said,
    });
    ColumnLine {
        number,
        letters: column.letters.clone(),
        header: visible(&shortened(&column.header)).into_owned(),
        samples: column.samples.iter().map(|text| sample(text)).collect(),
        confidence: column.confidence,
        note: note.join(lang.pick("; ", "；")),
        doubt: doubt.unwrap_or_default(),
        is_first_doubt: false,
        fields: field_choices(entry, column, offered, schema, lang),
        default: entry.default.clone().unwrap_or_default(),
        split: entry.split.concat(),
        format: entry.format.clone().unwrap_or_default(),
        decimal: deciding(entry.decimal, lang),
        overwrite: overwriting(entry.overwrite, lang),
        list: listing(entry.list, lang),
        is_key: entry.key,
        is_about_form: column
            .doubt
            .as_ref()
            .is_some_and(|doubt| matches!(doubt.code, Code::MapDateForm | Code::MapDecimalSign)),
    }
}

fn sample(text: &str) -> String {
    const LONGEST: usize = 40;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = visible(&line).into_owned();
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect()
}

/// Returns the fields that a column may feed, the present one chosen. The first entry leaves the column out.
fn field_choices(
    entry: &ColumnForm,
    column: &ProposedColumn,
    offered: &[OfferedField],
    schema: &Schema,
    lang: Lang,
) -> Vec<ListEntry> {
    let named = entry.field.as_deref().unwrap_or(&column.header);
    let place = (!entry.ignore).then(|| place_of(named, schema)).flatten();
    let left_out = page_word(lang, "left-out");
    let mut choices = vec![ListEntry::new("", left_out, entry.ignore)];
    let mut is_found = entry.ignore;
    for field in offered {
        let kind = say::fields::kind(lang, field.kind);
        let label = if field.required {
            format!("{} · {kind} · {}", field.name, say::fields::required(lang))
        } else {
            format!("{} · {kind}", field.name)
        };
        let is_it = place.as_ref() == Some(&(field.key.clone(), field.slot))
            || entry.field.as_deref() == Some(field.name.as_str());
        is_found |= is_it;
        choices.push(ListEntry::new(&field.name, label, is_it));
    }
    if let (false, Some(name)) = (is_found, &entry.field) {
        choices.push(ListEntry::new(name, name, true));
    }
    choices
}

fn page_word(lang: Lang, key: &str) -> &'static str {
    lang::page::say(lang, key)
}

/// Returns the place in a field that a header or the name in a mapping leads to.
fn place_of(name: &str, schema: &Schema) -> Option<(FieldKey, Slot)> {
    let mapping::Match::Field(position, slot) = mapping::match_header(name, schema)? else {
        return None;
    };
    let slot = if slot == Slot::Value(1) {
        Slot::Whole
    } else {
        slot
    };
    Some((schema.fields.get(position)?.key.clone(), slot))
}

fn deciding(chosen: Option<DecimalSign>, lang: Lang) -> Vec<ListEntry> {
    [
        ("", page_word(lang, "found-by-ferry"), None),
        (".", "1,234.5", Some(DecimalSign::Point)),
        (",", "1.234,5", Some(DecimalSign::Comma)),
    ]
    .map(|(value, label, its)| ListEntry::new(value, label, its == chosen))
    .into()
}

fn overwriting(chosen: Option<Overwrite>, lang: Lang) -> Vec<ListEntry> {
    [
        ("", "as-usual", None),
        ("always", "overwrite-always", Some(Overwrite::Always)),
        ("if_blank", "overwrite-if-blank", Some(Overwrite::IfBlank)),
        ("never", "overwrite-never", Some(Overwrite::Never)),
    ]
    .map(|(value, key, its)| ListEntry::new(value, page_word(lang, key), its == chosen))
    .into()
}

fn listing(chosen: Option<ListPolicy>, lang: Lang) -> Vec<ListEntry> {
    [
        ("", "as-usual", None),
        ("merge", "list-merge", Some(ListPolicy::Merge)),
        ("replace", "list-replace", Some(ListPolicy::Replace)),
    ]
    .map(|(value, key, its)| ListEntry::new(value, page_word(lang, key), its == chosen))
    .into()
}

fn merging(form: &MappingForm, look: &Look) -> Vec<ListEntry> {
    let is_open = form.merge_rows.iter().any(|name| is_undecided(name));
    let merges = !form.merge_rows.is_empty() && !is_open;
    vec![
        ListEntry::new("?", look.say("to-decide"), is_open),
        ListEntry::new("yes", look.say("merge-yes"), merges),
        ListEntry::new("no", look.say("merge-no"), form.merge_rows.is_empty()),
    ]
}

/// Returns the labels of required fields that neither a column nor a constant feeds.
fn missing(form: &MappingForm, schema: &Schema) -> Vec<String> {
    let columns = form.columns.iter().filter(|(_, column)| !column.ignore);
    let columns = columns.map(|(name, column)| column.field.as_deref().unwrap_or(name));
    let fed: Vec<FieldKey> = columns
        .chain(form.constants.keys().map(String::as_str))
        .filter_map(|name| place_of(name, schema))
        .map(|(key, _)| key)
        .collect();
    let required = schema
        .fields
        .iter()
        .filter(|field| field.required && field.status == FieldStatus::Enabled && !field.read_only);
    required
        .filter(|field| !fed.contains(&field.key))
        .map(|field| field.label.clone())
        .collect()
}

/// Returns what is wrong with the columns.
fn errors(columns: &DraftColumns, lang: Lang) -> Result<Vec<ErrorWords>, Failure> {
    let mut faults = columns.faults()?;
    faults.retain(|fault| !is_of_values(fault));
    Ok(said::failure(&JobError::Input(faults).into(), lang))
}

async fn decide(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let posted = Posted::of(pairs);
    let path = change_columns(&visit, id, DraftStep::Columns, move |visit, columns| {
        if posted.get("version") != Some(&columns.version()) {
            return Err(refused("other-columns", &[]));
        }
        let goes_on = posted.get("go") != Some("save");
        let before = columns.form()?;
        let mut form = before.clone();
        let proposed = columns.proposed(None)?;
        take_columns(&mut form, &proposed, &posted);
        let form = columns.save(form)?;
        let mut draft = columns.draft.clone();
        if form != before {
            draft.forget_findings(&visit.shared)?;
        }
        if let Some(step) = wanted(&posted) {
            return Ok(draft.screen(step));
        }
        if goes_on && let Some(question) = draft.open_question()? {
            return Ok(question);
        }
        let is_right = errors(&columns, visit.lang)?.is_empty();
        Ok(draft.screen(if goes_on && is_right {
            DraftStep::Values
        } else {
            DraftStep::Columns
        }))
    });
    Ok(see(&path.await?))
}

/// Takes what was filled in into the mapping.
fn take_columns(form: &mut MappingForm, proposed: &Proposed, posted: &Posted) {
    for (number, column) in proposed.proposal.columns.iter().enumerate() {
        if let Some(field) = posted.get(&format!("field.{number}")) {
            let entry = form.columns.entry(column.name.clone()).or_default();
            take_column(
                entry,
                column,
                field,
                &|name| format!("{name}.{number}"),
                posted,
            );
        }
    }
    let has_owners = form.columns.values().any(|column| !column.ignore);
    if !has_owners {
        form.owner_ids.clear();
    }
    let is_open = form.merge_rows.iter().any(|name| is_undecided(name));
    match posted.get("merge") {
        // All as proposed: that the rows are one customer.
        Some("?") | None if is_open && posted.get("go") == Some("all") => {
            form.merge_rows = merged(proposed);
        }
        Some("yes") => form.merge_rows = merged(proposed),
        Some("no") => form.merge_rows.clear(),
        _ => {}
    }
}

fn merged(proposed: &Proposed) -> Vec<String> {
    let names = proposed.form.merge_rows.iter();
    let names = names.map(|name| suggestion_of(name).unwrap_or(name).to_owned());
    names.collect()
}

fn take_column(
    entry: &mut ColumnForm,
    column: &ProposedColumn,
    field: &str,
    name: &dyn Fn(&str) -> String,
    posted: &Posted,
) {
    let is_decided = posted.has(&name("sure")) || posted.get("go") == Some("all");
    let was = entry.field.clone().filter(|_| !entry.ignore);
    if field.is_empty() {
        let doubt = entry.doubt.take().filter(|_| entry.ignore && !is_decided);
        *entry = ColumnForm {
            ignore: true,
            doubt,
            ..ColumnForm::default()
        };
        return;
    }
    let is_as_header = was.is_none() && !entry.ignore && field == column.header;
    if was.as_deref() != Some(field) && !is_as_header {
        // Words and settings of another field mean nothing for this one.
        *entry = ColumnForm {
            field: Some(field.to_owned()),
            ..ColumnForm::default()
        };
    }
    if is_decided {
        entry.doubt = None;
    }
    entry.default = posted.filled(&name("default"));
    let split = posted.get(&name("split")).unwrap_or_default();
    entry.split = split.chars().map(String::from).collect();
    entry.format = posted.filled(&name("format"));
    entry.decimal = match posted.get(&name("decimal")) {
        Some(".") => Some(DecimalSign::Point),
        Some(",") => Some(DecimalSign::Comma),
        _ => None,
    };
    entry.overwrite = match posted.get(&name("overwrite")) {
        Some("always") => Some(Overwrite::Always),
        Some("if_blank") => Some(Overwrite::IfBlank),
        Some("never") => Some(Overwrite::Never),
        _ => None,
    };
    entry.list = match posted.get(&name("list")) {
        Some("merge") => Some(ListPolicy::Merge),
        Some("replace") => Some(ListPolicy::Replace),
        _ => None,
    };
    entry.key = posted.has(&name("key"));
}
