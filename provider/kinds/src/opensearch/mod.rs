//! Amazon OpenSearch Service: `AWS::OpenSearchService` types.

mod change;
mod comparison;
mod domain;
mod dry_run;
mod settings;
#[cfg(test)]
mod tests;
mod unshown;

pub use domain::Domain;
pub use settings::{
    AdvancedSecurityOptions, AutoTuneOptions, ClusterConfig, ColdStorageOptions,
    DomainEndpointOptions, EbsOptions, EncryptionAtRestOptions, Idp, LogPublishingOption,
    MasterUserOptions, NodeToNodeEncryptionOptions, OffPeakWindow, OffPeakWindowOptions,
    SamlOptions, SoftwareUpdateOptions, VpcOptions, WindowStartTime, ZoneAwarenessConfig,
};
