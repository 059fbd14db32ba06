//! Keys: `AWS::KMS` types.

mod alias;
pub use alias::Alias;

mod key;
pub use key::Key;

mod replica_key;
pub use replica_key::ReplicaKey;

use platform_graph::{OWNER_TAG, Owner, Tags};
use serde_json::Value;

use crate::reply;

/// The pieces of a key's ARN that tell which key it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct KeyArn {
    /// Its region.
    region: String,
    /// Its id, which replicas in other regions share: `mrk-1234abcd`.
    id: String,
    /// All of it.
    whole: String,
}

impl KeyArn {
    fn parse(arn: &str) -> Option<Self> {
        let pieces: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, "kms", region, _, resource] = pieces[..] else {
            return None;
        };
        Some(KeyArn {
            region: region.to_owned(),
            id: resource.strip_prefix("key/")?.to_owned(),
            whole: arn.to_owned(),
        })
    }
}

/// The keys that the tagging API lists, of those that are `ours` given their ARN and their owner.
fn counted(
    replies: &[Value],
    ours: impl Fn(&KeyArn, &Owner) -> bool,
) -> impl Iterator<Item = (KeyArn, Tags)> {
    let listed = replies
        .iter()
        .flat_map(|reply| reply::items(reply, "ResourceTagMappingList"));
    listed.filter_map(move |mapping| {
        let arn = KeyArn::parse(mapping["ResourceARN"].as_str()?)?;
        let tags = reply::tags(reply::items(mapping, "Tags"), "Key", "Value");
        let owner: Owner = tags.get(OWNER_TAG)?.parse().ok()?;
        ours(&arn, &owner).then_some((arn, tags))
    })
}
