//! Service models: what AWS's wire needs to know of each operation in use, as data.
//!
//! The models under `models/` are botocore's service descriptions without their prose, reduced to the operations that
//! `models/operations.json` lists; `cargo xtask models` writes them. They are embedded in the binary and parsed on
//! first use of a service, so a start pays nothing for them.
//!
//! To use another operation, add its name to `models/operations.json` (a service by botocore's name of its folder) and
//! run `cargo xtask models`.
//!
//! Guarantees: a name that [`service`] or [`Service::operation`] returns is an operation the client can call.

mod shape;
mod validate;

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

pub use shape::{ContextParam, ErrorTrait, Reference, Shape, ShapeKind, XmlNamespace};
pub use validate::validate;

/// The embedded models: name, suffix of its variables, operations and shapes, endpoint rules.
static EMBEDDED: &[(&str, &str, &str, &str)] = include!("../../models/index.rs");

/// AWS's partitions: DNS suffixes and the pattern of the Regions of each.
pub(crate) static PARTITIONS: &str = include_str!("../../models/partitions.json");

static PARSED: LazyLock<BTreeMap<&'static str, OnceLock<Option<Service>>>> = LazyLock::new(|| {
    EMBEDDED
        .iter()
        .map(|(name, ..)| (*name, OnceLock::new()))
        .collect()
});

/// The model of a service by botocore's name for it (`ec2`, `logs`, `service-quotas`), or `None` when the client
/// has no such service.
pub fn service(name: &str) -> Option<&'static Service> {
    PARSED
        .get(name)?
        .get_or_init(|| serde_json::from_str(embedded(name)?.0).ok())
        .as_ref()
}

/// The names of all services the client knows, in order.
pub fn services() -> impl Iterator<Item = &'static str> {
    EMBEDDED.iter().map(|(name, ..)| *name)
}

/// The endpoint rule set of a service, as botocore writes it.
pub(crate) fn endpoint_rules(name: &str) -> Option<&'static str> {
    Some(embedded(name)?.1)
}

/// The services and the ends of their `AWS_ENDPOINT_URL_<SERVICE>` variables, such as `CLOUDWATCH_LOGS`.
pub(crate) fn endpoint_variables() -> impl Iterator<Item = (&'static str, &'static str)> {
    EMBEDDED.iter().map(|(name, suffix, ..)| (*name, *suffix))
}

fn embedded(name: &str) -> Option<(&'static str, &'static str)> {
    let (.., model, rules) = EMBEDDED.iter().find(|(n, ..)| *n == name)?;
    Some((model, rules))
}

/// One AWS service: its protocol, operations and shapes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Service {
    /// botocore's name of the service.
    pub name: String,
    /// Facts of the service as a whole.
    pub metadata: Metadata,
    /// Operations by name.
    pub operations: BTreeMap<String, Operation>,
    /// Shapes by name.
    pub shapes: BTreeMap<String, Shape>,
}

/// Facts of a service as a whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Metadata {
    /// How the service speaks.
    pub protocol: Protocol,
    /// `2016-11-15`; sent by the ec2 and query protocols.
    pub api_version: String,
    /// First label of the classic host name.
    pub endpoint_prefix: String,
    /// The name in the signature's scope when it isn't the endpoint prefix.
    pub signing_name: Option<String>,
    /// `1.0` or `1.1` for the JSON protocol.
    pub json_version: Option<String>,
    /// First half of `X-Amz-Target`.
    pub target_prefix: Option<String>,
    /// Namespace of the service's XML documents.
    pub xml_namespace: Option<XmlNamespace>,
    /// Set when the service once spoke query and keeps its error codes.
    pub aws_query_compatible: Option<Value>,
}

/// The five wire protocols of AWS that the client speaks.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// `awsJson1_0` and `awsJson1_1`.
    #[default]
    Json,
    /// `restJson1`.
    RestJson,
    /// `restXml`.
    RestXml,
    /// `awsQuery`.
    Query,
    /// `ec2Query`.
    Ec2,
}

/// One operation of a service.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Operation {
    /// Name of the operation, as in `DescribeVpcs`.
    pub name: String,
    /// Method and path.
    pub http: Http,
    /// Shape of the parameters.
    pub input: Option<Reference>,
    /// Shape of the answer.
    pub output: Option<Reference>,
    /// Shapes of the errors the operation declares.
    #[serde(deserialize_with = "shape_names")]
    pub errors: Vec<String>,
    /// A prefix of the host, possibly with labels from the parameters.
    pub endpoint: Option<HostPrefix>,
    /// The body's MD5 must accompany it.
    pub http_checksum_required: bool,
    /// The newer form of the above, with a choice of algorithms.
    pub http_checksum: Option<Checksum>,
    /// Bodies of this operation may be compressed.
    #[serde(rename = "requestcompression")]
    pub request_compression: Option<Value>,
    /// AWS says that the operation changes nothing.
    pub readonly: bool,
    /// How its answers are cut into pages.
    pub paginator: Option<Paginator>,
    /// Constant parameters for the endpoint rules.
    pub static_context_params: BTreeMap<String, StaticParam>,
}

/// The HTTP half of an operation.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Http {
    /// `POST`, `GET` and so on.
    pub method: String,
    /// Path with `{Labels}`, possibly with a constant query.
    pub request_uri: String,
}

/// A prefix of the host, such as `{AccountId}.`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct HostPrefix {
    /// The pattern.
    pub host_prefix: String,
}

/// What an operation says of checksums.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Checksum {
    /// The service refuses a request without one.
    pub request_checksum_required: bool,
}

/// A constant for the endpoint rules.
#[derive(Debug, Deserialize)]
pub struct StaticParam {
    /// Its value.
    pub value: Value,
}

/// How the answers of an operation are cut into pages.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Paginator {
    /// Parameters that carry the token.
    #[serde(deserialize_with = "one_or_many")]
    pub input_token: Vec<String>,
    /// Where the answer has the next token: member paths, alternatives separated by `||`.
    #[serde(deserialize_with = "one_or_many")]
    pub output_token: Vec<String>,
    /// Members that are joined over the pages.
    #[serde(deserialize_with = "one_or_many")]
    pub result_key: Vec<String>,
    /// The member that says whether there are more pages, where the token alone doesn't.
    pub more_results: Option<String>,
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::One(one) => vec![one],
        Written::Many(many) => many,
    })
}

/// Errors are written as names here and as references in botocore's test suites.
fn shape_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Name(String),
        Reference(Reference),
    }
    Ok(Vec::<Written>::deserialize(deserializer)?
        .into_iter()
        .map(|written| match written {
            Written::Name(name) => name,
            Written::Reference(reference) => reference.shape,
        })
        .collect())
}

static NO_SHAPE: LazyLock<Shape> = LazyLock::new(Shape::default);

impl Service {
    /// The operation of that name.
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        self.operations.get(name)
    }

    /// The shape a reference points at. Models are closed under references; a dangling one reads as an empty
    /// structure.
    pub fn shape(&self, reference: &Reference) -> &Shape {
        self.shapes.get(&reference.shape).unwrap_or(&NO_SHAPE)
    }

    /// The name in the signature's scope.
    pub fn signing_name(&self) -> &str {
        self.metadata
            .signing_name
            .as_deref()
            .unwrap_or(&self.metadata.endpoint_prefix)
    }

    /// The error shape behind a code on the wire.
    pub(crate) fn error_shape(&self, operation: &Operation, code: &str) -> Option<&Shape> {
        let named = |name: &&String| {
            name.as_str() == code
                || self
                    .shapes
                    .get(name.as_str())
                    .and_then(|s| s.error.as_ref())
                    .is_some_and(|e| e.code.as_deref() == Some(code))
        };
        operation
            .errors
            .iter()
            .find(named)
            .and_then(|name| self.shapes.get(name))
    }

    /// Whether the model has the member at `path` in the answer of `operation`. Members are separated by dots; a list
    /// or map is passed through silently, so `Reservations.Instances.InstanceId` reads as one thinks of it. For tests
    /// that check the fields a reader relies on.
    pub fn has_output(&self, operation: &str, path: &str) -> bool {
        self.has_member(
            self.operation(operation).and_then(|o| o.output.as_ref()),
            path,
        )
    }

    /// As [`Self::has_output`], for the parameters.
    pub fn has_input(&self, operation: &str, path: &str) -> bool {
        self.has_member(
            self.operation(operation).and_then(|o| o.input.as_ref()),
            path,
        )
    }

    fn has_member(&self, root: Option<&Reference>, path: &str) -> bool {
        let Some(root) = root else { return false };
        let mut shape = self.through_collections(self.shape(root));
        for name in path.split('.') {
            let Some(member) = shape.members.get(name) else {
                return false;
            };
            shape = self.through_collections(self.shape(member));
        }
        true
    }

    fn through_collections<'a>(&'a self, mut shape: &'a Shape) -> &'a Shape {
        while let Some(inner) = shape.member.as_ref().or(shape.value.as_ref()) {
            shape = self.shape(inner);
        }
        shape
    }

    /// The names of the members of an operation's answer, top level.
    pub fn output_members(&self, operation: &str) -> Vec<&str> {
        self.operation(operation)
            .and_then(|o| o.output.as_ref())
            .map(|r| self.shape(r).members.keys().map(String::as_str).collect())
            .unwrap_or_default()
    }
}

impl Operation {
    /// Whether the operation only reads: AWS's own trait, or else the verb.
    pub fn is_read(&self) -> bool {
        const VERBS: [&str; 12] = [
            "Describe",
            "Get",
            "List",
            "Head",
            "Search",
            "Lookup",
            "BatchGet",
            "BatchDescribe",
            "Simulate",
            "Validate",
            "Estimate",
            "Scan",
        ];
        self.readonly || VERBS.iter().any(|verb| self.name.starts_with(verb))
    }

    /// The parameter that makes the request safe to repeat, if the operation has one.
    pub fn idempotency_token<'a>(&self, service: &'a Service) -> Option<&'a str> {
        let input = service.shape(self.input.as_ref()?);
        input
            .members
            .iter()
            .find(|(_, member)| member.idempotency_token)
            .map(|(name, _)| name.as_str())
    }
}
