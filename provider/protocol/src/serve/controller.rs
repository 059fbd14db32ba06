//! The services that go-plugin expects of every plugin: being told to end, and two streams that Terraform opens on every
//! connection and this provider has no use for.

use std::pin::Pin;

use futures_util::{Stream, StreamExt as _, stream};
use tonic::{Request, Response, Status, Streaming};

use crate::cancel::{Cancel, CancelTrigger};
use crate::proto::plugin::grpc_broker_server::GrpcBroker;
use crate::proto::plugin::grpc_controller_server::GrpcController;
use crate::proto::plugin::grpc_stdio_server::GrpcStdio;
use crate::proto::plugin::{ConnInfo, Empty, StdioData};

/// Takes the host's request to end.
pub(super) struct Controller(pub CancelTrigger);

#[tonic::async_trait]
impl GrpcController for Controller {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.0.cancel();
        Ok(Response::new(Empty {}))
    }
}

type Silence<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// A stream that stays open, says nothing, and ends with the process.
fn silence<T: Send + 'static>(ended: Cancel) -> Silence<T> {
    Box::pin(
        stream::once(async move { ended.cancelled().await })
            .filter_map(|()| std::future::ready(None)),
    )
}

/// Side connections: announcements are read and ignored.
pub(super) struct Broker(pub Cancel);

#[tonic::async_trait]
impl GrpcBroker for Broker {
    type StartStreamStream = Silence<ConnInfo>;

    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<Self::StartStreamStream>, Status> {
        let mut announcements = request.into_inner();
        let ended = self.0.clone();
        tokio::spawn(async move {
            let drained = async { while let Ok(Some(_)) = announcements.message().await {} };
            tokio::select! {
                () = drained => {}
                () = ended.cancelled() => {}
            }
        });
        Ok(Response::new(silence(self.0.clone())))
    }
}

/// Forwarding of standard streams: there is never anything to forward.
pub(super) struct Stdio(pub Cancel);

#[tonic::async_trait]
impl GrpcStdio for Stdio {
    type StreamStdioStream = Silence<StdioData>;

    async fn stream_stdio(
        &self,
        _: Request<()>,
    ) -> Result<Response<Self::StreamStdioStream>, Status> {
        Ok(Response::new(silence(self.0.clone())))
    }
}
