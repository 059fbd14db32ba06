//! `cargo xtask emulator`: an emulator of AWS in the background, and the provider block that uses it.

use std::fs::{self, File};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::tools::{self, Group};
use crate::workspace::{Outcome, output, read, root, target, with_progress, write};

const START_DEADLINE: Duration = Duration::from_secs(90);

/// What is remembered of an emulator in the background.
#[derive(Serialize, Deserialize)]
struct Record {
    pid: u32,
    port: u16,
}

/// How long an emulator lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// As long as the [`Emulator`] value, and never longer than this process.
    Value,
    /// Until `cargo xtask emulator stop`.
    UntilStopped,
}

/// A running emulator.
pub struct Emulator {
    child: Child,
    lifetime: Lifetime,
    /// Its base URL.
    pub endpoint: String,
}

impl Emulator {
    /// Starts one on a free port and waits until it accepts connections.
    pub fn start(group: Group, lifetime: Lifetime) -> Outcome<Self> {
        let (child, port) = spawn(group, None, lifetime)?;
        if lifetime == Lifetime::UntilStopped {
            remember(
                group,
                &Record {
                    pid: child.id(),
                    port,
                },
            )?;
        }
        Ok(Self {
            child,
            lifetime,
            endpoint: endpoint(port),
        })
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if self.lifetime == Lifetime::Value {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Starts an emulator in the background and prints how to use it.
pub fn start(group: Group) -> Outcome<()> {
    if let Some(record) = running(group)? {
        println!(
            "{} is already running (process {}).\n",
            group.name(),
            record.pid
        );
        print_block(record.port);
        return Ok(());
    }
    // The port that LocalStack made customary, so that a block that was pasted once goes on working.
    let customary = TcpListener::bind((Ipv4Addr::LOCALHOST, 4566))
        .is_ok()
        .then_some(4566);
    let (child, port) = spawn(group, customary, Lifetime::UntilStopped)?;
    remember(
        group,
        &Record {
            pid: child.id(),
            port,
        },
    )?;
    println!(
        "{} is running (process {}); `cargo xtask emulator stop` ends it.\n",
        group.name(),
        child.id()
    );
    print_block(port);
    Ok(())
}

/// Stops every emulator that [`start`] left in the background.
pub fn stop() -> Outcome<()> {
    let mut stopped = 0;
    for group in [Group::Moto, Group::Ministack, Group::LocalStack] {
        if let Some(record) = running(group)? {
            output(Command::new("kill").arg(record.pid.to_string()))?;
            println!("{} (process {}) stopped", group.name(), record.pid);
            stopped += 1;
        }
        let _ = fs::remove_file(record_file(group));
    }
    if stopped == 0 {
        println!("No emulator is running.");
    }
    Ok(())
}

fn spawn(group: Group, port: Option<u16>, lifetime: Lifetime) -> Outcome<(Child, u16)> {
    let python = tools::python(group)?.ok_or_else(|| {
        format!(
            "{} needs Python 3.13 on PATH, and none was found",
            group.name()
        )
    })?;
    let port = match port {
        Some(port) => port,
        None => free_port().map_err(|e| format!("no free port on 127.0.0.1: {e}"))?,
    };
    let folder = target()
        .join("emulators")
        .join(format!("{}-{port}", group.name()));
    fs::create_dir_all(&folder).map_err(|e| format!("cannot make {}: {e}", folder.display()))?;
    let log_file = folder.join("log");
    let (log, errors) = File::create(&log_file)
        .and_then(|log| Ok((log.try_clone()?, log)))
        .map_err(|e| format!("cannot write {}: {e}", log_file.display()))?;
    let mut command = Command::new(python);
    command
        .arg(root().join("acceptance-tests/python/emulator.py"))
        .args([group.name(), &port.to_string()])
        .arg(&folder)
        .stdout(log)
        .stderr(errors);
    match lifetime {
        Lifetime::Value => command.arg("--with-parent").stdin(Stdio::piped()),
        // A process group of its own, so that a later Ctrl-C in this terminal doesn't reach it.
        Lifetime::UntilStopped => command.process_group(0).stdin(Stdio::null()),
    };
    let mut child = command
        .spawn()
        .map_err(|e| format!("{} does not start: {e}", group.name()))?;
    with_progress(&format!("Starting {} on port {port}", group.name()), || {
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = child.try_wait().map_err(|e| e.to_string())?;
            if ended.is_some() || started.elapsed() > START_DEADLINE {
                let _ = child.kill();
                return Err(format!(
                    "{} did not start:\n{}",
                    group.name(),
                    read(&log_file)?
                ));
            }
            thread::sleep(Duration::from_millis(25));
        }
        Ok(())
    })?;
    Ok((child, port))
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn record_file(group: Group) -> PathBuf {
    target()
        .join("emulators")
        .join(format!("{}.json", group.name()))
}

fn remember(group: Group, record: &Record) -> Outcome<()> {
    write(
        &record_file(group),
        serde_json::to_string(record).map_err(|e| e.to_string())?,
    )
}

/// The recorded emulator, if its process is still that emulator: process ids are used again.
fn running(group: Group) -> Outcome<Option<Record>> {
    let Ok(text) = fs::read_to_string(record_file(group)) else {
        return Ok(None);
    };
    let Ok(record) = serde_json::from_str::<Record>(&text) else {
        return Ok(None);
    };
    let command = output(Command::new("ps").args(["-o", "args=", "-p", &record.pid.to_string()]));
    let is_ours =
        command.is_ok_and(|line| line.contains("emulator.py") && line.contains(group.name()));
    Ok(is_ours.then_some(record))
}

fn print_block(port: u16) {
    println!(
        "Paste this into a configuration:

provider \"platform\" {{
  region                      = \"us-east-1\"
  access_key                  = \"test\"
  secret_key                  = \"test\"
  skip_credentials_validation = true
  s3_use_path_style           = true
}}

and point every service at the emulator:

export AWS_ENDPOINT_URL={}",
        endpoint(port)
    );
}
