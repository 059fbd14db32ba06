//! Virtual networks: `AWS::EC2` types and the two that EC2 makes by itself.

mod blockers;

mod vpc;
pub use vpc::Vpc;

mod vpc_cidr_block;
pub use vpc_cidr_block::VpcCidrBlock;

mod subnet;
pub use subnet::{PrivateDnsNameOptions, Subnet};

mod subnet_cidr_block;
pub use subnet_cidr_block::SubnetCidrBlock;

mod internet_gateway;
pub use internet_gateway::InternetGateway;

mod vpc_gateway_attachment;
pub use vpc_gateway_attachment::VpcGatewayAttachment;

mod egress_only_internet_gateway;
pub use egress_only_internet_gateway::EgressOnlyInternetGateway;

mod eip;
pub use eip::Eip;

mod nat_gateway;
pub use nat_gateway::{NatGateway, ZoneAddresses};

mod route_table;
pub use route_table::RouteTable;

mod route;
pub use route::Route;

mod subnet_route_table_association;
pub use subnet_route_table_association::SubnetRouteTableAssociation;

mod security_group;
pub use security_group::{FoundRule, SecurityGroup};

mod security_group_rule;

mod security_group_ingress;
pub use security_group_ingress::SecurityGroupIngress;

mod security_group_egress;
pub use security_group_egress::SecurityGroupEgress;

mod network_acl;
pub use network_acl::NetworkAcl;

mod network_acl_entry;
pub use network_acl_entry::{Icmp, NetworkAclEntry, PortRange};

mod subnet_network_acl_association;
pub use subnet_network_acl_association::SubnetNetworkAclAssociation;

mod default_security_group;
pub use default_security_group::DefaultSecurityGroup;
use default_security_group::default_security_group_of;

mod default_network_acl;
pub use default_network_acl::DefaultNetworkAcl;
use default_network_acl::default_network_acl_of;

mod vpc_endpoint;
pub use vpc_endpoint::{DnsOptions, VpcEndpoint};

mod flow_log;
pub use flow_log::{DestinationOptions, FlowLog};

mod dhcp_options;
pub use dhcp_options::DhcpOptions;

mod vpc_dhcp_options_association;
pub use vpc_dhcp_options_association::VpcDhcpOptionsAssociation;

mod vpc_block_public_access_options;
pub use vpc_block_public_access_options::VpcBlockPublicAccessOptions;
