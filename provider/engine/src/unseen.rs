//! What could not be looked at, told once for everything that has the same reason: one missing permission hides many parts.

use std::fmt::Write as _;

use platform_aws::ErrorKind;
use platform_graph::Problems;

use crate::Unseen;

/// How many addresses are named.
const MOST: usize = 5;

/// Parts that could not be looked at, in the order they were met.
#[derive(Debug, Default)]
pub(crate) struct UnseenParts(Vec<Group>);

#[derive(Debug)]
struct Group {
    matter: Matter,
    kind: String,
    why: Unseen,
    addresses: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matter {
    /// Parts, which were or were not seen before.
    Part { before: bool },
    /// What others put inside of parts.
    Inside,
}

impl UnseenParts {
    /// Notes a part. `before` says whether it was seen before.
    pub fn part(&mut self, address: &str, kind: &str, why: Unseen, before: bool) {
        self.note(Matter::Part { before }, address, kind, why);
    }

    /// Notes that nobody knows whether there is something of a kind inside of a part.
    pub fn inside(&mut self, address: &str, kind: &str, why: Unseen) {
        self.note(Matter::Inside, address, kind, why);
    }

    fn note(&mut self, matter: Matter, address: &str, kind: &str, why: Unseen) {
        let same = self.0.iter_mut().find(|group| {
            group.matter == matter && group.kind == kind && is_same_reason(&group.why, &why)
        });
        match same {
            Some(group) => group.addresses.push(address.to_owned()),
            None => self.0.push(Group {
                matter,
                kind: kind.to_owned(),
                why,
                addresses: vec![address.to_owned()],
            }),
        }
    }

    /// One problem for each kind and reason. The path is `resources`, then the part's address where there is one only.
    pub fn problems(self) -> Problems {
        let mut problems = Problems::new();
        for group in self.0 {
            let Group {
                matter,
                kind,
                why,
                addresses,
            } = group;
            let named = named(&addresses);
            let mut path = vec!["resources".to_owned()];
            if let [one] = &addresses[..] {
                path.push(one.clone());
            }
            let reason = why.reason;
            match (matter, addresses.len()) {
                (Matter::Inside, _) => problems.warning(
                    path,
                    format!("The inside of {named} could not be looked at"),
                    format!("{reason}. Whether somebody put a {kind} there is not known"),
                ),
                (Matter::Part { before: true }, 1) => problems.error(
                    path,
                    format!("{kind} could not be looked at"),
                    format!("{reason}. {named} is taken to be as it was last seen"),
                ),
                (Matter::Part { before: true }, all) => problems.error(
                    path,
                    format!("{all} {kind} could not be looked at"),
                    format!("{reason}. They are taken to be as they were last seen: {named}"),
                ),
                (Matter::Part { before: false }, 1) => problems.error(
                    path,
                    format!("{kind} could not be looked at"),
                    format!("{reason}. Whether there is {named} already is not known"),
                ),
                (Matter::Part { before: false }, all) => problems.error(
                    path,
                    format!("{all} {kind} could not be looked at"),
                    format!("{reason}. Whether they are there already is not known: {named}"),
                ),
            }
        }
        problems
    }
}

/// Whether two parts are hidden by the same cause. AWS names the one resource in the text of a denial, and every request has an
/// id of its own.
fn is_same_reason(one: &Unseen, other: &Unseen) -> bool {
    match (&one.error, &other.error) {
        (Some(one), Some(other)) => {
            let call = |error: &crate::AwsError| {
                (
                    error.service.clone(),
                    error.action.clone(),
                    error.code.clone(),
                )
            };
            one.kind == other.kind
                && call(one) == call(other)
                && (one.kind == ErrorKind::Denied || one.message == other.message)
        }
        (None, None) => one.reason == other.reason,
        _ => false,
    }
}

/// The first addresses and how many more there are.
fn named(addresses: &[String]) -> String {
    let mut text = addresses
        .iter()
        .take(MOST)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if let Some(more) = addresses.len().checked_sub(MOST).filter(|more| *more > 0) {
        let _ = write!(text, " and {more} more");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AwsError;

    fn denied(action: &str, message: &str) -> Unseen {
        let error = AwsError {
            kind: ErrorKind::Denied,
            service: "ec2".to_owned(),
            action: action.to_owned(),
            code: "AccessDenied".to_owned(),
            message: message.to_owned(),
            request_id: None,
        };
        Unseen {
            reason: format!("ec2:{action}: AccessDenied: {message}"),
            error: Some(error),
        }
    }

    #[test]
    fn one_reason_is_told_once_with_the_first_addresses() {
        let mut unseen = UnseenParts::default();
        for number in 0..7 {
            let why = denied("DescribeVpcEndpoints", &format!("request {number}"));
            unseen.part(
                &format!("endpoint/{number}"),
                "AWS::EC2::VPCEndpoint",
                why,
                true,
            );
        }
        unseen.part("vpc", "AWS::EC2::VPC", denied("DescribeVpcs", "no"), false);
        unseen.part(
            "endpoint/new",
            "AWS::EC2::VPCEndpoint",
            denied("DescribeVpcEndpoints", "no"),
            false,
        );
        unseen.part(
            "endpoint/newer",
            "AWS::EC2::VPCEndpoint",
            denied("DescribeVpcEndpoints", "no"),
            false,
        );
        for table in ["table/a", "table/b"] {
            unseen.inside(
                table,
                "AWS::EC2::Route",
                denied("DescribeRouteTables", "no"),
            );
        }
        let said: Vec<String> = unseen.problems().iter().map(ToString::to_string).collect();
        insta::assert_snapshot!(said.join("\n"));
    }
}
