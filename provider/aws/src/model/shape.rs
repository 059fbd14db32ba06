//! The types of the wire: shapes, and the references that use them.

use std::borrow::Cow;

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// One type of the wire.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Shape {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ShapeKind,
    /// Members of a structure in the order AWS declares them.
    pub members: IndexMap<String, Reference>,
    /// Members that must be given.
    pub required: Vec<String>,
    /// Elements of a list.
    pub member: Option<Reference>,
    /// Keys of a map.
    pub key: Option<Reference>,
    /// Values of a map.
    pub value: Option<Reference>,
    /// All values, where the set is closed and short.
    #[serde(rename = "enum")]
    pub values: Vec<String>,
    /// The member that is the whole body.
    pub payload: Option<String>,
    /// Elements stand without a wrapper.
    pub flattened: bool,
    /// Wire name where it differs.
    pub location_name: Option<String>,
    /// `iso8601`, `unixTimestamp` or `rfc822`.
    pub timestamp_format: Option<String>,
    /// XML namespace.
    pub xml_namespace: Option<XmlNamespace>,
    /// Set on errors.
    pub exception: bool,
    /// Wire code of an error.
    pub error: Option<ErrorTrait>,
    /// Exactly one member is given.
    pub union: bool,
    /// Any JSON.
    pub document: bool,
    /// The value is a secret and must not be shown.
    pub sensitive: bool,
    /// Nulls in the collection are kept.
    pub sparse: bool,
    /// The body is a stream.
    pub streaming: bool,
    /// AWS says that the error may be retried.
    pub retryable: Option<Value>,
}

/// Wire code of an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ErrorTrait {
    /// The code where it isn't the shape's name.
    pub code: Option<String>,
}

/// What a shape is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ShapeKind {
    /// Members by name.
    #[default]
    Structure,
    /// Elements in order.
    List,
    /// Values by key.
    Map,
    /// Text.
    String,
    /// Text of one character, a relic of old models.
    Character,
    /// `true` or `false`.
    Boolean,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// Single precision; `NaN`, `Infinity` and `-Infinity` are strings.
    Float,
    /// Double precision; likewise.
    Double,
    /// A number of any size.
    #[serde(alias = "bigdecimal", alias = "biginteger")]
    Number,
    /// An instant; ISO 8601 in the client's JSON.
    Timestamp,
    /// Bytes; base64 in the client's JSON.
    Blob,
}

/// A use of a shape: by a member, an element, an operation.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Reference {
    /// Name of the shape.
    pub shape: String,
    /// `uri`, `querystring`, `header`, `headers`, `statusCode`; the body when absent.
    pub location: Option<String>,
    /// Wire name where it differs.
    pub location_name: Option<String>,
    /// Wire name in the ec2 protocol's requests where it differs again.
    pub query_name: Option<String>,
    /// Elements stand without a wrapper.
    pub flattened: bool,
    /// XML namespace.
    pub xml_namespace: Option<XmlNamespace>,
    /// An attribute, not an element.
    pub xml_attribute: bool,
    /// JSON inside a header.
    pub jsonvalue: bool,
    /// A token that makes the request safe to repeat; the client fills it when absent.
    pub idempotency_token: bool,
    /// Part of the host.
    pub host_label: bool,
    /// Overrides the shape's.
    pub timestamp_format: Option<String>,
    /// A parameter for the endpoint rules.
    pub context_param: Option<ContextParam>,
    /// The body is a stream.
    pub streaming: bool,
}

/// The name under which the endpoint rules know a member.
#[derive(Debug, Default, Clone, Deserialize)]
pub struct ContextParam {
    /// Its name.
    pub name: String,
}

/// An XML namespace with an optional prefix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XmlNamespace {
    /// `xsi` and the like.
    pub prefix: Option<String>,
    /// The namespace's URI.
    pub uri: String,
}

impl<'de> Deserialize<'de> for XmlNamespace {
    /// Models write it as a string or as an object.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Uri(String),
            Full { prefix: Option<String>, uri: String },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Uri(uri) => Self { prefix: None, uri },
            Written::Full { prefix, uri } => Self { prefix, uri },
        })
    }
}

impl Reference {
    /// The wire name of a member called `name`.
    pub(crate) fn wire_name<'a>(&'a self, name: &'a str) -> &'a str {
        self.location_name.as_deref().unwrap_or(name)
    }

    /// Whether the member travels in the body.
    pub(crate) fn in_body(&self) -> bool {
        self.location.is_none()
    }

    /// Whether the member travels in a reply's body. A structure that requests use too keeps their labels and queries.
    pub(crate) fn in_reply_body(&self) -> bool {
        !matches!(
            self.location.as_deref(),
            Some("header" | "headers" | "statusCode")
        )
    }

    /// The timestamp format that applies, `default` when neither the use nor the shape names one.
    pub(crate) fn timestamp_format<'a>(&'a self, shape: &'a Shape, default: &'a str) -> &'a str {
        self.timestamp_format
            .as_deref()
            .or(shape.timestamp_format.as_deref())
            .unwrap_or(default)
    }
}

impl XmlNamespace {
    /// The attribute that declares it.
    pub(crate) fn attribute(&self) -> Cow<'static, str> {
        self.prefix
            .as_ref()
            .map_or(Cow::Borrowed("xmlns"), |p| Cow::Owned(format!("xmlns:{p}")))
    }
}
