//! What `ferry doctor` asks: which signature answers, which form of find, how far the clock is off, how long a call
//! takes.
//!
//! Every probe is a read, goes through the pace, and returns a value; nothing here prints or saves. A failed probe is
//! itself the answer, so probes are not retried. There are two exceptions, each once: after a busy reply, and after
//! a corrected clock, where the right scheme would seem to be the wrong one.

use std::sync::Arc;
use std::time::Duration;

use super::api::Crm;
use super::bad_setting::BadSetting;
use super::call_error::{CallError, Class};
use super::endpoint::Endpoint;
use super::http::Http;
use super::pace::{Pace, Paced};
use super::server_clock::ServerClock;
use super::settings::FindForm;
use super::sign::Signing;
use crate::model::{Customer, CustomerId, FieldConfig, Monitor, Stop};

/// One setting that was tried, and what the server answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Attempt<S, T> {
    /// What was tried.
    pub setting: S,
    /// What the server answered.
    pub result: Result<T, CallError>,
    /// Duration of the last call, without the wait for the pace.
    pub latency: Duration,
}

/// Tries settings at one endpoint.
pub struct Prober {
    endpoint: Endpoint,
    pace: Arc<Pace>,
    monitor: Arc<dyn Monitor>,
    stop: Stop,
    clock: Arc<ServerClock>,
}

impl Prober {
    /// Makes a prober of `endpoint`, whose own signing and find form are tried first.
    pub fn new(endpoint: Endpoint, pace: Arc<Pace>, monitor: Arc<dyn Monitor>, stop: Stop) -> Self {
        Self {
            endpoint,
            pace,
            monitor,
            stop,
            clock: Arc::default(),
        }
    }

    /// Returns by how many seconds the server's clock is ahead; `None` before the first reply with a `Date`.
    pub fn server_clock_offset(&self) -> Option<i64> {
        self.clock.server_clock_offset()
    }

    /// Uses this scheme from now on, such as the one that the server answered.
    pub fn set_signing(&mut self, signing: Signing) {
        self.endpoint.api.sign = signing;
    }

    /// Asks for the field list with one scheme after the other until one answers, the endpoint's own first.
    ///
    /// The next scheme is tried only after a refused signature, appid or permission: any other failure would be the
    /// same with the next scheme. The last attempt decided. Candidates take the endpoint's header names. Fails when
    /// the endpoint's settings are bad.
    pub fn signing(
        &self,
        candidates: &[Signing],
    ) -> Result<Vec<Attempt<Signing, Vec<FieldConfig>>>, BadSetting> {
        let own = &self.endpoint.api.sign;
        let mut attempts: Vec<Attempt<Signing, Vec<FieldConfig>>> = Vec::new();
        for candidate in std::iter::once(own).chain(candidates) {
            let mut signing = candidate.clone();
            signing.headers.clone_from(&own.headers);
            if attempts.iter().any(|tried| tried.setting == signing) {
                continue;
            }
            let mut endpoint = self.endpoint.clone();
            endpoint.api.sign = signing.clone();
            let (result, latency) = self.ask(&endpoint, Crm::fields)?;
            // Some servers call a bad signature an unknown appid or a missing permission.
            let goes_on = matches!(&result, Err(error) if error.class.is_fatal());
            attempts.push(Attempt {
                setting: signing,
                result,
                latency,
            });
            if !goes_on {
                break;
            }
        }
        Ok(attempts)
    }

    /// Asks for a customer in each form. A form works only if its answer is a customer: a server may answer an unknown
    /// path with anything.
    pub fn find_forms(
        &self,
        candidates: &[FindForm],
        id: &CustomerId,
    ) -> Result<Vec<Attempt<FindForm, Customer>>, BadSetting> {
        let own = &self.endpoint.api.find;
        let mut attempts: Vec<Attempt<FindForm, Customer>> = Vec::new();
        for form in std::iter::once(own).chain(candidates) {
            if attempts.iter().any(|tried| tried.setting == *form) {
                continue;
            }
            let mut endpoint = self.endpoint.clone();
            endpoint.api.find = form.clone();
            let (result, latency) = self.ask(&endpoint, |crm| crm.find(id))?;
            let unreachable = matches!(&result, Err(error) if error.class == Class::NotSent);
            attempts.push(Attempt {
                setting: form.clone(),
                result,
                latency,
            });
            if unreachable {
                break;
            }
        }
        Ok(attempts)
    }

    fn ask<T>(
        &self,
        endpoint: &Endpoint,
        call: impl Fn(&Paced<Http>) -> Result<T, CallError>,
    ) -> Result<(Result<T, CallError>, Duration), BadSetting> {
        let http = Http::new(endpoint, self.clock.clone(), self.monitor.clone())?;
        let crm = Paced::new(
            http,
            self.pace.clone(),
            self.monitor.clone(),
            self.stop.clone(),
        );
        let timed = || {
            let clock = self.pace.clock();
            let start = clock.now();
            let result = call(&crm);
            // The wait for the pace is not latency.
            let left = start.max(self.pace.released_at());
            (result, clock.now().saturating_sub(left))
        };
        let (result, latency) = timed();
        let again = match &result {
            Err(error) if error.class == Class::Busy => true,
            Err(error) => error.retry_after == Some(Duration::ZERO),
            Ok(_) => false,
        };
        Ok(if again { timed() } else { (result, latency) })
    }
}

#[cfg(test)]
mod tests;
