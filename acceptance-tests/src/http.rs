//! A blocking HTTP/1.1 client for talking to an emulator from a test.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::failure::{Failure, Outcome};

/// A reply: status and body.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status code.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// An emulator that says nothing for so long hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// Sends one request on a connection of its own and waits for the reply, for a minute at most.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Outcome<Reply> {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(Bytes::from(body)))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let reply = tokio::time::timeout(DEADLINE, exchange(address, request))
            .await
            .map_err(|_| Failure::new(format!("{address} does not answer {method} {path}")))??;
        Ok(Reply {
            status: reply.status().as_u16(),
            body: String::from_utf8_lossy(reply.body()).into_owned(),
        })
    })
}

/// Sends a request on a new connection and collects the reply.
///
/// One connection per request: a kept-alive connection that the server has just closed would look
/// like a fault of the network, and the tests place their faults themselves.
pub(crate) async fn exchange(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Outcome<Response<Bytes>> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|e| Failure::new(format!("nothing answers at {address}: {e}")))?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let (parts, body) = sender.send_request(request).await?.into_parts();
    Ok(Response::from_parts(
        parts,
        body.collect().await?.to_bytes(),
    ))
}
