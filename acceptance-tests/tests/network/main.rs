//! `platform_network`, driven through terraform against emulators.

mod configuration;
mod crash;
mod drift;
mod lifecycle;
mod transition;
mod witness;
mod wrong;
