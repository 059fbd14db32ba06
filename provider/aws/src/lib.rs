//! A data-driven AWS client: a call is a service, an action and JSON parameters; what it means on the wire comes from
//! models as data.
//!
//! Flow: [`Client::call`] checks the call against its [`model`], resolves the [`endpoint`], has [`wire`] write the
//! request, signs and sends it, reads the reply, retries what may be repeated and joins the pages.
//!
//! Guarantees:
//! - Nothing touches the network before the first call, except that [`Client::connect`] looks up the identity unless
//!   the configuration skips that.
//! - A call that changes something, carries no idempotency token and got no reply is not sent again: it fails as
//!   [`ErrorKind::Ambiguous`].
//! - No error and no log line holds a credential, a body or a sensitive parameter.
//!
//! Knows no Terraform. Credentials, STS and signing are AWS's own crates.

mod client;
mod config;
mod credentials;
pub mod endpoint;
mod error;
mod limiter;
pub mod model;
mod pages;
mod presign;
mod profile;
mod redact;
pub mod request;
mod retry;
mod sending;
mod sign;
mod transport;
pub mod wire;

pub use client::{Client, Identity};
pub use config::{AssumeRole, Config, RetryMode, Secret, WebIdentity};
pub use error::{Error, ErrorKind};
pub use presign::Copy;
pub use transport::{BoxFuture, Http, SendError, Transport};
