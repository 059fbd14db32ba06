//! The client against a scripted AWS, most of it in virtual time.

mod credentials;
mod errors;
mod models;
mod pages;
mod properties;
mod retries;
mod secrets;
mod stub;
