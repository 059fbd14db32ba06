//! Signals, child processes and memory of processes that the tests started.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Sends a signal (`INT`, `KILL`, ...) to a process, or to a whole process group if `target` is negative.
///
/// A process that is already gone is not an error: a test that kills cannot know who was faster.
pub fn signal(target: i64, name: &str) {
    let _ = Command::new("sh")
        .args([
            "-c",
            "kill -s \"$1\" -- \"$2\"",
            "sh",
            name,
            &target.to_string(),
        ])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

/// Ends a process group as soon as this process is gone, however it went.
///
/// A destructor cannot do this: a test runner that loses patience kills the test, and what the test started
/// in a process group of its own, as a shell starts its jobs, would go on. So a small process holds the other
/// end of a pipe that nobody ever writes to; the end of input means that the test is gone.
#[derive(Debug)]
pub struct Guard(Child);

impl Guard {
    /// Guards the process group that `leader` leads.
    pub fn over(leader: u32) -> io::Result<Self> {
        let guard = Command::new("sh")
            .args(["-c", "read -r _ || kill -s KILL -- \"-$1\"", "sh"])
            .arg(leader.to_string())
            // What ends the test's process group must not end its guard.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self(guard))
    }
}

impl Drop for Guard {
    /// Lets go of the group: whoever drops the guard has seen to it.
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process ids of the direct children of `parent`.
pub fn children(parent: u32) -> Vec<u32> {
    processes()
        .into_iter()
        .filter(|&(_, of)| of == parent)
        .map(|(pid, _)| pid)
        .collect()
}

/// Whether a process exists and is not a zombie.
pub fn is_alive(pid: u32) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => !stat
            .rsplit(')')
            .next()
            .unwrap_or("")
            .trim_start()
            .starts_with('Z'),
        Err(_) if fs::metadata("/proc/self").is_ok() => false,
        Err(_) => processes().iter().any(|&(p, _)| p == pid),
    }
}

/// The highest resident memory that a process has had so far, in bytes. Linux only.
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Every process as (process id, parent's process id).
fn processes() -> Vec<(u32, u32)> {
    let Ok(folder) = fs::read_dir("/proc") else {
        return processes_from_ps();
    };
    folder
        .filter_map(|entry| {
            let pid: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            // The command name, in parentheses, may itself hold spaces and parentheses.
            let parent = stat
                .rsplit(')')
                .next()?
                .split_whitespace()
                .nth(1)?
                .parse()
                .ok()?;
            Some((pid, parent))
        })
        .collect()
}

fn processes_from_ps() -> Vec<(u32, u32)> {
    let Ok(output) = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output() else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::thread;
    use std::time::{Duration, Instant};

    use super::*;

    fn ends_within(child: &mut Child, limit: Duration) -> bool {
        let started = Instant::now();
        while started.elapsed() < limit {
            if child.try_wait().unwrap().is_some() {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }

    fn sleeper() -> Child {
        Command::new("sleep")
            .arg("60")
            .process_group(0)
            .spawn()
            .unwrap()
    }

    #[test]
    fn a_guard_ends_the_group_when_the_pipe_closes_and_not_when_it_is_dropped() {
        let mut orphaned = sleeper();
        let mut guard = Guard::over(orphaned.id()).unwrap();
        assert!(!ends_within(&mut orphaned, Duration::from_millis(100)));
        // What the operating system does when it ends this process.
        drop(guard.0.stdin.take());
        assert!(ends_within(&mut orphaned, Duration::from_secs(10)));

        let mut released = sleeper();
        drop(Guard::over(released.id()).unwrap());
        assert!(!ends_within(&mut released, Duration::from_millis(100)));
        released.kill().unwrap();
        released.wait().unwrap();
    }
}
