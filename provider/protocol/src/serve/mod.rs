//! A provider process from its start to its end.
//!
//! Flow: listen on a socket that only this user can reach; print the one line that tells the host where; serve; end.
//!
//! Guarantees: nothing but that line is ever written to standard output. Only the host's certificate gets in. Requests in
//! flight end properly, except when the host itself says that it is done. The socket is removed. Nothing is done before the
//! line but making a certificate: Terraform starts the process three times for one plan.
//!
//! How it ends: `Shutdown` ends it at once (the host kills after two seconds). SIGTERM stops work in flight and ends it when
//! idle. SIGINT is ignored, since it goes to the whole process group and the host follows it up itself; only a process
//! started by hand ends by it. When the host is gone without a word, which a killed Terraform is, work in flight is stopped as
//! well: the calls it has sent have to be awaited, but whatever it began from now on nobody would record, and nobody holds
//! the lock on the state any more that keeps the next run from beginning the same.
//!
//! Caveats: `PLUGIN_UNIX_SOCKET_GROUP` is not honoured; Terraform doesn't set it. AWS-LC, left to itself, measures timing
//! jitter as extra entropy at its first use, which is nine tenths of the time to the handshake; built with
//! `AWS_LC_SYS_NO_JITTER_ENTROPY=1` it takes the operating system's alone.

pub(crate) mod activity;
mod connection;
mod controller;
mod handshake;
mod tls;

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use tonic::transport::Server;

use self::activity::Activity;
use self::controller::{Broker, Controller, Stdio};
pub use self::handshake::launched_by_terraform;
use self::handshake::{Environment, Listener};
use crate::cancel::{Cancel, Rearming};
use crate::log;
use crate::proto::plugin::grpc_broker_server::GrpcBrokerServer;
use crate::proto::plugin::grpc_controller_server::GrpcControllerServer;
use crate::proto::plugin::grpc_stdio_server::GrpcStdioServer;
use crate::proto::tfplugin6::provider_server::ProviderServer;
use crate::provider::Provider;
use crate::server::Rpc;

/// The largest request and response, as in HashiCorp's servers.
const MESSAGE_LIMIT: usize = 256 << 20;

/// How long connections may take to close once the process is to end.
const CLOSING: Duration = Duration::from_millis(500);

/// How often to look whether the parent process is still there.
const PARENT_POLL: Duration = Duration::from_millis(500);

/// How long to wait for the first connection, and for another one after the last was lost.
const FIRST_CONNECTION: Duration = Duration::from_secs(60);
const RECONNECTION: Duration = Duration::from_secs(5);

/// How a provider process runs.
#[derive(Debug, Clone)]
pub struct ServeOptions {
    /// The provider's address, `registry.terraform.io/namespace/name`.
    pub address: String,
    /// Started by hand, to be attached to: no TLS, no end but by signal, and instead of the handshake the line to set
    /// `TF_REATTACH_PROVIDERS` with.
    pub debug: bool,
}

/// Why a provider process can't serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A person started it.
    #[error(
        "This program is a Terraform plugin. It is meant to be started by Terraform, which finds it by its name in the \
         `required_providers` of a configuration."
    )]
    NotLaunchedByTerraform,
    /// The runtime, the socket or standard output fails.
    #[error("The provider can't {attempt}: {error}")]
    Io {
        /// What was attempted.
        attempt: &'static str,
        /// What the system says.
        error: io::Error,
    },
    /// The host's certificate is unusable, or no own one can be made.
    #[error("The provider can't secure its connection: {0}")]
    Tls(String),
    /// The server failed.
    #[error("The provider's server failed: {0}")]
    Server(#[from] tonic::transport::Error),
}

fn io_error(attempt: &'static str) -> impl Fn(io::Error) -> ServeError {
    move |error| ServeError::Io { attempt, error }
}

/// Serves `provider` until the host ends it. Returns for the caller to end the process with.
///
/// Logging to standard error is set up as Terraform's environment variables ask, and a panic hook that reports in the form
/// that Terraform shows to the user.
///
/// # Errors
/// When it can't even start, with a text for the person who started it; see [`launched_by_terraform`] for telling that
/// apart beforehand.
pub fn serve<P: Provider>(provider: P, options: &ServeOptions) -> Result<(), ServeError> {
    if !options.debug && !launched_by_terraform() {
        return Err(ServeError::NotLaunchedByTerraform);
    }
    log::init(options.address.rsplit('/').next().unwrap_or_default());
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get().clamp(2, 8));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(io_error("start its runtime"))?;
    let served = runtime.block_on(run(Arc::new(provider), options));
    // Whatever still runs, the host doesn't wait for it.
    runtime.shutdown_background();
    served
}

async fn run<P: Provider>(provider: Arc<P>, options: &ServeOptions) -> Result<(), ServeError> {
    let environment = Environment::read();
    let listener = Arc::new(Listener::bind(&environment).map_err(io_error("listen"))?);
    let served = run_on(&listener, provider, &environment, options).await;
    listener.unlink();
    served
}

async fn run_on<P: Provider>(
    listener: &Arc<Listener>,
    provider: Arc<P>,
    environment: &Environment,
    options: &ServeOptions,
) -> Result<(), ServeError> {
    let address = listener.address().map_err(io_error("listen"))?;
    let tls = match &environment.client_certificate {
        Some(pem) if !options.debug => {
            Some(tls::configure(pem).map_err(|error| ServeError::Tls(error.to_string()))?)
        }
        _ => None,
    };
    let signals = Signals::install().map_err(io_error("handle signals"))?;
    announce(&if options.debug {
        handshake::reattach_line(&options.address, &address)
    } else {
        let certificate = tls.as_ref().map(|(_, certificate)| certificate.as_ref());
        handshake::line(&address, certificate, environment.knows_multiplexing)
    })
    .map_err(io_error("write to standard output"))?;

    let (connections, requests) = (Activity::new(), Activity::new());
    let cancel = Arc::new(Rearming::new());
    let (shutdown, shut_down) = Cancel::new();
    let (end, ended) = Cancel::new();
    let rpc = Rpc::new(provider, Arc::clone(&cancel), requests.clone());
    let stop = rpc.stopper();
    let (health, health_server) = tonic_health::server::health_reporter();
    health
        .set_service_status("plugin", tonic_health::ServingStatus::Serving)
        .await;

    let closing = ended.clone();
    let mut server = std::pin::pin!(
        Server::builder()
            .add_service(
                ProviderServer::new(rpc)
                    .max_decoding_message_size(MESSAGE_LIMIT)
                    .max_encoding_message_size(MESSAGE_LIMIT),
            )
            .add_service(GrpcControllerServer::new(Controller(shutdown)))
            .add_service(GrpcBrokerServer::new(Broker(ended.clone())))
            .add_service(GrpcStdioServer::new(Stdio(ended)))
            .add_service(health_server)
            .serve_with_incoming_shutdown(
                connection::incoming(
                    Arc::clone(listener),
                    tls.map(|(config, _)| config),
                    connections.clone()
                ),
                async move { closing.cancelled().await },
            )
    );
    let finished = async {
        tokio::select! {
            () = shut_down.cancelled(), if !options.debug => tracing::debug!("the host is done"),
            () = signals.terminate(options.debug) => {
                stop();
                requests.none().await;
            }
            () = abandoned(&connections), if !options.debug => {
                tracing::warn!("the host is gone; finishing what is in flight");
                stop();
                requests.none().await;
            }
        }
    };
    tokio::select! {
        served = &mut server => return Ok(served?),
        () = finished => end.cancel(),
    }
    match tokio::time::timeout(CLOSING, server).await {
        Ok(served) => Ok(served?),
        Err(_) => Ok(()),
    }
}

/// Standard output is the host's: one line, and if it can't be written nobody is there.
fn announce(line: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(line.as_bytes())?;
    stdout.flush()
}

/// Resolves when the host is gone without having said so.
async fn abandoned(connections: &Activity) {
    tokio::select! {
        () = orphaned() => {}
        () = disconnected(connections) => {}
    }
}

async fn disconnected(connections: &Activity) {
    let (mut seen, mut patience) = (0, FIRST_CONNECTION);
    while tokio::time::timeout(patience, connections.more_than(seen))
        .await
        .is_ok()
    {
        (seen, patience) = (connections.ever(), RECONNECTION);
        connections.none().await;
    }
}

/// Resolves when the parent process has ended: another one is the parent then.
#[cfg(unix)]
async fn orphaned() {
    use std::os::unix::process::parent_id;
    let parent = parent_id();
    while parent_id() == parent {
        tokio::time::sleep(PARENT_POLL).await;
    }
}

#[cfg(not(unix))]
async fn orphaned() {
    let _ = PARENT_POLL;
    std::future::pending().await
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn install() -> io::Result<Signals> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Signals {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Resolves on a signal that is to end the process. Installed handlers keep SIGINT from ending it by default.
    async fn terminate(mut self, interruptible: bool) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => if interruptible { return },
            }
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn install() -> io::Result<Signals> {
        Ok(Signals)
    }

    async fn terminate(self, interruptible: bool) {
        while tokio::signal::ctrl_c().await.is_ok() {
            if interruptible {
                return;
            }
        }
        std::future::pending().await
    }
}
