//! The harness itself, proven with raw calls and with Terraform's built-in resource: a scenario that
//! passes must mean something.

mod weather;

use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use acceptance_tests::{
    Api, Delivery, Emulator, Fault, Flavor, Inventory, Outcome, Proxy, Terraform, Victim, ensure,
    inventory, process,
};

const REGION: &str = "us-east-1";
const SOON: Duration = Duration::from_secs(20);

fn create_vpc(api: Api) -> Outcome<String> {
    let xml = api.ec2(&[("Action", "CreateVpc"), ("CidrBlock", "10.9.0.0/16")])?;
    Ok(inventory::elements(&xml, "vpcId")
        .into_iter()
        .next()
        .unwrap_or_default())
}

fn vpcs(api: Api) -> Outcome<usize> {
    Ok(Inventory::take(api, REGION)?.ids("vpc").len())
}

#[test]
fn inventory_sees_what_is_created_and_deleted_on_every_emulator() -> Outcome<()> {
    for flavor in [Flavor::Moto, Flavor::Ministack, Flavor::LocalStack] {
        let Some(emulator) = Emulator::start(flavor)? else {
            continue;
        };
        let api = emulator.api();
        let before = Inventory::take(api, REGION)?;
        let id = create_vpc(api)?;
        let added = Inventory::take(api, REGION)?.since(&before);
        assert_eq!(added.ids("vpc"), [id.as_str()], "{flavor:?}");
        api.ec2(&[("Action", "DeleteVpc"), ("VpcId", &id)])?;
        let left = Inventory::take(api, REGION)?.since(&before);
        ensure!(left.is_empty(), "{flavor:?} still lists:\n{left}");
    }
    Ok(())
}

#[test]
fn reset_forgets_everything() -> Outcome<()> {
    for flavor in [Flavor::Moto, Flavor::Ministack] {
        let Some(mut emulator) = Emulator::start(flavor)? else {
            continue;
        };
        let fresh = vpcs(emulator.api())?;
        create_vpc(emulator.api())?;
        assert_eq!(vpcs(emulator.api())?, fresh + 1, "{flavor:?}");
        emulator.reset()?;
        assert_eq!(vpcs(emulator.api())?, fresh, "{flavor:?}");
    }
    Ok(())
}

#[test]
fn proxy_names_and_counts_calls_of_every_dialect() -> Outcome<()> {
    let emulator = Emulator::moto()?;
    let proxy = Proxy::start(emulator.address())?;
    let api = Api::at(proxy.address());
    create_vpc(api)?;
    api.ec2(&[("Action", "DescribeVpcs")])?;
    api.ec2(&[("Action", "DescribeVpcs")])?;
    api.query("iam", REGION, "2010-05-08", &[("Action", "ListRoles")])?;
    api.json(
        "logs",
        REGION,
        "Logs_20140328.DescribeLogGroups",
        &serde_json::json!({}),
    )?;
    let counts: Vec<(String, usize)> = proxy.counts().into_iter().collect();
    let expected = [
        ("ec2:CreateVpc", 1),
        ("ec2:DescribeVpcs", 2),
        ("iam:ListRoles", 1),
        ("logs:DescribeLogGroups", 1),
    ];
    assert_eq!(
        counts,
        expected.map(|(name, count)| (name.to_owned(), count))
    );
    assert_eq!(proxy.mutating(), 1);
    assert!(
        proxy
            .calls()
            .iter()
            .all(|call| call.region == REGION && call.status == Some(200))
    );
    Ok(())
}

/// Three creations, the second of which meets the fault: what must exist afterwards besides the default network.
#[test]
fn a_freezing_fault_decides_what_reaches_aws() -> Outcome<()> {
    let mut emulator = Emulator::moto()?;
    for (delivery, answered, exist) in [
        (Delivery::NeverSent, 1, 1),
        (Delivery::Withheld, 1, 2),
        (Delivery::Delivered, 2, 2),
    ] {
        emulator.reset()?;
        let proxy = Proxy::start(emulator.address())?;
        let before = vpcs(emulator.api())?;
        let struck = proxy.place(Fault {
            at: 2,
            delivery,
            freeze: true,
        });
        let through_proxy = Api::at(proxy.address());
        let (done, finished) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for _ in 0..3 {
                if create_vpc(through_proxy).is_err() || done.send(()).is_err() {
                    break;
                }
            }
        });
        let call = struck.recv_timeout(SOON)?;
        assert_eq!(call.name(), "ec2:CreateVpc");
        // Time for a call that must not get through to get through.
        thread::sleep(Duration::from_millis(300));
        assert_eq!(
            finished.try_iter().count(),
            answered,
            "{delivery:?}: calls answered"
        );
        assert_eq!(
            vpcs(emulator.api())? - before,
            exist,
            "{delivery:?}: networks that exist"
        );
        assert_eq!(
            finished.recv_timeout(Duration::from_millis(50)),
            Err(RecvTimeoutError::Timeout)
        );
        proxy.thaw();
        create_vpc(through_proxy)?;
        assert_eq!(
            vpcs(emulator.api())? - before,
            exist + 1,
            "{delivery:?}: after the thaw"
        );
    }
    Ok(())
}

const BUILT_IN: &str = r#"
  resource "terraform_data" "quick" { input = "a" }
  resource "terraform_data" "slow" {
    input = terraform_data.quick.output
    provisioner "local-exec" { command = "exec sleep 20" }
  }
"#;

#[test]
fn terraform_runs_apart_from_the_callers_configuration() -> Outcome<()> {
    let terraform = Terraform::with_installation("http://127.0.0.1:9", "direct {}")?;
    terraform.write(r#"resource "terraform_data" "quick" { input = "a" }"#)?;
    let plan = terraform.plan()?;
    assert_eq!(plan.actions["terraform_data.quick"], ["create"]);
    assert_eq!(plan.after("terraform_data.quick", "input"), "a");
    terraform.apply()?;
    terraform.expect_no_changes("after the apply")?;
    assert_eq!(terraform.state_of("terraform_data.quick")?["output"], "a");

    terraform.write(r#"resource "terraform_data" "quick" { input = "b" }"#)?;
    let failure = terraform
        .expect_no_changes("after a change")
        .err()
        .map(|failure| format!("{failure:?}"));
    assert!(failure.is_some_and(|text| text.contains("after a change, the plan must be empty")));
    assert_eq!(
        terraform.plan()?.actions["terraform_data.quick"],
        ["update"]
    );

    terraform.write("resource \"terraform_data\" \"quick\" {\n  inputs = 1\n}")?;
    let reported = terraform.validate()?;
    assert_eq!(reported.len(), 1);
    assert!(
        reported[0].message().contains("Unsupported argument")
            && reported[0].snippet.contains("inputs")
    );
    assert_eq!(terraform.plan()?.errors().len(), 1);
    Ok(())
}

#[test]
fn a_strike_reaches_its_victim_and_nobody_else() -> Outcome<()> {
    // (victim, whether what terraform has started lives on, whether terraform ends by itself)
    for (victim, child_lives, has_code) in [
        // A local-exec stands in for the provider: it is what terraform has started.
        (Victim::Provider, false, true),
        (Victim::Terraform, true, false),
        (Victim::Both, false, false),
        (Victim::Interrupted, false, true),
    ] {
        let terraform = Terraform::with_installation("http://127.0.0.1:9", "direct {}")?;
        terraform.write(BUILT_IN)?;
        let mut running = terraform.spawn(&["apply", "-auto-approve", "-no-color"])?;
        let started = Instant::now();
        // Between fork and exec it still is terraform, and goes with it. Where the system does not tell, it is taken for started.
        let is_itself = |child: &u32| {
            std::fs::read_to_string(format!("/proc/{child}/comm"))
                .map_or(true, |name| name.trim() == "sleep")
        };
        let child = loop {
            if let Some(child) = running.providers().into_iter().find(is_itself) {
                break child;
            }
            ensure!(started.elapsed() < SOON, "the provisioner does not start");
            thread::sleep(Duration::from_millis(10));
        };
        ensure!(
            !running.has_ended()?,
            "terraform must still be waiting for the provisioner"
        );
        running.strike(victim);
        let run = running.wait()?;
        ensure!(run.code != Some(0), "{victim:?}: {}", run.text());
        assert_eq!(run.code.is_some(), has_code, "{victim:?}: {}", run.text());
        ensure!(
            run.wall < Duration::from_secs(15),
            "it must not wait for the provisioner: {:?}",
            run.wall
        );
        assert_eq!(process::is_alive(child), child_lives, "{victim:?}");
        process::signal(i64::from(child), "KILL");
    }
    Ok(())
}

#[test]
fn an_emulator_ends_with_its_parent() -> Outcome<()> {
    let launcher = acceptance_tests::workspace::root().join("acceptance-tests/python/emulator.py");
    let python = acceptance_tests::workspace::emulator_python("moto")
        .ok_or_else(|| acceptance_tests::Failure::new("moto is not installed"))?;
    let folder = tempfile::TempDir::new()?;
    let mut child = std::process::Command::new(python)
        .arg(launcher)
        .args(["moto", "0"])
        .arg(folder.path())
        .arg("--with-parent")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    thread::sleep(Duration::from_millis(500));
    ensure!(
        child.try_wait()?.is_none(),
        "it must serve as long as its parent holds the pipe"
    );
    drop(child.stdin.take());
    let started = Instant::now();
    while child.try_wait()?.is_none() {
        if started.elapsed() > SOON {
            child.kill()?;
            ensure!(false, "it outlives its parent");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
