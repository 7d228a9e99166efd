//! `on_finish`: a command of the profile that is told what a job came to, as JSON on its standard input.
//!
//! It hears of failures as well, since those are what somebody should be woken for. It gets no secret: the variables
//! that hold one are taken out of its environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Global;
use super::failure::{Failure, Outcome};
use super::print::note;
use super::settings::Settings;
use crate::lang;
use crate::lang::say;
use crate::model::{Code, Fact, Phrase, Problem, Saying};

/// How long the command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// What is to be run at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Finish {
    command: Vec<String>,
    /// Where it runs: the configuration's folder, so that relative paths start there.
    folder: Option<PathBuf>,
    secrets: Vec<String>,
}

impl Finish {
    /// What the profile says.
    pub fn of(settings: &Settings) -> Self {
        let folder = settings.config.as_ref();
        Self {
            command: settings.on_finish.clone(),
            folder: folder.and_then(|file| file.parent()).map(PathBuf::from),
            secrets: settings.secret_variables.clone(),
        }
    }

    /// Prints what a job came to by `print`, which returns the object and the exit code, and tells the command. A
    /// failure is told as `{"command", "exit", "errors"}`.
    pub fn after<T>(
        &self,
        command: &str,
        outcome: Result<T, Failure>,
        global: &Global,
        print: impl FnOnce(&T) -> (serde_json::Value, u8),
    ) -> Outcome {
        match outcome {
            Ok(report) => {
                let (mut json, code) = print(&report);
                json["exit"] = code.into();
                self.tell(&json, global);
                Ok(code)
            }
            Err(failure) => {
                let mut json = failure.json(global.lang());
                json["command"] = command.into();
                self.tell(&json, global);
                Err(failure)
            }
        }
    }

    fn tell(&self, json: &serde_json::Value, global: &Global) {
        let Some((program, arguments)) = self.command.split_first() else {
            return;
        };
        if let Err(detail) = self.run(program, arguments, &format!("{json}\n")) {
            let problem = Problem::new(Code::FinishFailed).with("detail", detail);
            let words = lang::words(&problem, global.lang());
            let lang = global.lang();
            note(&say::note(lang, &words.message, &problem.code.to_string()));
            note(&say::hint(lang, &words.tip));
        }
    }

    fn run(&self, program: &str, arguments: &[String], input: &str) -> Result<(), Fact> {
        let failed = |status: String| -> Fact {
            Phrase::new(Saying::CommandFailed)
                .with("program", program)
                .with("status", status)
                .into()
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::piped())
            // Standard output is ferry's, and may be one JSON object.
            .stdout(Stdio::null());
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        for secret in &self.secrets {
            command.env_remove(secret);
        }
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        if let Some(mut stdin) = child.stdin.take() {
            // A command that does not listen is free not to.
            let _ = stdin.write_all(input.as_bytes());
        }
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(failed(status.to_string())),
                Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(LOOK),
                Ok(None) => {
                    // It had its time.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(failed("> 60 s".to_owned()));
                }
                Err(error) => return Err(failed(error.to_string())),
            }
        }
    }
}
