//! `ferry get`: prints single customers by their `_id`.

use clap::Args;
use serde_json::Value;

use super::progress::Progress;
use super::{Global, print, signals, summary, usage};
use crate::crm::Class;
use crate::face::failure::{CommandResult, Failure, call_exit, call_problem, exit};
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{Lang, say};
use crate::model::{Customer, CustomerId, NotAnId, Schema};
use crate::stored::OwnerNames;

/// What `ferry get` takes.
#[derive(Debug, Args)]
pub(super) struct GetArgs {
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

/// Runs the command.
pub(super) fn run(args: &GetArgs, global: &Global) -> CommandResult {
    let ids = args.ids.iter().map(|id| CustomerId::parse(id.trim()));
    let ids: Vec<CustomerId> = ids
        .collect::<Result<_, _>>()
        .map_err(|NotAnId(text)| usage(say::usage::no_id(&text)))?;
    let settings = Settings::resolve(&global.choices(), None)?;
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    let context = settings.context(false, progress.monitor(), &stop)?;
    let schema = if global.json {
        Schema::default()
    } else {
        Schema::new(
            &context.crm.fields().map_err(JobError::Call)?,
            &settings.overrides,
        )
    };
    let mut found = Vec::new();
    let mut gone = Vec::new();
    for id in &ids {
        match context.crm.find(id) {
            Ok(customer) => found.push(customer),
            Err(error) if error.class == Class::Gone => gone.push(id),
            Err(error) => return Err(Failure::of(call_exit(&error), &call_problem(&error))),
        }
    }
    progress.finish();
    let code = if gone.is_empty() {
        exit::DONE
    } else {
        exit::PARTLY
    };
    if global.json {
        let customers: Vec<_> = found
            .iter()
            .map(|customer| Value::Object(customer.fields.clone()))
            .collect();
        let gone: Vec<&str> = gone.iter().map(|id| id.as_str()).collect();
        print::json(&serde_json::json!({"customers": customers, "gone": gone, "exit": code}));
    } else {
        let owners = settings.owner_names();
        for customer in &found {
            print_customer(customer, &schema, &owners, global.lang());
        }
        for id in gone {
            print::say_line(&say::no_such_customer(global.lang(), id.as_str()));
        }
    }
    Ok(code)
}

fn print_customer(customer: &Customer, schema: &Schema, owners: &OwnerNames, lang: Lang) {
    out!("_id: {}", customer.id);
    for (key, value) in &customer.fields {
        if key == "_id" || value.is_null() {
            continue;
        }
        let field = schema.field(key);
        let label = field.map_or(key.as_str(), |field| field.label.as_str());
        let text = owners.in_words(field, value_text(value), lang);
        out!("{label}: {text}");
    }
    out!();
}

fn value_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(value_text).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => {
            let text = |name: &str| {
                fields
                    .get(name)
                    .map(value_text)
                    .filter(|text| !text.is_empty())
            };
            match (text("value"), text("memo")) {
                (Some(value), Some(memo)) => format!("{value} ({memo})"),
                (Some(value), None) => value,
                _ => Value::Object(fields.clone()).to_string(),
            }
        }
        other => other.to_string(),
    }
}
