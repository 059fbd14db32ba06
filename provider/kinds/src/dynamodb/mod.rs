//! Amazon DynamoDB: tables of items that are found by their keys.

mod indexes;
mod properties;
mod table;

pub use indexes::{
    AttributeDefinition, GlobalSecondaryIndex, KeyElement, LocalSecondaryIndex, Projection,
};
pub use properties::{
    ContributorInsightsSpecification, ImportSourceSpecification, KinesisStreamSpecification,
    OnDemandThroughput, PointInTimeRecoverySpecification, ProvisionedThroughput, ResourcePolicy,
    SseSpecification, StreamSpecification, TimeToLiveSpecification, WarmThroughput,
};
pub use table::Table;
