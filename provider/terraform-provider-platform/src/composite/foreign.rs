//! What others put into or on the parts of a composite, told as warnings: it is left alone, and it may let through, lead astray or
//! cost what the configuration does not say.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use platform_engine::{Foreign, Refreshed};
use platform_graph::{Owner, Problems, Records};
use serde_json::{Map, Value as Json};

use crate::provider_block::IgnoreTags;

/// Attribute by which a security group tells of rules that nobody of this provider made, in words by their id.
const FOREIGN_RULES: &str = "ForeignRules";
/// How many addresses are named for one tag.
const MOST_NAMED: usize = 5;

/// Warns of rules that somebody else put into security groups; what else is foreign a [deep] look tells.
///
/// [deep]: report_all
pub fn report_rules(records: &Records, problems: &mut Problems) {
    for (address, record) in records {
        let Some(rules) = rules_of(records, address) else {
            continue;
        };
        let listed: Vec<String> = rules
            .iter()
            .map(|(id, words)| format!("{id}: {}", words.as_str().unwrap_or_default()))
            .collect();
        problems.warning(
            ["resources"],
            format!("Somebody else put rules into {address}"),
            format!(
                "{} has rules that are not in the configuration and are left alone:\n  {}\nRemove them, or write them into the configuration.",
                record.id.as_deref().unwrap_or_default(),
                listed.join("\n  ")
            ),
        );
    }
}

/// Warns of everything that a deep look found: one warning for what is inside parts, one for tags.
pub fn report_all(owner: &Owner, found: &Refreshed, ignored: &IgnoreTags, problems: &mut Problems) {
    report_residents(owner, found, problems);
    report_tags(owner, found, ignored, problems);
}

fn rules_of<'a>(records: &'a Records, address: &str) -> Option<&'a Map<String, Json>> {
    records
        .get(address)?
        .attributes
        .as_ref()?
        .get(FOREIGN_RULES)?
        .as_object()
}

fn report_residents(owner: &Owner, found: &Refreshed, problems: &mut Problems) {
    let mut lines = Vec::new();
    for (address, record) in &found.records {
        let id = record.id.as_deref().unwrap_or_default();
        let none = Vec::new();
        let residents = found.foreign.get(address).unwrap_or(&none);
        let rules = rules_of(&found.records, address);
        for Foreign {
            kind,
            id: resident,
            what,
            whose,
        } in residents
        {
            // The group words its rules better than their properties do.
            let words = rules
                .and_then(|rules| rules.get(resident)?.as_str())
                .unwrap_or(what);
            lines.push(format!(
                "{id} ({address}) has {kind} {resident} ({words}), which {whose}"
            ));
        }
        for (rule, words) in rules.into_iter().flatten() {
            if !residents.iter().any(|resident| resident.id == *rule) {
                let words = words.as_str().unwrap_or_default();
                lines.push(format!("{id} ({address}) has rule {rule} ({words})"));
            }
        }
    }
    if lines.is_empty() {
        return;
    }
    problems.warning(
        ["resources"],
        format!("Others put {} into {owner}", counted(lines.len(), "thing")),
        format!(
            "  {}\nThis configuration does not own them: they are left alone. Remove them, or write them into the configuration.",
            lines.join("\n  ")
        ),
    );
}

/// Tags by key and value, so that the mark of a cost report on every part is one line.
fn report_tags(owner: &Owner, found: &Refreshed, ignored: &IgnoreTags, problems: &mut Problems) {
    let mut tags: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for (address, foreign) in &found.foreign_tags {
        for (key, value) in foreign {
            if !ignored.covers(key) && !key.starts_with("platform:") && !is_controllers(key) {
                tags.entry((key, value)).or_default().push(address);
            }
        }
    }
    if tags.is_empty() {
        return;
    }
    let mut text = String::new();
    for ((key, value), addresses) in &tags {
        let named = addresses[..addresses.len().min(MOST_NAMED)].join(", ");
        let _ = write!(text, "  {key} = {value:?} on {named}");
        if let Some(more @ 1..) = addresses.len().checked_sub(MOST_NAMED) {
            let _ = write!(text, " and {}", counted(more, "other part"));
        }
        text.push('\n');
    }
    problems.warning(
        ["resources"],
        format!("Others put {} on parts of {owner}", counted(tags.len(), "tag")),
        format!(
            "{text}They are left alone. ignore_tags in the provider block says which tags others manage."
        ),
    );
}

/// Whether a tag is one that controllers in Kubernetes clusters and EKS put on what they use, and look for later.
fn is_controllers(key: &str) -> bool {
    let domain = key.split_once('/').map_or(key, |(domain, _)| domain);
    ["kubernetes.io", "k8s.io", "k8s.aws", "karpenter.sh"]
        .iter()
        .any(|known| domain == *known || domain.ends_with(&format!(".{known}")))
        || key.starts_with("eks:")
}

fn counted(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use platform_graph::{Recorded, Tags};
    use serde_json::json;

    use super::*;

    fn record(id: &str, attributes: Json) -> Recorded {
        serde_json::from_value(json!({
            "type": "AWS::EC2::SecurityGroup", "id": id, "properties": {}, "refs": {}, "attributes": attributes,
        }))
        .unwrap()
    }

    fn foreign(kind: &str, id: &str, what: &str, whose: &str) -> Foreign {
        Foreign {
            kind: kind.to_owned(),
            id: id.to_owned(),
            what: what.to_owned(),
            whose: whose.to_owned(),
        }
    }

    #[test]
    fn everything_foreign_is_told_once() {
        let rules = json!({ "ForeignRules": { "sgr-1": "tcp 22 from 0.0.0.0/0", "sgr-2": "udp 53 from 10.0.0.0/8" } });
        let tags = |pairs: &[(&str, &str)]| -> Tags {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let cost = tags(&[("cost", "42")]);
        let mut found = Refreshed {
            records: Records::from([
                ("security-group/app".to_owned(), record("sg-1", rules)),
                ("route-table/private".to_owned(), record("rtb-1", json!({}))),
            ]),
            foreign: BTreeMap::from([
                (
                    "security-group/app".to_owned(),
                    vec![foreign(
                        "AWS::EC2::SecurityGroupIngress",
                        "sgr-1",
                        "CidrIp 0.0.0.0/0, FromPort 22",
                        "was not made by this provider",
                    )],
                ),
                (
                    "route-table/private".to_owned(),
                    vec![foreign(
                        "AWS::EC2::Route",
                        "rtb-1|10.9.0.0/16",
                        "VpcPeeringConnectionId pcx-1",
                        "belongs to platform_hybrid/us-east-1/office, where it is route/office",
                    )],
                ),
            ]),
            foreign_tags: BTreeMap::from([(
                "security-group/app".to_owned(),
                tags(&[
                    ("theirs", "x"),
                    ("managed", "y"),
                    ("elbv2.k8s.aws/cluster", "shop"),
                    ("kubernetes.io/role/elb", "1"),
                    ("karpenter.sh/discovery", "shop"),
                    ("platform:owner", "z"),
                ]),
            )]),
            ..Refreshed::default()
        };
        for part in ["a", "b", "c", "d", "e", "f"] {
            found.foreign_tags.insert(part.to_owned(), cost.clone());
        }
        let owner = "platform_network/us-east-1/main".parse().unwrap();
        let ignored = IgnoreTags {
            keys: vec!["managed".to_owned()],
            key_prefixes: vec![],
        };
        let mut problems = Problems::new();
        report_all(&owner, &found, &ignored, &mut problems);
        let text: Vec<String> = problems.iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(text.join("\n\n"));
    }

    #[test]
    fn nothing_foreign_is_nothing_to_tell() {
        let owner = "platform_network/us-east-1/main".parse().unwrap();
        let mut problems = Problems::new();
        report_all(
            &owner,
            &Refreshed::default(),
            &IgnoreTags::default(),
            &mut problems,
        );
        assert_eq!(problems.iter().count(), 0);
    }
}
