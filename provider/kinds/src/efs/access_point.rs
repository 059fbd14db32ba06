//! `AWS::EFS::AccessPoint`: a door into a file system with a user and a root directory of its own.
//!
//! Nothing of it but its tags can change.
//!
//! # Caveats
//! The client token is kept by EFS: the same one with other parameters is refused, so it is a hash of what is asked for.
//!
//! See <https://docs.aws.amazon.com/efs/latest/ug/API_CreateAccessPoint.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply;

/// An access point.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AccessPoint {
    /// Id of the file system; can't change.
    #[serde(default)]
    pub file_system_id: String,
    /// The user whose files everything is done as; can't change.
    pub posix_user: Option<PosixUser>,
    /// The directory that clients see as root; can't change.
    pub root_directory: Option<RootDirectory>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The user whose files everything is done as. Ids are texts, as CloudFormation writes them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct PosixUser {
    /// User id.
    pub uid: String,
    /// Group id.
    pub gid: String,
    /// Further group ids, at most 16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secondary_gids: Option<Vec<String>>,
}

/// The directory that clients see as root.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct RootDirectory {
    /// Path, at most four levels deep.
    pub path: String,
    /// How the directory is made when it is not there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creation_info: Option<CreationInfo>,
}

/// Owner and permissions of a directory that EFS makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct CreationInfo {
    /// User id.
    pub owner_uid: String,
    /// Group id.
    pub owner_gid: String,
    /// Octal permissions, `0750`.
    pub permissions: String,
}

fn number(text: &str) -> Value {
    text.parse::<u64>()
        .map_or_else(|_| json!(text), Value::from)
}

fn id_text(item: &Value, member: &str) -> String {
    match &item[member] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

impl PosixUser {
    fn input(&self) -> Value {
        let mut user = json!({ "Uid": number(&self.uid), "Gid": number(&self.gid) });
        if let Some(groups) = &self.secondary_gids {
            user["SecondaryGids"] = groups.iter().map(|gid| number(gid)).collect();
        }
        user
    }

    fn of(item: &Value) -> Self {
        let groups: Vec<String> = reply::items(item, "SecondaryGids")
            .iter()
            .map(ToString::to_string)
            .collect();
        PosixUser {
            uid: id_text(item, "Uid"),
            gid: id_text(item, "Gid"),
            secondary_gids: (!groups.is_empty()).then_some(groups),
        }
    }
}

impl RootDirectory {
    fn input(&self) -> Value {
        let mut root = json!({ "Path": self.path });
        if let Some(info) = &self.creation_info {
            root["CreationInfo"] = json!({
                "OwnerUid": number(&info.owner_uid), "OwnerGid": number(&info.owner_gid), "Permissions": info.permissions,
            });
        }
        root
    }

    fn of(item: &Value) -> Self {
        let info = item.get("CreationInfo").filter(|info| info.is_object());
        RootDirectory {
            path: reply::text(item, "Path").unwrap_or_else(|| "/".to_owned()),
            creation_info: info.map(|info| CreationInfo {
                owner_uid: id_text(info, "OwnerUid"),
                owner_gid: id_text(info, "OwnerGid"),
                permissions: id_text(info, "Permissions"),
            }),
        }
    }
}

impl Kind for AccessPoint {
    const TYPE: &'static str = "AWS::EFS::AccessPoint";
    const CREATE_ONLY: &'static [&'static str] = &["FileSystemId", "PosixUser", "RootDirectory"];
    const ATTRIBUTES: &'static [&'static str] = &["AccessPointId", "Arn"];
    const TAG_FORM: TagForm = TagForm::List("AccessPointTags");
    const TAGGED: bool = true;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let call = Call::new("efs", "DescribeAccessPoints");
        vec![match &me.id {
            Some(id) => call.with("AccessPointId", id),
            None => call.with("FileSystemId", &self.file_system_id),
        }]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let list = replies
            .first()
            .map(|reply| reply::items(reply, "AccessPoints"))
            .unwrap_or_default();
        super::own(me, list, "AccessPointId", |id, item| {
            let root = RootDirectory::of(&item["RootDirectory"]);
            let whole = RootDirectory {
                path: "/".to_owned(),
                creation_info: None,
            };
            Seen::Live(Live {
                properties: AccessPoint {
                    file_system_id: reply::text(item, "FileSystemId").unwrap_or_default(),
                    posix_user: item
                        .get("PosixUser")
                        .filter(|user| user.is_object())
                        .map(PosixUser::of),
                    root_directory: reply::unless_default(
                        Some(root),
                        whole,
                        self.root_directory.as_ref(),
                    ),
                    tags: super::tags(item),
                },
                attributes: [
                    ("AccessPointId".to_owned(), json!(id)),
                    ("Arn".to_owned(), json!(reply::text(item, "AccessPointArn"))),
                ]
                .into_iter()
                .collect(),
                id,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("efs", "CreateAccessPoint")
                .with("FileSystemId", &self.file_system_id)
                .with("PosixUser", self.posix_user.as_ref().map(PosixUser::input))
                .with(
                    "RootDirectory",
                    self.root_directory.as_ref().map(RootDirectory::input),
                )
                .with("Tags", super::tag_list(&self.tags))
                .idempotent("ClientToken"),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, "AccessPointId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("efs", "DeleteAccessPoint").with("AccessPointId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        crate::census::of_service(replies, "elasticfilesystem")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "access-point")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    #[test]
    fn ids_are_numbers_in_calls_and_texts_in_properties() {
        let asked = AccessPoint {
            file_system_id: "fs-1".into(),
            posix_user: Some(PosixUser {
                uid: "1000".into(),
                gid: "1000".into(),
                secondary_gids: Some(vec!["100".into()]),
            }),
            root_directory: Some(RootDirectory {
                path: "/media".into(),
                creation_info: Some(CreationInfo {
                    owner_uid: "1000".into(),
                    owner_gid: "1000".into(),
                    permissions: "0750".into(),
                }),
            }),
            tags: Tags::new(),
        };
        let call = &asked.create(&me(None))[0];
        assert_eq!(
            call.params["PosixUser"],
            json!({ "Uid": 1000, "Gid": 1000, "SecondaryGids": [100] })
        );
        let item = json!({
            "AccessPointId": "fsap-1", "AccessPointArn": "arn:ap", "FileSystemId": "fs-1", "LifeCycleState": "available",
            "PosixUser": call.params["PosixUser"], "RootDirectory": call.params["RootDirectory"],
        });
        let Seen::Live(live) =
            asked.read(&me(Some("fsap-1")), &[json!({ "AccessPoints": [item] })])
        else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked);
    }
}
