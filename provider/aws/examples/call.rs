//! One call by hand: `cargo run -p platform-aws --example call -- eu-west-1 ec2 DescribeVpcs '{}'`.
//!
//! Credentials and endpoints come from the `AWS_*` variables.

use std::process::ExitCode;

use platform_aws::{Client, Config};

#[tokio::main(flavor = "current_thread")]
#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command for people"
)]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [region, service, action, rest @ ..] = &arguments[..] else {
        eprintln!("usage: call REGION SERVICE ACTION [JSON]");
        return ExitCode::from(2);
    };
    let params = match serde_json::from_str(rest.first().map_or("{}", String::as_str)) {
        Ok(params) => params,
        Err(error) => {
            eprintln!("the parameters aren't JSON: {error}");
            return ExitCode::from(2);
        }
    };
    let config = Config {
        skip_credentials_validation: true,
        ..Config::default()
    }
    .with_environment()
    .with_profile()
    .await;
    let answer = match Client::connect(config).await {
        Ok(client) => client.call(region, service, action, &params).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => {
            println!("{answer:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}\nkind: {:?}", error.kind);
            ExitCode::FAILURE
        }
    }
}
