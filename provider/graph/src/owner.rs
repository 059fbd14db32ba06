//! Who a part belongs to, and the tags that say so in AWS.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Tags;

/// Tag that names the owner of a part: `platform_network/us-east-1/main`.
pub const OWNER_TAG: &str = "platform:owner";
/// Tag that names the part inside its owner: `subnet/private/use1-az1`.
pub const ADDRESS_TAG: &str = "platform:address";
/// Prefix of the tags that the anchor part carries once its composite is complete. They are never part of a difference.
pub const SEAL_TAG_PREFIX: &str = "platform:seal";

/// The number of the piece of a seal that the tag with this key holds; `None` for every other tag, such as the signature of a
/// run.
pub fn seal_piece(key: &str) -> Option<usize> {
    key.strip_prefix(SEAL_TAG_PREFIX)?
        .strip_prefix('/')?
        .parse()
        .ok()
}

/// The composite that a part belongs to; every taggable part carries it from birth.
///
/// # Shape
/// Displays and parses as `<composite>/<region>/<name>`, the value of [`OWNER_TAG`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// Terraform resource type of the composite, e.g. `platform_network`.
    pub composite: String,
    /// Region the composite lives in, e.g. `us-east-1`.
    pub region: String,
    /// Name the user gave it; unique per composite type and region in an account.
    pub name: String,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.composite, self.region, self.name)
    }
}

impl FromStr for Owner {
    type Err = String;

    /// # Errors
    /// Says which shape was expected when `text` has not exactly three non-empty segments.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.splitn(3, '/').collect::<Vec<_>>()[..] {
            [composite, region, name] if ![composite, region, name].contains(&"") => Ok(Owner {
                composite: composite.to_owned(),
                region: region.to_owned(),
                name: name.to_owned(),
            }),
            _ => Err(format!(
                "{text:?} is not an owner; the shape is <composite>/<region>/<name>"
            )),
        }
    }
}

/// What a kind is told about the part it is asked for, besides the part's properties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The composite the part belongs to.
    pub owner: Owner,
    /// Address of the part inside its owner.
    pub address: String,
    /// The part's id in AWS, once it is known.
    pub id: Option<String>,
}

impl Identity {
    /// The tags by which the part is recognised after its id was lost.
    pub fn tags(&self) -> Tags {
        Tags::from([
            (OWNER_TAG.to_owned(), self.owner.to_string()),
            (ADDRESS_TAG.to_owned(), self.address.clone()),
        ])
    }

    /// Whether `tags` are those of this very part.
    pub fn owns(&self, tags: &Tags) -> bool {
        self.tags()
            .iter()
            .all(|(key, value)| tags.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_reads_back_what_it_displays() {
        let owner: Owner = "platform_network/us-east-1/shop".parse().unwrap();
        assert_eq!(owner.to_string(), "platform_network/us-east-1/shop");
        for wrong in ["", "a/b", "a//c", "/b/c"] {
            assert!(wrong.parse::<Owner>().is_err(), "{wrong:?} was accepted");
        }
    }
}
