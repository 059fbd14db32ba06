//! Connections as they come in: each gets its own task and deadline for TLS, and none can stop the others.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::server::Connected;

use super::activity::{Activity, Held};
use super::handshake::Listener;

const TLS_DEADLINE: Duration = Duration::from_secs(10);

/// A pause after a failed accept, which otherwise could fail again at once and for ever (no file descriptors left).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

trait Stream: AsyncRead + AsyncWrite + Send {}
impl<T: AsyncRead + AsyncWrite + Send> Stream for T {}

/// An open connection, counted as long as it lives.
pub(super) struct Connection {
    stream: Pin<Box<dyn Stream>>,
    _held: Held,
}

/// Accepts for as long as the returned stream is held.
pub(super) fn incoming(
    listener: Arc<Listener>,
    tls: Option<Arc<ServerConfig>>,
    open: Activity,
) -> ReceiverStream<io::Result<Connection>> {
    let (sender, receiver) = mpsc::channel(16);
    let tls = tls.map(TlsAcceptor::from);
    tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = sender.closed() => return,
            };
            let stream = match accepted {
                Ok(stream) => stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let (tls, sender, held) = (tls.clone(), sender.clone(), open.enter());
            tokio::spawn(async move {
                let stream: Pin<Box<dyn Stream>> = match tls {
                    None => Box::pin(stream),
                    Some(tls) => match tokio::time::timeout(TLS_DEADLINE, tls.accept(stream)).await
                    {
                        Ok(Ok(stream)) => Box::pin(stream),
                        Ok(Err(error)) => return tracing::warn!(%error, "a connection was refused"),
                        Err(_) => {
                            return tracing::warn!("a connection did not complete TLS in time");
                        }
                    },
                };
                // Nobody receives once the server ends; then the connection is to close anyway.
                let _ = sender
                    .send(Ok(Connection {
                        stream,
                        _held: held,
                    }))
                    .await;
            });
        }
    });
    ReceiverStream::new(receiver)
}

impl Connected for Connection {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.stream.as_mut().poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream.as_mut().poll_shutdown(cx)
    }
}
