//! Document databases on ministack, the one emulator that has DocumentDB. What it drops of clusters and instances it is taught in
//! `python/taught/docdb.py`.
//!
//! It makes everything at once, keeps no final snapshot, and restarts nothing: the states between, and what a final snapshot is
//! called, are told in the tests of the kinds.

use std::fs;

use acceptance_tests::{Flavor, Outcome, REGION, Stage, ensure};

use crate::configuration::{
    DATA_TIER, changed, expect_refusal, expect_repair, on_network, settle_in_turn, with,
};

const CLUSTER: &str = "shop-products-docdb";
const PARAMETERS: &str = "shop-products-docdb-5-0";
const ONE: &str = "shop-products-docdb-use1-az1";
const OTHER: &str = "shop-products-docdb-use1-az2";

/// A data tier with one document database with these arguments.
fn products(arguments: &str) -> String {
    with(&format!(
        "  documents = {{\n    products = {{\n{arguments}\n    }}\n  }}"
    ))
}

/// Somebody with credentials and no Terraform.
fn hand(stage: &Stage, action: &str, parameters: &[(&str, &str)]) -> Outcome<String> {
    let mut all = vec![("Action", action)];
    all.extend(parameters);
    let reply = stage
        .emulator
        .api()
        .query("rds", REGION, "2014-10-31", &all)?;
    ensure!(
        reply.status == 200,
        "{all:?} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(reply.body)
}

/// Destroys everything; nothing of DocumentDB is left either.
fn strike(stage: &Stage) -> Outcome<()> {
    stage.strike()?;
    for action in [
        "DescribeDBClusters",
        "DescribeDBInstances",
        "DescribeDBSubnetGroups",
        "DescribeDBClusterParameterGroups",
    ] {
        let left = hand(stage, action, &[])?;
        ensure!(!left.contains("shop-products"), "{action} shows {left}");
    }
    Ok(())
}

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    settle_in_turn(
        &stage,
        &[
            &products(""),
            &products(
                r#"      instance_class        = "db.r6g.xlarge"
      readers               = { reports = { zone = "use1-az1", instance_class = "db.t4g.medium" } }
      storage               = "io_optimized"
      tls                   = "tls1.3+"
      audit                 = "all"
      profiler              = { threshold_ms = 50, sampling_rate = 0.5 }
      log_retention_days    = 30
      parameters            = { ttl_monitor = "disabled" }
      performance_insights  = true
      ca_certificate        = "rds-ca-ecc384-g1"
      backup_retention_days = 35
      backup_window         = "02:00-03:00"
      maintenance_window    = "sun:04:00-sun:05:00"
      final_snapshot        = false"#,
            ),
            // What is taken out goes back to what it is by default.
            &products("      zones      = [\"use1-az1\"]\n      serverless = { max = 4 }"),
            // Another major version takes another parameter group along.
            &products("      version = \"8.0\"\n      allow_major_upgrade = true"),
        ],
    )?;
    for (hcl, refused) in [
        (with(""), "documents/products would be deleted"),
        (
            products("      version = \"8.0\"\n      master_username = \"root\""),
            "documents/products would be replaced",
        ),
    ] {
        let allow = if refused.contains("deleted") {
            "allow_delete"
        } else {
            "allow_replace"
        };
        expect_refusal(&stage, &hcl, &[refused, allow])?;
    }
    let gone = with(
        r#"  allow_delete = ["documents/products", "documents/products/log/audit", "documents/products/log/profiler"]"#,
    );
    // Whoever protects one database frees it by an apply of its own first, named or not.
    let version = "      version = \"8.0\"\n      allow_major_upgrade = true\n";
    let guarded = products(&format!("{version}      deletion_protection = true"));
    settle_in_turn(&stage, &[&guarded])?;
    let protected = [
        "AWS refuses to delete documents/products",
        "DeletionProtection",
    ];
    expect_refusal(&stage, &gone, &protected)?;
    stage.terraform.write(&guarded)?;
    let plan = stage.terraform.plan_with(&["-destroy"])?;
    let said: Vec<String> = plan.errors().iter().map(|error| error.message()).collect();
    ensure!(
        said.iter()
            .any(|error| error.contains("documents/products (DeletionProtection)")),
        "{said:?}"
    );
    settle_in_turn(&stage, &[&products(version), &gone])?;
    strike(&stage)
}

#[test]
fn another_zone_of_the_network_is_another_instance() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    let store = "  documents = { products = {} }";
    stage.settle(&on_network("", store), DATA_TIER)?;
    let before = stage.parts(DATA_TIER)?;
    let more = on_network("", store).replace("count = 2", "count = 3");
    stage.settle(&more, DATA_TIER)?;
    let after = stage.parts(DATA_TIER)?;
    for (address, part) in &before {
        assert_eq!(after.get(address), Some(part), "{address}");
    }
    assert_eq!(after.len(), before.len() + 1);
    strike(&stage)
}

#[test]
fn what_aws_does_on_its_own_plans_nothing() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    stage.settle(&products(""), DATA_TIER)?;
    let writer = |stage: &Stage| -> Outcome<bool> {
        let shown = hand(
            stage,
            "DescribeDBClusters",
            &[("DBClusterIdentifier", CLUSTER)],
        )?;
        let members = shown.split("<DBClusterMember>").skip(1);
        Ok(members
            .filter(|member| member.contains("<IsClusterWriter>true"))
            .any(|member| member.contains(ONE)))
    };
    let before = writer(&stage)?;
    hand(
        &stage,
        "FailoverDBCluster",
        &[("DBClusterIdentifier", CLUSTER)],
    )?;
    ensure!(writer(&stage)? != before, "another instance writes now");
    ensure!(changed(&stage)?.is_empty(), "a failover is no difference");
    hand(
        &stage,
        "ModifyDBCluster",
        &[("DBClusterIdentifier", CLUSTER), ("EngineVersion", "5.0.2")],
    )?;
    ensure!(
        changed(&stage)?.is_empty(),
        "a later minor version is no difference"
    );
    strike(&stage)
}

/// Tampers with one setting after another of the things of one sort; each shows at its address and is repaired.
fn drift(sort: &str, settings: &[(&str, &str, &str, &str)]) -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    let hcl = products(
        "      backup_window = \"02:00-03:00\"\n      ca_certificate = \"rds-ca-rsa2048-g1\"",
    );
    stage.settle(&hcl, DATA_TIER)?;
    for (address, of, name, value) in settings {
        let action = format!("Modify{sort}");
        let identifier = format!("{sort}Identifier");
        hand(
            &stage,
            &action,
            &[(identifier.as_str(), *of), (*name, *value)],
        )?;
        expect_repair(&stage, &hcl, &format!("documents/products{address}"))
            .map_err(|failure| acceptance_tests::Failure::new(format!("{name}: {failure:?}")))?;
    }
    strike(&stage)
}

#[test]
fn drift_of_each_setting_of_a_cluster_is_found_and_repaired() -> Outcome<()> {
    let settings = [
        ("BackupRetentionPeriod", "1"),
        ("CopyTagsToSnapshot", "false"),
        ("DeletionProtection", "true"),
        ("PreferredBackupWindow", "09:00-10:00"),
        ("StorageType", "iopt1"),
        ("Port", "27018"),
        ("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-1"),
        ("DBClusterParameterGroupName", "default.docdb5.0"),
        (
            "CloudwatchLogsExportConfiguration.DisableLogTypes.member.1",
            "audit",
        ),
    ];
    drift(
        "DBCluster",
        &settings.map(|(name, value)| ("", CLUSTER, name, value)),
    )
}

#[test]
fn drift_of_each_setting_of_an_instance_is_found_and_repaired() -> Outcome<()> {
    let settings = [
        ("DBInstanceClass", "db.t3.medium"),
        ("PromotionTier", "0"),
        ("EnablePerformanceInsights", "true"),
        ("CACertificateIdentifier", "rds-ca-rsa4096-g1"),
    ];
    drift(
        "DBInstance",
        &settings.map(|(name, value)| ("/instance/use1-az2", OTHER, name, value)),
    )
}

#[test]
fn parameters_that_somebody_set_and_instances_that_are_gone_are_repaired() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    let hcl = products("");
    stage.settle(&hcl, DATA_TIER)?;
    for (parameter, value) in [("tls", "disabled"), ("ttl_monitor", "disabled")] {
        let parameters = [
            ("DBClusterParameterGroupName", PARAMETERS),
            ("Parameters.Parameter.1.ParameterName", parameter),
            ("Parameters.Parameter.1.ParameterValue", value),
            ("Parameters.Parameter.1.ApplyMethod", "pending-reboot"),
        ];
        hand(&stage, "ModifyDBClusterParameterGroup", &parameters)?;
        expect_repair(&stage, &hcl, "documents/products/parameter-group")?;
    }
    hand(
        &stage,
        "DeleteDBInstance",
        &[("DBInstanceIdentifier", OTHER)],
    )?;
    expect_repair(&stage, &hcl, "documents/products/instance/use1-az2")?;
    strike(&stage)
}

#[test]
fn nobody_here_ever_has_the_password() -> Outcome<()> {
    const CANARY: &str = "canary-4f1d9c";
    let Some(mut stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    stage.terraform.set_environment("TF_LOG", "trace");
    let made = stage.settle(&products(""), DATA_TIER)?;
    hand(
        &stage,
        "ModifyDBCluster",
        &[
            ("DBClusterIdentifier", CLUSTER),
            ("MasterUserPassword", CANARY),
        ],
    )?;
    ensure!(changed(&stage)?.is_empty(), "a rotation is no difference");
    let again = stage.settle(&products("      backup_retention_days = 3"), DATA_TIER)?;
    let state = fs::read_to_string(stage.terraform.folder().join("terraform.tfstate"))?;
    ensure!(state.contains("rds!cluster-"), "the secret is named");
    for (what, text) in [
        ("the state", state),
        ("the first run", made.text()),
        ("the second run", again.text()),
    ] {
        ensure!(!text.contains(CANARY), "{what} has the password");
        ensure!(
            !text.contains("\"MasterUserPassword\""),
            "{what} has a place for it"
        );
    }
    let read = stage.proxy.calls();
    ensure!(
        read.iter().all(|call| call.service != "secretsmanager"),
        "the secret is AWS's and the clients' business"
    );
    strike(&stage)
}

#[test]
fn the_password_changes_hands_and_back() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    let fetched = || {
        let calls = stage.proxy.calls();
        let fetched = calls.iter().filter(|call| call.action == "GetSecretValue");
        fetched.count()
    };
    let own = products("      password = \"own\"");
    settle_in_turn(&stage, &[&products(""), &own])?;
    let once = fetched();
    ensure!(once > 0, "the password goes from the secret to the cluster");
    settle_in_turn(
        &stage,
        &[&products(
            "      password = \"own\"\n      backup_retention_days = 3",
        )],
    )?;
    ensure!(fetched() == once, "no other change writes it");
    settle_in_turn(
        &stage,
        &[&products(
            "      password = \"own\"\n      password_version = 2",
        )],
    )?;
    ensure!(fetched() == once + 1, "another one is handed over once");
    let managed = with(
        "  documents = { products = {} }\n  allow_delete = [\"documents/products/master-password\"]",
    );
    settle_in_turn(&stage, &[&managed, &own])?;
    strike(&stage)
}
