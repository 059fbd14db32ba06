//! Amazon CloudWatch: alarms on metrics.

mod alarm;

pub use alarm::{Alarm, Dimension};
