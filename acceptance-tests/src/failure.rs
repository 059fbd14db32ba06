//! The error of a scenario: a sentence for the reader.

use std::fmt;

/// Why a scenario could not go on.
///
/// `Debug` prints the plain sentence, because the test runner shows a returned error through `Debug`.
pub struct Failure(String);

/// What every step of a scenario returns.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// A failure with this explanation.
    pub fn new(explanation: impl Into<String>) -> Self {
        Self(explanation.into())
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Fails with a formatted sentence when the condition does not hold.
#[macro_export]
macro_rules! ensure {
    ($condition:expr, $($explanation:tt)+) => {
        if !$condition {
            return Err($crate::Failure::new(format!($($explanation)+)));
        }
    };
}
