//! The life of a plugin process, seen from a host that speaks go-plugin to it.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout)]

#[allow(dead_code)]
mod host;
#[allow(dead_code, unused_imports)]
#[path = "../examples/tiny.rs"]
mod tiny;

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use host::plugin::grpc_broker_client::GrpcBrokerClient;
use host::plugin::grpc_controller_client::GrpcControllerClient;
use host::plugin::grpc_stdio_client::GrpcStdioClient;
use host::plugin::{ConnInfo, Empty};
use host::tfplugin6::{
    apply_resource_change, configure_provider, get_provider_schema, stop_provider,
    validate_resource_config,
};
use host::{Host, Identity, ProviderClient, decode, encode, eventually};
use platform_protocol::{AttributePath, Value};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};

fn apply(name: &str, behaviour: &str) -> apply_resource_change::Request {
    let ty = tiny::note().implied_type();
    let mut planned = ty.empty_value();
    planned.set(&AttributePath::attribute("name"), name.into());
    planned.set(&AttributePath::attribute("behaviour"), behaviour.into());
    planned.set(&AttributePath::attribute("id"), Value::unknown());
    apply_resource_change::Request {
        type_name: "tiny_note".into(),
        prior_state: encode(&Value::Null, &ty),
        planned_state: encode(&planned, &ty),
        config: encode(&planned, &ty),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_phase_from_handshake_to_shutdown() {
    let identity = Identity::new();
    let mut host = Host::start(Some(&identity)).await;
    println!("exec to handshake: {:?}", host.started_in);
    assert!(
        host.started_in < Duration::from_secs(1),
        "{:?}",
        host.started_in
    );
    let directory = host.socket.parent().unwrap().to_owned();
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&directory).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o700);

    let channel = host.connect(Some(&identity)).await.unwrap();
    let (announce, announcements) = tokio::sync::mpsc::channel(1);
    let announcements = tokio_stream::wrappers::ReceiverStream::new(announcements);
    let broker = GrpcBrokerClient::new(channel.clone())
        .start_stream(announcements)
        .await
        .unwrap();
    announce.send(ConnInfo::default()).await.unwrap();
    let stdio = GrpcStdioClient::new(channel.clone())
        .stream_stdio(())
        .await
        .unwrap();
    let mut health = tonic_health::pb::health_client::HealthClient::new(channel.clone());
    let check = tonic_health::pb::HealthCheckRequest {
        service: "plugin".into(),
    };
    let status = health.check(check).await.unwrap().into_inner().status();
    assert_eq!(
        status,
        tonic_health::pb::health_check_response::ServingStatus::Serving
    );

    let mut provider = ProviderClient::new(channel.clone());
    let schema = provider
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .unwrap()
        .into_inner();
    assert!(schema.provider.is_some() && schema.diagnostics.is_empty());
    let capabilities = schema.server_capabilities.unwrap();
    assert!(
        capabilities.plan_destroy
            && capabilities.get_provider_schema_optional
            && capabilities.move_resource_state
    );

    let start = Instant::now();
    GrpcControllerClient::new(channel)
        .shutdown(Empty {})
        .await
        .unwrap();
    let status = tokio::time::timeout(Duration::from_secs(1), host.child.wait())
        .await
        .unwrap()
        .unwrap();
    println!("shutdown to exit: {:?}", start.elapsed());
    assert!(status.success());
    assert!(!directory.exists());
    assert_eq!(host.rest_of_stdout().await, "");
    assert!(
        broker
            .into_inner()
            .message()
            .await
            .map_or(true, |message| message.is_none())
    );
    assert!(
        stdio
            .into_inner()
            .message()
            .await
            .map_or(true, |message| message.is_none())
    );
}

#[tokio::test]
async fn only_the_hosts_certificate_gets_in() {
    let identity = Identity::new();
    let host = Host::start(Some(&identity)).await;
    for stranger in [None, Some(&Identity::new())] {
        // With TLS 1.3 a client learns of its refusal only when it reads.
        let refused = match host.connect(stranger).await {
            Err(_) => true,
            Ok(channel) => {
                let request = get_provider_schema::Request {};
                ProviderClient::new(channel)
                    .get_provider_schema(request)
                    .await
                    .is_err()
            }
        };
        assert!(refused);
    }
    let plain = host::connect(host.socket.clone(), None, None).await;
    if let Ok(channel) = plain {
        let request = get_provider_schema::Request {};
        assert!(
            ProviderClient::new(channel)
                .get_provider_schema(request)
                .await
                .is_err()
        );
    }
    let channel = host.connect(Some(&identity)).await.unwrap();
    ProviderClient::new(channel)
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn without_a_client_certificate_there_is_no_tls() {
    let host = Host::start(None).await;
    assert!(host.line.ends_with("|grpc|\n"));
    let channel = host.connect(None).await.unwrap();
    ProviderClient::new(channel)
        .get_provider_schema(get_provider_schema::Request {})
        .await
        .unwrap();
}

#[tokio::test]
async fn a_person_gets_an_explanation() {
    let mut command = host::command(&host::plugin_path());
    command
        .env("TF_PLUGIN_MAGIC_COOKIE", "wrong")
        .stderr(Stdio::piped());
    let output = command.spawn().unwrap().wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("This program is a Terraform plugin.")
    );
}

#[tokio::test]
async fn sockets_go_where_the_host_says() {
    let directory = tempfile::tempdir().unwrap();
    let mut command = host::command(&host::plugin_path());
    command.env("PLUGIN_UNIX_SOCKET_DIR", directory.path());
    let host = Host::spawn(command).await;
    assert!(host.socket.starts_with(directory.path()));

    // A path too long for a socket address is no reason to fail.
    let long = directory.path().join("x".repeat(100));
    std::fs::create_dir(&long).unwrap();
    let mut command = host::command(&host::plugin_path());
    command.env("PLUGIN_UNIX_SOCKET_DIR", &long);
    let host = Host::spawn(command).await;
    host.connect(None).await.unwrap();
}

/// What every run begins with.
fn configure() -> configure_provider::Request {
    let ty = platform_protocol::Type::object([("greeting", platform_protocol::Type::String)]);
    configure_provider::Request {
        config: encode(&ty.empty_value(), &ty),
        ..Default::default()
    }
}

#[tokio::test]
async fn stopping_ends_the_run_and_not_the_next_one() {
    let host = Host::start(None).await;
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    for _ in 0..2 {
        provider.configure_provider(configure()).await.unwrap();
        let mut other = provider.clone();
        let running =
            tokio::spawn(async move { other.apply_resource_change(apply("a", "wait")).await });
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(!running.is_finished());
        let stopped = provider
            .stop_provider(stop_provider::Request {})
            .await
            .unwrap();
        assert_eq!(stopped.into_inner().error, "");
        let in_flight = running.await.unwrap().unwrap().into_inner();
        // Terraform had it on its way before it was interrupted.
        let late = provider.apply_resource_change(apply("a", "wait"));
        let late = late.await.unwrap().into_inner();
        for response in [in_flight, late] {
            assert_eq!(response.diagnostics[0].summary, "Interrupted");
            let state = decode(response.new_state, &tiny::note().implied_type());
            assert_eq!(state.attr("id").as_str(), Some("note/a"));
        }
    }
    provider.configure_provider(configure()).await.unwrap();
    let response = provider
        .apply_resource_change(apply("b", "none"))
        .await
        .unwrap()
        .into_inner();
    assert!(response.diagnostics.is_empty());
}

#[tokio::test]
async fn interrupts_are_the_hosts_business_and_termination_waits_for_the_last_request() {
    let mut host = Host::start(None).await;
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    host.signal("INT");
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(host.child.try_wait().unwrap().is_none());

    let running =
        tokio::spawn(async move { provider.apply_resource_change(apply("a", "wait")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    host.signal("TERM");
    let response = running.await.unwrap().unwrap().into_inner();
    assert_eq!(response.diagnostics[0].summary, "Interrupted");
    let status = tokio::time::timeout(Duration::from_secs(2), host.child.wait())
        .await
        .unwrap()
        .unwrap();
    assert!(status.success());
    assert!(!host.socket.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_orphan_finishes_its_work_and_goes() {
    let directory = tempfile::tempdir().unwrap();
    let late = directory.path().join("late");
    let mut command = host::command(&PathBuf::from("/bin/sh"));
    // The shell plays Terraform: the plugin's parent, killed while an apply is running.
    command.arg("-c").arg(format!(
        "'{}' & echo \"$!\" >&2; wait",
        host::plugin_path().display()
    ));
    command.stderr(Stdio::piped());
    let mut host = Host::spawn(command).await;
    let mut pid = String::new();
    BufReader::new(host.child.stderr.take().unwrap())
        .read_line(&mut pid)
        .await
        .unwrap();
    let process = PathBuf::from("/proc").join(pid.trim());
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    let request = apply(late.to_str().unwrap(), "write-late");
    let running = tokio::spawn(async move { provider.apply_resource_change(request).await });
    tokio::time::sleep(Duration::from_millis(200)).await;

    host.child.kill().await.unwrap();
    running.abort();
    tokio::time::sleep(Duration::from_millis(800)).await;
    assert!(process.exists() && !late.exists());
    assert!(eventually(Duration::from_secs(15), || !host.socket.exists()).await);
    assert!(late.exists());
    // Nobody may be there to reap it, so it may remain as a name.
    let gone =
        || std::fs::read_to_string(process.join("stat")).map_or(true, |stat| stat.contains(") Z"));
    assert!(eventually(Duration::from_secs(1), gone).await);
}

#[tokio::test]
async fn a_process_that_lost_its_host_goes() {
    let mut host = Host::start(None).await;
    drop(host.connect(None).await.unwrap());
    let status = tokio::time::timeout(Duration::from_secs(10), host.child.wait())
        .await
        .unwrap()
        .unwrap();
    assert!(status.success() && !host.socket.exists());
}

#[tokio::test]
async fn a_process_started_by_hand_stays_until_interrupted() {
    let mut command = host::command(&host::plugin_path());
    command
        .arg("--debug")
        .env_remove("TF_PLUGIN_MAGIC_COOKIE")
        .env("PLUGIN_CLIENT_CERT", "ignored");
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    let json = line
        .trim_end()
        .strip_prefix("TF_REATTACH_PROVIDERS='")
        .unwrap()
        .strip_suffix('\'')
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(json).unwrap();
    let attach = &json["registry.terraform.io/example/tiny"];
    assert_eq!(attach["Pid"].as_u64(), child.id().map(u64::from));
    let socket = PathBuf::from(attach["Addr"]["String"].as_str().unwrap());
    for _ in 0..2 {
        let mut provider =
            ProviderClient::new(host::connect(socket.clone(), None, None).await.unwrap());
        provider
            .get_provider_schema(get_provider_schema::Request {})
            .await
            .unwrap();
    }
    host::kill(child.id().unwrap(), "INT");
    let status = tokio::time::timeout(Duration::from_secs(2), child.wait())
        .await
        .unwrap()
        .unwrap();
    assert!(status.success() && !socket.exists());
}

#[tokio::test]
async fn logs_are_json_lines_on_demand() {
    for (variable, lines_expected) in [("TF_LOG_CORE", false), ("TF_LOG_PROVIDER_TINY", true)] {
        let mut command = host::command(&host::plugin_path());
        command.env(variable, "trace").stderr(Stdio::piped());
        let mut host = Host::spawn(command).await;
        let channel = host.connect(None).await.unwrap();
        ProviderClient::new(channel.clone())
            .apply_resource_change(apply("a", "none"))
            .await
            .unwrap();
        GrpcControllerClient::new(channel)
            .shutdown(Empty {})
            .await
            .unwrap();
        let mut log = String::new();
        host.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .await
            .unwrap();
        assert_eq!(log.lines().count() > 0, lines_expected, "{log}");
        for line in log.lines() {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            for member in ["@level", "@message", "@module", "@timestamp"] {
                assert!(line[member].is_string(), "{line}");
            }
        }
    }
}

#[tokio::test]
async fn a_closed_standard_error_is_no_reason_to_die() {
    let mut command = host::command(&host::plugin_path());
    command.env("TF_LOG", "TRACE").stderr(Stdio::piped());
    let mut host = Host::spawn(command).await;
    drop(host.child.stderr.take());
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    let response = provider
        .apply_resource_change(apply("a", "panic"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(response.diagnostics[0].summary, "The provider crashed");
}

#[tokio::test]
async fn panics_are_marked_for_the_host() {
    let mut command = host::command(&host::plugin_path());
    command.stderr(Stdio::piped());
    let mut host = Host::spawn(command).await;
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    provider
        .apply_resource_change(apply("a", "panic"))
        .await
        .unwrap();
    let mut line = String::new();
    BufReader::new(host.child.stderr.take().unwrap())
        .read_line(&mut line)
        .await
        .unwrap();
    assert!(line.starts_with("panic: panicked at "), "{line}");
}

#[tokio::test]
async fn messages_may_be_large() {
    let host = Host::start(None).await;
    let mut provider = ProviderClient::new(host.connect(None).await.unwrap());
    let ty = tiny::note().implied_type();
    let mut config = ty.empty_value();
    config.set(
        &AttributePath::attribute("name"),
        "x".repeat(8 << 20).into(),
    );
    let request = validate_resource_config::Request {
        type_name: "tiny_note".into(),
        config: encode(&config, &ty),
        client_capabilities: None,
    };
    assert!(
        provider
            .validate_resource_config(request)
            .await
            .unwrap()
            .into_inner()
            .diagnostics
            .is_empty()
    );
}
