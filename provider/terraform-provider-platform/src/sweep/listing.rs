//! What a sweep shows: owners as trees of their parts.

use std::fmt::Write as _;

use platform_engine::{Condition, Engine, Owned};
use platform_graph::{Kinds, Owner, Records};
use serde_json::{Value as Json, json};
use time::{Duration, OffsetDateTime};

use crate::inventory::{Claims, by_owner, rfc3339};

/// What a region has of composites, by owner.
pub struct Listing {
    region: String,
    parts: Vec<(Owned, bool)>,
    /// Owners with something younger than this, or of unknown age, are not leftovers.
    born_before: Option<OffsetDateTime>,
    /// Whether everything could be listed.
    whole: bool,
}

/// One owner.
pub struct OwnerView<'a> {
    /// The owner.
    pub owner: &'a Owner,
    /// Whether a run brought every part about.
    pub complete: bool,
    parts: Vec<(&'a Owned, bool)>,
}

impl OwnerView<'_> {
    fn unclaimed(&self) -> usize {
        self.parts.iter().filter(|(_, claimed)| !claimed).count()
    }

    fn born(&self) -> impl Iterator<Item = OffsetDateTime> {
        self.parts.iter().filter_map(|(part, _)| part.born)
    }
}

impl Listing {
    /// The list of a region's parts; `whole` says whether everything could be listed.
    pub fn new(
        region: &str,
        parts: Vec<Owned>,
        claims: &Claims,
        born_before: Option<OffsetDateTime>,
        whole: bool,
    ) -> Self {
        Listing {
            region: region.to_owned(),
            parts: parts
                .into_iter()
                .map(|part| {
                    let claimed = claims.have(&part);
                    (part, claimed)
                })
                .collect(),
            born_before,
            whole,
        }
    }

    fn owners(&self) -> Vec<OwnerView<'_>> {
        let parts: Vec<&Owned> = self.parts.iter().map(|(part, _)| part).collect();
        by_owner(parts)
            .into_iter()
            .map(|(owner, parts)| OwnerView {
                owner,
                complete: parts.iter().any(|part| part.sealed),
                parts: self
                    .parts
                    .iter()
                    .filter(|(part, _)| part.owner == *owner)
                    .map(|(part, claimed)| (part, *claimed))
                    .collect(),
            })
            .collect()
    }

    /// Whether there is something of an owner and all of it is claimed.
    pub fn is_claimed(&self, owner: &Owner) -> bool {
        self.owners()
            .iter()
            .any(|view| view.owner == owner && view.unclaimed() == 0)
    }

    /// Owners of which something is left over.
    pub fn leftover_owners(&self) -> Vec<OwnerView<'_>> {
        let mut owners = self.owners();
        owners.retain(|owner| owner.unclaimed() > 0 && self.is_old(owner));
        owners
    }

    fn is_old(&self, owner: &OwnerView<'_>) -> bool {
        self.born_before.is_none_or(|limit| {
            let mut born = owner.born().peekable();
            born.peek().is_some() && born.all(|born| born < limit)
        })
    }

    /// For people.
    pub fn text(&self, account: &str, now: OffsetDateTime) -> String {
        let mut text = format!("Account {account}, {}\n", self.region);
        let owners = self.owners();
        if owners.is_empty() {
            text.push_str(if self.whole {
                "  Nothing carries the tags of a composite.\n"
            } else {
                "  Nothing was found, and not everything could be listed: see the warnings.\n"
            });
        }
        for owner in owners {
            let count = owner.parts.len();
            let mut words = vec![plural(count, "part")];
            words.push(
                if owner.complete {
                    "complete"
                } else {
                    "unfinished"
                }
                .to_owned(),
            );
            if let Some(oldest) = owner.born().min() {
                words.push(format!("oldest {}", age(now - oldest)));
            }
            words.push(match owner.unclaimed() {
                0 => "claimed".to_owned(),
                all if all == count => "claimed by no given state".to_owned(),
                some => format!("{some} not claimed"),
            });
            if owner.unclaimed() > 0 && !self.is_old(&owner) {
                let why = match owner.born().next() {
                    Some(_) => "too young",
                    None => "of unknown age",
                };
                words.push(format!("left out since it is {why}"));
            }
            let _ = writeln!(text, "\n{}: {}", owner.owner, words.join(", "));
            if owner.unclaimed() == 0 || !self.is_old(&owner) {
                continue;
            }
            let rows: Vec<[String; 4]> = owner
                .parts
                .iter()
                .map(|(part, claimed)| {
                    let mut remarks = Vec::new();
                    remarks.push(match part.born {
                        Some(born) => age(now - born),
                        None => "age unknown".to_owned(),
                    });
                    if part.condition != Condition::Live {
                        remarks.push(part.condition.as_str().to_owned());
                    }
                    if *claimed {
                        remarks.push("claimed".to_owned());
                    }
                    if part.holds_data {
                        remarks.push("holds data".to_owned());
                    }
                    [
                        part.address.clone(),
                        part.kind.clone(),
                        part.id.clone(),
                        remarks.join(", "),
                    ]
                })
                .collect();
            text.push_str(&tree(&rows));
        }
        text
    }

    /// As data.
    pub fn json(&self, now: OffsetDateTime) -> Json {
        let owners: Vec<Json> = self
            .owners()
            .iter()
            .map(|owner| {
                let parts: Vec<Json> = owner
                    .parts
                    .iter()
                    .map(|(part, claimed)| {
                        json!({
                            "address": part.address, "type": part.kind, "id": part.id,
                            "born": part.born.and_then(rfc3339),
                            "age_days": part.born.map(|born| (now - born).whole_days()),
                            "condition": part.condition.as_str(), "claimed": claimed,
                        })
                    })
                    .collect();
                json!({
                    "owner": owner.owner.to_string(), "complete": owner.complete, "unclaimed": owner.unclaimed(),
                    "leftover": owner.unclaimed() > 0 && self.is_old(owner), "parts": parts,
                })
            })
            .collect();
        json!({ "region": self.region, "owners": owners })
    }
}

/// What would be deleted.
pub fn doomed(doomed: &[(Engine, Owner, Records)], kinds: &Kinds) -> String {
    let mut text = String::new();
    for (_, owner, records) in doomed {
        let count = plural(records.len(), "part");
        let _ = writeln!(text, "\nTo be deleted of {owner}: {count}");
        let rows: Vec<[String; 4]> = records
            .iter()
            .map(|(address, record)| {
                let data = kinds.holds_data(record);
                [
                    address.clone(),
                    record.kind.clone(),
                    record.id.clone().unwrap_or_default(),
                    if data { "HOLDS DATA" } else { "" }.to_owned(),
                ]
            })
            .collect();
        text.push_str(&tree(&rows));
    }
    text
}

/// Rows under one owner, in columns.
fn tree(rows: &[[String; 4]]) -> String {
    let width = |column: fn(&[String; 4]) -> &String| {
        rows.iter()
            .map(|row| column(row).chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths = [
        width(|row| &row[0]),
        width(|row| &row[1]),
        width(|row| &row[2]),
    ];
    let mut text = String::new();
    for (index, [address, kind, id, remarks]) in rows.iter().enumerate() {
        let branch = if index + 1 == rows.len() {
            "└─"
        } else {
            "├─"
        };
        let [a, k, i] = widths;
        let line = format!("{branch} {address:a$}  {kind:k$}  {id:i$}  {remarks}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

fn age(age: Duration) -> String {
    match (age.whole_days(), age.whole_hours(), age.whole_minutes()) {
        (0, 0, minutes) => format!("{} min", minutes.max(0)),
        (0, hours, _) => format!("{hours} h"),
        (days, ..) => format!("{days} d"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    fn part(
        owner: &str,
        address: &str,
        kind: &str,
        id: &str,
        born: Option<OffsetDateTime>,
    ) -> Owned {
        Owned {
            owner: format!("platform_network/us-east-1/{owner}")
                .parse()
                .unwrap(),
            address: address.to_owned(),
            id: id.to_owned(),
            kind: kind.to_owned(),
            born,
            sealed: address == "vpc" && owner != "half",
            condition: Condition::Live,
            holds_data: kind == "AWS::Logs::LogGroup",
        }
    }

    fn parts() -> Vec<Owned> {
        let (old, young) = (
            datetime!(2026-03-01 12:00 UTC),
            datetime!(2026-03-10 09:00 UTC),
        );
        let mut parts = vec![
            part("half", "vpc", "AWS::EC2::VPC", "vpc-1", None),
            part(
                "half",
                "nat/use1-az1",
                "AWS::EC2::NatGateway",
                "nat-1",
                Some(young),
            ),
            part("lost", "vpc", "AWS::EC2::VPC", "vpc-2", None),
            part(
                "lost",
                "log-group/flow",
                "AWS::Logs::LogGroup",
                "/platform/lost",
                Some(old),
            ),
            part("main", "vpc", "AWS::EC2::VPC", "vpc-3", None),
            part("mixed", "vpc", "AWS::EC2::VPC", "vpc-4", None),
            part("mixed", "eip/use1-az1", "AWS::EC2::EIP", "192.0.2.1", None),
        ];
        parts[1].condition = Condition::Pending;
        parts
    }

    fn claims() -> Claims {
        let mut claims = Claims::default();
        claims.insert("AWS::EC2::VPC", "vpc-3");
        claims.insert("AWS::EC2::VPC", "vpc-4");
        claims
    }

    const NOW: OffsetDateTime = datetime!(2026-03-10 12:00 UTC);

    #[test]
    fn leftovers_are_listed_by_owner_and_what_is_claimed_is_summed_up() {
        let listing = Listing::new("us-east-1", parts(), &claims(), None, true);
        insta::assert_snapshot!(listing.text("123456789012", NOW));
        let nothing = Listing::new("us-east-1", vec![], &claims(), None, true);
        insta::assert_snapshot!(nothing.text("123456789012", NOW));
        let unlisted = Listing::new("mars-1", vec![], &claims(), None, false);
        let text = unlisted.text("123456789012", NOW);
        assert!(text.contains("not everything could be listed"), "{text}");
        assert!(!text.contains("Nothing carries"), "{text}");
    }

    #[test]
    fn what_is_young_or_of_unknown_age_is_no_leftover_when_an_age_is_asked_for() {
        let names = |listing: &Listing| -> Vec<String> {
            let owners = listing.leftover_owners();
            owners
                .iter()
                .map(|owner| owner.owner.name.clone())
                .collect()
        };
        let all = Listing::new("us-east-1", parts(), &claims(), None, true);
        assert_eq!(names(&all), ["half", "lost", "mixed"]);
        let old = Listing::new(
            "us-east-1",
            parts(),
            &claims(),
            Some(NOW - Duration::days(2)),
            true,
        );
        assert_eq!(names(&old), ["lost"]);
        insta::assert_snapshot!(old.text("123456789012", NOW));
    }

    #[test]
    fn what_is_to_be_deleted_is_named() {
        let record = |kind: &str, id: &str| platform_graph::Recorded {
            kind: kind.to_owned(),
            id: Some(id.to_owned()),
            properties: Default::default(),
            refs: Default::default(),
            attributes: None,
        };
        let records = Records::from([
            (
                "log-group/flow".to_owned(),
                record("AWS::Logs::LogGroup", "/platform/lost"),
            ),
            ("vpc".to_owned(), record("AWS::EC2::VPC", "vpc-2")),
        ]);
        struct Nobody;
        impl platform_engine::Aws for Nobody {
            fn call<'a>(
                &'a self,
                _: &'a platform_graph::Call,
            ) -> futures_util::future::BoxFuture<'a, Result<Json, platform_engine::AwsError>>
            {
                unreachable!("nobody is asked")
            }
        }
        let engine = Engine::new(std::sync::Arc::new(Nobody), platform_kinds::all());
        let owner = "platform_network/us-east-1/lost".parse().unwrap();
        insta::assert_snapshot!(doomed(&[(engine, owner, records)], &platform_kinds::all()));
    }
}
