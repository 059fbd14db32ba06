//! `AWS::RDS::DBProxy`: a pool of connections between clients and a database.
//!
//! Reads `DescribeDBProxies` and `ListTagsForResource`; writes `CreateDBProxy`, `ModifyDBProxy` and `DeleteDBProxy`.
//!
//! # Guarantees
//! A proxy stays in the subnets in which it was made: subnets that are asked for besides are no difference, because the proxy would
//! have to be replaced and every connection cut.
//!
//! # Caveats
//! - The name is the identity, and the ARN does not show it: a census asks for the proxies as well, to tell which ARN is whose.
//! - AWS shows with a secret what it makes of it: that IAM is not required, and how clients send the password. What is not asked for
//!   of these is no difference.
//! - What the proxy connects to is a target group of its own, which comes and goes with the proxy.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html>.

use platform_graph::{Attributes, Call, Claim, Disruption, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::reply;

/// A proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DbProxy {
    /// Name, unique in account and Region, 1 to 63 letters, digits and single hyphens; can't change.
    #[serde(rename = "DBProxyName", default)]
    pub name: String,
    /// The secrets with which the proxy logs in, each with who may use it; none where `DefaultAuthScheme` is `IAM_AUTH`.
    pub auth: Option<Vec<ProxyAuth>>,
    /// Whether statements are logged in detail; AWS's default is `false`.
    pub debug_logging: Option<bool>,
    /// `IAM_AUTH`: clients and the proxy log in with IAM tokens. `NONE` (AWS's default): as `Auth` says.
    pub default_auth_scheme: Option<String>,
    /// Addresses of its endpoint: `IPV4` (AWS's default), `IPV6` or `DUAL`; can't change.
    pub endpoint_network_type: Option<String>,
    /// `MYSQL`, `POSTGRESQL` or `SQLSERVER`; can't change.
    pub engine_family: Option<String>,
    /// Seconds without traffic after which a client is disconnected, 1 to 28800; AWS's default is 1800.
    pub idle_client_timeout: Option<u32>,
    /// Whether clients must use TLS; AWS's default is `false`.
    #[serde(rename = "RequireTLS")]
    pub require_tls: Option<bool>,
    /// ARN of the role with which it reads the secrets.
    pub role_arn: Option<String>,
    /// Addresses with which it connects to the database: `IPV4` (AWS's default) or `IPV6`; can't change.
    pub target_connection_network_type: Option<String>,
    /// Ids of its security groups.
    pub vpc_security_group_ids: Option<Vec<String>>,
    /// Ids of its subnets, in at least two zones; can't change.
    pub vpc_subnet_ids: Option<Vec<String>>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// A secret with which a proxy logs in.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct ProxyAuth {
    /// `SECRETS`, the only scheme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_scheme: Option<String>,
    /// How clients send the password: `MYSQL_CACHING_SHA2_PASSWORD`, `POSTGRES_SCRAM_SHA_256` and so on; as the engine has it without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_password_auth_type: Option<String>,
    /// Description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `REQUIRED`: clients log in with an IAM token. `DISABLED` (AWS's default): with the password.
    #[serde(rename = "IAMAuth", skip_serializing_if = "Option::is_none")]
    pub iam_auth: Option<String>,
    /// ARN of the secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_arn: Option<String>,
}

const ARN: &str = "DBProxyArn";
/// AWS's default for the time without traffic.
const IDLE_SECONDS: u32 = 1800;

impl DbProxy {
    fn seen(&self, name: &str, item: &Value, tags: Tags) -> DbProxy {
        let flag = |member: &str, asked: Option<bool>| {
            reply::unless_default(item[member].as_bool(), false, asked.as_ref())
        };
        let word = |member: &str, default: &str, asked: Option<&String>| {
            reply::unless_default(reply::text(item, member), default.to_owned(), asked)
        };
        DbProxy {
            name: name.to_owned(),
            auth: reply::unless_default(Some(auth(item)), Vec::new(), self.auth.as_ref()),
            debug_logging: flag("DebugLogging", self.debug_logging),
            default_auth_scheme: word(
                "DefaultAuthScheme",
                "NONE",
                self.default_auth_scheme.as_ref(),
            ),
            endpoint_network_type: word(
                "EndpointNetworkType",
                "IPV4",
                self.endpoint_network_type.as_ref(),
            ),
            engine_family: reply::text(item, "EngineFamily"),
            idle_client_timeout: reply::unless_default(
                reply::number(item, "IdleClientTimeout"),
                IDLE_SECONDS,
                self.idle_client_timeout.as_ref(),
            ),
            require_tls: flag("RequireTLS", self.require_tls),
            role_arn: reply::text(item, "RoleArn"),
            target_connection_network_type: word(
                "TargetConnectionNetworkType",
                "IPV4",
                self.target_connection_network_type.as_ref(),
            ),
            vpc_security_group_ids: Some(reply::texts(item, "VpcSecurityGroupIds")),
            vpc_subnet_ids: Some(reply::texts(item, "VpcSubnetIds")),
            tags,
        }
    }
}

/// The secrets that a proxy uses.
fn auth(item: &Value) -> Vec<ProxyAuth> {
    reply::items(item, "Auth")
        .iter()
        .map(|auth| ProxyAuth {
            auth_scheme: reply::text(auth, "AuthScheme"),
            client_password_auth_type: reply::text(auth, "ClientPasswordAuthType"),
            description: reply::text(auth, "Description"),
            iam_auth: reply::text(auth, "IAMAuth"),
            secret_arn: reply::text(auth, "SecretArn"),
        })
        .collect()
}

impl Kind for DbProxy {
    const TYPE: &'static str = "AWS::RDS::DBProxy";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DBProxyName",
        "EndpointNetworkType",
        "EngineFamily",
        "TargetConnectionNetworkType",
        "VpcSubnetIds",
    ];
    const UNORDERED: &'static [&'static str] = &["VpcSecurityGroupIds"];
    const ATTRIBUTES: &'static [&'static str] =
        &["CreatedDate", ARN, "Endpoint", "ResourceId", "VpcId"];
    const LASTING: &'static [&'static str] =
        &["CreatedDate", ARN, "Endpoint", "ResourceId", "VpcId"];
    const DETAILS_NEED: &'static [&'static str] = &[ARN];
    const BORN: &'static str = "CreatedDate";
    const TAGGED: bool = true;
    const EXPECTED_SECONDS: u32 = 300;
    const DEADLINE_SECONDS: u32 = 1800;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![Call::new("rds", "DescribeDBProxies")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        super::list_tags(ARN, known)
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        let name = super::name(me, &self.name);
        let Some(item) = super::named(replies, "DBProxies", "DBProxyName", name) else {
            return Seen::Absent;
        };
        let id = name.to_owned();
        let status = reply::text(item, "Status").unwrap_or_default();
        match status.as_str() {
            "available" => {
                let arn = item[ARN].as_str().unwrap_or_default();
                let resource_id = arn.rsplit(':').next().filter(|id| !id.is_empty());
                Seen::Live(Live {
                    properties: self.seen(
                        name,
                        item,
                        replies.get(1).map(super::tags).unwrap_or_default(),
                    ),
                    attributes: super::attributes([
                        ("CreatedDate", item["CreatedDate"].clone()),
                        (ARN, item[ARN].clone()),
                        ("Endpoint", item["Endpoint"].clone()),
                        ("ResourceId", json!(resource_id)),
                        ("VpcId", item["VpcId"].clone()),
                    ]),
                    id,
                })
            }
            "deleting" => Seen::Deleting { id },
            "incompatible-network" | "insufficient-resource-limits" => Seen::Failed {
                id,
                why: format!("its status is {status}"),
            },
            // creating, modifying and reactivating pass; suspended waits for whoever suspended it, and is told when it lasts.
            _ => Seen::Pending { id, why: status },
        }
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            Call::new("rds", "CreateDBProxy")
                .with("DBProxyName", &self.name)
                .with("EngineFamily", &self.engine_family)
                .with("Auth", &self.auth)
                .with("DebugLogging", self.debug_logging)
                .with("DefaultAuthScheme", &self.default_auth_scheme)
                .with("EndpointNetworkType", &self.endpoint_network_type)
                .with("IdleClientTimeout", self.idle_client_timeout)
                .with("RequireTLS", self.require_tls)
                .with("RoleArn", &self.role_arn)
                .with(
                    "TargetConnectionNetworkType",
                    &self.target_connection_network_type,
                )
                .with("VpcSecurityGroupIds", &self.vpc_security_group_ids)
                .with("VpcSubnetIds", &self.vpc_subnet_ids)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.name.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let call = Call::new("rds", "ModifyDBProxy").with("DBProxyName", &live.id);
        let asked = changed.iter().fold(call.clone(), |call, property| {
            let value = match *property {
                "Auth" => json!(self.auth.clone().unwrap_or_default()),
                "DebugLogging" => json!(self.debug_logging.unwrap_or_default()),
                "DefaultAuthScheme" => {
                    json!(self.default_auth_scheme.as_deref().unwrap_or("NONE"))
                }
                "IdleClientTimeout" => json!(self.idle_client_timeout.unwrap_or(IDLE_SECONDS)),
                "RequireTLS" => json!(self.require_tls.unwrap_or_default()),
                "RoleArn" => json!(self.role_arn),
                "VpcSecurityGroupIds" => {
                    return call.with("SecurityGroups", &self.vpc_security_group_ids);
                }
                _ => return call,
            };
            call.with(property, value)
        });
        if asked == call {
            return Vec::new();
        }
        vec![asked]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, ARN, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("rds", "DeleteDBProxy").with("DBProxyName", id)]
    }

    fn known_by(id: &str) -> Self {
        DbProxy {
            name: id.to_owned(),
            ..DbProxy::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::by_arn::census(replies, "DescribeDBProxies")
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::by_arn::counted(replies, "DBProxies", "DBProxyName", ARN)
    }

    fn disruption(property: &str) -> Disruption {
        match property {
            "Auth" | "DefaultAuthScheme" | "RequireTLS" => Disruption::Rolling,
            _ => Disruption::None,
        }
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match property {
            "Auth" => same_auth(live, desired),
            "VpcSubnetIds" => stays_in(live, desired),
            _ => live == desired,
        }
    }
}

/// Whether the subnets in which it was made are among those asked for: they can't change, and two are enough.
pub(super) fn stays_in(live: &Value, desired: &Value) -> bool {
    let subnets = |list: &'_ Value| list.as_array().cloned().unwrap_or_default();
    let (live, desired) = (subnets(live), subnets(desired));
    live.len() >= 2 && live.iter().all(|subnet| desired.contains(subnet))
}

/// Whether two lists hold the same secrets, used in the same way as far as that is asked for.
fn same_auth(live: &Value, desired: &Value) -> bool {
    let list = |value: &Value| -> Vec<ProxyAuth> {
        serde_json::from_value(value.clone()).unwrap_or_default()
    };
    let (live, desired) = (list(live), list(desired));
    let alike = |live: &ProxyAuth, desired: &ProxyAuth| {
        let as_asked =
            |live: &Option<String>, desired: &Option<String>| desired.is_none() || live == desired;
        live.secret_arn == desired.secret_arn
            && live.iam_auth.as_deref().unwrap_or("DISABLED")
                == desired.iam_auth.as_deref().unwrap_or("DISABLED")
            && as_asked(&live.auth_scheme, &desired.auth_scheme)
            && as_asked(
                &live.client_password_auth_type,
                &desired.client_password_auth_type,
            )
            && as_asked(&live.description, &desired.description)
    };
    live.len() == desired.len()
        && desired
            .iter()
            .all(|desired| live.iter().any(|live| alike(live, desired)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    fn item(more: Value) -> Value {
        let mut item = json!({
            "DBProxyName": "shop-orders", "DBProxyArn": "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-0a1b", "Status": "available",
            "EngineFamily": "POSTGRESQL", "RoleArn": "arn:role", "RequireTLS": true, "IdleClientTimeout": 1800, "DebugLogging": false,
            "Auth": [{ "AuthScheme": "SECRETS", "SecretArn": "arn:one", "IAMAuth": "DISABLED", "ClientPasswordAuthType": "POSTGRES_SCRAM_SHA_256" }],
            "DefaultAuthScheme": "NONE", "EndpointNetworkType": "IPV4", "TargetConnectionNetworkType": "IPV4", "Endpoint": "e", "VpcId": "vpc-1",
            "VpcSecurityGroupIds": ["sg-1"], "VpcSubnetIds": ["subnet-1", "subnet-2"],
        });
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        json!({ "DBProxies": [item] })
    }

    fn asked() -> DbProxy {
        DbProxy {
            name: "shop-orders".into(),
            engine_family: Some("POSTGRESQL".into()),
            role_arn: Some("arn:role".into()),
            require_tls: Some(true),
            auth: Some(vec![ProxyAuth {
                auth_scheme: Some("SECRETS".into()),
                secret_arn: Some("arn:one".into()),
                ..ProxyAuth::default()
            }]),
            vpc_security_group_ids: Some(vec!["sg-1".into()]),
            vpc_subnet_ids: Some(vec![
                "subnet-2".into(),
                "subnet-1".into(),
                "subnet-3".into(),
            ]),
            ..DbProxy::default()
        }
    }

    fn changed(asked: &DbProxy, reply: &Value) -> Vec<String> {
        let kind = platform_graph::KindDef::of::<DbProxy>();
        let mut desired = serde_json::to_value(asked).unwrap();
        let desired = desired.as_object_mut().unwrap();
        desired.retain(|_, value| !value.is_null());
        match (kind.read)(desired, &me(None), std::slice::from_ref(reply)).unwrap() {
            Seen::Live(live) => {
                platform_graph::diff::changed(&kind, &live.properties, desired, None)
            }
            seen => panic!("{seen:?}"),
        }
    }

    #[test]
    fn what_aws_adds_and_a_further_zone_are_no_difference() {
        assert_eq!(changed(&asked(), &item(json!({}))), [""; 0]);
        let elsewhere = item(json!({ "VpcSubnetIds": ["subnet-1", "subnet-9"] }));
        assert_eq!(changed(&asked(), &elsewhere), ["VpcSubnetIds"]);
    }

    #[test]
    fn who_may_use_which_secret_is_compared() {
        let with = |auth: Value| changed(&asked(), &item(json!({ "Auth": auth })));
        assert_eq!(with(json!([])), ["Auth"]);
        assert_eq!(
            with(
                json!([{ "AuthScheme": "SECRETS", "SecretArn": "arn:one", "IAMAuth": "REQUIRED" }])
            ),
            ["Auth"]
        );
        assert_eq!(
            with(
                json!([{ "AuthScheme": "SECRETS", "SecretArn": "arn:one" }, { "AuthScheme": "SECRETS", "SecretArn": "arn:two" }])
            ),
            ["Auth"]
        );
    }

    #[test]
    fn every_status_has_a_meaning() {
        for (status, expected) in [
            ("creating", "pending"),
            ("modifying", "pending"),
            ("suspended", "pending"),
            ("deleting", "deleting"),
            ("incompatible-network", "failed"),
            ("insufficient-resource-limits", "failed"),
        ] {
            let seen = asked().read(&me(None), &[item(json!({ "Status": status }))]);
            let word = match seen {
                Seen::Pending { .. } => "pending",
                Seen::Deleting { .. } => "deleting",
                Seen::Failed { .. } => "failed",
                seen => panic!("{seen:?}"),
            };
            assert_eq!(word, expected, "{status}");
        }
    }

    #[test]
    fn the_resource_id_is_the_end_of_the_arn() {
        let Seen::Live(live) = asked().read(&me(None), &[item(json!({}))]) else {
            panic!("not live")
        };
        assert_eq!(live.attributes["ResourceId"], "prx-0a1b");
    }

    #[test]
    fn a_census_tells_proxies_by_their_arns() {
        let tagged = json!({ "ResourceTagMappingList": [
            { "ResourceARN": "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-0a1b", "Tags": [{ "Key": "a", "Value": "b" }] },
            { "ResourceARN": "arn:aws:rds:us-east-1:123456789012:db-proxy:prx-gone", "Tags": [] },
            { "ResourceARN": "arn:aws:rds:us-east-1:123456789012:db:shop-orders", "Tags": [] },
        ] });
        assert_eq!(DbProxy::census(&[]).len(), 1);
        assert_eq!(DbProxy::census(std::slice::from_ref(&tagged)).len(), 1);
        let replies = [tagged, item(json!({}))];
        assert_eq!(DbProxy::census(&replies), []);
        let claims = DbProxy::counted(&replies);
        assert_eq!(claims.len(), 1);
        assert_eq!(
            (claims[0].id.as_str(), claims[0].tags["a"].as_str()),
            ("shop-orders", "b")
        );
    }
}
