//! Changing an Aurora cluster by a blue/green deployment.
//!
//! # Flow
//! The version and the parameters go into the deployment, which copies the cluster with its members; everything else follows in place
//! once the copy has taken over the names of the cluster and of each member. The cluster that it took the place of stays under the name
//! that AWS gives it, with its members, or goes with a final snapshot after them.
//!
//! # Guarantees
//! - What is there of a deployment, and of what it leaves, is a difference until it is as it should be: no run that is through leaves
//!   it behind unseen.
//! - While names are switched, nothing has the name of the cluster. That it is missing then is no reason to make an empty one.
//! - A deployment that nothing needs any more, because its change was taken back, is removed with its copy.
//! - A deployment that can't be gone on with is told and left alone: what made it invalid may be made good.
//!
//! # Caveats
//! - A copy that was made for something else than is asked for now is left alone too; taking the change back removes it.
//! - The classes of members are no part of it: AWS takes none for Aurora in the call that makes a deployment.
//! - AWS makes none of a Multi-AZ DB cluster.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-switching.html>.

use platform_graph::{Blocker, Call, Identity, Live};
use serde_json::{Value, json};

use super::super::blue_green::{self, BLUE_GREEN, Deployment, Previous, Stage, UnderWay};
use super::super::version::Change;
use super::DbCluster;
use crate::reply;

/// The properties that a deployment changes.
const DEPLOYED: [&str; 2] = ["DBClusterParameterGroupName", "EngineVersion"];
/// The least version of PostgreSQL 17 and later that Aurora makes deployments of.
const LEAST: &str = "17.4";

/// The cluster of this name.
fn cluster<'a>(replies: &'a [Value], name: &str) -> Option<&'a Value> {
    super::super::named(replies, "DBClusters", "DBClusterIdentifier", name)
}

/// The clusters that copies of the part have taken the place of.
fn previous<'a>(replies: &'a [Value], me: &Identity, name: &str) -> Vec<&'a Value> {
    let items = replies
        .first()
        .map(|reply| reply::items(reply, "DBClusters"));
    blue_green::previous(items.unwrap_or_default(), "DBClusterIdentifier", me, name)
}

/// The instances of a cluster, as the third of the replies shows them.
fn members<'a>(replies: &'a [Value], cluster: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let items = replies
        .get(2)
        .map(|reply| reply::items(reply, "DBInstances"));
    let is_in = move |item: &&Value| {
        let shown = item["DBClusterIdentifier"].as_str().unwrap_or_default();
        shown.eq_ignore_ascii_case(cluster)
    };
    let found: Vec<&Value> = items.unwrap_or_default().iter().filter(is_in).collect();
    found.into_iter()
}

/// The first word of AWS for a cluster and its instances that is not `available`, and what it is about.
fn unavailable(replies: &[Value], item: &Value) -> Option<(String, String)> {
    let name = reply::text(item, "DBClusterIdentifier")?;
    let own = (name.clone(), reply::text(item, "Status"));
    let states = members(replies, &name).map(|member| {
        (
            reply::text(member, "DBInstanceIdentifier").unwrap_or_default(),
            reply::text(member, "DBInstanceStatus"),
        )
    });
    [own]
        .into_iter()
        .chain(states)
        .map(|(name, status)| (name, status.unwrap_or_default()))
        .find(|(_, status)| status != "available")
}

/// A cluster that a copy has taken the place of, with its members.
fn left(replies: &[Value], item: &Value) -> Previous {
    let id = reply::text(item, "DBClusterIdentifier").unwrap_or_default();
    Previous {
        resource_id: reply::text(item, "DbClusterResourceId").unwrap_or_default(),
        deletion_protection: item["DeletionProtection"] == true,
        members: members(replies, &id)
            .filter_map(|member| reply::text(member, "DBInstanceIdentifier"))
            .collect(),
        replica: false,
        identifier: id,
    }
}

/// The copy where AWS refuses to delete it.
fn protected(copy: Option<&Value>) -> Vec<String> {
    blue_green::protected(copy, "DBClusterIdentifier")
}

impl DbCluster {
    /// Whether deployments are looked for: RDS makes none of a cluster whose master password it manages.
    fn may_be_deployed(&self) -> bool {
        self.upgrade_strategy.is_some()
    }

    fn is_blue_green(&self) -> bool {
        self.upgrade_strategy.as_deref() == Some(BLUE_GREEN)
    }

    /// The calls that show it and its copies, and its deployment with the members of all of them where there may be one.
    pub(super) fn look(&self) -> Vec<Call> {
        let around = self
            .may_be_deployed()
            .then(|| [blue_green::look(), Call::new("rds", "DescribeDBInstances")]);
        [Call::new("rds", "DescribeDBClusters")]
            .into_iter()
            .chain(around.into_iter().flatten())
            .collect()
    }

    /// The call that shows which version a copy would be brought to.
    pub(super) fn ask_target(&self) -> Option<Call> {
        blue_green::ask_target(
            self.upgrade_strategy.as_ref(),
            self.engine.as_ref(),
            self.engine_version.as_ref(),
        )
    }

    pub(super) fn deployment(
        &self,
        me: &Identity,
        name: &str,
        replies: &[Value],
    ) -> Option<Deployment> {
        blue_green::of_part(replies.get(1), me, name).filter(|_| self.may_be_deployed())
    }

    /// Why it is waited for although it serves: AWS is busy with its deployment, with the copy, or with deleting what came before.
    pub(super) fn busy(&self, me: &Identity, name: &str, replies: &[Value]) -> Option<String> {
        if let Some(deployment) = self.deployment(me, name, replies) {
            match deployment.stage() {
                Stage::Moving => return Some(format!("available, and its {deployment}")),
                // AWS switches to nothing else.
                Stage::Ready => {
                    let copy = cluster(replies, &deployment.target)?;
                    if let Some((what, status)) = unavailable(replies, copy) {
                        let target = &deployment.target;
                        return Some(format!(
                            "about to be replaced by {target}, of which {what} is {status}"
                        ));
                    }
                }
                Stage::Over | Stage::Broken => {}
            }
        }
        if self.keep_previous != Some(false) {
            return None;
        }
        let going = |item: &Value| {
            let id = reply::text(item, "DBClusterIdentifier")?;
            let status = item["Status"] == "deleting";
            let mut members = members(replies, &id);
            let goes = status || members.any(|member| member["DBInstanceStatus"] == "deleting");
            goes.then(|| format!("there, and {id} is being deleted"))
        };
        previous(replies, me, name).into_iter().find_map(going)
    }

    /// What there is of deployments, as attributes.
    pub(super) fn deployed(
        &self,
        me: &Identity,
        name: &str,
        replies: &[Value],
    ) -> [(&'static str, Value); 2] {
        if !self.may_be_deployed() {
            return blue_green::deployed(None, &[]);
        }
        let under_way = self.deployment(me, name, replies).map(|deployment| {
            let copy = cluster(replies, &deployment.target);
            let fits = |copy: &Value| blue_green::fits(self, &self.shown(copy), &DEPLOYED);
            UnderWay::of(deployment, copy, protected(copy), fits)
        });
        let previous = previous(replies, me, name).into_iter();
        let previous: Vec<Previous> = previous.map(|item| left(replies, item)).collect();
        blue_green::deployed(under_way, &previous)
    }

    /// The next step of a deployment; none where everything that differs is changed in place. No calls where nothing can be done
    /// about what is there.
    pub(super) fn step(&self, live: &Live<Self>, changed: &[&str]) -> Option<Vec<Call>> {
        let deploys = changed.iter().any(|property| DEPLOYED.contains(property));
        let needed = self.is_blue_green() && deploys;
        let Some(under_way) = UnderWay::seen(&live.attributes) else {
            let starts = needed && self.version_change(live, changed) != Change::Older;
            return starts.then(|| vec![self.deploy(live, changed)]);
        };
        Some(under_way.step(needed, unprotect))
    }

    fn deploy(&self, live: &Live<Self>, changed: &[&str]) -> Call {
        let arn = live.attributes.get("DBClusterArn");
        let version = self.engine_version.as_ref();
        let version = version.filter(|_| changed.contains(&"EngineVersion"));
        blue_green::create(&live.id, arn, version, &live.attributes)
            // Parameters of the new family come with the new version.
            .with(
                "TargetDBClusterParameterGroupName",
                &self.parameter_group_name,
            )
            .with("Tags", super::super::tag_list(&self.tags))
    }

    /// The next step towards what came before being gone, or deletable, where it is to be: AWS deletes no cluster that has members.
    pub(super) fn let_go(&self, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let goes = self.keep_previous == Some(false) && changed.contains(&"KeepPrevious");
        let opens =
            self.deletion_protection != Some(true) && changed.contains(&"DeletionProtection");
        let calls = |previous: &Previous| match previous.deletion_protection {
            true if goes || opens => vec![unprotect(&previous.identifier)],
            false if goes && previous.members.is_empty() => {
                vec![self.farewell(&previous.identifier, &previous.resource_id)]
            }
            false if goes => {
                let members = previous.members.iter();
                members.map(|id| blue_green::dismiss(id)).collect()
            }
            _ => Vec::new(),
        };
        Previous::seen(&live.attributes)
            .iter()
            .flat_map(calls)
            .collect()
    }

    /// Deletes what a copy has taken the place of, with a final snapshot where the cluster gets one.
    fn farewell(&self, id: &str, resource_id: &str) -> Call {
        let attributes = super::super::attributes([("DBClusterResourceId", json!(resource_id))]);
        self.farewell_of(id, &attributes)
    }

    /// What goes with the cluster: a deployment with its copy, and what copies have taken the place of.
    pub(super) fn around(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        if !self.may_be_deployed() {
            return Vec::new();
        }
        let deployment = self.deployment(me, id, replies).map(|deployment| {
            let copy = cluster(replies, &deployment.target);
            deployment.blocker(me, &protected(copy), unprotect)
        });
        let former = previous(replies, me, id)
            .into_iter()
            .flat_map(|item| self.former(replies, item));
        deployment.into_iter().chain(former).collect()
    }

    /// A cluster that a copy has taken the place of, after its members.
    fn former(&self, replies: &[Value], item: &Value) -> Vec<Blocker> {
        let previous = left(replies, item);
        let members = members(replies, &previous.identifier).filter_map(|member| {
            let id = reply::text(member, "DBInstanceIdentifier")?;
            let remove = blue_green::dismiss(&id);
            Some(blue_green::former(
                id,
                "instance",
                member,
                "DBInstanceStatus",
                remove,
            ))
        });
        let remove = self.farewell(&previous.identifier, &previous.resource_id);
        let itself = blue_green::former(previous.identifier, "cluster", item, "Status", remove);
        members.chain([itself]).collect()
    }

    /// What AWS shows already of what a deployment would be refused for.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/blue-green-deployments-considerations.html>
    pub(super) fn obstacles(&self, me: &str, replies: &[Value]) -> Vec<String> {
        let Some(item) = cluster(replies, me) else {
            return Vec::new();
        };
        let live = item["EngineVersion"].as_str().unwrap_or_default();
        let text = |member: &str| reply::text(item, member).filter(|text| !text.is_empty());
        let global = text("GlobalClusterIdentifier");
        let waiting = reply::items(item, "DBClusterMembers").iter().any(|member| {
            member["IsClusterWriter"] == true
                && member["DBClusterParameterGroupStatus"] == "pending-reboot"
        });
        let is_replicated = !reply::texts(item, "ReadReplicaIdentifiers").is_empty();
        [
            (
                item["MasterUserSecret"]["SecretArn"].is_string(),
                "RDS manages the master password. Apply password = \"own\" first, by itself"
                    .to_owned(),
            ),
            (
                global.is_some(),
                format!(
                    "it is part of the global database {}, which is upgraded by its own deployment",
                    global.unwrap_or_default()
                ),
            ),
            (
                is_replicated || text("ReplicationSourceIdentifier").is_some(),
                "another cluster replicates it, or it replicates another one".to_owned(),
            ),
            (
                waiting,
                "parameters of it wait for a restart of the instance that writes".to_owned(),
            ),
            (
                item["Engine"] == "aurora-postgresql"
                    && !blue_green::replicates_logically(live, LEAST),
                format!("Aurora makes none of PostgreSQL {live}; of a later minor version it does"),
            ),
        ]
        .into_iter()
        .filter_map(|(is_so, why)| is_so.then_some(why))
        .collect()
    }

    /// What changing these properties means, for people; nothing where it is done in place.
    pub(super) fn told(&self, changed: &[&str]) -> Option<String> {
        let deploys = changed.iter().any(|property| DEPLOYED.contains(property));
        (self.is_blue_green() && deploys).then(|| blue_green::told(self.keep_previous))
    }
}

fn unprotect(id: &str) -> Call {
    Call::new("rds", "ModifyDBCluster")
        .with("DBClusterIdentifier", id)
        .with("ApplyImmediately", true)
        .with("DeletionProtection", false)
}
