//! `platform_secrets` against emulators: whose value a secret has, who changes it, and that no value is anywhere else.

mod canary;
mod configuration;
mod lifecycle;
