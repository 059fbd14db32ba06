//! Reads that show AWS as it was a moment ago.
//!
//! # Flow
//!
//! Before a mutating call goes to the emulator, the emulator is forked: the copy goes on answering as it
//! would have at that instant. A stale read is answered by the copy that was current at the moment it looks back to.
//!
//! # Guarantees
//!
//! - What is stale is a whole account at one instant: an object that was just created does not exist (with
//!   the service's own error, if it is asked for by its id), one that was just deleted is still there, one
//!   that was just changed shows what it was.
//! - Nothing looks back behind the moment at which the weather was set.
//!
//! # Caveats
//!
//! - Two reads look back differently far, as on AWS: what one shows, the next may not.
//! - Only calls through the proxy count as changes, and only an emulator that can be forked can be looked back on.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use tokio::sync::{RwLock, RwLockReadGuard};

use crate::ensure;
use crate::failure::Outcome;
use crate::http;

/// Copies of an emulator, oldest first.
#[derive(Default)]
pub(super) struct Copies {
    taken: Mutex<Vec<Copy>>,
    /// Held for writing while the emulator is copied: nothing else may be under way then.
    emulator: RwLock<()>,
}

struct Copy {
    /// Until when it is true: the next change began then.
    until: Duration,
    address: SocketAddr,
}

impl Copies {
    /// Copies the emulator at `now`, keeps the copy for `lag` at least, and says where it answers.
    pub(super) async fn take(
        &self,
        emulator: SocketAddr,
        now: Duration,
        lag: Duration,
    ) -> Outcome<SocketAddr> {
        let _alone = self.emulator.write().await;
        let reply = post(emulator, "/fork").await?;
        let port = std::str::from_utf8(&reply)?.trim().parse()?;
        let address = SocketAddr::new(emulator.ip(), port);
        let outdated: Vec<Copy> = {
            let mut taken = self.taken();
            taken.push(Copy {
                until: now,
                address,
            });
            // A read that was decided on before this moment may still be on its way.
            let keep = now.saturating_sub(2 * lag + Duration::from_secs(1));
            let outdated = taken.partition_point(|copy| copy.until < keep);
            taken.drain(..outdated).collect()
        };
        end(outdated);
        Ok(address)
    }

    /// The copy that shows what there was at `moment`; `None` if nothing has changed since.
    pub(super) fn as_of(&self, moment: Duration) -> Option<SocketAddr> {
        let taken = self.taken();
        let copy = taken.get(taken.partition_point(|copy| copy.until < moment))?;
        Some(copy.address)
    }

    /// Waits until the emulator may be called, and keeps it from being copied meanwhile.
    pub(super) async fn calling(&self) -> RwLockReadGuard<'_, ()> {
        self.emulator.read().await
    }

    /// Forgets what was, so that every read shows what is. The copies end with the emulator.
    pub(super) fn forget(&self) {
        self.taken().clear();
    }

    fn taken(&self) -> MutexGuard<'_, Vec<Copy>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends copies that nobody needs any more; the others end with the emulator.
fn end(copies: Vec<Copy>) {
    for copy in copies {
        // It answers by going away.
        tokio::spawn(async move { post(copy.address, "/end").await });
    }
}

async fn post(address: SocketAddr, path: &str) -> Outcome<Bytes> {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("host", address.to_string())
        .body(Full::new(Bytes::new()))?;
    let reply = http::exchange(address, request).await?;
    ensure!(
        reply.status() == 200,
        "the emulator at {address} can't be copied: {path} answers {}",
        reply.status()
    );
    Ok(reply.into_body())
}
