//! `cargo xtask demo`: a platform comes up on an emulator, is shown, and goes away again.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::emulator::{Emulator, Lifetime};
use crate::modules::copy_configurations;
use crate::terraform::Terraform;
use crate::tools::{self, Group};
use crate::workspace::{
    Outcome, build_provider, capture, fresh_folder, output, provider_binary, run, target,
    with_progress, write,
};

const EXAMPLE: &str = "examples/shop";

/// Takes the protection off the stores; with it, no plan destroys them.
const UNPROTECTED: &str = "-var=protected=false";

/// What the provider's command line says of the applied platform, in this order.
const READINGS: &[(&str, &str)] = &[
    ("graph", "What exists"),
    ("stores", "What each store costs and is protected by"),
    ("cost", "What it costs a month"),
    ("diagram", "How it hangs together"),
];

/// Applies the network and the stores of a shop, shows them, and destroys them once they are not protected any more; `keep` leaves
/// them and the emulator running.
pub fn demo(release: bool, keep: bool) -> Outcome<()> {
    let provider = build_provider(release)?;
    let binary = tools::terraform()?;
    let lifetime = if keep {
        Lifetime::UntilStopped
    } else {
        Lifetime::Value
    };
    let emulator = Emulator::start(Group::Moto, lifetime)?;
    let scratch = target().join("demo");
    fresh_folder(&scratch)?;
    copy_configurations(&scratch)?;
    let folder = scratch.join(EXAMPLE);
    let terraform = Terraform::new(binary, &provider, &scratch, &emulator.endpoint)?;
    with_progress("Initialising", || {
        output(&mut terraform.command(&folder, &["init", "-no-color"]))
    })?;

    println!(
        "Applying {EXAMPLE} to moto, an emulator of AWS, on {}",
        emulator.endpoint
    );
    let started = Instant::now();
    carry_out(&terraform, &folder, "Applying", &[])?;
    println!("\nApplied in {:.1?}.", started.elapsed());
    show(&terraform, &provider_binary(&provider), &folder)?;

    if keep {
        println!(
            "\nIt stays. To destroy it:\n\n  export {}",
            terraform.exports().join(" ")
        );
        println!(
            "  terraform -chdir={0} apply {UNPROTECTED}\n  terraform -chdir={0} destroy {UNPROTECTED}\n  cargo xtask emulator stop",
            folder.display()
        );
        return Ok(());
    }
    println!(
        "\nWhat `terraform destroy` says as long as it is protected\n{}\n",
        "─".repeat(56)
    );
    println!("{}", refusal(&terraform, &folder)?);
    let started = Instant::now();
    carry_out(&terraform, &folder, "Unprotecting", &[UNPROTECTED])?;
    carry_out(
        &terraform,
        &folder,
        "Destroying",
        &["-destroy", UNPROTECTED],
    )?;
    println!(
        "\nUnprotected and destroyed in {:.1?}; nothing is left running.",
        started.elapsed()
    );
    Ok(())
}

/// Plans and applies, and prints what Terraform says only if that fails: plan and outputs are as long as the platform is
/// large, and what was made is shown afterwards. A platform that isn't complete fails by the example's postcondition.
fn carry_out(terraform: &Terraform, folder: &Path, doing: &str, arguments: &[&str]) -> Outcome<()> {
    let apply = [&["apply", "-auto-approve", "-no-color"], arguments].concat();
    with_progress(doing, || output(&mut terraform.command(folder, &apply))).map(drop)
}

/// What Terraform prints when it is asked to plan the destruction of what is protected.
fn refusal(terraform: &Terraform, folder: &Path) -> Outcome<String> {
    let plan = ["plan", "-destroy", "-no-color"];
    let planned = capture(&mut terraform.command(folder, &plan))?;
    if planned.status.success() {
        return Err("a plan destroys what is protected".into());
    }
    Ok(String::from_utf8_lossy(&planned.stderr).trim().to_owned())
}

/// Prints the readings of the state, as `terraform show -json | terraform-provider-platform READING -` would.
fn show(terraform: &Terraform, provider: &Path, folder: &Path) -> Outcome<()> {
    let state = folder.join("state.json");
    write(
        &state,
        output(&mut terraform.command(folder, &["show", "-json"]))?,
    )?;
    for (reading, title) in READINGS {
        println!("\n{title}\n{}\n", "─".repeat(title.chars().count()));
        run(Command::new(provider).arg(reading).arg(&state))?;
    }
    Ok(())
}
