//! Versions of database engines as policies: what `auto` stands for, what AWS offers, and where a database can go from what it runs.
//!
//! # Flow
//! Before the expansion `auto` is [settled](Policy::settle): it is the major version of what is live, else the one that the ledger keeps,
//! else that of AWS's default version, which the ledger keeps from then on. Before anything changes, every other policy is
//! [judged](Policy::judge) by what AWS offers and by what is live.
//!
//! # Guarantees
//! - `auto` asks for no change of what is live, whoever upgraded it, and keeps to the parameters of its major version.
//! - An older version, one that AWS does not offer and one that it does not upgrade to are errors of the plan. Another major version
//!   is an error without the store's leave, and a warning with it.
//!
//! # Caveats
//! An answer that is missing, because a permission is, leaves its question out: AWS then decides, later.

use std::borrow::Cow;

use platform_graph::{Call, Problems};
use platform_kinds::rds::version::{self, Change};
use serde_json::Value;

use crate::{Ledger, Question, Setting};

/// The policy that leaves the version to AWS.
pub(super) const AUTO: &str = "auto";

/// An engine as RDS and DocumentDB know it.
#[derive(Debug)]
pub(super) struct Catalogue {
    /// The service that is asked.
    pub service: &'static str,
    /// Its word for the engine.
    pub engine: &'static str,
    /// Under which name the answer with its default version is found.
    default: &'static str,
    /// Under which name the answer with all its versions is found.
    offers: &'static str,
}

macro_rules! catalogue {
    ($name:ident, $service:literal, $engine:literal) => {
        #[doc = concat!("The engine `", $engine, "`.")]
        pub(super) const $name: Catalogue = Catalogue {
            service: $service,
            engine: $engine,
            default: concat!("version/default/", $engine),
            offers: concat!("version/offers/", $engine),
        };
    };
}

catalogue!(POSTGRES, "rds", "postgres");
catalogue!(MYSQL, "rds", "mysql");
catalogue!(AURORA_POSTGRES, "rds", "aurora-postgresql");
catalogue!(AURORA_MYSQL, "rds", "aurora-mysql");
catalogue!(DOCDB, "docdb", "docdb");

impl Catalogue {
    /// Asks for the version that AWS takes when nobody chooses one.
    pub fn ask_default(&self) -> Question {
        let call = Call::new(self.service, "DescribeDBEngineVersions")
            .with("Engine", self.engine)
            .with("DefaultOnly", true);
        optional(self.default, call)
    }

    /// Asks for all versions, those that AWS takes no new databases of among them: one of these may be live.
    pub fn ask_offers(&self) -> Question {
        let call = Call::new(self.service, "DescribeDBEngineVersions").with("Engine", self.engine);
        let call = match self.service {
            "rds" => call.with("IncludeAll", true),
            _ => call,
        };
        optional(self.offers, call)
    }

    fn versions<'a>(
        &'a self,
        setting: &'a Setting,
        answer: &str,
    ) -> impl Iterator<Item = &'a Value> + use<'a> {
        let answer = setting.answers.get(answer);
        let versions = answer.and_then(|answer| answer.get("DBEngineVersions"));
        versions
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter(|version| version["Engine"] == self.engine)
    }
}

/// A list of what is live.
#[derive(Debug)]
pub(super) struct Listing {
    /// Under which name the answer is found.
    answer: &'static str,
    service: &'static str,
    action: &'static str,
    list: &'static str,
    name: &'static str,
}

/// The instances of RDS.
pub(super) const INSTANCES: Listing = Listing {
    answer: "live/instances",
    service: "rds",
    action: "DescribeDBInstances",
    list: "DBInstances",
    name: "DBInstanceIdentifier",
};
/// The clusters of RDS and Aurora.
pub(super) const CLUSTERS: Listing = Listing {
    answer: "live/clusters",
    service: "rds",
    action: "DescribeDBClusters",
    list: "DBClusters",
    name: "DBClusterIdentifier",
};
/// The clusters of DocumentDB.
pub(super) const DOCUMENT_CLUSTERS: Listing = Listing {
    answer: "live/document-clusters",
    service: "docdb",
    ..CLUSTERS
};

/// The instances of DocumentDB.
pub(super) const DOCUMENT_INSTANCES: Listing = Listing {
    answer: "live/document-instances",
    service: "docdb",
    ..INSTANCES
};

impl Listing {
    /// What is live, as far as AWS told.
    pub fn of<'a>(&self, setting: &'a Setting) -> impl Iterator<Item = &'a Value> + use<'a> {
        let answer = setting.answers.get(self.answer);
        let live = answer.and_then(|answer| answer.get(self.list));
        live.and_then(Value::as_array).into_iter().flatten()
    }

    /// The name of something live.
    pub fn name_of<'a>(&self, item: &'a Value) -> &'a str {
        item[self.name].as_str().unwrap_or_default()
    }

    /// Whether something live has this name.
    pub fn names(&self, item: &Value, name: &str) -> bool {
        self.name_of(item).eq_ignore_ascii_case(name)
    }

    /// Asks for the list.
    pub fn ask(&self) -> Question {
        optional(self.answer, Call::new(self.service, self.action))
    }
}

/// A question without which planning goes on.
pub(super) fn optional(key: impl Into<Cow<'static, str>>, call: Call) -> Question {
    Question {
        key: key.into(),
        call,
        required: false,
    }
}

/// The questions, each of them once.
pub(super) fn distinct(questions: impl IntoIterator<Item = Question>) -> Vec<Question> {
    let mut distinct: Vec<Question> = Vec::new();
    for question in questions {
        if distinct.iter().all(|other| other.key != question.key) {
            distinct.push(question);
        }
    }
    distinct
}

/// What a store asks for, and where to look for what it is about.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    /// Path of the store in the configuration: `postgres`, `orders`.
    pub path: [&'a str; 2],
    /// Its address.
    pub address: String,
    /// Its name in AWS.
    pub identifier: String,
    /// What it asks for.
    pub asked: &'a str,
    /// Whether it may be brought to another major version.
    pub allowed: bool,
    /// Whether a copy is upgraded, which then takes its place.
    pub by_copy: bool,
    /// What goes with an upgrade to another major version, as a sentence that ends; empty for nothing.
    pub major: &'static str,
    /// The engine.
    pub catalogue: Catalogue,
    /// Where it is found when it is live.
    pub listing: Listing,
}

impl Policy<'_> {
    fn key(&self) -> String {
        format!("{}/version", self.address)
    }

    /// What has to be asked before it can be settled.
    pub fn questions(&self, ledger: &Ledger) -> Vec<Question> {
        if self.asked != AUTO {
            return Vec::new();
        }
        let default = self.catalogue.ask_default();
        let is_kept = ledger.0.contains_key(&self.key());
        let default = (!is_kept).then_some(default);
        default.into_iter().chain([self.listing.ask()]).collect()
    }

    /// What has to be asked before it can be judged.
    pub fn preflight_questions(&self) -> Vec<Question> {
        if self.asked == AUTO {
            return Vec::new();
        }
        vec![self.catalogue.ask_offers(), self.listing.ask()]
    }

    /// The version that is live.
    fn live<'s>(&self, setting: &'s Setting) -> Option<&'s str> {
        let is_it = |item: &&Value| {
            item["Engine"] == self.catalogue.engine && self.listing.names(item, &self.identifier)
        };
        self.listing.of(setting).find(is_it)?["EngineVersion"].as_str()
    }

    /// The version to expand with; `None` when `problems` got an error.
    pub fn settle(
        &self,
        setting: &Setting,
        ledger: &mut Ledger,
        problems: &mut Problems,
    ) -> Option<String> {
        if self.asked != AUTO {
            ledger.0.remove(&self.key());
            return Some(self.asked.to_owned());
        }
        let default = || {
            let mut versions = self.catalogue.versions(setting, self.catalogue.default);
            versions.find_map(|version| version["EngineVersion"].as_str())
        };
        let live = self.live(setting).map(version::major);
        let kept = || ledger.0.get(&self.key()).cloned();
        let Some(settled) = live.or_else(kept).or_else(|| default().map(version::major)) else {
            problems.error(
                self.path.into_iter().chain(["version"]),
                format!("AWS did not say which version of {} is its default", self.catalogue.engine),
                "Write the version, or give whoever plans the permission rds:DescribeDBEngineVersions.",
            );
            return None;
        };
        ledger.0.insert(self.key(), settled.clone());
        Some(settled)
    }

    /// Finds what AWS would refuse, and says what can't be taken back.
    pub fn judge(&self, setting: &Setting, creates: bool, problems: &mut Problems) {
        if self.asked == AUTO {
            return;
        }
        if creates {
            self.judge_offer(setting, problems);
        } else if let Some(live) = self.live(setting) {
            self.judge_change(live, setting, problems);
        }
    }

    fn judge_offer(&self, setting: &Setting, problems: &mut Problems) {
        let offers: Vec<&str> = self
            .catalogue
            .versions(setting, self.catalogue.offers)
            .filter(|version| version["Status"].as_str().unwrap_or("available") == "available")
            .filter_map(|version| version["EngineVersion"].as_str())
            .collect();
        if !offers.is_empty() && !offers.iter().any(|offer| self.is_met_by(offer)) {
            let engine = self.catalogue.engine;
            problems.error(
                self.path.into_iter().chain(["version"]),
                format!(
                    "AWS offers no version {} of {engine} in {}",
                    self.asked, setting.owner.region
                ),
                format!("It offers {}.", self.alternatives(&offers)),
            );
        }
    }

    fn judge_change(&self, live: &str, setting: &Setting, problems: &mut Problems) {
        let Policy { address, asked, .. } = self;
        let at = |argument: &'static str| self.path.into_iter().chain([argument]);
        let change = version::change(live, asked);
        match change {
            Change::None => return,
            Change::Older => {
                problems.error(
                    at("version"),
                    format!("{address} runs {live}, and {asked} is older"),
                    format!(
                        "No database can be taken back to an older version. Write version = {:?} or \"auto\"; or restore a backup of \
                         that version as another database.",
                        version::major(live)
                    ),
                );
                return;
            }
            Change::Minor | Change::Major => {}
        }
        let mut versions = self.catalogue.versions(setting, self.catalogue.offers);
        let targets = versions
            .find(|version| version["EngineVersion"] == live)
            .and_then(|version| version["ValidUpgradeTarget"].as_array());
        if let Some(targets) = targets {
            let targets: Vec<&str> = targets
                .iter()
                .filter_map(|target| target["EngineVersion"].as_str())
                .collect();
            if !targets.iter().any(|target| self.is_met_by(target)) {
                problems.error(
                    at("version"),
                    format!("{address} runs {live}, which can't be upgraded to {asked}"),
                    match &targets[..] {
                        [] => format!(
                            "AWS upgrades {live} to nothing in {}.",
                            setting.owner.region
                        ),
                        targets => format!(
                            "From {live} AWS goes to {}. Further upgrades can follow.",
                            targets.join(", ")
                        ),
                    },
                );
                return;
            }
        }
        match change {
            Change::Major if self.allowed && self.by_copy => problems.warning(
                at("version"),
                format!(
                    "{address} is upgraded from {live} to {asked}, another major version, by a blue/green deployment"
                ),
                format!(
                    "It begins at once, whatever the maintenance window. A copy is made, upgraded and kept in step, which can take hours and \
                     costs as much again while it is there; then it takes over, and nobody can write for a minute or so. What was created in \
                     the database meanwhile, tables and roles say, makes AWS refuse that. Afterwards resource_id is another one, which \
                     policies for rds-db:connect name.{}",
                    self.major
                ),
            ),
            Change::Major if self.allowed => problems.warning(
                at("version"),
                format!("{address} is upgraded from {live} to {asked}, another major version"),
                format!(
                    "It can't be taken back. The upgrade happens at once, whatever the maintenance window, and nobody can connect until it \
                     is through; with automated backups AWS takes a snapshot first.{}",
                    self.major
                ),
            ),
            Change::Major => problems.error(
                at("allow_major_upgrade"),
                format!("{address} runs {live}, and {asked} is another major version"),
                format!(
                    "Such an upgrade can't be taken back, interrupts service for minutes and may break what connects: try it on a copy. \
                     Then write allow_major_upgrade = true; or keep version = {:?}.",
                    version::major(live)
                ),
            ),
            _ => {}
        }
    }

    /// Whether a version is what is asked for: a full version is meant as it is, a major one is any of its minor ones.
    fn is_met_by(&self, offer: &str) -> bool {
        match version::major(self.asked) == self.asked {
            true => version::satisfies(offer, self.asked),
            false => offer == self.asked,
        }
    }

    /// The minor versions of the major version that is asked for; where there are none, the major versions.
    fn alternatives(&self, offers: &[&str]) -> String {
        let major = version::major(self.asked);
        let mut near: Vec<String> = offers
            .iter()
            .filter(|offer| version::major(offer) == major)
            .map(|offer| (*offer).to_owned())
            .collect();
        if near.is_empty() {
            near = offers.iter().map(|offer| version::major(offer)).collect();
        }
        near.sort_by(|one, other| version::compare(one, other));
        near.dedup();
        near.join(", ")
    }

    /// What leads from what is live to what is asked for; none for a store that is not live.
    pub fn change(&self, setting: &Setting) -> Option<Change> {
        Some(version::change(self.live(setting)?, self.asked))
    }
}
