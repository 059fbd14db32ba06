//! What AWS chooses and draws, replaced by what it stands for.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use regex::{Captures, Regex};
use serde_json::{Value, json};

/// What identifiers stand for.
#[derive(Default)]
pub(super) struct Labels {
    of: BTreeMap<String, String>,
    /// Texts that were replaced before: most occur again and again, and the patterns are slow.
    replaced: HashMap<String, String>,
}

impl Labels {
    /// Learns what a listed thing is from its own tags: this provider's address, else its name.
    pub(super) fn learn(&mut self, entry: &Value, identifier: &str) {
        let tags = tags(entry);
        let label = match (tags.get("platform:owner"), tags.get("platform:address")) {
            (Some(owner), Some(address)) => format!("{owner}/{address}"),
            _ => match tags.get("Name") {
                Some(name) => name.clone(),
                None => return,
            },
        };
        if let Some(id) = entry[identifier].as_str() {
            // An address may name what AWS drew, such as the public address that a rule is about.
            self.of.insert(id.to_owned(), drawn(&label));
        }
    }

    /// Replaces what AWS chose or drew in a value.
    pub(super) fn canonical(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.replaced(text),
            Value::Array(entries) => {
                for entry in entries.iter_mut() {
                    self.canonical(entry);
                }
                entries.sort_by_cached_key(Value::to_string);
            }
            Value::Object(members) => {
                let old = std::mem::take(members);
                for (name, mut value) in old {
                    if is_random(&name) && !value.is_null() {
                        value = json!("random");
                    } else {
                        self.canonical(&mut value);
                    }
                    members.insert(self.replaced(&name), value);
                }
            }
            _ => {}
        }
    }

    fn replaced(&mut self, text: &str) -> String {
        if let Some(known) = self.replaced.get(text) {
            return known.clone();
        }
        // First, because a part of a UUID looks like an identifier.
        let drawn = drawn(text);
        let label = |found: &Captures<'_>| {
            let id = &found[0];
            match self.of.get(id) {
                Some(label) => format!("<{label}>"),
                None => format!("<{}>", id.rsplit_once('-').map_or("id", |(sort, _)| sort)),
            }
        };
        let replaced = CHOSEN_BY_AWS.replace_all(&drawn, label).into_owned();
        self.replaced.insert(text.to_owned(), replaced.clone());
        replaced
    }
}

/// A text without what AWS draws.
pub(super) fn drawn(text: &str) -> String {
    let replace = |text: String, (pattern, sort): &(Regex, &str)| {
        pattern.replace_all(&text, *sort).into_owned()
    };
    RANDOM.iter().fold(text.to_owned(), replace)
}

#[expect(clippy::expect_used, reason = "the patterns are constants")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

/// Identifiers such as `subnet-0a1b2c3d4e5f67890`.
static CHOSEN_BY_AWS: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b[a-z]+(?:-[a-z]+)*-[0-9a-f]{8,32}\b"));

/// Texts that AWS draws, or takes from its clock, and what is put in their place.
static RANDOM: LazyLock<[(Regex, &str); 14]> = LazyLock::new(|| {
    [
        (
            pattern(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"),
            "<uuid>",
        ),
        (
            pattern(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
            "<time>",
        ),
        (pattern(r"\bA[A-Z]{3}[A-Z0-9]{16,17}\b"), "<principal>"),
        // Emulators draw public addresses from here.
        (pattern(r"\b127(?:[.-]\d+){3}\b"), "<address>"),
        // moto draws the VPC's block; subnets differ in its last two digits, of which leading zeros are not written.
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{0,2}([0-9a-f]{2})::"),
            "<block>:$1::",
        ),
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}:([0-9a-f])::"),
            "<block>:0$1::",
        ),
        (
            pattern(r"\b[0-9a-f]{4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::"),
            "<block>:00::",
        ),
        // What Secrets Manager adds to a name, and RDS to the names of its resources and hosts.
        (pattern(r#"(:secret:[^"]*)-[A-Za-z0-9]{6}\b"#), "$1-<drawn>"),
        (pattern(r"\b(db|cluster)-[A-Z0-9]{24,30}\b"), "$1-<drawn>"),
        (
            pattern(r"\bprx-(tg-|endpoint-)?[a-z0-9]{17}\b"),
            "prx-$1<drawn>",
        ),
        (pattern(r"\bdb-proxy-[a-z0-9]{12}\b"), "db-proxy-<drawn>"),
        // The version of a secret: which value it is, and a digest of who wrote it to what.
        (pattern(r"\bvalue-(\d{10})-[0-9a-f]{32}\b"), "value $1"),
        (
            pattern(r"\bscalable-target/[a-z0-9]{36}\b"),
            "scalable-target/<drawn>",
        ),
        (
            pattern(r"\.(cluster-|cluster-ro-)?[a-z0-9]{12}\.([a-z0-9-]+)\.rds\b"),
            ".$1<drawn>.$2.rds",
        ),
    ]
});

/// Members that hold what AWS draws, where no pattern would tell.
pub(super) fn is_random(name: &str) -> bool {
    const DRAWN: [&str; 27] = [
        "publicip",
        "carrierip",
        "privateip",
        "privateipaddress",
        "privateipaddressesset",
        "macaddress",
        "privatedns",
        "privatednsname",
        "publicdnsname",
        "ipowner",
        "dnsentries",
        "dnsentryset",
        // A digest of what it was created with, ids among it.
        "clienttoken",
        "creationtoken",
        "creatorrequestid",
        "hostedzoneid",
        "versionid",
        "timestamp",
        "createtime",
        "creationtime",
        "creationdate",
        "createdate",
        "lastupdateddate",
        "lastupdatedtime",
        "createddate",
        "lastchangeddate",
        "deleteddate",
    ];
    // hashicorp/aws writes its attributes with underscores.
    let name = name.to_lowercase().replace('_', "");
    DRAWN.contains(&name.as_str())
}

/// The tags of a listed thing, however its service writes them.
fn tags(entry: &Value) -> BTreeMap<String, String> {
    let lists = ["tagSet", "Tags", "tags", "TagSet", "TagList"];
    let Some(list) = lists
        .iter()
        .map(|name| &entry[*name])
        .find(|l| !l.is_null())
    else {
        return BTreeMap::new();
    };
    let member = |tag: &Value, names: [&str; 2]| {
        names
            .iter()
            .find_map(|name| tag[*name].as_str())
            .map(str::to_owned)
    };
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|tag| {
            Some((
                member(tag, ["key", "Key"])?,
                member(tag, ["value", "Value"])?,
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_draws_is_replaced_by_its_sort() {
        let mut labels = Labels::default();
        for (drawn, sort) in [
            ("sgr-0123456789abcdef0", "<sgr>"),
            ("vpc-cidr-assoc-0123abcd", "<vpc-cidr-assoc>"),
            ("2026-01-01T10:00:00.123Z", "<time>"),
            ("key/0a1b2c3d-0a1b-0a1b-aaef-0a1b2c3d4e5f", "key/<uuid>"),
            ("2400:6500:1a2b:7b03::/64", "<block>:03::/64"),
            ("2400:6500:1a2b:3::/64", "<block>:03::/64"),
            ("2400:6500:1a2b::/64", "<block>:00::/64"),
            ("::/0", "::/0"),
            ("10.0.0.0/16", "10.0.0.0/16"),
            ("use1-az1", "use1-az1"),
            (
                "value-0000000002-84bafaf82b2c4bc94ed4bda10a27fb9b",
                "value 0000000002",
            ),
        ] {
            assert_eq!(labels.replaced(drawn), sort);
        }
    }
}
