//! What happens to the parts when a configuration changes.

use platform_graph::{Action, Limits, Operation, Plan};

use super::*;

/// What changes, and everything that is done with what it waits for.
fn story(before: &Expansion, after: &Expansion) -> String {
    let kinds = platform_kinds::all();
    let records = made(before);
    let limits = Limits::default();
    let plan = Plan::new(&kinds, &after.graph, &records, &limits);
    let mut story = String::new();
    for (address, step) in &plan.steps {
        let what = match &step.action {
            Action::Keep => continue,
            Action::Create => "create".to_owned(),
            Action::Delete => "delete".to_owned(),
            Action::Update { changed } => format!("update {}", changed.join(", ")),
            Action::Replace { changed, order } => {
                format!("replace ({order:?}) for {}", changed.join(", "))
            }
        };
        story.push_str(&format!("{address}: {what} ({})\n", step.why));
    }
    story.push('\n');
    let mut open = plan.operations(&kinds, &after.graph, &records);
    let mut round = 0;
    while !open.is_empty() {
        let ready: Vec<Operation> = open
            .iter()
            .filter(|(_, needs)| !needs.iter().any(|need| open.contains_key(need)))
            .map(|(operation, _)| operation.clone())
            .collect();
        assert!(!ready.is_empty(), "a circle: {open:?}");
        round += 1;
        for operation in ready {
            let line = match &operation {
                Operation::Make(address) => format!("{round}. make {address}\n"),
                Operation::Remove(address) => format!("{round}. remove {address}\n"),
            };
            story.push_str(&line);
            open.remove(&operation);
        }
    }
    for refusal in &plan.refusals {
        story.push_str(&format!("refused: {} {}\n", refusal.kind, refusal.address));
    }
    story
}

fn change(before: Value, after: Value) -> String {
    let before = expand(before);
    let after = expand_from(&*network(after), &setting(), &before.ledger);
    story(&before, &after)
}

fn mode(mode: &str) -> Value {
    json!({ "zones": { "count": 2 }, "nat": { "mode": mode } })
}

#[test]
fn a_change_of_nat_mode_moves_routes_and_keeps_tables_and_addresses() {
    for (from, to) in [
        ("single", "per_zone"),
        ("per_zone", "single"),
        ("per_zone", "regional"),
        ("regional", "per_zone"),
        ("per_zone", "none"),
        ("none", "per_zone"),
    ] {
        let story = change(mode(from), mode(to));
        for line in story.lines() {
            let kept = line.starts_with("route-table") || line.starts_with("subnet/");
            assert!(!kept, "{from} to {to} touches {line}");
        }
        insta::assert_snapshot!(format!("nat_{from}_to_{to}"), story);
    }
}

#[test]
fn changes_of_other_kinds() {
    let zones = |count: u8| json!({ "zones": { "count": count } });
    let acl = json!({ "kind": "isolated", "network_acl": { "ingress": { "all": { "number": 1, "cidr": "10.0.0.0/16" } } } });
    let with_acl = json!({ "zones": { "count": 1 }, "tiers": { "db": acl } });
    let without = json!({ "zones": { "count": 1 }, "tiers": { "db": { "kind": "isolated" } } });
    for (name, before, after) in [
        ("add_zone", zones(2), zones(3)),
        ("remove_zone", zones(3), zones(2)),
        (
            "add_ipv6",
            json!({ "zones": { "count": 1 } }),
            json!({ "zones": { "count": 1 }, "ipv6": {} }),
        ),
        ("add_network_acl", without.clone(), with_acl.clone()),
        ("remove_network_acl", with_acl, without),
        (
            "flow_logs_off",
            json!({ "zones": { "count": 1 } }),
            json!({ "zones": { "count": 1 }, "flow_logs": { "enabled": false } }),
        ),
    ] {
        insta::assert_snapshot!(name, change(before, after));
    }
}

fn acl(ingress: Value) -> Value {
    let tier = json!({ "kind": "isolated", "network_acl": { "ingress": ingress } });
    json!({ "zones": { "count": 1 }, "tiers": { "db": tier } })
}

#[test]
fn rules_of_network_acls_go_by_their_numbers() {
    let before = acl(json!({
        "one": { "number": 1, "cidr": "10.0.0.0/16" },
        "two": { "number": 2, "cidr": "192.0.2.0/24", "action": "deny" },
    }));
    let renamed = acl(json!({
        "first": { "number": 1, "cidr": "10.0.0.0/16" },
        "two": { "number": 2, "cidr": "192.0.2.0/24", "action": "deny" },
    }));
    assert_eq!(change(before.clone(), renamed).trim(), "");
    let traded = acl(json!({
        "one": { "number": 2, "cidr": "10.0.0.0/16" },
        "two": { "number": 1, "cidr": "192.0.2.0/24", "action": "deny" },
    }));
    insta::assert_snapshot!("network_acl_rules_trade_numbers", change(before, traded));
}

#[test]
fn a_rule_that_is_said_otherwise_goes_before_it_comes() {
    let group = |rules: Value| {
        json!({
            "zones": { "count": 1 }, "tiers": { "db": { "kind": "isolated", "prefix_length": 24 } },
            "security_groups": { "app": { "ingress": rules } },
        })
    };
    let before = expand(group(json!({
        "old": { "from_group": "sg-0123456789abcdef0", "port": 22 },
        "tier": { "from_tier": "db", "port": 443 },
    })));
    let is_subnet = |(key, _): &(&String, &String)| key.starts_with("subnet/db/");
    let (_, block) = before.ledger.0.iter().find(is_subnet).unwrap();
    let after = group(json!({
        "new": { "from_group": "sg-0123456789abcdef0", "port": 22 },
        "block": { "from_cidrs": [block], "port": 443 },
    }));
    let after = expand_from(&*network(after), &setting(), &before.ledger);
    insta::assert_snapshot!(
        "security_group_rules_said_otherwise",
        story(&before, &after)
    );
}

#[test]
fn nothing_happens_when_nothing_changed() {
    for configuration in [
        json!({}),
        json!({ "ipv6": {}, "nat": { "mode": "regional" } }),
    ] {
        let expansion = expand(configuration);
        let plan = Plan::new(
            &platform_kinds::all(),
            &expansion.graph,
            &made(&expansion),
            &Limits::default(),
        );
        let changed: Vec<_> = plan
            .steps
            .iter()
            .filter(|(_, step)| step.action != Action::Keep)
            .collect();
        assert!(changed.is_empty(), "{changed:?}");
    }
}
