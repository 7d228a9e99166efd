//! The server of the page: it binds, prints nothing, and stops in order.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tokio::net::TcpListener;

use super::error::PageError;
use super::error_screen::put_errors;
use super::guard::guard;
use super::imports::tidy;
use super::screens;
use super::shared::{DELETIONS, IMPORTS, Shared};
use crate::face::choices::Choices;
use crate::face::failure::{Failure, exit};
use crate::lang::say;
use crate::model::Stop;

/// The interval at which the server looks whether it is to stop.
const LOOK: Duration = Duration::from_millis(100);

/// How the page is served.
pub(crate) struct PageOptions {
    /// The choices of this start.
    pub choices: Choices,
    /// The port on 127.0.0.1; `None` for that of the last start, else any free one.
    pub port: Option<u16>,
    /// Ends the page; a running job is stopped first.
    pub stop: Stop,
}

/// Where the page is, with a token that lets in.
pub(crate) struct PageAddress {
    /// For a person, as long as the program runs.
    pub printed: String,
    /// For a browser that is opened with it, once: others on the machine may see with what a program was started.
    pub opened: String,
}

/// Serves the page until it is told to stop. `ready` gets the address once the page can be opened.
pub(crate) fn serve(options: PageOptions, ready: impl FnOnce(&PageAddress)) -> Result<(), Failure> {
    let PageOptions {
        choices,
        port,
        stop,
    } = options;
    let shared = Shared::open(choices, port)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| unserved(&error))?;
    runtime.block_on(async {
        let (listener, shared) = bind(shared, port.is_some()).await?;
        shared.keep_session()?;
        let address =
            |token: &str| format!("http://127.0.0.1:{}/?token={token}", shared.session.port);
        ready(&PageAddress {
            printed: address(&shared.entrance.printed),
            opened: address(&shared.entrance.opened()),
        });
        for folder in [IMPORTS, DELETIONS] {
            tidy(&shared.file(folder), &shared.state);
        }
        let shared = Arc::new(shared);
        let works = shared.works.clone();
        let server = axum::serve(listener, routes(shared));
        tokio::select! {
            ended = server => ended.map_err(|error| unserved(&error)),
            () = stopped(&stop) => {
                works.stop_all();
                while !works.going_on().is_empty() {
                    tokio::time::sleep(LOOK).await;
                }
                Ok(())
            }
        }
    })
}

async fn stopped(stop: &Stop) {
    while !stop.is_requested() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Binds the port of the session; a free one if that is taken and nobody has asked for it.
async fn bind(mut shared: Shared, is_asked: bool) -> Result<(TcpListener, Shared), Failure> {
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut bound = TcpListener::bind(address(shared.session.port)).await;
    if bound.is_err() && !is_asked {
        bound = TcpListener::bind(address(0)).await;
    }
    let listener = bound.map_err(|error| unserved(&error))?;
    let local = listener.local_addr().map_err(|error| unserved(&error))?;
    shared.session.port = local.port();
    Ok((listener, shared))
}

fn unserved(error: &std::io::Error) -> Failure {
    Failure::said(exit::LOCAL, say::usage::page_unserved(&error.to_string()))
}

/// Returns everything that the page answers to.
fn routes(shared: Arc<Shared>) -> Router {
    let fixed = Router::new()
        .route(
            "/page.css",
            get(|| async {
                (
                    of_type("text/css"),
                    include_str!("../../templates/page/page.css"),
                )
            }),
        )
        .route(
            "/page.js",
            get(|| async {
                let script = include_str!("../../templates/page/page.js");
                (of_type("text/javascript"), script)
            }),
        );
    screens::routes()
        .fallback(|| async { PageError::NotFound })
        .merge(fixed)
        .layer(from_fn_with_state(shared.clone(), put_errors))
        .layer(from_fn_with_state(shared.clone(), guard))
        .with_state(shared)
}

fn of_type(kind: &'static str) -> [(axum::http::HeaderName, &'static str); 2] {
    [
        (CONTENT_TYPE, kind),
        // A new version of the program brings new ones under the same address.
        (CACHE_CONTROL, "no-cache"),
    ]
}
