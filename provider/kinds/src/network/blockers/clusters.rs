//! The clusters that tags name, and whether they still exist.

use std::collections::BTreeSet;

use platform_graph::Tags;

use super::Place;
use super::answers::{
    Answers, instances, is_over, load_balancing_tags, network_interfaces, security_groups,
};
use crate::ec2;
use crate::reply::texts;

/// Tags by which controllers and EKS name their cluster as the value.
const CLUSTER_TAGS: [&str; 5] = [
    "elbv2.k8s.aws/cluster",
    "ingress.k8s.aws/cluster",
    "cluster.k8s.amazonaws.com/name",
    "eks:cluster-name",
    "aws:eks:cluster-name",
];

/// Tag by which they name it in the key; the value is `owned` or `shared`.
pub(super) const CLUSTER_KEY: &str = "kubernetes.io/cluster/";

/// The clusters that anything there, or a subnet of the VPC, names.
pub(super) fn named_clusters(place: Place<'_>, answers: &Answers<'_>) -> BTreeSet<String> {
    let interfaces = network_interfaces(place, answers);
    let groups = security_groups(place, answers);
    let named = interfaces
        .into_iter()
        .map(|(_, _, tags)| tags)
        .chain(groups.values().map(|group| ec2::tags(group)))
        .chain(load_balancing_tags(answers).into_values())
        .flat_map(|tags| {
            let names = clusters_of(&tags).into_iter();
            names.map(str::to_owned).collect::<Vec<_>>()
        });
    // A subnet is lent to clusters, whatever the value of the tag.
    let lent = answers
        .of("ec2", "DescribeSubnets", "Subnets")
        .filter(|subnet| ec2::is(subnet, "VpcId", place.vpc()))
        .flat_map(|subnet| {
            let tags = ec2::tags(subnet).into_keys();
            tags.filter_map(|key| key.strip_prefix(CLUSTER_KEY).map(str::to_owned))
        });
    named.chain(lent).collect()
}

/// The clusters that lay claim to what carries these tags.
pub(super) fn clusters_of(tags: &Tags) -> BTreeSet<&str> {
    let owned = tags.iter().filter_map(|(key, value)| {
        let name = key.strip_prefix(CLUSTER_KEY)?;
        (value == "owned").then_some(name)
    });
    let named = CLUSTER_TAGS
        .iter()
        .filter_map(|key| tags.get(*key))
        .map(String::as_str);
    owned.chain(named).filter(|name| !name.is_empty()).collect()
}

/// What is known of the clusters that tags may name.
pub(super) struct Clusters {
    /// Those that EKS lists; `None` when it did not tell.
    listed: Option<BTreeSet<String>>,
    /// The clusters of the instances in the VPC; `None` when EC2 did not tell.
    running: Option<BTreeSet<String>>,
}

impl Clusters {
    pub fn read(place: Place<'_>, answers: &Answers<'_>) -> Self {
        let listed = answers
            .reply("eks", "ListClusters")
            .filter(|reply| reply.get("clusters").is_some())
            .map(|reply| texts(reply, "clusters").into_iter().collect());
        let running = instances(place, answers).map(|all| {
            all.values()
                .filter(|instance| !is_over(instance))
                .flat_map(|instance| {
                    let tags = ec2::tags(instance);
                    let keys = tags.keys().filter_map(|key| key.strip_prefix(CLUSTER_KEY));
                    let names = keys.chain(clusters_of(&tags)).map(str::to_owned);
                    names.collect::<Vec<_>>()
                })
                .collect()
        });
        Clusters { listed, running }
    }

    /// Whether a cluster is certainly no more.
    pub fn is_gone(&self, name: &str) -> bool {
        let lacks = |known: &Option<BTreeSet<String>>| {
            known.as_ref().is_some_and(|all| !all.contains(name))
        };
        lacks(&self.listed) && lacks(&self.running)
    }

    pub fn in_words(&self, name: &str) -> String {
        let has =
            |known: &Option<BTreeSet<String>>| known.as_ref().is_some_and(|all| all.contains(name));
        if self.is_gone(name) {
            format!("left by the cluster {name}, which is no more")
        } else if has(&self.listed) {
            format!("of the cluster {name}, which still exists: destroy it first")
        } else if has(&self.running) {
            format!("of the cluster {name}, whose instances are still in the VPC: destroy it first")
        } else {
            format!("of the cluster {name}, which may still exist")
        }
    }
}
