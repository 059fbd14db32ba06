//! `platform_data_tier` against emulators: every sort of store, and how it is built on a network.

mod configuration;
mod file_systems;
mod handover;
mod search;
