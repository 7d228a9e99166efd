//! Running the binary: to its end, or as a process that a test watches and kills.

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::Table;

/// No step of any test takes as long as this; reaching it is a failure, not a pause.
const DEADLINE: Duration = Duration::from_secs(180);

/// Waits until something is so; fails after three minutes.
pub fn until(what: &str, is_so: impl FnMut() -> bool) {
    until_within(DEADLINE, what, is_so);
}

fn until_within(deadline: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < deadline, "waited too long until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a run left behind.
#[derive(Debug)]
pub struct Output {
    /// The exit code; -1 when it was killed.
    pub code: i32,
    /// All of stdout.
    pub stdout: String,
    /// All of stderr.
    pub stderr: String,
}

impl Output {
    /// Runs a command to its end.
    pub fn of(command: Command) -> Self {
        Running::start(command).wait()
    }

    /// Fails unless it ended with this code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "stdout: {}\nstderr: {}",
            self.stdout, self.stderr
        );
        self
    }

    /// Fails unless stderr holds this text.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        assert!(
            self.stderr.contains(text),
            "“{text}” is not in: {}",
            self.stderr
        );
        self
    }

    /// Fails unless stdout holds this text.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "“{text}” is not in: {}",
            self.stdout
        );
        self
    }

    /// The one JSON value on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// The path of the result sheet, of a run with `--json`.
    #[track_caller]
    pub fn result(&self) -> PathBuf {
        let summary = self.json();
        let named = summary["result"].as_str();
        PathBuf::from(named.unwrap_or_else(|| panic!("no result sheet is named: {summary}")))
    }

    /// The result sheet, of a run with `--json`.
    #[track_caller]
    pub fn sheet(&self) -> Table {
        Table::read(&self.result())
    }

    /// The arguments of the resume line, ready to be run.
    #[track_caller]
    pub fn resume_line(&self) -> String {
        let named = self
            .stderr
            .lines()
            .find_map(|line| line.strip_prefix("go on with: ferry "));
        named
            .unwrap_or_else(|| panic!("no resume line: {}", self.stderr))
            .to_owned()
    }
}

/// A process at work. Dropped, it is killed.
pub struct Running {
    child: Child,
    readers: Vec<JoinHandle<()>>,
    stdout: Arc<Mutex<Vec<u8>>>,
    stderr: Arc<Mutex<Vec<u8>>>,
}

impl Running {
    /// Starts a command whose streams are piped.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the binary starts");
        let (stdout, stderr) = (Arc::default(), Arc::default());
        let readers = vec![
            drain(child.stdout.take().expect("piped"), Arc::clone(&stdout)),
            drain(child.stderr.take().expect("piped"), Arc::clone(&stderr)),
        ];
        Self {
            child,
            readers,
            stdout,
            stderr,
        }
    }

    /// The process's id.
    #[cfg(unix)]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has printed on stdout so far.
    pub fn stdout(&self) -> String {
        text(&self.stdout)
    }

    /// What it has written to stderr so far.
    pub fn stderr(&self) -> String {
        text(&self.stderr)
    }

    /// Kills it as `kill -9` does.
    pub fn kill(mut self) -> Output {
        self.child.kill().expect("it can be killed");
        self.wait()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child
            .try_wait()
            .expect("a child can be asked")
            .is_some()
    }

    /// Waits for its end.
    pub fn wait(self) -> Output {
        self.wait_within(DEADLINE)
    }

    /// Waits for its end; fails when it takes longer.
    pub fn wait_within(mut self, deadline: Duration) -> Output {
        until_within(deadline, "the process ends", || self.has_ended());
        let status = self.child.wait().expect("it has ended");
        for reader in self.readers.drain(..) {
            reader.join().expect("a stream was read");
        }
        Output {
            code: status.code().unwrap_or(-1),
            stdout: text(&self.stdout),
            stderr: text(&self.stderr),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has mostly ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn drain(mut stream: impl Read + Send + 'static, into: Arc<Mutex<Vec<u8>>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let mut all = into.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(&buffer[..length]);
        }
    })
}

fn text(bytes: &Mutex<Vec<u8>>) -> String {
    let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&bytes).into_owned()
}
