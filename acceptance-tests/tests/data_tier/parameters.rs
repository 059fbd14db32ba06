//! Names of parameters and options, judged at plan by what AWS lists.

use acceptance_tests::{Outcome, Stage};

use crate::configuration::{DATA_TIER, expect_refusal, with};

#[test]
fn a_name_that_aws_does_not_know_is_refused_before_anything_is_made() -> Outcome<()> {
    let stage = Stage::new()?;
    // The network first: what is not known yet leaves the plan of a tier open.
    stage.settle(&with(""), DATA_TIER)?;
    let stores = |memory: &str, audit: &str, policy: &str| {
        with(&format!(
            r#"  postgres = {{ orders = {{ version = "17", parameters = {{ {memory} = "65536" }} }} }}
  mysql    = {{ stock = {{ version = "8.4", options = {{ MARIADB_AUDIT_PLUGIN = {{ settings = {{ {audit} = "CONNECT" }} }} }} }} }}
  caches   = {{ sessions = {{ parameters = {{ {policy} = "allkeys-lru" }} }} }}"#
        ))
    };
    expect_refusal(
        &stage,
        &stores("workmem", "SERVER_AUDIT_EVENT", "maxmemory_policy"),
        &[
            "\"workmem\" is not among the parameters of postgres17",
            "Called much like it: work_mem.",
            "\"SERVER_AUDIT_EVENT\" is not among the settings of MARIADB_AUDIT_PLUGIN",
            "SERVER_AUDIT_EVENTS",
            "\"maxmemory_policy\" is not among the parameters of valkey8",
            "Called much like it: maxmemory-policy.",
        ],
    )?;
    expect_refusal(
        &stage,
        &stores("wal_level", "SERVER_AUDIT_EVENTS", "maxmemory-policy"),
        &["AWS lets nobody change \"wal_level\""],
    )?;
    stage.settle(
        &stores("work_mem", "SERVER_AUDIT_EVENTS", "maxmemory-policy"),
        DATA_TIER,
    )?;
    Ok(())
}
