//! Blue/green deployments: a copy of a database is made and changed, kept in step with it, and takes its place and its name.
//!
//! # Flow
//! ```text
//! nothing ─ Create ─▶ PROVISIONING ─▶ AVAILABLE ─ Switchover ─▶ SWITCHOVER_IN_PROGRESS ─▶ SWITCHOVER_COMPLETED ─ Delete ─▶ nothing
//!                                         ▲                              │
//!                                         └─ the same again ─ SWITCHOVER_FAILED
//! ```
//! Every step follows from what AWS shows, so that a run that was killed is gone on with by the next one.
//!
//! What there is of a deployment is shown as a difference ([`shown_strategy`]) until it is through, and a difference is what a run
//! [goes on with](UnderWay::step).
//!
//! # Guarantees
//! - The name of a deployment is that of its database, and names are unique: there is never a second one.
//! - A deployment that does not carry the tags of the part is nobody's business.
//! - AWS is told a whole version: that a major one alone would do is documented for changes in place only.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_BlueGreenDeployment.html>.

use std::fmt;

use platform_graph::{Attributes, Blocker, Call, Identity, Kind, OWNER_TAG, Properties, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::version;
use crate::reply;

/// The strategy by which a change is made in a copy that takes the place of the original.
pub(super) const BLUE_GREEN: &str = "blue_green";
/// The attribute with the deployment.
pub(super) const DEPLOYMENT: &str = "BlueGreenDeployment";
/// The attribute with the databases that copies have taken the place of.
pub(super) const PREVIOUS: &str = "PreviousDatabases";
/// The attribute with the version that a copy is to be brought to, where the configuration leaves the minor one to AWS.
pub(super) const TARGET: &str = "UpgradeTarget";
/// Most characters of the name of a deployment; databases may have three more.
const LONGEST: usize = 60;
/// Seconds in which what is being deleted should be gone.
const LINGERS_SECONDS: u32 = 1800;
/// Seconds after which AWS takes a switchover back; its own default.
const SWITCHOVER_SECONDS: u32 = 300;

/// Where a deployment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// AWS is busy with it.
    Moving,
    /// The copy can take over: nobody has asked for it, or AWS has taken a switchover back.
    Ready,
    /// The copy has taken over.
    Over,
    /// The copy can't take over.
    Broken,
}

/// A deployment, as AWS shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Deployment {
    /// Its id, `bgd-0123456789abcdef`.
    pub id: String,
    /// AWS's word for where it stands.
    pub status: String,
    /// What AWS says about it; may be empty.
    pub details: String,
    /// Name of the copy; after the switchover that of the database.
    pub target: String,
}

/// The call that shows the deployments of the account and Region.
pub(super) fn look() -> Call {
    Call::new("rds", "DescribeBlueGreenDeployments")
}

/// The call that shows which minor version AWS takes by default, where a deployment is to bring a database to a major one.
pub(super) fn ask_target(
    strategy: Option<&String>,
    engine: Option<&String>,
    policy: Option<&String>,
) -> Option<Call> {
    let policy = policy.filter(|policy| version::major(policy) == **policy)?;
    let call = Call::new("rds", "DescribeDBEngineVersions")
        .with("Engine", engine?)
        .with("EngineVersion", policy)
        .with("DefaultOnly", true);
    (strategy.is_some_and(|word| word == BLUE_GREEN)).then_some(call)
}

/// The version out of the reply to [`ask_target`], as an attribute; nothing for a database that runs what is asked for.
pub(super) fn target(
    reply: Option<&Value>,
    item: &Value,
    policy: Option<&String>,
) -> (&'static str, Value) {
    let live = item["EngineVersion"].as_str().unwrap_or_default();
    let policy = policy.map(String::as_str).unwrap_or_default();
    let offers = reply.map(|reply| reply::items(reply, "DBEngineVersions"));
    let found = offers
        .unwrap_or_default()
        .iter()
        .filter_map(|offer| offer["EngineVersion"].as_str())
        .find(|offer| version::satisfies(offer, policy));
    let found = found.filter(|_| !version::satisfies(live, policy));
    (TARGET, json!(found))
}

/// The call that makes a deployment of what has this ARN, with the version of the copy where that is to be another one.
pub(super) fn create(
    database: &str,
    arn: Option<&Value>,
    version: Option<&String>,
    attributes: &Attributes,
) -> Call {
    let whole = attributes.get(TARGET).cloned().unwrap_or(json!(version));
    Call::new("rds", "CreateBlueGreenDeployment")
        .with("BlueGreenDeploymentName", name_of(database))
        .with("Source", arn)
        .with("TargetEngineVersion", version.map(|_| whole))
}

/// Name of the deployments of a database. AWS takes no hyphen at the end.
pub(super) fn name_of(database: &str) -> String {
    let name: String = database.chars().take(LONGEST).collect();
    name.trim_end_matches('-').to_owned()
}

/// The deployment of the part with this name, out of the reply to [`look`].
pub(super) fn of_part(reply: Option<&Value>, me: &Identity, database: &str) -> Option<Deployment> {
    let name = name_of(database);
    let is_it = |item: &&Value| {
        let shown = item["BlueGreenDeploymentName"].as_str();
        shown.is_some_and(|shown| shown.eq_ignore_ascii_case(&name)) && me.owns(&super::tags(item))
    };
    let items = reply::items(reply?, "BlueGreenDeployments");
    items.iter().find(is_it).map(shown)
}

/// Whether there is a deployment of the database with this name, out of the reply to [`look`].
pub(super) fn is_under_way(reply: Option<&Value>, database: &str) -> bool {
    let name = name_of(database);
    let items = reply.map(|reply| reply::items(reply, "BlueGreenDeployments"));
    items.unwrap_or_default().iter().any(|item| {
        let shown = item["BlueGreenDeploymentName"].as_str();
        shown.is_some_and(|shown| shown.eq_ignore_ascii_case(&name))
    })
}

/// The deployment of the same owner's that is about to rename this instance together with its cluster, or with the instance that it
/// replicates.
pub(super) fn of_member(
    reply: Option<&Value>,
    me: &Identity,
    instance: &str,
) -> Option<Deployment> {
    let is_it = |arn: &Value| {
        let other = database_of(arn.as_str().unwrap_or_default());
        other.eq_ignore_ascii_case(instance)
            || is_copy(instance, other)
            || is_previous(instance, other)
    };
    let items = reply::items(reply?, "BlueGreenDeployments").iter();
    items
        .filter(|item| is_of(me, item))
        .find(|item| {
            let members = reply::items(item, "SwitchoverDetails").iter();
            members
                .flat_map(|member| [&member["SourceMember"], &member["TargetMember"]])
                .any(is_it)
        })
        .map(shown)
        .filter(|deployment| deployment.status == "SWITCHOVER_IN_PROGRESS")
}

/// Whether a database or a deployment carries the tag of the part's owner.
pub(super) fn is_of(me: &Identity, item: &Value) -> bool {
    super::tags(item).get(OWNER_TAG) == Some(&me.owner.to_string())
}

/// The databases in a list that copies of the part have taken the place of.
pub(super) fn previous<'a>(
    items: &'a [Value],
    member: &str,
    me: &Identity,
    database: &str,
) -> Vec<&'a Value> {
    // Another part may have such a name.
    let is_it = |item: &&Value| {
        let other = item[member].as_str().unwrap_or_default();
        is_previous(database, other) && me.owns(&super::tags(item))
    };
    items.iter().filter(is_it).collect()
}

fn shown(item: &Value) -> Deployment {
    let text = |member: &str| reply::text(item, member).unwrap_or_default();
    let tasks = reply::items(item, "Tasks").iter();
    let doing = tasks
        .filter(|task| task["Status"] == "IN_PROGRESS")
        .filter_map(|task| reply::text(task, "Name"));
    let details = match text("StatusDetails") {
        empty if empty.is_empty() => doing.collect::<Vec<_>>().join(", "),
        details => details.trim_end_matches('.').to_owned(),
    };
    Deployment {
        id: text("BlueGreenDeploymentIdentifier"),
        status: text("Status"),
        details,
        target: database_of(&text("Target")).to_owned(),
    }
}

/// The name of a database out of its ARN.
fn database_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or_default()
}

impl Deployment {
    pub fn stage(&self) -> Stage {
        match self.status.as_str() {
            "AVAILABLE" | "SWITCHOVER_FAILED" => Stage::Ready,
            "SWITCHOVER_COMPLETED" => Stage::Over,
            "INVALID_CONFIGURATION" | "PROVISIONING_FAILED" => Stage::Broken,
            // PROVISIONING, SWITCHOVER_IN_PROGRESS, DELETING, and whatever word comes later.
            _ => Stage::Moving,
        }
    }

    fn call(&self, action: &'static str) -> Call {
        Call::new("rds", action).with("BlueGreenDeploymentIdentifier", &self.id)
    }

    /// Lets the copy take over.
    pub fn switch_over(&self) -> Call {
        self.call("SwitchoverBlueGreenDeployment")
            .with("SwitchoverTimeout", SWITCHOVER_SECONDS)
    }

    /// What a deletion of the database takes along: the deployment with its copy, of which AWS refuses to delete what is `protected`.
    pub fn blocker(
        self,
        me: &Identity,
        protected: &[String],
        unprotect: impl Fn(&str) -> Call,
    ) -> Blocker {
        let is_going = self.status == "DELETING";
        let protected = match self.stage() {
            Stage::Over => &[],
            _ => protected,
        };
        let unprotect = protected.iter().map(|name| unprotect(name));
        let remove = unprotect.chain([self.remove()]).collect();
        leaving(
            self.id,
            format!("blue/green deployment, {}", self.status),
            me.tags(),
            is_going,
            remove,
        )
    }

    /// Removes the record of a deployment that is through, or a deployment that is not wanted with its copy. AWS leaves alone what has
    /// taken over, and refuses to hear of it.
    pub fn remove(&self) -> Call {
        let call = self.call("DeleteBlueGreenDeployment");
        match self.stage() {
            Stage::Over => call,
            _ => call.with("DeleteTarget", true),
        }
    }
}

/// A database that a copy has taken the place of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Previous {
    /// Its name, which AWS gives it.
    pub identifier: String,
    /// Its id, which no other database ever has.
    pub resource_id: String,
    /// Whether AWS refuses to delete it.
    pub deletion_protection: bool,
    /// Names of the instances of a cluster, and of the replicas of an instance that are among what was replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    /// Whether it is a replica, which gets no final snapshot: the data is that of what it replicates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replica: bool,
}

impl Previous {
    /// Those that were seen.
    pub fn seen(attributes: &Attributes) -> Vec<Self> {
        attribute(attributes, PREVIOUS).unwrap_or_default()
    }

    /// Whether one of those that were seen can't be deleted.
    pub fn any_protected(attributes: &Attributes) -> bool {
        let previous = Self::seen(attributes);
        previous.iter().any(|previous| previous.deletion_protection)
    }
}

/// A deployment with what is to be known of its copy to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UnderWay {
    #[serde(flatten)]
    pub deployment: Deployment,
    /// Whether the copy is what is asked for.
    pub fits: bool,
    /// Names of what AWS refuses to delete of the copy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protected: Vec<String>,
}

impl UnderWay {
    /// A deployment whose copy shows like this, if it does at all; `fits` judges that.
    pub fn of(
        deployment: Deployment,
        copy: Option<&Value>,
        protected: Vec<String>,
        fits: impl FnOnce(&Value) -> bool,
    ) -> Self {
        UnderWay {
            fits: copy.is_some_and(fits),
            protected,
            deployment,
        }
    }

    /// What was seen of one.
    pub fn seen(attributes: &Attributes) -> Option<Self> {
        attribute(attributes, DEPLOYMENT)
    }

    /// The next step, given whether anything still needs the deployment, and the call that lets something of the copy be deleted. No calls where
    /// nothing can be done about what is there.
    pub fn step(&self, needed: bool, unprotect: impl Fn(&str) -> Call) -> Vec<Call> {
        let deployment = &self.deployment;
        match deployment.stage() {
            Stage::Over => vec![deployment.remove()],
            Stage::Moving => Vec::new(),
            _ if !needed && !self.protected.is_empty() => {
                self.protected.iter().map(|name| unprotect(name)).collect()
            }
            _ if !needed => vec![deployment.remove()],
            Stage::Ready if self.fits => vec![deployment.switch_over()],
            Stage::Ready | Stage::Broken => Vec::new(),
        }
    }
}

/// What is there of deployments, as attributes.
pub(super) fn deployed(
    under_way: Option<UnderWay>,
    previous: &[Previous],
) -> [(&'static str, Value); 2] {
    let previous = match previous {
        [] => Value::Null,
        previous => json!(previous),
    };
    [(DEPLOYMENT, json!(under_way)), (PREVIOUS, previous)]
}

/// Whether a copy that shows these properties is what is asked for, as far as a deployment changes it.
pub(super) fn fits<K: Kind>(asked: &K, shown: &Properties, deployed: &[&str]) -> bool {
    let Ok(Value::Object(asked)) = serde_json::to_value(asked) else {
        return false;
    };
    deployed
        .iter()
        .all(|name| match (shown.get(*name), asked.get(*name)) {
            (_, None | Some(Value::Null)) => true,
            (Some(shown), Some(asked)) => K::same(name, shown, asked),
            (None, Some(_)) => false,
        })
}

/// Whether what came before is kept, as it shows.
pub(super) fn shown_keep(attributes: &Attributes, asked: Option<bool>) -> Option<bool> {
    asked.map(|asked| asked || attributes.contains_key(PREVIOUS))
}

/// A database that a copy has taken the place of, as what goes with the one that it is now. Its status is in the member `status`.
pub(super) fn former(id: String, what: &str, shown: &Value, status: &str, remove: Call) -> Blocker {
    leaving(
        id,
        format!("{what} that a blue/green deployment took the place of"),
        super::tags(shown),
        shown[status] == "deleting",
        vec![remove],
    )
}

/// Something that goes with a database, and is waited for where it is going already. What it holds goes into a final snapshot, as what the
/// database holds does.
fn leaving(id: String, what: String, tags: Tags, is_going: bool, remove: Vec<Call>) -> Blocker {
    let (remove, lingers_seconds) = match is_going {
        true => (Vec::new(), LINGERS_SECONDS),
        false => (remove, 0),
    };
    Blocker {
        id,
        what,
        tags,
        remove,
        lingers_seconds,
        holds_data: false,
    }
}

/// The names, in `member`, of those of these databases that AWS refuses to delete.
pub(super) fn protected<'a>(
    databases: impl IntoIterator<Item = &'a Value>,
    member: &str,
) -> Vec<String> {
    let databases = databases.into_iter();
    databases
        .filter(|database| database["DeletionProtection"] == true)
        .filter_map(|database| reply::text(database, member))
        .collect()
}

/// Deletes an instance that a copy has taken the place of and whose data is elsewhere: a replica, or an instance of a cluster.
pub(super) fn dismiss(id: &str) -> Call {
    Call::new("rds", "DeleteDBInstance")
        .with("DBInstanceIdentifier", id)
        .with("SkipFinalSnapshot", true)
}

/// An attribute that was seen, as what it is.
fn attribute<T: for<'a> Deserialize<'a>>(attributes: &Attributes, name: &str) -> Option<T> {
    serde_json::from_value(attributes.get(name)?.clone()).ok()
}

/// The strategy that shows, which is another one than is asked for until a deployment is through.
pub(super) fn shown_strategy(attributes: &Attributes, asked: Option<&String>) -> Option<String> {
    match UnderWay::seen(attributes) {
        Some(UnderWay {
            deployment, fits, ..
        }) if fits || deployment.stage() != Stage::Ready => Some(deployment.to_string()),
        Some(UnderWay { deployment, .. }) => Some(format!(
            "{deployment}, and its copy {} was made for something else; take the change back and it is removed",
            deployment.target
        )),
        None => asked.cloned(),
    }
}

/// Whether RDS keeps copies of this version of PostgreSQL in step by logical replication, where `later` is the least of the versions that
/// are not in this list.
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.Aurora_Fea_Regions_DB-eng.Feature.BlueGreenDeployments.html>
pub(super) fn replicates_logically(live: &str, later: &str) -> bool {
    let least = match version::major(live).as_str() {
        "11" => "11.21",
        "12" => "12.16",
        "13" => "13.12",
        "14" => "14.9",
        "15" => "15.4",
        "16" => "16.1",
        _ => later,
    };
    version::compare(live, least).is_ge()
}

/// What a change by a deployment means, for people.
pub(super) fn told(keep_previous: Option<bool>) -> String {
    let after = match keep_previous {
        Some(false) => "what it takes the place of is then deleted with a final snapshot",
        _ => "what it takes the place of stays, and is charged, as -old1",
    };
    format!(
        "a blue/green deployment: a copy is made and changed, which costs as much again while it is there, and takes over within minutes, in \
         which nobody can write; {after}"
    )
}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "blue/green deployment {} is {}", self.id, self.status)?;
        if !self.details.is_empty() {
            write!(f, " ({})", self.details)?;
        }
        Ok(())
    }
}

/// Whether a database has the name that AWS gives to the one that a copy has taken the place of: `orders-old1` for `orders`.
pub fn is_previous(database: &str, other: &str) -> bool {
    rest(database, other, "-old").is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Whether a database has the name that AWS gives to one that some copy has taken the place of.
pub(super) fn is_anyones_previous(other: &str) -> bool {
    let database = other.rsplit_once("-old").map(|(database, _)| database);
    database.is_some_and(|database| is_previous(database, other))
}

/// Whether a database may be what a copy has taken the place of among the replicas of an instance, by its name: `orders-reports-old1` for
/// `orders`. The replica itself may be gone since.
pub(super) fn may_be_previous_replica(database: &str, other: &str) -> bool {
    rest(database, other, "-").is_some() && is_anyones_previous(other)
}

/// Whether a database has the name that AWS gives to a copy: `orders-green-0a1b2c` for `orders`.
pub(super) fn is_copy(database: &str, other: &str) -> bool {
    rest(database, other, "-green-").is_some_and(|mark| {
        mark.len() == 6 && mark.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn rest<'a>(database: &str, other: &'a str, infix: &str) -> Option<&'a str> {
    let head = other.get(..database.len())?;
    let tail = other.get(database.len()..)?;
    (!database.is_empty() && head.eq_ignore_ascii_case(database))
        .then(|| tail.strip_prefix(infix))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_aws_gives() {
        for (other, previous, copy) in [
            ("shop-orders", false, false),
            ("shop-orders-old1", true, false),
            ("SHOP-ORDERS-old12", true, false),
            ("shop-orders-old", false, false),
            ("shop-orders-old1-green-abcdef", false, false),
            ("shop-orders-older", false, false),
            ("shop-orders-green-0a1b2c", false, true),
            ("shop-orders-green-tea", false, false),
            ("shop-orders-eu-old1", false, false),
        ] {
            assert_eq!(is_previous("shop-orders", other), previous, "{other}");
            assert_eq!(is_copy("shop-orders", other), copy, "{other}");
        }
        assert!(!is_previous("", "-old1"));
        assert!(is_anyones_previous("shop-orders-reports-old3"));
        assert!(!is_anyones_previous("shop-orders-reports"));
        assert!(!is_anyones_previous("-old1"));
        assert!(may_be_previous_replica(
            "shop-orders",
            "shop-orders-reports-old3"
        ));
        assert!(!may_be_previous_replica(
            "shop-orders",
            "shop-orders-reports"
        ));
        assert!(!may_be_previous_replica(
            "shop-orders",
            "shop-orderings-old1"
        ));
    }

    #[test]
    fn the_name_of_a_deployment_fits() {
        assert_eq!(name_of("shop-orders"), "shop-orders");
        let long = format!("{}-{}", "a".repeat(59), "bcd");
        assert_eq!(name_of(&long), "a".repeat(59));
    }
}
