//! `AWS::EFS::MountTarget`: the address at which the clients of one zone mount a file system.
//!
//! It has no tags; file system and subnet are its natural key, since EFS allows one per zone.
//!
//! # Caveats
//! A file system is not deleted while it has mount targets: they go first.
//!
//! See <https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html>.

use platform_graph::{Attributes, Call, Identity, Kind, Live, Seen};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply;

/// A mount target.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct MountTarget {
    /// Id of the file system; can't change.
    pub file_system_id: String,
    /// Id of the subnet; can't change.
    pub subnet_id: String,
    /// Ids of its security groups, 1 to 5.
    pub security_groups: Vec<String>,
    /// IPv4 address; AWS chooses one of the subnet's without. Can't change.
    pub ip_address: Option<String>,
    /// `IPV4_ONLY` (AWS's default), `IPV6_ONLY` or `DUAL_STACK`; can't change.
    pub ip_address_type: Option<String>,
    /// IPv6 address; can't change.
    pub ipv6_address: Option<String>,
}

impl Kind for MountTarget {
    const TYPE: &'static str = "AWS::EFS::MountTarget";
    const CREATE_ONLY: &'static [&'static str] = &[
        "FileSystemId",
        "IpAddress",
        "IpAddressType",
        "Ipv6Address",
        "SubnetId",
    ];
    const UNORDERED: &'static [&'static str] = &["SecurityGroups"];
    const ATTRIBUTES: &'static [&'static str] = &["Id", "IpAddress"];
    const INSIDE: &'static [&'static str] = &["AWS::EFS::FileSystem"];
    const EXPECTED_SECONDS: u32 = 90;
    const DEADLINE_SECONDS: u32 = 900;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("efs", "DescribeMountTargets").with("FileSystemId", &self.file_system_id)]
    }

    fn details(&self, _me: &Identity, id: &str) -> Vec<Call> {
        vec![Call::new("efs", "DescribeMountTargetSecurityGroups").with("MountTargetId", id)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let list = replies
            .first()
            .map(|reply| reply::items(reply, "MountTargets"))
            .unwrap_or_default();
        let found = list
            .iter()
            .filter(|target| target["LifeCycleState"] != "deleted")
            .find(|target| match &me.id {
                Some(id) => target["MountTargetId"] == **id,
                None => target["SubnetId"] == *self.subnet_id,
            });
        let Some((target, id)) =
            found.and_then(|target| Some((target, reply::text(target, "MountTargetId")?)))
        else {
            return Seen::Absent;
        };
        match target["LifeCycleState"].as_str() {
            Some("deleting") => Seen::Deleting { id },
            Some("error") => Seen::Failed {
                id,
                why: "its state is error".to_owned(),
            },
            Some(why @ "creating") => Seen::Pending {
                id,
                why: why.to_owned(),
            },
            _ => Seen::Live(self.seen(id, target, replies)),
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("efs", "CreateMountTarget")
                .with("FileSystemId", &self.file_system_id)
                .with("SubnetId", &self.subnet_id)
                .with("SecurityGroups", &self.security_groups)
                .with("IpAddress", &self.ip_address)
                .with("IpAddressType", &self.ip_address_type)
                .with("Ipv6Address", &self.ipv6_address),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, "MountTargetId")
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"SecurityGroups") {
            return Vec::new();
        }
        vec![
            Call::new("efs", "ModifyMountTargetSecurityGroups")
                .with("MountTargetId", &live.id)
                .with("SecurityGroups", &self.security_groups),
        ]
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("efs", "DeleteMountTarget").with("MountTargetId", id)]
    }

    fn inside(_parent: &str, id: &str) -> Vec<Call> {
        vec![Call::new("efs", "DescribeMountTargets").with("FileSystemId", id)]
    }

    fn residents(_parent: &str, _id: &str, replies: &[Value]) -> Vec<Live<Self>> {
        let list = replies
            .first()
            .map(|reply| reply::items(reply, "MountTargets"))
            .unwrap_or_default();
        list.iter()
            .filter(|target| target["LifeCycleState"] != "deleted")
            .filter_map(|target| {
                let id = reply::text(target, "MountTargetId")?;
                Some(MountTarget::default().seen(id, target, &[]))
            })
            .collect()
    }
}

impl MountTarget {
    fn seen(&self, id: String, target: &Value, replies: &[Value]) -> Live<Self> {
        let address = reply::text(target, "IpAddress");
        let groups = replies
            .get(1..)
            .and_then(|details| reply::having(details, "SecurityGroups"));
        Live {
            attributes: [
                ("Id".to_owned(), json!(id)),
                ("IpAddress".to_owned(), json!(address)),
            ]
            .into_iter()
            .collect(),
            properties: MountTarget {
                file_system_id: reply::text(target, "FileSystemId").unwrap_or_default(),
                subnet_id: reply::text(target, "SubnetId").unwrap_or_default(),
                security_groups: groups
                    .map(|reply| reply::texts(reply, "SecurityGroups"))
                    .unwrap_or_default(),
                ip_address: address.filter(|_| self.ip_address.is_some()),
                ip_address_type: self.ip_address_type.clone(),
                ipv6_address: reply::text(target, "Ipv6Address")
                    .filter(|_| self.ipv6_address.is_some()),
            },
            id,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    #[test]
    fn the_subnet_tells_which_one_it_is() {
        let target = |id: &str, subnet: &str, state: &str| json!({ "MountTargetId": id, "FileSystemId": "fs-1", "SubnetId": subnet, "LifeCycleState": state, "IpAddress": "10.0.0.9" });
        let replies = [
            json!({ "MountTargets": [target("fsmt-1", "subnet-1", "deleted"), target("fsmt-2", "subnet-2", "available"), target("fsmt-3", "subnet-1", "available")] }),
            json!({ "SecurityGroups": ["sg-1"] }),
        ];
        let asked = MountTarget {
            file_system_id: "fs-1".into(),
            subnet_id: "subnet-1".into(),
            security_groups: vec!["sg-1".into()],
            ..MountTarget::default()
        };
        let Seen::Live(live) = asked.read(&me(None), &replies) else {
            panic!("not live")
        };
        assert_eq!(live.id, "fsmt-3");
        assert_eq!(live.properties, asked);
        assert_eq!(live.attributes["IpAddress"], "10.0.0.9");
    }
}
