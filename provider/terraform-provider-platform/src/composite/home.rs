//! What is kept beside the state of a composite: the account it lives in, and the signatures of the last runs that it knows of.
//!
//! With credentials of another account every part would look deleted, and the next apply would build the platform a second
//! time over there. And a run that was killed after it had signed out, before Terraform wrote its state, shows only by this: AWS has
//! a signature that the state does not know.

use platform_graph::Owner;
use platform_protocol::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

/// How many signatures are kept: AWS may show for a moment what was there before the last one.
const KEPT: usize = 2;

/// What is kept beside the state of a composite in this account. `ended` are the [signatures](super::seal::Signature) that were
/// signed out with, the last one first; one that is empty stands for none. None at all are of a state that never knew.
pub fn remember(account: &str, ended: &[String]) -> Vec<u8> {
    let last = &ended[..ended.len().min(KEPT)];
    json!({ "account": account, "ended": last })
        .to_string()
        .into_bytes()
}

/// The signatures that are kept, the last one first.
pub fn ended(private: &[u8]) -> Vec<String> {
    let kept: Json = serde_json::from_slice(private).unwrap_or_default();
    serde_json::from_value(kept["ended"].clone()).unwrap_or_default()
}

/// Refuses credentials of another account than the one that is kept. A state without one is of any account.
///
/// # Errors
/// Names both accounts.
pub fn check(private: &[u8], account: &str, owner: &Owner) -> Result<(), Diagnostics> {
    let kept: Json = serde_json::from_slice(private).unwrap_or_default();
    match kept["account"].as_str() {
        Some(home) if home != account => Err(Diagnostic::error(
            format!("{owner} lives in another account"),
            format!(
                "It was made in account {home}, and the credentials are those of account {account}. Nothing was looked at. Use credentials \
                 of {home}; to build a second one in {account}, use another state."
            ),
        )
        .into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_account_is_refused_and_an_unknown_one_is_not() {
        let owner: Owner = "platform_network/us-east-1/main".parse().unwrap();
        let private = remember("111111111111", &["x".to_owned()]);
        assert!(check(&private, "111111111111", &owner).is_ok());
        assert!(check(b"", "222222222222", &owner).is_ok());
        let refused = check(&private, "222222222222", &owner).unwrap_err();
        let text = refused.iter().map(ToString::to_string).collect::<String>();
        assert!(
            text.contains("111111111111") && text.contains("222222222222"),
            "{text}"
        );
    }

    #[test]
    fn the_last_signatures_are_kept() {
        for (known, kept) in [
            (&[][..], &[][..]),
            (&[""], &[""]),
            (&["c", "b", "a"], &["c", "b"]),
        ] {
            let known: Vec<String> = known.iter().map(|text| (*text).to_owned()).collect();
            assert_eq!(ended(&remember("111111111111", &known)), kept);
        }
        assert!(ended(br#"{"account":"111111111111"}"#).is_empty());
        assert!(ended(b"").is_empty());
    }
}
