//! From the first apply to the destroy.

use acceptance_tests::{Outcome, Stage, ensure};

use crate::configuration::{BACKUP, EVERY_KIND, ask, plan_id, settle_in_turn, with};

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    let other = r#"  tags = { team = "shop" }
  vaults = {
    main = {
      lock          = { min_retention_days = 1 }
      notifications = { topic_arn = "arn:aws:sns:us-east-1:123456789012:backups", events = ["copy_job_failed"] }
    }
    copies = { deny_delete = false }
  }
  plans = {
    stores = {
      rules = {
        daily   = { schedule = "cron(30 2 ? * MON-FRI *)", timezone = "Europe/Berlin", delete_after_days = 14, start_window_minutes = 60 }
        monthly = { schedule = "monthly", cold_after_days = 30, delete_after_days = 400, archive_snapshots = true, recovery_point_tags = { kept-for = "audit" } }
      }
      selections  = { stores = { composites = ["data-tier/users"], tags = { backup = "daily" } } }
      windows_vss = true
      s3_acls     = false
    }
    tables = { selections = { all = { resources = ["arn:aws:dynamodb:*:*:table/*"] } } }
  }
  restore_testing = {
    weekly = {
      pick       = "random"
      selections = { databases = { resource_type = "rds", tags = { tier = "gold" }, validation_hours = 2, overrides = { dbInstanceClass = "db.t4g.medium" } } }
    }
  }
  framework = { description = "Audit", controls = { BACKUP_RECOVERY_POINT_ENCRYPTED = { resource_types = ["RDS"] } } }
  reports   = { controls = { template = "backup_jobs", bucket = "shop-audit", prefix = "backup", formats = ["csv", "json"] } }"#;
    settle_in_turn(&stage, &["", EVERY_KIND, other, EVERY_KIND])?;
    stage.strike()
}

#[test]
fn a_plan_backs_up_what_it_selects_as_whom_it_made() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with(EVERY_KIND), BACKUP)?;
    let plan = plan_id(&stage)?;
    let list = ask(
        &stage,
        ("GET", &format!("/backup/plans/{plan}/selections/")),
        None,
    )?;
    let mut names: Vec<&str> = list["BackupSelectionsList"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|selection| selection["SelectionName"].as_str())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["stores.data-tier.shop", "stores.data-tier.users", "tagged"]
    );
    let selections = list["BackupSelectionsList"].as_array();
    let of_shop = selections
        .into_iter()
        .flatten()
        .find(|selection| selection["SelectionName"] == "stores.data-tier.shop");
    let id = of_shop.and_then(|selection| selection["SelectionId"].as_str());
    let path = format!("/backup/plans/{plan}/selections/{}", id.unwrap_or_default());
    let shown = ask(&stage, ("GET", &path), None)?;
    let condition = &shown["BackupSelection"]["Conditions"]["StringEquals"][0];
    assert_eq!(condition["ConditionKey"], "aws:ResourceTag/platform:owner");
    assert_eq!(
        condition["ConditionValue"],
        "platform_data_tier/us-east-1/shop"
    );
    ensure!(
        shown["BackupSelection"]["IamRoleArn"]
            == "arn:aws:iam::123456789012:role/shop-us-east-1-backup",
        "{shown}"
    );
    stage.strike()
}

#[test]
fn vaults_of_two_regions_copy_into_each_other() -> Outcome<()> {
    let stage = Stage::new()?;
    let main = with(
        r#"  plans = {
    stores = {
      rules      = { daily = { copy_to = { recovery = { vault_arn = platform_backup.recovery.vault_arns["main"] } } } }
      selections = { tagged = { tags = { backup = "daily" } } }
    }
  }"#,
    );
    let recovery = r#"
resource "platform_backup" "recovery" {
  name                = "shop"
  region              = "us-west-2"
  deletion_protection = false
}
"#;
    stage.settle(&format!("{main}{recovery}"), BACKUP)?;
    let plan = plan_id(&stage)?;
    let shown = ask(&stage, ("GET", &format!("/backup/plans/{plan}/")), None)?;
    assert_eq!(
        shown["BackupPlan"]["Rules"][0]["CopyActions"][0]["DestinationBackupVaultArn"],
        "arn:aws:backup:us-west-2:123456789012:backup-vault:shop-main"
    );
    stage.strike()
}
