//! `platform_backup` on moto: vaults, plans and what they select, restore tests, audit.

mod configuration;
mod drift;
mod lifecycle;
mod refusals;
