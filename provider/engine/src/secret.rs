//! The secrets of a run: where they are while it lasts, and how they get into a call.
//!
//! # Flow
//! A call names in [`Call::secret`] the member that takes a secret. Right before it leaves, [`Vault::fill`] makes a copy that
//! holds it; the copy is dropped when AWS has answered. What AWS answers is rid of the secret before anybody else sees it.
//!
//! A secret that Secrets Manager keeps is fetched by [`asking`] for it each time such a call leaves, and [`taken`] out of the
//! answer; the answer goes no further.
//!
//! # Guarantees
//! - No secret is in a [`Call`] that anything but the sending sees, nor in an error, nor in what `Debug` prints.
//! - A call that is sent again carries the same drawn secret, so that AWS takes both for one.
//!
//! # Caveats
//! The memory of this process is not wiped; it ends with the run of Terraform.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use platform_graph::{Call, Recipe, SecretSource};
use serde_json::{Map, Value};

use crate::{AwsError, Stop};

/// What stands where a secret was.
const HIDDEN: &str = "(secret)";

/// Secrets that a run may need, by the path of the write-only argument that holds them, and those that it draws itself.
#[derive(Default)]
pub struct Vault {
    given: BTreeMap<String, String>,
    /// What was drawn, by the call it was drawn for.
    drawn: Mutex<BTreeMap<String, String>>,
}

impl Vault {
    /// A vault with the values of write-only arguments, by their paths: names joined with dots.
    pub fn new(given: BTreeMap<String, String>) -> Self {
        Vault {
            given,
            drawn: Mutex::default(),
        }
    }

    /// The call as it leaves, and the secret in it. `kept` is what was answered when [asked](asking) for it.
    pub(crate) fn fill<'c>(
        &self,
        call: &'c Call,
        kept: Option<&Value>,
    ) -> Result<(Cow<'c, Call>, Option<String>), Stop> {
        let Some(secret) = &call.secret else {
            return Ok((Cow::Borrowed(call), None));
        };
        let value = match &secret.source {
            SecretSource::Kept { arn, key } => taken(kept, arn, key)?,
            SecretSource::Given(path) => self.given.get(path).cloned().ok_or_else(|| {
                Stop::Said(format!(
                    "its value is to be written and none is given: set {path} and apply again"
                ))
            })?,
            SecretSource::Drawn(recipe) => {
                // A call is plain data and always has a text.
                let call = serde_json::to_string(call).unwrap_or_default();
                let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
                match drawn.get(&call) {
                    Some(value) => value.clone(),
                    None => {
                        let value = draw(recipe)?;
                        drawn.insert(call, value.clone());
                        value
                    }
                }
            }
        };
        let mut filled = call.clone();
        filled
            .params
            .insert(secret.member.to_owned(), Value::String(value.clone()));
        Ok((Cow::Owned(filled), Some(value)))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault")
    }
}

/// The call that fetches the secret of a call, where Secrets Manager keeps it.
///
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html>
pub(crate) fn asking(call: &Call) -> Option<Call> {
    match &call.secret.as_ref()?.source {
        SecretSource::Kept { arn, .. } => Some(
            Call::new("secretsmanager", "GetSecretValue")
                .with("SecretId", arn)
                .in_region(call.region.as_deref()),
        ),
        SecretSource::Given(_) | SecretSource::Drawn(_) => None,
    }
}

/// The value under a key of a secret that was fetched. No error holds any of it.
fn taken(kept: Option<&Value>, arn: &str, key: &str) -> Result<String, Stop> {
    kept.and_then(|reply| reply.get("SecretString")?.as_str())
        .and_then(|text| serde_json::from_str::<Map<String, Value>>(text).ok())
        .and_then(|object| object.get(key)?.as_str().map(str::to_owned))
        .filter(|value| !value.is_empty())
        .ok_or_else(|| {
            Stop::Said(format!(
                "the current value of the secret {arn} is no JSON object with a text under {key:?}: give it one and apply again"
            ))
        })
}

/// An error without the secret that the call carried, should AWS have repeated it.
pub(crate) fn hide(error: AwsError, secret: Option<&str>) -> AwsError {
    let Some(secret) = secret.filter(|secret| !secret.is_empty()) else {
        return error;
    };
    let escaped = Value::from(secret).to_string();
    let inner = escaped.trim_matches('"');
    AwsError {
        message: error.message.replace(secret, HIDDEN).replace(inner, HIDDEN),
        ..error
    }
}

/// Draws a secret from the operating system's random numbers.
fn draw(recipe: &Recipe) -> Result<String, Stop> {
    if !recipe.is_possible() {
        return Err(Stop::Said(
            "no text fits what is to be generated: allow more characters or a greater length"
                .to_owned(),
        ));
    }
    let letters: Vec<char> = recipe.classes.concat().chars().collect();
    // Whole texts are drawn until one fits: repairing one that does not would make some more likely than others.
    let text = loop {
        let text = (0..recipe.length)
            .map(|_| Ok(letters[below(letters.len())?]))
            .collect::<Result<String, Stop>>()?;
        let has = |class: &String| text.chars().any(|letter| class.contains(letter));
        if !recipe.each || recipe.classes.iter().all(has) {
            break text;
        }
    };
    Ok(match &recipe.inside {
        None => text,
        Some((object, key)) => {
            let mut object = object.clone();
            object.insert(key.clone(), Value::String(text));
            Value::Object(object).to_string()
        }
    })
}

/// A random index below `count`, each equally likely.
fn below(count: usize) -> Result<usize, Stop> {
    let count = count as u64;
    // The last numbers of the range would make the first indices more likely.
    let even = u64::MAX - u64::MAX % count;
    loop {
        let drawn = getrandom::u64().map_err(|error| {
            Stop::Said(format!(
                "the operating system has no random numbers: {error}"
            ))
        })?;
        if drawn < even {
            return Ok((drawn % count) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use platform_graph::SecretMember;
    use serde_json::json;

    use super::*;

    fn recipe(length: u32, each: bool) -> Recipe {
        Recipe {
            length,
            classes: vec!["abc".into(), "12".into(), "#".into()],
            each,
            inside: None,
        }
    }

    fn call(source: SecretSource) -> Call {
        Call::new("secretsmanager", "PutSecretValue")
            .with("SecretId", "a")
            .secret(SecretMember {
                member: "SecretString",
                source,
            })
    }

    #[test]
    fn a_drawn_secret_is_as_the_recipe_says() {
        for _ in 0..200 {
            let text = draw(&recipe(3, true)).unwrap();
            assert_eq!(text.len(), 3);
            for class in recipe(3, true).classes {
                assert!(text.chars().any(|letter| class.contains(letter)), "{text}");
            }
        }
        let one = draw(&recipe(40, false)).unwrap();
        assert_ne!(one, draw(&recipe(40, false)).unwrap());
        assert!(draw(&recipe(2, true)).is_err());
    }

    #[test]
    fn every_character_is_drawn_equally_often() {
        let text = draw(&Recipe {
            length: 60_000,
            classes: vec!["abcdef".into()],
            each: false,
            inside: None,
        })
        .unwrap();
        for letter in "abcdef".chars() {
            let times = text.matches(letter).count();
            // Ten standard deviations around the mean.
            assert!((9_087..10_913).contains(&times), "{letter}: {times}");
        }
    }

    #[test]
    fn a_drawn_secret_goes_into_its_object() {
        let inside = json!({ "username": "app" }).as_object().cloned().unwrap();
        let text = draw(&Recipe {
            inside: Some((inside, "password".to_owned())),
            ..recipe(8, true)
        })
        .unwrap();
        let object: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(object["username"], "app");
        assert_eq!(object["password"].as_str().unwrap().len(), 8);
    }

    #[test]
    fn only_the_copy_that_leaves_holds_the_secret() {
        let vault = Vault::new([("values_wo.a".to_owned(), "canary".to_owned())].into());
        let asked = call(SecretSource::Given("values_wo.a".to_owned()));
        let (filled, secret) = vault.fill(&asked, None).unwrap();
        assert_eq!(filled.params["SecretString"], "canary");
        assert_eq!(secret.as_deref(), Some("canary"));
        assert!(!format!("{asked:?} {vault:?}").contains("canary"));
        let other = call(SecretSource::Given("values_wo.b".to_owned()));
        let why = vault.fill(&other, None).unwrap_err().explain().0;
        assert!(why.contains("set values_wo.b"), "{why}");
    }

    #[test]
    fn a_call_that_is_sent_again_carries_the_same_secret() {
        let vault = Vault::default();
        let asked = call(SecretSource::Drawn(recipe(30, true)));
        let (_, first) = vault.fill(&asked, None).unwrap();
        let (_, again) = vault.fill(&asked, None).unwrap();
        assert_eq!(first, again);
        let (_, other) = vault.fill(&asked.with("SecretId", "b"), None).unwrap();
        assert_ne!(first, other);
    }

    fn kept() -> Call {
        call(SecretSource::Kept {
            arn: "arn:s".to_owned(),
            key: "password".to_owned(),
        })
    }

    #[test]
    fn a_kept_secret_is_asked_for_where_the_call_goes() {
        let asked = asking(&kept().in_region(Some("eu-west-1"))).unwrap();
        assert_eq!(
            asked,
            Call::new("secretsmanager", "GetSecretValue")
                .with("SecretId", "arn:s")
                .in_region(Some("eu-west-1"))
        );
        assert_eq!(asking(&call(SecretSource::Given("a".to_owned()))), None);
        assert_eq!(asking(&call(SecretSource::Drawn(recipe(3, true)))), None);
    }

    #[test]
    fn a_kept_secret_is_taken_from_under_its_key() {
        let vault = Vault::default();
        let answer = |text: &str| json!({ "ARN": "arn:s", "SecretString": text });
        let good = answer(r#"{"username":"app","password":"canary"}"#);
        let call = kept();
        let (filled, secret) = vault.fill(&call, Some(&good)).unwrap();
        assert_eq!(filled.params["SecretString"], "canary");
        assert_eq!(secret.as_deref(), Some("canary"));
        for bad in [
            answer("canary"),
            answer(r#"{"canary":"canary"}"#),
            answer(r#"{"password":["canary"]}"#),
            answer(r#"{"password":""}"#),
            json!({ "SecretBinary": "canary" }),
        ] {
            let why = vault.fill(&kept(), Some(&bad)).unwrap_err().explain().0;
            assert!(why.contains("arn:s") && !why.contains("canary"), "{why}");
        }
        assert!(vault.fill(&kept(), None).is_err());
    }

    #[test]
    fn an_error_that_repeats_the_secret_is_rid_of_it() {
        let asked = call(SecretSource::Given("values_wo.a".to_owned()));
        let error = |message: &str| {
            AwsError::of(
                &asked,
                crate::ErrorKind::Invalid,
                "ValidationException",
                message,
            )
        };
        for (secret, message) in [
            ("canary", "value 'canary' at 'secretString' is too long"),
            ("ca\"nary", r#"{"SecretString":"ca\"nary"} is too long"#),
        ] {
            let hidden = hide(error(message), Some(secret)).to_string();
            assert!(
                hidden.contains(HIDDEN) && !hidden.contains("nary"),
                "{hidden}"
            );
        }
        assert!(
            hide(error("as it is"), None)
                .to_string()
                .contains("as it is")
        );
    }
}
