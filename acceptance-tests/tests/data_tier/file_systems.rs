//! File systems on moto.

use acceptance_tests::{Outcome, Stage};

use crate::configuration::{DATA_TIER, expect_refusal, on_network, settle_in_turn, with};

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &with("  file_systems = { media = {} }"),
            &with(
                r#"  file_systems = {
    media = {
      lifecycle     = { infrequent_access_days = 60, archive_days = 0, back_on_access = true }
      backup        = false
      require_iam   = true
      access_points = { uploads = { uid = 1000, gid = 1000, secondary_gids = [100] } }
    }
    logs = { access_from = { tiers = ["private"], cidrs = ["10.8.0.0/16"] } }
  }
  tags   = { team = "shop" }
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }"#,
            ),
            &with(
                r#"  file_systems = {
    media = { access_points = { uploads = { uid = 1001, gid = 1000 } } }
    logs  = {}
  }"#,
            ),
        ],
    )?;
    expect_refusal(
        &stage,
        &with("  file_systems = { media = {} }"),
        &["file-system/logs would be deleted", "allow_delete"],
    )?;
    settle_in_turn(
        &stage,
        &[&with(
            "  file_systems = { media = {} }\n  allow_delete = [\"file-system/logs\"]",
        )],
    )?;
    stage.strike()
}

#[test]
fn another_zone_of_the_network_is_another_mount_target() -> Outcome<()> {
    let stage = Stage::new()?;
    let store = "  file_systems = { media = {} }";
    stage.settle(&on_network("", store), DATA_TIER)?;
    let before = stage.parts(DATA_TIER)?;
    let more = on_network("", store).replace("count = 2", "count = 3");
    stage.settle(&more, DATA_TIER)?;
    let after = stage.parts(DATA_TIER)?;
    for (address, part) in &before {
        assert_eq!(after.get(address), Some(part), "{address}");
    }
    assert_eq!(after.len(), before.len() + 1);
    stage.strike()
}
