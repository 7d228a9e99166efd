//! The pace over time as a chart: how much happened in each second, or in longer stretches where the time is long.
//!
//! Waits are drawn as long as they were. A pause that would take most of the width, such as the night between two runs,
//! is cut: a grey gap with a number stands for it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use askama::Template;

use crate::model::PaceCounts;

/// The size of the chart in its own units.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 60.0;
/// The width of a pause that is cut.
const PAUSE: f64 = 16.0;

/// The most steps of the line.
const MOST_STEPS: i64 = 120;
/// The lengths that a step may have, in seconds; the longest one counts in days from then on.
const STEPS: [i64; 14] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200,
];
const DAY: i64 = 86_400_000;

/// The most pauses that are cut.
const MOST_PAUSES: usize = 8;
/// No shorter pause is cut, in milliseconds.
const SHORTEST_PAUSE: i64 = 60_000;

/// A chart of the pace.
#[derive(Debug, Clone, Default, PartialEq, Template)]
#[template(path = "face/pace_chart.html")]
pub(crate) struct PaceChart {
    /// The points of a line for each time without a cut.
    lines: Vec<String>,
    gaps: Vec<PaceGap>,
    /// What the chart shows, for those who cannot see it.
    pub words: String,
    /// The most in a second, how much it was on average in the time that is drawn, and how much at last.
    pub most: f64,
    pub average: f64,
    pub latest: f64,
    /// How many steps its lines have.
    pub steps: usize,
    /// From when to when the chart goes, in Unix milliseconds.
    pub time: Range<i64>,
}

/// A pause that is cut.
#[derive(Debug, Clone, PartialEq)]
struct PaceGap {
    /// Its number in the chart.
    number: usize,
    /// From when to when nothing happened, in Unix milliseconds.
    time: Range<i64>,
    x: String,
    width: String,
    middle: String,
}

impl PaceChart {
    /// Makes the chart of what happened in a time. It has no line where the time is too short for one.
    pub fn of(counts: &PaceCounts, time: Range<i64>) -> Self {
        let (stretches, cuts) = cut(counts, &time);
        let length: i64 = stretches.iter().map(|part| part.end - part.start).sum();
        let step = step_of(length, counts.length());
        let speeds: Vec<Vec<f64>> = stretches
            .iter()
            .map(|part| speeds(counts, part, step))
            .collect();
        let most = speeds.iter().flatten().copied().fold(0.0, f64::max);
        let steps: usize = speeds.iter().map(Vec::len).sum();
        let mut chart = Self {
            most,
            average: counts.total() as f64 * 1000.0 / length.max(1) as f64,
            latest: latest_speed(speeds.last()),
            steps,
            time,
            ..Self::default()
        };
        if steps < 2 || most <= 0.0 {
            return chart;
        }
        let for_lines = WIDTH - PAUSE * cuts.len() as f64;
        let mut x = 0.0;
        for (number, (part, speeds)) in stretches.iter().zip(&speeds).enumerate() {
            let width = for_lines * (part.end - part.start) as f64 / length.max(1) as f64;
            chart.lines.push(outline(speeds, x..x + width, most));
            x += width;
            if let Some(time) = cuts.get(number) {
                chart.gaps.push(PaceGap {
                    number: number + 1,
                    time: time.clone(),
                    x: format!("{x:.1}"),
                    width: format!("{PAUSE:.1}"),
                    middle: format!("{:.1}", x + PAUSE / 2.0),
                });
                x += PAUSE;
            }
        }
        chart
    }

    /// Says what the chart shows.
    pub fn saying(self, words: String) -> Self {
        Self { words, ..self }
    }

    /// Returns whether there is no line.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Returns the pauses that are cut, each with its number.
    pub fn pauses(&self) -> impl Iterator<Item = (usize, &Range<i64>)> {
        self.gaps.iter().map(|gap| (gap.number, &gap.time))
    }
}

/// Returns the time from the first to the last stretch in which something happened; `None` where nothing did.
pub(crate) fn time_of(counts: &PaceCounts) -> Option<Range<i64>> {
    let first = counts.stretches().next()?.0;
    let last = counts.stretches().last()?.0;
    Some(first..last + counts.length())
}

/// Returns how long a time is.
pub(crate) fn length_of(time: &Range<i64>) -> Duration {
    Duration::from_millis(u64::try_from(time.end - time.start).unwrap_or(0))
}

/// Returns the times that are drawn, and the pauses between them.
fn cut(counts: &PaceCounts, time: &Range<i64>) -> (Vec<Range<i64>>, Vec<Range<i64>>) {
    let mut pauses = Vec::new();
    let mut from = time.start;
    for (start, _) in counts.stretches() {
        if start - from >= SHORTEST_PAUSE {
            pauses.push(from..start);
        }
        from = start + counts.length();
    }
    if time.end - from >= SHORTEST_PAUSE {
        pauses.push(from..time.end);
    }
    let long = |time: &Range<i64>| time.end - time.start;
    pauses.sort_by_key(|pause| -long(pause));
    let mut shown = long(time);
    let mut cuts: Vec<Range<i64>> = Vec::new();
    for pause in pauses.into_iter().take(MOST_PAUSES) {
        if long(&pause) <= shown / 3 {
            break;
        }
        shown -= long(&pause);
        cuts.push(pause);
    }
    cuts.sort_by_key(|cut| cut.start);
    let mut parts = Vec::new();
    let mut from = time.start;
    for cut in &cuts {
        parts.push(from..cut.start);
        from = cut.end;
    }
    parts.push(from..time.end);
    (parts, cuts)
}

/// Returns the length of a step of the line, in milliseconds: a multiple of the shortest, and not too many in `length`.
fn step_of(length: i64, shortest: i64) -> i64 {
    let mut steps = STEPS.iter().map(|seconds| seconds * 1000);
    let fitting = steps.find(|step| length / step < MOST_STEPS && *step >= shortest);
    let step = fitting.unwrap_or_else(|| (length / MOST_STEPS / DAY + 1) * DAY);
    step.div_euclid(shortest).max(1) * shortest
}

/// Returns how much happened in a second, for each step of a time.
fn speeds(counts: &PaceCounts, time: &Range<i64>, step: i64) -> Vec<f64> {
    let mut amounts: BTreeMap<i64, u64> = BTreeMap::new();
    for (start, amount) in counts.stretches() {
        if time.contains(&start) {
            *amounts.entry((start - time.start) / step).or_default() += amount;
        }
    }
    let steps = (time.end - time.start).max(0).div_euclid(step);
    let rest = (time.end - time.start).max(0).rem_euclid(step);
    let speed = |number: i64, length: i64| {
        let amount = amounts.get(&number).copied().unwrap_or(0);
        amount as f64 * 1000.0 / length as f64
    };
    let mut speeds: Vec<f64> = (0..steps).map(|number| speed(number, step)).collect();
    if rest >= counts.length().min(step) {
        speeds.push(speed(steps, rest));
    } else if rest > 0 && speeds.is_empty() {
        speeds.push(speed(0, step));
    }
    speeds
}

/// Returns the speed of the last step that is over: the one behind it goes on.
fn latest_speed(speeds: Option<&Vec<f64>>) -> f64 {
    let speeds = speeds.map_or(&[][..], Vec::as_slice);
    let before_last = speeds.len().checked_sub(2);
    let over = before_last.and_then(|place| speeds.get(place));
    over.or(speeds.last()).copied().unwrap_or(0.0)
}

/// Returns the points of a line in steps, from the ground and back to it.
fn outline(speeds: &[f64], x: Range<f64>, most: f64) -> String {
    let step = (x.end - x.start) / speeds.len().max(1) as f64;
    let mut points = vec![format!("{:.1},{HEIGHT:.1}", x.start)];
    for (number, speed) in speeds.iter().enumerate() {
        let y = HEIGHT * (1.0 - speed / most);
        let from = x.start + step * number as f64;
        points.push(format!("{from:.1},{y:.1}"));
        points.push(format!("{:.1},{y:.1}", from + step));
    }
    points.push(format!("{:.1},{HEIGHT:.1}", x.end));
    points.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steady(pace: &mut PaceCounts, seconds: Range<i64>, amount: u64) {
        for second in seconds {
            pace.note(second * 1000, amount);
        }
    }

    #[test]
    fn a_steady_pace_is_a_level_line() {
        let mut pace = PaceCounts::default();
        steady(&mut pace, 100..104, 5);
        let chart = PaceChart::of(&pace, time_of(&pace).expect("a time"));
        assert!((chart.most - 5.0).abs() < 1e-9, "{}", chart.most);
        assert_eq!(
            chart.lines,
            [
                "0.0,60.0 0.0,0.0 120.0,0.0 120.0,0.0 240.0,0.0 240.0,0.0 360.0,0.0 360.0,0.0 480.0,0.0 480.0,60.0"
            ]
        );
        assert_eq!(chart.pauses().count(), 0);
    }

    #[test]
    fn a_wait_is_seen_and_a_night_is_cut() {
        let mut pace = PaceCounts::default();
        steady(&mut pace, 0..100, 5);
        // A wait of half a minute.
        steady(&mut pace, 130..200, 5);
        let night = 50_000;
        steady(&mut pace, 200 + night..300 + night, 5);
        let chart = PaceChart::of(&pace, time_of(&pace).expect("a time"));
        let pauses: Vec<_> = chart.pauses().collect();
        let cut = 200_000..200_000 + night * 1000;
        assert_eq!(pauses, [(1, &cut)]);
        assert_eq!(length_of(&cut), Duration::from_secs(50_000));
        assert_eq!(chart.lines.len(), 2);
        let ground = chart.lines[0].matches(",60.0").count();
        assert!(ground > 10, "the wait is no step on the ground: {ground}");
        assert!((chart.most - 5.0).abs() < 1e-9, "{}", chart.most);
    }

    #[test]
    fn a_slow_pace_has_no_pauses_and_a_long_one_few_steps() {
        let mut pace = PaceCounts::default();
        for call in 0..100 {
            pace.note(call * 120_000, 1);
        }
        let chart = PaceChart::of(&pace, time_of(&pace).expect("a time"));
        assert_eq!(chart.pauses().count(), 0);
        let mut long = PaceCounts::default();
        steady(&mut long, 0..300_000, 5);
        let chart = PaceChart::of(&long, time_of(&long).expect("a time"));
        let points = chart.lines[0].split(' ').count();
        assert!(points < 300, "{points}");
        assert!((chart.most - 5.0).abs() < 0.1, "{}", chart.most);
    }

    #[test]
    fn what_is_over_at_once_has_no_line() {
        let mut pace = PaceCounts::default();
        pace.note(1000, 36);
        assert!(PaceChart::of(&pace, time_of(&pace).expect("a time")).is_empty());
        assert_eq!(time_of(&PaceCounts::default()), None);
    }
}
