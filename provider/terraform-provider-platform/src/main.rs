//! terraform-provider-platform: started by Terraform it is the provider, started by a person a command line on the same code.

mod cli;
mod composite;
mod docs;
mod functions;
mod inventory;
mod provider;
mod provider_block;
mod readings;
mod schema;
mod session;
mod sweep;
mod watch;

use std::process::ExitCode;

use platform_protocol::{ServeOptions, launched_by_terraform, serve};

/// Where the Registry has this provider.
pub const ADDRESS: &str = "registry.terraform.io/platform/platform";

fn main() -> ExitCode {
    if !launched_by_terraform() {
        return cli::run();
    }
    serve_provider(false)
}

fn serve_provider(debug: bool) -> ExitCode {
    match serve(
        provider::Platform::default(),
        &ServeOptions {
            address: ADDRESS.to_owned(),
            debug,
        },
    ) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            cli::complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}
