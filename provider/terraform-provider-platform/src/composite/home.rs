//! The account a composite lives in, kept beside its state.
//!
//! With credentials of another account every part would look deleted, and the next apply would build the platform a second
//! time over there.

use platform_graph::Owner;
use platform_protocol::{Diagnostic, Diagnostics};
use serde_json::{Value as Json, json};

/// What is kept beside the state of a composite in this account.
pub fn remember(account: &str) -> Vec<u8> {
    json!({ "account": account }).to_string().into_bytes()
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
        let private = remember("111111111111");
        assert!(check(&private, "111111111111", &owner).is_ok());
        assert!(check(b"", "222222222222", &owner).is_ok());
        let refused = check(&private, "222222222222", &owner).unwrap_err();
        let text = refused.iter().map(ToString::to_string).collect::<String>();
        assert!(
            text.contains("111111111111") && text.contains("222222222222"),
            "{text}"
        );
    }
}
