//! The templates pass cfn-lint. Runs when CFN_PYTHON names a Python that has it.

use std::io::Write;
use std::process::{Command, Stdio};

use platform_insight::cloudformation::cloudformation;
use platform_insight::inventory::from_terraform_json;

#[test]
fn conformance_cfn_lint() {
    let Ok(python) = std::env::var("CFN_PYTHON") else {
        eprintln!("skipped: set CFN_PYTHON to a Python that has cfn-lint");
        return;
    };
    let shown = |text| from_terraform_json(&serde_json::from_str(text).unwrap()).unwrap();
    let plan = shown(include_str!("fixtures/plan.json"));
    let state = shown(include_str!("fixtures/state.json"));
    let stores = shown(include_str!("fixtures/stores.json"));
    for (views, region) in [
        (plan.clone(), "us-east-1"),
        (state, "ap-south-1"),
        (stores.clone(), "us-east-1"),
        ([plan, stores].concat(), "us-east-1"),
    ] {
        let template = cloudformation(&views, &platform_kinds::all())
            .unwrap()
            .to_string();
        let mut lint = Command::new(&python)
            .args([
                "-c",
                "import sys; from cfnlint.runner import main; sys.exit(main())",
            ])
            .args(["--format", "parseable", "--regions", region])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        lint.stdin
            .take()
            .unwrap()
            .write_all(template.as_bytes())
            .unwrap();
        let output = lint.wait_with_output().unwrap();
        let addresses: Vec<&str> = views.iter().map(|view| view.address.as_str()).collect();
        assert!(
            output.status.success(),
            "{}: {}{}",
            addresses.join(", "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
