//! What every test needs: a scene to play in, tables to import and read back, and customers to expect.

#[cfg(unix)]
mod browser;
mod canned;
mod hold;
mod page;
mod people;
mod report;
mod run;
mod scene;
mod table;
#[cfg(unix)]
mod terminal;

#[cfg(unix)]
pub use browser::Window;
pub use canned::Canned;
pub use hold::Held;
pub use page::{PageClient, Screen, bare_client, form_values};
pub use people::{named, people};
pub use report::ReportPage;
pub use run::{Output, Running, until};
pub use scene::{SECRET, Scene, fixture, sample};
pub use table::Table;
#[cfg(unix)]
pub use terminal::on_terminal;

pub use crm_ferry::sandbox::{Endpoint, Fault, FaultKind, Options};
