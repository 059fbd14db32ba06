//! Create, plan again, import, destroy, protect; on every emulator that can serve a network.

use acceptance_tests::{Flavor, Outcome, Run, Stage, Weather, ensure};

use crate::configuration::{NETWORK, Network, SMALL, WHOLE};

fn create_and_destroy(flavor: Flavor, network: Network) -> Outcome<()> {
    let Some(stage) = Stage::on(flavor)? else {
        return Ok(());
    };
    stage.settle(&network.hcl(), NETWORK)?;
    network.expect_in(&stage)?;
    stage.proxy.forget();
    stage.terraform.expect_no_changes("a second time")?;
    ensure!(
        stage.proxy.mutating() == 0,
        "a plan must change nothing, but it called {:?}",
        stage.proxy.counts()
    );
    stage.strike()
}

#[test]
fn created_planned_and_destroyed_on_moto() -> Outcome<()> {
    create_and_destroy(Flavor::Moto, WHOLE)
}

/// ministack keeps neither the address of a NAT gateway nor the role and the interval of a flow log.
#[test]
fn created_planned_and_destroyed_on_ministack() -> Outcome<()> {
    let served = Network {
        nat: "none",
        flow_logs: false,
        ..WHOLE
    };
    create_and_destroy(Flavor::Ministack, served)
}

#[test]
fn created_planned_and_destroyed_on_localstack() -> Outcome<()> {
    create_and_destroy(Flavor::LocalStack, WHOLE)
}

#[test]
fn a_plan_alone_creates_nothing_and_names_every_part() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.terraform.write(&WHOLE.hcl())?;
    let plan = stage.terraform.plan()?;
    ensure!(plan.errors().is_empty(), "{:?}", plan.diagnostics);
    assert_eq!(plan.actions[NETWORK], ["create"]);
    let planned = plan
        .after(NETWORK, "resources")
        .as_object()
        .map_or(0, serde_json::Map::len);
    assert_eq!(stage.proxy.mutating(), 0, "{:?}", stage.proxy.counts());
    stage.terraform.apply()?;
    assert_eq!(
        stage.parts(NETWORK)?.len(),
        planned,
        "the plan names exactly the parts that come to exist"
    );
    Ok(())
}

#[test]
fn found_again_by_import_after_the_state_was_lost() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let parts = stage.parts(NETWORK)?;
    stage.terraform.lose_state()?;

    let again = stage.terraform.try_apply()?;
    ensure!(
        again.text().contains("exists already"),
        "a complete network of this name exists:\n{}",
        again.text()
    );
    SMALL.expect_in(&stage)?;
    stage.terraform.lose_state()?;

    stage
        .terraform
        .run(&["import", "-no-color", NETWORK, "us-east-1/main"])?
        .succeeded()?;
    stage.terraform.expect_no_changes("after the import")?;
    assert_eq!(stage.parts(NETWORK)?, parts);
    stage.strike()
}

#[test]
fn a_complete_network_is_not_changed_by_a_configuration_without_its_state() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    let made = stage.made()?;
    stage.terraform.lose_state()?;
    stage.proxy.forget();
    let other = Network { zones: 2, ..SMALL };
    stage.terraform.write(&other.hcl())?;
    let run = stage.terraform.try_apply()?;
    // Terraform breaks lines where it likes.
    let text = run.text().split_whitespace().collect::<Vec<_>>().join(" ");
    ensure!(
        run.code == Some(1) && text.contains("exists already") && text.contains("terraform import"),
        "somebody else's network, or one whose state was lost:\n{}",
        run.text()
    );
    assert_eq!(stage.proxy.mutating(), 0, "{:?}", stage.proxy.counts());
    ensure!(stage.made()? == made, "nothing may change");
    Ok(())
}

#[test]
fn importing_what_does_not_exist_says_so() -> Outcome<()> {
    let stage = Stage::new()?;
    stage.terraform.write(&SMALL.hcl())?;
    for (id, fragment) in [("us-east-1/absent", "absent"), ("main", "<region>/<name>")] {
        let run = stage.terraform.run(&["import", "-no-color", NETWORK, id])?;
        ensure!(
            run.code == Some(1) && run.stderr.contains(fragment),
            "import of {id}:\n{}",
            run.text()
        );
    }
    Ok(())
}

#[test]
fn a_protected_network_refuses_to_be_destroyed_when_planned() -> Outcome<()> {
    let stage = Stage::new()?;
    let protected = Network {
        protected: true,
        ..SMALL
    };
    stage.settle(&protected.hcl(), NETWORK)?;
    let made = stage.made()?;
    stage.proxy.forget();
    let plan = stage.terraform.plan_with(&["-destroy"])?;
    let errors: Vec<String> = plan.errors().iter().map(|error| error.message()).collect();
    ensure!(
        errors
            .iter()
            .any(|error| error.contains("deletion_protection")),
        "{errors:?}"
    );
    assert_eq!(stage.proxy.mutating(), 0, "{:?}", stage.proxy.counts());
    ensure!(stage.made()? == made, "nothing may be gone");
    stage.settle(&SMALL.hcl(), NETWORK)?;
    stage.strike()
}

/// Terraform asks for no plan of the destroy that a replacement begins with.
#[test]
fn a_protected_network_refuses_to_be_replaced() -> Outcome<()> {
    let stage = Stage::new()?;
    let protected = Network {
        protected: true,
        ..SMALL
    };
    stage.settle(&protected.hcl(), NETWORK)?;
    let made = stage.made()?;
    let expect_refused = |run: Run| {
        ensure!(
            run.code == Some(1) && run.text().contains("platform_network main is protected"),
            "{}",
            run.text()
        );
        ensure!(stage.made()? == made, "nothing may be gone");
        Ok(())
    };
    let renamed = protected.hcl().replace("\"main\"\n", "\"other\"\n");
    ensure!(renamed != protected.hcl(), "{renamed}");
    stage.terraform.write(&renamed)?;
    expect_refused(stage.terraform.run(&["plan", "-no-color"])?)?;
    stage.terraform.write(&protected.hcl())?;
    let replace = format!("-replace={NETWORK}");
    expect_refused(
        stage
            .terraform
            .run(&["apply", "-auto-approve", "-no-color", &replace])?,
    )?;
    stage.terraform.expect_no_changes("after the refusals")?;
    stage.settle(&SMALL.hcl(), NETWORK)?;
    stage.strike()
}

/// Bad weather must cost time, not correctness.
#[test]
fn created_and_destroyed_under_throttling_errors_and_lost_replies() -> Outcome<()> {
    for seed in [1, 2] {
        let stage = Stage::new()?;
        stage.proxy.set_weather(Weather {
            throttled: 0.1,
            broken: 0.05,
            cut: 0.05,
            seed,
            ..Weather::default()
        });
        let settled: Outcome<Run> = stage.settle(&SMALL.hcl(), NETWORK);
        settled.map_err(|failure| {
            acceptance_tests::Failure::new(format!("seed {seed}: {failure:?}"))
        })?;
        SMALL.expect_in(&stage)?;
        stage.strike()?;
    }
    Ok(())
}
