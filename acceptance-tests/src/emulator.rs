//! Emulators of AWS: one process per test, on a free port of 127.0.0.1, and copies of such a process.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::api::Api;
use crate::ensure;
use crate::failure::{Failure, Outcome};
use crate::http;
use crate::workspace;

/// LocalStack imports for about ten seconds on a busy machine; the others are up in one or two.
const START_DEADLINE: Duration = Duration::from_secs(90);

/// Which emulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavor {
    /// moto's server: the default.
    Moto,
    /// ministack.
    Ministack,
    /// LocalStack's community edition, run on the host without Docker.
    LocalStack,
}

impl Flavor {
    /// The name of its tool folder.
    pub fn name(self) -> &'static str {
        match self {
            Flavor::Moto => "moto",
            Flavor::Ministack => "ministack",
            Flavor::LocalStack => "localstack",
        }
    }

    fn health_path(self) -> &'static str {
        match self {
            Flavor::Moto => "/moto-api/",
            Flavor::Ministack => "/_ministack/health",
            Flavor::LocalStack => "/_localstack/health",
        }
    }
}

/// A running emulator. Dropping it ends the process, and with it every copy that was made of it.
#[derive(Debug)]
pub struct Emulator {
    flavor: Flavor,
    address: SocketAddr,
    process: Process,
}

/// Who ends an emulator, and how.
#[derive(Debug)]
enum Process {
    /// Started here. It ends when its standard input does, which is held here.
    Started { child: Child, home: TempDir },
    /// Forked by another emulator, whose standard input it shares. It is asked to end.
    Forked,
}

impl Emulator {
    /// Starts moto, which every scenario may rely on.
    pub fn moto() -> Outcome<Self> {
        Self::start(Flavor::Moto)?.ok_or_else(|| Failure::new("moto is not installed"))
    }

    /// Starts an emulator and waits until it answers. `None`, with a notice, if it is one that a machine
    /// may lack and this one does; moto is never lacking without an error.
    pub fn start(flavor: Flavor) -> Outcome<Option<Self>> {
        Self::start_with(flavor, &[])
    }

    /// Starts a moto that can be [forked](Emulator::fork).
    pub fn forkable() -> Outcome<Self> {
        Self::start_with(Flavor::Moto, &["--forkable"])?
            .ok_or_else(|| Failure::new("moto is not installed"))
    }

    #[expect(
        clippy::print_stdout,
        reason = "the test runner shows the notice with the test"
    )]
    fn start_with(flavor: Flavor, options: &[&str]) -> Outcome<Option<Self>> {
        let Some(python) = workspace::emulator_python(flavor.name()) else {
            ensure!(
                flavor != Flavor::Moto,
                "moto is not installed; `cargo xtask test acceptance` installs it under target/tools"
            );
            println!("{} is not installed here: scenario skipped", flavor.name());
            return Ok(None);
        };
        let home = TempDir::new()?;
        let port = free_port()?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let child = spawn(flavor, &python, port, home.path(), options)?;
        let mut emulator = Self {
            flavor,
            address,
            process: Process::Started { child, home },
        };
        emulator.wait_until_ready()?;
        Ok(Some(emulator))
    }

    /// Which emulator this is.
    pub fn flavor(&self) -> Flavor {
        self.flavor
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its base URL.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A copy with everything that exists, which goes on from here on its own; it takes milliseconds.
    ///
    /// Only for an emulator that was started [forkable](Emulator::forkable), and for copies of one. A copy ends with
    /// the emulator that was started.
    pub fn fork(&self) -> Outcome<Self> {
        let reply = http::send(self.address, "POST", "/fork", &[], String::new())?;
        ensure!(
            reply.status == 200,
            "{} cannot be copied: {}",
            self.flavor.name(),
            reply.body
        );
        let port: u16 = reply.body.trim().parse()?;
        Ok(Self {
            flavor: self.flavor,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            process: Process::Forked,
        })
    }

    /// Forgets everything that exists.
    pub fn reset(&mut self) -> Outcome<()> {
        let path = match self.flavor {
            Flavor::Moto => "/moto-api/reset",
            Flavor::Ministack => "/_ministack/reset",
            // The community edition has no reset call.
            Flavor::LocalStack => {
                if let Some(fresh) = Self::start(self.flavor)? {
                    *self = fresh;
                }
                return Ok(());
            }
        };
        let reply = http::send(self.address, "POST", path, &[], String::new())?;
        ensure!(
            reply.status == 200,
            "{path} answers {}: {}",
            reply.status,
            reply.body
        );
        Ok(())
    }

    /// AWS as it looks through this emulator.
    pub fn api(&self) -> Api {
        Api::at(self.address)
    }

    fn wait_until_ready(&mut self) -> Outcome<()> {
        let started = Instant::now();
        loop {
            let answer = http::send(
                self.address,
                "GET",
                self.flavor.health_path(),
                &[],
                String::new(),
            );
            if answer.is_ok_and(|reply| reply.status < 500) {
                return Ok(());
            }
            let Process::Started { child, home } = &mut self.process else {
                return Err(Failure::new("a copy does not answer"));
            };
            let ended = child.try_wait()?;
            if ended.is_some() || started.elapsed() > START_DEADLINE {
                let log = fs::read_to_string(home.path().join("log")).unwrap_or_default();
                return Err(Failure::new(format!(
                    "{} did not start:\n{log}",
                    self.flavor.name()
                )));
            }
            thread::sleep(Duration::from_millis(25));
        }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        match &mut self.process {
            Process::Started { child, .. } => {
                let _ = child.kill();
                let _ = child.wait();
            }
            // Its answer is the end of the connection.
            Process::Forked => {
                let _ = http::send(self.address, "POST", "/end", &[], String::new());
            }
        }
    }
}

fn spawn(
    flavor: Flavor,
    python: &Path,
    port: u16,
    home: &Path,
    options: &[&str],
) -> Outcome<Child> {
    let log = File::create(home.join("log"))?;
    Ok(Command::new(python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("python/emulator.py"))
        .args([flavor.name(), &port.to_string()])
        .arg(home)
        .arg("--with-parent")
        .args(options)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()?)
}

/// A port on which nothing listens, below those that the kernel hands out: of these, one that is free now may be a connection's or a
/// proxy's by the time the emulator has loaded, and another test would be taken for it.
fn free_port() -> Outcome<u16> {
    const FIRST: u16 = 12_000;
    const COUNT: u32 = 20_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(17);
    (0..COUNT)
        .filter_map(|_| {
            let next = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
            FIRST.checked_add(u16::try_from(next).ok()?)
        })
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .ok_or_else(|| Failure::new("every port for an emulator is taken"))
}
