//! Many questions, few calls.
//!
//! # Flow
//! Whoever has a question hands its calls to [`Batch::ask`] and waits. Questions are gathered for a short window; calls that
//! are the same, or differ only in the list they allow to be merged, and go to the same region, leave as one, and every asker gets the whole reply.
//!
//! # Guarantees
//! A merged list has at most [`MOST_VALUES`] values. Replies that say "does not exist" come back as `Null`. Where AWS refuses
//! a merged call because of one of its values, it is halved until the others have their answers.
//!
//! # Assumptions
//! [`Batch::drive`] is polled while anybody waits; [`Batch::during`] sees to that.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::FuturesUnordered;
use platform_graph::Call;
use serde_json::Value;
use tokio::sync::{Notify, oneshot};

use crate::caller::Caller;
use crate::{ErrorKind, Stop};

/// EC2 takes 200 values per filter and most APIs that take a list of ids 100.
const MOST_VALUES: usize = 100;

type Reply = Result<Arc<Value>, Stop>;

struct Question {
    call: Call,
    /// The values of the list that may be merged.
    values: Vec<Value>,
    reply: oneshot::Sender<Reply>,
}

/// Gathers, merges and sends reads.
pub(crate) struct Batch {
    caller: Arc<Caller>,
    open: Mutex<Vec<Question>>,
    asked: Notify,
}

impl Batch {
    pub fn new(caller: Arc<Caller>) -> Self {
        Batch {
            caller,
            open: Mutex::new(Vec::new()),
            asked: Notify::new(),
        }
    }

    /// The replies to `calls`, in their order; `Null` where AWS says that the thing does not exist.
    pub async fn ask(&self, calls: Vec<Call>) -> Result<Vec<Arc<Value>>, Stop> {
        let mut replies = Vec::with_capacity(calls.len());
        {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            for call in calls {
                let (reply, receiver) = oneshot::channel();
                let values = match call.merge.and_then(|at| pointed(&call, at)) {
                    Some(Value::Array(values)) => values.clone(),
                    _ => Vec::new(),
                };
                open.push(Question {
                    call,
                    values,
                    reply,
                });
                replies.push(receiver);
            }
        }
        self.asked.notify_one();
        join_all(replies)
            .await
            .into_iter()
            // The sender is dropped unused only when the run ends.
            .map(|reply| reply.unwrap_or(Err(Stop::Cancelled)))
            .collect()
    }

    /// Runs `work`, which asks, together with the sending.
    pub async fn during<T>(&self, work: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = work => done,
            never = self.drive() => match never {},
        }
    }

    async fn drive(&self) -> Infallible {
        let mut flying = FuturesUnordered::new();
        let mut gathering = Box::pin(self.gather());
        loop {
            tokio::select! {
                biased;
                Some(()) = flying.next(), if !flying.is_empty() => {}
                questions = &mut gathering => {
                    flying.extend(merge(questions).into_iter().map(|group| self.send(group)));
                    gathering = Box::pin(self.gather());
                }
            }
        }
    }

    async fn gather(&self) -> Vec<Question> {
        self.asked.notified().await;
        tokio::time::sleep(self.caller.options.window).await;
        std::mem::take(&mut *self.open.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn send(&self, mut group: Vec<Question>) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            group.retain(|question| !question.reply.is_closed());
            let Some(call) = united(&group) else { return };
            let reply = match self.caller.send(&call).await {
                Ok(value) => Ok(Arc::new(value)),
                Err(Stop::Aws(error))
                    if group.len() > 1
                        && distinct(&group).len() > 1
                        && matches!(error.kind, ErrorKind::Absent | ErrorKind::Invalid) =>
                {
                    let half = group.split_off(group.len() / 2);
                    futures_util::future::join(self.send(group), self.send(half)).await;
                    return;
                }
                Err(Stop::Aws(error)) if error.kind == ErrorKind::Absent => {
                    Ok(Arc::new(Value::Null))
                }
                Err(stop) => Err(stop),
            };
            for question in group {
                // Whoever asked may have stopped waiting.
                let _ = question.reply.send(reply.clone());
            }
        })
    }
}

fn pointed<'a>(call: &'a Call, pointer: &str) -> Option<&'a Value> {
    let (first, rest) = pointer.strip_prefix('/')?.split_once('/').map_or_else(
        || (pointer.strip_prefix('/').unwrap_or_default(), String::new()),
        |(first, rest)| (first, format!("/{rest}")),
    );
    call.params.get(first)?.pointer(&rest)
}

/// The call with another list where it may be merged.
fn with_values(call: &Call, values: Vec<Value>) -> Call {
    let mut params = Value::Object(call.params.clone());
    if let Some(list) = call.merge.and_then(|at| params.pointer_mut(at)) {
        *list = Value::Array(values);
    }
    let mut call = call.clone();
    if let Value::Object(params) = params {
        call.params = params;
    }
    call
}

fn distinct(group: &[Question]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for value in group.iter().flat_map(|question| &question.values) {
        if !all.contains(value) {
            all.push(value.clone());
        }
    }
    all
}

fn united(group: &[Question]) -> Option<Call> {
    let first = group.first()?;
    Some(if first.values.is_empty() {
        first.call.clone()
    } else {
        with_values(&first.call, distinct(group))
    })
}

/// Questions that one call can answer, together.
fn merge(questions: Vec<Question>) -> Vec<Vec<Question>> {
    let mut alike: BTreeMap<(&str, &str, Option<String>, String), Vec<Question>> = BTreeMap::new();
    for question in questions {
        let key = if question.values.is_empty() {
            Value::Object(question.call.params.clone()).to_string()
        } else {
            let bare = with_values(&question.call, Vec::new());
            format!("{:?}{}", question.call.merge, Value::Object(bare.params))
        };
        alike
            .entry((
                question.call.service,
                question.call.action,
                question.call.region.clone(),
                key,
            ))
            .or_default()
            .push(question);
    }
    let mut groups = Vec::new();
    for same in alike.into_values() {
        let mut group: Vec<Question> = Vec::new();
        let mut values: Vec<Value> = Vec::new();
        for question in same {
            let fresh: Vec<Value> = question
                .values
                .iter()
                .filter(|value| !values.contains(value))
                .cloned()
                .collect();
            if !group.is_empty() && values.len() + fresh.len() > MOST_VALUES {
                groups.push(std::mem::take(&mut group));
                values.clear();
                values.extend(question.values.iter().cloned());
            } else {
                values.extend(fresh);
            }
            group.push(question);
        }
        groups.push(group);
    }
    groups
}
