//! What AWS takes its time to create and to delete, and an emulator does not.
//!
//! # Flow
//!
//! A reply that shows an object which was created a moment ago shows it in its state of creation. A call that deletes an
//! object is carried out on a copy of the emulator, which says whether AWS would accept it and how it would
//! answer; on the emulator itself it is carried out when the time is over, and replies show the state of deletion until then.
//!
//! # Caveats
//!
//! - A filter on the state is answered by the emulator, which knows nothing of this.
//! - Names are compared as they are written.

use std::time::Duration;

use hyper::body::Bytes;
use serde_json::Value;

use super::call::{Call, Dialect};
use super::document::{Document, Object};

/// A sort of object that goes through states, and how its service talks about it.
///
/// REST calls are written as method and path; `*` stands for one segment, the last of which is the identifier.
#[derive(Debug, PartialEq, Eq)]
pub struct Held {
    service: &'static str,
    create: &'static [&'static str],
    describe: &'static str,
    delete: &'static str,
    /// Member that identifies it in replies.
    id: &'static str,
    /// Member that identifies it in the request that deletes it, alone or as a list; unused for REST.
    asked: &'static str,
    /// Members of replies and what they say meanwhile.
    creating: &'static [(&'static str, &'static str)],
    deleting: &'static [(&'static str, &'static str)],
}

/// How long objects of one sort stay in their states.
#[derive(Debug, Clone, Copy)]
pub struct Hold {
    /// Which objects.
    pub of: &'static Held,
    /// From the reply that names the new object.
    pub creating: Duration,
    /// From the call that deletes it.
    pub deleting: Duration,
}

impl Held {
    /// `AWS::EC2::NatGateway`
    pub const NAT_GATEWAY: &'static Self = &Self {
        service: "ec2",
        create: &["CreateNatGateway"],
        describe: "DescribeNatGateways",
        delete: "DeleteNatGateway",
        id: "natGatewayId",
        asked: "NatGatewayId",
        creating: &[("state", "pending")],
        deleting: &[("state", "deleting")],
    };
    /// `AWS::EC2::VPCEndpoint`
    pub const VPC_ENDPOINT: &'static Self = &Self {
        service: "ec2",
        create: &["CreateVpcEndpoint"],
        describe: "DescribeVpcEndpoints",
        delete: "DeleteVpcEndpoints",
        id: "vpcEndpointId",
        asked: "VpcEndpointId",
        creating: &[("state", "pending")],
        deleting: &[("state", "deleting")],
    };
    /// `AWS::DynamoDB::Table`
    pub const DYNAMODB_TABLE: &'static Self = &Self {
        service: "dynamodb",
        create: &["CreateTable"],
        describe: "DescribeTable",
        delete: "DeleteTable",
        id: "TableName",
        asked: "TableName",
        creating: &[("TableStatus", "CREATING")],
        deleting: &[("TableStatus", "DELETING")],
    };
    /// `AWS::RDS::DBInstance`, which Amazon DocumentDB and Neptune have too
    pub const DB_INSTANCE: &'static Self = &Self {
        service: "rds",
        create: &[
            "CreateDBInstance",
            "CreateDBInstanceReadReplica",
            "RestoreDBInstanceFromDBSnapshot",
            "RestoreDBInstanceToPointInTime",
        ],
        describe: "DescribeDBInstances",
        delete: "DeleteDBInstance",
        id: "DBInstanceIdentifier",
        asked: "DBInstanceIdentifier",
        creating: &[("DBInstanceStatus", "creating")],
        deleting: &[("DBInstanceStatus", "deleting")],
    };
    /// `AWS::RDS::DBCluster`, which Amazon DocumentDB and Neptune have too
    pub const DB_CLUSTER: &'static Self = &Self {
        service: "rds",
        create: &[
            "CreateDBCluster",
            "RestoreDBClusterFromSnapshot",
            "RestoreDBClusterToPointInTime",
        ],
        describe: "DescribeDBClusters",
        delete: "DeleteDBCluster",
        id: "DBClusterIdentifier",
        asked: "DBClusterIdentifier",
        creating: &[("Status", "creating")],
        deleting: &[("Status", "deleting")],
    };
    /// `AWS::ElastiCache::ReplicationGroup`
    pub const REPLICATION_GROUP: &'static Self = &Self {
        service: "elasticache",
        create: &["CreateReplicationGroup"],
        describe: "DescribeReplicationGroups",
        delete: "DeleteReplicationGroup",
        id: "ReplicationGroupId",
        asked: "ReplicationGroupId",
        creating: &[("Status", "creating")],
        deleting: &[("Status", "deleting")],
    };
    /// `AWS::OpenSearchService::Domain`
    pub const OPENSEARCH_DOMAIN: &'static Self = &Self {
        service: "es",
        create: &["POST /2021-01-01/opensearch/domain"],
        describe: "GET /2021-01-01/opensearch/domain/*",
        delete: "DELETE /2021-01-01/opensearch/domain/*",
        id: "DomainName",
        asked: "",
        creating: &[("Processing", "true"), ("Created", "false")],
        deleting: &[("Processing", "true"), ("Deleted", "true")],
    };
    /// `AWS::EFS::FileSystem`
    pub const FILE_SYSTEM: &'static Self = &Self {
        service: "elasticfilesystem",
        create: &["POST /2015-02-01/file-systems"],
        describe: "GET /2015-02-01/file-systems",
        delete: "DELETE /2015-02-01/file-systems/*",
        id: "FileSystemId",
        asked: "",
        creating: &[("LifeCycleState", "creating")],
        deleting: &[("LifeCycleState", "deleting")],
    };
    /// `AWS::EKS::Cluster`
    pub const EKS_CLUSTER: &'static Self = &Self {
        service: "eks",
        create: &["POST /clusters"],
        describe: "GET /clusters/*",
        delete: "DELETE /clusters/*",
        id: "name",
        asked: "",
        creating: &[("status", "CREATING")],
        deleting: &[("status", "DELETING")],
    };

    /// Whether the reply to this call shows the object itself, and not only a mention of it.
    fn is_shown_by(&self, call: &Call) -> bool {
        call.service == self.service
            && (self.create.iter().chain([&self.describe, &self.delete]))
                .any(|action| segments(action, &call.action).is_some())
    }

    /// The identifiers of what a call deletes; empty if it deletes nothing of this sort.
    fn deleted_by(&self, call: &Call, body: &Bytes) -> Vec<String> {
        let Some(path) = segments(self.delete, &call.action) else {
            return Vec::new();
        };
        if call.service != self.service {
            return Vec::new();
        }
        match call.dialect {
            Dialect::Rest => path.last().map(|id| (*id).to_owned()).into_iter().collect(),
            Dialect::Json => serde_json::from_slice::<Value>(body)
                .ok()
                .and_then(|request| Some(request.get(self.asked)?.as_str()?.to_owned()))
                .into_iter()
                .collect(),
            // Identifiers need no percent-encoding.
            Dialect::Ec2 | Dialect::Query => String::from_utf8_lossy(body)
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .filter(|(name, _)| name.split('.').next() == Some(self.asked))
                .map(|(_, value)| value.to_owned())
                .collect(),
        }
    }

    /// The identifier of an object of this sort.
    fn id_of(&self, object: &Object<'_>) -> Option<String> {
        let (state, _) = self.creating.first()?;
        object.member(state)?;
        object.member(self.id)
    }
}

/// What the `*` of a pattern stand for; `None` if it is another action.
fn segments<'a>(pattern: &str, action: &'a str) -> Option<Vec<&'a str>> {
    let (mut wanted, mut given) = (pattern.split('/'), action.trim_end_matches('/').split('/'));
    let mut found = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(found),
            (Some("*"), Some(segment)) => found.push(segment),
            (Some(one), Some(other)) if one == other => {}
            _ => return None,
        }
    }
}

/// The objects that are in a state at the moment.
#[derive(Debug, Default)]
pub(super) struct Holding(Vec<Entry>);

#[derive(Debug)]
struct Entry {
    of: &'static Held,
    id: String,
    says: &'static [(&'static str, &'static str)],
    until: Duration,
}

impl Holding {
    /// For how long what a call deletes is to be held; `None` if it is not to be.
    pub(super) fn departure(holds: &[Hold], call: &Call, body: &Bytes) -> Option<Duration> {
        holds
            .iter()
            .filter(|hold| !hold.deleting.is_zero() && !hold.of.deleted_by(call, body).is_empty())
            .map(|hold| hold.deleting)
            .max()
    }

    /// Forgets what is being created. What is being deleted goes when its time has come.
    pub(super) fn settle(&mut self) {
        self.0.retain(|entry| entry.says == entry.of.deleting);
    }

    /// Notes that what an accepted call deletes is about to go. `false` if all of it is being deleted already.
    pub(super) fn leaves(&mut self, holds: &[Hold], call: &Call, body: &Bytes) -> bool {
        let mut news = false;
        for hold in holds {
            for id in hold.of.deleted_by(call, body) {
                let known = |entry: &Entry| {
                    entry.of == hold.of && entry.id == id && entry.says == hold.of.deleting
                };
                if !self.0.iter().any(known) {
                    self.0.retain(|entry| entry.of != hold.of || entry.id != id);
                    self.0.push(Entry {
                        of: hold.of,
                        id,
                        says: hold.of.deleting,
                        until: Duration::MAX,
                    });
                    news = true;
                }
            }
        }
        news
    }

    /// Notes that what a call deletes is gone.
    pub(super) fn left(&mut self, holds: &[Hold], call: &Call, body: &Bytes) {
        for hold in holds {
            let ids = hold.of.deleted_by(call, body);
            self.0
                .retain(|entry| entry.of != hold.of || !ids.contains(&entry.id));
        }
    }

    /// Notes what a call has created, and makes its reply, or that of a read, say what AWS would. `None` if it says
    /// so already.
    pub(super) fn amend(
        &mut self,
        holds: &[Hold],
        call: &Call,
        body: &Bytes,
        now: Duration,
    ) -> Option<Document> {
        self.0.retain(|entry| entry.until > now);
        let creates = |hold: &&Hold| {
            let is_create = |action: &&str| segments(action, &call.action).is_some();
            call.service == hold.of.service && hold.of.create.iter().any(is_create)
        };
        let created = holds
            .iter()
            .filter(|hold| !hold.creating.is_zero())
            .find(creates);
        let concerned = self.0.iter().any(|entry| entry.of.is_shown_by(call));
        if created.is_none() && !concerned {
            return None;
        }
        let mut document = Document::read(body)?;
        if let Some(hold) = created {
            document.visit(&mut |object| {
                if let Some(id) = hold.of.id_of(&object) {
                    let known = |entry: &Entry| entry.of == hold.of && entry.id == id;
                    // A repeated client token answers with what exists.
                    if !self.0.iter().any(known) {
                        self.0.push(Entry {
                            of: hold.of,
                            id,
                            says: hold.of.creating,
                            until: now + hold.creating,
                        });
                    }
                }
            });
        }
        let mut amended = false;
        document.visit(&mut |mut object| {
            for entry in self.0.iter().filter(|entry| entry.of.is_shown_by(call)) {
                if entry.of.id_of(&object).as_deref() == Some(&*entry.id) {
                    amended = true;
                    for (member, word) in entry.says {
                        object.set(member, word);
                    }
                }
            }
        });
        amended.then_some(document)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(service: &str, action: &str, dialect: Dialect) -> Call {
        Call {
            service: service.to_owned(),
            region: "us-east-1".to_owned(),
            action: action.to_owned(),
            dialect,
            at: Duration::ZERO,
            status: None,
            stale: false,
        }
    }

    #[test]
    fn what_a_call_deletes_is_read_from_every_dialect() {
        for (held, service, action, dialect, body, ids) in [
            (
                Held::NAT_GATEWAY,
                "ec2",
                "DeleteNatGateway",
                Dialect::Ec2,
                "Action=DeleteNatGateway&NatGatewayId=nat-1",
                &["nat-1"][..],
            ),
            (
                Held::VPC_ENDPOINT,
                "ec2",
                "DeleteVpcEndpoints",
                Dialect::Ec2,
                "Action=DeleteVpcEndpoints&VpcEndpointId.1=vpce-1&VpcEndpointId.2=vpce-2",
                &["vpce-1", "vpce-2"],
            ),
            (
                Held::DB_CLUSTER,
                "rds",
                "DeleteDBCluster",
                Dialect::Query,
                "DBClusterIdentifier=main&SkipFinalSnapshot=true",
                &["main"],
            ),
            (
                Held::DYNAMODB_TABLE,
                "dynamodb",
                "DeleteTable",
                Dialect::Json,
                r#"{"TableName":"orders"}"#,
                &["orders"],
            ),
            (
                Held::FILE_SYSTEM,
                "elasticfilesystem",
                "DELETE /2015-02-01/file-systems/fs-1",
                Dialect::Rest,
                "",
                &["fs-1"],
            ),
            (
                Held::EKS_CLUSTER,
                "eks",
                "DELETE /clusters/main/node-groups/workers",
                Dialect::Rest,
                "",
                &[],
            ),
            (
                Held::NAT_GATEWAY,
                "ec2",
                "DeleteVpc",
                Dialect::Ec2,
                "VpcId=vpc-1",
                &[],
            ),
        ] {
            let call = call(service, action, dialect);
            assert_eq!(held.deleted_by(&call, &body.into()), ids, "{action}");
        }
    }

    #[test]
    fn states_hold_as_long_as_they_are_said_to() {
        let second = Duration::from_secs(1);
        let holds = [Hold {
            of: Held::OPENSEARCH_DOMAIN,
            creating: 2 * second,
            deleting: 3 * second,
        }];
        let reply = |processing, created, deleted| {
            format!(
                r#"{{"DomainStatus":{{"Created":{created},"Deleted":{deleted},"DomainName":"logs","Processing":{processing}}}}}"#
            )
        };
        let truth: Bytes = reply(false, true, false).into();
        let post = call("es", "POST /2021-01-01/opensearch/domain", Dialect::Rest);
        let get = call(
            "es",
            "GET /2021-01-01/opensearch/domain/logs",
            Dialect::Rest,
        );
        let delete = call(
            "es",
            "DELETE /2021-01-01/opensearch/domain/logs",
            Dialect::Rest,
        );
        let mut holding = Holding::default();
        let shown = |holding: &mut Holding, call: &Call, at| {
            let amended = holding.amend(&holds, call, &truth, at);
            amended.map(|document| String::from_utf8_lossy(&document.write().unwrap()).into_owned())
        };
        assert_eq!(shown(&mut holding, &get, second), None);
        let creating = Some(reply(true, false, false));
        assert_eq!(shown(&mut holding, &post, second), creating);
        assert_eq!(shown(&mut holding, &get, 2 * second), creating);
        assert_eq!(shown(&mut holding, &get, 3 * second), None);

        assert_eq!(
            Holding::departure(&holds, &delete, &Bytes::new()),
            Some(3 * second)
        );
        assert!(holding.leaves(&holds, &delete, &Bytes::new()));
        assert!(!holding.leaves(&holds, &delete, &Bytes::new()));
        let deleting = Some(reply(true, true, true));
        assert_eq!(shown(&mut holding, &get, 6 * second), deleting);
        holding.left(&holds, &delete, &Bytes::new());
        assert_eq!(shown(&mut holding, &get, 6 * second), None);
    }
}
