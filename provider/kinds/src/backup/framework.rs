//! `AWS::Backup::Framework`: controls by which AWS Backup Audit Manager judges backups.
//!
//! Reads `DescribeFramework` and `ListTags`; writes `CreateFramework` and `UpdateFramework`.
//!
//! # Caveats
//! - Controls are rules of AWS Config: it has to record the types that they judge, and each evaluation is charged.
//! - A framework is deployed for some minutes after each change and takes no other in that time.
//! - Parameters and scope of a control that nobody asked for are AWS's affair.
//! - It is made without an idempotency token: AWS answers to one it has seen by doing nothing, even where the framework is gone.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateFramework.html> and
//! <https://docs.aws.amazon.com/aws-backup/latest/devguide/controls-and-remediation.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// A framework.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Framework {
    /// Controls, at least one.
    #[serde(default)]
    pub framework_controls: Vec<FrameworkControl>,
    /// Description, at most 1024 characters.
    pub framework_description: Option<String>,
    /// Name, unique in account and Region: a letter, then letters, digits and underscores, at most 256; can't change.
    #[serde(default)]
    pub framework_name: String,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// One control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct FrameworkControl {
    /// Parameters; AWS's defaults without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_input_parameters: Option<Vec<ControlInputParameter>>,
    /// `BACKUP_RESOURCES_PROTECTED_BY_BACKUP_PLAN`, `BACKUP_RECOVERY_POINT_ENCRYPTED` and so on.
    pub control_name: String,
    /// What is judged; everything that the control can judge without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control_scope: Option<ControlScope>,
}

/// A parameter of a control.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlInputParameter {
    /// `requiredRetentionDays`.
    pub parameter_name: String,
    /// `35`.
    pub parameter_value: String,
}

/// What a control judges.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlScope {
    /// Id of the only resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_resource_ids: Option<Vec<String>>,
    /// Types: `RDS`, `EFS`, `DynamoDB`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compliance_resource_types: Option<Vec<String>>,
    /// A tag: at most one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<ControlTag>>,
}

/// A tag that is judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ControlTag {
    /// Key.
    pub key: String,
    /// Value.
    pub value: String,
}

const ARN: &str = "FrameworkArn";

impl ControlScope {
    /// As the API takes it: tags as an object.
    fn input(&self) -> Value {
        let mut scope = json!(self);
        if let Some(tags) = &self.tags {
            scope["Tags"] = tags
                .iter()
                .map(|tag| (tag.key.clone(), json!(tag.value)))
                .collect();
        }
        scope
    }

    fn of(item: &Value, asked: &ControlScope) -> ControlScope {
        let tags: Vec<ControlTag> = super::map(item.get("Tags"))
            .into_iter()
            .map(|(key, value)| ControlTag { key, value })
            .collect();
        let texts =
            |member, asked: &Option<Vec<String>>| super::texts(item, member, asked.is_some());
        ControlScope {
            compliance_resource_ids: texts("ComplianceResourceIds", &asked.compliance_resource_ids),
            compliance_resource_types: texts(
                "ComplianceResourceTypes",
                &asked.compliance_resource_types,
            ),
            tags: reply::unless_default(Some(tags), Vec::new(), asked.tags.as_ref()),
        }
    }
}

impl FrameworkControl {
    fn input(&self) -> Value {
        let mut control = json!(self);
        if let Some(scope) = &self.control_scope {
            control["ControlScope"] = scope.input();
        }
        control
    }

    fn of(item: &Value, framework: &Framework) -> Option<FrameworkControl> {
        let control_name = reply::text(item, "ControlName")?;
        let asked = framework
            .framework_controls
            .iter()
            .find(|control| control.control_name == control_name);
        let scope = asked.and_then(|asked| asked.control_scope.as_ref());
        Some(FrameworkControl {
            control_input_parameters: super::list(
                item,
                "ControlInputParameters",
                true,
                |parameter| {
                    Some(ControlInputParameter {
                        parameter_name: reply::text(parameter, "ParameterName")?,
                        parameter_value: reply::text(parameter, "ParameterValue")?,
                    })
                },
            )
            .filter(|_| asked.is_none_or(|asked| asked.control_input_parameters.is_some())),
            control_scope: scope.map(|scope| ControlScope::of(&item["ControlScope"], scope)),
            control_name,
        })
    }
}

impl Framework {
    fn controls(&self) -> Value {
        self.framework_controls
            .iter()
            .map(FrameworkControl::input)
            .collect()
    }
}

impl Kind for Framework {
    const TYPE: &'static str = "AWS::Backup::Framework";
    const CREATE_ONLY: &'static [&'static str] = &["FrameworkName"];
    const ATTRIBUTES: &'static [&'static str] = &["CreationTime", ARN];
    const LASTING: &'static [&'static str] = &["CreationTime", ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreationTime";
    const TAGGED: bool = true;
    const TAG_FORM: TagForm = TagForm::List("FrameworkTags");
    const EXPECTED_SECONDS: u32 = 120;
    const DEADLINE_SECONDS: u32 = 1200;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let known = me.id.as_deref().and_then(super::named_by);
        vec![call("DescribeFramework").with("FrameworkName", known.unwrap_or(&self.framework_name))]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(ARN, known)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies
            .first()
            .and_then(|reply| Some((reply, reply::text(reply, ARN)?)));
        // Another one may have taken the name.
        let Some((item, id)) =
            found.filter(|(_, id)| me.id.as_ref().is_none_or(|known| known == id))
        else {
            return Seen::Absent;
        };
        if let Some(seen) = super::passing(&id, item["DeploymentStatus"].as_str()) {
            return seen;
        }
        Seen::Live(Live {
            id,
            properties: Framework {
                framework_controls: reply::items(item, "FrameworkControls")
                    .iter()
                    .filter_map(|control| FrameworkControl::of(control, self))
                    .collect(),
                framework_description: reply::unless_default(
                    Some(reply::text(item, "FrameworkDescription").unwrap_or_default()),
                    String::new(),
                    self.framework_description.as_ref(),
                ),
                framework_name: reply::text(item, "FrameworkName").unwrap_or_default(),
                tags: super::tags(replies.get(1..).unwrap_or_default()),
            },
            attributes: super::attributes(item, Self::ATTRIBUTES),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateFramework")
                .with("FrameworkName", &self.framework_name)
                .with("FrameworkDescription", &self.framework_description)
                .with("FrameworkControls", self.controls())
                .with("FrameworkTags", super::given(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply, ARN)
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        if changed.is_empty() {
            return Vec::new();
        }
        let described = changed
            .contains(&"FrameworkDescription")
            .then(|| self.framework_description.clone().unwrap_or_default());
        let controls = changed
            .contains(&"FrameworkControls")
            .then(|| self.controls());
        vec![
            call("UpdateFramework")
                .with("FrameworkName", &live.properties.framework_name)
                .with("FrameworkDescription", described)
                .with("FrameworkControls", controls),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let name = super::named_by(id).unwrap_or(&self.framework_name);
        vec![call("DeleteFramework").with("FrameworkName", name)]
    }

    fn known_by(id: &str) -> Self {
        Framework {
            framework_name: super::named_by(id).unwrap_or_default().to_owned(),
            ..Framework::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted_by_arn(replies, "framework")
    }

    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        super::same(live, desired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    const ID: &str = "arn:aws:backup:us-east-1:123456789012:framework:shop_audit-1f2e";

    fn shown(status: &str, controls: Value) -> Value {
        json!({ "FrameworkName": "shop_audit", "FrameworkArn": ID, "DeploymentStatus": status, "FrameworkControls": controls })
    }

    fn control(name: &str) -> FrameworkControl {
        FrameworkControl {
            control_name: name.into(),
            ..FrameworkControl::default()
        }
    }

    #[test]
    fn every_status_is_told_apart() {
        let any = Framework::known_by(ID);
        for (status, expected) in [
            ("CREATE_IN_PROGRESS", "Pending"),
            ("UPDATE_IN_PROGRESS", "Pending"),
            ("DELETE_IN_PROGRESS", "Deleting"),
            ("COMPLETED", "Live"),
            ("FAILED", "Failed"),
        ] {
            let seen = format!("{:?}", any.read(&me(None), &[shown(status, json!([]))]));
            assert!(seen.starts_with(expected), "{status}: {seen}");
        }
        assert_eq!(any.read(&me(None), &[Value::Null]), Seen::Absent);
        let other = format!("{ID}-0");
        let replies = [shown("COMPLETED", json!([]))];
        assert_eq!(any.read(&me(Some(&other)), &replies), Seen::Absent);
    }

    #[test]
    fn what_nobody_asked_of_a_control_is_awss_affair() {
        let asked = Framework {
            framework_controls: vec![
                control("PLAIN"),
                FrameworkControl {
                    control_input_parameters: Some(vec![ControlInputParameter {
                        parameter_name: "requiredRetentionDays".into(),
                        parameter_value: "35".into(),
                    }]),
                    control_scope: Some(ControlScope {
                        tags: Some(vec![ControlTag {
                            key: "backup".into(),
                            value: "daily".into(),
                        }]),
                        ..ControlScope::default()
                    }),
                    ..control("SCOPED")
                },
            ],
            framework_name: "shop_audit".into(),
            ..Framework::default()
        };
        let call = &asked.create(&me(None))[0];
        let scope = &call.params["FrameworkControls"][1]["ControlScope"];
        assert_eq!(*scope, json!({ "Tags": { "backup": "daily" } }));
        let mut controls = call.params["FrameworkControls"].clone();
        controls[0]["ControlScope"] =
            json!({ "ComplianceResourceTypes": ["AWS::RDS::DBInstance"] });
        controls[0]["ControlInputParameters"] =
            json!([{ "ParameterName": "x", "ParameterValue": "1" }]);
        controls[1]["ControlScope"]["ComplianceResourceTypes"] = json!([]);
        let Seen::Live(live) = asked.read(&me(None), &[shown("COMPLETED", controls)]) else {
            panic!("not live")
        };
        assert_eq!(live.properties, asked);
    }

    #[test]
    fn another_parameter_is_a_difference() {
        let value = |days: &str| json!([{ "ControlName": "A", "ControlInputParameters": [{ "ParameterName": "d", "ParameterValue": days }] }]);
        assert!(!Framework::same(
            "FrameworkControls",
            &value("35"),
            &value("30")
        ));
    }
}
