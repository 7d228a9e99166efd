//! `ferry sandbox`: runs the embedded CRM server.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, Args, Command};

use super::{Global, print, put_note, signals, usage};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::settings::state_folder_alone;
use crate::face::{duration, settings};
use crate::journal::{Ledger, SeenOwners};
use crate::lang::say;
use crate::model::{Code, Problem};
use crate::sandbox::{
    Auth, Dress, Fault, FaultError, FaultKind, Options, Outage, OutageError, OutageKind, RateLimit,
    RetryAfter, Sandbox, SandboxError,
};

/// What `ferry sandbox` takes.
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    #[arg(long, value_name = "PORT", default_value_t = 8081)]
    port: u16,
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
    #[arg(long)]
    reset: bool,
    #[arg(long, value_name = "FILE.json")]
    fields: Option<PathBuf>,
    #[arg(long)]
    no_auth: bool,
    #[arg(long, value_name = "NAME=P", value_parser = FAULT)]
    fault: Vec<Fault>,
    #[arg(long, value_name = "TIME:HOW", value_parser = OUTAGE)]
    outage: Vec<Outage>,
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BusyAs::Http429)]
    busy_as: BusyAs,
    #[arg(long, value_name = "N")]
    page_cap: Option<u32>,
    #[arg(long, value_name = "TIME")]
    latency: Option<String>,
    #[arg(long, value_name = "TIME")]
    search_lag: Option<String>,
    #[arg(long)]
    keep_update_time: bool,
    #[arg(long, value_name = "FIELD")]
    merge_by: Option<String>,
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    clock_offset: i64,
}

/// Parses a value that has a name of the sandbox in it. Help and errors list the names.
#[derive(Clone)]
struct Named<T: FromStr> {
    names: fn() -> Vec<&'static str>,
    possible: fn(&T::Err) -> Vec<&'static str>,
}

const FAULT: Named<Fault> = Named {
    names: FaultKind::names,
    possible: FaultError::possible,
};

const OUTAGE: Named<Outage> = Named {
    names: OutageKind::names,
    possible: OutageError::possible,
};

impl<T> TypedValueParser for Named<T>
where
    T: FromStr + Clone + Send + Sync + 'static,
    T::Err: std::error::Error + Clone + Send + Sync + 'static,
{
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        argument: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        let mut error = match T::from_str.parse_ref(command, argument, value) {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref());
        let possible = cause.map(self.possible).unwrap_or_default();
        let possible = possible.into_iter().map(str::to_owned).collect();
        error.insert(ContextKind::ValidValue, ContextValue::Strings(possible));
        Err(error)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.names)().into_iter().map(PossibleValue::new)))
    }
}

/// How a busy server says so.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum BusyAs {
    #[value(name = "429")]
    Http429,
    #[value(name = "429-retry-after")]
    Http429RetryAfter,
    #[value(name = "503")]
    Http503,
    #[value(name = "200")]
    Envelope200,
    #[value(name = "403")]
    Http403,
}

impl BusyAs {
    fn dress(self) -> Dress {
        match self {
            Self::Http429 => Dress::LIMIT,
            Self::Http429RetryAfter => Dress::LIMIT.retrying(RetryAfter::Seconds(1)),
            Self::Http503 => Dress::UNAVAILABLE.retrying(RetryAfter::HttpDate(1)),
            Self::Envelope200 => Dress::LIMIT_IN_200,
            Self::Http403 => Dress::LIMIT_IN_403,
        }
    }
}

/// Empties the customers of `--sandbox`, or those of `--db`, and ends. What jobs of `--sandbox` have added is forgotten
/// as well, so that a file can be rehearsed again from the start. Fails while another process uses the customers.
fn reset(args: &SandboxArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let state = state_folder_alone(&global.choices())?;
    let own = settings::sandbox_customers(&state);
    let path = args.db.clone().unwrap_or_else(|| own.clone());
    let mut customers = 0;
    if path.is_file() {
        let options = Options {
            db: Some(path.clone()),
            fields: args.fields.clone(),
            ..Options::default()
        };
        customers = Sandbox::start(options)
            .map_err(|error| failed(&error))?
            .clear();
    }
    if path == own {
        Ledger::forget_account(&state.ledger_path(), settings::SANDBOX_ACCOUNT)?;
        SeenOwners::forget(&state, settings::SANDBOX_ACCOUNT);
    }
    if global.json {
        print::json(&serde_json::json!({"deleted": customers, "exit": exit::DONE}));
    } else {
        put_note(global, &say::sandbox_emptied(lang, customers));
    }
    Ok(exit::DONE)
}

fn failed(error: &SandboxError) -> Failure {
    let problem = Problem::new(Code::SandboxFailed).with("detail", error.to_string());
    Failure::of(exit::LOCAL, &problem)
}

/// Runs the command until it is stopped.
pub(super) fn run(args: &SandboxArgs, global: &Global) -> CommandResult {
    if args.reset {
        return reset(args, global);
    }
    let options = Options {
        port: args.port,
        db: args.db.clone(),
        fields: args.fields.clone(),
        auth: if args.no_auth {
            Auth::None
        } else {
            Auth::default()
        },
        page_cap: args.page_cap,
        rate: args.limit.map(|calls| RateLimit {
            calls,
            per: Duration::from_secs(1),
            dress: args.busy_as.dress(),
        }),
        latency: args.latency.as_deref().map(latency).transpose()?,
        faults: args.fault.clone(),
        outages: args.outage.clone(),
        seed: args.seed,
        clock_offset_seconds: args.clock_offset,
        search_lag: match &args.search_lag {
            Some(text) => time("--search-lag", text, "5s")?,
            None => Duration::ZERO,
        },
        keep_update_time: args.keep_update_time,
        merge_by: args.merge_by.clone(),
        ..Options::default()
    };
    let stop = signals::stop_on_signals(global.lang())?;
    let sandbox = Sandbox::start(options).map_err(|error| failed(&error))?;
    out!("{}", say::listening(global.lang(), &sandbox.base_url()));
    if !args.no_auth {
        put_note(global, "FERRY_APPID=sandbox FERRY_SECRET=sandbox-secret");
    }
    while stop.sleep(Duration::from_secs(3600)) {}
    let counters = sandbox.counters();
    let outages: BTreeMap<&str, u64> = counters
        .outages
        .iter()
        .map(|(endpoint, calls)| (endpoint.name(), *calls))
        .collect();
    let text = serde_json::json!({
        "calls": counters.calls,
        "stored": counters.stored,
        "merged": counters.merged,
        "updated": counters.updated,
        "deleted": counters.deleted,
        "refused": counters.refused,
        "busy": counters.busy,
        "faults": counters.faults_injected(),
        "outages": outages,
        "peak_calls_per_second": counters.peak_calls_per_second,
        "peak_in_flight": counters.peak_in_flight,
        "customers": sandbox.customer_count(),
    });
    print::json(&text);
    Ok(exit::DONE)
}

fn latency(text: &str) -> Result<(Duration, Duration), Failure> {
    let read = |text: &str| time("--latency", text, "10ms-40ms");
    match text.split_once('-') {
        Some((least, most)) => Ok((read(least)?, read(most)?)),
        None => read(text).map(|same| (same, same)),
    }
}

fn time(flag: &str, text: &str, example: &str) -> Result<Duration, Failure> {
    duration::parse(text).map_err(|why| usage(say::usage::bad_value(flag, &why.into(), example)))
}
