//! `ferry fields`: lists the account's fields.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::progress::Progress;
use super::screen::{padded, width};
use super::{Global, print, put_note, signals, summary, usage};
use crate::crm::{FieldQuery, fields_from_json, fields_to_json};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{Lang, say};
use crate::model::{Field, FieldConfig, FieldStatus, Kind, Schema};
use crate::source;
use crate::source::KnownOwner;
use crate::table::{
    Column, Format, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter, create_writer,
};
/// How many owners are shown on the terminal.
const SHOWN_OWNERS: usize = 20;

/// What `ferry fields` takes.
#[derive(Debug, Args)]
pub(super) struct FieldsArgs {
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "FILE.json")]
    save: Option<PathBuf>,
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    #[arg(long = "type", value_name = "TYPE", value_delimiter = ',')]
    kinds: Vec<String>,
    #[arg(long, value_name = "CATEGORY", value_delimiter = ',')]
    category: Vec<String>,
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        value_parser = FalseyValueParser::new()
    )]
    enabled: Option<bool>,
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        value_parser = FalseyValueParser::new()
    )]
    editable: Option<bool>,
}

impl FieldsArgs {
    /// Returns whether a field passes the filters that the list itself answers: a part of its label or key, its kind or
    /// the account's word for its type, and whether it is in use.
    fn lets_pass(&self, field: &Field, lang: Lang) -> bool {
        let has = |text: &str, part: &str| text.to_lowercase().contains(&part.to_lowercase());
        let is_named = self
            .name
            .as_ref()
            .is_none_or(|part| has(&field.label, part) || has(field.key.as_str(), part));
        let words = [
            field.kind.as_str().to_owned(),
            field.type_name.clone(),
            say::fields::kind(lang, field.kind),
            say::fields::kind(Lang::Zh, field.kind),
        ];
        let is_of_kind = self.kinds.is_empty()
            || self.kinds.iter().any(|kind| {
                let mut words = words.iter();
                words.any(|word| word.eq_ignore_ascii_case(kind.trim()))
            });
        let is_enabled = field.status == FieldStatus::Enabled;
        is_named && is_of_kind && self.enabled.is_none_or(|wanted| wanted == is_enabled)
    }

    /// Returns the filters that only the server can answer; `None` where there are none.
    fn query(&self) -> Option<FieldQuery> {
        let is_asked = !self.category.is_empty() || self.editable.is_some();
        is_asked.then(|| FieldQuery {
            categories: self.category.clone(),
            is_editable: self.editable,
        })
    }

    fn has_filter(&self) -> bool {
        let is_asked = self.name.is_some() || !self.kinds.is_empty() || self.enabled.is_some();
        is_asked || self.query().is_some()
    }
}

/// Runs the command.
pub(super) fn run(args: &FieldsArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let settings = Settings::resolve(&global.choices(), None)?;
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    let context = settings.context(false, progress.monitor(), &stop)?;
    let configs = context.crm.fields().map_err(JobError::Call)?;
    // What the list does not say of a field the server is asked: it answers with the fields that pass.
    let passing = match args.query() {
        Some(query) => Some(context.crm.fields_where(&query).map_err(JobError::Call)?),
        None => None,
    };
    progress.finish();
    let mut owners = source::known_owners(&settings.owner_sources())?;
    let mut schema = Schema::new(&configs, &settings.overrides);
    schema.fields.retain(|field| {
        let is_there = |config: &FieldConfig| config.key == field.key.as_str();
        let passes = passing.as_ref().is_none_or(|all| all.iter().any(is_there));
        passes && args.lets_pass(field, lang)
    });
    if !schema.fields.iter().any(|field| field.kind == Kind::Owner) {
        owners.clear();
    }
    let owners = Owners {
        known: owners,
        file: settings.owners.clone(),
        timezone: settings.timezone.clone(),
    };
    if let Some(path) = &args.save {
        let shown = path.display().to_string();
        std::fs::write(path, fields_to_json(&configs)).map_err(|error| {
            let words = say::usage::name_a_writable_file(&shown, &error.to_string());
            Failure::said(exit::LOCAL, words)
        })?;
        put_note(global, &say::fields::saved(lang, &shown));
    }
    if let Some(path) = &args.output {
        write_workbook(&schema, &owners, path, lang)?;
        put_note(
            global,
            &say::fields::file_written(lang, &path.display().to_string()),
        );
    }
    if global.json {
        print::json(&json(&schema, &owners));
    } else if args.output.is_none() && args.save.is_none() {
        print_fields(&schema, lang);
        owners.print(global);
        if schema.fields.iter().any(|field| field.kind == Kind::Owner) {
            put_note(global, &say::hint(lang, say::fields::owner_ids(lang)));
        }
        if args.has_filter() {
            put_note(global, &say::fields::passing(lang, schema.fields.len()));
        }
    }
    Ok(exit::DONE)
}

/// Reads a saved field list.
pub(super) fn parse_saved(text: &str, path: &Path) -> Result<Vec<FieldConfig>, Failure> {
    fields_from_json(text).map_err(|why| {
        let why = say::usage::in_both(&why.into());
        usage(say::fields::no_field_list(
            &path.display().to_string(),
            &why,
        ))
    })
}

fn print_fields(schema: &Schema, lang: Lang) {
    let [label, kind, key, remarks] = say::fields::titles(lang);
    let mut lines = vec![[label.to_owned(), kind.to_owned(), key.to_owned()]];
    lines.extend(schema.fields.iter().map(|field| {
        [
            field.label.clone(),
            say::fields::kind(lang, field.kind),
            field.key.as_str().to_owned(),
        ]
    }));
    let widths: Vec<usize> = (0..3)
        .map(|column| lines.iter().filter_map(move |line| line.get(column)))
        .map(|cells| cells.map(|cell| width(cell)).max().unwrap_or(0))
        .collect();
    let remarks = std::iter::once(remarks.to_owned())
        .chain(schema.fields.iter().map(|field| about(field, lang)));
    for (line, remark) in lines.iter().zip(remarks) {
        let cells = line.iter().zip(&widths);
        let cells: String = cells
            .map(|(cell, column)| padded(cell, column + 2))
            .collect();
        out!("{}", format!("{cells}{remark}").trim_end());
    }
}

fn about(field: &Field, lang: Lang) -> String {
    let mut words = Vec::new();
    if field.required {
        words.push(say::fields::required(lang).to_owned());
    }
    if field.status != FieldStatus::Enabled {
        words.push(say::fields::status(lang, field.status).to_owned());
    }
    if field.read_only {
        words.push(say::fields::set_by_crm(lang).to_owned());
    }
    if field.searchable == Some(false) {
        words.push(say::fields::not_searchable(lang).to_owned());
    }
    if field.kind == Kind::Owner {
        words.push(say::fields::owner_form(lang).to_owned());
    }
    let choices: Vec<&str> = field
        .choices
        .iter()
        .map(|choice| choice.value.as_str())
        .collect();
    let paths = field.paths();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    for entries in [choices, paths] {
        if !entries.is_empty() {
            words.push(shortened(&entries, lang));
        }
    }
    say::amounts::clauses(lang, &words)
}

fn shortened(entries: &[&str], lang: Lang) -> String {
    let shown = say::amounts::list(lang, entries.iter().take(6).copied());
    if entries.len() > 6 {
        say::fields::and_more(lang, &shown, entries.len())
    } else {
        shown
    }
}

fn json(schema: &Schema, owners: &Owners) -> serde_json::Value {
    let field = |field: &Field| {
        let choices: Vec<_> = field
            .choices
            .iter()
            .map(|choice| serde_json::json!({"key": choice.key, "value": choice.value}))
            .collect();
        serde_json::json!({
            "label": field.label,
            "key": field.key.as_str(),
            "kind": field.kind.as_str(),
            "type": field.type_name,
            "status": field.status,
            "required": field.required,
            "system": field.system,
            "read_only": field.read_only,
            "searchable": field.searchable,
            "choices": choices,
            "paths": field.paths(),
        })
    };
    let fields: Vec<_> = schema.fields.iter().map(field).collect();
    serde_json::json!({"fields": fields, "owners": owners.json(), "exit": 0})
}

/// The owners that are known, and what is needed to say where from.
struct Owners {
    known: Vec<KnownOwner>,
    file: Option<PathBuf>,
    timezone: String,
}

impl Owners {
    /// Prints the owners below the fields: id, name, customers, and where from.
    fn print(&self, global: &Global) {
        let lang = global.lang();
        if self.known.is_empty() {
            return;
        }
        out!();
        out!("{}", say::fields::known_owners(lang, self.known.len()));
        let shown: Vec<[String; 4]> = self
            .known
            .iter()
            .take(SHOWN_OWNERS)
            .map(|owner| self.cells(owner, lang))
            .collect();
        let width_of = |column: usize| {
            let cells = shown.iter().filter_map(|cells| cells.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or(0) + 2
        };
        let widths = [width_of(0), width_of(1), width_of(2), 0];
        for cells in &shown {
            let line: String = cells
                .iter()
                .zip(widths)
                .map(|(cell, width)| padded(cell, width))
                .collect();
            out!("  {}", line.trim_end());
        }
        if self.known.len() > SHOWN_OWNERS {
            let more = self.known.len() - SHOWN_OWNERS;
            let more = say::fields::more_owners(lang, more);
            out!("  {}", global.hints.copyable(&more));
        }
    }

    /// Returns an owner's id, name, customers, and where it is known from, in words.
    fn cells(&self, owner: &KnownOwner, lang: Lang) -> [String; 4] {
        [
            owner.id.clone(),
            owner
                .name
                .clone()
                .unwrap_or_else(|| say::fields::no_name(lang).to_owned()),
            owner
                .customers
                .map(|count| say::fields::customers(lang, count))
                .unwrap_or_default(),
            match owner.exported {
                Some(moment) => say::fields::of_export(lang, &self.local(moment)),
                None => self.file_name(),
            },
        ]
    }

    fn json(&self) -> serde_json::Value {
        let owners = self.known.iter().map(|owner| {
            let from = match owner.exported {
                Some(_) => "export".to_owned(),
                None => self.file_name(),
            };
            serde_json::json!({
                "id": owner.id,
                "name": owner.name,
                "customers": owner.customers,
                "from": from,
            })
        });
        owners.collect()
    }

    fn file_name(&self) -> String {
        let file = self.file.as_deref();
        file.map_or_else(String::new, |path| path.display().to_string())
    }

    /// Returns a moment in Unix seconds as a day in the account's zone.
    fn local(&self, moment: i64) -> String {
        let zone = jiff::tz::TimeZone::get(&self.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
        let moment = jiff::Timestamp::from_second(moment).unwrap_or_default();
        let local = jiff::ZonedDateTime::new(moment, zone);
        local.strftime("%Y-%m-%d").to_string()
    }

    /// Writes a sheet of the owners into a workbook.
    fn write(&self, writer: &mut dyn TableWriter, lang: Lang) -> Result<(), Failure> {
        let widths = [24.0, 22.0, 14.0, 30.0];
        let columns = say::fields::owner_columns(lang).into_iter().zip(widths);
        let columns = columns.map(|(header, width)| Column {
            header: header.to_owned(),
            width,
            ..Column::default()
        });
        writer.start_sheet(SheetSpec {
            name: say::fields::owners_sheet(lang).to_owned(),
            columns: columns.collect(),
            hidden: false,
            role: SheetRole::Data,
        })?;
        for owner in &self.known {
            let [id, _, _, from] = self.cells(owner, lang);
            let name = owner.name.as_deref().unwrap_or_default();
            let cells = [
                OutCell::Text(&id),
                text_or_blank(name),
                owner.customers.map_or(OutCell::Blank, OutCell::Count),
                text_or_blank(&from),
            ];
            writer.write_row(&cells.map(StyledCell::plain))?;
        }
        Ok(())
    }
}

fn text_or_blank(text: &str) -> OutCell<'_> {
    if text.is_empty() {
        OutCell::Blank
    } else {
        OutCell::Text(text)
    }
}

fn write_workbook(
    schema: &Schema,
    owners: &Owners,
    path: &Path,
    lang: Lang,
) -> Result<(), Failure> {
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let mut writer = create_writer(if is_csv { Format::Csv } else { Format::Xlsx }, folder)?;
    let widths = [22.0, 30.0, 14.0, 10.0, 10.0, 10.0, 80.0];
    let columns = say::fields::columns(lang)
        .into_iter()
        .zip(widths)
        .map(|(header, width)| Column {
            header: header.to_owned(),
            width,
            ..Column::default()
        })
        .collect();
    writer.start_sheet(SheetSpec {
        name: say::fields::sheet(lang).to_owned(),
        columns,
        hidden: false,
        role: SheetRole::Data,
    })?;
    for field in &schema.fields {
        let values: Vec<String> = field
            .choices
            .iter()
            .map(|choice| choice.value.clone())
            .chain(field.paths())
            .collect();
        let choices = values.join("\n");
        let required = if field.required {
            say::fields::required(lang)
        } else {
            ""
        };
        let kind = say::fields::kind(lang, field.kind);
        let cells = [
            &field.label,
            field.key.as_str(),
            &kind,
            required,
            say::fields::status(lang, field.status),
            say::fields::who(lang, field.read_only),
            &choices,
        ];
        let cells = cells.map(|text| StyledCell::plain(text_or_blank(text)));
        writer.write_row(&cells)?;
    }
    if !is_csv && !owners.known.is_empty() {
        owners.write(writer.as_mut(), lang)?;
    }
    Ok(writer.finish(path)?)
}
