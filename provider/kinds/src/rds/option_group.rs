//! `AWS::RDS::OptionGroup`: plug-ins of the engine of an instance, such as MySQL's audit log.
//!
//! Reads `DescribeOptionGroups` and `ListTagsForResource`; writes `CreateOptionGroup`, `ModifyOptionGroup` and `DeleteOptionGroup`.
//!
//! # Guarantees
//! A group has exactly the options that are asked for, each with exactly the settings that are asked for: a setting that is not goes
//! back to its default.
//!
//! # Caveats
//! - A snapshot holds on to the option group of its instance, and RDS deletes no group that a snapshot holds on to. A group with
//!   `RetainForSnapshots` therefore stays when the part goes: it gets a tag that says so and counts as absent. The next part of that
//!   name takes it back.
//! - RDS shows all settings of an option with their defaults.
//! - Engine and major version are create-only: another major version needs another group.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithOptionGroups.html>.

use std::collections::BTreeSet;

use platform_graph::{
    Attributes, Call, Claim, DeletionPolicy, Disruption, Identity, Kind, Live, Seen, Tags,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::version;
use crate::{census, reply};

/// A group of options.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OptionGroup {
    /// Name, unique in account and Region, in lower case; can't change.
    #[serde(rename = "OptionGroupName", default)]
    pub name: String,
    /// Its ARN, by which a group that stayed is had back; can't change.
    pub arn: Option<String>,
    /// Description; can't change.
    #[serde(rename = "OptionGroupDescription", default)]
    pub description: String,
    /// `mysql`, `mariadb` and so on; can't change.
    #[serde(default)]
    pub engine_name: String,
    /// Major version of the engine, `8.4`; can't change.
    #[serde(default)]
    pub major_engine_version: String,
    /// All options that the group is to have.
    pub option_configurations: Option<Vec<OptionConfiguration>>,
    /// Whether it stays where snapshots may hold on to it.
    pub retain_for_snapshots: Option<bool>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// An option.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OptionConfiguration {
    /// Name, `MARIADB_AUDIT_PLUGIN`.
    pub option_name: String,
    /// Settings that differ from their defaults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option_settings: Option<Vec<OptionSetting>>,
    /// Version of the option; AWS chooses without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option_version: Option<String>,
    /// TCP port on which the option listens, for options that do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u32>,
    /// Ids of the security groups of that port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vpc_security_group_memberships: Option<Vec<String>>,
}

/// A setting of an option.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct OptionSetting {
    /// Name, `SERVER_AUDIT_EVENTS`.
    pub name: String,
    /// Value.
    pub value: String,
}

const ARN: &str = "OptionGroupArn";
/// The tag of a group that stays for the snapshots that hold on to it.
const RETAINED: &str = "platform:retained";

impl OptionConfiguration {
    fn seen(item: &Value, asked: Option<&OptionConfiguration>) -> OptionConfiguration {
        let is_asked = |name: &str| {
            asked
                .into_iter()
                .flat_map(|option| option.option_settings.iter().flatten())
                .any(|setting| setting.name == name)
        };
        let mut settings: Vec<OptionSetting> = reply::items(item, "OptionSettings")
            .iter()
            .filter_map(|setting| {
                let name = reply::text(setting, "Name")?;
                let value = reply::text(setting, "Value")?;
                let is_default = setting["DefaultValue"] == value.as_str();
                (is_asked(&name) || !is_default).then_some(OptionSetting { name, value })
            })
            .collect();
        settings.sort_by(|one, other| one.name.cmp(&other.name));
        let groups: Vec<String> = reply::items(item, "VpcSecurityGroupMemberships")
            .iter()
            .filter_map(|group| reply::text(group, "VpcSecurityGroupId"))
            .collect();
        OptionConfiguration {
            option_name: reply::text(item, "OptionName").unwrap_or_default(),
            option_settings: reply::unless_default(
                Some(settings),
                Vec::new(),
                asked.and_then(|option| option.option_settings.as_ref()),
            ),
            // What is not asked for is AWS's choice.
            option_version: asked
                .and_then(|option| option.option_version.as_ref())
                .and_then(|_| reply::text(item, "OptionVersion")),
            port: asked
                .and_then(|option| option.port)
                .and_then(|_| reply::number(item, "Port")),
            vpc_security_group_memberships: asked
                .and_then(|option| option.vpc_security_group_memberships.as_ref())
                .map(|_| groups),
        }
    }

    /// As it is asked for, with the settings that somebody made and nobody asks for named without a value, so that they go back.
    fn given(&self, there: Option<&OptionConfiguration>) -> Value {
        let mut given = json!({ "OptionName": self.option_name });
        let asked = self.option_settings.as_deref().unwrap_or_default();
        let names: BTreeSet<&str> = asked.iter().map(|setting| setting.name.as_str()).collect();
        let mut settings: Vec<Value> = asked.iter().map(|setting| json!(setting)).collect();
        settings.extend(
            there
                .iter()
                .flat_map(|option| option.option_settings.iter().flatten())
                .filter(|setting| !names.contains(setting.name.as_str()))
                .map(|setting| json!({ "Name": setting.name })),
        );
        let further = [
            ("OptionSettings", json!(settings)),
            ("OptionVersion", json!(self.option_version)),
            ("Port", json!(self.port)),
            (
                "VpcSecurityGroupMemberships",
                json!(self.vpc_security_group_memberships),
            ),
        ];
        for (name, value) in further {
            if !value.is_null() && value != json!([]) {
                given[name] = value;
            }
        }
        given
    }
}

impl OptionGroup {
    fn options(&self) -> &[OptionConfiguration] {
        self.option_configurations.as_deref().unwrap_or_default()
    }

    fn option(&self, name: &str) -> Option<&OptionConfiguration> {
        self.options()
            .iter()
            .find(|option| option.option_name == name)
    }

    fn seen(&self, name: &str, item: &Value, tags: Tags) -> OptionGroup {
        let mut options: Vec<OptionConfiguration> = reply::items(item, "Options")
            .iter()
            .map(|shown| {
                let name = shown["OptionName"].as_str().unwrap_or_default();
                OptionConfiguration::seen(shown, self.option(name))
            })
            .collect();
        options.sort_by(|one, other| one.option_name.cmp(&other.option_name));
        OptionGroup {
            name: name.to_owned(),
            arn: self.arn.clone(),
            description: reply::text(item, "OptionGroupDescription").unwrap_or_default(),
            engine_name: reply::text(item, "EngineName").unwrap_or_default(),
            major_engine_version: reply::text(item, "MajorEngineVersion").unwrap_or_default(),
            option_configurations: reply::unless_default(
                Some(options),
                Vec::new(),
                self.option_configurations.as_ref(),
            ),
            retain_for_snapshots: self.retain_for_snapshots,
            tags,
        }
    }
}

/// Name of the option group of an instance, unless it is the engine's own. While one takes the place of another, both are listed.
pub(super) fn of_instance(item: &Value) -> Option<String> {
    reply::items(item, "OptionGroupMemberships")
        .iter()
        .filter(|group| {
            let status = group["Status"].as_str().unwrap_or_default();
            !status.contains("remov")
        })
        .filter_map(|group| reply::text(group, "OptionGroupName"))
        .find(|name| !name.starts_with("default:"))
}

/// Name of the engine's own option group, `default:mysql-8-4`.
pub(super) fn own(engine: Option<&str>, engine_version: Option<&str>) -> String {
    let major = version::major(engine_version.unwrap_or_default());
    format!(
        "default:{}-{}",
        engine.unwrap_or("mysql"),
        major.replace('.', "-")
    )
}

/// A list of options with its lists in order.
fn sorted(options: &Value) -> Option<Vec<OptionConfiguration>> {
    let mut options: Vec<OptionConfiguration> = serde_json::from_value(options.clone()).ok()?;
    for option in &mut options {
        let settings = option.option_settings.get_or_insert_default();
        settings.sort_by(|one, other| one.name.cmp(&other.name));
        option
            .vpc_security_group_memberships
            .get_or_insert_default()
            .sort();
    }
    options.sort_by(|one, other| one.option_name.cmp(&other.option_name));
    Some(options)
}

impl Kind for OptionGroup {
    const TYPE: &'static str = "AWS::RDS::OptionGroup";
    const CREATE_ONLY: &'static [&'static str] = &[
        "Arn",
        "EngineName",
        "MajorEngineVersion",
        "OptionGroupDescription",
        "OptionGroupName",
    ];
    const ATTRIBUTES: &'static [&'static str] = &[ARN];
    const LASTING: &'static [&'static str] = &[ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const OURS: &'static [&'static str] = &["Arn", "RetainForSnapshots"];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeOptionGroups")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.name);
        let Some(item) = super::named(replies, "OptionGroupsList", "OptionGroupName", name) else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        let tags = replies.get(1).map(super::tags).unwrap_or_default();
        if tags.contains_key(RETAINED) {
            // By its name it is in the way of a new one, and can be had back.
            return match me.id {
                None if me.owns(&tags) => Seen::Deleting { id },
                _ => Seen::Absent,
            };
        }
        Seen::Live(Live {
            properties: self.seen(name, item, tags),
            attributes: super::attributes([(ARN, item[ARN].clone())]),
            id,
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("rds", "CreateOptionGroup")
                .with("OptionGroupName", &self.name)
                .with("OptionGroupDescription", &self.description)
                .with("EngineName", &self.engine_name)
                .with("MajorEngineVersion", &self.major_engine_version)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.name.clone())
    }

    fn restore(&self, _me: &Identity, _id: &str) -> Vec<Call> {
        let untag = |arn: &String| {
            Call::new("rds", "RemoveTagsFromResource")
                .with("ResourceName", arn)
                .with("TagKeys", [RETAINED])
        };
        self.arn.iter().map(untag).collect()
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if !changed.contains(&"OptionConfigurations") {
            return Vec::new();
        }
        let there = &live.properties;
        let include: Vec<Value> = self
            .options()
            .iter()
            .filter(|option| there.option(&option.option_name) != Some(option))
            .map(|option| option.given(there.option(&option.option_name)))
            .collect();
        let remove: Vec<&str> = there
            .options()
            .iter()
            .map(|option| option.option_name.as_str())
            .filter(|name| self.option(name).is_none())
            .collect();
        let call = Call::new("rds", "ModifyOptionGroup")
            .with("OptionGroupName", &live.id)
            .with("ApplyImmediately", true)
            .with("OptionsToInclude", (!include.is_empty()).then_some(include))
            .with("OptionsToRemove", (!remove.is_empty()).then_some(remove));
        vec![call]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, attributes: &Attributes) -> Vec<Call> {
        if self.retain_for_snapshots == Some(true) {
            let tag = Tags::from([(RETAINED.to_owned(), "for its snapshots".to_owned())]);
            return super::retag(attributes, ARN, &tag, &[]);
        }
        vec![Call::new("rds", "DeleteOptionGroup").with("OptionGroupName", id)]
    }

    fn deletion_policy(&self) -> DeletionPolicy {
        match self.retain_for_snapshots {
            Some(true) => DeletionPolicy::Retain,
            _ => DeletionPolicy::Delete,
        }
    }

    fn known_by(id: &str) -> Self {
        OptionGroup {
            name: id.to_owned(),
            ..OptionGroup::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_service(replies, "rds")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        let mut claims = super::counted(replies, "og");
        claims.retain(|claim| !claim.tags.contains_key(RETAINED));
        claims
    }

    fn disruption(_property: &str) -> Disruption {
        // Some options restart the engine, and RDS does not tell which before it does.
        Disruption::Failover
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "OptionConfigurations" => sorted(live) == sorted(desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    const AUDIT: &str = "MARIADB_AUDIT_PLUGIN";

    fn asked(settings: &[(&str, &str)]) -> OptionGroup {
        let settings = settings.iter().map(|(name, value)| OptionSetting {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        OptionGroup {
            name: "shop-orders-mysql8-4".into(),
            description: "orders".into(),
            engine_name: "mysql".into(),
            major_engine_version: "8.4".into(),
            option_configurations: Some(vec![OptionConfiguration {
                option_name: AUDIT.into(),
                option_settings: Some(settings.collect()),
                ..OptionConfiguration::default()
            }]),
            ..OptionGroup::default()
        }
    }

    fn reply(options: Value) -> Value {
        json!({ "OptionGroupsList": [
            { "OptionGroupName": "default:mysql-8-4", "EngineName": "mysql", "MajorEngineVersion": "8.4" },
            { "OptionGroupName": "shop-orders-mysql8-4", "OptionGroupArn": "arn:aws:rds:us-east-1:123456789012:og:shop-orders-mysql8-4",
              "OptionGroupDescription": "orders", "EngineName": "mysql", "MajorEngineVersion": "8.4", "Options": options },
        ] })
    }

    fn audit(events: &str) -> Value {
        json!([{ "OptionName": AUDIT, "OptionVersion": "1.0", "OptionSettings": [
            { "Name": "SERVER_AUDIT_EVENTS", "Value": events, "DefaultValue": "CONNECT,QUERY" },
            { "Name": "SERVER_AUDIT_FILE_ROTATIONS", "Value": "9", "DefaultValue": "9" },
            { "Name": "SERVER_AUDIT_EXCL_USERS" },
        ] }])
    }

    fn live(asked: &OptionGroup, options: Value) -> Live<OptionGroup> {
        match asked.read(&me(None), &[reply(options)]) {
            Seen::Live(live) => live,
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn defaults_of_settings_are_no_difference() {
        let group = asked(&[("SERVER_AUDIT_EVENTS", "CONNECT,QUERY")]);
        assert_eq!(live(&group, audit("CONNECT,QUERY")).properties, group);
        let silent = live(&asked(&[]), audit("CONNECT,QUERY")).properties;
        assert_eq!(silent, asked(&[]));
    }

    #[test]
    fn a_setting_that_somebody_made_goes_back() {
        let group = asked(&[]);
        let there = live(&group, audit("QUERY_DDL"));
        assert_ne!(there.properties, group);
        let calls = group.update(&me(None), &there, &["OptionConfigurations"]);
        assert_eq!(
            calls[0].params["OptionsToInclude"],
            json!([{ "OptionName": AUDIT, "OptionSettings": [{ "Name": "SERVER_AUDIT_EVENTS" }] }])
        );
        assert_eq!(calls[0].params.get("OptionsToRemove"), None);
    }

    #[test]
    fn an_option_that_nobody_asks_for_is_removed() {
        let group = OptionGroup {
            option_configurations: None,
            ..asked(&[])
        };
        let there = live(&group, audit("QUERY"));
        let calls = group.update(&me(None), &there, &["OptionConfigurations"]);
        assert_eq!(calls[0].params["OptionsToRemove"], json!([AUDIT]));
        assert_eq!(calls[0].params.get("OptionsToInclude"), None);
    }

    #[test]
    fn the_group_of_an_instance_is_not_the_one_that_is_leaving() {
        let of =
            |memberships: Value| of_instance(&json!({ "OptionGroupMemberships": memberships }));
        let group = |name: &str, status: &str| json!({ "OptionGroupName": name, "Status": status });
        assert_eq!(of(json!([group("default:mysql-8-4", "in-sync")])), None);
        let both = json!([
            group("old", "pending-removal"),
            group("new", "pending-apply")
        ]);
        assert_eq!(of(both).as_deref(), Some("new"));
        assert_eq!(own(Some("mysql"), Some("8.0.40")), "default:mysql-8-0");
    }

    #[test]
    fn what_snapshots_hold_on_to_is_left_and_had_back() {
        let group = OptionGroup {
            arn: Some("arn:aws:rds:us-east-1:123456789012:og:shop-orders-mysql8-4".into()),
            retain_for_snapshots: Some(true),
            ..asked(&[])
        };
        let there = live(&group, json!([]));
        let calls = group.delete(&me(Some(&there.id)), &there.id, &there.attributes);
        assert_eq!(calls[0].action, "AddTagsToResource");
        let mut tags = me(None).tags();
        tags.insert(RETAINED.to_owned(), "for its snapshots".to_owned());
        let shown = json!({ "TagList": super::super::tag_list(&tags) });
        let replies = [reply(json!([])), shown];
        assert_eq!(group.read(&me(Some(&there.id)), &replies), Seen::Absent);
        let Seen::Deleting { id } = group.read(&me(None), &replies) else {
            panic!("it can't be had back")
        };
        assert_eq!(id, there.id);
        let calls = group.restore(&me(None), &id);
        assert_eq!(calls[0].params["ResourceName"], there.attributes[ARN]);
    }
}
