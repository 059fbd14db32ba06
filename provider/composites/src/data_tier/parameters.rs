//! Names of parameters and options: AWS knows which there are in a family, and refuses every other one when it is to be set.
//!
//! # Guarantees
//! Refused is what AWS lists nowhere for the family, and what it lists as not to be changed; nothing else.
//!
//! # Caveats
//! - An answer that is missing, because a permission is, leaves its question out, and so does one that lists nothing.
//! - Of a version `auto` the family is not known yet when AWS is asked: AWS judges its names itself, later.
//! - Values are AWS's to judge: many bounds are formulas over the class of the instance.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEngineDefaultParameters.html>.

use std::collections::BTreeMap;

use platform_graph::{Call, Problems};
use platform_kinds::rds::version;
use serde_json::Value;

use super::relational::{self, Engine};
use super::spec::{CacheMode, DataTier, Relational};
use super::versions::{AUTO, optional};
use super::{caches, documents};
use crate::schema::is_unknown_text;
use crate::{Question, Setting};

/// How many names are few enough to list them all.
const FEW: usize = 12;

/// Where AWS lists the parameters of a family.
#[derive(Debug, Clone, Copy)]
struct Source {
    /// How the name of the answer begins.
    answer: &'static str,
    service: &'static str,
    action: &'static str,
    /// The argument that names the family.
    family: &'static str,
}

const INSTANCES: Source = Source {
    answer: "parameters/instance",
    service: "rds",
    action: "DescribeEngineDefaultParameters",
    family: "DBParameterGroupFamily",
};
const CLUSTERS: Source = Source {
    answer: "parameters/cluster",
    action: "DescribeEngineDefaultClusterParameters",
    ..INSTANCES
};
const DOCUMENTS: Source = Source {
    answer: "parameters/documents",
    service: "docdb",
    ..CLUSTERS
};
const CACHES: Source = Source {
    answer: "parameters/cache",
    service: "elasticache",
    family: "CacheParameterGroupFamily",
    ..INSTANCES
};

impl Source {
    fn answer(&self, family: &str) -> String {
        format!("{}/{family}", self.answer)
    }

    fn ask(&self, family: &str) -> Question {
        let call = Call::new(self.service, self.action).with(self.family, family);
        optional(self.answer(family), call)
    }

    /// The parameters of a family by name, each with whether it can be changed; none where AWS did not tell.
    fn of<'a>(&self, setting: &'a Setting, family: &str) -> BTreeMap<&'a str, bool> {
        let Some(answer) = setting.answers.get(&self.answer(family)) else {
            return BTreeMap::new();
        };
        // Those whose default goes by the type of the node are a list of their own.
        ["Parameters", "CacheNodeTypeSpecificParameters"]
            .into_iter()
            .filter_map(|list| answer["EngineDefaults"][list].as_array())
            .flatten()
            .filter_map(|item| named(item, "ParameterName"))
            .collect()
    }
}

/// The name of an item of a list, and whether it can be changed.
fn named<'a>(item: &'a Value, member: &str) -> Option<(&'a str, bool)> {
    Some((item[member].as_str()?, item["IsModifiable"] != false))
}

/// The parameters that a store asks for.
struct Asked<'a> {
    path: [&'a str; 2],
    family: String,
    /// A parameter of a cluster may be listed as one of its instances.
    sources: &'static [Source],
    parameters: &'a BTreeMap<String, String>,
}

fn asked(tier: &DataTier) -> Vec<Asked<'_>> {
    let relational = relational::all(tier).into_iter().flat_map(|(engine, all)| {
        all.iter().map(move |(name, spec)| Asked {
            path: [engine.sort(), name],
            family: if spec.version == AUTO {
                String::new()
            } else {
                engine.family(spec)
            },
            sources: match spec.topology.is_cluster() {
                true => &[CLUSTERS, INSTANCES],
                false => &[INSTANCES],
            },
            parameters: &spec.parameters,
        })
    });
    let documents = tier.documents.iter().map(|(name, spec)| Asked {
        path: ["documents", name],
        family: if spec.version == AUTO {
            String::new()
        } else {
            documents::family(spec)
        },
        sources: &[DOCUMENTS],
        parameters: &spec.parameters,
    });
    let caches = tier.caches.iter().map(|(name, spec)| Asked {
        path: ["caches", name],
        family: if spec.version.as_deref() == Some(AUTO) {
            String::new()
        } else {
            caches::family(spec)
        },
        sources: match spec.mode {
            CacheMode::Serverless => &[],
            _ => &[CACHES],
        },
        parameters: &spec.parameters,
    });
    relational
        .chain(documents)
        .chain(caches)
        .filter(|asked| !asked.parameters.is_empty() && !asked.family.is_empty())
        .collect()
}

/// The MySQL databases with options, of which the major version is known.
fn with_options(tier: &DataTier) -> impl Iterator<Item = (&String, &Relational, String)> {
    tier.mysql
        .iter()
        .filter(|(_, spec)| !spec.options.is_empty() && spec.version != AUTO)
        .map(|(name, spec)| (name, spec, version::major(&spec.version)))
}

fn options_answer(major: &str) -> String {
    format!("options/mysql/{major}")
}

/// What has to be asked before names can be judged.
pub(super) fn questions(tier: &DataTier) -> Vec<Question> {
    let parameters = asked(tier).into_iter().flat_map(|asked| {
        let ask = |source: &Source| source.ask(&asked.family);
        asked.sources.iter().map(ask).collect::<Vec<_>>()
    });
    let options = with_options(tier).map(|(_, spec, major)| {
        let call = Call::new("rds", "DescribeOptionGroupOptions")
            .with("EngineName", Engine::MySql.name(spec.topology))
            .with("MajorEngineVersion", &major);
        optional(options_answer(&major), call)
    });
    parameters.chain(options).collect()
}

/// Finds names that AWS would refuse.
pub(super) fn preflight(tier: &DataTier, setting: &Setting, problems: &mut Problems) {
    for asked in asked(tier) {
        let mut known: BTreeMap<&str, bool> = BTreeMap::new();
        let lists = asked.sources.iter();
        let lists: Vec<_> = lists
            .map(|source| source.of(setting, &asked.family))
            .collect();
        if lists.is_empty() || lists.iter().any(BTreeMap::is_empty) {
            continue;
        }
        for (name, modifiable) in lists.into_iter().flatten() {
            *known.entry(name).or_default() |= modifiable;
        }
        let [sort, store] = asked.path;
        for name in asked.parameters.keys() {
            let what = format!("the parameters of {}", asked.family);
            let at = [sort, store, "parameters", name];
            judge(&at, name, &what, &known, problems);
        }
    }
    options(tier, setting, problems);
}

fn options(tier: &DataTier, setting: &Setting, problems: &mut Problems) {
    for (store, spec, major) in with_options(tier) {
        let listed: BTreeMap<&str, &Value> = setting
            .answers
            .get(&options_answer(&major))
            .and_then(|answer| answer["OptionGroupOptions"].as_array())
            .into_iter()
            .flatten()
            .filter_map(|option| Some((option["Name"].as_str()?, option)))
            .collect();
        if listed.is_empty() {
            continue;
        }
        let known = listed.keys().map(|name| (*name, true)).collect();
        for (name, option) in &spec.options {
            let at = ["mysql", store, "options", name];
            let what = format!("the options of MySQL {major}");
            judge(&at, name, &what, &known, problems);
            let settings: BTreeMap<&str, bool> = listed
                .get(name.as_str())
                .and_then(|option| option["OptionGroupOptionSettings"].as_array())
                .into_iter()
                .flatten()
                .filter_map(|item| named(item, "SettingName"))
                .collect();
            for key in option.settings.keys().filter(|_| !settings.is_empty()) {
                let at = ["mysql", store, "options", name, "settings", key];
                let what = format!("the settings of {name}");
                judge(&at, key, &what, &settings, problems);
            }
        }
    }
}

/// Judges one name by those that AWS knows.
fn judge(
    at: &[&str],
    name: &str,
    what: &str,
    known: &BTreeMap<&str, bool>,
    problems: &mut Problems,
) {
    if is_unknown_text(name) {
        return;
    }
    // AWS looks at no more than that, where it looks at the case of letters at all.
    match known
        .iter()
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
    {
        Some((_, true)) => {}
        Some((_, false)) => problems.error(
            at.iter().copied(),
            format!("AWS lets nobody change {name:?}"),
            format!("It is among {what} and has a fixed value: leave it out."),
        ),
        None => {
            let close = closest(name, known.keys().copied());
            let advice = match &close[..] {
                [] if known.len() <= FEW => {
                    let all: Vec<&str> = known.keys().copied().collect();
                    format!("There are {}.", all.join(", "))
                }
                [] => format!(
                    "None of the {} there are is called much like it.",
                    known.len()
                ),
                close => format!("Called much like it: {}.", close.join(", ")),
            };
            problems.error(
                at.iter().copied(),
                format!("{name:?} is not among {what}"),
                advice,
            );
        }
    }
}

/// The names that are written most like one, three at most: those within a third of its letters, and those that begin with it.
fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let most = (name.chars().count() / 3).max(2);
    let mut close: Vec<(usize, &str)> = known
        .map(|other| (distance(name, other), other))
        .filter(|(distance, other)| *distance <= most || other.starts_with(name))
        .collect();
    close.sort_unstable();
    close.into_iter().take(3).map(|(_, other)| other).collect()
}

/// How many letters have to be put in, left out or exchanged to make one name of the other, in whatever case. Hyphens, underscores and
/// dots are alike.
fn distance(one: &str, other: &str) -> usize {
    let letters = |text: &str| -> Vec<char> {
        text.chars()
            .map(|letter| match letter {
                '-' | '.' => '_',
                letter => letter.to_ascii_lowercase(),
            })
            .collect()
    };
    let (one, other) = (letters(one), letters(other));
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (nth, letter) in one.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = nth + 1;
        for (at, wanted) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != wanted);
            diagonal = row[at + 1];
            row[at + 1] = exchanged.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_close_that_differ_by_a_slip() {
        let known = ["work_mem", "maintenance_work_mem", "wal_level", "timeout"];
        for (name, expected) in [
            ("work-mem", vec!["work_mem"]),
            ("workmem", vec!["work_mem"]),
            ("WAL_LEVELS", vec!["wal_level"]),
            ("shared_buffers", vec![]),
        ] {
            assert_eq!(closest(name, known.into_iter()), expected, "{name}");
        }
        for (one, other, expected) in [("", "abc", 3), ("abc", "abc", 0), ("abcd", "abxd", 1)] {
            assert_eq!(distance(one, other), expected);
            assert_eq!(distance(other, one), expected);
        }
    }
}
