//! Terraform with an environment of its own, against an emulator.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::{Outcome, fresh_folder, provider_binary, write};

/// Source address of the provider.
const PROVIDER: &str = "registry.terraform.io/platform/platform";

/// How to run Terraform in one place.
pub struct Terraform {
    binary: PathBuf,
    environment: Vec<(&'static str, String)>,
}

impl Terraform {
    /// Uses the provider that was just built through a mirror folder, so that `terraform init` works too.
    ///
    /// `scratch` holds the mirror, the CLI configuration and Terraform's data; `endpoint` stands in for AWS.
    pub fn new(
        binary: PathBuf,
        provider_folder: &Path,
        scratch: &Path,
        endpoint: &str,
    ) -> Outcome<Self> {
        let mirror = scratch.join("mirror");
        install_into_mirror(provider_folder, &mirror)?;
        let configuration = scratch.join("cli.tfrc");
        write(
            &configuration,
            format!(
                "disable_checkpoint = true
provider_installation {{
  filesystem_mirror {{
    path    = \"{}\"
    include = [\"{PROVIDER}\"]
  }}
  direct {{
    exclude = [\"{PROVIDER}\"]
  }}
}}
",
                mirror.display()
            ),
        )?;
        let environment = vec![
            ("TF_CLI_CONFIG_FILE", configuration.display().to_string()),
            ("TF_DATA_DIR", scratch.join("data").display().to_string()),
            ("TF_IN_AUTOMATION", "1".into()),
            ("TF_INPUT", "0".into()),
            ("CHECKPOINT_DISABLE", "1".into()),
            ("AWS_ENDPOINT_URL", endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", "test".into()),
            ("AWS_SECRET_ACCESS_KEY", "test".into()),
            ("AWS_REGION", "us-east-1".into()),
            ("AWS_EC2_METADATA_DISABLED", "true".into()),
        ];
        Ok(Self {
            binary,
            environment,
        })
    }

    /// The settings as a shell writes them.
    pub fn exports(&self) -> Vec<String> {
        self.environment
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    }

    /// A Terraform command in a folder. Nothing of the caller's AWS or Terraform settings reaches it.
    pub fn command(&self, folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().into_owned();
            if name.starts_with("AWS_") || name.starts_with("TF_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .current_dir(folder)
            .envs(self.environment.iter().cloned());
        command
    }
}

/// Lays the binary out as Terraform's unpacked mirror wants it: `HOST/NAMESPACE/NAME/VERSION/PLATFORM/binary`.
fn install_into_mirror(provider_folder: &Path, mirror: &Path) -> Outcome<()> {
    let version = env!("CARGO_PKG_VERSION");
    let folder = mirror.join(PROVIDER).join(version).join(platform());
    fresh_folder(&folder)?;
    let binary = folder.join(format!(
        "terraform-provider-platform_v{version}{}",
        std::env::consts::EXE_SUFFIX
    ));
    let built = provider_binary(provider_folder);
    fs::hard_link(&built, &binary)
        .or_else(|_| fs::copy(&built, &binary).map(drop))
        .map_err(|e| format!("cannot put {} into the mirror: {e}", built.display()))
}

/// This machine's platform as Terraform writes it, such as `linux_amd64`.
pub fn platform() -> String {
    let os = if cfg!(target_os = "macos") {
        "darwin"
    } else {
        std::env::consts::OS
    };
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{architecture}")
}
