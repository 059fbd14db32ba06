//! `AWS::ElastiCache::UserGroup`: the users of caches.
//!
//! Reads `DescribeUserGroups`; the id is the identity.
//!
//! # Caveats
//! - A group for Redis OSS must have one user with the name `default`.
//! - A group is not deleted while a cache uses it.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateUserGroup.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// A group of users.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct UserGroup {
    /// Id, unique in account and Region, lowercase letters, digits and hyphens; can't change.
    #[serde(default)]
    pub user_group_id: String,
    /// `valkey` or `redis`.
    #[serde(default)]
    pub engine: String,
    /// Ids of its users.
    #[serde(default)]
    pub user_ids: Vec<String>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl Kind for UserGroup {
    const TYPE: &'static str = "AWS::ElastiCache::UserGroup";
    const CREATE_ONLY: &'static [&'static str] = &["UserGroupId"];
    const UNORDERED: &'static [&'static str] = &["UserIds"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 10;
    const DEADLINE_SECONDS: u32 = 900;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeUserGroups")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let id = &self.user_group_id;
        let Some(group) = super::named(replies, "UserGroups", "UserGroupId", id) else {
            return Seen::Absent;
        };
        if let Some(seen) = super::passing(id, group["Status"].as_str()) {
            return seen;
        }
        Seen::Live(Live {
            id: id.clone(),
            attributes: super::attributes([("Arn", json!(reply::text(group, "ARN")))]),
            properties: UserGroup {
                user_group_id: id.clone(),
                engine: reply::text(group, "Engine")
                    .unwrap_or_default()
                    .to_ascii_lowercase(),
                user_ids: reply::texts(group, "UserIds"),
                tags: super::tags(replies),
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateUserGroup")
                .with("UserGroupId", &self.user_group_id)
                .with("Engine", &self.engine)
                .with("UserIds", &self.user_ids)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.user_group_id.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        let (add, remove) = difference(&self.user_ids, &live.properties.user_ids);
        let engine = changed.contains(&"Engine").then_some(&self.engine);
        vec![
            call("ModifyUserGroup")
                .with("UserGroupId", &live.id)
                .with("Engine", engine)
                .with("UserIdsToAdd", (!add.is_empty()).then_some(add))
                .with("UserIdsToRemove", (!remove.is_empty()).then_some(remove)),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteUserGroup").with("UserGroupId", id)]
    }

    fn known_by(id: &str) -> Self {
        UserGroup {
            user_group_id: id.to_owned(),
            ..UserGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "usergroup")
    }
}

/// What is to be added to `live`, and what is to be taken out of it.
pub(super) fn difference(asked: &[String], live: &[String]) -> (Vec<String>, Vec<String>) {
    let missing = |of: &[String], from: &[String]| -> Vec<String> {
        of.iter().filter(|id| !from.contains(id)).cloned().collect()
    };
    (missing(asked, live), missing(live, asked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    #[test]
    fn users_come_and_go_in_one_call() {
        let group = |ids: &[&str]| UserGroup {
            user_group_id: "shop".into(),
            engine: "valkey".into(),
            user_ids: ids.iter().map(|id| (*id).to_owned()).collect(),
            tags: Tags::new(),
        };
        let live = Live {
            id: "shop".into(),
            properties: group(&["off", "old"]),
            attributes: Attributes::new(),
        };
        let calls = group(&["new", "off"]).update(&me(None), &live, &["UserIds"]);
        assert_eq!(calls.len(), 1);
        assert_eq!(calls[0].params["UserIdsToAdd"], json!(["new"]));
        assert_eq!(calls[0].params["UserIdsToRemove"], json!(["old"]));
        assert_eq!(calls[0].params.get("Engine"), None);
    }
}
