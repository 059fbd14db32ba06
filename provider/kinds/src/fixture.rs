//! Everything a kind says about one example, as text for a golden file.

use platform_graph::{Call, Graph, Kind, KindDef, Properties, Seen, Tags, diff};
use serde_json::{Value, json};

use crate::reply;
use crate::testing::me;

/// The tags the part has when it is as asked, as AWS lists them.
pub(crate) fn tags() -> Value {
    let mut tags: Tags = me(None).tags();
    tags.insert("Name".to_owned(), "main/part".to_owned());
    reply::tag_list(&tags, "Key", "Value").unwrap()
}

/// The tags by which the part is found, without any other.
pub(crate) fn owner_tags() -> Value {
    reply::tag_list(&me(None).tags(), "Key", "Value").unwrap()
}

/// A value with other members.
pub(crate) fn with(value: &Value, members: Value) -> Value {
    let mut value = value.clone();
    for (name, member) in members.as_object().unwrap() {
        value[name] = member.clone();
    }
    value
}

/// JSON with sorted keys, whatever features `serde_json` is built with.
fn line(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut names: Vec<&String> = fields.keys().collect();
            names.sort();
            let fields: Vec<String> = names
                .into_iter()
                .map(|name| format!("{name}: {}", line(&fields[name])))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(line).collect();
            format!("[{}]", items.join(", "))
        }
        plain => plain.to_string(),
    }
}

fn show(out: &mut String, title: &str, calls: &[Call]) {
    if calls.is_empty() {
        return;
    }
    out.push_str(&format!("{title}:\n"));
    for call in calls {
        if let Some(pointer) = call.merge {
            let list = Value::Object(call.params.clone());
            let list = list.pointer(pointer);
            assert!(
                list.is_some_and(Value::is_array),
                "{call:?} cannot be merged"
            );
        }
        let token = call.token.map(|member| format!(" token {member}"));
        out.push_str(&format!(
            "  {} {} {}{}\n",
            call.service,
            call.action,
            line(&Value::Object(call.params.clone())),
            token.unwrap_or_default()
        ));
    }
}

fn part<K: Kind>(desired: Value) -> Properties {
    let mut graph = Graph::new(me(None).owner, Tags::new());
    let desired = serde_json::from_value::<K>(desired).unwrap();
    graph.add(me(None).address, "an example", desired);
    graph.parts.remove(&me(None).address).unwrap().properties
}

/// What a kind asks and how it creates, and everything a kind [tells](told) about replies.
///
/// `created` is the reply to the first call of `create`.
pub(crate) fn story<K: Kind>(
    desired: Value,
    id: &str,
    created: &Value,
    replies: Vec<(&str, Vec<Value>)>,
) -> String {
    let kind = KindDef::of::<K>();
    if !kind.taken_over {
        let made = (kind.created)(&part::<K>(desired.clone()), &me(None), created).unwrap();
        assert_eq!(
            made.as_deref(),
            Some(id),
            "the id out of the reply to create"
        );
    }
    lookups::<K>(desired.clone(), id) + &told::<K>(desired, replies)
}

/// The calls that look for the part, and those that create it.
pub(crate) fn lookups<K: Kind>(desired: Value, id: &str) -> String {
    let kind = KindDef::of::<K>();
    let desired = &part::<K>(desired);
    let known = me(Some(id));
    let mut out = String::new();
    for (title, calls) in [
        ("find by owner", (kind.find)(desired, &me(None))),
        ("find by id", (kind.find)(desired, &known)),
        ("details", (kind.details)(desired, &known, id)),
        ("create", (kind.create)(desired, &me(None))),
    ] {
        show(&mut out, title, &calls.unwrap());
    }
    out
}

/// What a kind makes of replies, and the calls that follow from it.
///
/// Each of `replies` is a name and the replies to `find` and `details` together. The first must show the part exactly as
/// desired; for the others the calls that bring it there are told.
pub(crate) fn told<K: Kind>(desired: Value, replies: Vec<(&str, Vec<Value>)>) -> String {
    let kind = KindDef::of::<K>();
    let desired = &part::<K>(desired);
    let mut out = String::new();
    for nothing in [vec![], vec![Value::Null], vec![json!({})]] {
        let seen = (kind.read)(desired, &me(None), &nothing).unwrap();
        assert_eq!(seen, Seen::Absent, "{} reads {nothing:?}", K::TYPE);
    }
    for (at, (name, replies)) in replies.iter().enumerate() {
        let Seen::Live(live) = (kind.read)(desired, &me(None), replies).unwrap() else {
            let seen = (kind.read)(desired, &me(None), replies).unwrap();
            assert_ne!(at, 0, "the first replies show a live part: {seen:?}");
            out.push_str(&format!("{name}: {seen:?}\n"));
            continue;
        };
        let early = (kind.read)(desired, &me(None), &replies[..1]).unwrap();
        assert_eq!(
            early.id(),
            Some(live.id.as_str()),
            "the id is known from find alone"
        );
        let by_id = (kind.read)(desired, &me(Some(&live.id)), replies).unwrap();
        assert_eq!(by_id, Seen::Live(live.clone()), "by id the same is seen");
        out.push_str(&format!("{name}: live as {}\n", live.id));
        out.push_str(&format!(
            "  properties {}\n",
            line(&live.properties.clone().into())
        ));
        out.push_str(&format!(
            "  attributes {}\n",
            line(&live.attributes.clone().into())
        ));
        let changed = diff::changed(&kind, &live.properties, desired, None);
        if at == 0 {
            assert_eq!(
                changed,
                [""; 0],
                "{} reads back as asked: {live:?}",
                K::TYPE
            );
            for attribute in live.attributes.keys() {
                assert!(
                    kind.attributes.contains(&attribute.as_str()),
                    "{attribute} is not declared"
                );
            }
            let known = me(Some(&live.id));
            let delete =
                (kind.delete)(&live.properties, &known, &live.id, &live.attributes).unwrap();
            show(&mut out, "delete", &delete);
            continue;
        }
        let (replacing, updating): (Vec<&str>, Vec<&str>) = changed
            .iter()
            .map(String::as_str)
            .filter(|name| *name != "Tags")
            .partition(|name| kind.create_only.contains(name));
        if !replacing.is_empty() {
            out.push_str(&format!("  replaced because of {}\n", replacing.join(", ")));
            continue;
        }
        if !updating.is_empty() {
            let known = me(Some(&live.id));
            let update = (kind.update)(desired, &known, &live, &updating).unwrap();
            assert!(!update.is_empty(), "nothing answers {updating:?}");
            show(
                &mut out,
                &format!("  update {}", updating.join(", ")),
                &update,
            );
        }
        let (set, remove) = diff::tag_changes(&live.properties, desired, None);
        show(
            &mut out,
            "  retag",
            &(kind.retag)(&live, &set, &remove).unwrap(),
        );
    }
    out
}
