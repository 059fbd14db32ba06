//! Signatures (SigV4) and the clock they depend on.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningParams, SigningSettings, UriPathNormalizationMode, sign as sigv4,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use bytes::Bytes;
use http::{Request, Response};

use crate::endpoint::Endpoint;
use crate::wire::timestamp;

/// AWS refuses a signature that is five minutes off; below this a refusal has another reason.
const NOTABLE_SKEW: Duration = Duration::from_secs(240);

/// The difference between AWS's clock and this machine's, learned from replies.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    skew_seconds: AtomicI64,
}

impl Clock {
    /// The time by AWS's clock, as far as it is known.
    pub(crate) fn now(&self) -> SystemTime {
        let skew = self.skew_seconds.load(Ordering::Relaxed);
        let distance = Duration::from_secs(skew.unsigned_abs());
        let now = SystemTime::now();
        let theirs = if skew < 0 {
            now.checked_sub(distance)
        } else {
            now.checked_add(distance)
        };
        theirs.unwrap_or(now)
    }

    /// Learns from a reply's `Date`. True when the clock was so far off that the reply may be due to that.
    pub(crate) fn correct(&self, reply: &Response<Bytes>) -> bool {
        let date = reply
            .headers()
            .get(http::header::DATE)
            .and_then(|date| date.to_str().ok());
        let Some(date) = date.and_then(timestamp::parse).map(SystemTime::from) else {
            return false;
        };
        let off = |from: SystemTime| {
            date.duration_since(from)
                .unwrap_or_else(|earlier| earlier.duration())
        };
        if off(self.now()) < NOTABLE_SKEW {
            return false;
        }
        let now = SystemTime::now();
        let seconds = i64::try_from(off(now).as_secs()).unwrap_or(0);
        self.skew_seconds.store(
            if date < now { -seconds } else { seconds },
            Ordering::Relaxed,
        );
        true
    }
}

/// Who signs, for which service and Region, and when.
fn params<'a>(
    identity: &'a Identity,
    endpoint: &'a Endpoint,
    now: SystemTime,
    settings: SigningSettings,
) -> Result<SigningParams<'a>, String> {
    v4::SigningParams::builder()
        .identity(identity)
        .region(&endpoint.signing_region)
        .name(&endpoint.signing_name)
        .time(now)
        .settings(settings)
        .build()
        .map(Into::into)
        .map_err(|error| error.to_string())
}

/// How long a signed URL can be used.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// Signs a URL, so that whoever has it can get it within an hour.
///
/// # Errors
/// The reason; only what isn't a URL can't be signed.
pub(crate) fn sign_url(
    url: &str,
    endpoint: &Endpoint,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<String, String> {
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(GOOD_FOR);
    let identity = credentials.clone().into();
    let params = params(&identity, endpoint, now, settings)?;
    let signable = SignableRequest::new("GET", url, std::iter::empty(), SignableBody::Bytes(&[]))
        .map_err(|error| error.to_string())?;
    let (instructions, _) = sigv4(signable, &params)
        .map_err(|error| error.to_string())?
        .into_parts();
    let mut request = Request::get(url)
        .body(())
        .map_err(|error| error.to_string())?;
    instructions.apply_to_request_http1x(&mut request);
    Ok(request.uri().to_string())
}

/// Signs a request.
///
/// # Errors
/// The reason; only a request that isn't valid HTTP can't be signed.
pub(crate) fn sign(
    request: &mut Request<Bytes>,
    endpoint: &Endpoint,
    credentials: &Credentials,
    now: SystemTime,
) -> Result<(), String> {
    let mut settings = SigningSettings::default();
    if !endpoint.double_encode {
        // S3 keys are opaque: "a//b" and "a/../b" are names, and the path is signed as it is sent.
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    let identity = credentials.clone().into();
    let params = params(&identity, endpoint, now, settings)?;
    let uri = request.uri().to_string();
    let headers = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let signable = SignableRequest::new(
        request.method().as_str(),
        uri,
        headers,
        SignableBody::Bytes(request.body()),
    );
    let signable = signable.map_err(|error| error.to_string())?;
    let (instructions, _) = sigv4(signable, &params)
        .map_err(|error| error.to_string())?
        .into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}
