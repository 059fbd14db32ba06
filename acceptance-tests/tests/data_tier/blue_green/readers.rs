//! Instances with readers: RDS copies all of them and lets the copies take over together.

use super::*;
use crate::configuration::changed;

/// A tier with an instance of PostgreSQL of this version, and with these readers.
fn read(version: &str, readers: &[&str], more: &str) -> String {
    let readers: Vec<String> = readers
        .iter()
        .map(|name| format!("{name} = {{}}"))
        .collect();
    tier(
        version,
        &format!("readers = {{ {} }}\n    {more}", readers.join(", ")),
    )
}

const LET_GO: &str = "keep_previous = false\n    final_snapshot = false";

/// The name of what each replica replicates.
fn sources(stage: &Stage) -> Outcome<Vec<String>> {
    let listed = ask(stage, "DescribeDBInstances")?;
    let mut sources = between(&listed, "ReadReplicaSourceDBInstanceIdentifier");
    sources.sort();
    Ok(sources)
}

/// How often a call was sent that ends like this.
fn sent(stage: &Stage, action: &str) -> usize {
    let calls = stage.proxy.counts();
    let of = calls.iter().filter(|(name, _)| name.ends_with(action));
    of.map(|(_, count)| count).sum()
}

#[test]
fn copies_of_an_instance_and_its_readers_take_over_together() -> Outcome<()> {
    let stage = Stage::new()?;
    let readers = ["reports", "search"];
    stage.settle(&read("16", &readers, ""), DATA_TIER)?;
    let output = |name: &str| -> Outcome<String> {
        let state = stage.terraform.state_of(DATA_TIER)?;
        Ok(state["postgres_endpoints"]["orders"][name].to_string())
    };
    let names = ["endpoint", "replica_endpoints", "arn", "secret_arn"];
    let before: Vec<String> = names
        .iter()
        .map(|name| output(name))
        .collect::<Outcome<_>>()?;
    let upgraded = read("17", &readers, "");
    stage.terraform.write(&upgraded)?;
    let plan = stage.terraform.plan()?;
    let warned: Vec<String> = plan
        .diagnostics
        .iter()
        .map(|warning| warning.message())
        .collect();
    ensure!(
        warned
            .iter()
            .any(|message| message.contains("Its readers are copied too")),
        "{warned:?}"
    );
    let changes = plan.after(DATA_TIER, "changes").to_string();
    for told in [
        "its replicas are copied and take over along with it: shop-orders-reports, shop-orders-search",
        "the blue/green deployment of shop-orders: a copy takes its place",
    ] {
        ensure!(changes.contains(told), "no {told:?} in {changes}");
    }
    stage.proxy.forget();
    settle_in_turn(&stage, &[&upgraded])?;
    expect(
        &stage,
        &[
            "shop-orders 17.6",
            "shop-orders-old1 16.10",
            "shop-orders-reports 17.6",
            "shop-orders-reports-old1 16.10",
            "shop-orders-search 17.6",
            "shop-orders-search-old1 16.10",
        ],
    )?;
    for (name, before) in names.iter().zip(before) {
        let after = output(name)?;
        ensure!(after == before, "{name} was {before} and is {after}");
    }
    let sources = sources(&stage)?;
    ensure!(
        sources
            == [
                "shop-orders",
                "shop-orders",
                "shop-orders-old1",
                "shop-orders-old1"
            ],
        "they replicate {sources:?}"
    );
    for action in [
        "ModifyDBInstance",
        "CreateDBInstanceReadReplica",
        "DeleteDBInstance",
    ] {
        ensure!(sent(&stage, action) == 0, "{:?}", stage.proxy.counts());
    }
    // What was kept goes when nobody wants it any more, and with it what it used.
    settle_in_turn(&stage, &[&read("17", &readers, LET_GO)])?;
    expect(
        &stage,
        &[
            "shop-orders 17.6",
            "shop-orders-reports 17.6",
            "shop-orders-search 17.6",
        ],
    )?;
    let former = "postgres/orders/parameters/16";
    ensure!(
        !stage.parts(DATA_TIER)?.contains_key(former),
        "the group of the former version is still there"
    );
    stage.strike()
}

#[test]
fn a_reader_that_goes_leaves_no_copy_and_what_was_kept_of_it_goes_with_the_rest() -> Outcome<()> {
    let stage = Stage::new()?;
    let bare = "logs = { types = [] }\n    insights = { monitoring_interval_seconds = 0 }";
    let more = &format!("{bare}\n    final_snapshot = false");
    settle_in_turn(
        &stage,
        &[
            &read("17.4", &["reports", "search"], more),
            // One reader goes in the plan that upgrades the rest, and one comes.
            &read("17.5", &["late", "search"], more),
        ],
    )?;
    let kept = [
        "shop-orders 17.5",
        "shop-orders-late 17.5",
        "shop-orders-old1 17.4",
        "shop-orders-search 17.5",
        "shop-orders-search-old1 17.4",
    ];
    expect(&stage, &kept)?;
    // The one of which something was kept goes later.
    settle_in_turn(&stage, &[&read("17.5", &["late"], more)])?;
    let kept: Vec<&str> = kept
        .into_iter()
        .filter(|instance| *instance != "shop-orders-search 17.5")
        .collect();
    expect(&stage, &kept)?;
    let let_go = format!("{bare}\n    {LET_GO}");
    settle_in_turn(&stage, &[&read("17.5", &["late"], &let_go)])?;
    expect(&stage, &["shop-orders 17.5", "shop-orders-late 17.5"])?;
    stage.strike()
}

#[test]
fn readers_get_another_class_in_place_and_a_destroy_takes_along_what_was_kept() -> Outcome<()> {
    let stage = Stage::new()?;
    let of = |version: &str, class: &str| {
        with(&format!(
            r#"  mysql = {{ orders = {{
    version             = "{version}"
    password            = "own"
    upgrade             = "blue_green"
    allow_major_upgrade = true
    apply_immediately   = true
    instance_class      = "{class}"
    final_snapshot      = false
    readers             = {{ reports = {{}}, search = {{ instance_class = "db.r8g.large" }} }}
  }} }}"#
        ))
    };
    let upgraded = of("8.4", "db.r8g.xlarge");
    settle_in_turn(&stage, &[&of("8.0", "db.r8g.large")])?;
    stage.proxy.forget();
    settle_in_turn(&stage, &[&upgraded])?;
    expect(
        &stage,
        &[
            "shop-orders 8.4.6",
            "shop-orders-old1 8.0.43",
            "shop-orders-reports 8.4.6",
            "shop-orders-reports-old1 8.0.43",
            "shop-orders-search 8.4.6",
            "shop-orders-search-old1 8.0.43",
        ],
    )?;
    let modified = sent(&stage, "ModifyDBInstance");
    ensure!(modified == 1, "{modified} instances were changed in place");
    let listed = ask(&stage, "DescribeDBInstances")?;
    let large = between(&listed, "DBInstanceClass");
    let large = large.iter().filter(|class| *class == "db.r8g.xlarge");
    ensure!(large.count() == 2, "{listed}");
    stage.strike()
}

#[test]
fn what_was_kept_of_a_reader_is_found_when_what_it_replicated_is_gone() -> Outcome<()> {
    let stage = Stage::new()?;
    settle_in_turn(
        &stage,
        &[
            &read("17.4", &["reports"], ""),
            &read("17.5", &["reports"], ""),
        ],
    )?;
    let api = stage.emulator.api();
    let delete = [
        ("Action", "DeleteDBInstance"),
        ("DBInstanceIdentifier", "shop-orders-old1"),
        ("SkipFinalSnapshot", "true"),
    ];
    let reply = api.query("rds", REGION, "2014-10-31", &delete)?;
    ensure!(reply.status == 200, "{}", reply.body);
    stage
        .terraform
        .expect_no_changes("after somebody deleted what was kept")?;
    settle_in_turn(&stage, &[&read("17.5", &["reports"], LET_GO)])?;
    expect(&stage, &["shop-orders 17.5", "shop-orders-reports 17.5"])?;
    stage.strike()
}

#[test]
fn a_deployment_that_is_taken_back_goes_with_its_protected_copies() -> Outcome<()> {
    let mut stage = Stage::new()?;
    let more = "deletion_protection = true\n    logs = { types = [] }\n    insights = { monitoring_interval_seconds = 0 }";
    let (before, upgraded) = (
        read("17.4", &["reports"], more),
        read("17.5", &["reports"], more),
    );
    for at in 1.. {
        stage.reset()?;
        stage.settle(&before, DATA_TIER)?;
        let name = killed(&mut stage, at, &upgraded)?;
        let Some(name) = name else {
            return Err(Failure::new("no copy was made".to_owned()));
        };
        if name.ends_with("CreateBlueGreenDeployment") {
            break;
        }
    }
    stage.terraform.write(&before)?;
    let shown = changed(&stage)?;
    ensure!(
        shown.contains("postgres/orders"),
        "the deployment is no difference: {shown:?}"
    );
    settle_in_turn(&stage, &[&before])?;
    expect(&stage, &["shop-orders 17.4", "shop-orders-reports 17.4"])
}

/// Upgrades an instance with a reader and deletes what they were, killed at every third call that changes something, from this one on.
fn killed_with_a_reader(first: usize) -> Outcome<()> {
    let of = |version: &str| {
        read(
            version,
            &["reports"],
            &format!(
                "{LET_GO}\n    logs = {{ types = [] }}\n    insights = {{ monitoring_interval_seconds = 0 }}"
            ),
        )
    };
    killed_at((first..).step_by(3), &of("17.4"), &of("17.5"), &|stage| {
        expect(stage, &["shop-orders 17.5", "shop-orders-reports 17.5"])
    })
}

#[test]
fn a_run_with_a_reader_that_was_killed_is_gone_on_with_1() -> Outcome<()> {
    killed_with_a_reader(1)
}

#[test]
fn a_run_with_a_reader_that_was_killed_is_gone_on_with_2() -> Outcome<()> {
    killed_with_a_reader(2)
}

#[test]
fn a_run_with_a_reader_that_was_killed_is_gone_on_with_3() -> Outcome<()> {
    killed_with_a_reader(3)
}
