//! Instants on the wire: ISO 8601, seconds since 1970, and the date format of HTTP.

use serde_json::{Number, Value};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::macros::format_description;

const HTTP_DATE: &[BorrowedFormatItem<'_>] = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Reads any of the three forms, whatever the model says: services don't always keep to it.
pub fn parse(text: &str) -> Option<OffsetDateTime> {
    let text = text.trim();
    if let Ok(instant) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(instant);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return from_seconds(seconds);
    }
    if let Ok(instant) = OffsetDateTime::parse(text, &Rfc2822) {
        return Some(instant);
    }
    // HTTP dates with a fraction, which RFC 2822 doesn't know: `Sun, 02 Jan 2000 20:34:56.456 GMT`.
    let (whole, rest) = text.rsplit_once('.')?;
    let (fraction, zone) = rest.split_once(' ')?;
    let instant = OffsetDateTime::parse(&format!("{whole} {zone}"), &Rfc2822).ok()?;
    let fraction = format!("0.{fraction}").parse::<f64>().ok()?;
    Some(instant + time::Duration::seconds_f64(fraction))
}

fn from_seconds(seconds: f64) -> Option<OffsetDateTime> {
    // Microseconds are as fine as AWS gets, and a double holds them exactly until the year 2255.
    let micros = (seconds * 1e6).round();
    if !micros.is_finite() {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, and an instant out of range is refused below"
    )]
    OffsetDateTime::from_unix_timestamp_nanos(micros as i128 * 1000).ok()
}

/// The instant behind a JSON value: a string in any form, or seconds since 1970.
pub fn from_value(value: &Value) -> Option<OffsetDateTime> {
    match value {
        Value::String(text) => parse(text),
        Value::Number(number) => from_seconds(number.as_f64()?),
        _ => None,
    }
}

/// As text in one of the model's formats.
pub(crate) fn format(instant: OffsetDateTime, format: &str) -> String {
    let instant = instant.to_offset(time::UtcOffset::UTC);
    let formatted = match format {
        "unixTimestamp" => return seconds(instant).to_string(),
        "rfc822" => instant.format(HTTP_DATE),
        _ => instant.format(&Rfc3339),
    };
    // The formats name only fields that every instant has; years beyond 9999 fail, and then the digits stand.
    formatted.unwrap_or_else(|_| instant.to_string())
}

/// Seconds since 1970, whole where the instant is.
pub(crate) fn seconds(instant: OffsetDateTime) -> Number {
    let whole = instant.unix_timestamp();
    match instant.nanosecond() {
        0 => whole.into(),
        #[expect(clippy::cast_precision_loss, reason = "exact until the year 2255")]
        nanos => Number::from_f64((whole as f64 * 1e6 + f64::from(nanos / 1000)) / 1e6)
            .unwrap_or_else(|| whole.into()),
    }
}

/// The client's form of an instant: ISO 8601 in UTC. What isn't an instant stays as it is.
pub(crate) fn canonical(value: &Value) -> Value {
    from_value(value).map_or_else(
        || value.clone(),
        |instant| Value::String(format(instant, "iso8601")),
    )
}

/// A value that should have been an instant, as text.
pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}
