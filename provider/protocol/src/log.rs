//! Log lines in the form that Terraform's plugin host reads from standard error: one JSON object per line.
//!
//! Flow: the variables that set Terraform's own log level for providers set ours; when they are absent nothing is installed
//! and an event costs one comparison.
//!
//! Guarantees: the three members that the host reads are always strings (it crashes on others); no line is longer than the
//! host's buffer; a closed standard error is ignored, never a panic.

use std::io::Write as _;
use std::{env, fmt};

use serde_json::{Map, Value as Json};
use time::OffsetDateTime;
use time::macros::format_description;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// The host splits lines at 64 KiB and then takes the pieces for plain text.
const LONGEST_LINE: usize = 60 << 10;

/// Libraries whose chatter drowns everything else; their warnings still pass.
const QUIET: [&str; 8] = [
    "h2",
    "hyper",
    "hyper_util",
    "mio",
    "rustls",
    "tokio",
    "tonic",
    "tower",
];

/// Sends events and panics to standard error as the environment asks. A second call does nothing.
pub(crate) fn init(provider: &str) {
    std::panic::set_hook(Box::new(|panic| {
        // With this prefix the host shows the lines to the user if the process dies of it.
        let backtrace = std::backtrace::Backtrace::capture();
        let _ = writeln!(std::io::stderr().lock(), "panic: {panic}\n{backtrace}");
    }));
    let level = level(provider, |name| env::var(name).ok());
    if level > LevelFilter::OFF {
        let module = format!("provider.{provider}");
        let layer = HostLog {
            module,
            level,
            write: |line: &[u8]| drop(std::io::stderr().lock().write_all(line)),
        };
        // Fails only if a program that embeds this one already has its own.
        let _ = tracing::subscriber::set_global_default(Registry::default().with(layer));
    }
}

/// The level that Terraform's variables ask for, the most specific one first.
fn level(provider: &str, variable: impl Fn(&str) -> Option<String>) -> LevelFilter {
    let specific = format!(
        "TF_LOG_PROVIDER_{}",
        provider.to_uppercase().replace('-', "_")
    );
    let set = [specific.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| {
            let value = variable(name)?;
            (!value.is_empty()).then_some(value)
        });
    match set.unwrap_or_default().to_uppercase().as_str() {
        "" | "OFF" => LevelFilter::OFF,
        "ERROR" => LevelFilter::ERROR,
        "WARN" => LevelFilter::WARN,
        "INFO" => LevelFilter::INFO,
        "DEBUG" => LevelFilter::DEBUG,
        // JSON and anything Terraform doesn't know means everything, as it does there.
        _ => LevelFilter::TRACE,
    }
}

struct HostLog<W> {
    module: String,
    level: LevelFilter,
    write: W,
}

impl<S, W> Layer<S> for HostLog<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: Fn(&[u8]) + 'static,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        let library = metadata.target().split("::").next().unwrap_or_default();
        // AWS's libraries would also write down whole requests and replies.
        let limit = if QUIET.contains(&library) || library.starts_with("aws_") {
            self.level.min(LevelFilter::WARN)
        } else {
            self.level
        };
        *metadata.level() <= limit
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::default();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(outer) = span.extensions().get::<Fields>() {
                fields.0.extend(outer.0.clone());
            }
        }
        event.record(&mut fields);
        (self.write)(&line(
            &self.module,
            *event.metadata().level(),
            OffsetDateTime::now_utc(),
            fields.0,
        ));
    }
}

fn line(module: &str, level: Level, now: OffsetDateTime, mut fields: Map<String, Json>) -> Vec<u8> {
    let message = match fields.remove("message") {
        Some(Json::String(message)) => message,
        other => other.map(|other| other.to_string()).unwrap_or_default(),
    };
    let form =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z");
    let mut object = Map::new();
    let mut own = |name: &str, value: String| object.insert(name.to_owned(), Json::String(value));
    own("@level", level.as_str().to_lowercase());
    own("@message", message.clone());
    own("@module", module.to_owned());
    own("@timestamp", now.format(&form).unwrap_or_default());
    let bare = object.clone();
    object.extend(
        fields
            .into_iter()
            .filter(|(name, _)| !name.starts_with('@')),
    );

    let mut text = Json::Object(object).to_string();
    if text.len() > LONGEST_LINE {
        let mut bare = bare;
        // Escaping makes a character six bytes long at most.
        let short: String = message.chars().take(LONGEST_LINE / 8).collect();
        bare.insert(
            "@message".to_owned(),
            Json::String(format!("{short} … (shortened)")),
        );
        text = Json::Object(bare).to_string();
    }
    text.push('\n');
    text.into_bytes()
}

/// The fields of an event or span, as JSON.
#[derive(Default)]
struct Fields(Map<String, Json>);

impl Fields {
    fn insert(&mut self, field: &Field, value: impl Into<Json>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.insert(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.insert(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn levels_follow_terraforms_variables() {
        let cases: [(&[(&str, &str)], LevelFilter); 8] = [
            (&[], LevelFilter::OFF),
            (&[("TF_LOG", "info")], LevelFilter::INFO),
            (&[("TF_LOG", "JSON")], LevelFilter::TRACE),
            (&[("TF_LOG_CORE", "TRACE")], LevelFilter::OFF),
            (
                &[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "off")],
                LevelFilter::OFF,
            ),
            (
                &[("TF_LOG", "TRACE"), ("TF_LOG_PROVIDER", "")],
                LevelFilter::TRACE,
            ),
            (
                &[
                    ("TF_LOG_PROVIDER", "ERROR"),
                    ("TF_LOG_PROVIDER_MY_CLOUD", "WARN"),
                ],
                LevelFilter::WARN,
            ),
            (&[("TF_LOG_PROVIDER_OTHER", "WARN")], LevelFilter::OFF),
        ];
        for (variables, expected) in cases {
            let variable = |name: &str| {
                variables
                    .iter()
                    .find(|(variable, _)| *variable == name)
                    .map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(level("my-cloud", variable), expected, "{variables:?}");
        }
    }

    fn logged(level: LevelFilter, events: impl FnOnce()) -> Vec<Json> {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&lines);
        let write = move |line: &[u8]| {
            assert_eq!(line.last(), Some(&b'\n'));
            assert!(line.len() <= LONGEST_LINE + 1);
            sink.lock()
                .unwrap()
                .push(serde_json::from_slice(line).unwrap());
        };
        let layer = HostLog {
            module: "provider.test".into(),
            level,
            write,
        };
        tracing::subscriber::with_default(Registry::default().with(layer), events);
        Arc::try_unwrap(lines)
            .map_err(|_| ())
            .unwrap()
            .into_inner()
            .unwrap()
    }

    #[test]
    fn lines_are_what_the_host_reads() {
        let mut lines = logged(LevelFilter::DEBUG, || {
            let _span =
                tracing::info_span!("rpc", method = "Plan", kind = tracing::field::Empty).entered();
            tracing::Span::current().record("kind", "platform_network");
            tracing::info!(parts = 3, ready = false, "planned \"a\"\n");
            tracing::trace!("below the level");
            tracing::debug!(target: "h2::codec", "chatter");
            tracing::warn!(target: "h2::codec", "worth it");
        });
        let stamps: Vec<_> = lines
            .iter_mut()
            .map(|line| line["@timestamp"].take())
            .collect();
        insta::assert_json_snapshot!(lines);
        for stamp in stamps {
            let stamp = stamp.as_str().unwrap().to_owned();
            let form = format_description!(
                "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
            );
            assert!(
                time::PrimitiveDateTime::parse(&stamp, &form).is_ok(),
                "{stamp}"
            );
        }
    }

    #[test]
    fn long_lines_are_shortened() {
        let long = "\u{1}".repeat(100_000);
        let lines = logged(LevelFilter::INFO, || {
            tracing::info!(body = "x".repeat(70_000), "{long}")
        });
        assert!(
            lines[0]["@message"]
                .as_str()
                .unwrap()
                .ends_with("(shortened)")
        );
        assert_eq!(lines[0].get("body"), None);
    }
}
