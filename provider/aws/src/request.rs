//! From what the protocol determines to an HTTP request: host, checksums, compression.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Uri};
use md5::{Digest, Md5};

use crate::endpoint::Endpoint;
use crate::model::Operation;
use crate::wire;

/// Bodies below this aren't worth compressing; AWS's SDKs draw the same line.
const COMPRESS_FROM: usize = 10_240;

/// Adds what depends on the body alone: compression and checksums. Signing comes after.
pub fn finish(operation: &Operation, request: &mut wire::Request) {
    if operation.request_compression.is_some() && request.body.len() >= COMPRESS_FROM {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        // Writing to memory doesn't fail; if it did, the body would go as it is.
        if let Ok(packed) = encoder
            .write_all(&request.body)
            .and_then(|()| encoder.finish())
        {
            request.body = packed;
            match request
                .headers
                .iter_mut()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-encoding"))
            {
                Some((_, value)) => value.push_str(", gzip"),
                None => request
                    .headers
                    .push(("Content-Encoding".to_owned(), "gzip".to_owned())),
            }
        }
    }
    if operation
        .http_checksum
        .as_ref()
        .is_some_and(|checksum| checksum.request_checksum_required)
    {
        let checksum = STANDARD.encode(crc32fast::hash(&request.body).to_be_bytes());
        request
            .headers
            .push(("x-amz-checksum-crc32".to_owned(), checksum));
    } else if operation.http_checksum_required {
        let digest = STANDARD.encode(Md5::digest(&request.body));
        request.headers.push(("Content-MD5".to_owned(), digest));
    }
}

/// The complete request, but for its signature.
pub(crate) fn complete(
    operation: &Operation,
    mut request: wire::Request,
    endpoint: &Endpoint,
    user_agent: &str,
) -> Result<http::Request<Bytes>, String> {
    finish(operation, &mut request);
    let uri = uri(endpoint, &request)?;
    let method =
        Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
    let mut complete = http::Request::new(Bytes::from(request.body));
    *complete.method_mut() = method;
    *complete.uri_mut() = uri;
    let headers = complete.headers_mut();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| format!("{name} is no name of a header"))?;
        let text = HeaderValue::from_str(value);
        headers.append(
            name.clone(),
            text.map_err(|_| format!("the value of {name} can't stand in a header"))?,
        );
    }
    let agent = HeaderValue::from_str(user_agent)
        .map_err(|_| "user_agent can't stand in a header".to_owned())?;
    headers.insert(http::header::USER_AGENT, agent);
    Ok(complete)
}

fn uri(endpoint: &Endpoint, request: &wire::Request) -> Result<Uri, String> {
    let (scheme, rest) = endpoint.url.split_once("://").ok_or_else(|| {
        format!(
            "the endpoint {} is no URL: it must begin with https:// or http://",
            endpoint.url
        )
    })?;
    let (host, base) = rest
        .split_once('/')
        .map_or((rest, String::new()), |(host, path)| {
            (host, format!("/{path}"))
        });
    // A label can't stand before an address or a single-label host, which emulators have.
    let name = host.split(':').next().unwrap_or(host);
    let labelled =
        name.parse::<std::net::Ipv4Addr>().is_err() && name.contains('.') && !host.starts_with('[');
    let prefix = request
        .host_prefix
        .as_deref()
        .filter(|_| labelled)
        .unwrap_or_default();
    let text = format!(
        "{scheme}://{prefix}{host}{}{}",
        base.trim_end_matches('/'),
        request.uri
    );
    text.parse()
        .map_err(|error| format!("{text} is no URL: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Checksum, Operation};

    fn endpoint(url: &str) -> Endpoint {
        Endpoint {
            url: url.to_owned(),
            signing_name: "s".to_owned(),
            signing_region: "r".to_owned(),
            double_encode: true,
        }
    }

    #[test]
    fn a_required_checksum_comes_along() {
        let operation = Operation {
            http_checksum: Some(Checksum {
                request_checksum_required: true,
            }),
            ..Operation::default()
        };
        let mut request = wire::Request {
            body: b"123456789".to_vec(),
            ..wire::Request::default()
        };
        finish(&operation, &mut request);
        // The check value of CRC-32 is cbf43926.
        assert_eq!(
            request.headers,
            [("x-amz-checksum-crc32".to_owned(), "y/Q5Jg==".to_owned())]
        );
    }

    #[test]
    fn labels_stand_before_names_and_paths_after_the_endpoints_own() {
        let request = wire::Request {
            uri: "/things?a=b".to_owned(),
            host_prefix: Some("data.".to_owned()),
            ..wire::Request::default()
        };
        for (url, expected) in [
            (
                "https://svc.eu-west-1.amazonaws.com",
                "https://data.svc.eu-west-1.amazonaws.com/things?a=b",
            ),
            ("http://127.0.0.1:4566", "http://127.0.0.1:4566/things?a=b"),
            ("http://[::1]:4566", "http://[::1]:4566/things?a=b"),
            (
                "http://localhost:4566/base/",
                "http://localhost:4566/base/things?a=b",
            ),
        ] {
            assert_eq!(uri(&endpoint(url), &request).unwrap().to_string(), expected);
        }
        assert!(
            uri(&endpoint("localhost:4566"), &request)
                .unwrap_err()
                .contains("must begin with https://")
        );
    }
}
