//! `AWS::IAM::ServiceLinkedRole`: the role with which a service of AWS works in an account.
//!
//! Reads `ListRoles` below the path of the service, `GetRole` where the name is known; writes `CreateServiceLinkedRole` and, for the
//! description, `UpdateRole`.
//!
//! An account has one of them for each service, and whatever uses the service in it, in any Region, needs it: it is taken over where it
//! is there already, made where it is not, and never deleted.
//!
//! # Caveats
//! - AWS chooses the name and can't change it: it ends in the suffix, which few services allow. Without a suffix the shortest name
//!   counts, since a suffix only makes names longer.
//! - It takes tags, but none is set: no composite owns it, and whoever finds it by a tag could take it from others. So no census has it.
//! - For some seconds after it was made other services may not know it.
//!
//! See <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply;

/// Below this path, by the names of their services, are the roles of services.
const PATH: &str = "/aws-service-role/";

/// A service-linked role.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ServiceLinkedRole {
    /// The service, `opensearchservice.amazonaws.com`; can't change.
    #[serde(rename = "AWSServiceName")]
    pub aws_service_name: String,
    /// What the name ends in, for services that can have several roles; can't change.
    pub custom_suffix: Option<String>,
    /// Description, at most 1000 characters. AWS's own stays where nobody asks for one.
    pub description: Option<String>,
}

impl ServiceLinkedRole {
    fn path(&self) -> String {
        format!("{PATH}{}/", self.aws_service_name)
    }

    fn is_named_by(&self, name: &str) -> bool {
        self.custom_suffix.as_ref().is_none_or(|suffix| {
            name.strip_suffix(suffix.as_str())
                .is_some_and(|rest| rest.ends_with('_'))
        })
    }
}

impl Kind for ServiceLinkedRole {
    const TYPE: &'static str = "AWS::IAM::ServiceLinkedRole";
    const CREATE_ONLY: &'static [&'static str] = &["AWSServiceName", "CustomSuffix"];
    const ATTRIBUTES: &'static [&'static str] = &["RoleName"];
    const TAKEN_OVER: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![match &me.id {
            Some(name) => Call::new("iam", "GetRole").with("RoleName", name),
            None => Call::new("iam", "ListRoles").with("PathPrefix", self.path()),
        }]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let reply = replies.first().unwrap_or(&Value::Null);
        let found = match &me.id {
            Some(_) => Some(&reply["Role"]).filter(|role| role.is_object()),
            None => reply::items(reply, "Roles")
                .iter()
                .filter(|role| role["Path"] == self.path())
                .filter(|role| {
                    role["RoleName"]
                        .as_str()
                        .is_some_and(|name| self.is_named_by(name))
                })
                .min_by_key(|role| role["RoleName"].as_str().map(str::len)),
        };
        let named = found.and_then(|role| Some((role, reply::text(role, "RoleName")?)));
        let Some((role, name)) = named else {
            return Seen::Absent;
        };
        let service = role["Path"]
            .as_str()
            .and_then(|path| path.strip_prefix(PATH)?.strip_suffix('/'));
        Seen::Live(Live {
            properties: ServiceLinkedRole {
                aws_service_name: service.unwrap_or_default().to_owned(),
                custom_suffix: self
                    .custom_suffix
                    .clone()
                    .filter(|_| self.is_named_by(&name)),
                description: self
                    .description
                    .as_ref()
                    .and_then(|_| reply::text(role, "Description")),
            },
            attributes: Attributes::from_iter([("RoleName".to_owned(), json!(name))]),
            id: name,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("iam", "CreateServiceLinkedRole")
                .with("AWSServiceName", &self.aws_service_name)
                .with("CustomSuffix", &self.custom_suffix)
                .with("Description", &self.description),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(&reply["Role"], "RoleName")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"Description") {
            return Vec::new();
        }
        vec![
            Call::new("iam", "UpdateRole")
                .with("RoleName", &live.id)
                .with(
                    "Description",
                    self.description.as_deref().unwrap_or_default(),
                ),
        ]
    }

    /// Nothing: others in the account work with it.
    fn delete(&self, _me: &Identity, _id: &str, _attributes: &Attributes) -> Vec<Call> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn role(name: &str, service: &str) -> Value {
        json!({ "RoleName": name, "Path": format!("{PATH}{service}/"), "Description": "AWS's own", "Arn": "arn:aws:iam::1:role/r" })
    }

    fn found(asked: &ServiceLinkedRole, roles: &[Value]) -> Option<String> {
        let seen = asked.read(&me(None), &[json!({ "Roles": roles })]);
        seen.id().map(str::to_owned)
    }

    #[test]
    fn the_role_of_the_service_and_of_no_other_is_taken_over() {
        let asked = |suffix: Option<&str>| ServiceLinkedRole {
            aws_service_name: "autoscaling.amazonaws.com".into(),
            custom_suffix: suffix.map(str::to_owned),
            description: None,
        };
        let service = "autoscaling.amazonaws.com";
        let all = [
            role("AWSServiceRoleForAutoScaling_shop", service),
            role("AWSServiceRoleForAutoScaling", service),
            role("AWSServiceRoleFor", "autoscaling.amazonaws.com.other"),
        ];
        let named = |name: &str| Some(name.to_owned());
        assert_eq!(
            found(&asked(None), &all),
            named("AWSServiceRoleForAutoScaling")
        );
        assert_eq!(
            found(&asked(Some("shop")), &all),
            named("AWSServiceRoleForAutoScaling_shop")
        );
        assert_eq!(found(&asked(Some("hop")), &all), None);
        assert_eq!(found(&asked(None), &all[2..]), None);
    }

    #[test]
    fn a_description_shows_only_where_one_is_asked_for() {
        let mut asked = ServiceLinkedRole {
            aws_service_name: "opensearchservice.amazonaws.com".into(),
            ..ServiceLinkedRole::default()
        };
        let replies = [json!({ "Roles": [role("R", "opensearchservice.amazonaws.com")] })];
        let description = |asked: &ServiceLinkedRole| match asked.read(&me(None), &replies) {
            Seen::Live(live) => live.properties.description,
            seen => panic!("{seen:?}"),
        };
        assert_eq!(description(&asked), None);
        asked.description = Some("ours".into());
        assert_eq!(description(&asked).as_deref(), Some("AWS's own"));
    }

    #[test]
    fn it_is_made_and_never_deleted() {
        let asked = ServiceLinkedRole {
            aws_service_name: "opensearchservice.amazonaws.com".into(),
            ..ServiceLinkedRole::default()
        };
        let name = "AWSServiceRoleForAmazonOpenSearchService";
        let reply = json!({ "Role": role(name, "opensearchservice.amazonaws.com") });
        assert_eq!(asked.created(&me(None), &reply).as_deref(), Some(name));
        assert_eq!(
            asked.delete(&me(Some(name)), name, &Attributes::new()),
            Vec::<Call>::new()
        );
        let seen = asked.read(&me(Some(name)), &[reply]);
        assert_eq!(seen.id(), Some(name));
    }
}
