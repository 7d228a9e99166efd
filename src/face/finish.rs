//! `on_finish`: a command of the profile that gets the result of a job, as JSON on its standard input.
//!
//! It gets failures too, because those are what somebody should be woken for. It gets no secret: the variables that
//! hold a secret are removed from its environment.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::program;
use super::settings::Settings;
use crate::model::{Code, Fact, Phrase, Problem, Saying};

/// The longest time that the command may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// The interval at which ferry looks whether the command has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The command to run at the end of a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finish {
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

    /// Hands the result of a job to the command. Returns what is to be said where that has failed.
    pub fn tell(&self, result: &serde_json::Value) -> Option<Problem> {
        let told = self.run(&format!("{result}\n"))?;
        let detail = told.err()?;
        Some(Problem::new(Code::FinishFailed).with("detail", detail))
    }

    /// Runs the command; `None` where there is none.
    fn run(&self, input: &str) -> Option<Result<(), Fact>> {
        let program = self.command.first()?;
        let folder = self.folder.as_deref().unwrap_or_else(|| Path::new("."));
        let mut command = program::of(&self.command, folder)?;
        Some(self.wait_for(program, &mut command, input))
    }

    fn wait_for(&self, program: &str, command: &mut Command, input: &str) -> Result<(), Fact> {
        let failed = |status: String| -> Fact {
            Phrase::new(Saying::CommandFailed)
                .with("program", program)
                .with("status", status)
                .into()
        };
        command
            .stdin(Stdio::piped())
            // Standard output is ferry's, and may be one JSON object.
            .stdout(Stdio::null());
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
