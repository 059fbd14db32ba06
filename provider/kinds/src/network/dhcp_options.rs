//! `AWS::EC2::DHCPOptions`: what instances of a VPC are told about name and time servers.
//!
//! Reads `DescribeDhcpOptions`; writes `CreateDhcpOptions` and `DeleteDhcpOptions`. Nothing but tags changes in place.
//!
//! # Caveats
//! - `CreateDhcpOptions` takes no client token: a creation whose reply is lost is found again by the owner's tags.
//! - A set that a VPC uses can't be deleted.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Replacement, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{census, ec2, reply};

/// A set of DHCP options.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DhcpOptions {
    /// Domain that unqualified names are completed with.
    pub domain_name: Option<String>,
    /// At most four addresses of name servers, in order of preference, or `AmazonProvidedDNS`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domain_name_servers: Vec<String>,
    /// At most eight addresses of time servers, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ntp_servers: Vec<String>,
    /// At most four addresses of NetBIOS name servers, in order of preference.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub netbios_name_servers: Vec<String>,
    /// NetBIOS node type: 1, 2, 4 or 8.
    pub netbios_node_type: Option<u32>,
    /// How often an instance renews its IPv6 address, in seconds: 140 to 4294967295.
    pub ipv6_address_preferred_lease_time: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

impl DhcpOptions {
    fn configurations(&self) -> Value {
        let one = |value: Option<String>| value.into_iter().collect::<Vec<_>>();
        let number = |value: Option<u32>| one(value.map(|number| number.to_string()));
        [
            ("domain-name", one(self.domain_name.clone())),
            ("domain-name-servers", self.domain_name_servers.clone()),
            ("ntp-servers", self.ntp_servers.clone()),
            ("netbios-name-servers", self.netbios_name_servers.clone()),
            ("netbios-node-type", number(self.netbios_node_type)),
            (
                "ipv6-address-preferred-lease-time",
                number(self.ipv6_address_preferred_lease_time),
            ),
        ]
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(key, values)| json!({ "Key": key, "Values": values }))
        .collect()
    }
}

impl Kind for DhcpOptions {
    const TYPE: &'static str = "AWS::EC2::DHCPOptions";
    const CREATE_ONLY: &'static [&'static str] = &[
        "DomainName",
        "DomainNameServers",
        "Ipv6AddressPreferredLeaseTime",
        "NetbiosNameServers",
        "NetbiosNodeType",
        "NtpServers",
    ];
    const ATTRIBUTES: &'static [&'static str] = &["DhcpOptionsId"];
    const TAGGED: bool = true;
    const REPLACEMENT: Replacement = Replacement::CreateFirst;

    fn find(&self, me: &Identity) -> Vec<Call> {
        vec![Call::describe_own(
            "DescribeDhcpOptions",
            "dhcp-options-id",
            me,
        )]
    }

    fn read(&self, me: &Identity, replies: &[Value]) -> Seen<Self> {
        ec2::own(me, replies, "DhcpOptions", "DhcpOptionsId", |id, set| {
            let values = |key: &str| -> Vec<String> {
                let configurations = reply::items(set, "DhcpConfigurations");
                let values = configurations
                    .iter()
                    .find(|one| ec2::is(one, "Key", key))
                    .map(|one| reply::items(one, "Values"));
                values
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|value| reply::text(value, "Value"))
                    .collect()
            };
            let number = |key: &str| values(key).first()?.parse().ok();
            let properties = DhcpOptions {
                domain_name: values("domain-name").into_iter().next(),
                domain_name_servers: values("domain-name-servers"),
                ntp_servers: values("ntp-servers"),
                netbios_name_servers: values("netbios-name-servers"),
                netbios_node_type: number("netbios-node-type"),
                ipv6_address_preferred_lease_time: number("ipv6-address-preferred-lease-time"),
                tags: ec2::tags(set),
            };
            let attributes = ec2::attributes([("DhcpOptionsId", Some(json!(id)))]);
            Seen::Live(Live {
                id,
                properties,
                attributes,
            })
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        let call =
            Call::new("ec2", "CreateDhcpOptions").with("DhcpConfigurations", self.configurations());
        vec![ec2::tagged(call, "dhcp-options", &self.tags)]
    }

    fn created(&self, _me: &Identity, reply: &Value) -> Option<String> {
        reply::text(reply.get("DhcpOptions")?, "DhcpOptionsId")
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        ec2::retag(&live.id, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![Call::new("ec2", "DeleteDhcpOptions").with("DhcpOptionsId", id)]
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        census::of_ec2(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        census::in_ec2(replies, "dopt")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn a_set() {
        let set = |servers: &[&str], tags: Value| {
            let servers: Value = servers
                .iter()
                .map(|server| json!({ "Value": server }))
                .collect();
            vec![json!({ "DhcpOptions": [{
                "DhcpOptionsId": "dopt-1", "OwnerId": "123456789012", "Tags": tags, "DhcpConfigurations": [
                    { "Key": "domain-name", "Values": [{ "Value": "corp.example" }] },
                    { "Key": "domain-name-servers", "Values": servers },
                    { "Key": "ipv6-address-preferred-lease-time", "Values": [{ "Value": "140" }] },
                ] }] })]
        };
        insta::assert_snapshot!(fixture::story::<DhcpOptions>(
            json!({ "DomainName": "corp.example", "DomainNameServers": ["10.0.0.2", "10.0.0.3"], "Ipv6AddressPreferredLeaseTime": 140 }),
            "dopt-1",
            &json!({ "DhcpOptions": { "DhcpOptionsId": "dopt-1" } }),
            vec![
                ("there", set(&["10.0.0.2", "10.0.0.3"], fixture::tags())),
                (
                    "servers in another order",
                    set(&["10.0.0.3", "10.0.0.2"], fixture::tags())
                ),
                ("no tags", set(&["10.0.0.2", "10.0.0.3"], json!([]))),
            ],
        ));
    }
}
