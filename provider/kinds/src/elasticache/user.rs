//! `AWS::ElastiCache::User`: who may use caches, with which commands and on which keys.
//!
//! Reads `DescribeUsers`; the id is the identity. No user of this kind has a password: it shows who it is by IAM, or need not where
//! its access string keeps it off.
//!
//! # Caveats
//! - With IAM, id and name must be the same.
//! - ElastiCache may write an access string its own way, so access strings are compared by what they allow.
//! - A user that is deleted leaves all its groups, and with them the caches.
//!
//! See <https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html>.

use platform_graph::{Attributes, Call, Claim, Identity, Kind, Live, Seen, Tags};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call;
use crate::reply;

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct User {
    /// Id, unique in account and Region, 1 to 40 lowercase letters, digits and hyphens; can't change.
    #[serde(default)]
    pub user_id: String,
    /// The name that clients give; can't change.
    #[serde(default)]
    pub user_name: String,
    /// `valkey` or `redis`.
    #[serde(default)]
    pub engine: String,
    /// What it may do: `on ~app:* +@read`.
    pub access_string: Option<String>,
    /// How it shows who it is.
    pub authentication_mode: Option<AuthenticationMode>,
    /// Tags.
    #[serde(default)]
    pub tags: Tags,
}

/// How a user shows who it is. There are no passwords here: they would end up in the state.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct AuthenticationMode {
    /// `iam` or `no-password-required`; `password` is what AWS shows of a user that somebody gave one.
    #[serde(rename = "Type")]
    pub kind: String,
}

/// An access string in one form: whether it is on and what it may touch, in alphabetical order, and its commands in their order.
///
/// A user starts switched off, without keys, channels and commands; a word that takes them away undoes what comes before it.
fn meaning(access: &str) -> (Vec<&str>, Vec<&str>) {
    let (mut reach, mut commands) = (vec!["off"], Vec::new());
    for word in access.split_whitespace() {
        match word {
            "on" | "off" => {
                reach.retain(|word| !matches!(*word, "on" | "off"));
                reach.push(word);
            }
            "allkeys" => reach.push("~*"),
            "allchannels" => reach.push("&*"),
            "resetkeys" => reach.retain(|word| !word.starts_with(['~', '%'])),
            "resetchannels" => reach.retain(|word| !word.starts_with('&')),
            "allcommands" => commands.push("+@all"),
            "-@all" | "nocommands" => commands.clear(),
            word if word.starts_with(['+', '-']) => commands.push(word),
            word => reach.push(word),
        }
    }
    reach.sort_unstable();
    reach.dedup();
    (reach, commands)
}

impl Kind for User {
    const TYPE: &'static str = "AWS::ElastiCache::User";
    const CREATE_ONLY: &'static [&'static str] = &["UserId", "UserName"];
    const ATTRIBUTES: &'static [&'static str] = &["Arn"];
    const LASTING: &'static [&'static str] = &["Arn"];
    const DETAILS_NEED: &'static [&'static str] = &["Arn"];
    const TAGGED: bool = true;

    fn find(&self, _me: &Identity) -> Vec<Call> {
        vec![call("DescribeUsers")]
    }

    fn details_again(&self, _me: &Identity, _id: &str, known: &Attributes) -> Vec<Call> {
        vec![super::list_tags(known)]
    }

    fn read(&self, _me: &Identity, replies: &[Value]) -> Seen<Self> {
        let Some(user) = super::named(replies, "Users", "UserId", &self.user_id) else {
            return Seen::Absent;
        };
        if let Some(seen) = super::passing(&self.user_id, user["Status"].as_str()) {
            return seen;
        }
        let kind = reply::text(&user["Authentication"], "Type");
        Seen::Live(Live {
            id: self.user_id.clone(),
            attributes: super::attributes([("Arn", json!(reply::text(user, "ARN")))]),
            properties: User {
                user_id: self.user_id.clone(),
                user_name: reply::text(user, "UserName").unwrap_or_default(),
                engine: reply::text(user, "Engine")
                    .unwrap_or_default()
                    .to_ascii_lowercase(),
                access_string: reply::text(user, "AccessString"),
                authentication_mode: kind.map(|kind| AuthenticationMode {
                    kind: match kind.as_str() {
                        "no-password" => "no-password-required".to_owned(),
                        _ => kind,
                    },
                }),
                tags: super::tags(replies),
            },
        })
    }

    fn create(&self, _me: &Identity) -> Vec<Call> {
        vec![
            call("CreateUser")
                .with("UserId", &self.user_id)
                .with("UserName", &self.user_name)
                .with("Engine", &self.engine)
                .with("AccessString", &self.access_string)
                .with("AuthenticationMode", &self.authentication_mode)
                .with("Tags", super::tag_list(&self.tags)),
        ]
    }

    fn created(&self, _me: &Identity, _reply: &Value) -> Option<String> {
        Some(self.user_id.clone())
    }

    fn update(&self, _me: &Identity, live: &Live<Self>, changed: &[&str]) -> Vec<Call> {
        let has = |name: &str| changed.contains(&name);
        if changed.is_empty() {
            return Vec::new();
        }
        vec![
            call("ModifyUser")
                .with("UserId", &live.id)
                .with("Engine", has("Engine").then_some(&self.engine))
                .with(
                    "AccessString",
                    self.access_string.as_ref().filter(|_| has("AccessString")),
                )
                .with(
                    "AuthenticationMode",
                    self.authentication_mode
                        .as_ref()
                        .filter(|_| has("AuthenticationMode")),
                ),
        ]
    }

    fn retag(live: &Live<Self>, set: &Tags, remove: &[String]) -> Vec<Call> {
        super::retag(&live.attributes, set, remove)
    }

    fn delete(&self, _me: &Identity, id: &str, _attributes: &Attributes) -> Vec<Call> {
        vec![call("DeleteUser").with("UserId", id)]
    }

    fn known_by(id: &str) -> Self {
        User {
            user_id: id.to_owned(),
            ..User::default()
        }
    }

    fn census(replies: &[Value]) -> Vec<Call> {
        super::census(replies)
    }

    fn counted(replies: &[Value]) -> Vec<Claim> {
        super::counted(replies, "user")
    }

    fn same(property: &str, live: &Value, desired: &Value) -> bool {
        match (property, live.as_str(), desired.as_str()) {
            ("AccessString", Some(live), Some(desired)) => meaning(live) == meaning(desired),
            _ => live == desired,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::me;

    #[test]
    fn access_strings_are_compared_by_what_they_allow() {
        for (live, asked, expected) in [
            ("on ~* +@all", "on allkeys allcommands", true),
            ("on ~b:* ~a:* -@all +@read", "on ~a:* ~b:* +@read", true),
            ("on ~a:* resetchannels -@all +get", "on ~a:* +get", true),
            ("on ~a:* &b +get", "on ~a:* +get", false),
            ("on ~a:* +@all -flushall", "on ~a:* -flushall +@all", false),
            ("on ~a:* +get", "off ~a:* +get", false),
            ("on ~a:* +get", "on ~b:* +get", false),
            ("off -@all", "off", true),
        ] {
            let same = User::same("AccessString", &json!(live), &json!(asked));
            assert_eq!(same, expected, "{live:?} for {asked:?}");
        }
    }

    #[test]
    fn a_user_that_somebody_gave_a_password_shows() {
        let asked = User {
            user_id: "shop-app".into(),
            user_name: "shop-app".into(),
            engine: "valkey".into(),
            access_string: Some("on ~* +@all".into()),
            authentication_mode: Some(AuthenticationMode { kind: "iam".into() }),
            tags: Tags::new(),
        };
        let reply = |authentication: Value| {
            json!({ "Users": [{ "UserId": "shop-app", "UserName": "shop-app", "Status": "active",
            "Engine": "Valkey", "AccessString": "on ~* +@all", "Authentication": authentication, "ARN": "arn:user" }] })
        };
        let read = |authentication| match asked.read(&me(None), &[reply(authentication)]) {
            Seen::Live(live) => live.properties,
            seen => panic!("{seen:?}"),
        };
        assert_eq!(read(json!({ "Type": "iam" })), asked);
        let tampered = read(json!({ "Type": "password", "PasswordCount": 1 }));
        assert_eq!(tampered.authentication_mode.unwrap().kind, "password");
    }
}
