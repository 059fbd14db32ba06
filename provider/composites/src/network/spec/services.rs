//! What a network offers to what lives in it: endpoints, flow logs, DNS and DHCP; and the account's switch for all networks.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::yes;

/// Services with endpoints that cost nothing.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GatewayService {
    /// Amazon S3.
    S3,
    /// Amazon DynamoDB.
    Dynamodb,
}

/// VPC endpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoints {
    /// Services reached through gateway endpoints, which cost nothing and serve every tier. `["s3", "dynamodb"]` when left
    /// out.
    #[serde(default = "default_gateways")]
    pub gateway: BTreeSet<GatewayService>,
    /// Policies of gateway endpoints, by service, as JSON. An endpoint without one lets everything pass that the caller's own
    /// permissions allow.
    #[serde(default)]
    pub gateway_policies: BTreeMap<String, String>,
    /// Interface endpoints by service, as in the last part of the service's name; each costs per zone and hour. Example:
    /// `{ "ecr.api" = {}, "ecr.dkr" = {}, sts = {} }`.
    #[serde(default)]
    pub interface: BTreeMap<String, InterfaceEndpoint>,
    /// Name of the tier in which interface endpoints stand unless they say otherwise. When left out, the private tier that is
    /// first by name, else the isolated one.
    pub tier: Option<String>,
}

impl Default for Endpoints {
    fn default() -> Self {
        Endpoints {
            gateway: default_gateways(),
            gateway_policies: BTreeMap::new(),
            interface: BTreeMap::new(),
            tier: None,
        }
    }
}

/// One interface endpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InterfaceEndpoint {
    /// Full name of the service, for services that are not AWS's own. When left out, that of the AWS service in this region.
    /// Example: `com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0`.
    #[schemars(regex(pattern = r"^(cn\.)?com\.amazonaws\.[a-z0-9.-]+$"))]
    pub service_name: Option<String>,
    /// Region of the service, when it is another one than the network's. Example: `us-east-1`.
    #[schemars(regex(pattern = r"^[a-z]{2,3}(-[a-z]+)+-[0-9]$"))]
    pub service_region: Option<String>,
    /// Endpoint policy as JSON. When left out, everything passes that the caller's own permissions allow.
    pub policy: Option<String>,
    /// Whether the service's usual DNS name leads to the endpoint. When left out, `true`, except for `s3` and `dynamodb`, whose
    /// names belong to the gateway endpoints, and for endpoints with a `service_name`.
    pub private_dns: Option<bool>,
    /// Name of the tier in which the endpoint stands, one address per zone. When left out, `endpoints.tier`.
    pub tier: Option<String>,
    /// Names of `security_groups` of this network for the endpoint, in place of the shared group that lets in HTTPS from the
    /// VPC.
    #[serde(default)]
    pub security_groups: BTreeSet<String>,
}

/// Flow logs of the VPC. At most one of `cloudwatch`, `s3` and `firehose`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FlowLogs {
    /// Whether connections are recorded. `true` when left out.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Which connections are recorded. `all` when left out.
    #[serde(default)]
    pub traffic: Traffic,
    /// Over how many seconds records are put together: 60 or 600. 600 when left out; 60 gives more and costlier records.
    #[serde(default = "default_interval")]
    #[schemars(range(min = 60, max = 600))]
    pub interval_seconds: u32,
    /// Fields of a record, in AWS's notation; write `$${` for `${` in Terraform. When left out, AWS's default format. Example:
    /// `$${srcaddr} $${dstaddr} $${action}`.
    pub format: Option<String>,
    /// To CloudWatch Logs. The default.
    pub cloudwatch: Option<CloudwatchLogs>,
    /// To an S3 bucket.
    pub s3: Option<S3Logs>,
    /// To an Amazon Data Firehose stream.
    pub firehose: Option<FirehoseLogs>,
}

impl Default for FlowLogs {
    fn default() -> Self {
        FlowLogs {
            enabled: true,
            traffic: Traffic::All,
            interval_seconds: default_interval(),
            format: None,
            cloudwatch: None,
            s3: None,
            firehose: None,
        }
    }
}

/// Which connections are recorded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Traffic {
    /// All of them.
    #[default]
    All,
    /// Those that were let through.
    Accept,
    /// Those that were refused.
    Reject,
}

/// Flow logs in CloudWatch Logs. The log group and the role that writes to it are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CloudwatchLogs {
    /// For how many days records are kept; 0 for ever. CloudWatch Logs allows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400,
    /// 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 and 3653. 30 when left out.
    #[serde(default = "default_retention")]
    #[schemars(range(max = 3653))]
    pub retention_days: u32,
    /// ARN of the KMS key that encrypts the log group; its policy must let CloudWatch Logs use it. When left out, CloudWatch Logs
    /// encrypts with a key of its own.
    #[schemars(regex(pattern = r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$"))]
    pub kms_key_arn: Option<String>,
    /// Whether a KMS key of the network's own is made for the log group (about 1 USD a month). `false` when left out.
    #[serde(default)]
    pub own_kms_key: bool,
}

impl Default for CloudwatchLogs {
    fn default() -> Self {
        CloudwatchLogs {
            retention_days: default_retention(),
            kms_key_arn: None,
            own_kms_key: false,
        }
    }
}

/// File format of flow logs in S3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FileFormat {
    /// Compressed text.
    #[default]
    PlainText,
    /// Apache Parquet, which queries read faster and cheaper.
    Parquet,
}

/// Flow logs in S3. The bucket's policy must let `delivery.logs.amazonaws.com` write.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct S3Logs {
    /// ARN of the bucket, with a folder if wanted. Example: `arn:aws:s3:::central-logs/network/`.
    #[schemars(regex(pattern = r"^arn:aws[a-z-]*:s3:::[a-z0-9.-]{3,63}(/.*)?$"))]
    pub bucket_arn: String,
    /// File format. `plain_text` when left out.
    #[serde(default)]
    pub file_format: FileFormat,
    /// Whether folders are named as Hive expects them (`year=2026/`). `false` when left out.
    #[serde(default)]
    pub hive_partitions: bool,
    /// Whether there is a folder per hour instead of per day. `false` when left out.
    #[serde(default)]
    pub hourly_partitions: bool,
}

/// Flow logs in Amazon Data Firehose.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FirehoseLogs {
    /// ARN of the stream, which must be in the same account. Example:
    /// `arn:aws:firehose:us-east-1:123456789012:deliverystream/flow-logs`.
    #[schemars(regex(
        pattern = r"^arn:aws[a-z-]*:firehose:[a-z0-9-]+:[0-9]{12}:deliverystream/.+$"
    ))]
    pub stream_arn: String,
}

/// How the VPC answers DNS queries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// Whether the Amazon DNS server answers in the VPC. `true` when left out.
    #[serde(default = "yes")]
    pub support: bool,
    /// Whether instances with public addresses get public DNS names; interface endpoints with private DNS need it. `true` when left
    /// out.
    #[serde(default = "yes")]
    pub hostnames: bool,
}

impl Default for Dns {
    fn default() -> Self {
        Dns {
            support: true,
            hostnames: true,
        }
    }
}

/// What instances learn over DHCP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DhcpOptions {
    /// Domain for names without dots. Example: `corp.example.com`.
    pub domain_name: Option<String>,
    /// Up to four DNS servers, asked in this order: IP addresses or `AmazonProvidedDNS`, which is alone when left out.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub domain_name_servers: Vec<String>,
    /// Up to four time servers, asked in this order: IP addresses. Example: `["169.254.169.123"]`.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub ntp_servers: Vec<String>,
    /// Up to four NetBIOS name servers, asked in this order: IPv4 addresses.
    #[serde(default)]
    #[schemars(length(max = 4))]
    pub netbios_name_servers: Vec<String>,
    /// NetBIOS node type: 1, 2, 4 or 8. AWS recommends 2 (no broadcast).
    #[schemars(range(min = 1, max = 8))]
    pub netbios_node_type: Option<u8>,
}

/// What internet gateways may do in the account's region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BlockMode {
    /// Nothing in, nothing out.
    BlockBidirectional,
    /// Nothing in; NAT and egress-only gateways still lead out.
    BlockIngress,
}

/// VPC Block Public Access. One per account and region: only one network may set it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockPublicAccess {
    /// What is blocked, for **all VPCs of the account in this region**.
    pub mode: BlockMode,
}

fn default_interval() -> u32 {
    600
}

fn default_retention() -> u32 {
    30
}

fn default_gateways() -> BTreeSet<GatewayService> {
    BTreeSet::from([GatewayService::S3, GatewayService::Dynamodb])
}
