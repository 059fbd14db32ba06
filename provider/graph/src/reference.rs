//! Values taken from another part, as text inside properties.
//!
//! A reference is written into a property as a token: `${part:nat/use1-az1}` is the id of a part and
//! `${part:eip/use1-az1#PublicIp}` one of its attributes. A token may stand inside a longer text. A transform may follow
//! the attribute: `${part:vpc-cidr/ipv6#Ipv6CidrBlock|subnet:64:3}` is the fourth /64 of that block.
//!
//! `${config:flow_logs.kms_key_arn}` stands for a value of the configuration that Terraform does not know yet.
//!
//! The prefix keeps tokens apart from texts of AWS's own that look alike, such as the flow log format `${version}`;
//! configurations that contain a token themselves are refused.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use ipnet::IpNet;
use serde_json::Value;

/// A parsed token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// The id or an attribute of a part.
    Part {
        /// Address of the part.
        address: String,
        /// Attribute; `None` is the part's id.
        attribute: Option<String>,
        /// What to make of the value.
        transform: Option<Transform>,
    },
    /// A value of the configuration that is not known yet, at this attribute path.
    Config {
        /// Dotted attribute path.
        path: String,
    },
}

/// What to make of a referenced value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transform {
    /// The `index`-th network of length `prefix` inside the referenced CIDR block.
    Subnet {
        /// Prefix length of the result.
        prefix: u8,
        /// Position, from 0.
        index: u128,
    },
}

impl Transform {
    /// Applies the transform; `None` when the value is not what the transform works on.
    pub fn apply(self, value: &Value) -> Option<Value> {
        let Transform::Subnet { prefix, index } = self;
        subnet(value.as_str()?.parse().ok()?, prefix, index)
            .map(|net| Value::String(net.to_string()))
    }
}

/// The `index`-th network of length `prefix` inside `block`, or `None` when it does not fit.
pub fn subnet(block: IpNet, prefix: u8, index: u128) -> Option<IpNet> {
    let room = prefix.checked_sub(block.prefix_len())?;
    if prefix > block.max_prefix_len() || (room < 128 && index >= 1_u128 << room) {
        return None;
    }
    let shift = u32::from(block.max_prefix_len() - prefix);
    let offset = index.checked_shl(shift)?;
    let net = match block {
        IpNet::V4(net) => {
            let start = u32::from(net.network()) | u32::try_from(offset).ok()?;
            IpNet::new(std::net::Ipv4Addr::from(start).into(), prefix)
        }
        IpNet::V6(net) => {
            let start = u128::from(net.network()) | offset;
            IpNet::new(std::net::Ipv6Addr::from(start).into(), prefix)
        }
    };
    net.ok()
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Config { path } => write!(f, "${{config:{path}}}"),
            Token::Part {
                address,
                attribute,
                transform,
            } => {
                write!(f, "${{part:{address}")?;
                if let Some(attribute) = attribute {
                    write!(f, "#{attribute}")?;
                }
                if let Some(Transform::Subnet { prefix, index }) = transform {
                    write!(f, "|subnet:{prefix}:{index}")?;
                }
                write!(f, "}}")
            }
        }
    }
}

fn parse(body: &str) -> Option<Token> {
    if let Some(path) = body.strip_prefix("config:") {
        return Some(Token::Config {
            path: path.to_owned(),
        });
    }
    let body = body.strip_prefix("part:")?;
    let (target, transform) = match body.split_once('|') {
        None => (body, None),
        Some((target, transform)) => {
            let (prefix, index) = transform.strip_prefix("subnet:")?.split_once(':')?;
            (
                target,
                Some(Transform::Subnet {
                    prefix: prefix.parse().ok()?,
                    index: index.parse().ok()?,
                }),
            )
        }
    };
    let (address, attribute) = match target.split_once('#') {
        None => (target, None),
        Some((address, attribute)) => (address, Some(attribute.to_owned())),
    };
    Some(Token::Part {
        address: address.to_owned(),
        attribute,
        transform,
    })
}

/// The tokens inside a text with their byte ranges, in order.
pub fn tokens(text: &str) -> Vec<(Range<usize>, Token)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text[from..].find("${").map(|at| at + from) {
        let Some(end) = text[start..].find('}').map(|at| at + start) else {
            break;
        };
        match parse(&text[start + 2..end]) {
            Some(token) => {
                found.push((start..end + 1, token));
                from = end + 1;
            }
            None => from = start + 2,
        }
    }
    found
}

/// Addresses of the parts that a text refers to.
pub fn parts_in(text: &str) -> Vec<String> {
    tokens(text)
        .into_iter()
        .filter_map(|(_, token)| match token {
            Token::Part { address, .. } => Some(address),
            Token::Config { .. } => None,
        })
        .collect()
}

/// Addresses of all parts that a value refers to, at any depth.
pub fn parts_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    visit(value, "", &mut |_, text| found.extend(parts_in(text)));
    found
}

/// Whether a value still contains a token, at any depth.
pub fn is_open(value: &Value) -> bool {
    let mut open = false;
    visit(value, "", &mut |_, text| open |= !tokens(text).is_empty());
    open
}

/// Calls `seen` with the JSON pointer and the text of every string in a value.
pub fn visit(value: &Value, pointer: &str, seen: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => seen(pointer, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(item, &format!("{pointer}/{index}"), seen);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                visit(field, &format!("{pointer}/{name}"), seen);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Replaces every token that `lookup` knows; the others stay as they are.
///
/// A string that is nothing but one token becomes the looked-up value itself, of whatever JSON type; inside a longer
/// text the value is written as text.
pub fn resolve(value: &Value, lookup: &impl Fn(&str, Option<&str>) -> Option<Value>) -> Value {
    match value {
        Value::String(text) => resolve_text(text, lookup),
        Value::Array(items) => items.iter().map(|item| resolve(item, lookup)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| (name.clone(), resolve(field, lookup)))
            .collect(),
        plain => plain.clone(),
    }
}

fn resolve_text(text: &str, lookup: &impl Fn(&str, Option<&str>) -> Option<Value>) -> Value {
    let found = tokens(text);
    let value_of = |token: &Token| match token {
        Token::Part {
            address,
            attribute,
            transform,
        } => {
            let value = lookup(address, attribute.as_deref())?;
            match transform {
                None => Some(value),
                Some(transform) => transform.apply(&value),
            }
        }
        Token::Config { .. } => None,
    };
    if let [(range, token)] = &found[..]
        && *range == (0..text.len())
    {
        return value_of(token).unwrap_or_else(|| Value::String(text.to_owned()));
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, token) in found {
        out.push_str(&text[from..range.start]);
        match value_of(&token) {
            Some(Value::String(value)) => out.push_str(&value),
            Some(value) => out.push_str(&value.to_string()),
            None => out.push_str(&text[range.clone()]),
        }
        from = range.end;
    }
    out.push_str(&text[from..]);
    Value::String(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_told_from_texts_that_look_alike() {
        for (text, expected) in [
            ("${part:vpc}", vec!["${part:vpc}"]),
            ("${version} ${account-id}", vec![]),
            ("a-${part:role/x#Arn}/*", vec!["${part:role/x#Arn}"]),
            ("${version}${part:vpc}${", vec!["${part:vpc}"]),
            (
                "${part:c#Ipv6CidrBlock|subnet:64:3}",
                vec!["${part:c#Ipv6CidrBlock|subnet:64:3}"],
            ),
            ("${config:tags.a}", vec!["${config:tags.a}"]),
            ("${${part:a}", vec!["${part:a}"]),
        ] {
            let found: Vec<String> = tokens(text)
                .into_iter()
                .map(|(_, token)| token.to_string())
                .collect();
            assert_eq!(found, expected, "in {text:?}");
        }
    }

    #[test]
    fn resolving_keeps_types_and_leaves_the_unknown_alone() {
        let lookup = |address: &str, attribute: Option<&str>| match (address, attribute) {
            ("vpc", None) => Some(json!("vpc-1")),
            ("vpc", Some("Blocks")) => Some(json!(["a", "b"])),
            ("v6", Some("Cidr")) => Some(json!("2001:db8::/56")),
            _ => None,
        };
        let value = json!({
            "VpcId": "${part:vpc}", "Blocks": "${part:vpc#Blocks}", "Arn": "arn:x/${part:vpc}/y", "Other": "${part:nat}",
            "Six": "${part:v6#Cidr|subnet:64:3}"
        });
        assert_eq!(
            resolve(&value, &lookup),
            json!({"VpcId": "vpc-1", "Blocks": ["a", "b"], "Arn": "arn:x/vpc-1/y", "Other": "${part:nat}", "Six": "2001:db8:0:3::/64"})
        );
    }

    #[test]
    fn subnets_of_a_block() {
        for (block, prefix, index, expected) in [
            ("10.0.0.0/16", 24, 3, Some("10.0.3.0/24")),
            ("10.0.0.0/16", 16, 0, Some("10.0.0.0/16")),
            ("10.0.0.0/16", 24, 256, None),
            ("10.0.0.0/24", 16, 0, None),
            ("10.0.0.0/24", 33, 0, None),
            ("2001:db8::/56", 64, 255, Some("2001:db8:0:ff::/64")),
            ("::/0", 128, 1, Some("::1/128")),
        ] {
            let found = subnet(block.parse().unwrap(), prefix, index).map(|net| net.to_string());
            assert_eq!(found.as_deref(), expected, "{block} /{prefix} #{index}");
        }
    }
}
