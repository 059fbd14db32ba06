//! What EC2 checks: the tags of what is created, used and changed.

use platform_graph::{Call, Recorded};

use super::authorization::{self, Checked, ec2_action};
use super::{Grants, Sid, partition};
use crate::CompositeView;

impl Grants {
    /// Grants a call of a part that exists or is planned; `taken_over` where the part comes with another one.
    pub(super) fn allow(
        &mut self,
        view: &CompositeView,
        part: &Recorded,
        taken_over: bool,
        call: &Call,
    ) {
        if call.is_read() || call.service != "ec2" {
            return self.allow_elsewhere(&part.kind, call, Some((view, part)));
        }
        let region = view.region.as_deref();
        let action = format!("ec2:{}", call.action);
        let of_type = |grants: &Grants, types: &[&str]| -> Vec<String> {
            types
                .iter()
                .map(|kind| {
                    let rest = format!("{kind}/*");
                    match *kind {
                        // Pools belong to the account that runs IPAM, and their ARNs have no region.
                        "ipam-pool" | "ipv4pool-ec2" | "ipv6pool-ec2" => {
                            format!("arn:{}:ec2:*:*:{rest}", partition(region))
                        }
                        _ => grants.arn(region, "ec2", &rest),
                    }
                })
                .collect()
        };
        let tagging = matches!(call.action, "CreateTags" | "DeleteTags");
        if taken_over && call.action != "DeleteTags" {
            let on = match part.kind.as_str() {
                "Custom::DefaultSecurityGroup" => {
                    of_type(self, &["security-group", "security-group-rule"])
                }
                "Custom::DefaultNetworkAcl" => of_type(self, &["network-acl"]),
                _ => vec![self.arn(region, "ec2", "*/*")],
            };
            self.wider.insert(format!(
                "{action}: {} comes with the VPC and has no owner's tag before it is taken over, so the grant names its resource type only",
                part.kind
            ));
            let sid = if tagging { Sid::TakeOver } else { Sid::Use };
            return self.grant(sid, &action, on);
        }
        if tagging {
            let on = vec![self.arn(region, "ec2", "*/*")];
            return self.grant(Sid::Own, &action, on);
        }
        match ec2_action(call.action) {
            Some(Checked {
                creates,
                owned,
                others,
            }) => {
                let created = of_type(self, creates);
                if call.params.contains_key("TagSpecifications") && !creates.is_empty() {
                    self.grant(Sid::Create, &action, created);
                    self.create_actions.insert(call.action.to_owned());
                    let on = vec![self.arn(region, "ec2", "*/*")];
                    self.grant(Sid::TagAtBirth, "ec2:CreateTags", on);
                } else if !creates.is_empty() {
                    self.grant(Sid::Use, &action, created);
                }
                if !owned.is_empty() {
                    // The owner's tag is what protects the rest of the account: the type adds nothing but length.
                    let on = vec![self.arn(region, "ec2", "*/*")];
                    self.grant(Sid::Own, &action, on);
                }
                let others: Vec<&str> = others
                    .iter()
                    .copied()
                    .filter(|kind| authorization::takes_part(kind, call))
                    .collect();
                if !others.is_empty() {
                    let on = of_type(self, &others);
                    self.grant(Sid::Use, &action, on);
                }
            }
            None => {
                self.wider
                    .insert(format!("{action}: AWS takes no resource for it"));
                self.grant(Sid::Wide, &action, ["*".to_owned()]);
            }
        }
    }
}
