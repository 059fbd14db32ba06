//! What can go wrong with a call, classified once.

use std::fmt;

use crate::wire::Fault;

/// A failed call.
///
/// The text says which call failed where, and why in AWS's words. It never holds a parameter that the model calls
/// sensitive, a credential or a request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// Service of the call.
    pub service: Box<str>,
    /// Action of the call.
    pub action: Box<str>,
    /// Region of the call; empty for what has none.
    pub region: Box<str>,
    /// AWS's code, such as `InvalidVpcID.NotFound`, or the client's own word where no AWS code exists.
    pub code: Box<str>,
    /// AWS's sentence, or the client's.
    pub message: Box<str>,
    /// AWS's id of the request, for its support.
    pub request_id: Option<Box<str>>,
    /// HTTP status, when a reply came.
    pub status: Option<u16>,
    /// What the failure means to a caller.
    pub kind: ErrorKind,
}

/// What a failure means to a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The thing asked for doesn't exist.
    Absent,
    /// It exists already.
    Conflict,
    /// Something else is in the way: a dependent object, a state that will pass. Worth trying again later.
    Dependency,
    /// AWS asks for fewer calls, and went on asking for as long as the client retries.
    Throttled,
    /// A failure of AWS or the network that may pass; the call had no effect or may safely be repeated.
    Transient,
    /// The call was sent and no reply is known: it may have taken effect. Look before repeating.
    Ambiguous,
    /// The credentials aren't valid or lack the permission.
    Denied,
    /// AWS's answer to what was asked is no: a wrong parameter, a wrong combination.
    Invalid,
    /// An account's quota is used up.
    Quota,
    /// Anything else.
    Other,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.service, self.action)?;
        if !self.region.is_empty() {
            write!(f, " in {}", self.region)?;
        }
        write!(f, ": {}", self.code)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        match &self.request_id {
            Some(id) => write!(f, " (request id {id})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// A failure found by the client itself.
    pub fn new(
        kind: ErrorKind,
        service: &str,
        action: &str,
        code: &str,
        message: impl Into<Box<str>>,
    ) -> Self {
        Self {
            service: service.into(),
            action: action.into(),
            region: "".into(),
            code: code.into(),
            message: message.into(),
            request_id: None,
            status: None,
            kind,
        }
    }

    pub(crate) fn in_region(mut self, region: &str) -> Self {
        self.region = region.into();
        self
    }

    /// A failure that AWS reported.
    pub(crate) fn from_fault(
        service: &str,
        action: &str,
        region: &str,
        status: u16,
        fault: Fault,
    ) -> Self {
        let kind = classify(action, status, &fault.code, &fault.message);
        Self {
            region: region.into(),
            request_id: fault.request_id.map(Into::into),
            status: Some(status),
            ..Self::new(kind, service, action, &fault.code, fault.message)
        }
    }
}

/// An error's sentence and those of its causes, which name the refused connection or the bad certificate. Sentences
/// only: what libraries print for debugging holds whole replies, credentials included.
pub(crate) fn with_causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let sentence = error.to_string();
        if !text.contains(&sentence) {
            text = format!("{text}: {sentence}");
        }
        cause = error.source();
    }
    text
}

/// Codes that AWS's SDKs retry as throttling, without `LimitExceededException`, which most services use for quotas.
const THROTTLING: [&str; 13] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

const TRANSIENT: [&str; 9] = [
    "InternalError",
    "InternalFailure",
    "InternalServerError",
    "InternalServerException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "ServiceUnavailableException",
    "Unavailable",
];

const DENIED: [&str; 20] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthFailure",
    "AuthorizationError",
    "Blocked",
    "Client.UnauthorizedOperation",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "NotAuthorized",
    "OptInRequired",
    "PendingVerification",
    "SignatureDoesNotMatch",
    "SubscriptionRequiredException",
    "UnauthorizedOperation",
    "UnrecognizedClientException",
];

/// Beginnings of codes for states that pass or dependents that go away.
const IN_THE_WAY: [&str; 14] = [
    "ConcurrentModification",
    "ConcurrentUpdate",
    "ContinuousBackupsUnavailable",
    "DeleteConflict",
    "DependencyViolation",
    "DependentServiceRequest",
    "IncorrectState",
    "IncorrectInstanceState",
    "InvalidAttachment.InUse",
    "InvalidState",
    "KMSInvalidState",
    "OperationAborted",
    "OperationInProgress",
    "UnmodifiableEntity",
];

/// Whether the code says that AWS wants fewer calls.
pub(crate) fn is_throttling(status: u16, code: &str, message: &str) -> bool {
    THROTTLING.contains(&code)
        || status == 429
        // A rate and not a quota, by the only difference there is.
        || (code == "LimitExceededException" && message.to_ascii_lowercase().contains("rate exceeded"))
}

fn classify(action: &str, status: u16, code: &str, message: &str) -> ErrorKind {
    let has = |part: &str| code.contains(part);
    if is_throttling(status, code, message) {
        return ErrorKind::Throttled;
    }
    if DENIED.contains(&code) || has("UnauthorizedOperation") {
        return ErrorKind::Denied;
    }
    // "Not implemented" stays so, under whatever code: emulators and compatible services answer it.
    if status == 501 {
        return ErrorKind::Invalid;
    }
    if TRANSIENT.contains(&code) {
        return ErrorKind::Transient;
    }
    // Every data service has a word of its own for a state that passes: InvalidDBInstanceState, IncorrectFileSystemLifeCycleState.
    let in_a_state =
        (code.starts_with("Invalid") || code.starts_with("Incorrect")) && code.contains("State");
    if in_a_state || IN_THE_WAY.iter().any(|start| code.starts_with(start)) {
        return ErrorKind::Dependency;
    }
    let absent = [
        "NotFound",
        "NoSuch",
        "DoesNotExist",
        "DoesntExist",
        "UnknownResource",
        "NotAttached",
    ];
    if absent.iter().any(|part| has(part)) {
        return ErrorKind::Absent;
    }
    // AWS Backup takes a plan that is gone for a parameter that is wrong, and what is inside for a request that is.
    if code == "InvalidParameterValueException"
        && message.to_lowercase().contains("cannot find backup plan")
    {
        return ErrorKind::Absent;
    }
    if code == "InvalidRequestException"
        && matches!(
            action,
            "DeleteBackupPlan" | "DeleteBackupVault" | "DeleteRestoreTestingPlan"
        )
    {
        return ErrorKind::Dependency;
    }
    // Where S3 has no transfer acceleration there is no setting of it.
    if action == "GetBucketAccelerateConfiguration"
        && matches!(code, "MethodNotAllowed" | "UnsupportedArgument")
    {
        return ErrorKind::Absent;
    }
    if has("AlreadyExist") || has("Duplicate") || has("AlreadyOwned") || has("AlreadyAssociated") {
        return ErrorKind::Conflict;
    }
    // An account has one such role for a service, and IAM has no code of its own for that.
    if action == "CreateServiceLinkedRole" && message.contains("has been taken") {
        return ErrorKind::Conflict;
    }
    // OpenSearch answers 409 to a type of nodes that it does not have.
    if code == "InvalidTypeException" {
        return ErrorKind::Invalid;
    }
    // "In use" refuses a second creation, and stands in the way of anything else.
    let creates = action.starts_with("Create") || action.starts_with("Register");
    if has("InUse") || matches!(code, "ConflictException" | "ResourceConflictException") {
        return if creates {
            ErrorKind::Conflict
        } else {
            ErrorKind::Dependency
        };
    }
    let quota = [
        "LimitExceeded",
        "QuotaExceeded",
        "TooMany",
        "InsufficientFreeAddresses",
        "MaximumExceeded",
    ];
    if quota.iter().any(|part| has(part)) {
        return ErrorKind::Quota;
    }
    // Clients can't tell "role not yet known" from "no such role"; AWS says both in this way.
    match status {
        404 => ErrorKind::Absent,
        401 | 403 => ErrorKind::Denied,
        409 => {
            if creates {
                ErrorKind::Conflict
            } else {
                ErrorKind::Dependency
            }
        }
        500..=599 => ErrorKind::Transient,
        400..=499 => ErrorKind::Invalid,
        _ => ErrorKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::{ErrorKind, classify};

    #[test]
    fn codes_mean_what_a_caller_needs_to_know() {
        use ErrorKind::*;
        let cases = [
            ("DescribeVpcs", 400, "InvalidVpcID.NotFound", Absent),
            ("GetRole", 404, "NoSuchEntity", Absent),
            ("DetachInternetGateway", 400, "Gateway.NotAttached", Absent),
            ("HeadBucket", 404, "404 Not Found", Absent),
            ("GetBucketTagging", 404, "NoSuchTagSet", Absent),
            (
                "GetBucketLifecycleConfiguration",
                404,
                "NoSuchLifecycleConfiguration",
                Absent,
            ),
            (
                "GetBucketEncryption",
                404,
                "ServerSideEncryptionConfigurationNotFoundError",
                Absent,
            ),
            (
                "GetBucketAccelerateConfiguration",
                405,
                "MethodNotAllowed",
                Absent,
            ),
            (
                "PutBucketAccelerateConfiguration",
                405,
                "MethodNotAllowed",
                Invalid,
            ),
            ("CreateBucket", 409, "BucketAlreadyExists", Conflict),
            ("CreateBucket", 409, "BucketAlreadyOwnedByYou", Conflict),
            ("CreateBucket", 409, "OperationAborted", Dependency),
            ("CreateDomain", 409, "InvalidTypeException", Invalid),
            ("DeleteBucket", 409, "BucketNotEmpty", Dependency),
            ("CreateRole", 409, "EntityAlreadyExists", Conflict),
            (
                "CreateSecurityGroup",
                400,
                "InvalidGroup.Duplicate",
                Conflict,
            ),
            ("CreateCluster", 409, "ResourceInUseException", Conflict),
            ("DeleteCluster", 409, "ResourceInUseException", Dependency),
            ("DeleteVpc", 400, "DependencyViolation", Dependency),
            ("DeleteRole", 409, "DeleteConflict", Dependency),
            ("DeleteSecurityGroup", 400, "InvalidGroup.InUse", Dependency),
            ("CreateVpc", 400, "VpcLimitExceeded", Quota),
            ("AllocateAddress", 400, "AddressLimitExceeded", Quota),
            ("CreateKey", 400, "LimitExceededException", Quota),
            ("CreateVpc", 503, "RequestLimitExceeded", Throttled),
            ("ListKeys", 400, "ThrottlingException", Throttled),
            ("CreateVpc", 403, "UnauthorizedOperation", Denied),
            ("GetResources", 400, "AccessDeniedException", Denied),
            ("CreateVpc", 400, "InvalidVpc.Range", Invalid),
            ("CreateVpc", 500, "InternalError", Transient),
            ("GetServiceQuota", 501, "InternalFailure", Invalid),
            ("DescribeKey", 400, "NotFoundException", Absent),
            (
                "ModifyDBInstance",
                400,
                "InvalidDBInstanceState",
                Dependency,
            ),
            (
                "CreateDBCluster",
                400,
                "InvalidDBClusterStateFault",
                Dependency,
            ),
            (
                "PutBackupPolicy",
                409,
                "IncorrectFileSystemLifeCycleState",
                Dependency,
            ),
            ("EnableKey", 400, "KMSInvalidStateException", Dependency),
            (
                "DeleteBackupVault",
                400,
                "InvalidRequestException",
                Dependency,
            ),
            (
                "DeleteRecoveryPoint",
                400,
                "InvalidRequestException",
                Invalid,
            ),
        ];
        for (action, status, code, kind) in cases {
            assert_eq!(classify(action, status, code, ""), kind, "{action} {code}");
        }
        let wrong = |message| {
            classify(
                "GetBackupSelection",
                400,
                "InvalidParameterValueException",
                message,
            )
        };
        assert_eq!(wrong("Cannot find Backup plan with ID p-1"), Absent);
        assert_eq!(wrong("Invalid name"), Invalid);
        let linked = |message| classify("CreateServiceLinkedRole", 400, "InvalidInput", message);
        assert_eq!(
            linked("Service role name AWSServiceRoleForX has been taken in this account"),
            Conflict
        );
        assert_eq!(linked("Invalid suffix"), Invalid);
        assert_eq!(
            classify(
                "PutLogEvents",
                400,
                "LimitExceededException",
                "Rate exceeded"
            ),
            Throttled
        );
    }
}
