//! What AWS takes of a domain and shows to nobody: who the master user is. The domain carries it as tags.

use platform_graph::Tags;

use super::domain::Domain;

/// The tag that says who the master user is.
pub(super) const MASTER_USER: &str = "platform:master-user";
/// The tag that says which group may do everything by SAML.
const MASTER_GROUP: &str = "platform:saml-master-backend-role";

/// What AWS does not show of a domain, as its tags tell it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Unshown {
    pub master_user: Option<String>,
    pub master_group: Option<String>,
}

impl Unshown {
    /// What is asked for.
    pub fn of(domain: &Domain) -> Self {
        let security = domain.advanced_security_options.as_ref();
        Unshown {
            master_user: security
                .and_then(|security| security.master_user_options.as_ref())
                .and_then(|master| master.master_user_arn.clone()),
            master_group: security
                .and_then(|security| security.saml_options.as_ref())
                .and_then(|saml| saml.master_backend_role.clone()),
        }
    }

    /// Takes what it is out of the tags.
    pub fn take(tags: &mut Tags) -> Self {
        Unshown {
            master_user: tags.remove(MASTER_USER),
            master_group: tags.remove(MASTER_GROUP),
        }
    }

    /// The tags to set and to take away, where this is to come after `before`.
    pub fn changes(&self, before: &Self) -> (Tags, Vec<String>) {
        let (mut set, mut gone) = (Tags::new(), Vec::new());
        for (key, value, before) in [
            (MASTER_USER, &self.master_user, &before.master_user),
            (MASTER_GROUP, &self.master_group, &before.master_group),
        ] {
            match value {
                Some(value) if before.as_ref() != Some(value) => {
                    set.insert(key.to_owned(), value.clone());
                }
                None if before.is_some() => gone.push(key.to_owned()),
                _ => {}
            }
        }
        (set, gone)
    }
}
