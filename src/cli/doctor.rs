//! `ferry doctor`: connects and says what works, each failed step with its remedy.

use std::sync::Arc;

use clap::Args;

use super::failure::{Failure, Outcome, call_exit, call_problem, exit};
use super::settings::Settings;
use super::{Global, logging};
use crate::crm::{
    Attempt, CallError, Digest, Encoding, FindForm, FindMethod, Page, Prober, Query, Signing,
};
use crate::job::Tally;
use crate::lang::{self, Lang};
use crate::model::{Customer, Monitor, Schema, VoidMonitor};

/// Connect and say what works: signature, clock, fields, permission to list, page cap, how a customer is read
///
/// With --json, one object: {"account", "host", "steps": [{"step", "ok", "detail", "hint"}], "exit"}.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {}

/// One thing that was looked at.
struct Step {
    name: &'static str,
    ok: bool,
    detail: String,
    hint: String,
}

impl Step {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.into(),
            hint: String::new(),
        }
    }

    fn bad(name: &'static str, error: &CallError, lang: Lang) -> Self {
        let words = lang::words(&call_problem(error), lang);
        Self {
            name,
            ok: false,
            detail: words.message,
            hint: words.tip,
        }
    }
}

/// The clock may be off by so many seconds before that is worth a word.
const CLOCK_TOLERANCE: i64 = 5;

/// The limit that is asked for to see whether pages are capped.
const WIDE_PAGE: u32 = 1000;

/// Runs the command.
pub(super) fn run(_args: &DoctorArgs, global: &Global) -> Outcome {
    let settings = Settings::resolve(global, None)?;
    let stop = logging::stop_on_signals()?;
    let tally = Arc::new(Tally::new(Arc::new(VoidMonitor)));
    let pace = settings.pace(true, &tally)?;
    let monitor = tally.clone() as Arc<dyn Monitor>;
    let prober = Prober::new(settings.endpoint.clone(), pace, monitor, stop.clone());
    let mut steps = Vec::new();

    let bad =
        |detail: String| Failure::new(exit::USAGE, detail, "see `ferry init` for the settings");
    let attempts = prober.signing(&Signing::candidates()).map_err(bad)?;
    let code = signing_steps(&attempts, &settings, &mut steps);
    clock_step(&prober, &mut steps);
    let code = match (code, attempts.last()) {
        (None, Some(attempt)) => {
            let mut settings = settings;
            settings.endpoint.api.sign = attempt.setting.clone();
            let code = read_steps(&settings, &stop, &mut steps)?;
            show(&steps, &settings, global, code, tally.calls());
            return Ok(code);
        }
        (code, _) => code.unwrap_or(exit::LOCAL),
    };
    show(&steps, &settings, global, code, tally.calls());
    Ok(code)
}

/// Which signature answers; the exit code when none does.
fn signing_steps(
    attempts: &[Attempt<Signing, Vec<crate::model::FieldConfig>>],
    settings: &Settings,
    steps: &mut Vec<Step>,
) -> Option<u8> {
    let decisive = attempts.last()?;
    match &decisive.result {
        Ok(fields) => {
            let configured = decisive.setting == settings.endpoint.api.sign;
            steps.push(Step::good(
                "connection",
                format!(
                    "{} answers in {} ms",
                    settings.account.host,
                    decisive.latency.as_millis()
                ),
            ));
            let scheme = scheme(&decisive.setting);
            steps.push(if configured {
                Step::good("signature", format!("accepted: {scheme}"))
            } else {
                let profile = settings.account.profile.as_deref().unwrap_or("NAME");
                Step {
                    name: "signature",
                    ok: false,
                    detail: format!(
                        "the configured scheme is refused, but this one is accepted: {scheme}"
                    ),
                    hint: format!(
                        "write this into ferry.toml:\n{}",
                        signing_toml(profile, &decisive.setting)
                    ),
                }
            });
            let known = Schema::new(fields, &settings.overrides);
            let unknown = known.unknown_types().count();
            let odd = if unknown > 0 {
                format!(", {unknown} of a type that is not known and sent as text")
            } else {
                String::new()
            };
            steps.push(Step::good(
                "fields",
                format!("{} fields{odd}", known.fields.len()),
            ));
            None
        }
        Err(error) => {
            let tried = attempts.len();
            if attempts.iter().all(|attempt| {
                attempt
                    .result
                    .as_ref()
                    .is_err_and(|error| error.class.is_fatal())
            }) {
                steps.push(Step::good(
                    "connection",
                    format!("{} answers", settings.account.host),
                ));
                let mut step = Step::bad("signature", error, settings.lang);
                step.detail = format!("{} ({tried} schemes tried)", step.detail);
                steps.push(step);
            } else {
                steps.push(Step::bad("connection", error, settings.lang));
            }
            Some(call_exit(error))
        }
    }
}

fn clock_step(prober: &Prober, steps: &mut Vec<Step>) {
    let Some(offset) = prober.server_clock_offset() else {
        return;
    };
    steps.push(if offset.abs() <= CLOCK_TOLERANCE {
        Step::good(
            "clock",
            format!("differs from the CRM's by {} s", offset.abs()),
        )
    } else {
        let direction = if offset > 0 { "behind" } else { "ahead of" };
        Step {
            name: "clock",
            ok: false,
            detail: format!(
                "this computer's clock is {} s {direction} the CRM's; calls are corrected",
                offset.abs()
            ),
            hint: "set the clock, or turn on its synchronisation".to_owned(),
        }
    });
}

/// What reading customers needs. The exit code says whether anything is wrong.
fn read_steps(
    settings: &Settings,
    stop: &crate::model::Stop,
    steps: &mut Vec<Step>,
) -> Result<u8, Failure> {
    let context = settings.context(true, Arc::new(VoidMonitor), stop)?;
    let list = |limit| {
        context.crm.list(&Query {
            page: 1,
            limit,
            condition: None,
        })
    };
    let mut code = if steps
        .iter()
        .any(|step| !step.ok && step.name == "signature")
    {
        exit::USAGE
    } else {
        exit::DONE
    };
    let page = match list(1) {
        Ok(page) => page,
        Err(error) => {
            steps.push(Step::bad("list", &error, settings.lang));
            return Ok(call_exit(&error));
        }
    };
    steps.push(Step::good("list", format!("{} customers", page.count)));
    page_cap_step(&page, list, settings.lang, steps);
    if let Some(customer) = page.customers.first() {
        let shared_pace = context.pace.clone();
        let monitor = context.monitor.clone() as Arc<dyn Monitor>;
        let prober = Prober::new(
            settings.endpoint.clone(),
            shared_pace,
            monitor,
            stop.clone(),
        );
        let bad =
            |detail: String| Failure::new(exit::USAGE, detail, "see `ferry init` for the settings");
        let forms = prober
            .find_forms(&FindForm::candidates(), &customer.id)
            .map_err(bad)?;
        if !find_step(&forms, customer, settings, steps) {
            code = code.max(exit::USAGE);
        }
    } else {
        steps.push(Step::good(
            "find by id",
            "not tried: there is no customer yet",
        ));
    }
    Ok(code)
}

fn page_cap_step(
    first: &Page,
    list: impl Fn(u32) -> Result<Page, CallError>,
    lang: Lang,
    steps: &mut Vec<Step>,
) {
    match list(WIDE_PAGE) {
        Ok(page) => {
            let got = page.customers.len() as u64;
            steps.push(if got >= u64::from(WIDE_PAGE) {
                Step::good("page cap", format!("pages of {WIDE_PAGE} and perhaps more"))
            } else if got < page.count.min(first.count) {
                Step::good("page cap", format!("{got} customers a page"))
            } else {
                Step::good(
                    "page cap",
                    format!("not seen with {} customers", page.count),
                )
            });
        }
        Err(error) => steps.push(Step::bad("page cap", &error, lang)),
    }
}

fn find_step(
    forms: &[Attempt<FindForm, Customer>],
    customer: &Customer,
    settings: &Settings,
    steps: &mut Vec<Step>,
) -> bool {
    let works = |attempt: &&Attempt<FindForm, Customer>| {
        attempt
            .result
            .as_ref()
            .is_ok_and(|found| found.id == customer.id)
    };
    let working: Vec<&Attempt<FindForm, Customer>> = forms.iter().filter(works).collect();
    let name = |form: &FindForm| {
        let method = match form.method {
            FindMethod::Get => "GET",
            FindMethod::Post => "POST",
        };
        format!("{method} {}", form.path)
    };
    let list = working
        .iter()
        .map(|attempt| name(&attempt.setting))
        .collect::<Vec<_>>()
        .join(", ");
    let configured = working
        .iter()
        .any(|attempt| attempt.setting == settings.endpoint.api.find);
    steps.push(match (working.first(), configured) {
        (Some(_), true) => Step::good("find by id", format!("answers: {list}")),
        (Some(first), false) => {
            let profile = settings.account.profile.as_deref().unwrap_or("NAME");
            let (method, path) = name(&first.setting).split_once(' ').map(|(method, path)| (method.to_owned(), path.to_owned())).unwrap_or_default();
            Step {
                name: "find by id",
                ok: false,
                detail: format!("the configured form does not answer, but this does: {list}"),
                hint: format!("write this into ferry.toml:\n[profiles.{profile}.find]\nmethod = \"{method}\"\npath = \"{path}\""),
            }
        }
        (None, _) => {
            let error = forms.last().and_then(|attempt| attempt.result.as_ref().err());
            let mut step = error.map_or_else(|| Step::good("find by id", "not tried"), |error| Step::bad("find by id", error, settings.lang));
            step.ok = false;
            step
        }
    });
    configured
}

fn scheme(signing: &Signing) -> String {
    let digest = match signing.digest {
        Digest::HmacSha256 => "hmac-sha256",
        Digest::Sha256 => "sha256",
        Digest::HmacSha1 => "hmac-sha1",
    };
    let encoding = match signing.encoding {
        Encoding::Base64 => "base64",
        Encoding::Hex => "hex",
    };
    format!("{digest} of {} in {encoding}", signing.string)
}

fn signing_toml(profile: &str, signing: &Signing) -> String {
    let body = toml::to_string(signing).unwrap_or_default();
    format!(
        "[profiles.{profile}.sign]\n{}",
        body.split("\n[headers]").next().unwrap_or(&body).trim_end()
    )
}

fn show(steps: &[Step], settings: &Settings, global: &Global, code: u8, calls: u64) {
    if global.json {
        let list: Vec<_> = steps
            .iter()
            .map(|step| serde_json::json!({"step": step.name, "ok": step.ok, "detail": step.detail, "hint": step.hint}))
            .collect();
        let object = serde_json::json!({
            "account": settings.account.appid,
            "host": settings.account.host,
            "steps": list,
            "api_calls": calls,
            "exit": code,
        });
        out!("{object}");
        return;
    }
    for step in steps {
        out!(
            "{} {:<11} {}",
            if step.ok { "ok " } else { "NO " },
            step.name,
            step.detail
        );
        if !step.hint.is_empty() {
            out!("    hint: {}", step.hint.replace('\n', "\n    "));
        }
    }
}
