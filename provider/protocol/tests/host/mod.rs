//! Terraform's side of the protocol: starts a plugin as go-plugin does, and talks to it.

use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::Stdio;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use base64::Engine as _;
use hyper_util::rt::TokioIo;
use platform_protocol::{Type, Value};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStdout, Command};
use tonic::codegen::http::Uri;
use tonic::transport::{Channel, Endpoint};

#[allow(missing_docs, dead_code, clippy::all)]
pub mod tfplugin6 {
    tonic::include_proto!("client/tfplugin6");
}

#[allow(missing_docs, dead_code, clippy::all)]
pub mod plugin {
    tonic::include_proto!("client/plugin");
}

pub use tfplugin6::provider_client::ProviderClient;

pub const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

/// The plugin under test, built beside this test.
pub fn plugin_path() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let path = test
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples")
        .join("tiny");
    assert!(
        path.exists(),
        "{} is missing; build it with `cargo build --example tiny`",
        path.display()
    );
    path
}

/// A certificate as Go's AutoMTLS makes it: P-521, an authority of its own.
pub struct Identity {
    certificate: CertificateDer<'static>,
    key: rcgen::KeyPair,
}

impl Identity {
    pub fn new() -> Identity {
        let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
        let mut params = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(rcgen::DnType::OrganizationName, "HashiCorp");
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Identity { certificate, key }
    }

    pub fn pem(&self) -> String {
        let base64 = base64::engine::general_purpose::STANDARD.encode(&self.certificate);
        format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
    }
}

/// A plugin process.
pub struct Host {
    pub child: Child,
    pub stdout: BufReader<ChildStdout>,
    pub line: String,
    pub socket: PathBuf,
    pub server_certificate: Option<CertificateDer<'static>>,
    pub started_in: Duration,
}

/// The command as Terraform would start it, short of its environment for TLS.
pub fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("TF_PLUGIN_MAGIC_COOKIE", COOKIE)
        .env("PLUGIN_PROTOCOL_VERSIONS", "5,6")
        .env("PLUGIN_MIN_PORT", "10000")
        .env("PLUGIN_MAX_PORT", "25000")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

impl Host {
    pub async fn start(identity: Option<&Identity>) -> Host {
        let mut command = command(&plugin_path());
        if let Some(identity) = identity {
            command.env("PLUGIN_CLIENT_CERT", identity.pem());
        }
        Host::spawn(command).await
    }

    pub async fn spawn(mut command: Command) -> Host {
        let start = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        tokio::time::timeout(Duration::from_secs(20), stdout.read_line(&mut line))
            .await
            .unwrap()
            .unwrap();
        let started_in = start.elapsed();
        let fields: Vec<&str> = line.trim_end().split('|').collect();
        assert_eq!(
            (fields.len(), &fields[..3], fields[4]),
            (6, &["1", "6", "unix"][..], "grpc"),
            "{line}"
        );
        let socket = PathBuf::from(fields[3]);
        let certificate = base64::engine::general_purpose::STANDARD_NO_PAD
            .decode(fields[5])
            .unwrap();
        let server_certificate = (!certificate.is_empty()).then(|| certificate.into());
        Host {
            child,
            stdout,
            line,
            socket,
            server_certificate,
            started_in,
        }
    }

    /// Connects as `identity`, or without presenting a certificate.
    pub async fn connect(
        &self,
        identity: Option<&Identity>,
    ) -> Result<Channel, tonic::transport::Error> {
        connect(
            self.socket.clone(),
            self.server_certificate.clone(),
            identity,
        )
        .await
    }

    /// Everything else the plugin ever wrote to its standard output.
    pub async fn rest_of_stdout(&mut self) -> String {
        let mut rest = String::new();
        self.stdout.read_to_string(&mut rest).await.unwrap();
        rest
    }

    pub fn signal(&self, signal: &str) {
        kill(self.child.id().unwrap(), signal);
    }
}

/// A plugin that is killed can't clean up after itself.
impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let _ = self.socket.parent().map(std::fs::remove_dir_all);
    }
}

pub fn kill(pid: u32, signal: &str) {
    let status = std::process::Command::new("kill")
        .args([&format!("-{signal}"), &pid.to_string()])
        .status();
    assert!(status.unwrap().success());
}

/// Waits for `condition`, at most `patience`.
pub async fn eventually(patience: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < patience {
        if condition() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    condition()
}

pub async fn connect(
    socket: PathBuf,
    server: Option<CertificateDer<'static>>,
    identity: Option<&Identity>,
) -> Result<Channel, tonic::transport::Error> {
    let tls = server.map(|certificate| {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(certificate).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let key = PrivateKeyDer::Pkcs8(identity.key.serialize_der().into());
                builder
                    .with_client_auth_cert(vec![identity.certificate.clone()], key)
                    .unwrap()
            }
        };
        config.alpn_protocols = vec![b"h2".to_vec()];
        tokio_rustls::TlsConnector::from(Arc::new(config))
    });
    Endpoint::from_static("http://localhost")
        .connect_with_connector(Connector { socket, tls })
        .await
}

#[derive(Clone)]
struct Connector {
    socket: PathBuf,
    tls: Option<tokio_rustls::TlsConnector>,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

impl tonic::codegen::Service<Uri> for Connector {
    type Response = TokioIo<Box<dyn Stream>>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let Connector { socket, tls } = self.clone();
        Box::pin(async move {
            let stream = UnixStream::connect(socket).await?;
            let stream: Box<dyn Stream> = match tls {
                None => Box::new(stream),
                Some(tls) => {
                    let stream = tls
                        .connect(ServerName::try_from("localhost").unwrap(), stream)
                        .await?;
                    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                    Box::new(stream)
                }
            };
            Ok(TokioIo::new(stream))
        })
    }
}

pub fn encode(value: &Value, ty: &Type) -> Option<tfplugin6::DynamicValue> {
    Some(tfplugin6::DynamicValue {
        msgpack: value.to_msgpack(ty).unwrap(),
        json: Vec::new(),
    })
}

pub fn decode(value: Option<tfplugin6::DynamicValue>, ty: &Type) -> Value {
    Value::from_msgpack(&value.expect("a value").msgpack, ty).unwrap()
}
