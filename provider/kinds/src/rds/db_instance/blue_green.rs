//! Changing an instance by a blue/green deployment.
//!
//! # Flow
//! The changes that interrupt service in place go into the deployment; everything else follows in place once the copy has taken over.
//! The instance that it took the place of stays under the name that AWS gives it, or goes with a final snapshot.
//!
//! # Guarantees
//! - What is there of a deployment, and of what it leaves, is a difference until it is as it should be: no run that is through leaves
//!   it behind unseen.
//! - While names are switched, nothing has the name of the instance. That it is missing then is no reason to make an empty one.
//! - A deployment that nothing needs any more, because its change was taken back, is removed with its copy.
//! - A deployment that can't be gone on with is told and left alone: what made it invalid may be made good.
//!
//! # Caveats
//! A copy that was made for something else than is asked for now is left alone too; taking the change back removes it.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-switching.html>.

use platform_graph::{Blocker, Call, Identity, Live};
use serde_json::{Value, json};

use super::super::blue_green::{self, BLUE_GREEN, Deployment, Previous, Stage, UnderWay};
use super::super::version::{self, Change};
use super::DbInstance;
use crate::reply;

/// The properties that a deployment changes.
const DEPLOYED: [&str; 3] = ["DBInstanceClass", "DBParameterGroupName", "EngineVersion"];

fn instance<'a>(replies: &'a [Value], name: &str) -> Option<&'a Value> {
    super::super::named(replies, "DBInstances", "DBInstanceIdentifier", name)
}

/// The instances of the part that copies have taken the place of.
fn previous<'a>(replies: &'a [Value], me: &Identity, name: &str) -> Vec<&'a Value> {
    let items = replies
        .first()
        .map(|reply| reply::items(reply, "DBInstances"));
    blue_green::previous(items.unwrap_or_default(), "DBInstanceIdentifier", me, name)
}

impl DbInstance {
    /// Whether deployments of it are looked for: RDS makes none of an instance whose master password it manages, and those of a member are
    /// its cluster's.
    fn may_be_deployed(&self) -> bool {
        self.upgrade_strategy.is_some() && self.cluster_identifier.is_none()
    }

    fn is_blue_green(&self) -> bool {
        self.upgrade_strategy.as_deref() == Some(BLUE_GREEN)
    }

    /// The calls that show it, its copies, and its deployment or that of its cluster where there may be one.
    pub(super) fn look(&self) -> Vec<Call> {
        let deployments = self.upgrade_strategy.as_ref().map(|_| blue_green::look());
        [Call::new("rds", "DescribeDBInstances")]
            .into_iter()
            .chain(deployments)
            .collect()
    }

    /// The call that shows which version a copy would be brought to.
    pub(super) fn ask_target(&self) -> Option<Call> {
        blue_green::ask_target(
            self.upgrade_strategy.as_ref(),
            self.engine.as_ref(),
            self.engine_version.as_ref(),
        )
        .filter(|_| self.may_be_deployed())
    }

    pub(super) fn deployment(
        &self,
        me: &Identity,
        name: &str,
        replies: &[Value],
    ) -> Option<Deployment> {
        match &self.cluster_identifier {
            None => blue_green::of_part(replies.get(1), me, name),
            // It has a deployment as long as that renames it.
            Some(_) => blue_green::of_member(replies.get(1), me, name),
        }
    }

    /// Why it is waited for although it serves: AWS is busy with its deployment, with the copy, or with deleting what came before.
    pub(super) fn busy(&self, me: &Identity, name: &str, replies: &[Value]) -> Option<String> {
        let deployment = self.deployment(me, name, replies);
        if let Some(deployment) = &deployment {
            match deployment.stage() {
                Stage::Moving => return Some(format!("available, and its {deployment}")),
                Stage::Ready => {
                    let copy = instance(replies, &deployment.target)?;
                    let status = reply::text(copy, "DBInstanceStatus").unwrap_or_default();
                    // AWS switches to nothing else, not even while it optimises the storage.
                    if status != "available" {
                        return Some(format!(
                            "about to be replaced by {}, which is {status}",
                            deployment.target
                        ));
                    }
                }
                Stage::Over | Stage::Broken => {}
            }
        }
        let goes = |item: &&Value| item["DBInstanceStatus"] == "deleting";
        let going = previous(replies, me, name).into_iter().find(goes)?;
        let id = reply::text(going, "DBInstanceIdentifier")?;
        (self.keep_previous == Some(false)).then(|| format!("there, and {id} is being deleted"))
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
            let copy = instance(replies, &deployment.target);
            let fits = |copy: &Value| blue_green::fits(self, &self.shown(copy), &DEPLOYED);
            UnderWay::of(deployment, copy, fits)
        });
        let previous = previous(replies, me, name).into_iter();
        let previous: Vec<Previous> = previous
            .map(|item| Previous {
                identifier: reply::text(item, "DBInstanceIdentifier").unwrap_or_default(),
                resource_id: reply::text(item, "DbiResourceId").unwrap_or_default(),
                deletion_protection: item["DeletionProtection"] == true,
                members: Vec::new(),
            })
            .collect();
        blue_green::deployed(under_way, &previous)
    }

    /// The next step of a deployment; none where everything that differs is changed in place. No calls where nothing can be done
    /// about what is there.
    pub(super) fn step(&self, live: &Live<Self>, changed: &[&str]) -> Option<Vec<Call>> {
        let deployed: Vec<&str> = changed
            .iter()
            .copied()
            .filter(|property| DEPLOYED.contains(property))
            .collect();
        let needed = self.is_blue_green() && !deployed.is_empty();
        let Some(under_way) = UnderWay::seen(&live.attributes) else {
            let starts = needed
                && self.holds_its_own()
                && self.version_change(live, changed) != Change::Older;
            return starts.then(|| vec![self.deploy(live, &deployed)]);
        };
        Some(under_way.step(needed, unprotect))
    }

    /// Whether it is neither a replica nor the member of a cluster, which are deployed with what they belong to.
    fn holds_its_own(&self) -> bool {
        <Self as platform_graph::Kind>::holds_data(self)
    }

    fn deploy(&self, live: &Live<Self>, deployed: &[&str]) -> Call {
        let given = |property: &str, value| Option::filter(value, |_| deployed.contains(&property));
        let arn = live.attributes.get("DBInstanceArn");
        let version = given("EngineVersion", self.engine_version.as_ref());
        blue_green::create(&live.id, arn, version, &live.attributes)
            // Parameters of the new family come with the new version.
            .with("TargetDBParameterGroupName", &self.parameter_group_name)
            .with(
                "TargetDBInstanceClass",
                given("DBInstanceClass", self.instance_class.as_ref()),
            )
            .with("Tags", super::super::tag_list(&self.tags))
    }

    /// The next step towards what came before being gone, or deletable, where it is to be.
    pub(super) fn let_go(&self, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let goes = self.keep_previous == Some(false) && changed.contains(&"KeepPrevious");
        let opens =
            self.deletion_protection != Some(true) && changed.contains(&"DeletionProtection");
        Previous::seen(&live.attributes)
            .iter()
            .filter_map(|previous| match previous.deletion_protection {
                true => (goes || opens).then(|| unprotect(&previous.identifier)),
                false => goes.then(|| self.farewell(&previous.identifier, &previous.resource_id)),
            })
            .collect()
    }

    /// Deletes what a copy has taken the place of, with a final snapshot where the instance gets one.
    fn farewell(&self, id: &str, resource_id: &str) -> Call {
        let attributes = super::super::attributes([("DbiResourceId", json!(resource_id))]);
        self.farewell_of(id, &attributes)
    }

    /// The calls that show what a deletion of the instance would leave behind.
    pub(super) fn look_around(&self, replies: &[Value]) -> Vec<Call> {
        match self.may_be_deployed() && replies.is_empty() {
            true => self.look(),
            false => Vec::new(),
        }
    }

    /// What goes with the instance: a deployment with its copy, and what copies have taken the place of.
    pub(super) fn around(&self, me: &Identity, id: &str, replies: &[Value]) -> Vec<Blocker> {
        if !self.may_be_deployed() {
            return Vec::new();
        }
        let deployment = self.deployment(me, id, replies).map(|deployment| {
            let copy = instance(replies, &deployment.target);
            deployment.blocker(me, copy, unprotect)
        });
        let former = previous(replies, me, id).into_iter().filter_map(|item| {
            let id = reply::text(item, "DBInstanceIdentifier")?;
            let resource_id = reply::text(item, "DbiResourceId").unwrap_or_default();
            let remove = self.farewell(&id, &resource_id);
            Some(blue_green::former(
                id,
                "instance",
                item,
                "DBInstanceStatus",
                remove,
            ))
        });
        deployment.into_iter().chain(former).collect()
    }

    /// What AWS shows already of what a deployment would be refused for.
    /// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-considerations.html>
    pub(super) fn obstacles(&self, me: &str, replies: &[Value]) -> Vec<String> {
        let Some(item) = instance(replies, me) else {
            return Vec::new();
        };
        let live = item["EngineVersion"].as_str().unwrap_or_default();
        let asked = self.engine_version.as_deref().unwrap_or_default();
        let is_postgres = item["Engine"] == "postgres";
        let is_major = version::change(live, asked) == Change::Major;
        let region = |arn: &str| arn.split(':').nth(3).map(str::to_owned);
        let here = region(item["DBInstanceArn"].as_str().unwrap_or_default());
        let replicas = reply::texts(item, "ReadReplicaDBInstanceIdentifiers");
        let is_abroad = |replica: &String| region(replica).is_some_and(|there| Some(there) != here);
        let cascades = |replica: &String| {
            let name = replica.rsplit(':').next().unwrap_or_default();
            instance(replies, name).is_some_and(|replica| {
                !reply::texts(replica, "ReadReplicaDBInstanceIdentifiers").is_empty()
            })
        };
        let waiting = reply::items(item, "DBParameterGroups")
            .iter()
            .any(|group| group["ParameterApplyStatus"] == "pending-reboot");
        [
            (
                item["MasterUserSecret"]["SecretArn"].is_string(),
                "RDS manages the master password. Apply password = \"own\" first, by itself".to_owned(),
            ),
            (
                item["BackupRetentionPeriod"] == 0,
                "it has no automated backups".to_owned(),
            ),
            (
                replicas.iter().any(is_abroad),
                "it has read replicas in other Regions".to_owned(),
            ),
            (
                replicas.iter().any(cascades),
                "its read replicas have read replicas".to_owned(),
            ),
            (
                waiting,
                "parameters of it wait for a restart".to_owned(),
            ),
            (
                is_postgres && is_major && !replicates_to_major(live),
                format!("PostgreSQL {live} can't be brought to another major version by one; a later minor version can"),
            ),
        ]
        .into_iter()
        .filter_map(|(is_so, why)| is_so.then_some(why))
        .collect()
    }

    /// What changing these properties means, for people; nothing where it is done in place.
    pub(super) fn told(&self, changed: &[&str]) -> Option<String> {
        let deploys = changed.iter().any(|property| DEPLOYED.contains(property));
        (self.is_blue_green() && self.holds_its_own() && deploys)
            .then(|| blue_green::told(self.keep_previous))
    }
}

/// Whether RDS can bring this version of PostgreSQL to another major one by a blue/green deployment.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-replication-type.html>
fn replicates_to_major(live: &str) -> bool {
    blue_green::replicates_logically(live, "16.1")
}

fn unprotect(id: &str) -> Call {
    Call::new("rds", "ModifyDBInstance")
        .with("DBInstanceIdentifier", id)
        .with("ApplyImmediately", true)
        .with("DeletionProtection", false)
}
