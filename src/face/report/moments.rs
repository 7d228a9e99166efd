//! Moments of a report, in the time zone of its job, and the chart over them.

use jiff::tz::TimeZone;

use crate::face::pace_chart::{PaceChart, length_of, time_of};
use crate::lang::say::report::PaceUnit;
use crate::lang::{Lang, say};
use crate::model::PaceCounts;
use crate::results::place::zone;

/// A chart of fewer steps says nothing.
const FEWEST_STEPS: usize = 5;

/// The chart of the pace with what stands around it. It is blank where nothing happened.
#[derive(Debug, Clone, Default)]
pub(super) struct ReportPace {
    pub title: &'static str,
    pub chart: PaceChart,
    pub from: String,
    pub to: String,
    /// The pauses that the chart cuts; in place of a chart, when it all happened.
    pub notes: Vec<String>,
}

impl ReportPace {
    /// Returns whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.chart.is_empty() && self.notes.is_empty()
    }
}

/// Puts moments into words.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    zone: TimeZone,
    name: String,
}

impl Moments {
    /// Takes the time zone of a name.
    pub fn of(name: &str) -> Self {
        Self {
            zone: zone(name),
            name: name.to_owned(),
        }
    }

    /// Returns a moment, given in Unix milliseconds, as `2026-11-23 17:30:15`.
    pub fn words(&self, milliseconds: i64) -> String {
        let moment = jiff::Timestamp::from_millisecond(milliseconds);
        moment.map_or_else(
            |_| String::new(),
            |moment| {
                let local = jiff::ZonedDateTime::new(moment, self.zone.clone());
                local.strftime("%Y-%m-%d %H:%M:%S").to_string()
            },
        )
    }

    /// Returns the line that says by which program and when the report was made.
    pub fn made_now(&self, lang: Lang) -> String {
        let now = self.words(jiff::Timestamp::now().as_millisecond());
        say::report::made_by(lang, env!("CARGO_PKG_VERSION"), &now, &self.name)
    }

    /// Returns the chart of what happened. Where it was over soon, a sentence stands in its place.
    pub fn pace(&self, counts: &PaceCounts, unit: PaceUnit, lang: Lang) -> ReportPace {
        let title = unit.title(lang);
        let Some(time) = time_of(counts) else {
            return ReportPace::default();
        };
        let (from, to) = (self.words(time.start), self.words(time.end));
        let chart = PaceChart::of(counts, time);
        if chart.steps < FEWEST_STEPS {
            return ReportPace {
                title,
                notes: vec![say::report::in_short(
                    lang,
                    unit,
                    counts.total(),
                    (&from, &to),
                )],
                ..ReportPace::default()
            };
        }
        let number = |speed: f64| format!("{speed:.1}");
        let words = say::report::pace(lang, unit, &number(chart.most), &number(chart.average));
        ReportPace {
            title,
            notes: self.pauses(&chart, unit, lang),
            chart: chart.saying(words),
            from,
            to,
        }
    }

    /// Returns the pauses that a chart cuts, in words.
    fn pauses(&self, chart: &PaceChart, unit: PaceUnit, lang: Lang) -> Vec<String> {
        let pauses = chart.pauses().map(|(number, time)| {
            let (from, to) = (self.words(time.start), self.words(time.end));
            let length = say::amounts::duration(lang, length_of(time));
            say::report::pause(lang, unit, number, (&from, &to), &length)
        });
        pauses.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_between_two_runs_is_cut_and_said() {
        let moments = Moments::of("Asia/Shanghai");
        let mut counts = PaceCounts::default();
        let began = 1_795_636_800_000;
        for second in (0..20).chain(7220..7230) {
            counts.note(began + second * 1000, 4);
        }
        let pace = moments.pace(&counts, PaceUnit::SentRows, Lang::En);
        assert_eq!(pace.chart.words, "4.0 a second at most, 4.0 on average.");
        assert_eq!(
            (pace.from.as_str(), pace.to.as_str()),
            ("2026-11-26 04:00:00", "2026-11-26 06:00:30")
        );
        assert_eq!(
            pace.notes,
            ["[1] nothing from 2026-11-26 04:00:20 to 2026-11-26 06:00:20 (2 h 0 min)"]
        );
        assert!(pace.chart.to_string().contains("class=\"gap\""));
        let pace = moments.pace(&counts, PaceUnit::Calls, Lang::Zh);
        assert_eq!(pace.chart.words, "每秒最高 4.0 次，平均 4.0 次。");
        let pause = &pace.notes[0];
        assert!(
            pause.contains(" 至 2026-11-26 06:00:20 没有调用（"),
            "{pause}"
        );
        // What is over in two seconds needs no chart.
        let mut counts = PaceCounts::default();
        counts.note(began, 30);
        counts.note(began + 1000, 6);
        let pace = moments.pace(&counts, PaceUnit::SentRows, Lang::Zh);
        assert!(pace.chart.is_empty());
        assert_eq!(
            pace.notes,
            ["2026-11-26 04:00:00 至 2026-11-26 04:00:02，共 36 行。"]
        );
    }
}
