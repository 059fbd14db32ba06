//! A canary in every place that knows a secret, looked for in everything people see.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::stub::{Stub, ec2_error};

/// Collects every field of every event and span.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        writeln!(self.0.lock().unwrap(), "{}={value:?}", field.name()).unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        // What libraries say at trace level is theirs: aws-sigv4 prints what it signs.
        metadata.target().starts_with("platform_aws") || *metadata.level() <= tracing::Level::DEBUG
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn no_secret_reaches_an_error_a_log_or_a_debug_print() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let quoting = "signature of canary-session-token does not match. canary-secret-key. The Canonical String for this \
                   request should have been x-amz-security-token:canary-session-token";
    let stub = Stub::new([
        ec2_error(500, "InternalError", quoting),
        ec2_error(403, "SignatureDoesNotMatch", quoting),
    ]);
    let client = stub
        .client_with(|config| {
            config.https_proxy = Some("http://user:canary-password@proxy".to_owned())
        })
        .await;
    let mut shown = format!("{client:?}\n");
    let error = client
        .call("eu-west-1", "ec2", "DescribeVpcs", &json!({}))
        .await
        .unwrap_err();
    writeln!(shown, "{error} {error:?}").unwrap();
    assert!(shown.contains("signature of *** does not match"), "{error}");
    drop(guard);
    let log = log.0.lock().unwrap();
    assert!(log.contains("DescribeVpcs"), "the retry is logged: {log}");
    for text in [&*log, &shown] {
        assert!(!text.contains("canary"), "{text}");
    }
}
