//! `platform_network`, driven through terraform against emulators.

mod cancellation;
mod configuration;
mod contract;
mod destroy;
mod drift;
mod inventory;
mod lifecycle;
mod passing;
mod tags;
mod taken_back;
mod transition;
mod weather;
mod witness;
mod wrong;
