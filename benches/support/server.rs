//! `ferry sandbox` in a process of its own, so that its CPU and memory are not the importer's.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use crate::arguments::Outcome;

/// A running server; dropping it kills the process.
#[derive(Debug)]
pub struct Server {
    /// The address to send calls to.
    pub base_url: String,
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Starts a server that checks no signatures, on a free port, with these further arguments.
    pub fn start(arguments: &[&str]) -> Outcome<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ferry"))
            .args(["sandbox", "--port", "0", "--no-auth", "--quiet"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().ok_or("the sandbox has no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let base_url = line
            .trim_end()
            .strip_prefix("listening on ")
            .ok_or_else(|| format!("the sandbox said “{line}”"))?
            .to_owned();
        Ok(Self {
            base_url,
            child,
            output,
        })
    }

    /// Sends the process a signal such as `-STOP`; returns `false` where there are no signals (Windows).
    pub fn signal(&self, name: &str) -> bool {
        let sent = Command::new("kill")
            .args([name, &self.child.id().to_string()])
            .status();
        sent.is_ok_and(|status| status.success())
    }

    /// Stops the server and returns its counters; `None` where a process cannot be interrupted (Windows).
    pub fn stop(mut self) -> Outcome<Option<Value>> {
        if !self.signal("-INT") {
            return Ok(None);
        }
        let mut text = String::new();
        self.output.read_to_string(&mut text)?;
        Ok(Some(serde_json::from_str(&text)?))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if the process has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
