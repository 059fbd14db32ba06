//! Caches on moto.

use acceptance_tests::{Api, Outcome, REGION, Stage, ensure};

use crate::configuration::{
    DATA_TIER, changed, expect_refusal, expect_repair, settle_in_turn, with,
};

const EVERYTHING: &str = r#"
      version            = "8.1"
      node_type          = "cache.r7g.large"
      shards             = 3
      replicas_per_shard = 2
      maintenance_window = "sun:05:00-sun:06:00"
      snapshots          = { retention_days = 3, window = "01:00-02:00" }
      parameters         = { maxmemory-policy = "allkeys-lru", timeout = "60" }
      users              = {
        app = { access_string = "on ~session:* +@all" }
        ops = { access_string = "on ~* +@read" }
      }"#;

/// A data tier with the cache `sessions` with these arguments, and further arguments of the tier.
fn tier(arguments: &str, further: &str) -> String {
    with(&format!(
        "  caches = {{\n    sessions = {{\n{arguments}\n    }}\n  }}\n{further}"
    ))
}

fn sessions(arguments: &str) -> String {
    tier(arguments, "")
}

/// Somebody with credentials and no Terraform changes something.
fn hand(stage: &Stage, action: &str, parameters: &[(&str, &str)]) -> Outcome<()> {
    let parameters: Vec<(&str, &str)> = [("Action", action)]
        .into_iter()
        .chain(parameters.iter().copied())
        .collect();
    let api = Api::at(stage.emulator.address());
    let reply = api.query("elasticache", REGION, "2015-02-02", &parameters)?;
    ensure!(
        reply.status == 200,
        "{action} answers {}: {}",
        reply.status,
        reply.body
    );
    Ok(())
}

#[test]
fn created_changed_and_destroyed() -> Outcome<()> {
    let stage = Stage::new()?;
    let alarms = "  tags   = { team = \"shop\" }\n  alarms = { topic_arn = \"arn:aws:sns:us-east-1:123456789012:on-call\" }";
    settle_in_turn(
        &stage,
        &[
            &sessions(""),
            &tier(EVERYTHING, alarms),
            // Fewer shards and no replicas, and with them neither failover to another zone nor users.
            &tier(
                r#"
      version            = "8.1"
      shards             = 2
      replicas_per_shard = 0
      logs               = { slow = false }"#,
                "  allow_delete = [\"cache/sessions/logs/slow\"]",
            ),
        ],
    )?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let output = &state["cache_endpoints"]["sessions"];
    ensure!(
        output["endpoint"] == "clustercfg.shop-sessions.abc123.use1.cache.amazonaws.com"
            && output["port"] == 6379,
        "{output}"
    );
    expect_refusal(
        &stage,
        &with(""),
        &["cache/sessions would be deleted", "allow_delete"],
    )?;
    for replacement in ["port = 6400", "mode = \"serverless\""] {
        expect_refusal(
            &stage,
            &sessions(replacement),
            &["cache/sessions would be replaced", "allow_replace"],
        )?;
    }
    settle_in_turn(
        &stage,
        &[&with(
            "  allow_delete = [\"cache/sessions\", \"cache/sessions/logs/engine\"]",
        )],
    )?;
    stage.strike()
}

#[test]
fn one_shard_for_every_client_and_no_nodes_at_all() -> Outcome<()> {
    let stage = Stage::new()?;
    let caches = |sessions: &str, carts: &str| {
        with(&format!(
            "  caches = {{\n    sessions = {{ mode = \"single\" {sessions} }}\n    carts = {{ mode = \"serverless\" {carts} }}\n  }}"
        ))
    };
    settle_in_turn(
        &stage,
        &[
            &caches(", engine = \"redis\", replicas_per_shard = 0", ""),
            &caches(
                ", engine = \"valkey\", version = \"7.2\", replicas_per_shard = 2",
                ", limits = { max_storage_gb = 5, min_ecpu_per_second = 2000 }, users = { app = { access_string = \"on ~* +@all\" } }, snapshots = { retention_days = 1, window = \"02:00-03:00\" }",
            ),
            &caches(
                ", allow_major_upgrade = true",
                ", limits = { max_storage_gb = 9 }",
            ),
        ],
    )?;
    let state = stage.terraform.state_of(DATA_TIER)?;
    let outputs = &state["cache_endpoints"];
    for (cache, member, expected) in [
        ("sessions", "endpoint", "master.shop-sessions."),
        ("sessions", "reader_endpoint", "replica.shop-sessions."),
        ("carts", "endpoint", "shop-carts-abc123.serverless."),
    ] {
        let host = outputs[cache][member].as_str().unwrap_or_default();
        ensure!(host.starts_with(expected), "{cache} {member}: {outputs}");
    }
    let single = "  caches = { sessions = { mode = \"single\" } }";
    expect_refusal(
        &stage,
        &with(single),
        &["cache/carts would be deleted", "allow_delete"],
    )?;
    let named = format!("{single}\n  allow_delete = [\"cache/carts\"]");
    settle_in_turn(&stage, &[&with(&named)])?;
    stage.strike()
}

#[test]
fn what_somebody_changes_is_found_and_repaired() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = sessions(EVERYTHING);
    stage.settle(&hcl, DATA_TIER)?;
    let group = ("ReplicationGroupId", "shop-sessions");
    let parameters = ("CacheParameterGroupName", "shop-sessions-valkey8-cluster");
    for (action, parameters, address) in [
        (
            "ModifyReplicationGroup",
            vec![group, ("SnapshotRetentionLimit", "0")],
            "cache/sessions",
        ),
        (
            "ModifyReplicationGroup",
            vec![
                group,
                ("MultiAZEnabled", "false"),
                ("AutomaticFailoverEnabled", "false"),
            ],
            "cache/sessions",
        ),
        (
            "ModifyReplicationGroup",
            vec![group, ("CacheNodeType", "cache.r7g.xlarge")],
            "cache/sessions",
        ),
        (
            "ModifyReplicationGroup",
            vec![group, ("TransitEncryptionMode", "preferred")],
            "cache/sessions",
        ),
        (
            "ModifyReplicationGroup",
            vec![group, ("UserGroupIdsToRemove.member.1", "shop-sessions")],
            "cache/sessions",
        ),
        (
            "DecreaseReplicaCount",
            vec![group, ("NewReplicaCount", "1")],
            "cache/sessions",
        ),
        (
            "ModifyReplicationGroupShardConfiguration",
            vec![group, ("NodeGroupCount", "4")],
            "cache/sessions",
        ),
        (
            "ModifyCacheParameterGroup",
            vec![
                parameters,
                (
                    "ParameterNameValues.ParameterNameValue.1.ParameterName",
                    "timeout",
                ),
                (
                    "ParameterNameValues.ParameterNameValue.1.ParameterValue",
                    "0",
                ),
            ],
            "cache/sessions/parameters/valkey8-cluster",
        ),
        (
            "ModifyUser",
            vec![
                ("UserId", "shop-sessions-app"),
                ("AccessString", "on ~* +@all"),
            ],
            "cache/sessions/user/app",
        ),
        (
            "ModifyUser",
            vec![("UserId", "shop-sessions"), ("AccessString", "on ~* +@all")],
            "cache/sessions/default-user",
        ),
        (
            "ModifyUserGroup",
            vec![
                ("UserGroupId", "shop-sessions"),
                ("UserIdsToRemove.member.1", "shop-sessions-ops"),
            ],
            "cache/sessions/users",
        ),
    ] {
        hand(&stage, action, &parameters)?;
        expect_repair(&stage, &hcl, address)?;
        stage.terraform.expect_no_changes(action)?;
    }
    stage.strike()
}

#[test]
fn what_aws_raises_by_itself_is_no_difference() -> Outcome<()> {
    let stage = Stage::new()?;
    let hcl = sessions(EVERYTHING);
    stage.settle(&hcl, DATA_TIER)?;
    for version in ["8.1.4", "8.2"] {
        hand(
            &stage,
            "ModifyReplicationGroup",
            &[
                ("ReplicationGroupId", "shop-sessions"),
                ("EngineVersion", version),
            ],
        )?;
        let shown = changed(&stage)?;
        ensure!(shown.is_empty(), "{version} shows as {shown:?}");
    }
    stage.strike()
}

#[test]
fn a_version_is_judged_before_it_is_asked_for() -> Outcome<()> {
    let stage = Stage::new()?;
    let version = |version: &str, further: &str| {
        sessions(&format!("      version = \"{version}\"\n{further}"))
    };
    let leave = "      allow_major_upgrade = true";
    expect_refusal(
        &stage,
        &version("8.7", ""),
        &[
            "ElastiCache offers no version 8.7 of valkey",
            "7.2, 8.0, 8.1",
        ],
    )?;
    settle_in_turn(&stage, &[&version("8.0", "")])?;
    for (asked, further, refusal) in [
        ("7.2", leave, "valkey 8.0.1, and 7.2 is older"),
        ("8.7", "", "ElastiCache offers no version 8.7 of valkey"),
        ("9", leave, "ElastiCache offers no version 9.0 of valkey"),
    ] {
        expect_refusal(&stage, &version(asked, further), &[refusal])?;
    }
    settle_in_turn(&stage, &[&version("auto", ""), &version("8.1", "")])?;
    stage.strike()
}

#[test]
fn what_auto_scaling_adds_is_no_difference() -> Outcome<()> {
    let stage = Stage::new()?;
    let scaled = |shards: u32| {
        sessions(&format!(
            "      node_type = \"cache.m7g.large\"\n      shards    = {shards}\n      scaling   = {{ max_shards = 6, max_replicas_per_shard = 3 }}"
        ))
    };
    settle_in_turn(&stage, &[&scaled(2)])?;
    let group = ("ReplicationGroupId", "shop-sessions");
    hand(
        &stage,
        "ModifyReplicationGroupShardConfiguration",
        &[group, ("NodeGroupCount", "4")],
    )?;
    hand(
        &stage,
        "IncreaseReplicaCount",
        &[group, ("NewReplicaCount", "2")],
    )?;
    let shown = changed(&stage)?;
    ensure!(shown.is_empty(), "what was added shows as {shown:?}");
    settle_in_turn(&stage, &[&scaled(5)])?;
    stage.strike()
}
