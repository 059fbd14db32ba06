//! What AWS does on its own, to every store: what grows, is upgraded, fails over, scales, is rotated or measured. None of it is a
//! difference. What a store's own scenarios show of it already is not repeated here.

use acceptance_tests::{Api, Flavor, Outcome, REGION, Stage, ensure};
use serde_json::{Value, json};

use crate::configuration::{DATA_TIER, changed, with};

const STORES: &str = r#"
  alarms = { topic_arn = "arn:aws:sns:us-east-1:123456789012:on-call" }
  postgres = {
    users  = { version = "16", topology = "aurora" }
    events = { version = "16", topology = "aurora_serverless" }
    ledger = { version = "17", topology = "multi_az_cluster" }
  }
  mysql        = { legacy = { version = "8.4" } }
  tables       = { carts = { partition_key = { name = "user_id" } } }
  caches       = { catalog = { replicas_per_shard = 2 }, offers = { mode = "serverless" } }
  search       = { products = { zones = 2 } }
  buckets      = { media = {} }
  file_systems = { media = {} }
"#;

/// What AWS does, in the words of a call that has the same effect.
enum Does {
    Query(&'static str, &'static [(&'static str, &'static str)]),
    Json(&'static str, &'static str, Value),
    Rest(&'static str, &'static str, String, Value),
}

use Does::{Json, Query, Rest};

impl Does {
    fn to(&self, api: Api) -> Outcome<()> {
        let reply = match self {
            Query(service, parameters) => {
                let version = match *service {
                    "rds" => "2014-10-31",
                    "elasticache" => "2015-02-02",
                    _ => "2010-08-01",
                };
                api.query(service, REGION, version, parameters)?
            }
            Json(service, target, body) => api.json(service, REGION, target, body)?,
            Rest(service, method, path, body) => {
                api.rest(service, REGION, (method, path), Some(body))?
            }
        };
        ensure!(
            (200..300).contains(&reply.status),
            "{}: {}",
            reply.status,
            reply.body
        );
        Ok(())
    }
}

/// The id of the part at an address.
fn id(stage: &Stage, address: &str) -> Outcome<String> {
    let parts = stage.parts(DATA_TIER)?;
    let id = parts.get(address).and_then(|part| part.id.as_str());
    id.map(str::to_owned)
        .ok_or_else(|| acceptance_tests::Failure::new(format!("{address} has no id")))
}

#[test]
fn what_aws_does_to_any_store_plans_nothing() -> Outcome<()> {
    let stage = Stage::new()?;
    let tier = |stores: &str| with(stores).replace("count = 2", "count = 3");
    stage.settle(&tier(STORES), DATA_TIER)?;
    let api = stage.emulator.api();
    let key = id(&stage, "key")?;
    let files = id(&stage, "file-system/media")?;
    for (what, does) in [
        (
            "Aurora is upgraded to another minor version",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBCluster"),
                    ("DBClusterIdentifier", "shop-users"),
                    ("EngineVersion", "16.9"),
                ],
            ),
        ),
        (
            "Aurora's storage grows",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBCluster"),
                    ("DBClusterIdentifier", "shop-users"),
                    ("AllocatedStorage", "64"),
                ],
            ),
        ),
        (
            "a serverless cluster is upgraded",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBCluster"),
                    ("DBClusterIdentifier", "shop-events"),
                    ("EngineVersion", "16.9"),
                ],
            ),
        ),
        (
            "another instance of a serverless cluster writes",
            Query(
                "rds",
                &[
                    ("Action", "FailoverDBCluster"),
                    ("DBClusterIdentifier", "shop-events"),
                    ("TargetDBInstanceIdentifier", "shop-events-standby"),
                ],
            ),
        ),
        (
            "a Multi-AZ cluster is upgraded",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBCluster"),
                    ("DBClusterIdentifier", "shop-ledger"),
                    ("EngineVersion", "17.9"),
                ],
            ),
        ),
        (
            "MySQL is upgraded and its storage grows",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBInstance"),
                    ("DBInstanceIdentifier", "shop-legacy"),
                    ("EngineVersion", "8.4.9"),
                    ("AllocatedStorage", "80"),
                ],
            ),
        ),
        (
            "a certificate is rotated",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBInstance"),
                    ("DBInstanceIdentifier", "shop-legacy"),
                    ("CACertificateIdentifier", "rds-ca-rsa4096-g1"),
                ],
            ),
        ),
        (
            "auto scaling adds a reader to Aurora",
            Query(
                "rds",
                &[
                    ("Action", "CreateDBInstance"),
                    ("DBInstanceIdentifier", "application-autoscaling-0a1b2c3d"),
                    ("DBClusterIdentifier", "shop-users"),
                    ("Engine", "aurora-postgresql"),
                    ("DBInstanceClass", "db.r6g.large"),
                ],
            ),
        ),
        (
            "auto scaling takes it away",
            Query(
                "rds",
                &[
                    ("Action", "DeleteDBInstance"),
                    ("DBInstanceIdentifier", "application-autoscaling-0a1b2c3d"),
                    ("SkipFinalSnapshot", "true"),
                ],
            ),
        ),
        (
            "a cache is upgraded to another minor version",
            Query(
                "elasticache",
                &[
                    ("Action", "ModifyReplicationGroup"),
                    ("ReplicationGroupId", "shop-catalog"),
                    ("EngineVersion", "8.2"),
                ],
            ),
        ),
        (
            "a table's warm throughput follows its use",
            Json(
                "dynamodb",
                "DynamoDB_20120810.UpdateTable",
                json!({ "TableName": "shop-carts", "WarmThroughput": { "ReadUnitsPerSecond": 24000, "WriteUnitsPerSecond": 8000 } }),
            ),
        ),
        (
            "a table is written to",
            Json(
                "dynamodb",
                "DynamoDB_20120810.PutItem",
                json!({ "TableName": "shop-carts", "Item": { "user_id": { "S": "u-1" }, "total": { "N": "3" } } }),
            ),
        ),
        (
            "AWS Backup marks the file system that it keeps",
            Rest(
                "elasticfilesystem",
                "POST",
                format!("/2015-02-01/resource-tags/{files}"),
                json!({ "Tags": [{ "Key": "aws:elasticfilesystem:default-backup", "Value": "enabled" }] }),
            ),
        ),
        (
            "the key is rotated before its time",
            Json(
                "kms",
                "TrentService.RotateKeyOnDemand",
                json!({ "KeyId": key }),
            ),
        ),
        (
            "an alarm rings",
            Query(
                "monitoring",
                &[
                    ("Action", "SetAlarmState"),
                    ("AlarmName", "shop/postgres/users/cpu"),
                    ("StateValue", "ALARM"),
                    ("StateReason", "busy"),
                ],
            ),
        ),
        (
            "a database writes its log",
            Json(
                "logs",
                "Logs_20140328.CreateLogStream",
                json!({ "logGroupName": "/aws/rds/cluster/shop-users/postgresql", "logStreamName": "shop-users-instance" }),
            ),
        ),
    ] {
        does.to(api)
            .map_err(|failure| acceptance_tests::Failure::new(format!("{what}: {failure:?}")))?;
        let shown = changed(&stage)?;
        ensure!(shown.is_empty(), "{what}, and the plan shows {shown:?}");
    }
    // And none of it is in the way of an update, or of the end.
    let more = STORES.replace("tables  ", "tags = { team = \"shop\" }\n  tables  ");
    stage.settle(&tier(&more), DATA_TIER)?;
    stage.terraform.destroy()?;
    let left = stage.made()?;
    let kept = ["tagged resource"];
    ensure!(
        left.counts().keys().all(|what| kept.contains(what)),
        "after the destroy there is still:\n{left}"
    );
    Ok(())
}

#[test]
fn what_aws_does_to_documents_plans_nothing() -> Outcome<()> {
    let Some(stage) = Stage::on(Flavor::Ministack)? else {
        return Ok(());
    };
    stage.settle(&with("  documents = { products = {} }"), DATA_TIER)?;
    let api = stage.emulator.api();
    for (what, does) in [
        (
            "its storage grows",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBCluster"),
                    ("DBClusterIdentifier", "shop-products-docdb"),
                    ("AllocatedStorage", "64"),
                ],
            ),
        ),
        (
            "a certificate is rotated",
            Query(
                "rds",
                &[
                    ("Action", "ModifyDBInstance"),
                    ("DBInstanceIdentifier", "shop-products-docdb-use1-az2"),
                    ("CACertificateIdentifier", "rds-ca-rsa4096-g1"),
                ],
            ),
        ),
    ] {
        does.to(api)
            .map_err(|failure| acceptance_tests::Failure::new(format!("{what}: {failure:?}")))?;
        let shown = changed(&stage)?;
        ensure!(shown.is_empty(), "{what}, and the plan shows {shown:?}");
    }
    stage.strike()
}
