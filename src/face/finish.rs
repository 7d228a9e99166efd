//! `on_finish`: a command of the profile that gets the result of a job, as JSON on its standard input.
//!
//! It gets failures too, because those are what somebody should be woken for. It gets no secret: the variables that
//! hold a secret are removed from its environment.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
        let (program, arguments) = self.command.split_first()?;
        let told = self.run(program, arguments, &format!("{result}\n"));
        let detail = told.err()?;
        Some(Problem::new(Code::FinishFailed).with("detail", detail))
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
