//! Changing an instance by a blue/green deployment.
//!
//! # Flow
//! The changes that interrupt service in place go into the deployment; everything else follows in place once the copy has taken over.
//! The instance that it took the place of stays under the name that AWS gives it, or goes with a final snapshot.
//!
//! RDS copies the replicas too, and renames all in one switchover. A replica asks for no deployment of its own: its part has its turn when
//! that of the instance is through, finds the copy under its name, and changes in place what is still missing. What its copy took the
//! place of is among what that of the instance left.
//!
//! # Guarantees
//! - What is there of a deployment, and of what it leaves, is a difference until it is as it should be: no run that is through leaves
//!   it behind unseen.
//! - While names are switched, nothing has the name of the instance. That it is missing then is no reason to make an empty one.
//! - A deployment that nothing needs any more, because its change was taken back, is removed with its copy.
//! - A deployment that can't be gone on with is told and left alone: what made it invalid may be made good.
//! - What was replaced goes as it was made: replicas before what they replicate, which RDS would make independent of it otherwise.
//!
//! # Caveats
//! - A copy that was made for something else than is asked for now is left alone too; taking the change back removes it.
//! - RDS gives the replicas in the copy the parameters and the version that are asked for, and the classes that they have: another class
//!   of a replica is a change in place.
//! - Replicas that somebody else made are copied and renamed too. They and what their copies took the place of are nobody's business.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/blue-green-deployments-switching.html>.

use platform_graph::{Blocker, Call, Disruption, Forecast, Identity, Live};
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

/// All instances.
fn instances(replies: &[Value]) -> &[Value] {
    let list = replies.first();
    list.map_or(&[], |reply| reply::items(reply, "DBInstances"))
}

/// The names of the replicas of an instance, and the ARNs of those in other Regions; without its copy, which may replicate it too. AWS shows
/// them in any order, and a plan that is made twice has to say the same.
fn replicas(item: &Value) -> Vec<String> {
    let id = item["DBInstanceIdentifier"].as_str().unwrap_or_default();
    let mut replicas = reply::texts(item, "ReadReplicaDBInstanceIdentifiers");
    replicas.retain(|replica| !blue_green::is_copy(id, replica));
    replicas.sort_unstable();
    replicas
}

/// An instance with the replicas that it has in the Region.
fn with_replicas<'a>(replies: &'a [Value], item: &'a Value) -> impl Iterator<Item = &'a Value> {
    let replicas = replicas(item).into_iter();
    [item]
        .into_iter()
        .chain(replicas.filter_map(|name| instance(replies, &name)))
}

/// Names of what AWS refuses to delete of a copy.
fn protected(replies: &[Value], copy: Option<&Value>) -> Vec<String> {
    let copies = copy
        .into_iter()
        .flat_map(|copy| with_replicas(replies, copy));
    blue_green::protected(copies, "DBInstanceIdentifier")
}

/// The instances that copies of the part and of its replicas have taken the place of, replicas first.
fn previous<'a>(replies: &'a [Value], me: &Identity, name: &str) -> Vec<&'a Value> {
    let primaries = blue_green::previous(instances(replies), "DBInstanceIdentifier", me, name);
    let theirs: Vec<String> = primaries.iter().flat_map(|item| replicas(item)).collect();
    // What they replicated may be gone already.
    let now = instance(replies, name).map_or_else(Vec::new, replicas);
    let is_replica = |item: &&Value| {
        let id = item["DBInstanceIdentifier"].as_str().unwrap_or_default();
        let has_name = |replica: &String| replica.eq_ignore_ascii_case(id);
        let is_left = theirs.iter().any(has_name)
            || now
                .iter()
                .any(|replica| blue_green::is_previous(replica, id));
        // Another part may have such a name.
        let is_in_use = now.iter().any(has_name);
        is_left && !is_in_use && blue_green::is_anyones_previous(id) && blue_green::is_of(me, item)
    };
    let replicas = instances(replies).iter().filter(is_replica);
    replicas.chain(primaries.iter().copied()).collect()
}

/// The same, in the form in which it is kept.
fn left(replies: &[Value], me: &Identity, name: &str) -> Vec<Previous> {
    let items = previous(replies, me, name);
    let identifier = |item: &Value| reply::text(item, "DBInstanceIdentifier").unwrap_or_default();
    let names: Vec<String> = items.iter().map(|item| identifier(item)).collect();
    let left = |item: &&Value| Previous {
        identifier: identifier(item),
        resource_id: reply::text(item, "DbiResourceId").unwrap_or_default(),
        deletion_protection: item["DeletionProtection"] == true,
        members: replicas(item)
            .into_iter()
            .filter(|replica| names.contains(replica))
            .collect(),
        replica: item["ReadReplicaSourceDBInstanceIdentifier"].is_string(),
    };
    items.iter().map(left).collect()
}

impl DbInstance {
    /// Whether deployments of it are looked for: RDS makes none of an instance whose master password it manages, and those of a member or a
    /// replica are those of what it belongs to.
    fn may_be_deployed(&self) -> bool {
        self.upgrade_strategy.is_some() && self.holds_its_own()
    }

    pub(super) fn is_blue_green(&self) -> bool {
        self.upgrade_strategy.as_deref() == Some(BLUE_GREEN)
    }

    /// The calls that show it, its copies, and its deployment, or that of what it belongs to, where there may be one.
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
        match self.holds_its_own() {
            true => blue_green::of_part(replies.get(1), me, name),
            // It has a deployment as long as that renames it.
            false => blue_green::of_member(replies.get(1), me, name),
        }
    }

    /// Why it is waited for although it serves: AWS is busy with its deployment, with the copy, or with deleting what came before.
    pub(super) fn busy(&self, me: &Identity, name: &str, replies: &[Value]) -> Option<String> {
        let deployment = self.deployment(me, name, replies);
        if let Some(deployment) = &deployment {
            match deployment.stage() {
                Stage::Moving => return Some(format!("available, and its {deployment}")),
                Stage::Ready => {
                    let target = &deployment.target;
                    let copy = instance(replies, target)?;
                    // AWS switches to nothing else, not even while it optimises the storage.
                    let is_busy = |item: &&Value| item["DBInstanceStatus"] != "available";
                    if let Some(item) = with_replicas(replies, copy).find(is_busy) {
                        let text = |member| reply::text(item, member).unwrap_or_default();
                        let status = text("DBInstanceStatus");
                        return Some(match text("DBInstanceIdentifier") {
                            name if name.eq_ignore_ascii_case(target) => {
                                format!("about to be replaced by {target}, which is {status}")
                            }
                            name => format!(
                                "about to be replaced by {target}, whose replica {name} is {status}"
                            ),
                        });
                    }
                }
                Stage::Over | Stage::Broken => {}
            }
        }
        if self.keep_previous != Some(false) {
            return None;
        }
        let goes = |item: &&Value| item["DBInstanceStatus"] == "deleting";
        let going = previous(replies, me, name).into_iter().find(goes)?;
        let id = reply::text(going, "DBInstanceIdentifier")?;
        Some(format!("there, and {id} is being deleted"))
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
            UnderWay::of(deployment, copy, protected(replies, copy), fits)
        });
        blue_green::deployed(under_way, &left(replies, me, name))
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
                false => (goes && previous.members.is_empty()).then(|| self.farewell(previous)),
            })
            .collect()
    }

    /// Deletes what a copy has taken the place of, with a final snapshot where the instance gets one.
    fn farewell(&self, previous: &Previous) -> Call {
        let Previous {
            identifier,
            resource_id,
            replica,
            ..
        } = previous;
        if *replica {
            return blue_green::dismiss(identifier);
        }
        let attributes = super::super::attributes([("DbiResourceId", json!(resource_id))]);
        self.farewell_of(identifier, &attributes)
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
            deployment.blocker(me, &protected(replies, copy), unprotect)
        });
        let former = left(replies, me, id).into_iter().filter_map(|previous| {
            let item = instance(replies, &previous.identifier)?;
            let what = match previous.replica {
                true => "replica",
                false => "instance",
            };
            let remove = self.farewell(&previous);
            let id = previous.identifier;
            Some(blue_green::former(
                id,
                what,
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
        let is_abroad = |replica: &String| region(replica).is_some_and(|there| Some(there) != here);
        let cascades = |replica: &String| {
            let name = replica.rsplit(':').next().unwrap_or_default();
            instance(replies, name).is_some_and(|replica| !replicas(replica).is_empty())
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
                replicas(item).iter().any(is_abroad),
                "it has read replicas in other Regions".to_owned(),
            ),
            (
                replicas(item).iter().any(cascades),
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

    /// Whether changing these properties may be done by a deployment: its own, or that of the instance that it replicates.
    pub(super) fn may_be_replaced(&self, changed: &[&str]) -> bool {
        self.told(changed).is_some()
            || self.is_blue_green() && self.is_replica() && changed.contains(&"EngineVersion")
    }

    /// What AWS shows of what changing these properties would mean. While names are switched that is something else at every look, so nothing
    /// is said then but what is true of every deployment.
    pub(super) fn expect(&self, me: &str, changed: &[&str], replies: &[Value]) -> Forecast {
        let Some(mut says) = self.told(changed) else {
            return Forecast {
                says: self.comes_along(changed, replies).unwrap_or_default(),
                ..Forecast::default()
            };
        };
        let replicas = instance(replies, me).map_or_else(Vec::new, replicas);
        if !replicas.is_empty() && !blue_green::is_under_way(replies.get(1), me) {
            says.push_str("; its replicas are copied and take over along with it: ");
            says.push_str(&replicas.join(", "));
        }
        Forecast {
            disruption: Some(Disruption::Failover),
            says,
            refusals: self.obstacles(me, replies),
            unasked: Vec::new(),
        }
    }

    /// What changing these properties of a replica means, for people, where the instance that it replicates is about to be deployed.
    fn comes_along(&self, changed: &[&str], replies: &[Value]) -> Option<String> {
        let source = self.source_identifier.as_deref();
        let source = source.filter(|_| self.may_be_replaced(changed))?;
        let asked = self.engine_version.as_deref()?;
        let is_older = |item: &Value| {
            let live = item["EngineVersion"].as_str().unwrap_or_default();
            matches!(version::change(live, asked), Change::Minor | Change::Major)
        };
        let is_deployed = blue_green::is_under_way(replies.get(1), source)
            || instance(replies, source).is_some_and(is_older);
        let class = match changed.contains(&"DBInstanceClass") {
            true => {
                "; its class is changed in place afterwards, because a deployment leaves the classes of replicas as they are"
            }
            false => "",
        };
        is_deployed.then(|| {
            format!(
                "the blue/green deployment of {source}: a copy takes its place together with that of what it replicates{class}"
            )
        })
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
