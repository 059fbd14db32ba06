//! `platform_network`: a VPC and everything that belongs to it.

pub mod spec;
pub use spec::Network;
