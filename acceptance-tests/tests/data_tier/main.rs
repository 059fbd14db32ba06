//! `platform_data_tier` against emulators: every sort of store, and how it is built on a network.

mod buckets;
mod caches;
mod configuration;
mod documents;
mod file_systems;
mod handover;
mod relational;
mod search;
mod tables;
