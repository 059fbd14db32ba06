//! Whether RDS and DocumentDB have the classes of instances that a tier asks for: a class is to be had for some versions, types of
//! storage and zones, and not for all.
//!
//! # Guarantees
//! What is live and keeps its class is not judged: AWS goes on with classes that it no longer sells.
//!
//! # Caveats
//! An answer that is missing, because a permission is, leaves its question out, and one that lists nothing is a warning: not everything
//! that speaks AWS's interface knows what AWS has to offer.
//!
//! See <https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html>.

use std::collections::BTreeSet;

use platform_graph::{Call, Part, Problems};
use platform_kinds::rds::version;
use serde_json::Value;

use super::frame::{self, Frame};
use super::spec::DataTier;
use super::versions::{CLUSTERS, DOCDB, DOCUMENT_INSTANCES, INSTANCES, Listing, optional};
use super::{documents, relational};
use crate::{Expansion, Question, Setting};

/// As many options as RDS lists in one answer.
const PAGE: u32 = 1000;
/// As many options as DocumentDB lists in one answer.
const DOCUMENTS_PAGE: u32 = 100;

/// The class of instances without one.
const SERVERLESS: &str = "db.serverless";

fn answer(engine: &str, class: &str) -> String {
    format!("orderable/{engine}/{class}")
}

/// What has to be asked before classes can be judged.
pub(super) fn questions(tier: &DataTier) -> Vec<Question> {
    let ask = |service: &'static str, engine: &str, class: &str, page: u32| {
        let call = Call::new(service, "DescribeOrderableDBInstanceOptions")
            .with("Engine", engine)
            .with("DBInstanceClass", class)
            .with("MaxRecords", page);
        optional(answer(engine, class), call)
    };
    let relational: BTreeSet<(&str, String)> = relational::classes(tier).collect();
    let documents: BTreeSet<String> = documents::classes(tier).collect();
    let mut questions: Vec<Question> = relational
        .iter()
        .map(|(engine, class)| ask("rds", engine, class, PAGE))
        .collect();
    questions.extend((!relational.is_empty()).then(|| INSTANCES.ask()));
    let of_documents = |class: &String| ask(DOCDB.service, DOCDB.engine, class, DOCUMENTS_PAGE);
    questions.extend(documents.iter().map(of_documents));
    questions.extend((!documents.is_empty()).then(|| DOCUMENT_INSTANCES.ask()));
    questions
}

/// What is to be had from AWS: an instance, or a cluster that brings its own.
struct Order<'a> {
    address: &'a str,
    part: &'a Part,
    /// The part with engine and version.
    store: &'a Part,
    engine: &'a str,
    class: &'a str,
    is_cluster: bool,
    creates: bool,
}

fn text<'a>(part: &'a Part, property: &str) -> Option<&'a str> {
    part.properties.get(property)?.as_str()
}

impl<'a> Order<'a> {
    fn of(
        address: &'a str,
        expansion: &'a Expansion,
        setting: &Setting,
        creates: &dyn Fn(&str) -> bool,
    ) -> Option<Self> {
        let part = &expansion.graph.parts[address];
        let (listing, class, name) = match part.kind {
            "AWS::RDS::DBInstance" => (&INSTANCES, "DBInstanceClass", "DBInstanceIdentifier"),
            "AWS::RDS::DBCluster" => (&CLUSTERS, "DBClusterInstanceClass", "DBClusterIdentifier"),
            "AWS::DocDB::DBInstance" => (
                &DOCUMENT_INSTANCES,
                "DBInstanceClass",
                "DBInstanceIdentifier",
            ),
            _ => return None,
        };
        let asked = text(part, class)?;
        let creates = creates(address);
        let live = || live(listing, text(part, name)?, class, setting);
        if !creates && live().is_none_or(|live| live == asked) {
            return None;
        }
        let store: Vec<&str> = address.split('/').take(2).collect();
        let store = expansion.graph.parts.get(&store.join("/"))?;
        Some(Order {
            address,
            part,
            store,
            engine: text(store, "Engine").unwrap_or(DOCDB.engine),
            class: asked,
            is_cluster: part.kind == "AWS::RDS::DBCluster",
            creates,
        })
    }

    /// Whether an option is for the version that is asked for.
    fn fits(&self, option: &Value) -> bool {
        let (Some(asked), Some(offered)) = (
            text(self.store, "EngineVersion"),
            option["EngineVersion"].as_str(),
        ) else {
            return true;
        };
        // A new database gets exactly the version that is named in full.
        match self.creates && version::major(asked) != asked {
            true => offered == asked,
            false => version::satisfies(offered, asked),
        }
    }

    fn is_multi_az(&self) -> bool {
        self.part.properties.get("MultiAZ") == Some(&Value::Bool(true))
    }

    /// Whether IAM identities are to connect with tokens.
    fn takes_tokens(&self) -> bool {
        let [own, of_store] = [self.part, self.store]
            .map(|part| part.properties.get("EnableIAMDatabaseAuthentication"));
        own.or(of_store) == Some(&Value::Bool(true))
    }

    /// In how many zones the class has to be.
    fn zones(&self) -> usize {
        match (self.is_cluster, self.is_multi_az()) {
            (true, _) => 3,
            (false, true) => 2,
            (false, false) => 1,
        }
    }
}

/// The class of what is live.
fn live<'a>(listing: &Listing, name: &str, class: &str, setting: &'a Setting) -> Option<&'a str> {
    let mut live = listing.of(setting);
    live.find(|item| listing.names(item, name))?[class].as_str()
}

/// Finds classes that are not to be had.
pub(super) fn preflight(
    frame: &Frame<'_>,
    expansion: &Expansion,
    creates: &dyn Fn(&str) -> bool,
    problems: &mut Problems,
) {
    let parts = expansion.graph.parts.keys();
    let orders = parts.filter_map(|address| Order::of(address, expansion, frame.setting, creates));
    for order in orders {
        judge(frame, &order, problems);
    }
}

fn judge(frame: &Frame<'_>, order: &Order<'_>, problems: &mut Problems) {
    let Order {
        address,
        engine,
        class,
        ..
    } = order;
    let answer = frame.setting.answers.get(&answer(engine, class));
    let Some(options) = answer
        .and_then(|answer| answer.get("OrderableDBInstanceOptions"))
        .and_then(Value::as_array)
    else {
        return;
    };
    let region = &frame.setting.owner.region;
    let at = || {
        let place = frame::place(address).into_iter();
        let argument = (*class != SERVERLESS).then(|| "instance_class".to_owned());
        place.chain(argument)
    };
    if options.is_empty() {
        problems.warning(
            at(),
            format!("AWS lists no {class} of {engine} in {region}"),
            format!(
                "It may refuse {address}. `aws rds describe-orderable-db-instance-options --engine {engine}` lists what there is; name one of \
                 these in `instance_class`."
            ),
        );
        return;
    }
    let words = |property: &str, options: &[&Value]| -> Vec<String> {
        let words: BTreeSet<&str> = options
            .iter()
            .filter_map(|option| option[property].as_str())
            .collect();
        words.into_iter().map(str::to_owned).collect()
    };
    let mut error = |what: String, hint: String| {
        problems.error(at(), format!("{address} can't have {class}: {what}"), hint);
    };

    let all: Vec<&Value> = options.iter().collect();
    let left: Vec<&Value> = all
        .iter()
        .copied()
        .filter(|option| order.fits(option))
        .collect();
    if left.is_empty() {
        let mut versions: Vec<String> = words("EngineVersion", &all);
        versions.sort_by(|one, other| version::compare(one, other));
        let asked = text(order.store, "EngineVersion").unwrap_or_default();
        if version::major(asked) == asked {
            versions = versions
                .iter()
                .map(|version| version::major(version))
                .collect();
            versions.dedup();
        }
        return error(
            format!("AWS does not have it for version {asked} of {engine} in {region}"),
            format!(
                "It has it for {}. Choose another class, or one of these versions.",
                versions.join(", ")
            ),
        );
    }
    let all = left;
    let can = |option: &&Value| !order.is_cluster || option["SupportsClusters"] != false;
    let left: Vec<&Value> = all.iter().copied().filter(can).collect();
    if left.is_empty() {
        return error(
            "AWS has no Multi-AZ DB clusters of it".to_owned(),
            "It has them of classes with a disk of their own, such as db.m6gd.large. Choose one of these, or `topology = \"multi_az\"`."
                .to_owned(),
        );
    }
    let all = left;
    let storage = match text(order.part, "StorageType") {
        // Members of Aurora have that of their cluster; DocumentDB's fits every class.
        None if *engine != DOCDB.engine => text(order.store, "StorageType"),
        own => own,
    };
    let has = |option: &&Value| storage.is_none_or(|storage| option["StorageType"] == storage);
    let left: Vec<&Value> = all.iter().copied().filter(has).collect();
    if left.is_empty() {
        return error(
            format!(
                "it has no storage of type {} in {region}",
                storage.unwrap_or_default()
            ),
            format!(
                "It has {}. Choose another class, or another `storage`.",
                words("StorageType", &all).join(", ")
            ),
        );
    }
    if order.is_multi_az() && left.iter().all(|option| option["MultiAZCapable"] == false) {
        return error(
            "AWS has no standby of it in another zone".to_owned(),
            "Choose another class, or `topology = \"single_instance\"`.".to_owned(),
        );
    }
    let has_tokens = |option: &&Value| option["SupportsIAMDatabaseAuthentication"] != false;
    if order.takes_tokens() && !left.iter().any(has_tokens) {
        error(
            "AWS lets nobody in with tokens of IAM there".to_owned(),
            "Write `iam_authentication = false`, or choose another class or version.".to_owned(),
        );
    }
    let offered: BTreeSet<&str> = left
        .iter()
        .filter_map(|option| option["AvailabilityZones"].as_array())
        .flatten()
        .filter_map(|zone| zone["Name"].as_str())
        .collect();
    let zones = zones(frame, order);
    let shared = zones.intersection(&offered).count();
    if !offered.is_empty() && !zones.is_empty() && shared < order.zones().min(zones.len()) {
        let list = |zones: BTreeSet<&str>| zones.into_iter().collect::<Vec<_>>().join(", ");
        error(
            format!(
                "AWS has it in too few of its zones, which are {}",
                list(zones)
            ),
            format!(
                "It has it in {}. Choose another class, or a tier with subnets there.",
                list(offered)
            ),
        );
    }
}

/// The names of the zones in which it is put, or may be.
fn zones<'a>(frame: &Frame<'a>, order: &Order<'a>) -> BTreeSet<&'a str> {
    if let Some(zone) = text(order.part, "AvailabilityZone") {
        return BTreeSet::from([zone]);
    }
    let place = frame::place(order.address);
    let tier = match &place[..] {
        [argument, name] => relational::all(frame.spec)
            .into_iter()
            .find(|(engine, _)| engine.sort() == argument)
            .and_then(|(_, stores)| stores.get(name)?.tier.as_deref()),
        _ => None,
    };
    let subnets = frame.subnets(tier);
    subnets
        .keys()
        .filter_map(|zone| frame.zone_name(zone))
        .collect()
}
