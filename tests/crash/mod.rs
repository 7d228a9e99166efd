//! Never twice, never lost: killed, stopped, damaged and lied to.

mod cells;
mod damage;
mod decay;
mod doubt;
mod faults;
mod gateways;
mod kill;
mod operator;
mod regressions;
mod stop;
mod terminal;
mod unsearchable;
mod vanished;
