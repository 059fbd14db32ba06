//! Somebody who changes AWS behind Terraform's back.

use acceptance_tests::{Outcome, REGION, Stage, ensure};
use serde_json::{Map, Value, json};

use super::Part;

/// Somebody with credentials and no Terraform.
pub struct Hand<'a> {
    pub stage: &'a Stage,
    pub parts: &'a Map<String, Value>,
}

impl Hand<'_> {
    pub fn ec2(&self, parameters: &[(&str, &str)]) -> Outcome<bool> {
        self.stage.emulator.api().ec2(parameters).map(|_| true)
    }

    pub fn iam(&self, parameters: &[(&str, &str)]) -> Outcome<bool> {
        let reply = self
            .stage
            .emulator
            .api()
            .query("iam", REGION, "2010-05-08", parameters)?;
        ensure!(reply.status == 200, "{parameters:?} answers {reply:?}");
        Ok(true)
    }

    pub fn logs(&self, action: &str, body: Value) -> Outcome<bool> {
        self.json("logs", &format!("Logs_20140328.{action}"), body)
            .map(|_| true)
    }

    pub fn kms(&self, action: &str, body: Value) -> Outcome<bool> {
        self.json("kms", &format!("TrentService.{action}"), body)
            .map(|_| true)
    }

    pub fn kms_json(&self, action: &str, body: Value) -> Outcome<Value> {
        Ok(serde_json::from_str(&self.json(
            "kms",
            &format!("TrentService.{action}"),
            body,
        )?)?)
    }

    fn json(&self, service: &str, target: &str, body: Value) -> Outcome<String> {
        let reply = self
            .stage
            .emulator
            .api()
            .json(service, REGION, target, &body)?;
        ensure!(reply.status == 200, "{target} {body} answers {reply:?}");
        Ok(reply.body)
    }

    /// All parts of a type.
    pub fn all(&self, kind: &str) -> Vec<Part> {
        self.parts
            .iter()
            .map(|(address, part)| Part::read(address, part))
            .filter(|part| part.kind == kind)
            .collect()
    }

    /// Id of the part whose address begins so.
    pub fn id_of_any(&self, address: &str) -> String {
        let found = self
            .parts
            .iter()
            .find(|(other, _)| other.starts_with(address));
        found
            .and_then(|(_, part)| part["id"].as_str())
            .unwrap_or_default()
            .to_owned()
    }

    /// Id of another part of the same type.
    pub fn other(&self, kind: &str, than: &str) -> String {
        self.all(kind)
            .into_iter()
            .map(|part| part.id)
            .find(|id| id != than)
            .unwrap_or_default()
    }

    pub fn attribute(&self, address: &str, name: &str) -> String {
        self.parts[address]["attributes"][name]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}

/// Puts another value on a tag that the part has.
pub fn retag(hand: &Hand<'_>, part: &Part) -> Outcome<bool> {
    if !part.properties["Tags"]["Name"].is_string() {
        return Ok(false);
    }
    let (key, value) = ("Name", "somebody else's");
    match part.kind.as_str() {
        "AWS::Logs::LogGroup" => hand.logs(
            "TagLogGroup",
            json!({ "logGroupName": part.id, "tags": { key: value } }),
        ),
        "AWS::KMS::Key" => hand.kms(
            "TagResource",
            json!({ "KeyId": part.id, "Tags": [{ "TagKey": key, "TagValue": value }] }),
        ),
        "AWS::IAM::Role" => hand.iam(&[
            ("Action", "TagRole"),
            ("RoleName", &part.id),
            ("Tags.member.1.Key", key),
            ("Tags.member.1.Value", value),
        ]),
        _ => hand.ec2(&[
            ("Action", "CreateTags"),
            ("ResourceId.1", &part.id),
            ("Tag.1.Key", key),
            ("Tag.1.Value", value),
        ]),
    }
}

/// Takes a tag away.
pub fn untag(hand: &Hand<'_>, part: &Part) -> Outcome<bool> {
    if !part.properties["Tags"]["Name"].is_string() {
        return Ok(false);
    }
    match part.kind.as_str() {
        "AWS::Logs::LogGroup" => hand.logs(
            "UntagLogGroup",
            json!({ "logGroupName": part.id, "tags": ["Name"] }),
        ),
        "AWS::KMS::Key" => hand.kms(
            "UntagResource",
            json!({ "KeyId": part.id, "TagKeys": ["Name"] }),
        ),
        "AWS::IAM::Role" => hand.iam(&[
            ("Action", "UntagRole"),
            ("RoleName", &part.id),
            ("TagKeys.member.1", "Name"),
        ]),
        _ => hand.ec2(&[
            ("Action", "DeleteTags"),
            ("ResourceId.1", &part.id),
            ("Tag.1.Key", "Name"),
        ]),
    }
}

/// Describes a rule of a security group otherwise; `false` where its other side is a group.
pub fn describe(hand: &Hand<'_>, part: &Part, way: &str) -> Outcome<bool> {
    let protocol = part.text("IpProtocol");
    // The emulator does not find rules by the group on their other side.
    let peers = [
        ("CidrIp", "IpRanges.1.CidrIp", "IpRanges.1.Description"),
        (
            "CidrIpv6",
            "Ipv6Ranges.1.CidrIpv6",
            "Ipv6Ranges.1.Description",
        ),
    ];
    let peer = peers
        .into_iter()
        .find(|(name, ..)| part.properties.get(*name).is_some());
    let Some((name, member, description)) = peer else {
        return Ok(false);
    };
    let port = |name: &str| {
        part.properties
            .get(name)
            .map_or("-1".to_owned(), Value::to_string)
    };
    let action = format!("UpdateSecurityGroupRuleDescriptions{way}");
    hand.ec2(&[
        ("Action", &action),
        ("GroupId", part.text("GroupId")),
        ("IpPermissions.1.IpProtocol", protocol),
        ("IpPermissions.1.FromPort", &port("FromPort")),
        ("IpPermissions.1.ToPort", &port("ToPort")),
        (&format!("IpPermissions.1.{member}"), part.text(name)),
        (&format!("IpPermissions.1.{description}"), "mine"),
    ])
}

/// Sends a call about an entry of a network ACL, as the part says it but for its action.
pub fn entry(hand: &Hand<'_>, part: &Part, action: &str, rule_action: &str) -> Outcome<bool> {
    let text = |name: &str| {
        part.properties
            .get(name)
            .map(Value::to_string)
            .unwrap_or_default()
    };
    let mut call = vec![
        ("Action", action.to_owned()),
        ("NetworkAclId", part.text("NetworkAclId").to_owned()),
        ("RuleNumber", text("RuleNumber")),
        ("Egress", text("Egress")),
        ("Protocol", text("Protocol")),
        ("RuleAction", rule_action.to_owned()),
        ("CidrBlock", part.text("CidrBlock").to_owned()),
    ];
    if let Some(ports) = part.properties.get("PortRange") {
        call.push(("PortRange.From", ports["From"].to_string()));
        call.push(("PortRange.To", ports["To"].to_string()));
    }
    let call: Vec<(&str, &str)> = call
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    hand.ec2(&call)
}
