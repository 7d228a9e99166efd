//! `ferry doctor`: connects to the CRM and says which steps work; each failed step comes with its remedy.

use std::sync::Arc;

use clap::Args;

use super::failure::{CommandResult, Failure, call_exit, call_problem, exit};
use super::screen::padded;
use super::settings::{Settings, bad_setting};
use super::{Global, logging, print};
use crate::crm::{
    Attempt, CallError, DigestAlgorithm, Encoding, FindForm, FindMethod, Page, Prober, Query,
    Signing,
};
use crate::job::call_counter::CallCounter;
use crate::lang;
use crate::lang::say::doctor as said;
use crate::lang::say::doctor::Step;
use crate::lang::{Lang, say};
use crate::model::{Customer, Monitor, Schema, VoidMonitor};

/// What `ferry doctor` takes.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {}

/// A step and its finding.
struct DoctorStep {
    step: Step,
    ok: bool,
    detail: String,
    hint: String,
}

impl DoctorStep {
    fn good(step: Step, detail: impl Into<String>) -> Self {
        Self {
            step,
            ok: true,
            detail: detail.into(),
            hint: String::new(),
        }
    }

    fn bad(step: Step, error: &CallError, lang: Lang) -> Self {
        let words = lang::words(&call_problem(error), lang);
        Self {
            step,
            ok: false,
            detail: words.message,
            hint: words.tip,
        }
    }
}

/// The difference of the clocks, in seconds, that needs no remark.
const CLOCK_TOLERANCE: i64 = 5;

/// The page size that is asked for to see whether the CRM caps pages.
const WIDE_PAGE: u32 = 1000;

/// Runs the command.
pub(super) fn run(_args: &DoctorArgs, global: &Global) -> CommandResult {
    let settings = Settings::resolve(global, None)?;
    let stop = logging::stop_on_signals(global.lang())?;
    let counter = Arc::new(CallCounter::new(Arc::new(VoidMonitor)));
    let pace = settings.pace(true, &counter)?;
    let monitor = counter.clone() as Arc<dyn Monitor>;
    let prober = Prober::new(settings.endpoint.clone(), pace, monitor, stop.clone());
    let mut steps = Vec::new();

    let attempts = prober
        .signing(&Signing::candidates())
        .map_err(|error| bad_setting(&error))?;
    let code = signing_steps(&attempts, &settings, &mut steps);
    clock_step(&prober, settings.lang, &mut steps);
    let code = match (code, attempts.last()) {
        (None, Some(attempt)) => {
            let mut settings = settings;
            settings.endpoint.api.sign = attempt.setting.clone();
            let code = read_steps(&settings, &stop, &mut steps)?;
            show(&steps, &settings, global, code, counter.calls());
            return Ok(code);
        }
        (code, _) => code.unwrap_or(exit::LOCAL),
    };
    show(&steps, &settings, global, code, counter.calls());
    Ok(code)
}

/// Notes the signature that the CRM accepts. Returns the exit code when it accepts none.
fn signing_steps(
    attempts: &[Attempt<Signing, Vec<crate::model::FieldConfig>>],
    settings: &Settings,
    steps: &mut Vec<DoctorStep>,
) -> Option<u8> {
    let decisive = attempts.last()?;
    let lang = settings.lang;
    let host = host_of(settings);
    match &decisive.result {
        Ok(fields) => {
            let configured = decisive.setting == settings.endpoint.api.sign;
            steps.push(DoctorStep::good(
                Step::Connection,
                said::answers_in(lang, &host, decisive.latency.as_millis()),
            ));
            let scheme = scheme(&decisive.setting, lang);
            steps.push(if configured {
                DoctorStep::good(Step::Signature, said::accepted(lang, &scheme))
            } else {
                let profile = settings.account.profile.as_deref().unwrap_or("NAME");
                DoctorStep {
                    step: Step::Signature,
                    ok: false,
                    detail: said::other_accepted(lang, &scheme),
                    hint: said::write_this(lang, &signing_toml(profile, &decisive.setting)),
                }
            });
            let known = Schema::new(fields, &settings.overrides);
            let unknown = known.unknown_types().count();
            steps.push(DoctorStep::good(
                Step::Fields,
                said::fields(lang, known.fields.len(), unknown),
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
                steps.push(DoctorStep::good(
                    Step::Connection,
                    said::answers(lang, &host),
                ));
                let mut step = DoctorStep::bad(Step::Signature, error, settings.lang);
                step.detail = said::schemes_tried(lang, &step.detail, tried);
                steps.push(step);
            } else {
                steps.push(DoctorStep::bad(Step::Connection, error, settings.lang));
            }
            Some(call_exit(error))
        }
    }
}

fn clock_step(prober: &Prober, lang: Lang, steps: &mut Vec<DoctorStep>) {
    let Some(offset) = prober.server_clock_offset() else {
        return;
    };
    steps.push(if offset.abs() <= CLOCK_TOLERANCE {
        DoctorStep::good(Step::Clock, said::clock_good(lang, offset.unsigned_abs()))
    } else {
        DoctorStep {
            step: Step::Clock,
            ok: false,
            detail: said::clock_off(lang, offset.unsigned_abs(), offset > 0),
            hint: said::set_the_clock(lang).to_owned(),
        }
    });
}

/// Notes the steps of reading customers. Returns the exit code.
fn read_steps(
    settings: &Settings,
    stop: &crate::model::Stop,
    steps: &mut Vec<DoctorStep>,
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
        .any(|found| !found.ok && found.step == Step::Signature)
    {
        exit::USAGE
    } else {
        exit::DONE
    };
    let page = match list(1) {
        Ok(page) => page,
        Err(error) => {
            steps.push(DoctorStep::bad(Step::List, &error, settings.lang));
            return Ok(call_exit(&error));
        }
    };
    steps.push(DoctorStep::good(
        Step::List,
        said::customers(settings.lang, page.count),
    ));
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
        let forms = prober
            .find_forms(&FindForm::candidates(), &customer.id)
            .map_err(|error| bad_setting(&error))?;
        if !find_step(&forms, customer, settings, steps) {
            code = code.max(exit::USAGE);
        }
    } else {
        steps.push(DoctorStep::good(
            Step::Find,
            said::no_customer_yet(settings.lang),
        ));
    }
    Ok(code)
}

fn page_cap_step(
    first: &Page,
    list: impl Fn(u32) -> Result<Page, CallError>,
    lang: Lang,
    steps: &mut Vec<DoctorStep>,
) {
    match list(WIDE_PAGE) {
        Ok(page) => {
            let got = page.customers.len() as u64;
            steps.push(if got >= u64::from(WIDE_PAGE) {
                DoctorStep::good(Step::PageCap, said::page_at_least(lang, WIDE_PAGE))
            } else if got < page.count.min(first.count) {
                DoctorStep::good(Step::PageCap, said::page_cap(lang, got))
            } else {
                DoctorStep::good(Step::PageCap, said::page_cap_unseen(lang, page.count))
            });
        }
        Err(error) => steps.push(DoctorStep::bad(Step::PageCap, &error, lang)),
    }
}

fn find_step(
    forms: &[Attempt<FindForm, Customer>],
    customer: &Customer,
    settings: &Settings,
    steps: &mut Vec<DoctorStep>,
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
    let lang = settings.lang;
    let names: Vec<String> = working
        .iter()
        .map(|attempt| name(&attempt.setting))
        .collect();
    let list = say::amounts::list(lang, names.iter().map(String::as_str));
    let configured = working
        .iter()
        .any(|attempt| attempt.setting == settings.endpoint.api.find);
    steps.push(match (working.first(), configured) {
        (Some(_), true) => DoctorStep::good(Step::Find, said::find_answers(lang, &list)),
        (Some(first), false) => {
            let profile = settings.account.profile.as_deref().unwrap_or("NAME");
            let (method, path) = name(&first.setting)
                .split_once(' ')
                .map(|(method, path)| (method.to_owned(), path.to_owned()))
                .unwrap_or_default();
            DoctorStep {
                step: Step::Find,
                ok: false,
                detail: said::find_other(lang, &list),
                hint: said::write_this(
                    lang,
                    &format!("[profiles.{profile}.find]\nmethod = \"{method}\"\npath = \"{path}\""),
                ),
            }
        }
        (None, _) => {
            let error = forms
                .last()
                .and_then(|attempt| attempt.result.as_ref().err());
            let mut step = error.map_or_else(
                || DoctorStep::good(Step::Find, said::not_tried(lang)),
                |error| DoctorStep::bad(Step::Find, error, settings.lang),
            );
            step.ok = false;
            step
        }
    });
    configured
}

fn scheme(signing: &Signing, lang: Lang) -> String {
    let digest = match signing.digest {
        DigestAlgorithm::HmacSha256 => "hmac-sha256",
        DigestAlgorithm::Sha256 => "sha256",
        DigestAlgorithm::HmacSha1 => "hmac-sha1",
    };
    let encoding = match signing.encoding {
        Encoding::Base64 => "base64",
        Encoding::Hex => "hex",
    };
    said::scheme(lang, digest, &signing.string, encoding)
}

fn signing_toml(profile: &str, signing: &Signing) -> String {
    let body = toml::to_string(signing).unwrap_or_default();
    format!(
        "[profiles.{profile}.sign]\n{}",
        body.split("\n[headers]").next().unwrap_or(&body).trim_end()
    )
}

/// Returns the account's host as it is shown.
fn host_of(settings: &Settings) -> String {
    if settings.account.sandbox {
        say::embedded_crm(settings.lang).to_owned()
    } else {
        settings.account.host.clone()
    }
}

fn show(steps: &[DoctorStep], settings: &Settings, global: &Global, code: u8, calls: u64) {
    if global.json {
        let list: Vec<_> = steps
            .iter()
            .map(|step| serde_json::json!({"step": step.step.name(Lang::En), "ok": step.ok, "detail": step.detail, "hint": step.hint}))
            .collect();
        let object = serde_json::json!({
            "account": settings.account.appid,
            "host": settings.account.host,
            "steps": list,
            "api_calls": calls,
            "exit": code,
        });
        print::json(&object);
        return;
    }
    let lang = settings.lang;
    for step in steps {
        out!(
            "{} {} {}",
            said::mark(lang, step.ok),
            padded(step.step.name(lang), 11),
            step.detail
        );
        if !step.hint.is_empty() {
            let hint = say::hint(lang, &step.hint);
            out!("    {}", hint.replace('\n', "\n    "));
        }
    }
}
