//! The printing of figures. A figure is never asserted, because it depends on the machine as much as on the code.

use std::fmt::Display;

/// Prints a value beside its target, and whether it is met: `ok` or `over`.
pub fn at_most(what: &str, value: f64, unit: &str, target: f64) {
    // The value is judged as it is printed: 1.034 and 1.03 look the same.
    let is_met = (value * 100.0).round() <= (target * 100.0).round();
    let verdict = if is_met { "ok" } else { "over" };
    line(
        what,
        format_args!("{value:>9.2} {unit:<7} figure: at most {target} {verdict}"),
    );
}

/// Prints a value without a target.
pub fn line(what: &str, value: impl Display) {
    println!("  {what:<48} {value}");
}
