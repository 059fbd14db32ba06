//! Kinds: one file per AWS resource type, in folders by field.
//!
//! A kind says what to ask AWS and never asks; see [`platform_graph::Kind`].

mod ec2;
#[cfg(test)]
mod fixture;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod network;
mod policy;
mod reply;
#[cfg(test)]
mod testing;

use platform_graph::{KindDef, Kinds};

/// Every kind this program knows.
pub fn all() -> Kinds {
    Kinds::new([
        KindDef::of::<network::Vpc>(),
        KindDef::of::<network::VpcCidrBlock>(),
        KindDef::of::<network::Subnet>(),
        KindDef::of::<network::SubnetCidrBlock>(),
        KindDef::of::<network::InternetGateway>(),
        KindDef::of::<network::VpcGatewayAttachment>(),
        KindDef::of::<network::EgressOnlyInternetGateway>(),
        KindDef::of::<network::Eip>(),
        KindDef::of::<network::NatGateway>(),
        KindDef::of::<network::RouteTable>(),
        KindDef::of::<network::Route>(),
        KindDef::of::<network::SubnetRouteTableAssociation>(),
        KindDef::of::<network::SecurityGroup>(),
        KindDef::of::<network::SecurityGroupIngress>(),
        KindDef::of::<network::SecurityGroupEgress>(),
        KindDef::of::<network::NetworkAcl>(),
        KindDef::of::<network::NetworkAclEntry>(),
        KindDef::of::<network::SubnetNetworkAclAssociation>(),
        KindDef::of::<network::DefaultSecurityGroup>(),
        KindDef::of::<network::DefaultNetworkAcl>(),
        KindDef::of::<network::VpcEndpoint>(),
        KindDef::of::<network::FlowLog>(),
        KindDef::of::<network::DhcpOptions>(),
        KindDef::of::<network::VpcDhcpOptionsAssociation>(),
        KindDef::of::<network::VpcBlockPublicAccessOptions>(),
        KindDef::of::<logs::LogGroup>(),
        KindDef::of::<iam::Role>(),
        KindDef::of::<kms::Key>(),
        KindDef::of::<kms::Alias>(),
    ])
}
