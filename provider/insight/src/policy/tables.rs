//! What AWS checks when a table of DynamoDB, or a replica of one, is made, changed or taken away.

use platform_graph::{Call, Recorded, reference};
use serde_json::Value;

use super::{Grants, Sid, partition};
use crate::CompositeView;
use crate::inventory::text;

/// What filling a replica takes in its region, with the caller's permissions.
const FILLING: [&str; 9] = [
    "dynamodb:BatchWriteItem",
    "dynamodb:CreateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
];
const REMOVING: [&str; 2] = ["dynamodb:DeleteTable", "dynamodb:DeleteTableReplica"];

/// The name of a table, or of the table that a replica refers to.
fn table_name<'a>(view: &'a CompositeView, part: &'a Recorded) -> Option<&'a str> {
    let own = text(part, "TableName")?;
    if !own.contains("${") {
        return Some(own);
    }
    let address = reference::parts_in(own).into_iter().next()?;
    let name = text(view.parts.get(&address)?, "TableName")?;
    (!name.contains("${")).then_some(name)
}

impl Grants {
    /// Changes of a table, whose name is its own.
    ///
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
    pub(super) fn allow_tables(
        &mut self,
        region: Option<&str>,
        call: &Call,
        of: Option<(&CompositeView, &Recorded)>,
    ) {
        let action = format!("dynamodb:{}", call.action);
        let name = of
            .and_then(|(view, part)| table_name(view, part))
            .unwrap_or("*");
        let table = self.arn(region, "dynamodb", &format!("table/{name}"));
        self.grant(Sid::Named, &action, [table.clone()]);
        let mut further = Vec::new();
        if matches!(call.action, "CreateTable" | "ImportTable" | "UpdateTable") {
            // DynamoDB works with the key under a grant of the caller's.
            let key = self.arn(region, "kms", "key/*");
            self.grant(Sid::Own, "kms:CreateGrant", [key]);
            self.reads.insert("kms:DescribeKey".to_owned());
        }
        if call.action == "CreateTable" {
            further.push("dynamodb:TagResource");
            further.extend(
                call.params
                    .contains_key("ResourcePolicy")
                    .then_some("dynamodb:PutResourcePolicy"),
            );
        }
        for action in further {
            self.grant(Sid::Named, action, [table.clone()]);
        }
        if let Some(updates) = call.params.get("ReplicaUpdates").and_then(Value::as_array) {
            self.allow_replicas(region, name, updates);
        }
        let bucket = call
            .params
            .get("S3BucketSource")
            .and_then(|source| source["S3Bucket"].as_str());
        if let Some(bucket) = bucket {
            let partition = partition(region);
            let bucket = format!("arn:{partition}:s3:::{bucket}");
            self.grant(Sid::Named, "s3:GetObject", [format!("{bucket}/*")]);
            self.grant(Sid::Named, "s3:ListBucket", [bucket]);
            // DynamoDB writes what it could not import into a log of the caller's account.
            let logs = self.arn(region, "logs", "log-group:/aws-dynamodb/*");
            for action in [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
                "logs:PutRetentionPolicy",
            ] {
                self.grant(Sid::Named, action, [logs.clone()]);
            }
            for action in ["logs:DescribeLogGroups", "logs:DescribeLogStreams"] {
                self.reads.insert(action.to_owned());
            }
        }
    }

    /// The other end of a replication, which DynamoDB works on for the caller.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html>
    fn allow_replicas(&mut self, home: Option<&str>, name: &str, updates: &[Value]) {
        for update in updates {
            for (verb, needs) in [
                ("Create", FILLING.as_slice()),
                ("Delete", REMOVING.as_slice()),
                ("Update", &["dynamodb:UpdateTable"]),
            ] {
                let Some(region) = update[verb]["RegionName"].as_str() else {
                    continue;
                };
                let there = self.arn(Some(region), "dynamodb", &format!("table/{name}"));
                for action in needs {
                    self.grant(Sid::Named, action, [there.clone()]);
                }
                if verb == "Create" {
                    // The role of the replication is made with the first one of an account.
                    self.link(home, "replication.dynamodb.amazonaws.com");
                    let key = self.arn(Some(region), "kms", "key/*");
                    self.grant(Sid::Own, "kms:CreateGrant", [key]);
                }
            }
        }
    }
}
