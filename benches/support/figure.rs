//! How a figure is printed: never asserted, because the machine decides as much as the code does.

use std::fmt::Display;

/// Prints a value beside the most it should be, and whether it is: `ok` or `over`.
pub fn at_most(what: &str, value: f64, unit: &str, target: f64) {
    // Judged as printed: 1.034 and 1.03 look the same.
    let is_met = (value * 100.0).round() <= (target * 100.0).round();
    let verdict = if is_met { "ok" } else { "over" };
    line(
        what,
        format_args!("{value:>9.2} {unit:<7} figure: at most {target} {verdict}"),
    );
}

/// Prints what stands beside no target.
pub fn line(what: &str, value: impl Display) {
    println!("  {what:<48} {value}");
}
