//! `platform_data_tier` against emulators: every sort of store, and how it is built on a network.

mod blue_green;
mod buckets;
mod caches;
mod canary;
mod configuration;
mod documents;
mod file_systems;
mod growth;
mod handover;
mod keys;
mod parameters;
mod proxies;
mod relational;
mod safety;
mod search;
mod tables;
mod versions;
mod witness;
