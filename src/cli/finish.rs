//! `on_finish`: a command of the profile that gets the result of a job, as JSON on its standard input.
//!
//! It gets failures too, because those are what somebody should be woken for. It gets no secret: the variables that
//! hold a secret are removed from its environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::Global;
use super::print::say_line;
use super::put_failure;
use crate::face::failure::{CommandResult, Failure};
use crate::face::settings::Settings;
use crate::lang;
use crate::lang::say;
use crate::model::{Code, Fact, Phrase, Problem, Saying};

/// The longest time that the command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The interval at which ferry looks whether the command has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The command to run at the end of a job.
#[derive(Debug, Clone, Default)]
pub(super) struct Finish {
    command: Vec<String>,
    /// The folder in which the command runs: the configuration's folder, so that relative paths start there.
    folder: Option<PathBuf>,
    secrets: Vec<String>,
}

impl Finish {
    /// Takes the command from the profile.
    pub fn of(settings: &Settings) -> Self {
        let folder = settings.config.as_ref();
        Self {
            command: settings.on_finish.clone(),
            folder: folder.and_then(|file| file.parent()).map(PathBuf::from),
            secrets: settings.secret_variables.clone(),
        }
    }

    /// Prints a result by `print`, which returns the object and the exit code, and hands the object to the command. A
    /// failure is handed over as `{"command", "exit", "errors"}`.
    pub fn after<T>(
        &self,
        command: &str,
        outcome: Result<T, Failure>,
        global: &Global,
        print: impl FnOnce(&T) -> (serde_json::Value, u8),
    ) -> CommandResult {
        match outcome {
            Ok(report) => {
                let (mut json, code) = print(&report);
                json["exit"] = code.into();
                self.tell(&json, global);
                Ok(code)
            }
            Err(failure) => {
                let mut json = put_failure::json(&failure, global.lang(), &global.hints);
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
            say_line(&say::notice_mark(
                lang,
                &words.message,
                &problem.code.to_string(),
            ));
            say_line(&say::hint(lang, &words.tip));
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
            let input = input.to_owned();
            // A command may ignore its input. A pipe that nobody reads takes no more than its buffer, so a thread waits.
            std::thread::spawn(move || stdin.write_all(input.as_bytes()));
        }
        let began = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) if status.success() => return Ok(()),
                Ok(Some(status)) => return Err(failed(status.to_string())),
                Ok(None) if began.elapsed() < PATIENCE => std::thread::sleep(LOOK),
                Ok(None) => {
                    // The command took longer than [`PATIENCE`].
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(failed("> 60 s".to_owned()));
                }
                Err(error) => return Err(failed(error.to_string())),
            }
        }
    }
}
