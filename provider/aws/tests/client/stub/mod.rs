//! A scripted AWS: answers each request with the next step of a script and remembers what it was sent.
//!
//! In process, so that tests run in virtual time; [`tcp`] does the same over a socket, for what only a socket shows.

pub mod tcp;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use platform_aws::{BoxFuture, Client, Config, SendError, Transport};

/// What happens to one request.
#[derive(Debug, Clone)]
pub enum Step {
    /// A reply: status, headers, body.
    Reply(u16, Vec<(&'static str, String)>, String),
    /// Nothing, ever.
    Hang,
    /// The connection breaks after the request was sent.
    Cut,
    /// No connection.
    Refuse,
}

pub fn reply(status: u16, body: &str) -> Step {
    Step::Reply(status, Vec::new(), body.to_owned())
}

/// An error of the ec2 protocol.
pub fn ec2_error(status: u16, code: &str, message: &str) -> Step {
    reply(
        status,
        &format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <RequestID>request-1</RequestID></Response>"
        ),
    )
}

#[derive(Default)]
pub struct Stub {
    script: Mutex<VecDeque<Step>>,
    /// Replies to STS; the last one repeats.
    pub sts: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<Request<Bytes>>>,
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stub")
    }
}

impl Stub {
    pub fn new(script: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self {
            script: Mutex::new(script.into_iter().collect()),
            ..Self::default()
        })
    }

    /// A client of this stub with static credentials and no validation.
    pub async fn client(self: &Arc<Self>) -> Client {
        self.client_with(|_| {}).await
    }

    pub async fn client_with(self: &Arc<Self>, change: impl FnOnce(&mut Config)) -> Client {
        let mut config = Config {
            region: Some("eu-west-1".to_owned()),
            access_key: Some("AKIDEXAMPLE".to_owned()),
            secret_key: Some("canary-secret-key".into()),
            token: Some("canary-session-token".into()),
            skip_credentials_validation: true,
            transport: Some(self.clone()),
            ..Config::default()
        };
        change(&mut config);
        Client::connect(config).await.unwrap()
    }

    /// What was sent, without calls to STS.
    pub fn seen(&self) -> Vec<Request<Bytes>> {
        let seen = self.seen.lock().unwrap();
        seen.iter()
            .filter(|request| !is_sts(request))
            .cloned()
            .collect()
    }

    pub fn sts_calls(&self) -> usize {
        self.seen
            .lock()
            .unwrap()
            .iter()
            .filter(|request| is_sts(request))
            .count()
    }

    pub fn bodies(&self) -> Vec<String> {
        self.seen()
            .iter()
            .map(|request| String::from_utf8(request.body().to_vec()).unwrap())
            .collect()
    }

    pub fn unused(&self) -> usize {
        self.script.lock().unwrap().len()
    }
}

fn is_sts(request: &Request<Bytes>) -> bool {
    request.uri().host().unwrap().starts_with("sts.")
}

impl Transport for Stub {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, SendError>> {
        let step = if is_sts(&request) {
            let mut steps = self.sts.lock().unwrap();
            if steps.len() > 1 {
                steps.pop_front()
            } else {
                steps.front().cloned()
            }
        } else {
            self.script.lock().unwrap().pop_front()
        };
        self.seen.lock().unwrap().push(request);
        Box::pin(async move {
            match step.expect("the script has a step for every request") {
                Step::Reply(status, headers, body) => {
                    let mut response = Response::builder().status(status);
                    for (name, value) in headers {
                        response = response.header(name, value);
                    }
                    Ok(response.body(Bytes::from(body)).unwrap())
                }
                Step::Hang => std::future::pending().await,
                Step::Cut => Err(SendError::NoReply("connection reset by peer".to_owned())),
                Step::Refuse => Err(SendError::NotSent("connection refused".to_owned())),
            }
        })
    }
}
