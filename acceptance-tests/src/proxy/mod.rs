//! An HTTP proxy between the provider and an emulator: it records every call and places faults.
//!
//! # Flow
//!
//! For each request: read it as a [`Call`]; apply the [`Weather`]; if a [`Fault`] is due at this call,
//! carry it out and tell the test; forward; record.
//!
//! | what AWS does | how the proxy does it |
//! |---|---|
//! | throttles, fails, is slow, loses connections | by itself, by seed |
//! | shows what was, not what is | a read goes to a copy of the emulator that was made before a change: `lag` |
//! | takes its time to create and to delete | replies are amended, deletions put off: `hold` |
//!
//! # Guarantees
//!
//! - A call is recorded when it arrives, whether or not it is forwarded or answered.
//! - After a freezing fault nothing reaches the emulator and nobody gets an answer until [`Proxy::thaw`].
//!   A call that the emulator was executing at that instant is executed, its reply is lost.
//!
//! # Assumptions
//!
//! Callers speak HTTP/1.1 without TLS, as they do when `AWS_ENDPOINT_URL` is an `http://` address. For stale reads and
//! put-off deletions the emulator must be one that can be forked.

mod call;
mod document;
mod fault;
mod hold;
mod lag;

use std::collections::BTreeMap;
use std::future::{pending, poll_fn};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

pub use call::{Call, Dialect};
pub use fault::{Delivery, Fault, Weather};
pub use hold::{Held, Hold};

use crate::failure::{Failure, Outcome};
use crate::http;
use fault::Fate;
use hold::Holding;
use lag::Copies;

/// A running proxy. Dropping it closes the listener and every connection.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
}

struct Shared {
    upstream: SocketAddr,
    started: Instant,
    state: Mutex<State>,
    copies: Copies,
    cut: Notify,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    weather: Weather,
    holding: Holding,
    fault: Option<(Fault, Sender<Call>)>,
    mutating_since_fault: usize,
    frozen: bool,
    /// Counts thaws: a reply that was withheld before the latest one stays withheld.
    epoch: usize,
}

impl Proxy {
    /// Starts a proxy in front of `upstream`, on a free port of 127.0.0.1.
    pub fn start(upstream: SocketAddr) -> Outcome<Self> {
        let shared = Arc::new(Shared {
            upstream,
            started: Instant::now(),
            state: Mutex::default(),
            copies: Copies::default(),
            cut: Notify::new(),
        });
        let (stop, stopped) = oneshot::channel();
        let (listening, address) = mpsc::channel();
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let outcome = runtime.map_err(Failure::from).and_then(|runtime| {
                runtime.block_on(async {
                    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
                    let _ = listening.send(Ok(listener.local_addr()?));
                    tokio::select! {
                        () = serve(listener, serving) => {}
                        _ = stopped => {}
                    }
                    Ok(())
                })
            });
            if let Err(failure) = outcome {
                let _ = listening.send(Err(failure));
            }
        });
        let address = address.recv()??;
        Ok(Self {
            address,
            shared,
            stop: Some(stop),
        })
    }

    /// The URL to give to the provider.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets the conditions from now on: what was being created is there, and no read looks back behind this moment.
    pub fn set_weather(&self, weather: Weather) {
        self.shared.copies.forget();
        let mut state = self.shared.state();
        state.holding.settle();
        state.weather = weather;
    }

    /// Time since the proxy started, as [`Call::at`] counts it.
    pub fn now(&self) -> Duration {
        self.shared.started.elapsed()
    }

    /// Places a fault, counting mutating calls from now. The receiver gets the call when it strikes.
    pub fn place(&self, fault: Fault) -> Receiver<Call> {
        let (struck, receiver) = mpsc::channel();
        let mut state = self.shared.state();
        state.mutating_since_fault = 0;
        state.fault = Some((fault, struck));
        receiver
    }

    /// Ends the connection of the call at which a fault without [`freeze`](Fault::freeze) has struck. Until then its caller
    /// waits for a reply.
    pub fn cut(&self) {
        self.shared.cut.notify_one();
    }

    /// Takes back the fault and lets calls through again. Those that hang go on hanging.
    pub fn thaw(&self) {
        let mut state = self.shared.state();
        state.fault = None;
        state.frozen = false;
        state.epoch += 1;
    }

    /// Every call since the last [`Proxy::forget`].
    pub fn calls(&self) -> Vec<Call> {
        self.shared.state().calls.clone()
    }

    /// Clears the record.
    pub fn forget(&self) {
        self.shared.state().calls.clear();
    }

    /// How often each action was called since the last [`Proxy::forget`].
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in &self.shared.state().calls {
            *counts.entry(call.name()).or_default() += 1;
        }
        counts
    }

    /// How many mutating calls arrived since the last [`Proxy::forget`].
    pub fn mutating(&self) -> usize {
        self.shared
            .state()
            .calls
            .iter()
            .filter(|call| call.is_mutating())
            .count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the caller of a lost call waiting: for ever in a frozen world, else until the connection is cut.
    async fn lost(&self, frozen: bool) -> Failure {
        if frozen {
            pending::<()>().await;
        }
        self.cut.notified().await;
        Failure::new("the call is lost")
    }

    /// Hangs if the caller has "lost power" since `epoch`.
    async fn hang_if_frozen(&self, epoch: usize) {
        let lost = {
            let state = self.state();
            state.frozen || state.epoch != epoch
        };
        if lost {
            pending::<()>().await;
        }
    }
}

/// What to do with a call, decided once, when it arrives.
struct Decision {
    number: usize,
    epoch: usize,
    frozen: bool,
    delay: Duration,
    fate: Fate,
    /// How far to look back.
    age: Option<Duration>,
    /// How far reads look back at most; zero if they never do.
    lag: Duration,
    holds: Vec<Hold>,
    fault: Option<(Fault, Sender<Call>)>,
}

impl State {
    fn decide(&mut self, call: &Call) -> Decision {
        let number = self.calls.len();
        self.calls.push(call.clone());
        let weather = &self.weather;
        let mut decision = Decision {
            number,
            epoch: self.epoch,
            frozen: self.frozen,
            delay: weather.delay(call, number),
            fate: weather.fate(call, number),
            age: weather.age(call, number),
            lag: if weather.stale > 0.0 {
                weather.lag
            } else {
                Duration::ZERO
            },
            holds: weather.holds.clone(),
            fault: None,
        };
        if !self.frozen && call.is_mutating() {
            self.mutating_since_fault += 1;
            let due = |(fault, _): &mut (Fault, _)| fault.at == self.mutating_since_fault;
            decision.fault = self.fault.take_if(due);
        }
        decision
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let reset = Arc::new(AtomicBool::new(false));
            let service = service_fn(|request| {
                let answer = answer(Arc::clone(&shared), request, Arc::clone(&reset));
                Box::pin(async {
                    answer
                        .await
                        .map_err(|failure| io::Error::other(format!("{failure:?}")))
                })
            });
            let mut connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // An error here is a caller that went away or a connection that was cut on purpose.
            let _ = poll_fn(|context| connection.poll_without_shutdown(context)).await;
            if reset.load(Ordering::Relaxed) {
                // Closing sends RST instead of FIN then.
                let _ = connection.into_parts().io.into_inner().set_zero_linger();
            }
        });
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
    reset: Arc<AtomicBool>,
) -> Outcome<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let call = Call::read(&parts, &body, shared.started.elapsed());
    let decision = shared.state().decide(&call);
    if decision.frozen {
        pending::<()>().await;
    }
    tokio::time::sleep(decision.delay).await;
    if let Some((
        Fault {
            delivery: Delivery::NeverSent,
            freeze,
            ..
        },
        struck,
    )) = &decision.fault
    {
        let freeze = *freeze;
        shared.state().frozen = freeze;
        let _ = struck.send(call);
        return Err(shared.lost(freeze).await);
    }
    // The call with the fault is the one that the rest of the world is frozen for: it goes through.
    if decision.fault.is_none() {
        shared.hang_if_frozen(decision.epoch).await;
    }
    let reply = match decision.fate {
        Fate::ResetBefore => {
            reset.store(true, Ordering::Relaxed);
            return Err(Failure::new("the weather resets this connection"));
        }
        Fate::Refused(refusal) => {
            let (status, content_type, body) = call.error_reply(refusal);
            Response::builder()
                .status(status)
                .header("content-type", content_type)
                .body(Bytes::from(body))?
        }
        Fate::Passed | Fate::Cut | Fate::ResetAfter => {
            shared.execute(&call, &decision, parts, body).await?
        }
    };
    if matches!(decision.fate, Fate::Cut | Fate::ResetAfter) {
        reset.store(decision.fate == Fate::ResetAfter, Ordering::Relaxed);
        return Err(Failure::new("the weather cuts this connection"));
    }
    match decision.fault {
        None => shared.hang_if_frozen(decision.epoch).await,
        Some((fault, struck)) => {
            shared.state().frozen = fault.freeze;
            let _ = struck.send(call);
            if fault.delivery == Delivery::Withheld {
                return Err(shared.lost(fault.freeze).await);
            }
        }
    }
    if let Some(recorded) = shared.state().calls.get_mut(decision.number) {
        recorded.status = Some(reply.status().as_u16());
    }
    Ok(framed(reply))
}

impl Shared {
    /// Has a call answered: by the emulator, as AWS would in this weather.
    async fn execute(
        self: &Arc<Self>,
        call: &Call,
        decision: &Decision,
        parts: Parts,
        body: Bytes,
    ) -> Outcome<Response<Bytes>> {
        let request = Request::from_parts(parts, Full::new(body.clone()));
        let departure = Holding::departure(&decision.holds, call, &body);
        let mut copy = None;
        if call.is_mutating() && (departure.is_some() || !decision.lag.is_zero()) {
            let now = self.started.elapsed();
            copy = Some(self.copies.take(self.upstream, now, decision.lag).await?);
        }
        let reply = match (departure, copy) {
            (Some(time), Some(copy)) => {
                let reply = http::exchange(copy, request.clone()).await?;
                let accepted = reply.status().is_success();
                if accepted && self.state().holding.leaves(&decision.holds, call, &body) {
                    let departing = Arc::clone(self).depart(
                        time,
                        call.clone(),
                        request,
                        decision.holds.clone(),
                    );
                    tokio::spawn(departing);
                }
                reply
            }
            _ => {
                let moment = |age| self.started.elapsed().saturating_sub(age);
                let past = (decision.age).and_then(|age| self.copies.as_of(moment(age)));
                if let Some(recorded) = self.state().calls.get_mut(decision.number) {
                    recorded.stale = past.is_some();
                }
                let _calling = self.copies.calling().await;
                http::exchange(past.unwrap_or(self.upstream), request).await?
            }
        };
        if !reply.status().is_success() {
            return Ok(reply);
        }
        let now = self.started.elapsed();
        let amended = (self.state().holding).amend(&decision.holds, call, reply.body(), now);
        let (mut parts, body) = reply.into_parts();
        let Some(amended) = amended else {
            return Ok(Response::from_parts(parts, body));
        };
        // DynamoDB's checksum of the body, which is another one now.
        parts.headers.remove("x-amz-crc32");
        Ok(Response::from_parts(parts, amended.write()?))
    }

    /// Deletes what has been accepted for deletion, when its time has come.
    async fn depart(
        self: Arc<Self>,
        time: Duration,
        call: Call,
        request: Request<Full<Bytes>>,
        holds: Vec<Hold>,
    ) {
        tokio::time::sleep(time).await;
        let body = request.body().clone();
        let Ok(body) = body.collect().await.map(|body| body.to_bytes());
        {
            let _calling = self.copies.calling().await;
            // What AWS has accepted it does; there is nobody left to tell otherwise.
            let _ = http::exchange(self.upstream, request).await;
        }
        self.state().holding.left(&holds, &call, &body);
    }
}

/// The reply with its body re-framed: hyper sets the length itself.
fn framed(reply: Response<Bytes>) -> Response<Full<Bytes>> {
    let (mut parts, body) = reply.into_parts();
    for header in ["transfer-encoding", "content-length", "connection"] {
        parts.headers.remove(header);
    }
    Response::from_parts(parts, Full::new(body))
}
