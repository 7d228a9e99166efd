//! The sizes that are given after `--`, and whether to measure at all.

use std::error::Error;

/// The result of a benchmark or of one of its steps.
pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Reads `--<name> <number>` into the sizes. Returns `false`, for nothing to measure, without cargo's own `--bench`:
/// `cargo test --all-targets` runs benchmarks too, unoptimized.
pub fn read(sizes: &mut [(&str, &mut u32)]) -> Outcome<bool> {
    let mut is_bench = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--bench" {
            is_bench = true;
            continue;
        }
        let name = argument.trim_start_matches("--");
        let Some((_, size)) = sizes.iter_mut().find(|(known, _)| *known == name) else {
            let known: Vec<String> = sizes
                .iter()
                .map(|(name, size)| format!("--{name} N [default: {size}]"))
                .collect();
            return Err(format!("{argument} is unknown; there is {}", known.join(", ")).into());
        };
        let value = arguments.next().unwrap_or_default();
        **size = value
            .parse()
            .ok()
            .filter(|&number| number > 0)
            .ok_or_else(|| format!("{argument} {value}: a number above 0 is needed"))?;
    }
    if !is_bench {
        println!("nothing is measured: run it with cargo bench");
    }
    Ok(is_bench)
}
