//! `platform_network`, driven through terraform against emulators.

mod cancellation;
mod configuration;
mod destroy;
mod drift;
mod inventory;
mod lifecycle;
mod tags;
mod transition;
mod witness;
mod wrong;
