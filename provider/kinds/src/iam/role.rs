//! `AWS::IAM::Role`: an identity that services or accounts take on.
//!
//! Reads `GetRole` (tags included), `ListRolePolicies`, `ListAttachedRolePolicies` and `GetRolePolicy` for each inline
//! policy that is asked for; writes the operations of the same names.
//!
//! # Guarantees
//! A role has exactly the inline policies and attachments that are asked for: others show as a difference and are removed.
//! An inline policy that nobody asked for shows with the document `null`, which is like no other.
//!
//! # Caveats
//! - The name is the identity: a role of that name that somebody else made is shown with its own tags.
//! - IAM refuses to delete a role that is in an instance profile; `ListInstanceProfilesForRole` tells which.
//! - `ListRoles` shows no tags and takes no filter: the census asks for the tags of roles whose names have a region in them.
//! - IAM is eventually consistent: for some seconds other services may not accept a new role.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, OWNER_TAG, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{policy, reply};

/// Longest session in seconds when none is asked for.
const DEFAULT_SESSION: u32 = 3600;
/// Managed policies that a role can have unless the account's quota was raised.
const MOST_ATTACHED: usize = 10;

/// An IAM role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Role {
    /// Name, unique in the account, at most 64 characters.
    pub role_name: String,
    /// Path, starting and ending with `/`; AWS's default is `/`.
    pub path: Option<String>,
    /// Trust policy: who may take the role on.
    pub assume_role_policy_document: Value,
    /// Inline policies: all that the role is to have, by name.
    #[serde(default)]
    pub policies: Vec<RolePolicy>,
    /// ARNs of attached managed policies: all that the role is to have.
    #[serde(default)]
    pub managed_policy_arns: Vec<String>,
    /// ARN of the managed policy that bounds the role.
    pub permissions_boundary: Option<String>,
    /// Description, at most 1000 characters.
    pub description: Option<String>,
    /// Longest session, 3600 (AWS's default) to 43200 seconds.
    pub max_session_duration: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An inline policy of a role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RolePolicy {
    /// Name, unique in the role.
    pub policy_name: String,
    /// Policy document.
    pub policy_document: Value,
}

fn call(action: &'static str, role: &str) -> Call {
    Call::new("iam", action).with("RoleName", role)
}

/// The names in the reply to `ListRoles` that have a region in them, `main-us-east-1-flow-log`. IAM is global, so every
/// composite writes its region into the names of its roles, and others need not be asked for their tags.
fn regional_names(reply: &Value) -> impl Iterator<Item = String> {
    let directions = ["north", "south", "east", "west", "central"];
    let has_region = move |name: &str| {
        let words: Vec<&str> = name.split('-').collect();
        words.windows(2).any(|pair| {
            directions
                .iter()
                .any(|direction| pair[0].ends_with(direction))
                && pair[1].parse::<u8>().is_ok()
        })
    };
    reply::items(reply, "Roles")
        .iter()
        .filter_map(|role| reply::text(role, "RoleName"))
        .filter(move |name| has_region(name))
}

impl Role {
    fn put(&self, policy: &RolePolicy) -> Call {
        call("PutRolePolicy", &self.role_name)
            .with("PolicyName", &policy.policy_name)
            .with("PolicyDocument", policy::text(&policy.policy_document))
    }

    fn policy(&self, name: &str) -> Option<&RolePolicy> {
        self.policies
            .iter()
            .find(|policy| policy.policy_name == name)
    }

    fn policy_changes(&self, live: &Role) -> Vec<Call> {
        let differs = |policy: &&RolePolicy| {
            !live
                .policy(&policy.policy_name)
                .is_some_and(|seen| policy::same(&seen.policy_document, &policy.policy_document))
        };
        let put = self
            .policies
            .iter()
            .filter(differs)
            .map(|policy| self.put(policy));
        let gone = live
            .policies
            .iter()
            .filter(|seen| self.policy(&seen.policy_name).is_none());
        put.chain(gone.map(|policy| {
            call("DeleteRolePolicy", &self.role_name).with("PolicyName", &policy.policy_name)
        }))
        .collect()
    }

    fn attachment_changes(&self, live: &Role) -> Vec<Call> {
        let pick = |from: &[String], but_not: &[String], action| -> Vec<Call> {
            let wanted = from.iter().filter(|arn| !but_not.contains(arn));
            wanted
                .map(|arn| call(action, &self.role_name).with("PolicyArn", arn))
                .collect()
        };
        let attach = pick(
            &self.managed_policy_arns,
            &live.managed_policy_arns,
            "AttachRolePolicy",
        );
        let detach = pick(
            &live.managed_policy_arns,
            &self.managed_policy_arns,
            "DetachRolePolicy",
        );
        // Attaching first leaves no moment without permissions, where the quota has room for both.
        if live.managed_policy_arns.len() + attach.len() > MOST_ATTACHED {
            [detach, attach].concat()
        } else {
            [attach, detach].concat()
        }
    }
}

impl Kind for Role {
    const TYPE: &'static str = "AWS::IAM::Role";
    const CREATE_ONLY: &'static [&'static str] = &["Path", "RoleName"];
    const UNORDERED: &'static [&'static str] = &["ManagedPolicyArns"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn", "RoleId", "CreateDate"];
    const TAGGED: bool = true;
    const BORN: &'static str = "CreateDate";

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("GetRole", &self.role_name)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        let lists = ["ListRolePolicies", "ListAttachedRolePolicies"].map(|action| call(action, id));
        let documents = self
            .policies
            .iter()
            .map(|policy| call("GetRolePolicy", id).with("PolicyName", &policy.policy_name));
        lists.into_iter().chain(documents).collect()
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(role) = reply::having(replies, "Role")
            .map(|reply| &reply["Role"])
            .filter(|role| role.is_object())
        else {
            return Seen::Absent;
        };
        // Before the details are there, both lists read as empty.
        let names =
            reply::having(replies, "PolicyNames").map(|reply| reply::texts(reply, "PolicyNames"));
        let attached = reply::having(replies, "AttachedPolicies")
            .map(|reply| reply::items(reply, "AttachedPolicies"));
        let document = |name: &str| {
            let reply = replies.iter().find(|reply| reply["PolicyName"] == *name)?;
            reply::text(reply, "PolicyDocument").map(|text| policy::parse(&text))
        };
        let description = reply::text(role, "Description").unwrap_or_default();
        let properties = Role {
            role_name: self.role_name.clone(),
            path: reply::unless_default(
                reply::text(role, "Path"),
                "/".to_owned(),
                self.path.as_ref(),
            ),
            assume_role_policy_document: reply::text(role, "AssumeRolePolicyDocument")
                .map_or(Value::Null, |text| policy::parse(&text)),
            policies: names
                .unwrap_or_default()
                .into_iter()
                .map(|name| RolePolicy {
                    policy_document: document(&name).unwrap_or_default(),
                    policy_name: name,
                })
                .collect(),
            managed_policy_arns: attached
                .unwrap_or_default()
                .iter()
                .filter_map(|policy| reply::text(policy, "PolicyArn"))
                .collect(),
            permissions_boundary: role
                .get("PermissionsBoundary")
                .and_then(|boundary| reply::text(boundary, "PermissionsBoundaryArn")),
            description: reply::unless_default(
                Some(description),
                String::new(),
                self.description.as_ref(),
            ),
            max_session_duration: reply::unless_default(
                reply::number(role, "MaxSessionDuration"),
                DEFAULT_SESSION,
                self.max_session_duration.as_ref(),
            ),
            tags: reply::tags(reply::items(role, "Tags"), "Key", "Value"),
        };
        let attributes = Self::ATTRIBUTES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), json!(reply::text(role, name)?))));
        Seen::Live(Live {
            id: self.role_name.clone(),
            properties,
            attributes: attributes.collect(),
        })
    }

    fn known_by(id: &str) -> Self {
        Role {
            role_name: id.to_owned(),
            ..Role::default()
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let create = call("CreateRole", &self.role_name)
            .with("Path", &self.path)
            .with(
                "AssumeRolePolicyDocument",
                policy::text(&self.assume_role_policy_document),
            )
            .with("Description", &self.description)
            .with("MaxSessionDuration", self.max_session_duration)
            .with("PermissionsBoundary", &self.permissions_boundary)
            .with("Tags", reply::tag_list(&self.tags, "Key", "Value"));
        let bare = Role::default();
        [
            vec![create],
            self.policy_changes(&bare),
            self.attachment_changes(&bare),
        ]
        .concat()
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("Role")?, "RoleName")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let mut calls = Vec::new();
        if changed.contains(&"AssumeRolePolicyDocument") {
            calls.push(call("UpdateAssumeRolePolicy", &self.role_name).with(
                "PolicyDocument",
                policy::text(&self.assume_role_policy_document),
            ));
        }
        if changed.contains(&"Description") || changed.contains(&"MaxSessionDuration") {
            // What the call leaves out goes back to its default.
            let kept = |property: &str| !changed.contains(&property);
            let description = self.description.as_ref().or(live
                .properties
                .description
                .as_ref()
                .filter(|_| kept("Description")));
            let session = self.max_session_duration.or(live
                .properties
                .max_session_duration
                .filter(|_| kept("MaxSessionDuration")));
            calls.push(
                call("UpdateRole", &self.role_name)
                    .with("Description", description.map_or("", String::as_str))
                    .with("MaxSessionDuration", session.unwrap_or(DEFAULT_SESSION)),
            );
        }
        if changed.contains(&"PermissionsBoundary") {
            calls.push(match &self.permissions_boundary {
                Some(arn) => call("PutRolePermissionsBoundary", &self.role_name)
                    .with("PermissionsBoundary", arn),
                None => call("DeleteRolePermissionsBoundary", &self.role_name),
            });
        }
        if changed.contains(&"Policies") {
            calls.extend(self.policy_changes(&live.properties));
        }
        if changed.contains(&"ManagedPolicyArns") {
            calls.extend(self.attachment_changes(&live.properties));
        }
        calls
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        let set = reply::tag_list(set, "Key", "Value")
            .map(|tags| call("TagRole", &live.id).with("Tags", tags));
        let remove =
            (!remove.is_empty()).then(|| call("UntagRole", &live.id).with("TagKeys", remove));
        [set, remove].into_iter().flatten().collect()
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let detach = self
            .managed_policy_arns
            .iter()
            .map(|arn| call("DetachRolePolicy", id).with("PolicyArn", arn));
        let empty = self
            .policies
            .iter()
            .map(|policy| call("DeleteRolePolicy", id).with("PolicyName", &policy.policy_name));
        detach
            .chain(empty)
            .chain([call("DeleteRole", id)])
            .collect()
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        let Some(first) = replies.first() else {
            return vec![Call::new("iam", "ListRoles")];
        };
        if replies.len() > 1 {
            return Vec::new();
        }
        regional_names(first)
            .map(|name| call("ListRoleTags", &name))
            .collect()
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let Some((first, tags)) = replies.split_first() else {
            return Vec::new();
        };
        regional_names(first)
            .zip(tags)
            .map(|(id, reply)| Claim {
                id,
                tags: reply::tags(reply::items(reply, "Tags"), "Key", "Value"),
            })
            .filter(|claim| claim.tags.contains_key(OWNER_TAG))
            .collect()
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live, desired) {
            ("AssumeRolePolicyDocument", live, desired) => policy::same(live, desired),
            ("Policies", Value::Array(live), Value::Array(desired)) => {
                let same = |one: &Value, other: &Value| {
                    one["PolicyName"] == other["PolicyName"]
                        && policy::same(&one["PolicyDocument"], &other["PolicyDocument"])
                };
                live.len() == desired.len()
                    && desired
                        .iter()
                        .all(|wanted| live.iter().any(|seen| same(seen, wanted)))
            }
            (_, live, desired) => live == desired,
        }
    }
}

#[cfg(test)]
mod tests;
