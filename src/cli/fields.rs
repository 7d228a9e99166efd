//! `ferry fields`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::{Failure, Outcome, exit};
use super::progress::Progress;
use super::settings::Settings;
use super::{Global, logging, say, summary, usage};
use crate::crm::{fields_from_json, fields_to_json};
use crate::job::JobError;
use crate::model::{Field, FieldConfig, FieldStatus, Schema};
use crate::table::{Column, Format, OutCell, SheetRole, SheetSpec, StyledCell, create_writer};

/// List the account's fields: label, key, kind, whether required, choices
///
/// With --json, one object: {"fields": [{"label", "key", "kind", "type", "status", "required", "system",
/// "`read_only`", "searchable", "choices": [{"key", "value"}], "paths": ["浙江/杭州", …]}], "exit"}.
#[derive(Debug, Args)]
pub(super) struct FieldsArgs {
    /// Write the list into a workbook or CSV file
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: Option<PathBuf>,
    /// Save the list for `ferry check --fields`, as the API gives it
    #[arg(long, value_name = "FILE.json")]
    save: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &FieldsArgs, global: &Global) -> Outcome {
    let settings = Settings::resolve(global, None)?;
    let stop = logging::stop_on_signals()?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    let context = settings.context(false, progress.monitor(), &stop)?;
    let configs = context.crm.fields().map_err(JobError::Call)?;
    progress.finish();
    let schema = Schema::new(&configs, &settings.overrides);
    if let Some(path) = &args.save {
        std::fs::write(path, fields_to_json(&configs)).map_err(|error| {
            Failure::new(
                exit::LOCAL,
                format!("{}: {error}", path.display()),
                "name a file that can be written",
            )
        })?;
        say(global, &format!("saved: {}", path.display()));
    }
    if let Some(path) = &args.output {
        write(&schema, path)?;
        say(global, &format!("written: {}", path.display()));
    }
    if global.json {
        out!("{}", json(&schema));
    } else if args.output.is_none() && args.save.is_none() {
        print(&schema);
    }
    Ok(exit::DONE)
}

/// Reads a saved field list.
pub(super) fn parse(text: &str, path: &Path) -> Result<Vec<FieldConfig>, Failure> {
    fields_from_json(text).map_err(|error| {
        usage(
            format!("{} holds no field list: {error}", path.display()),
            "`ferry fields --save FILE` writes one",
        )
    })
}

fn print(schema: &Schema) {
    let width = schema
        .fields
        .iter()
        .map(|field| display_width(&field.label))
        .max()
        .unwrap_or(0)
        .max(5);
    let pad = |label: &str| " ".repeat(width.saturating_sub(display_width(label)));
    out!(
        "label{}  {:<12}  {:<28}  about",
        pad("label"),
        "kind",
        "key"
    );
    for field in &schema.fields {
        out!(
            "{}{}  {:<12}  {:<28}  {}",
            field.label,
            pad(&field.label),
            field.kind.as_str(),
            field.key.as_str(),
            about(field)
        );
    }
}

/// Columns a text takes on a terminal: Chinese letters take two.
fn display_width(text: &str) -> usize {
    text.chars()
        .map(|letter| if letter >= '\u{1100}' { 2 } else { 1 })
        .sum()
}

fn about(field: &Field) -> String {
    let mut words = Vec::new();
    if field.required {
        words.push("required".to_owned());
    }
    match field.status {
        FieldStatus::Enabled => {}
        FieldStatus::Disabled => words.push("disabled".to_owned()),
        FieldStatus::Deleted => words.push("deleted".to_owned()),
    }
    if field.read_only {
        words.push("set by the CRM".to_owned());
    }
    if field.searchable == Some(false) {
        words.push("not searchable".to_owned());
    }
    let choices: Vec<&str> = field
        .choices
        .iter()
        .map(|choice| choice.value.as_str())
        .collect();
    if !choices.is_empty() {
        words.push(shortened(&choices));
    }
    let paths = paths(field);
    if !paths.is_empty() {
        words.push(shortened(
            &paths.iter().map(String::as_str).collect::<Vec<_>>(),
        ));
    }
    words.join("; ")
}

fn shortened(entries: &[&str]) -> String {
    let shown = entries
        .iter()
        .take(6)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if entries.len() > 6 {
        format!("{shown} … ({})", entries.len())
    } else {
        shown
    }
}

/// Every full path of a cascade.
fn paths(field: &Field) -> Vec<String> {
    fn walk(options: &[crate::model::CascadeOption], before: &str, paths: &mut Vec<String>) {
        for option in options {
            let path = if before.is_empty() {
                option.value.clone()
            } else {
                format!("{before}/{}", option.value)
            };
            if option.children.is_empty() {
                paths.push(path);
            } else {
                walk(&option.children, &path, paths);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&field.cascade, "", &mut paths);
    paths
}

fn json(schema: &Schema) -> serde_json::Value {
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
            "paths": paths(field),
        })
    };
    serde_json::json!({"fields": schema.fields.iter().map(field).collect::<Vec<_>>(), "exit": 0})
}

fn write(schema: &Schema, path: &Path) -> Result<(), Failure> {
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let mut writer = create_writer(if is_csv { Format::Csv } else { Format::Xlsx }, folder)?;
    let columns = [
        ("label", 22.0),
        ("key", 30.0),
        ("kind", 14.0),
        ("required", 10.0),
        ("status", 10.0),
        ("set by", 10.0),
        ("choices", 80.0),
    ];
    let columns = columns
        .map(|(header, width)| Column {
            header: header.to_owned(),
            width,
            ..Column::default()
        })
        .to_vec();
    writer.start_sheet(SheetSpec {
        name: "Fields".to_owned(),
        columns,
        hidden: false,
        role: SheetRole::Data,
    })?;
    for field in &schema.fields {
        let values: Vec<String> = field
            .choices
            .iter()
            .map(|choice| choice.value.clone())
            .chain(paths(field))
            .collect();
        let choices = values.join("\n");
        let status = match field.status {
            FieldStatus::Enabled => "enabled",
            FieldStatus::Disabled => "disabled",
            FieldStatus::Deleted => "deleted",
        };
        let required = if field.required { "required" } else { "" };
        let set_by = if field.read_only { "the CRM" } else { "you" };
        let cells = [
            &field.label,
            field.key.as_str(),
            field.kind.as_str(),
            required,
            status,
            set_by,
            &choices,
        ];
        let cells = cells.map(|text| {
            StyledCell::plain(if text.is_empty() {
                OutCell::Blank
            } else {
                OutCell::Text(text)
            })
        });
        writer.write_row(&cells)?;
    }
    Ok(writer.finish(path)?)
}
