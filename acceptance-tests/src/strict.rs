//! A server between the provider and an emulator that refuses deletes as EC2 does and emulators do not.
//!
//! # Flow
//! A delete is held against what the emulator has: a subnet or a VPC with network interfaces, and a security group that
//! interfaces carry or other groups refer to, are refused with `DependencyViolation`. Everything else is passed on.
//!
//! # Assumptions
//! The emulator's own lists are true, and nobody else works on the account meanwhile.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::api::Api;
use crate::failure::{Failure, Outcome};
use crate::http;

/// What lists the things in the way of a delete.
struct Listing {
    action: &'static str,
    /// The filter that takes the id of what is to be deleted.
    filter: &'static str,
    /// The element with the id of what is listed.
    element: &'static str,
}

/// A delete, the member with its id, and what must list nothing for it to be accepted.
type Rule = (&'static str, &'static str, &'static [Listing]);

const fn interfaces(filter: &'static str) -> Listing {
    Listing {
        action: "DescribeNetworkInterfaces",
        filter,
        element: "networkInterfaceId",
    }
}

const RULES: &[Rule] = &[
    ("DeleteSubnet", "SubnetId", &[interfaces("subnet-id")]),
    (
        "DeleteSecurityGroup",
        "GroupId",
        &[
            interfaces("group-id"),
            Listing {
                action: "DescribeSecurityGroups",
                filter: "ip-permission.group-id",
                element: "groupId",
            },
        ],
    ),
    ("DeleteVpc", "VpcId", &[interfaces("vpc-id")]),
];

/// A running server. Dropping it closes the listener.
pub struct Strict {
    address: SocketAddr,
    refused: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
}

impl Strict {
    /// Starts one in front of `upstream`, on a free port of 127.0.0.1.
    pub fn start(upstream: SocketAddr) -> Outcome<Self> {
        let refused = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = mpsc::channel();
        let noted = Arc::clone(&refused);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let outcome = runtime.map_err(Failure::from).and_then(|runtime| {
                runtime.block_on(async {
                    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                    let _ = listening.send(Ok(listener.local_addr()?));
                    tokio::select! {
                        () = serve(listener, upstream, noted) => {}
                        _ = stopped => {}
                    }
                    Ok(())
                })
            });
            if let Err(failure) = outcome {
                let _ = listening.send(Err(failure));
            }
        });
        Ok(Strict {
            address: address.recv()??,
            refused,
            stop: Some(stop),
        })
    }

    /// The URL to give to the provider.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What was refused: action and id, once for every time.
    pub fn refused(&self) -> Vec<String> {
        let refused = self.refused.lock();
        refused.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Strict {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

async fn serve(listener: TcpListener, upstream: SocketAddr, refused: Arc<Mutex<Vec<String>>>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let refused = Arc::clone(&refused);
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let refused = Arc::clone(&refused);
                async move {
                    answer(upstream, refused, request)
                        .await
                        .map_err(|failure| std::io::Error::other(format!("{failure:?}")))
                }
            });
            // An error here is a caller that went away.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    upstream: SocketAddr,
    refused: Arc<Mutex<Vec<String>>>,
    request: Request<Incoming>,
) -> Outcome<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let form = String::from_utf8_lossy(&body).into_owned();
    let rule = RULES
        .iter()
        .find(|(action, ..)| member(&form, "Action") == Some(action));
    if let Some((action, name, listings)) = rule
        && let Some(id) = member(&form, name).map(str::to_owned)
    {
        // The calls of a test block; they have a thread of their own.
        let asked = id.clone();
        let used = tokio::task::spawn_blocking(move || in_use(upstream, &asked, listings));
        let used = used
            .await
            .map_err(|panic| Failure::new(panic.to_string()))??;
        if used {
            let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.push(format!("{action} {id}"));
            let text = format!(
                "<Response><Errors><Error><Code>DependencyViolation</Code><Message>The {id} has dependencies and cannot be deleted.\
                 </Message></Error></Errors><RequestID>strict</RequestID></Response>"
            );
            return Ok(Response::builder()
                .status(400)
                .header("content-type", "text/xml")
                .body(Full::new(Bytes::from(text)))?);
        }
    }
    let reply = http::exchange(upstream, Request::from_parts(parts, Full::new(body))).await?;
    let (mut parts, body) = reply.into_parts();
    for header in ["transfer-encoding", "content-length", "connection"] {
        parts.headers.remove(header);
    }
    Ok(Response::from_parts(parts, Full::new(body)))
}

/// A member of a form whose value needs no decoding, as the ids of EC2.
fn member<'a>(form: &'a str, name: &str) -> Option<&'a str> {
    form.split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn in_use(upstream: SocketAddr, id: &str, listings: &[Listing]) -> Outcome<bool> {
    for Listing {
        action,
        filter,
        element,
    } in listings
    {
        let found = Api::at(upstream).ec2(&[
            ("Action", action),
            ("Filter.1.Name", filter),
            ("Filter.1.Value.1", id),
        ])?;
        let others = found
            .split(&format!("<{element}>"))
            .skip(1)
            .any(|rest| !rest.starts_with(id));
        if others {
            return Ok(true);
        }
    }
    Ok(false)
}
