//! What every test needs: a scene to play in, tables to import and read back, and customers to expect.

mod canned;
mod hold;
mod people;
mod run;
mod scene;
mod table;

pub use canned::Canned;
pub use hold::Held;
pub use people::{named, people};
pub use run::{Output, Running, until};
pub use scene::{Scene, fixture, sample};
pub use table::Table;

pub use crm_ferry::sandbox::{Endpoint, Fault, FaultKind, Options};
