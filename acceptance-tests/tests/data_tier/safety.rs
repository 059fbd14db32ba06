//! What holds data goes only where the configuration names it: whoever takes a store out, calls it something else or changes what
//! it was made with is refused at plan, for all stores at once, each by its address.

use std::collections::BTreeSet;

use acceptance_tests::strict::Strict;
use acceptance_tests::{Emulator, Outcome, REGION, Stage, Terraform, ensure};

use crate::configuration::{self, DATA_TIER, changed};

const STORES: &str = r#"
  postgres = {
    orders = { version = "17", final_snapshot = false }
    users  = { version = "16", topology = "aurora", final_snapshot = false }
    ledger = { version = "17", topology = "multi_az_cluster", final_snapshot = false }
  }
  mysql        = { legacy = { version = "8.4", final_snapshot = false } }
  tables       = { carts = { partition_key = { name = "user_id" } } }
  caches       = { catalog = {}, offers = { mode = "serverless" }, sessions = { mode = "single" } }
  search       = { products = { zones = 2 } }
  buckets      = { media = {} }
  file_systems = { media = {} }
"#;

/// The stores, by address.
const ADDRESSES: [&str; 11] = [
    "bucket/media",
    "cache/catalog",
    "cache/offers",
    "cache/sessions",
    "file-system/media",
    "mysql/legacy",
    "postgres/ledger",
    "postgres/orders",
    "postgres/users",
    "search/products",
    "table/carts",
];

/// What they consist of, everything once, as the list calls of AWS tell.
const ONCE: &[(&str, usize)] = &[
    ("bucket", 1),
    ("cache parameter group", 2),
    ("cache subnet group", 2),
    ("cluster parameter group", 2),
    ("database cluster", 2),
    // Two of their own, and two of Aurora.
    ("database instance", 4),
    ("database subnet group", 4),
    ("file system", 1),
    ("kms alias", 1),
    ("kms key", 1),
    ("replication group", 2),
    ("search domain", 1),
    // The master passwords.
    ("secret", 4),
    ("serverless cache", 1),
    ("table", 1),
];

/// A data tier with these arguments, in a network of three zones.
fn with(arguments: &str) -> String {
    configuration::with(arguments).replace("count = 2", "count = 3")
}

/// What a plan refuses to do, and to which addresses.
fn refused(stage: &Stage, hcl: &str, verb: &str) -> Outcome<BTreeSet<String>> {
    stage.terraform.write(hcl)?;
    let plan = stage.terraform.plan()?;
    let would = format!(" would be {verb}");
    let mut refused = BTreeSet::new();
    for error in plan.errors() {
        let address = error.summary.strip_suffix(&would);
        let address = address.ok_or_else(|| acceptance_tests::Failure::new(error.message()))?;
        ensure!(
            error.detail.contains(address) && error.detail.contains("allow_"),
            "{address}: nothing says how to do it all the same: {}",
            error.detail
        );
        refused.insert(address.to_owned());
    }
    Ok(refused)
}

fn expect_all(what: &str, refused: &BTreeSet<String>, expected: &[&str]) -> Outcome<()> {
    let missing: Vec<_> = expected
        .iter()
        .filter(|address| !refused.contains(**address))
        .collect();
    ensure!(
        missing.is_empty(),
        "{what}: {missing:?} is not among what is refused: {refused:?}"
    );
    Ok(())
}

/// An argument of the tier that names addresses.
fn naming<'a>(argument: &str, addresses: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<String> = addresses
        .into_iter()
        .map(|address| format!("{address:?}"))
        .collect();
    format!("  {argument} = [{}]\n", quoted.join(", "))
}

#[test]
fn what_holds_data_is_refused_by_name_and_all_of_it_at_once() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&with(STORES), DATA_TIER)?;
    let before = stage.made()?;
    let counts = before.counts();
    for (what, number) in ONCE {
        let found = counts.get(what).copied().unwrap_or_default();
        ensure!(found == *number, "{what}: {found}, not {number}:\n{before}");
    }

    let gone = refused(&stage, &with(""), "deleted")?;
    expect_all("taken out", &gone, &ADDRESSES)?;
    let parts = stage.parts(DATA_TIER)?;
    for address in &gone {
        let store = ADDRESSES
            .iter()
            .any(|store| address == store || address.starts_with(&format!("{store}/")));
        ensure!(
            store && parts.contains_key(address),
            "{address} is no part of a store"
        );
    }

    let mut renamed = STORES.to_owned();
    for address in ADDRESSES {
        let name = address.rsplit('/').next().unwrap_or_default();
        let aligned = renamed.replace(&format!("{name} = {{"), &format!("{name}2 = {{"));
        renamed = aligned.replace(&format!("{name}  = {{"), &format!("{name}2 = {{"));
    }
    expect_all(
        "called something else",
        &refused(&stage, &with(&renamed), "deleted")?,
        &ADDRESSES,
    )?;

    let other = STORES
        .replace(
            "orders = { version = \"17\"",
            "orders = { version = \"17\", database = \"other\"",
        )
        .replace(
            "topology = \"aurora\"",
            "topology = \"aurora\", master_username = \"boss\"",
        )
        .replace(
            "\"multi_az_cluster\"",
            "\"multi_az_cluster\", master_username = \"boss\"",
        )
        .replace(
            "version = \"8.4\"",
            "version = \"8.4\", topology = \"single_instance\", master_username = \"boss\"",
        )
        .replace("user_id", "customer_id")
        .replace("catalog = {}", "catalog = { port = 6400 }")
        .replace("mode = \"serverless\"", "mode = \"cluster\"")
        .replace(
            "sessions = { mode = \"single\"",
            "sessions = { mode = \"single\", port = 6400",
        )
        .replace(
            "media = {} }\n  file",
            "media = { bucket_name = \"another-name\" } }\n  file",
        );
    let made_anew = refused(&stage, &with(&other), "replaced")?;
    let cannot_change: Vec<&str> = ADDRESSES
        .into_iter()
        .filter(|address| !["file-system/media", "search/products"].contains(address))
        .collect();
    expect_all("made of something else", &made_anew, &cannot_change)?;

    // Buckets and tables take another key in place.
    let keys = format!("{STORES}\n  encryption = {{ key_per_store = true }}");
    let with_keys = refused(&stage, &with(&keys), "replaced")?;
    let cannot_change: Vec<&str> = ADDRESSES
        .into_iter()
        .filter(|address| !["bucket/media", "table/carts"].contains(address))
        .collect();
    expect_all("encrypted with another key", &with_keys, &cannot_change)?;
    ensure!(
        !with_keys.contains("bucket/media") && !with_keys.contains("table/carts"),
        "{with_keys:?}"
    );
    ensure!(stage.made()? == before, "nothing may have changed");

    // Who names all but one is refused that one, and who names one has that one replaced.
    for kept in ["table/carts", "postgres/users"] {
        let named = naming("allow_delete", gone.iter().filter(|name| *name != kept));
        let still = refused(&stage, &with(&named), "deleted")?;
        ensure!(still == BTreeSet::from([kept.to_owned()]), "{still:?}");
    }
    let one = STORES.replace(
        "media = {} }\n  file",
        "media = { bucket_name = \"another-name\" } }\n  file",
    );
    let one = format!("{one}{}", naming("allow_replace", [&"bucket/media".into()]));
    stage.terraform.write(&with(&one))?;
    let shown = changed(&stage)?;
    ensure!(
        shown.contains("bucket/media") && shown.iter().all(|name| name.starts_with("bucket/media")),
        "{shown:?}"
    );
    stage.settle(&with(&one), DATA_TIER)?;
    let (old, new) = (before.ids("bucket"), stage.made()?);
    ensure!(
        new.ids("bucket") == ["another-name"] && old.len() == 1,
        "{new}"
    );

    let named = naming("allow_delete", &gone);
    stage.settle(&with(&named), DATA_TIER)?;
    let left = stage.made()?;
    for what in [
        "bucket",
        "table",
        "file system",
        "replication group",
        "database cluster",
    ] {
        ensure!(left.ids(what).is_empty(), "{left}");
    }
    stage.terraform.destroy()?;
    let left = stage.made()?;
    // Snapshots that RDS keeps of its own accord.
    ensure!(
        left.counts().keys().all(|what| *what == "tagged resource"),
        "after the destroy there is still:\n{left}"
    );
    Ok(())
}

/// A provider that deletes a store before what it is made with is refused nothing; another order would show.
#[test]
fn everything_goes_in_an_order_that_aws_accepts() -> Outcome<()> {
    let mut stage = Stage::around(Emulator::moto()?)?;
    let strict = Strict::start(stage.emulator.address())?;
    stage.terraform = Terraform::new(&strict.endpoint())?;
    let users =
        "sessions = { mode = \"single\", users = { app = { access_string = \"on ~* +@all\" } } }";
    let stores = STORES.replace("sessions = { mode = \"single\" }", users);
    stage.settle(&with(&stores), DATA_TIER)?;

    let group = stage.parts(DATA_TIER)?["postgres/orders/security-group"].clone();
    let group = group.id.as_str().unwrap_or_default().to_owned();
    let through = acceptance_tests::Api::at(strict.endpoint()["http://".len()..].parse()?);
    for (service, version, action, member, id) in [
        (
            "ec2",
            "2016-11-15",
            "DeleteSecurityGroup",
            "GroupId",
            &*group,
        ),
        (
            "rds",
            "2014-10-31",
            "DeleteDBSubnetGroup",
            "DBSubnetGroupName",
            "shop-users",
        ),
        (
            "elasticache",
            "2015-02-02",
            "DeleteCacheSubnetGroup",
            "CacheSubnetGroupName",
            "shop-catalog",
        ),
        (
            "elasticache",
            "2015-02-02",
            "DeleteUserGroup",
            "UserGroupId",
            "shop-sessions",
        ),
    ] {
        let asked = [("Action", action), (member, id)];
        let reply = through.query(service, REGION, version, &asked)?;
        ensure!(
            reply.status == 400 && reply.body.contains("is in use"),
            "{action}: {}",
            reply.body
        );
    }
    let hindered = strict.refused().len();

    // Stores go while their groups are still wanted by nobody else, then the rest.
    let gone = refused(&stage, &with(""), "deleted")?;
    stage.settle(&with(&naming("allow_delete", &gone)), DATA_TIER)?;
    stage.terraform.destroy()?;
    let refused = strict.refused();
    ensure!(
        refused.len() == hindered,
        "refused: {:?}",
        &refused[hindered..]
    );
    let left = stage.made()?;
    ensure!(
        left.counts().keys().all(|what| *what == "tagged resource"),
        "after the destroy there is still:\n{left}"
    );
    Ok(())
}
