//! The client against a scripted AWS, most of it in virtual time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by failing"
)]

mod credentials;
mod errors;
mod models;
mod pages;
mod properties;
mod retries;
mod secrets;
mod stub;
mod transport;
