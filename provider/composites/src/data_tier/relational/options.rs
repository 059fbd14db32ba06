//! Plug-ins of MySQL, as a group of options of RDS.
//!
//! The group is named after the major version, which can't change: a database that is upgraded moves from one to the next. Snapshots hold
//! on to the group, so it stays where there are some.

use platform_graph::{Graph, Handle, Problems};
use platform_kinds::rds::{OptionConfiguration, OptionGroup, OptionSetting, version};

use super::super::frame::Store;
use super::super::spec::Relational;
use super::Engine;

pub(super) fn check(engine: Engine, name: &str, spec: &Relational, problems: &mut Problems) {
    if spec.options.is_empty() || (engine == Engine::MySql && !spec.topology.is_cluster()) {
        return;
    }
    let advice = match engine {
        Engine::PostgreSql => {
            "Leave it out: PostgreSQL has extensions, which are loaded by `shared_preload_libraries` in `parameters`."
        }
        Engine::MySql => {
            "Leave it out: an Aurora cluster audits by `server_audit_logging` in `parameters`."
        }
    };
    problems.error(
        [engine.sort(), name, "options"],
        "only MySQL on instances has options",
        advice,
    );
}

/// Adds the option group of a database that has options, and yields its name.
pub(super) fn add(
    engine: Engine,
    store: &Store<'_>,
    spec: &Relational,
    graph: &mut Graph,
) -> Option<Handle> {
    if spec.options.is_empty() {
        return None;
    }
    let major = version::major(&spec.version);
    let options = spec.options.iter().map(|(name, option)| {
        let settings = option.settings.iter().map(|(name, value)| OptionSetting {
            name: name.clone(),
            value: value.clone(),
        });
        OptionConfiguration {
            option_name: name.clone(),
            option_settings: (!option.settings.is_empty()).then(|| settings.collect()),
            ..OptionConfiguration::default()
        }
    });
    let name = format!(
        "{}-{}",
        store.physical_name(),
        engine.family(spec).replace('.', "-")
    );
    let group = graph.add(
        store.part(&format!("options/{major}")),
        format!("extends {} by plug-ins", store.words()),
        OptionGroup {
            arn: Some(store.frame.arn("rds", &format!("og:{name}"))),
            name,
            description: format!("{} of data tier {}", store.words(), store.frame.spec.name),
            engine_name: engine.name(spec.topology).to_owned(),
            major_engine_version: major,
            option_configurations: Some(options.collect()),
            retain_for_snapshots: Some(spec.final_snapshot),
            ..OptionGroup::default()
        },
    );
    Some(group)
}
