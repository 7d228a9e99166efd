//! The account: which one is used, where it is, whether it answers, and another one.
//!
//! The secret goes into a private file and never comes back out: the form shows whether there is one, and an empty field
//! keeps it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Form;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use secrecy::SecretString;
use serde::Deserialize;

use crate::face::config::{Config, user_path};
use crate::face::config_edit::set_in_profile;
use crate::face::doctor::{self, Examination};
use crate::face::failure::{ErrorWords, Failure, exit, usage};
use crate::face::new_profile::{check_address, commented, endpoint, keep_secret, write_new};
use crate::face::settings::{Settings, bad_setting};
use crate::lang::say;
use crate::model::make_private_folder;
use crate::page::error::PageError;
use crate::page::links::own_path;
use crate::page::look::Look;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkOrder};

/// The name of a profile where none was typed.
const PROFILE: &str = "main";

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/account", get(show).post(save))
        .route("/account/use", post(choose))
        .route("/account/test", post(test))
        .route("/account/save-found", post(save_found))
}

/// What the form holds.
#[derive(Debug, Default, Deserialize)]
struct AccountForm {
    #[serde(default)]
    profile: String,
    base_url: String,
    appid: String,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    rate: String,
}

#[derive(Template)]
#[template(path = "page/account.html")]
struct AccountScreen {
    look: Look,
    form: AccountForm,
    has_secret: bool,
    /// The file into which the form is saved.
    file: String,
    profiles: Vec<String>,
    /// The profile that is used; empty without one.
    used: String,
    errors: Vec<ErrorWords>,
    findings: Option<Arc<Examination>>,
    may_save: bool,
}

async fn show(visit: Visit) -> PageResult {
    let screen = visit.blocking(|visit| Ok(screen(visit)));
    html(&screen.await?)
}

/// Reads what is configured. What cannot be read is an error on the screen, beside the form that mends it.
fn screen(visit: &Visit) -> AccountScreen {
    let choices = visit.shared.accounts.choices();
    let mut errors = Vec::new();
    let settings = visit.shared.accounts.settings();
    let config = Config::find(choices.config.as_deref());
    let is_new = matches!(config, Ok(None));
    if let Err(failure) = &config {
        errors.extend(said::failure(failure, visit.lang));
    }
    let config = config.ok().flatten();
    if let (Err(failure), false) = (&settings, is_new) {
        errors.extend(said::failure(failure, visit.lang));
    }
    let settings = settings.ok();
    let profile = config
        .as_ref()
        .and_then(|config| config.profile(choices.profile.as_deref()).ok());
    let (used, form, has_secret) = match profile {
        Some((name, profile)) => {
            let rate = profile
                .rate
                .as_ref()
                .map(crate::face::config::OneOrMany::joined);
            let has_secret = profile.secret.is_some()
                || profile.secret_env.is_some()
                || profile.secret_file.is_some()
                || profile.secret_command.is_some();
            let form = AccountForm {
                profile: name.clone(),
                base_url: profile.base_url.unwrap_or_default(),
                appid: profile.appid.unwrap_or_default(),
                rate: rate.unwrap_or_default(),
                secret: String::new(),
            };
            (name, form, has_secret)
        }
        None => (String::new(), AccountForm::default(), false),
    };
    let names = config
        .as_ref()
        .map(|config| config.file.profiles.keys().cloned().collect());
    let file = target(config.as_ref());
    let findings = visit.shared.findings();
    let may_save = findings
        .as_ref()
        .zip(settings.as_ref())
        .is_some_and(|(findings, settings)| findings.may_save(settings));
    AccountScreen {
        look: Look::of(visit, "account"),
        used: if choices.sandbox { String::new() } else { used },
        form,
        has_secret,
        file: file.map_or_else(String::new, |file| file.display().to_string()),
        profiles: names.unwrap_or_default(),
        errors,
        findings,
        may_save,
    }
}

/// Returns the file that an account is saved into: the one that is there, else the user's own.
fn target(config: Option<&Config>) -> Option<PathBuf> {
    config.map(|config| config.path.clone()).or_else(user_path)
}

async fn save(visit: Visit, Form(form): Form<AccountForm>) -> PageResult {
    let saved = visit.blocking(move |visit| match save_account(visit, &form) {
        Ok(()) => Ok(None),
        Err(failure) => {
            let mut screen = screen(visit);
            screen.errors = said::failure(&failure, visit.lang);
            // What was typed stays, but for the secret.
            screen.form = AccountForm {
                secret: String::new(),
                ..form
            };
            Ok(Some(screen))
        }
    });
    match saved.await? {
        None => Ok(begin_test(&visit).await),
        Some(screen) => {
            Ok((axum::http::StatusCode::UNPROCESSABLE_ENTITY, html(&screen)?).into_response())
        }
    }
}

/// Writes the account into `ferry.toml`, its secret into a file of its own, and uses it from now on.
fn save_account(visit: &Visit, form: &AccountForm) -> Result<(), Failure> {
    let trimmed = |text: &str| text.trim().to_owned();
    let (base_url, appid) = (trimmed(&form.base_url), trimmed(&form.appid));
    let (rate, secret) = (trimmed(&form.rate), trimmed(&form.secret));
    let profile = match form.profile.trim() {
        "" => PROFILE.to_owned(),
        name => name.to_owned(),
    };
    check_address(&base_url)?;
    endpoint(&base_url, &appid)
        .validate()
        .map_err(|error| bad_setting(&error))?;
    if !rate.is_empty() {
        let parsed = rate.parse::<crate::crm::Rates>();
        parsed
            .map_err(|error| bad_setting(&crate::crm::BadSetting::new("rate", error.reason())))?;
    }
    let config = Config::find(visit.shared.accounts.choices().config.as_deref())?;
    let file = target(config.as_ref()).ok_or_else(|| usage(say::usage::no_config_folder()))?;
    let failed = |error: std::io::Error| {
        let shown = file.display().to_string();
        let words = say::usage::name_a_writable_file(&shown, &error.to_string());
        Failure::said(exit::LOCAL, words)
    };
    if let Some(folder) = file.parent() {
        make_private_folder(folder).map_err(failed)?;
    }
    let kept = (!secret.is_empty())
        .then(|| keep_secret(&file, &profile, &SecretString::from(secret)))
        .transpose()
        .map_err(failed)?;
    if config.is_none() {
        let text = commented(&profile, (&base_url, &appid), kept.as_deref(), visit.lang);
        write_new(&file, text.as_bytes()).map_err(failed)?;
    }
    let mut texts = vec![("base_url", base_url.as_str()), ("appid", appid.as_str())];
    texts.extend(kept.as_deref().map(|kept| ("secret_file", kept)));
    texts.push(("rate", rate.as_str()));
    set_in_profile(&file, &profile, &texts)?;
    use_profile(&visit.shared, Some(&profile), Some(&file));
    Ok(())
}

fn use_profile(shared: &Shared, profile: Option<&str>, file: Option<&Path>) {
    shared.choose(|choices| {
        choices.sandbox = profile.is_none();
        choices.profile = profile.map(str::to_owned);
        if let Some(file) = file {
            choices.config = Some(file.to_path_buf());
        }
    });
}

#[derive(Deserialize)]
struct ProfileChoice {
    /// The name of a profile; empty for the embedded CRM.
    profile: String,
    /// The path to which the choice leads back.
    #[serde(default)]
    back: String,
}

async fn choose(visit: Visit, Form(choice): Form<ProfileChoice>) -> Result<Response, PageError> {
    let profile = (!choice.profile.is_empty()).then_some(choice.profile.as_str());
    use_profile(&visit.shared, profile, None);
    Ok(see(own_path(&choice.back).unwrap_or("/account")))
}

async fn test(visit: Visit) -> Response {
    begin_test(&visit).await
}

/// Begins to examine the account.
async fn begin_test(visit: &Visit) -> Response {
    let order = WorkOrder::reading("account-testing", "/account", "");
    let test = |visit: &Visit, work: &PageWork| {
        // What is found is put into words at once: those of the reader.
        let mut settings = Settings::clone(&*visit.shared.accounts.settings()?);
        settings.lang = visit.lang;
        let findings = doctor::examine(&settings, &work.stop)?;
        visit.shared.keep_findings(findings);
        Ok("/account".to_owned())
    };
    visit.begin(order, test).await
}

async fn save_found(visit: Visit) -> Result<Response, PageError> {
    let saved = visit.blocking(|visit| {
        let settings: Arc<Settings> = visit.shared.accounts.settings()?;
        let Some(findings) = visit.shared.findings() else {
            return Ok(());
        };
        let mut findings = Examination::clone(&findings);
        findings.save(&settings)?;
        visit.shared.choose(|_| ());
        visit.shared.keep_findings(findings);
        Ok(())
    });
    saved.await?;
    Ok(see("/account"))
}
