//! A block out of an IPAM pool, known before anything is created.
//!
//! IPAM has no call that only tells the next block, so the pool's blocks and allocations are read, and the VPC is created with
//! the first free block by name. IPAM then records it as an allocation like any other; when somebody else was faster, AWS
//! refuses the VPC and the next plan finds another block.

use ipnet::Ipv4Net;
use platform_graph::{Call, Problems};
use serde_json::Value;

use crate::{Question, Setting};

use super::blocks::find_free;
use super::spec::Ipam;

const BLOCKS: &str = "ipam-cidrs";
const ALLOCATIONS: &str = "ipam-allocations";

/// What must be known of the pool to choose a block.
pub(super) fn questions(pool: &Ipam) -> [Question; 2] {
    let ask = |key: &'static str, action| Question {
        key: key.into(),
        call: Call::new("ec2", action).with("IpamPoolId", &pool.pool_id),
        required: true,
    };
    [
        ask(BLOCKS, "GetIpamPoolCidrs"),
        ask(ALLOCATIONS, "GetIpamPoolAllocations"),
    ]
}

fn blocks(
    setting: &Setting,
    key: &str,
    list: &str,
    usable: impl Fn(&Value) -> bool,
) -> Vec<Ipv4Net> {
    let mut found: Vec<Ipv4Net> = setting
        .answers
        .get(key)
        .and_then(|reply| reply.get(list))
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|entry| usable(entry))
        .filter_map(|entry| entry.get("Cidr")?.as_str()?.parse().ok())
        .collect();
    found.sort();
    found
}

/// The block that the VPC gets.
pub(super) fn first_free(
    pool: &Ipam,
    setting: &Setting,
    problems: &mut Problems,
) -> Option<Ipv4Net> {
    let own = blocks(setting, BLOCKS, "IpamPoolCidrs", |entry| {
        entry
            .get("State")
            .and_then(Value::as_str)
            .unwrap_or("provisioned")
            == "provisioned"
    });
    let taken = blocks(setting, ALLOCATIONS, "IpamPoolAllocations", |_| true);
    let found = own
        .iter()
        .find_map(|block| find_free(*block, &taken, pool.netmask_length));
    if found.is_none() {
        let own: Vec<String> = own.iter().map(Ipv4Net::to_string).collect();
        problems.error(
            ["ipam", "netmask_length"],
            format!("the pool {} has no free /{}", pool.pool_id, pool.netmask_length),
            if own.is_empty() {
                "No IPv4 block is provisioned to the pool: provision one, or name another pool.".to_owned()
            } else {
                format!(
                    "It holds {} with {} allocations. Ask for a smaller block, or provision another one to the pool.",
                    own.join(", "),
                    taken.len()
                )
            },
        );
    }
    found
}
