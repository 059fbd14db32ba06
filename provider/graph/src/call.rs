//! An AWS call as data.

use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::{Identity, SecretMember};

/// The member by which a call asks what it would do. It is the only one by which AWS decides, so nothing else may say so.
const DRY_RUN: &str = "DryRun";

/// One call of one AWS operation, not yet sent.
///
/// Names are those of AWS's service models: `Call::new("ec2", "CreateSubnet")` with members such as `VpcId`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Call {
    /// Service name as in the service models (`ec2`, `logs`, `iam`).
    pub service: &'static str,
    /// Operation name (`DescribeSubnets`).
    pub action: &'static str,
    /// Members of the operation's input.
    pub params: Map<String, Value>,
    /// Region it goes to, where that is not the one of the composite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// JSON pointer into `params` of the list that may be united with that of a call which is otherwise the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge: Option<&'static str>,
    /// Member that takes the client token; whoever sends the call fills it in from [`Call::client_token`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<&'static str>,
    /// Member that takes a secret; whoever sends the call fills it in, in a copy that nobody else sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretMember>,
    /// Region in which AWS makes the same call for the caller, where it takes that: whoever sends the call signs one for there, and
    /// fills it in as `PreSignedUrl`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Call {
    /// A call without parameters.
    pub fn new(service: &'static str, action: &'static str) -> Self {
        Call {
            service,
            action,
            params: Map::new(),
            region: None,
            merge: None,
            token: None,
            secret: None,
            source: None,
        }
    }

    /// Adds a parameter; `Null` (an absent `Option`) adds nothing.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Serialize) -> Self {
        // Serialising plain data into a JSON value fails for non-string map keys only, which no kind has.
        if let Ok(value) = serde_json::to_value(value)
            && !value.is_null()
        {
            self.params.insert(member.to_owned(), value);
        }
        self
    }

    /// A `Describe*` call of EC2 with one filter whose values may be united with those of sister calls.
    ///
    /// Filters are used instead of id lists because EC2 fails the whole call when one listed id does not exist.
    pub fn describe(action: &'static str, filter: &str, value: &str) -> Self {
        let mut call = Call::new("ec2", action).with(
            "Filters",
            serde_json::json!([{ "Name": filter, "Values": [value] }]),
        );
        call.merge = Some("/Filters/0/Values");
        call
    }

    /// A `Describe*` call of EC2 for one part: by its id when that is known, else by its owner's tag.
    pub fn describe_own(action: &'static str, id_filter: &str, me: &Identity) -> Self {
        match &me.id {
            Some(id) => Call::describe(action, id_filter, id),
            None => Call::describe(
                action,
                &format!("tag:{}", crate::OWNER_TAG),
                &me.owner.to_string(),
            ),
        }
    }

    /// Marks the list at `pointer` as one that may be united with that of a sister call.
    #[must_use]
    pub fn merging(mut self, pointer: &'static str) -> Self {
        self.merge = Some(pointer);
        self
    }

    /// Sends it to this region, or to that of the composite where there is none.
    #[must_use]
    pub fn in_region(mut self, region: Option<&str>) -> Self {
        self.region = region.map(str::to_owned);
        self
    }

    /// Names the member that takes the client token.
    #[must_use]
    pub fn idempotent(mut self, member: &'static str) -> Self {
        self.token = Some(member);
        self
    }

    /// Says which member takes a secret, and where that comes from.
    #[must_use]
    pub fn secret(mut self, secret: SecretMember) -> Self {
        self.secret = Some(secret);
        self
    }

    /// Has AWS make the same call in this region too, on behalf of the caller.
    #[must_use]
    pub fn presigned_for(mut self, region: Option<&str>) -> Self {
        self.source = region.map(str::to_owned);
        self
    }

    /// The same call as a dry run: AWS says what it would do and does nothing.
    #[must_use]
    pub fn dry(self) -> Self {
        self.with(DRY_RUN, true)
    }

    /// Whether the call is a dry run. It needs the permission of what it would do.
    pub fn is_dry_run(&self) -> bool {
        self.params.get(DRY_RUN) == Some(&Value::Bool(true))
    }

    /// Whether the call changes nothing in AWS, judged by the verb of its name, or because it is a [dry run](Call::is_dry_run).
    pub fn is_read(&self) -> bool {
        self.is_dry_run()
            || [
                "Describe", "Get", "List", "Head", "Lookup", "Search", "BatchGet",
            ]
            .iter()
            .any(|verb| self.action.starts_with(verb))
    }

    /// The client token of this call: a hash of owner, address, creation inputs and, when a predecessor of the part is
    /// known to be gone, that predecessor's id. The same attempt after a crash has the same token; the next life of the
    /// part has another.
    pub fn client_token(&self, me: &Identity, predecessor: Option<&str>) -> String {
        let mut hash = Sha256::new();
        for piece in [
            &me.owner.to_string(),
            &me.address,
            self.action,
            predecessor.unwrap_or_default(),
        ] {
            hash.update(piece.as_bytes());
            hash.update([0]);
        }
        hash.update(Value::Object(self.params.clone()).to_string());
        hash.update(self.region.as_deref().unwrap_or_default());
        hash.finalize()
            .iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn me(address: &str) -> Identity {
        Identity {
            owner: "platform_network/us-east-1/main".parse().unwrap(),
            address: address.to_owned(),
            id: None,
        }
    }

    #[test]
    fn a_client_token_depends_on_everything_that_makes_the_part_another_one() {
        let call = Call::new("ec2", "CreateNatGateway").with("SubnetId", "subnet-1");
        let token = call.client_token(&me("nat/a"), None);
        assert_eq!(token, call.clone().client_token(&me("nat/a"), None));
        assert_eq!(token.len(), 32, "EC2 takes at most 64 ASCII characters");
        assert_ne!(token, call.client_token(&me("nat/b"), None));
        let elsewhere = call.clone().in_region(Some("eu-west-1"));
        assert_ne!(token, elsewhere.client_token(&me("nat/a"), None));
        assert_ne!(token, call.client_token(&me("nat/a"), Some("nat-0")));
        assert_ne!(
            token,
            call.with("SubnetId", "subnet-2")
                .client_token(&me("nat/a"), None)
        );
    }

    #[test]
    fn verbs_tell_reads_from_writes() {
        assert!(Call::new("ec2", "DescribeVpcs").is_read());
        assert!(Call::new("iam", "GetRole").is_read());
        assert!(!Call::new("ec2", "CreateVpc").is_read());
        assert!(!Call::new("ec2", "ReplaceRoute").is_read());
        let update = Call::new("opensearch", "UpdateDomainConfig");
        assert!(!update.is_read() && !update.is_dry_run());
        assert!(!update.clone().with("DryRun", false).is_read());
        assert!(update.dry().is_read());
    }
}
