//! Amazon DynamoDB: tables of items that are found by their keys.

mod indexes;
mod properties;
mod settings;
mod table;
mod table_replica;

pub use indexes::{
    AttributeDefinition, GlobalSecondaryIndex, KeyElement, LocalSecondaryIndex, Projection,
};
pub use properties::{
    ContributorInsightsSpecification, ImportSourceSpecification, KinesisStreamSpecification,
    OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy,
    SseSpecification, StreamSpecification, TimeToLiveSpecification, WarmThroughput,
};
pub use table::Table;
pub use table_replica::TableReplica;

use platform_graph::{OWNER_TAG, Owner, Tags};
use serde_json::Value;

use crate::reply;

/// The pieces of a table's ARN that tell which table it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TableArn {
    /// Its Region.
    region: String,
    /// Its name, which replicas in other Regions share.
    name: String,
    /// All of it.
    whole: String,
}

impl TableArn {
    fn parse(arn: &str) -> Option<Self> {
        let pieces: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "dynamodb", region, _, resource] = pieces[..] else {
            return None;
        };
        let name = resource.strip_prefix("table/")?;
        // What comes after the name is a stream, an index or a backup of the table.
        (!name.contains('/')).then(|| TableArn {
            region: region.to_owned(),
            name: name.to_owned(),
            whole: arn.to_owned(),
        })
    }

    /// The ARN of the table of the same name in another Region.
    fn in_region(&self, region: &str) -> String {
        self.whole
            .replacen(&format!(":{}:", self.region), &format!(":{region}:"), 1)
    }
}

/// The replicas that a table shows in other Regions, as ARNs, each with what the table says of it.
fn replicas(table: &Value) -> impl Iterator<Item = (TableArn, &Value)> {
    let home = table["TableArn"].as_str().and_then(TableArn::parse);
    let listed = reply::items(table, "Replicas").iter();
    listed.filter_map(move |replica| {
        let home = home.as_ref()?;
        let region = replica["RegionName"].as_str()?;
        let there = TableArn::parse(&home.in_region(region))?;
        (region != home.region).then_some((there, replica))
    })
}

/// The tables that the tagging API lists, of those that are `ours` given their ARN and their owner.
fn counted(
    replies: &[Value],
    ours: impl Fn(&TableArn, &Owner) -> bool,
) -> impl Iterator<Item = (TableArn, Tags)> {
    let listed = replies
        .iter()
        .flat_map(|reply| reply::items(reply, "ResourceTagMappingList"));
    listed.filter_map(move |mapping| {
        let arn = TableArn::parse(mapping["ResourceARN"].as_str()?)?;
        let tags = reply::tags(reply::items(mapping, "Tags"), "Key", "Value");
        let owner: Owner = tags.get(OWNER_TAG)?.parse().ok()?;
        ours(&arn, &owner).then_some((arn, tags))
    })
}
