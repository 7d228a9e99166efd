//! A run on a terminal, where a person answers questions.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::{Arc, Mutex, PoisonError};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use super::until;

/// A process that ends with the test, also where that fails: nobody would answer its next question.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It has mostly ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs a command on a terminal. Each answer is typed when its question stands there: a part of it, the answer, and
/// whether it is typed unseen. Returns the exit code, and all that the terminal showed.
pub fn on_terminal(mut command: Command, answers: &[(&str, &str, bool)]) -> (i32, String) {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&master).expect("ours");
    unlockpt(&master).expect("ours");
    let name = ptsname(&master, Vec::new()).expect("a name");
    let name = name.to_str().expect("ASCII").to_owned();
    let open = || {
        let mut options = File::options();
        options.read(true).write(true);
        options.open(&name).expect("the other side")
    };
    command.stdin(open()).stdout(open()).stderr(open());
    let mut child = Ended(command.spawn().expect("the binary starts"));
    // Else the test itself holds the terminal open.
    drop(command);
    let mut keyboard = File::from(master);
    let mut screen = keyboard.try_clone().expect("a second handle");
    let shown: Arc<Mutex<Vec<u8>>> = Arc::default();
    let into = Arc::clone(&shown);
    let reader = std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        // Linux ends a terminal that nobody has open any more with an error.
        while let Ok(length @ 1..) = screen.read(&mut buffer) {
            let mut all = into.lock().unwrap_or_else(PoisonError::into_inner);
            all.extend_from_slice(&buffer[..length]);
        }
    });
    let text = || {
        let all = shown.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&all).into_owned()
    };
    let mut read = 0;
    for (question, answer, is_unseen) in answers {
        let place = || text().get(read..).and_then(|new| new.find(question));
        let mut has_ended = false;
        until(&format!("“{question}” is asked: {}", text()), || {
            has_ended = child.0.try_wait().expect("a child can be asked").is_some();
            place().is_some() || has_ended
        });
        let Some(found) = place() else {
            panic!("“{question}” was not asked: {}", text());
        };
        read += found + question.len();
        if *is_unseen {
            let is_shown = || {
                let modes = tcgetattr(&keyboard).expect("a terminal").local_modes;
                modes.contains(LocalModes::ECHO)
            };
            until("what is typed is not shown", || !is_shown());
        }
        writeln!(keyboard, "{answer}").expect("the terminal takes it");
    }
    until("the process ends", || {
        child.0.try_wait().expect("a child can be asked").is_some()
    });
    let status = child.0.wait().expect("it has ended");
    drop(keyboard);
    reader.join().expect("the screen was read");
    (status.code().unwrap_or(-1), text())
}
