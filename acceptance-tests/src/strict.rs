//! A server between the provider and an emulator that refuses deletes as AWS does and emulators do not.
//!
//! # Flow
//! A delete is held against what the emulator has: a subnet or a VPC with network interfaces, a security group that interfaces or
//! stores carry or other groups refer to, and a group of subnets, parameters or users that a store has are refused with the code
//! that AWS has for it. Everything else is passed on.
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
use crate::ensure;
use crate::failure::{Failure, Outcome};
use crate::http;
use crate::stage::REGION;

/// A service of the query protocol and the version of its API.
type Service = (&'static str, &'static str);

const RDS: Service = ("rds", "2014-10-31");
const CACHE: Service = ("elasticache", "2015-02-02");

/// What shows whether something is in the way of a delete.
enum Hindrance {
    /// An action of EC2 with a filter that takes the id of what is to be deleted, and the element with the id of what it lists:
    /// anything but what is to be deleted itself.
    Listed(&'static str, &'static str, &'static str),
    /// An action, and the element that names what is to be deleted where something has it.
    Named(Service, &'static str, &'static str),
}

use Hindrance::{Listed, Named};

/// A delete, the member with its id, the code with which it is refused, and what must not be for it to be accepted.
type Rule = (
    &'static str,
    &'static str,
    &'static str,
    &'static [Hindrance],
);

const VIOLATION: &str = "DependencyViolation";

const fn interfaces(filter: &'static str) -> Hindrance {
    Listed("DescribeNetworkInterfaces", filter, "networkInterfaceId")
}

#[rustfmt::skip]
const RULES: &[Rule] = &[
    ("DeleteSubnet", "SubnetId", VIOLATION, &[interfaces("subnet-id")]),
    ("DeleteSecurityGroup", "GroupId", VIOLATION, &[
        interfaces("group-id"),
        Listed("DescribeSecurityGroups", "ip-permission.group-id", "groupId"),
        Named(RDS, "DescribeDBInstances", "VpcSecurityGroupId"),
        Named(RDS, "DescribeDBClusters", "VpcSecurityGroupId"),
        Named(CACHE, "DescribeCacheClusters", "SecurityGroupId"),
        Named(CACHE, "DescribeServerlessCaches", "SecurityGroupId"),
    ]),
    ("DeleteVpc", "VpcId", VIOLATION, &[interfaces("vpc-id")]),
    ("DeleteDBSubnetGroup", "DBSubnetGroupName", "InvalidDBSubnetGroupStateFault", &[
        Named(RDS, "DescribeDBInstances", "DBSubnetGroupName"),
        Named(RDS, "DescribeDBClusters", "DBSubnetGroup"),
    ]),
    ("DeleteDBParameterGroup", "DBParameterGroupName", "InvalidDBParameterGroupState", &[
        Named(RDS, "DescribeDBInstances", "DBParameterGroupName"),
    ]),
    ("DeleteDBClusterParameterGroup", "DBClusterParameterGroupName", "InvalidDBParameterGroupState", &[
        Named(RDS, "DescribeDBClusters", "DBClusterParameterGroup"),
    ]),
    ("DeleteCacheSubnetGroup", "CacheSubnetGroupName", "CacheSubnetGroupInUse", &[
        Named(CACHE, "DescribeCacheClusters", "CacheSubnetGroupName"),
    ]),
    ("DeleteCacheParameterGroup", "CacheParameterGroupName", "InvalidCacheParameterGroupState", &[
        Named(CACHE, "DescribeCacheClusters", "CacheParameterGroupName"),
    ]),
    ("DeleteUserGroup", "UserGroupId", "InvalidUserGroupState", &[
        Named(CACHE, "DescribeReplicationGroups", "member"),
        Named(CACHE, "DescribeServerlessCaches", "UserGroupId"),
    ]),
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
    if let Some((action, name, code, hindrances)) = rule
        && let Some(id) = member(&form, name).map(str::to_owned)
    {
        // The calls of a test block; they have a thread of their own.
        let asked = id.clone();
        let used = tokio::task::spawn_blocking(move || in_use(upstream, &asked, hindrances));
        let used = used
            .await
            .map_err(|panic| Failure::new(panic.to_string()))??;
        if used {
            let mut refused = refused.lock().unwrap_or_else(PoisonError::into_inner);
            refused.push(format!("{action} {id}"));
            let error =
                format!("<Error><Code>{code}</Code><Message>{id} is in use.</Message></Error>");
            let text = if *code == VIOLATION {
                format!(
                    "<Response><Errors>{error}</Errors><RequestID>strict</RequestID></Response>"
                )
            } else {
                format!("<ErrorResponse>{error}<RequestId>strict</RequestId></ErrorResponse>")
            };
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

fn in_use(upstream: SocketAddr, id: &str, hindrances: &[Hindrance]) -> Outcome<bool> {
    let api = Api::at(upstream);
    for hindrance in hindrances {
        let hinders = match hindrance {
            Listed(action, filter, element) => {
                let found = api.ec2(&[
                    ("Action", action),
                    ("Filter.1.Name", filter),
                    ("Filter.1.Value.1", id),
                ])?;
                found
                    .split(&format!("<{element}>"))
                    .skip(1)
                    .any(|rest| !rest.starts_with(id))
            }
            Named((service, version), action, element) => {
                let reply = api.query(service, REGION, version, &[("Action", action)])?;
                ensure!(reply.status == 200, "{action} answers {}", reply.body);
                reply.body.contains(&format!("<{element}>{id}</{element}>"))
            }
        };
        if hinders {
            return Ok(true);
        }
    }
    Ok(false)
}
