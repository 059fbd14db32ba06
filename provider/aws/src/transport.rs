//! What carries a request to AWS: HTTP/1.1 over kept-alive connections, TLS by rustls with AWS's cryptography.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::uri::Scheme;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connect, HttpConnector};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tower_service::Service;

use crate::config::Config;
use crate::error::with_causes;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What carries a request. The client's own speaks HTTP; a simulator or a test answers by itself.
pub trait Transport: Send + Sync + fmt::Debug {
    /// Sends a signed request and returns the whole reply.
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, SendError>>;
}

/// Why no reply came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The request can't have reached the service: no connection.
    #[error("{0}")]
    NotSent(String),
    /// The request may have reached the service.
    #[error("{0}")]
    NoReply(String),
}

/// Replies beyond this aren't any of the operations the client knows.
const LONGEST_REPLY: usize = 256 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Below the minute or so after which AWS closes an idle connection, so that few requests meet a dying one.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// This machine, and the services of the machine that hand out credentials: a proxy can't reach them for us.
const NEVER_PROXIED: &str = "localhost,127.0.0.0/8,::1,169.254.0.0/16,fd00:ec2::/32";

type PlainClient = Client<Route, Full<Bytes>>;
type SecureClient = Client<HttpsConnector<Route>, Full<Bytes>>;

/// HTTP over TCP. Certificates are read before the first request that needs them.
pub struct Http {
    custom_ca_bundle: Option<String>,
    proxies: Arc<Matcher>,
    plain: OnceLock<PlainClient>,
    secure: OnceLock<Result<SecureClient, String>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").finish_non_exhaustive()
    }
}

impl Http {
    /// The transport of a configuration: its proxies and certificates.
    pub fn new(config: &Config) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let proxies = Matcher::builder()
            .http(text(&config.http_proxy))
            .https(text(&config.https_proxy))
            .no(format!("{NEVER_PROXIED},{}", text(&config.no_proxy)))
            .build();
        Self {
            custom_ca_bundle: config.custom_ca_bundle.clone(),
            proxies: Arc::new(proxies),
            plain: OnceLock::new(),
            secure: OnceLock::new(),
        }
    }

    fn plain(&self) -> &PlainClient {
        self.plain.get_or_init(|| pooled(self.route()))
    }

    fn secure(&self) -> Result<&SecureClient, SendError> {
        let client = self.secure.get_or_init(|| {
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(self.tls()?)
                .https_only()
                .enable_http1()
                .wrap_connector(self.route());
            Ok(pooled(connector))
        });
        client
            .as_ref()
            .map_err(|reason| SendError::NotSent(reason.clone()))
    }

    fn route(&self) -> Route {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Route {
            tcp,
            proxies: self.proxies.clone(),
        }
    }

    fn tls(&self) -> Result<ClientConfig, String> {
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let Some(path) = &self.custom_ca_bundle else {
            // On a machine without certificates the connection says what is wrong.
            return Ok(match config.clone().with_native_roots() {
                Ok(config) => config.with_no_client_auth(),
                Err(_) => config
                    .with_root_certificates(RootCertStore::empty())
                    .with_no_client_auth(),
            });
        };
        let broken = |error: &dyn fmt::Display| format!("custom_ca_bundle {path}: {error}");
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(path).map_err(|error| broken(&error))? {
            let certificate = certificate.map_err(|error| broken(&error))?;
            roots.add(certificate).map_err(|error| broken(&error))?;
        }
        Ok(config.with_root_certificates(roots).with_no_client_auth())
    }
}

impl Transport for Http {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, SendError>> {
        Box::pin(async move {
            let is_secure = request.uri().scheme() == Some(&Scheme::HTTPS);
            let request = request.map(Full::new);
            let reply = if is_secure {
                self.secure()?.request(request)
            } else {
                self.plain().request(request)
            };
            let sent = reply.await.map_err(|error| {
                let reason = with_causes(&error);
                if error.is_connect() {
                    SendError::NotSent(reason)
                } else {
                    SendError::NoReply(reason)
                }
            })?;
            let (parts, body) = sent.into_parts();
            let body = Limited::new(body, LONGEST_REPLY).collect().await;
            let body = body.map_err(|error| SendError::NoReply(with_causes(error.as_ref())))?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        })
    }
}

/// A client that keeps connections alive.
fn pooled<C: Connect + Clone>(connector: C) -> Client<C, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_timer(TokioTimer::new())
        .build(connector)
}

/// Connects directly or through the proxy that the configuration names for the host.
#[derive(Clone)]
struct Route {
    tcp: HttpConnector,
    proxies: Arc<Matcher>,
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Service<Uri> for Route {
    type Response = TokioIo<TcpStream>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.tcp.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, destination: Uri) -> Self::Future {
        let mut tcp = self.tcp.clone();
        let Some(proxy) = self.proxies.intercept(&destination) else {
            return Box::pin(async move { tcp.call(destination).await.map_err(Into::into) });
        };
        let mut tunnel = Tunnel::new(proxy.uri().clone(), tcp);
        if let Some(auth) = proxy.basic_auth() {
            tunnel = tunnel.with_auth(auth.clone());
        }
        Box::pin(async move {
            tunnel
                .call(with_port(destination)?)
                .await
                .map_err(Into::into)
        })
    }
}

/// A tunnel takes 443 for granted, also to plain HTTP.
fn with_port(destination: Uri) -> Result<Uri, http::Error> {
    let (Some(host), "http", None) = (
        destination.host(),
        destination.scheme_str().unwrap_or_default(),
        destination.port(),
    ) else {
        return Ok(destination);
    };
    let authority = format!("{host}:80");
    Uri::builder()
        .scheme("http")
        .authority(authority)
        .path_and_query("/")
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_needs_no_proxy() {
        let http = Http::new(&Config {
            http_proxy: Some("http://proxy:3128".to_owned()),
            https_proxy: Some("http://proxy:3128".to_owned()),
            no_proxy: Some(".internal.example".to_owned()),
            ..Config::default()
        });
        let proxied = |uri: &'static str| http.proxies.intercept(&Uri::from_static(uri)).is_some();
        for near in [
            "http://127.0.0.1:4566/",
            "http://localhost:4566/",
            "http://[::1]:4566/",
            "http://169.254.169.254/latest",
            "http://169.254.170.2/v2",
            "http://[fd00:ec2::254]/latest",
            "https://ec2.internal.example/",
        ] {
            assert!(!proxied(near), "{near}");
        }
        assert!(proxied("https://ec2.eu-west-1.amazonaws.com/"));
        assert!(proxied("http://example.com/"));
    }
}
