//! Never twice, never lost: killed, stopped, damaged and lied to.

mod damage;
mod doubt;
mod faults;
mod kill;
mod stop;
