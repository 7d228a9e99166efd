//! What terminal and page share: which account is meant and how it is reached, errors as words and exit codes, and a
//! job as it is shown.

pub(crate) mod choices;
pub(crate) mod config;
pub(crate) mod config_edit;
pub(crate) mod count_bars;
pub(crate) mod doctor;
pub(crate) mod duration;
pub(crate) mod environment;
pub(crate) mod failure;
pub(crate) mod finish;
pub(crate) mod found;
pub(crate) mod glance;
pub(crate) mod job_line;
pub(crate) mod names;
pub(crate) mod new_profile;
pub(crate) mod outcome_bar;
pub(crate) mod ownership;
pub(crate) mod pace_chart;
pub(crate) mod pace_outlook;
pub(crate) mod plan_words;
mod program;
pub(crate) mod report;
pub(crate) mod report_words;
pub(crate) mod result_json;
pub(crate) mod running_task;
pub(crate) mod secret;
pub(crate) mod seen_job;
pub(crate) mod settings;
pub(crate) mod unmatched;
mod user_folders;
pub(crate) mod waiting;
