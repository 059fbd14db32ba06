//! What AWS foretells of a change of a domain.
//!
//! A change of settings is a blue/green deployment or is made in place, and AWS alone knows which: it depends on the domain. A dry
//! run of the very change says so. An upgrade of the engine is always a blue/green deployment, and not every version can be reached
//! from every other one.
//!
//! # Caveats
//! - While AWS is changing the domain it can't tell what another change would mean; the plan says so, and the kind's own word counts.
//! - The dry run is the basic one. A verbose one also looks whether the domain is fit for a blue/green deployment, but it answers
//!   before it has done so: its findings are to be asked for by its id, minutes later, for which no plan waits. AWS looks once more
//!   before it deploys, and refuses then.
//!
//! See <https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-configuration-changes.html>.

use platform_graph::{Call, Disruption, Forecast};
use serde_json::Value;

use super::comparison::is_before;
use super::domain::Domain;
use crate::reply;

const ENGINE: &str = "EngineVersion";

impl Domain {
    /// The changes that are settings, and whether the engine is upgraded too.
    fn told_apart<'a>(&self, live: &Domain, changed: &[&'a str]) -> (Vec<&'a str>, bool) {
        let settings = changed.iter().copied().filter(|name| *name != ENGINE);
        let rises = match (&self.engine_version, &live.engine_version) {
            (Some(asked), Some(live)) => !is_before(asked, live),
            (asked, _) => asked.is_some(),
        };
        (settings.collect(), changed.contains(&ENGINE) && rises)
    }

    /// The dry run of the settings, then what can be reached from the domain's version, as far as they change.
    pub(super) fn ask(&self, live: &Domain, changed: &[&str]) -> Vec<Call> {
        let (settings, upgrade) = self.told_apart(live, changed);
        let change = self.reconfigure(live, &settings);
        let dry_run = change.map(|call| call.with("DryRunMode", "Basic").dry());
        let versions = upgrade.then(|| self.call("GetCompatibleVersions"));
        dry_run.into_iter().chain(versions).collect()
    }

    /// What the replies to [`Domain::ask`] say.
    pub(super) fn hear(&self, live: &Domain, changed: &[&str], replies: &[Value]) -> Forecast {
        let (settings, upgrade) = self.told_apart(live, changed);
        let mut forecast = Forecast::default();
        let mut replies = replies.iter();
        if self.reconfigure(live, &settings).is_some()
            && let Some(reply) = replies.next()
        {
            hear_dry_run(reply, &mut forecast);
        }
        if upgrade {
            forecast.disruption = Some(Disruption::Rolling);
            "a blue/green deployment, which upgrades the engine".clone_into(&mut forecast.says);
            let reply = replies.next().unwrap_or(&Value::Null);
            forecast.refusals.extend(self.out_of_reach(live, reply));
        }
        forecast
    }

    /// Why AWS would not upgrade the domain to the version that is asked for.
    fn out_of_reach(&self, live: &Domain, reply: &Value) -> Option<String> {
        let (from, to) = (live.engine_version.as_ref()?, self.engine_version.as_ref()?);
        let versions = reply::items(reply, "CompatibleVersions")
            .iter()
            .find(|versions| versions["SourceVersion"] == **from)?;
        let reached: Vec<&str> = reply::items(versions, "TargetVersions")
            .iter()
            .filter_map(Value::as_str)
            .collect();
        (!reached.contains(&to.as_str())).then(|| match reached[..] {
            [] => format!("{from} can't be upgraded"),
            _ => format!(
                "{from} can't be upgraded to {to}, only to {}",
                reached.join(", ")
            ),
        })
    }
}

fn hear_dry_run(reply: &Value, forecast: &mut Forecast) {
    let deployment = reply::text(&reply["DryRunResults"], "DeploymentType");
    let (disruption, says) = match deployment.as_deref() {
        Some("Blue/Green") => (Some(Disruption::Rolling), "a blue/green deployment"),
        Some("DynamicUpdate") => (
            Some(Disruption::None),
            "a change in place, without a blue/green deployment",
        ),
        Some("None") => (Some(Disruption::None), "no change"),
        _ => (None, ""),
    };
    if disruption.is_none() && reply.is_object() {
        forecast.unasked.push(match deployment.as_deref() {
            Some("Undetermined") => {
                "the domain is in the middle of a change, and AWS can't tell before that is through"
                    .to_owned()
            }
            other => format!(
                "AWS calls the deployment {:?}, which this version of the provider does not know",
                other.unwrap_or_default()
            ),
        });
    }
    forecast.disruption = disruption;
    says.clone_into(&mut forecast.says);
    let failures = reply::items(&reply["DryRunProgressStatus"], "ValidationFailures");
    forecast.refusals.extend(failures.iter().map(|failure| {
        let code = reply::text(failure, "Code").unwrap_or_default();
        let message = reply::text(failure, "Message").unwrap_or_default();
        format!("{code}: {}", message.trim_end_matches('.'))
    }));
}
