//! What others put into the parts of a composite.
//!
//! # Flow
//! A [deep refresh](crate::Engine::refresh_deep) asks every kind that lives [inside](platform_graph::Kind::inside) others for
//! its residents in the recorded parts. The questions leave in the same batch as those about the parts themselves, so that
//! what a part of that kind would ask for anyway costs no further call.
//!
//! # Guarantees
//! What is foreign is told and nothing else: it is in no record, so no plan changes it and no destruction takes it along. What
//! AWS itself made (a tag that starts with `aws:`, except those of CloudFormation, which works for somebody) is not told.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use platform_graph::{KindDef, Live, Properties, Recorded, Records, Tags, diff};
use serde::Serialize;
use serde_json::Value;

use crate::batch::Batch;
use crate::observe::{owner_in_words, tags_of};
use crate::{Engine, Stop};

/// Tag by which CloudFormation names the stack that made something.
const STACK_TAG: &str = "aws:cloudformation:stack-name";
/// Tag by which the AWS Load Balancer Controller names its cluster.
const LOAD_BALANCER_CLUSTER_TAG: &str = "elbv2.k8s.aws/cluster";
/// Beginning of the tag by which Kubernetes names the cluster that something belongs to.
const CLUSTER_TAG_PREFIX: &str = "kubernetes.io/cluster/";

/// A resource inside a part that the part's composite does not ask for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Foreign {
    /// CloudFormation type name.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// What it says, in the words of its properties: `DestinationCidrBlock 10.9.0.0/16, VpcPeeringConnectionId pcx-1`.
    pub what: String,
    /// Whose it is, as far as its tags tell: `belongs to platform_cluster/us-east-1/shop, where it is …`.
    pub whose: String,
}

/// The residents of one part, or why they could not be looked at.
pub(crate) struct Inside {
    pub address: String,
    pub kind: &'static str,
    pub residents: Result<Vec<Live<Properties>>, Stop>,
}

impl Engine {
    /// Looks inside every recorded part for residents of every kind that can be there.
    pub(crate) async fn look_inside(&self, batch: &Batch, records: &Records) -> Vec<Inside> {
        let looks = records.iter().flat_map(|(address, record)| {
            let kinds = self
                .kinds
                .iter()
                .filter(|kind| kind.inside_of.contains(&record.kind.as_str()));
            kinds.filter_map(move |kind| {
                let id = record.id.as_deref()?;
                Some(async move {
                    Inside {
                        address: address.clone(),
                        kind: kind.name,
                        residents: residents(batch, kind, &record.kind, id).await,
                    }
                })
            })
        });
        join_all(looks).await
    }
}

async fn residents(
    batch: &Batch,
    kind: &KindDef,
    parent: &str,
    id: &str,
) -> Result<Vec<Live<Properties>>, Stop> {
    let replies: Vec<Value> = batch
        .ask((kind.inside)(parent, id))
        .await?
        .iter()
        .map(|reply| (**reply).clone())
        .collect();
    Ok((kind.residents)(parent, id, &replies)?)
}

/// The residents of a part that its composite does not ask for.
///
/// A resident is ours when it is recorded, by its id or by what can't change of it, and when it shows as a property of the part
/// (the rules of a default security group): then the difference is the plan's to show.
pub(crate) fn strangers<'a>(
    kind: &KindDef,
    part: &Recorded,
    residents: &[Live<Properties>],
    records: impl Iterator<Item = &'a Recorded>,
) -> Vec<Foreign> {
    let ours: Vec<&Recorded> = records.filter(|record| record.kind == kind.name).collect();
    residents
        .iter()
        .filter(|resident| {
            !ours
                .iter()
                .any(|record| is_recorded(kind, record, resident))
        })
        .filter(|resident| !part.properties.values().any(|value| shows(value, resident)))
        .filter_map(|resident| {
            let tags = tags_of(&resident.properties);
            Some(Foreign {
                kind: kind.name.to_owned(),
                id: resident.id.clone(),
                what: in_words(&resident.properties, part.id.as_deref()),
                whose: whose(&tags)?,
            })
        })
        .collect()
}

/// Whether a resident is what is recorded, by its id or by what can't change of it.
pub(crate) fn is_recorded(kind: &KindDef, record: &Recorded, resident: &Live<Properties>) -> bool {
    if record.id.as_ref() == Some(&resident.id) {
        return true;
    }
    // What has tags is known by its id alone, the rest by where it stands as well.
    let mut fixed = record
        .properties
        .iter()
        .filter(|(name, _)| kind.create_only.contains(&name.as_str()))
        .peekable();
    !kind.tagged
        && fixed.peek().is_some()
        && fixed.all(|(name, value)| {
            resident
                .properties
                .get(name)
                .is_some_and(|seen| diff::same(kind, name, seen, value))
        })
}

/// Whether a value names the resident or is it.
fn shows(value: &Value, resident: &Live<Properties>) -> bool {
    match value {
        Value::String(text) => *text == resident.id,
        Value::Array(items) => items.iter().any(|item| shows(item, resident)),
        Value::Object(fields) => {
            *fields == resident.properties || fields.values().any(|field| shows(field, resident))
        }
        _ => false,
    }
}

/// Whether a property of a part is what a resident of it shows: then it is the resident's, whoever owns that.
pub(crate) fn is_of_resident(name: &str, value: &Value, residents: &[Live<Properties>]) -> bool {
    residents
        .iter()
        .any(|resident| resident.properties.get(name) == Some(value))
}

/// The properties in a line, without tags and without the id of the part that everybody knows.
fn in_words(properties: &Properties, part: Option<&str>) -> String {
    let words: Vec<String> = properties
        .iter()
        .filter(|(name, value)| *name != "Tags" && value.as_str() != part)
        .map(|(name, value)| match value {
            Value::String(text) => format!("{name} {text}"),
            value => format!("{name} {value}"),
        })
        .collect();
    words.join(", ")
}

/// Whose something is, by its tags; `None` for what AWS made.
fn whose(tags: &Tags) -> Option<String> {
    if tags.contains_key(platform_graph::OWNER_TAG) {
        return Some(owner_in_words(tags));
    }
    if let Some(stack) = tags.get(STACK_TAG) {
        return Some(format!("was made by the CloudFormation stack {stack}"));
    }
    if let Some(cluster) = tags.get(LOAD_BALANCER_CLUSTER_TAG) {
        return Some(format!(
            "was made by the AWS Load Balancer Controller of cluster {cluster}"
        ));
    }
    if let Some(cluster) = tags
        .keys()
        .find_map(|key| key.strip_prefix(CLUSTER_TAG_PREFIX))
    {
        return Some(format!("was made for the Kubernetes cluster {cluster}"));
    }
    if tags.keys().any(|key| key.starts_with("aws:")) {
        return None;
    }
    Some(owner_in_words(tags))
}

/// The residents of each part by its address, those of all kinds together.
pub(crate) fn by_address(inside: &[Inside]) -> BTreeMap<&str, Vec<Live<Properties>>> {
    let mut all: BTreeMap<&str, Vec<Live<Properties>>> = BTreeMap::new();
    for one in inside {
        if let Ok(residents) = &one.residents {
            all.entry(&one.address)
                .or_default()
                .extend(residents.iter().cloned());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn tags_tell_whose_something_is() {
        for (carried, told) in [
            (
                &[] as &[(&str, &str)],
                Some("was not made by this provider"),
            ),
            (&[("team", "shop")], Some("was not made by this provider")),
            (
                &[
                    ("platform:owner", "platform_cluster/us-east-1/shop"),
                    ("platform:address", "rule/a"),
                ],
                Some("belongs to platform_cluster/us-east-1/shop, where it is rule/a"),
            ),
            (
                &[("aws:cloudformation:stack-name", "shop")],
                Some("was made by the CloudFormation stack shop"),
            ),
            (
                &[("elbv2.k8s.aws/cluster", "shop")],
                Some("was made by the AWS Load Balancer Controller of cluster shop"),
            ),
            (
                &[("kubernetes.io/cluster/shop", "owned")],
                Some("was made for the Kubernetes cluster shop"),
            ),
            (&[("aws:vpc-lattice", "x")], None),
        ] {
            assert_eq!(whose(&tags(carried)).as_deref(), told, "{carried:?}");
        }
    }
}
