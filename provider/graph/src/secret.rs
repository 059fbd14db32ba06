//! Values that no call holds: where the sender of a call takes them from, right before the call leaves.
//!
//! A [`Call`](crate::Call) is plain data that is compared, printed, recorded and kept. A secret is therefore never in its
//! parameters; the call says in [`Call::secret`](crate::Call::secret) which member takes one and where it comes from.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A member of a call that takes a secret.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SecretMember {
    /// The member, `SecretString`.
    pub member: &'static str,
    /// Where its value comes from.
    pub source: SecretSource,
}

/// Where a secret comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum SecretSource {
    /// A write-only argument of the configuration, by its path: `values_wo.stripe`.
    Given(
        /// The path, names joined with dots.
        String,
    ),
    /// Nobody: it is drawn at random when the call leaves.
    Drawn(Recipe),
    /// Secrets Manager: it is fetched when the call leaves.
    Kept {
        /// ARN of the secret, whose current version is a JSON object; in the Region to which the call goes.
        arn: String,
        /// The key of that object with the value, which is a text.
        key: String,
    },
}

/// How a secret is drawn at random. Every text that fits is equally likely.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// How many characters it has.
    pub length: u32,
    /// The characters it is drawn from, in classes: lowercase letters, digits, ... None is in two classes.
    pub classes: Vec<String>,
    /// Whether at least one character of each class is in it.
    pub each: bool,
    /// A JSON object that takes it under a key; the secret is then the object's text.
    pub inside: Option<(Map<String, Value>, String)>,
}

impl Recipe {
    /// Whether any text fits.
    pub fn is_possible(&self) -> bool {
        let classes = self.classes.iter().filter(|class| !class.is_empty());
        let needed = if self.each { self.classes.len() } else { 1 };
        self.length as usize >= needed && classes.count() >= needed.min(self.classes.len()).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_text_fits_is_impossible() {
        let recipe = |length, classes: &[&str], each| Recipe {
            length,
            classes: classes.iter().map(|class| (*class).to_owned()).collect(),
            each,
            inside: None,
        };
        for (recipe, possible) in [
            (recipe(2, &["a", "1"], true), true),
            (recipe(1, &["a", "1"], true), false),
            (recipe(1, &["a", "1"], false), true),
            (recipe(8, &[], false), false),
            (recipe(8, &[""], false), false),
            (recipe(8, &["a", ""], true), false),
            (recipe(8, &["a", ""], false), true),
            (recipe(0, &["a"], false), false),
        ] {
            assert_eq!(recipe.is_possible(), possible, "{recipe:?}");
        }
    }
}
