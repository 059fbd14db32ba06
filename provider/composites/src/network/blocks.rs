//! Finding room in address blocks.

use ipnet::Ipv4Net;

/// A free block of this prefix length inside `block`, aligned and touching none of `taken`.
///
/// Best fit: it is cut from the smallest free piece that holds it, the lowest one among equals, so that large pieces stay whole.
pub(super) fn find_free(block: Ipv4Net, taken: &[Ipv4Net], prefix: u8) -> Option<Ipv4Net> {
    let piece = free_pieces(block, taken)
        .into_iter()
        .filter(|piece| piece.prefix_len() <= prefix)
        .max_by_key(|piece| (piece.prefix_len(), std::cmp::Reverse(piece.network())))?;
    Ipv4Net::new(piece.network(), prefix).ok()
}

/// The aligned pieces of `block` that touch none of `taken`, each as large as possible, in order.
fn free_pieces(block: Ipv4Net, taken: &[Ipv4Net]) -> Vec<Ipv4Net> {
    let touching: Vec<Ipv4Net> = taken
        .iter()
        .copied()
        .filter(|other| overlap(block, *other))
        .collect();
    if touching.is_empty() {
        return vec![block];
    }
    if touching.iter().any(|other| other.contains(&block)) {
        return Vec::new();
    }
    block
        .subnets(block.prefix_len() + 1)
        .into_iter()
        .flatten()
        .flat_map(|half| free_pieces(half, &touching))
        .collect()
}

/// Whether two blocks share addresses.
pub(super) fn overlap(one: Ipv4Net, other: Ipv4Net) -> bool {
    one.contains(&other) || other.contains(&one)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn net(text: &str) -> Ipv4Net {
        text.parse().unwrap()
    }

    #[test]
    fn the_smallest_piece_that_fits_is_cut_first() {
        let taken = [net("10.0.0.0/19"), net("10.0.64.0/20")];
        for (prefix, expected) in [
            (17, Some("10.0.128.0/17")),
            (19, Some("10.0.32.0/19")),
            (20, Some("10.0.80.0/20")),
            (24, Some("10.0.80.0/24")),
            (16, None),
        ] {
            let found = find_free(net("10.0.0.0/16"), &taken, prefix).map(|net| net.to_string());
            assert_eq!(found.as_deref(), expected, "/{prefix}");
        }
    }

    proptest! {
        #[test]
        fn blocks_never_overlap_and_none_is_refused_while_there_is_room(prefixes in prop::collection::vec(18_u8..=28, 1..60)) {
            let block = net("10.0.0.0/16");
            let mut taken: Vec<Ipv4Net> = Vec::new();
            for prefix in prefixes {
                let used: u64 = taken.iter().map(|net| 1_u64 << (32 - net.prefix_len())).sum();
                match find_free(block, &taken, prefix) {
                    Some(found) => {
                        prop_assert!(block.contains(&found));
                        prop_assert_eq!(found, found.trunc());
                        prop_assert!(!taken.iter().any(|other| overlap(*other, found)));
                        taken.push(found);
                    }
                    // Best fit of powers of two keeps a free piece of at least half of the largest possible.
                    None => prop_assert!(65_536 - used < 1_u64 << (32 - prefix) << 4),
                }
            }
        }
    }
}
