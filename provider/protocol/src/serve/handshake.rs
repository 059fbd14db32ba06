//! How a plugin process and its host find each other: environment in, one line of text out.

use std::path::PathBuf;
use std::{env, io};

use base64::Engine as _;

/// What tells a plugin that a host started it, as opposed to a person. It is no secret.
const COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The version of go-plugin's own protocol, and of Terraform's on top of it. A host that doesn't know 6 says so itself.
const CORE_VERSION: u32 = 1;
pub(super) const PROTOCOL_VERSION: u32 = 6;

/// The longest address a Unix socket can have everywhere, with room for the terminating zero.
const LONGEST_SOCKET_PATH: usize = 100;

/// Whether Terraform (or another host of its plugins) started this process; otherwise a person did.
pub fn launched_by_terraform() -> bool {
    env::var(COOKIE.0).is_ok_and(|value| value == COOKIE.1)
}

/// What the host asks for.
pub(super) struct Environment {
    /// The host's certificate in PEM; absent when it doesn't want TLS.
    pub client_certificate: Option<String>,
    /// Where Unix sockets go.
    pub socket_dir: PathBuf,
    /// Ports for hosts without Unix sockets.
    #[cfg_attr(unix, allow(dead_code))]
    pub ports: std::ops::RangeInclusive<u16>,
    /// Whether the host has heard of multiplexing several services over one connection.
    pub knows_multiplexing: bool,
}

impl Environment {
    pub(super) fn read() -> Environment {
        let filled = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let port = |name, default| {
            filled(name)
                .and_then(|port| port.parse().ok())
                .unwrap_or(default)
        };
        Environment {
            client_certificate: filled("PLUGIN_CLIENT_CERT"),
            socket_dir: filled("PLUGIN_UNIX_SOCKET_DIR").map_or_else(env::temp_dir, PathBuf::from),
            ports: port("PLUGIN_MIN_PORT", 10000)..=port("PLUGIN_MAX_PORT", 25000),
            knows_multiplexing: filled("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }
}

/// The line that tells the host where to connect and which certificate to expect there.
pub(super) fn line(
    address: &Address,
    certificate: Option<&[u8]>,
    knows_multiplexing: bool,
) -> String {
    let certificate =
        certificate.map(|der| base64::engine::general_purpose::STANDARD_NO_PAD.encode(der));
    let certificate = certificate.unwrap_or_default();
    let multiplexing = if knows_multiplexing { "|false" } else { "" };
    let Address { network, text } = address;
    format!("{CORE_VERSION}|{PROTOCOL_VERSION}|{network}|{text}|grpc|{certificate}{multiplexing}\n")
}

/// The variable by which a Terraform run attaches to a process that a person started.
pub(super) fn reattach_line(provider: &str, address: &Address) -> String {
    let reattach = serde_json::json!({
        provider: {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL_VERSION,
            "Pid": std::process::id(),
            "Test": true,
            "Addr": { "Network": address.network, "String": address.text },
        }
    });
    format!("TF_REATTACH_PROVIDERS='{reattach}'\n")
}

/// Where the server listens.
pub(super) struct Address {
    pub network: &'static str,
    pub text: String,
}

#[cfg(unix)]
mod listener {
    use std::os::unix::fs::PermissionsExt as _;

    use tokio::net::{UnixListener, UnixStream};

    use super::*;

    /// A socket in a directory of its own, which no other user can enter.
    pub(in crate::serve) struct Listener {
        listener: UnixListener,
        directory: tempfile::TempDir,
    }

    impl Listener {
        pub(in crate::serve) fn bind(environment: &Environment) -> io::Result<Listener> {
            let owner_only = std::fs::Permissions::from_mode(0o700);
            let mut directories = tempfile::Builder::new();
            directories.prefix("plugin").permissions(owner_only);
            let mut directory = directories.tempdir_in(&environment.socket_dir)?;
            if directory.path().as_os_str().len() + "/socket".len() > LONGEST_SOCKET_PATH {
                directory = directories.tempdir_in("/tmp")?;
            }
            let listener = UnixListener::bind(directory.path().join("socket"))?;
            Ok(Listener {
                listener,
                directory,
            })
        }

        pub(in crate::serve) fn address(&self) -> io::Result<Address> {
            Ok(Address {
                network: "unix",
                text: self.directory.path().join("socket").display().to_string(),
            })
        }

        /// Removes the socket, whoever still listens on it.
        pub(in crate::serve) fn unlink(&self) {
            // Failing that it stays behind in a directory for such things; there is no one left to tell.
            let _ = std::fs::remove_dir_all(self.directory.path());
        }

        pub(in crate::serve) async fn accept(&self) -> io::Result<UnixStream> {
            Ok(self.listener.accept().await?.0)
        }
    }
}

#[cfg(not(unix))]
mod listener {
    use tokio::net::{TcpListener, TcpStream};

    use super::*;

    /// A port of the loopback interface.
    pub(in crate::serve) struct Listener(TcpListener);

    impl Listener {
        pub(in crate::serve) fn bind(environment: &Environment) -> io::Result<Listener> {
            let _ = LONGEST_SOCKET_PATH;
            let mut last = io::Error::other("the host allows no port");
            for port in environment.ports.clone() {
                match std::net::TcpListener::bind(("127.0.0.1", port)) {
                    Ok(listener) => {
                        listener.set_nonblocking(true)?;
                        return Ok(Listener(TcpListener::from_std(listener)?));
                    }
                    Err(error) => last = error,
                }
            }
            Err(last)
        }

        pub(in crate::serve) fn address(&self) -> io::Result<Address> {
            Ok(Address {
                network: "tcp",
                text: self.0.local_addr()?.to_string(),
            })
        }

        pub(in crate::serve) fn unlink(&self) {}

        pub(in crate::serve) async fn accept(&self) -> io::Result<TcpStream> {
            Ok(self.0.accept().await?.0)
        }
    }
}

pub(super) use listener::Listener;

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Address {
        Address {
            network: "unix",
            text: "/tmp/plugin1/socket".into(),
        }
    }

    #[test]
    fn the_line_has_six_fields_and_an_unpadded_certificate() {
        assert_eq!(
            line(&address(), Some(&[0xfb, 0xff]), false),
            "1|6|unix|/tmp/plugin1/socket|grpc|+/8\n"
        );
        assert_eq!(
            line(&address(), None, false),
            "1|6|unix|/tmp/plugin1/socket|grpc|\n"
        );
        assert_eq!(
            line(&address(), None, true),
            "1|6|unix|/tmp/plugin1/socket|grpc||false\n"
        );
    }

    #[test]
    fn the_reattach_line_can_be_pasted_into_a_shell() {
        let line = reattach_line("example.com/ns/name", &address());
        let json = line
            .strip_prefix("TF_REATTACH_PROVIDERS='")
            .unwrap()
            .strip_suffix("'\n")
            .unwrap();
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        assert_eq!(
            json["example.com/ns/name"]["Addr"]["String"],
            "/tmp/plugin1/socket"
        );
        assert_eq!(json["example.com/ns/name"]["Pid"], std::process::id());
    }
}
