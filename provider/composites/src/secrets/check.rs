//! What is wrong with a configuration, all of it at once, each at its attribute path.

use std::collections::BTreeMap;

use platform_graph::{Action, Plan, Problems};

use super::address;
use super::spec::{Generate, Replica, Rotation, Secret, Secrets};
use super::store::generated;
use crate::schema::is_unknown_text;
use crate::{Given, tags};

/// The longest name of a secret.
const LONGEST_NAME: usize = 60;
/// The argument that holds values.
const VALUES: &str = "values_wo";
/// The longest value.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html>
const MOST_BYTES: usize = 65_536;

/// Finds everything that is wrong with the configuration alone.
pub(super) fn check(spec: &Secrets, problems: &mut Problems) {
    tags::check(&["tags"], &spec.tags, tags::MOST, problems);
    for (name, secret) in &spec.secrets {
        self::name(name, problems);
        source(name, secret, problems);
        if let Some(generate) = &secret.generate {
            generation(name, generate, problems);
        }
        readers(name, secret, problems);
        if let Some(rotation) = &secret.rotation {
            self::rotation(name, rotation, problems);
        }
        if let Some(own) = &secret.replicas {
            replicas(spec, &["secrets", name, "replicas"], own, problems);
        }
    }
    replicas(spec, &["replicas"], &spec.replicas, problems);
    for name in spec.values_wo.keys() {
        let takes = |secret: &Secret| secret.value_version.is_some();
        match spec.secrets.get(name) {
            Some(secret) if takes(secret) => {}
            Some(_) => problems.error(
                ["values_wo", name],
                format!("the secret {name:?} takes no value from here"),
                format!("Give it `value_version = 1` in `secrets`, in place of what it says now, or take {name} out of values_wo."),
            ),
            None => problems.error(
                ["values_wo", name],
                format!("there is no secret {name:?}"),
                format!("Add `{name} = {{ value_version = 1 }}` to `secrets`, or take it out of values_wo."),
            ),
        }
    }
    if !spec.force_delete && spec.encryption.deletion_window_days < spec.recovery_window_days {
        problems.error(
            ["encryption", "deletion_window_days"],
            "the key would be gone while deleted secrets can still be had back",
            format!(
                "A restored secret can't be read without its key: at least {} days, or a shorter `recovery_window_days`.",
                spec.recovery_window_days
            ),
        );
    }
}

/// Finds values that are about to be written and can't be: none, an empty one, one that is too long.
pub(super) fn values(
    spec: &Secrets,
    plan: &Plan,
    given: &dyn Fn(&str, &str) -> Given,
    problems: &mut Problems,
) {
    for (name, secret) in &spec.secrets {
        let address = address(name);
        let action = plan.steps.get(&address).map(|step| &step.action);
        let (Some(version), Some(action)) = (secret.value_version, action) else {
            continue;
        };
        let why = match action {
            Action::Create | Action::Replace { .. } => "is about to be created".to_owned(),
            Action::Update { changed } if changed.iter().any(|property| property == "Value") => {
                format!("does not have value {version} yet, which `value_version` asks for")
            }
            _ => continue,
        };
        let mut refuse = |summary: &str, advice: &str| {
            problems.error(
                ["values_wo", name],
                format!("{summary} for {address}"),
                format!("It {why}: {advice}"),
            );
        };
        match given(VALUES, name) {
            Given::Nothing => refuse(
                "no value is given",
                &format!("add {name} to {VALUES}. Once it is written, it need not be given again."),
            ),
            Given::Bytes(0) => refuse(
                "an empty value is given",
                "Secrets Manager takes none. Look at where the value comes from.",
            ),
            Given::Bytes(bytes) if bytes > MOST_BYTES => refuse(
                "too long a value is given",
                &format!(
                    "Secrets Manager takes {MOST_BYTES} bytes at most. Keep what is longer in a bucket."
                ),
            ),
            Given::Bytes(_) | Given::Later => {}
        }
    }
}

/// Whether a value that decides which parts there are is not known yet.
pub(super) fn is_open(spec: &Secrets) -> bool {
    [&spec.name]
        .into_iter()
        .chain(&spec.region)
        .any(|text| is_unknown_text(text))
}

fn name(name: &str, problems: &mut Problems) {
    let inside = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    let sound = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(inside)
        && name.len() <= LONGEST_NAME;
    if !sound {
        problems.error(
            ["secrets", name],
            format!("{name:?} can't be the name of a secret"),
            format!("A name has 1 to {LONGEST_NAME} lowercase letters, digits, hyphens and underscores, and starts with a letter."),
        );
    }
}

fn source(name: &str, secret: &Secret, problems: &mut Problems) {
    let said = [
        ("value_version", secret.value_version.is_some()),
        ("generate", secret.generate.is_some()),
        ("external", secret.external),
    ];
    let said: Vec<&str> = said
        .into_iter()
        .filter(|(_, said)| *said)
        .map(|(word, _)| word)
        .collect();
    match said[..] {
        [_] => {}
        [] => problems.error(
            ["secrets", name],
            "nothing says where its value comes from",
            "Write one of: `value_version = 1` with the value in `values_wo`; `generate = {}`; `external = true` where others set it.",
        ),
        _ => problems.error(
            ["secrets", name],
            format!("its value comes from {} at once", said.join(" and ")),
            "Keep one of them.",
        ),
    }
}

fn generation(name: &str, generate: &Generate, problems: &mut Problems) {
    if !generated(generate).recipe().is_possible() {
        problems.error(
            ["secrets", name, "generate"],
            "no text fits",
            "No character is left to draw from: allow one more class, or exclude less.",
        );
    }
    match &generate.json_key {
        None if !generate.json_fields.is_empty() => problems.error(
            ["secrets", name, "generate", "json_fields"],
            "there is no key for the value among them",
            "Set `json_key`, under which the generated value goes, or take `json_fields` out.",
        ),
        Some(key) if generate.json_fields.contains_key(key) => problems.error(
            ["secrets", name, "generate", "json_fields"],
            format!("{key:?} is the key of the generated value"),
            "Take it out, or choose another `json_key`.",
        ),
        _ => {}
    }
}

fn readers(name: &str, secret: &Secret, problems: &mut Problems) {
    if secret.policy.is_some() && !secret.readers.is_empty() {
        problems.error(
            ["secrets", name, "policy"],
            "a policy and readers at once",
            "A secret has one resource policy: name the readers in it, or use `readers` alone.",
        );
    }
    if let Some(text) = &secret.policy
        && !is_unknown_text(text)
        && !serde_json::from_str::<serde_json::Value>(text).is_ok_and(|policy| policy.is_object())
    {
        problems.error(
            ["secrets", name, "policy"],
            "it is no policy document",
            "Write it with jsonencode({ Version = \"2012-10-17\", Statement = [...] }).",
        );
    }
    for reader in &secret.readers {
        let account = reader.len() == 12 && reader.chars().all(|c| c.is_ascii_digit());
        let arn =
            reader.starts_with("arn:") && (reader.contains(":iam::") || reader.contains(":sts::"));
        if !is_unknown_text(reader) && !account && !arn {
            problems.error(
                ["secrets", name, "readers"],
                format!("{reader:?} is nobody who can read"),
                "A reader is the ARN of a role or user, or the 12 digits of an account. Example: arn:aws:iam::123456789012:role/shop.",
            );
        }
    }
}

fn rotation(name: &str, rotation: &Rotation, problems: &mut Problems) {
    let at = |last: &'static str| ["secrets", name, "rotation", last];
    let arn = &rotation.lambda_arn;
    let is_function = arn.starts_with("arn:") && arn.contains(":lambda:");
    if !is_unknown_text(arn) && !is_function {
        problems.error(
            at("lambda_arn"),
            format!("{arn:?} is not the ARN of a Lambda function"),
            "It looks like arn:aws:lambda:eu-central-1:123456789012:function:rotate.",
        );
    }
    match (rotation.every_days, &rotation.schedule) {
        (None, None) => problems.error(
            at("every_days"),
            "nothing says when it rotates",
            "Write `every_days`, or a `schedule`.",
        ),
        (Some(_), Some(_)) => problems.error(
            at("schedule"),
            "every_days and a schedule at once",
            "Keep one of them.",
        ),
        (None, Some(text))
            if !is_unknown_text(text)
                && !((text.starts_with("rate(") || text.starts_with("cron("))
                    && text.ends_with(')')) =>
        {
            problems.error(
                at("schedule"),
                format!("{text:?} is no schedule"),
                "It looks like rate(10 days) or cron(0 8 1 * ? *), in UTC.",
            );
        }
        _ => {}
    }
}

fn replicas(
    spec: &Secrets,
    path: &[&str],
    replicas: &BTreeMap<String, Replica>,
    problems: &mut Problems,
) {
    for (region, replica) in replicas {
        let at = || path.iter().copied().chain([region.as_str()]);
        if spec.region.as_ref() == Some(region) {
            problems.error(
                at(),
                "the secrets are in this region already",
                "A copy is in another region: take this one out.",
            );
        }
        if let Some(arn) = &replica.kms_key_arn
            && !is_unknown_text(arn)
            && !arn.contains(&format!(":kms:{region}:"))
        {
            problems.error(
                at().chain(["kms_key_arn"]),
                format!("{arn:?} is not the ARN of a key in {region}"),
                "A copy is encrypted with a key of its own region.",
            );
        }
    }
}
