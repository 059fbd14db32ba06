//! A small AWS and what there is in it.
#![allow(dead_code, reason = "each test program uses its part of it")]

pub mod kinds;
pub mod platform;
pub mod random;
pub mod scene;
pub mod world;
