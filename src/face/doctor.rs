//! The examination of an account: which steps of a call work, and the remedy of each that does not.

use std::sync::Arc;

use super::failure::{Failure, call_exit, call_problem, exit, usage};
use super::found::FoundSettings;
use super::settings::{Settings, bad_setting};
use crate::crm::{Attempt, CallError, Endpoint, FindForm, Page, Prober, Query, Signing, connect};
use crate::job::call_counter::CallCounter;
use crate::lang::say::doctor as said;
use crate::lang::say::doctor::Step;
use crate::lang::{Lang, say};
use crate::model::{Customer, Monitor, Schema, Stop, VoidMonitor};

/// A step and its finding.
#[derive(Debug, Clone)]
pub(crate) struct DoctorStep {
    pub step: Step,
    pub ok: bool,
    pub detail: String,
    /// The remedy of a step that failed.
    pub hint: String,
}

/// What was found out, step by step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Examination {
    pub steps: Vec<DoctorStep>,
    /// The settings that the CRM answers to and the profile lacks.
    pub found: FoundSettings,
    /// How many calls it took.
    pub calls: u64,
    code: u8,
}

impl Examination {
    /// Notes a step.
    fn push(&mut self, step: DoctorStep) {
        self.steps.push(step);
    }

    /// Returns whether a setting of the profile is refused and another one is not. Saving it is the remedy.
    fn has_wrong_setting(&self) -> bool {
        self.found.sign.is_some() || self.found.find.is_some()
    }

    /// Returns the exit code.
    pub fn exit_code(&self, is_saved: bool) -> u8 {
        match self.code {
            exit::DONE if self.has_wrong_setting() && !is_saved => exit::USAGE,
            code => code,
        }
    }

    /// Returns whether there is something to save, and a profile to save it in.
    pub fn may_save(&self, settings: &Settings) -> bool {
        !self.found.is_empty() && require_target(settings).is_ok()
    }

    /// Writes the settings that were found into the profile. Returns the path of the file.
    pub fn save(&mut self, settings: &Settings) -> Result<String, Failure> {
        let path = settings.config.clone().unwrap_or_default();
        let profile = settings.account.profile.clone().unwrap_or_default();
        self.found.save(&path, &profile, settings.lang)?;
        self.set_right(settings.lang);
        self.found = FoundSettings::default();
        Ok(path.display().to_string())
    }

    /// Takes the steps that only lacked a setting for good: the profile has it now.
    fn set_right(&mut self, lang: Lang) {
        for step in &mut self.steps {
            let is_saved = match step.step {
                Step::Signature => self.found.sign.is_some(),
                Step::Find => self.found.find.is_some(),
                Step::PageCap => self.found.page_size.is_some(),
                _ => false,
            };
            if is_saved {
                step.ok = true;
                step.detail = said::now_saved(lang, &step.detail);
                step.hint.clear();
            }
        }
    }
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

    fn bad(step: Step, error: &CallError, settings: &Settings) -> Self {
        let words = settings.hints.said(&call_problem(error), settings.lang);
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

/// Examines an account, with as few calls as that takes.
pub(crate) fn examine(settings: &Settings, stop: &Stop) -> Result<Examination, Failure> {
    let counter = Arc::new(CallCounter::new(Arc::new(VoidMonitor)));
    let pace = settings.pace(true, &counter)?;
    let monitor = counter.clone() as Arc<dyn Monitor>;
    let prober = Prober::new(settings.endpoint.clone(), pace, monitor, stop.clone());
    let mut findings = Examination::default();
    let attempts = prober
        .signing(&Signing::candidates())
        .map_err(|error| bad_setting(&error))?;
    let refused = signing_steps(&attempts, settings, &mut findings);
    clock_step(&prober, settings.lang, &mut findings);
    findings.code = match (refused, attempts.last()) {
        (None, Some(attempt)) => {
            let mut endpoint = settings.endpoint.clone();
            endpoint.api.sign = attempt.setting.clone();
            read_steps(settings, &endpoint, &counter, stop, &mut findings)?
        }
        (code, _) => code.unwrap_or(exit::LOCAL),
    };
    findings.calls = counter.calls();
    Ok(findings)
}

/// Fails where there is no profile into which settings could be written.
pub(crate) fn require_target(settings: &Settings) -> Result<(), Failure> {
    if settings.config.is_none() || settings.account.profile.is_none() {
        return Err(usage(say::doctor::nowhere_to_save()));
    }
    Ok(())
}

/// Notes the signature that the CRM accepts. Returns the exit code when it accepts none.
fn signing_steps(
    attempts: &[Attempt<Signing, Vec<crate::model::FieldConfig>>],
    settings: &Settings,
    findings: &mut Examination,
) -> Option<u8> {
    let decisive = attempts.last()?;
    let lang = settings.lang;
    let host = host_of(settings);
    match &decisive.result {
        Ok(fields) => {
            let configured = decisive.setting == settings.endpoint.api.sign;
            findings.push(DoctorStep::good(
                Step::Connection,
                said::answers_in(lang, &host, decisive.latency.as_millis()),
            ));
            let scheme = scheme(&decisive.setting, lang);
            if !configured {
                findings.found.sign = Some(decisive.setting.clone());
            }
            findings.push(if configured {
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
            findings.push(DoctorStep::good(
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
                findings.push(DoctorStep::good(
                    Step::Connection,
                    said::answers(lang, &host),
                ));
                let mut step = DoctorStep::bad(Step::Signature, error, settings);
                step.detail = said::schemes_tried(lang, &step.detail, tried);
                let (appid, place) = (&settings.account.appid, &settings.secret_place);
                step.hint = said::check_appid_and_secret(lang, appid, place);
                findings.push(step);
            } else {
                findings.push(DoctorStep::bad(Step::Connection, error, settings));
            }
            Some(call_exit(error))
        }
    }
}

fn clock_step(prober: &Prober, lang: Lang, findings: &mut Examination) {
    let Some(offset) = prober.server_clock_offset() else {
        return;
    };
    findings.push(if offset.abs() <= CLOCK_TOLERANCE {
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

/// Notes the steps of reading customers, at the endpoint with the scheme that it accepts. Returns the exit code.
fn read_steps(
    settings: &Settings,
    endpoint: &Endpoint,
    counter: &Arc<CallCounter>,
    stop: &Stop,
    findings: &mut Examination,
) -> Result<u8, Failure> {
    let lang = settings.lang;
    let watched = counter.clone() as Arc<dyn Monitor>;
    let pace = settings.pace(true, counter)?;
    let connection = connect(endpoint, settings.retry_policy, &pace, &watched, stop)
        .map_err(|error| bad_setting(&error))?;
    let list = |limit| {
        connection.crm.list(&Query {
            page: 1,
            limit,
            condition: None,
        })
    };
    let first = match list(1) {
        Ok(first) => first,
        Err(error) => {
            findings.push(DoctorStep::bad(Step::List, &error, settings));
            return Ok(call_exit(&error));
        }
    };
    let customers = said::customers(lang, first.count);
    findings.push(DoctorStep::good(Step::List, customers));
    page_cap_step(&first, list, settings, findings);
    let Some(customer) = first.customers.first() else {
        let why = said::no_customer_yet(lang);
        findings.push(DoctorStep::good(Step::Find, why));
        return Ok(exit::DONE);
    };
    let prober = Prober::new(endpoint.clone(), pace, watched, stop.clone());
    let forms = prober
        .find_forms(&FindForm::candidates(), &customer.id)
        .map_err(|error| bad_setting(&error))?;
    Ok(if find_step(&forms, customer, settings, findings) {
        exit::DONE
    } else {
        exit::USAGE
    })
}

fn page_cap_step(
    first: &Page,
    list: impl Fn(u32) -> Result<Page, CallError>,
    settings: &Settings,
    findings: &mut Examination,
) {
    let (configured, lang) = (settings.endpoint.api.list.page_size, settings.lang);
    match list(WIDE_PAGE) {
        Ok(page) => {
            let got = page.customers.len() as u64;
            let is_whole = got >= page.count.min(first.count) && got < u64::from(WIDE_PAGE);
            // An empty page shows no cap.
            let cap = u32::try_from(got.min(WIDE_PAGE.into())).unwrap_or(WIDE_PAGE);
            if !is_whole && cap > 0 && cap != configured {
                findings.found.page_size = Some(cap);
            }
            findings.push(if got >= u64::from(WIDE_PAGE) {
                DoctorStep::good(Step::PageCap, said::page_at_least(lang, WIDE_PAGE))
            } else if got < page.count.min(first.count) {
                DoctorStep::good(Step::PageCap, said::page_cap(lang, got))
            } else {
                DoctorStep::good(Step::PageCap, said::page_cap_unseen(lang, page.count))
            });
        }
        Err(error) => findings.push(DoctorStep::bad(Step::PageCap, &error, settings)),
    }
}

/// Notes the forms in which a customer can be read. Returns whether there is one.
fn find_step(
    forms: &[Attempt<FindForm, Customer>],
    customer: &Customer,
    settings: &Settings,
    findings: &mut Examination,
) -> bool {
    let works = |attempt: &&Attempt<FindForm, Customer>| {
        attempt
            .result
            .as_ref()
            .is_ok_and(|found| found.id == customer.id)
    };
    let working: Vec<&Attempt<FindForm, Customer>> = forms.iter().filter(works).collect();
    let name = |form: &FindForm| format!("{} {}", form.method.as_str(), form.path);
    let lang = settings.lang;
    let names: Vec<String> = working
        .iter()
        .map(|attempt| name(&attempt.setting))
        .collect();
    let list = say::amounts::list(lang, names.iter().map(String::as_str));
    let configured = working
        .iter()
        .any(|attempt| attempt.setting == settings.endpoint.api.find);
    if let (Some(first), false) = (working.first(), configured) {
        findings.found.find = Some(first.setting.clone());
    }
    findings.push(match (working.first(), configured) {
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
                |error| DoctorStep::bad(Step::Find, error, settings),
            );
            step.ok = false;
            step
        }
    });
    !working.is_empty()
}

fn scheme(signing: &Signing, lang: Lang) -> String {
    let (digest, encoding) = (signing.digest.as_str(), signing.encoding.as_str());
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
