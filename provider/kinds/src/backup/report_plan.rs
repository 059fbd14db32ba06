//! `AWS::Backup::ReportPlan`: a report of backups that arrives in a bucket every day.
//!
//! Reads `DescribeReportPlan` and `ListTags`; writes `CreateReportPlan` and `UpdateReportPlan`.
//!
//! # Caveats
//! It is made without an idempotency token: AWS answers to one it has seen by doing nothing, even where the plan is gone.
//!
//! See <https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateReportPlan.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, TagForm, Tags};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call;
use crate::reply;

/// A report plan.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportPlan {
    /// Where reports arrive, and how they are written.
    #[serde(default)]
    pub report_delivery_channel: ReportDeliveryChannel,
    /// Description, at most 1024 characters.
    pub report_plan_description: Option<String>,
    /// Name, unique in account and Region: a letter, then letters, digits and underscores, at most 256; can't change.
    #[serde(default)]
    pub report_plan_name: String,
    /// What is reported.
    #[serde(default)]
    pub report_setting: ReportSetting,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// Where reports arrive.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportDeliveryChannel {
    /// `CSV` (AWS's default), `JSON` or both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formats: Option<Vec<String>>,
    /// Name of the bucket, whose policy lets the service-linked role of AWS Backup reports write.
    #[serde(rename = "S3BucketName")]
    pub s3_bucket_name: String,
    /// What the keys of the reports begin with.
    #[serde(rename = "S3KeyPrefix", skip_serializing_if = "Option::is_none")]
    pub s3_key_prefix: Option<String>,
}

/// What is reported.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ReportSetting {
    /// Ids of the accounts; this one without. `ROOT` for all of the organization.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<String>>,
    /// ARNs of the frameworks, for the two reports of compliance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework_arns: Option<Vec<String>>,
    /// Ids of organizational units.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization_units: Option<Vec<String>>,
    /// Regions; this one without. `*` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
    /// `RESOURCE_COMPLIANCE_REPORT`, `CONTROL_COMPLIANCE_REPORT`, `BACKUP_JOB_REPORT`, `COPY_JOB_REPORT`, `RESTORE_JOB_REPORT` or
    /// `SCAN_JOB_REPORT`.
    pub report_template: String,
}

const ARN: &str = "ReportPlanArn";

impl ReportDeliveryChannel {
    fn seen(&self, item: &Value) -> Self {
        ReportDeliveryChannel {
            formats: reply::unless_default(
                Some(reply::texts(item, "Formats")),
                vec!["CSV".to_owned()],
                self.formats.as_ref(),
            )
            .filter(|formats| !formats.is_empty() || self.formats.is_some()),
            s3_bucket_name: reply::text(item, "S3BucketName").unwrap_or_default(),
            s3_key_prefix: reply::text(item, "S3KeyPrefix"),
        }
    }
}

impl ReportSetting {
    fn seen(&self, item: &Value) -> Self {
        let texts =
            |member, asked: &Option<Vec<String>>| super::texts(item, member, asked.is_some());
        ReportSetting {
            accounts: texts("Accounts", &self.accounts),
            framework_arns: texts("FrameworkArns", &self.framework_arns),
            organization_units: texts("OrganizationUnits", &self.organization_units),
            regions: texts("Regions", &self.regions),
            report_template: reply::text(item, "ReportTemplate").unwrap_or_default(),
        }
    }
}

impl Kind for ReportPlan {
    const TYPE: &'static str = "AWS::Backup::ReportPlan";
    const CREATE_ONLY: &'static [&'static str] = &["ReportPlanName"];
    const ATTRIBUTES: &'static [&'static str] = &["CreationTime", ARN];
    const LASTING: &'static [&'static str] = &["CreationTime", ARN];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreationTime";
    const TAGGED: bool = true;
    const TAG_FORM: TagForm = TagForm::List("ReportPlanTags");
    const EXPECTED_SECONDS: u32 = 10;
    const DEADLINE_SECONDS: u32 = 600;

    fn find(&self, me: &Identity) -> Vec<Call> {
        let known = me.id.as_deref().and_then(super::named_by);
        vec![
            call("DescribeReportPlan")
                .with("ReportPlanName", known.unwrap_or(&self.report_plan_name)),
        ]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(ARN, known)]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let found = replies
            .first()
            .map(|reply| &reply["ReportPlan"])
            .and_then(|item| Some((item, reply::text(item, ARN)?)));
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
            properties: ReportPlan {
                report_delivery_channel: self
                    .report_delivery_channel
                    .seen(&item["ReportDeliveryChannel"]),
                report_plan_description: reply::unless_default(
                    Some(reply::text(item, "ReportPlanDescription").unwrap_or_default()),
                    String::new(),
                    self.report_plan_description.as_ref(),
                ),
                report_plan_name: reply::text(item, "ReportPlanName").unwrap_or_default(),
                report_setting: self.report_setting.seen(&item["ReportSetting"]),
                tags: super::tags(replies.get(1..).unwrap_or_default()),
            },
            attributes: super::attributes(item, Self::ATTRIBUTES),
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateReportPlan")
                .with("ReportPlanName", &self.report_plan_name)
                .with("ReportPlanDescription", &self.report_plan_description)
                .with("ReportDeliveryChannel", &self.report_delivery_channel)
                .with("ReportSetting", &self.report_setting)
                .with("ReportPlanTags", super::given(&self.tags)),
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
            .contains(&"ReportPlanDescription")
            .then(|| self.report_plan_description.clone().unwrap_or_default());
        vec![
            call("UpdateReportPlan")
                .with("ReportPlanName", &live.properties.report_plan_name)
                .with("ReportPlanDescription", described)
                .with("ReportDeliveryChannel", &self.report_delivery_channel)
                .with("ReportSetting", &self.report_setting),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        let name = super::named_by(id).unwrap_or(&self.report_plan_name);
        vec![call("DeleteReportPlan").with("ReportPlanName", name)]
    }

    fn known_by(id: &str) -> Self {
        ReportPlan {
            report_plan_name: super::named_by(id).unwrap_or_default().to_owned(),
            ..ReportPlan::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted_by_arn(replies, "report-plan")
    }

    fn same(_property: &str, live: &Value, desired: &Value) -> bool {
        super::same(live, desired)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::me;

    const ID: &str = "arn:aws:backup:us-east-1:123456789012:report-plan:shop_jobs-1f2e";

    fn asked() -> ReportPlan {
        ReportPlan {
            report_delivery_channel: ReportDeliveryChannel {
                s3_bucket_name: "shop-reports".into(),
                ..ReportDeliveryChannel::default()
            },
            report_plan_name: "shop_jobs".into(),
            report_setting: ReportSetting {
                report_template: "BACKUP_JOB_REPORT".into(),
                ..ReportSetting::default()
            },
            ..ReportPlan::default()
        }
    }

    fn shown(status: &str) -> Value {
        json!({ "ReportPlan": { "ReportPlanName": "shop_jobs", "ReportPlanArn": ID, "DeploymentStatus": status,
            "ReportDeliveryChannel": { "S3BucketName": "shop-reports", "Formats": ["CSV"] },
            "ReportSetting": { "ReportTemplate": "BACKUP_JOB_REPORT", "NumberOfFrameworks": 0, "FrameworkArns": [] } } })
    }

    #[test]
    fn every_status_is_told_apart() {
        for (status, expected) in [
            ("CREATE_IN_PROGRESS", "Pending"),
            ("UPDATE_IN_PROGRESS", "Pending"),
            ("DELETE_IN_PROGRESS", "Deleting"),
            ("COMPLETED", "Live"),
        ] {
            let seen = format!("{:?}", asked().read(&me(None), &[shown(status)]));
            assert!(seen.starts_with(expected), "{status}: {seen}");
        }
        assert_eq!(asked().read(&me(None), &[Value::Null]), Seen::Absent);
        let other = format!("{ID}-0");
        let replies = [shown("COMPLETED")];
        assert_eq!(asked().read(&me(Some(&other)), &replies), Seen::Absent);
    }

    #[test]
    fn defaults_show_only_when_asked_for() {
        let replies = [shown("COMPLETED")];
        let seen = |asked: &ReportPlan| match asked.read(&me(None), &replies) {
            Seen::Live(live) => live.properties,
            seen => panic!("{seen:?}"),
        };
        assert_eq!(seen(&asked()), asked());
        let mut more = asked();
        more.report_delivery_channel.formats = Some(vec!["JSON".into()]);
        more.report_setting.framework_arns = Some(vec!["arn:f".into()]);
        let seen = seen(&more);
        assert_eq!(
            seen.report_delivery_channel.formats,
            Some(vec!["CSV".to_owned()])
        );
        assert_eq!(seen.report_setting.framework_arns, Some(Vec::new()));
    }
}
