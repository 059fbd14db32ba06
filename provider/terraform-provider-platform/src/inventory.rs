//! `data "platform_inventory"`: every AWS resource that carries an owner's tag, with its owner and age, and whether the
//! configuration at hand claims it.

mod check;

use std::collections::{BTreeMap, BTreeSet};

use platform_engine::Owned;
use platform_graph::{Owner, Problems};
use platform_protocol::provider::{DataSource, ReadDataSource};
use platform_protocol::schema::{Attribute, Block, Presence, Schema};
use platform_protocol::{AttributePath, Diagnostic, Diagnostics, Type, Value};
use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::session::Session;

pub use check::check;

/// Name of the data source.
pub const NAME: &str = "platform_inventory";

const ABOUT: &str = "Every AWS resource in the account and region that carries the tags of a composite, with its owner and its age, and whether \
the composites handed to `claimed_by` hold it. What none of them claims belongs to another configuration, or is left over from a run whose \
state was lost; `terraform-provider-platform sweep` removes that.\n\nA data source can't see the state, so what is claimed is what \
`claimed_by` says. Only resources that can carry tags are listed: routes, associations and the like belong to what they are inside of.";

/// Its schema.
pub fn schema() -> Schema {
    let optional = |ty: Type, about: &str| Attribute::new(Presence::Optional, ty).describe(about);
    let computed = |ty: Type, about: &str| Attribute::new(Presence::Computed, ty).describe(about);
    let attributes = [
        (
            "region",
            Attribute::new(Presence::OptionalComputed, Type::String)
                .describe("Region to look in. Default: that of the provider block."),
        ),
        (
            "composite",
            optional(
                Type::String,
                "Only what belongs to composites of this type, such as `platform_network`.",
            ),
        ),
        (
            "name",
            optional(
                Type::String,
                "Only what belongs to composites of this name.",
            ),
        ),
        (
            "claimed_by",
            optional(
                Type::Dynamic,
                "The composites that claim what they hold: one, a list or a map of them, or of their `resources`.",
            ),
        ),
        (
            "parts",
            computed(
                Type::list(part_type()),
                "The resources, by owner and address: `owner` (`<composite>/<region>/<name>`), `composite`, `name`, `address` inside the owner, \
                 CloudFormation `type`, `id`, `born` (RFC 3339; null where AWS does not tell), `age_days` (whole days at the time of reading, so it \
                 changes from day to day; null like `born`), `condition` (`live`, `pending`, `deleting`, `failed`, or `unknown` where it could not be \
                 looked at) and `claimed`.",
            ),
        ),
        (
            "owners",
            computed(
                Type::map(owner_type()),
                "A summary by owner: `composite`, `name`, how many `parts`, how many of them are `unclaimed`, since when the oldest is there (`born`, \
                 `age_days`), whether it was ever `complete` (a run brought every part about and sealed it) and whether every part is `claimed`.",
            ),
        ),
    ];
    Schema {
        version: 0,
        block: Block {
            attributes: attributes
                .into_iter()
                .map(|(name, attribute)| (name.to_owned(), attribute))
                .collect(),
            description: ABOUT.to_owned(),
            ..Block::default()
        },
    }
}

fn part_type() -> Type {
    Type::object([
        ("owner", Type::String),
        ("composite", Type::String),
        ("name", Type::String),
        ("address", Type::String),
        ("type", Type::String),
        ("id", Type::String),
        ("born", Type::String),
        ("age_days", Type::Number),
        ("condition", Type::String),
        ("claimed", Type::Bool),
    ])
}

fn owner_type() -> Type {
    Type::object([
        ("composite", Type::String),
        ("name", Type::String),
        ("parts", Type::Number),
        ("unclaimed", Type::Number),
        ("born", Type::String),
        ("age_days", Type::Number),
        ("complete", Type::Bool),
        ("claimed", Type::Bool),
    ])
}

/// Reads it.
pub async fn read(session: &Session, request: ReadDataSource) -> DataSource {
    match look(session, &request.config).await {
        Ok((state, diagnostics)) => DataSource { state, diagnostics },
        Err(diagnostics) => DataSource {
            state: request.config,
            diagnostics,
        },
    }
}

async fn look(session: &Session, config: &Value) -> Result<(Value, Diagnostics), Diagnostics> {
    let text = |name: &str| config.attr(name).as_str().map(str::to_owned);
    let wrong = check(config);
    if wrong.has_errors() {
        return Err(wrong);
    }
    session.known()?;
    let region = text("region")
        .or_else(|| session.region.clone())
        .ok_or_else(|| {
            Diagnostic::error(
                "No region",
                "Write region here or in the provider block, or set AWS_REGION.",
            )
            .at(AttributePath::root().child("region"))
        })?;
    let found = session.engine(&region).inventory().await;
    let (composite, name) = (text("composite"), text("name"));
    let wanted = |owner: &Owner| {
        composite
            .as_ref()
            .is_none_or(|wanted| owner.composite == *wanted)
            && name.as_ref().is_none_or(|wanted| owner.name == *wanted)
    };
    let parts = in_region(found.parts, &region, wanted);
    let claims = Claims::of(&config.attr("claimed_by").to_json_known());
    let shown = shown(&parts, &claims, OffsetDateTime::now_utc());
    let mut state = config.clone();
    if let (Value::Object(fields), Json::Object(shown)) = (&mut state, shown) {
        fields.insert("region".to_owned(), Value::String(region));
        for (name, ty) in [
            ("parts", Type::list(part_type())),
            ("owners", Type::map(owner_type())),
        ] {
            let json = shown.get(name).unwrap_or(&Json::Null);
            let value = Value::from_json(&ty, json).map_err(|errors| {
                let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
                Diagnostic::error(
                    format!("{NAME} does not fit its own schema"),
                    format!(
                        "This is a bug of the provider; please report it.\n{}",
                        lines.join("\n")
                    ),
                )
            })?;
            fields.insert(name.to_owned(), value);
        }
    }
    Ok((state, warnings(&found.problems)))
}

/// What belongs to owners of a region: what is global (an IAM role) is listed in all of them.
pub fn in_region(parts: Vec<Owned>, region: &str, wanted: impl Fn(&Owner) -> bool) -> Vec<Owned> {
    parts
        .into_iter()
        .filter(|part| part.owner.region == region && wanted(&part.owner))
        .collect()
}

/// What could not be listed, as warnings: the rest is.
fn warnings(problems: &Problems) -> Diagnostics {
    by_reason(problems)
        .into_iter()
        .map(|(summary, detail)| Diagnostic::warning(summary, detail))
        .collect()
}

/// Problems as summary and detail, those of one reason as one: a missing permission hides many kinds. Every request of AWS has an
/// id of its own, which makes no other reason.
pub fn by_reason(problems: &Problems) -> Vec<(String, String)> {
    const MOST: usize = 5;
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for problem in problems.iter() {
        match reasons
            .iter_mut()
            .find(|(why, _)| without_request(why) == without_request(&problem.detail))
        {
            Some((_, summaries)) => summaries.push(&problem.summary),
            None => reasons.push((&problem.detail, vec![&problem.summary])),
        }
    }
    reasons
        .into_iter()
        .map(|(why, summaries)| {
            let named = summaries[..summaries.len().min(MOST)].join("; ");
            let summary = match summaries.len().checked_sub(MOST) {
                None | Some(0) => named,
                Some(more) => format!("{named}; and {more} more"),
            };
            (summary, why.to_owned())
        })
        .collect()
}

/// A text of AWS's before and after the id of the request.
fn without_request(text: &str) -> (&str, &str) {
    text.split_once(" (request ")
        .map_or((text, ""), |(before, id)| {
            (before, id.split_once(')').map_or("", |(_, after)| after))
        })
}

/// What states hold, by type and id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims(BTreeSet<(String, String)>);

impl Claims {
    /// Everything in a value that looks like a part: an object with a `type` of CloudFormation and an `id`.
    pub fn of(value: &Json) -> Self {
        let mut claims = Claims::default();
        claims.take(value);
        claims
    }

    fn take(&mut self, value: &Json) {
        match value {
            Json::Array(items) => items.iter().for_each(|item| self.take(item)),
            Json::Object(fields) => {
                let text = |name: &str| fields.get(name).and_then(Json::as_str);
                match (text("type"), text("id")) {
                    (Some(kind), Some(id)) if kind.contains("::") => self.insert(kind, id),
                    _ => fields.values().for_each(|field| self.take(field)),
                }
            }
            _ => {}
        }
    }

    /// Claims one resource.
    pub fn insert(&mut self, kind: &str, id: &str) {
        self.0.insert((kind.to_owned(), id.to_owned()));
    }

    /// Whether a resource is claimed.
    pub fn have(&self, part: &Owned) -> bool {
        self.0.contains(&(part.kind.clone(), part.id.clone()))
    }
}

/// The computed attributes.
fn shown(parts: &[Owned], claims: &Claims, now: OffsetDateTime) -> Json {
    let listed: Vec<Json> = parts
        .iter()
        .map(|part| {
            json!({
                "owner": part.owner.to_string(),
                "composite": part.owner.composite,
                "name": part.owner.name,
                "address": part.address,
                "type": part.kind,
                "id": part.id,
                "born": part.born.and_then(rfc3339),
                "age_days": part.born.map(|born| (now - born).whole_days()),
                "condition": part.condition.as_str(),
                "claimed": claims.have(part),
            })
        })
        .collect();
    let owners: Map<String, Json> = by_owner(parts)
        .into_iter()
        .map(|(owner, parts)| {
            let born = parts.iter().filter_map(|part| part.born).min();
            let unclaimed = parts.iter().filter(|part| !claims.have(part)).count();
            let summary = json!({
                "composite": owner.composite,
                "name": owner.name,
                "parts": parts.len(),
                "unclaimed": unclaimed,
                "born": born.and_then(rfc3339),
                "age_days": born.map(|born| (now - born).whole_days()),
                "complete": parts.iter().any(|part| part.sealed),
                "claimed": unclaimed == 0,
            });
            (owner.to_string(), summary)
        })
        .collect();
    json!({ "parts": listed, "owners": owners })
}

/// Parts by their owner.
pub fn by_owner<'a>(
    parts: impl IntoIterator<Item = &'a Owned>,
) -> BTreeMap<&'a Owner, Vec<&'a Owned>> {
    let mut owners: BTreeMap<&Owner, Vec<&Owned>> = BTreeMap::new();
    for part in parts {
        owners.entry(&part.owner).or_default().push(part);
    }
    owners
}

/// An instant as Terraform's functions read it.
pub fn rfc3339(instant: OffsetDateTime) -> Option<String> {
    instant
        .to_offset(time::UtcOffset::UTC)
        .replace_nanosecond(0)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

#[cfg(test)]
mod tests {
    use platform_engine::Condition;
    use time::macros::datetime;

    use super::*;

    fn part(owner: &str, address: &str, id: &str, born: Option<OffsetDateTime>) -> Owned {
        Owned {
            owner: owner.parse().unwrap(),
            address: address.to_owned(),
            id: id.to_owned(),
            kind: "AWS::EC2::VPC".to_owned(),
            born,
            sealed: address == "vpc",
            condition: Condition::Live,
            holds_data: false,
        }
    }

    #[test]
    fn parts_and_owners_are_shown_as_the_schema_says() {
        let born = datetime!(2026-03-01 12:00:00.123 UTC);
        let parts = [
            part("platform_network/us-east-1/lost", "gone", "vpc-2", None),
            part(
                "platform_network/us-east-1/main",
                "other",
                "vpc-3",
                Some(born),
            ),
            part(
                "platform_network/us-east-1/main",
                "vpc",
                "vpc-1",
                Some(datetime!(2026-03-02 12:00 UTC)),
            ),
        ];
        let mut claims = Claims::default();
        claims.insert("AWS::EC2::VPC", "vpc-1");
        let shown = shown(&parts, &claims, datetime!(2026-03-11 11:00 UTC));
        insta::assert_json_snapshot!(shown);
        assert!(Value::from_json(&Type::list(part_type()), &shown["parts"]).is_ok());
        assert!(Value::from_json(&Type::map(owner_type()), &shown["owners"]).is_ok());
    }

    #[test]
    fn what_could_not_be_listed_for_one_reason_is_said_once() {
        let mut problems = Problems::new();
        for kind in ["A", "B", "C", "D", "E", "F", "G"] {
            let why = format!("denied (request {kind}-1). Ask for it");
            problems.warning([kind], format!("{kind} could not be listed"), why);
        }
        problems.warning(["H"], "H could not be listed", "throttled");
        let expected = [
            (
                "A could not be listed; B could not be listed; C could not be listed; D could not be listed; E could not be listed; and 2 more",
                "denied (request A-1). Ask for it",
            ),
            ("H could not be listed", "throttled"),
        ];
        let expected = expected.map(|(summary, why)| (summary.to_owned(), why.to_owned()));
        assert_eq!(by_reason(&problems), expected);
    }

    #[test]
    fn parts_are_found_in_composites_however_they_are_handed_over() {
        let resources = json!({
            "vpc": {"type": "AWS::EC2::VPC", "id": "vpc-1", "properties": {"Tags": {}}},
            "eip/a": {"type": "AWS::EC2::EIP", "id": null, "properties": {}},
        });
        let composite = json!({"id": "us-east-1/main", "name": "main", "resources": resources});
        let expected = Claims::of(&resources);
        assert_eq!(expected.0.len(), 1, "what was not made has no id");
        for handed in [
            composite.clone(),
            json!([composite]),
            json!({"a": composite}),
            json!([resources]),
        ] {
            assert_eq!(Claims::of(&handed), expected, "{handed}");
        }
        for nothing in [
            json!(null),
            json!([]),
            json!("vpc-1"),
            json!([{"id": "vpc-1"}]),
        ] {
            assert_eq!(Claims::of(&nothing), Claims::default(), "{nothing}");
        }
    }
}
