//! TLS and proxies over real sockets.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use platform_aws::{Client, Config, ErrorKind};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsAcceptor;

const REPLY: &str = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n<R><vpcSet/></R>    ";

fn config(endpoint: String) -> Config {
    Config {
        access_key: Some("AKIDEXAMPLE".to_owned()),
        secret_key: Some("secret".into()),
        skip_credentials_validation: true,
        max_retries: Some(0),
        endpoints: [("ec2".to_owned(), endpoint)].into(),
        ..Config::default()
    }
}

async fn describe(config: Config) -> Result<serde_json::Value, platform_aws::Error> {
    Client::connect(config)
        .await
        .unwrap()
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
}

/// An HTTPS server with a certificate of its own; returns its endpoint and the certificate in PEM.
async fn https() -> (String, String) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key =
        rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(tls));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!(
        "https://localhost:{}",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that distrusts the certificate hangs up.
            let Ok(mut stream) = acceptor.accept(stream).await else {
                continue;
            };
            let mut request = [0; 8192];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(REPLY.as_bytes()).await;
        }
    });
    (endpoint, certified.cert.pem())
}

#[tokio::test]
async fn a_certificate_is_trusted_only_when_the_bundle_has_it() {
    let (endpoint, certificate) = https().await;
    let error = describe(config(endpoint.clone())).await.unwrap_err();
    assert_eq!(
        (error.kind, &*error.code),
        (ErrorKind::Transient, "NotReachable")
    );
    assert!(error.message.contains("certificate"), "{error}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.pem");
    std::fs::write(&path, certificate).unwrap();
    let bundle = Some(path.to_str().unwrap().to_owned());
    let answer = describe(Config {
        custom_ca_bundle: bundle,
        ..config(endpoint.clone())
    })
    .await;
    assert_eq!(answer, Ok(json!({ "Vpcs": [] })));

    let missing = describe(Config {
        custom_ca_bundle: Some("/nowhere.pem".to_owned()),
        ..config(endpoint)
    })
    .await;
    assert!(
        missing
            .unwrap_err()
            .message
            .contains("custom_ca_bundle /nowhere.pem")
    );
}

/// A proxy that answers for the host behind it; returns its address and what it was asked.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let heard = asked.clone();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        heard.lock().unwrap().extend(head(&mut reader));
        (&stream)
            .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
            .unwrap();
        heard.lock().unwrap().extend(head(&mut reader));
        (&stream).write_all(REPLY.as_bytes()).unwrap();
    });
    (address, asked)
}

fn head(reader: &mut BufReader<TcpStream>) -> Vec<String> {
    let lines = reader.lines().map(Result::unwrap);
    lines
        .take_while(|line| !line.is_empty())
        .map(|line| line.to_ascii_lowercase())
        .collect()
}

#[tokio::test]
async fn a_proxy_is_asked_for_a_tunnel_except_for_hosts_that_need_none() {
    let (address, asked) = proxy();
    let through = Config {
        http_proxy: Some(format!("http://user:password@{address}")),
        no_proxy: Some("localhost".to_owned()),
        ..config("http://ec2.internal.example".to_owned())
    };
    assert_eq!(describe(through.clone()).await, Ok(json!({ "Vpcs": [] })));
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked[0], "connect ec2.internal.example:80 http/1.1");
    assert!(
        asked
            .iter()
            .any(|line| line.starts_with("proxy-authorization: basic ")),
        "{asked:?}"
    );
    assert!(
        asked
            .iter()
            .any(|line| line == "host: ec2.internal.example"),
        "{asked:?}"
    );

    // Nobody listens there, which only a direct connection finds out.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let direct = Config {
        endpoints: [("ec2".to_owned(), format!("http://localhost:{port}"))].into(),
        ..through
    };
    let error = describe(direct).await.unwrap_err();
    assert!(error.message.contains("refused"), "{error}");
}
