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
//! # Guarantees
//! - The name of a deployment is that of its database, and names are unique: there is never a second one.
//! - A deployment that does not carry the tags of the part is nobody's business.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_BlueGreenDeployment.html>.

use std::fmt;

use platform_graph::{Call, Identity};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::reply;

/// The strategy by which a change is made in a copy that takes the place of the original.
pub(super) const BLUE_GREEN: &str = "blue_green";
/// Most characters of the name of a deployment; databases may have three more.
const LONGEST: usize = 60;
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
    let item = reply::items(reply?, "BlueGreenDeployments")
        .iter()
        .find(is_it)?;
    let text = |member: &str| reply::text(item, member).unwrap_or_default();
    let tasks = reply::items(item, "Tasks").iter();
    let doing = tasks
        .filter(|task| task["Status"] == "IN_PROGRESS")
        .filter_map(|task| reply::text(task, "Name"));
    let details = match text("StatusDetails") {
        empty if empty.is_empty() => doing.collect::<Vec<_>>().join(", "),
        details => details.trim_end_matches('.').to_owned(),
    };
    Some(Deployment {
        id: text("BlueGreenDeploymentIdentifier"),
        status: text("Status"),
        details,
        target: database_of(&text("Target")).to_owned(),
    })
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
    }

    #[test]
    fn the_name_of_a_deployment_fits() {
        assert_eq!(name_of("shop-orders"), "shop-orders");
        let long = format!("{}-{}", "a".repeat(59), "bcd");
        assert_eq!(name_of(&long), "a".repeat(59));
    }
}
