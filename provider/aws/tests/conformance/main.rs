//! AWS's own protocol and endpoint tests, as botocore's source distribution ships them.
//!
//! `cargo xtask test conformance` fetches the distribution and sets `BOTOCORE_SDIST` to its folder; without it these
//! tests say so and pass. Every case of the five protocols and of all services' endpoint rules runs, also those that
//! botocore itself leaves out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test says what went wrong by failing, and how many cases passed"
)]

mod canonical;
mod endpoints;
mod protocols;

use std::path::PathBuf;

/// The distribution's folder, or `None` with a notice.
fn distribution() -> Option<PathBuf> {
    let folder = std::env::var_os("BOTOCORE_SDIST").map(PathBuf::from);
    if folder.is_none() {
        println!(
            "skipped: BOTOCORE_SDIST isn't set; `cargo xtask test conformance` fetches the suite"
        );
    }
    folder
}

/// Prints the count and fails with all failures.
fn report(suite: &str, run: usize, excluded: &[(&str, &str)], failures: &[String]) {
    println!(
        "{suite}: {} of {run} cases passed, {} excluded",
        run - failures.len(),
        excluded.len()
    );
    for (case, reason) in excluded {
        println!("  excluded {case}: {reason}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
