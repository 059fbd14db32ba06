//! Calls that list whatever carries an owner's tag, whoever the owner is, and what their replies say.
//!
//! # Flow
//! The kinds of EC2 share one `DescribeTags`, the kinds of other services one `GetResources` of the tagging API: calls that
//! are the same, or differ in a list that may be united, leave as one. Each kind then picks its own out of the reply: by the
//! prefix of the id in EC2, by the ARN elsewhere. Kinds that a tag does not tell apart (a security group and a VPC's default
//! one, inbound and outbound rules) ask their own `Describe` for what carries the tag.
//!
//! # Guarantees
//! What is listed may be gone: EC2 goes on listing a NAT gateway for an hour after its end. What is there and was tagged some
//! seconds ago is listed.
//!
//! # Caveats
//! - Ids are told apart by their prefix and not by the resource type of a tag, for which emulators have words of their own.
//! - The tagging API shows a new resource some seconds late.
//!
//! See <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html> and
//! <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html>.

use std::collections::BTreeMap;

use platform_graph::{ADDRESS_TAG, Call, Claim, OWNER_TAG, SEAL_TAG_PREFIX, Tags};
use serde_json::{Value, json};

use crate::ec2;
use crate::reply::{self, items, text};

/// Asks `call` once; nothing follows from its reply.
fn once(replies: &[Value], call: impl FnOnce() -> Call) -> Vec<Call> {
    if replies.is_empty() {
        vec![call()]
    } else {
        Vec::new()
    }
}

/// The call that lists the owner, address and seal tags of everything in EC2.
pub(crate) fn of_ec2(replies: &[Value]) -> Vec<Call> {
    once(replies, || {
        Call::new("ec2", "DescribeTags").with(
            "Filters",
            json!([{ "Name": "key", "Values": [OWNER_TAG, ADDRESS_TAG, format!("{SEAL_TAG_PREFIX}*")] }]),
        )
    })
}

/// The resources in the reply to [`of_ec2`] whose ids have this prefix, `vpc` for `vpc-0a1b`.
pub(crate) fn in_ec2(replies: &[Value], prefix: &str) -> Vec<Claim> {
    let is_ours = |id: &str| {
        id.rsplit_once('-')
            .is_some_and(|(before, _)| before == prefix)
    };
    let mut claims: BTreeMap<String, Tags> = BTreeMap::new();
    for tag in ec2::listed(replies, 0, "Tags") {
        if let (Some(id), Some(key)) = (text(tag, "ResourceId"), text(tag, "Key"))
            && is_ours(&id)
        {
            let value = text(tag, "Value").unwrap_or_default();
            claims.entry(id).or_default().insert(key, value);
        }
    }
    claims
        .into_iter()
        .filter(|(_, tags)| tags.contains_key(OWNER_TAG))
        .map(|(id, tags)| Claim { id, tags })
        .collect()
}

/// The `Describe` of one type, for what carries an owner's tag.
pub(crate) fn of_type(replies: &[Value], action: &'static str) -> Vec<Call> {
    once(replies, || Call::describe(action, "tag-key", OWNER_TAG))
}

/// The items in the reply to [`of_type`] that are of the kind.
pub(crate) fn in_type(
    replies: &[Value],
    list: &str,
    id_member: &str,
    is_of_kind: impl Fn(&Value) -> bool,
) -> Vec<Claim> {
    ec2::listed(replies, 0, list)
        .iter()
        .filter(|item| is_of_kind(item))
        .filter_map(|item| {
            Some(Claim {
                id: text(item, id_member)?,
                tags: ec2::tags(item),
            })
        })
        .collect()
}

/// The call that lists what carries an owner's tag in a service, by the name the service has in ARNs.
///
/// Whole services, because emulators have words of their own for the types.
pub(crate) fn of_service(replies: &[Value], service: &str) -> Vec<Call> {
    once(replies, || {
        Call::new("resourcegroupstaggingapi", "GetResources")
            .with("TagFilters", json!([{ "Key": OWNER_TAG }]))
            .with("ResourceTypeFilters", [service])
            .merging("/ResourceTypeFilters")
    })
}

/// The resources in the reply to [`of_service`] that `id_of` finds an id for, given the service and the resource of their ARNs:
/// `kms` and `key/1234abcd`.
pub(crate) fn in_service(
    replies: &[Value],
    id_of: impl Fn(&str, &str) -> Option<String>,
) -> Vec<Claim> {
    ec2::listed(replies, 0, "ResourceTagMappingList")
        .iter()
        .filter_map(|mapping| {
            let arn = text(mapping, "ResourceARN")?;
            let parts: Vec<&str> = arn.splitn(6, ':').collect();
            let [_, _, service, _, _, resource] = parts[..] else {
                return None;
            };
            Some(Claim {
                id: id_of(service, resource)?,
                tags: reply::tags(items(mapping, "Tags"), "Key", "Value"),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(claims: &[Claim]) -> Vec<&str> {
        claims.iter().map(|claim| claim.id.as_str()).collect()
    }

    #[test]
    fn a_kind_of_ec2_picks_its_own_out_of_all_tags() {
        let tag = |id: &str, key: &str, value: &str| json!({ "ResourceId": id, "ResourceType": "?", "Key": key, "Value": value });
        let reply = json!({ "Tags": [
            tag("vpc-1", OWNER_TAG, "platform_network/us-east-1/main"),
            tag("vpce-1", OWNER_TAG, "platform_network/us-east-1/main"),
            tag("vpc-1", ADDRESS_TAG, "vpc"),
            tag("vpc-1", "platform:seal/0", "{}"),
            tag("vpc-cidr-assoc-1", OWNER_TAG, "platform_network/us-east-1/main"),
            tag("vpc-2", ADDRESS_TAG, "vpc"),
        ] });
        let found = in_ec2(&[reply], "vpc");
        assert_eq!(ids(&found), ["vpc-1"]);
        assert_eq!(
            found[0].tags.keys().collect::<Vec<_>>(),
            [ADDRESS_TAG, OWNER_TAG, "platform:seal/0"]
        );
        assert_eq!(in_ec2(&[], "vpc"), []);
        assert_eq!(in_ec2(&[Value::Null], "vpc"), []);
    }

    #[test]
    fn a_kind_of_another_service_picks_its_own_by_arn() {
        let mapping =
            |arn: &str| json!({ "ResourceARN": arn, "Tags": [{ "Key": OWNER_TAG, "Value": "o" }] });
        let reply = json!({ "ResourceTagMappingList": [
            mapping("arn:aws:kms:us-east-1:123456789012:key/1"),
            mapping("arn:aws:logs:us-east-1:123456789012:log-group:/a:b"),
            mapping("arn:aws:kms:us-east-1"),
        ] });
        let found = in_service(&[reply], |service, resource| {
            let name = resource.strip_prefix("log-group:")?;
            (service == "logs").then(|| name.to_owned())
        });
        assert_eq!(ids(&found), ["/a:b"]);
        assert_eq!(found[0].tags[OWNER_TAG], "o");
    }

    #[test]
    fn a_census_is_asked_once() {
        for ask in [
            of_ec2 as fn(&[Value]) -> Vec<Call>,
            |replies| of_type(replies, "DescribeNetworkAcls"),
            |replies| of_service(replies, "kms"),
        ] {
            assert_eq!(ask(&[]).len(), 1);
            assert_eq!(ask(&[json!({})]), []);
        }
    }
}
