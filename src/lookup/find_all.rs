//! Makes many reading calls, several at a time. Answers come in any order.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::crm::{CallError, Class};
use crate::job::context::Context;
use crate::model::{Customer, CustomerId};

/// What the CRM says of one customer.
#[derive(Debug)]
pub(crate) enum FindReply {
    /// The customer is stored.
    There(Box<Customer>),
    /// The customer is not stored.
    Gone,
    /// The customer cannot be read, for a reason that concerns this customer alone.
    Unread(CallError),
}

/// Reads these customers. Returns the answers in any order, and the error that ended the reading early, if one did.
pub(crate) fn find_all(
    ids: &[CustomerId],
    concurrency: usize,
    context: &Context,
) -> (Vec<(CustomerId, FindReply)>, Option<CallError>) {
    each(ids, concurrency, context, |id| {
        let answer = match context.crm.find(id) {
            Ok(customer) => FindReply::There(Box::new(customer)),
            Err(error) => match error.class {
                Class::Gone => FindReply::Gone,
                Class::Refused | Class::Unknown => FindReply::Unread(error),
                _ => return Err(error),
            },
        };
        Ok((id.clone(), answer))
    })
}

/// Asks for each item, at most `concurrency` at a time. Returns the answers in any order, and the first error, which
/// ends the asking early. A stop ends it early too.
pub(crate) fn each<T: Sync, A: Send>(
    items: &[T],
    concurrency: usize,
    context: &Context,
    ask: impl Fn(&T) -> Result<A, CallError> + Sync,
) -> (Vec<A>, Option<CallError>) {
    let next = AtomicUsize::new(0);
    let halted = AtomicBool::new(false);
    let answers = Mutex::new(Vec::with_capacity(items.len()));
    let failure: Mutex<Option<CallError>> = Mutex::new(None);
    let work = || {
        while !halted.load(Ordering::Relaxed) && !context.stop.is_requested() {
            let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            match ask(item) {
                Ok(answer) => {
                    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
                    answers.push(answer);
                }
                Err(error) => {
                    halted.store(true, Ordering::Relaxed);
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    failure.get_or_insert(error);
                    return;
                }
            }
        }
    };
    match concurrency.min(items.len()) {
        0 => {}
        1 => work(),
        workers => std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        }),
    }
    (
        answers.into_inner().unwrap_or_else(PoisonError::into_inner),
        failure.into_inner().unwrap_or_else(PoisonError::into_inner),
    )
}
