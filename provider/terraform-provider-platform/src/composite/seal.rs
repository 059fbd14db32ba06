//! The seal: what a complete composite writes on its anchor part, so that state can be rebuilt from AWS alone.
//!
//! # Flow
//! Once every part is as asked for, spec and ledger are serialised, deflated, written as base64 and cut into tags of the
//! anchor (`platform:seal/0`, `platform:seal/1`, …). Import reads them back, expands them and looks for every part.
//!
//! # Guarantees
//! What is unsealed is what was sealed, or an error; a seal whose pieces were mixed up is never half-read.
//!
//! # Assumptions
//! A spec holds no secret (no composite has one outside write-only arguments, and those are not part of the spec).
//!
//! # Caveats
//! AWS allows 50 tags on a resource and 256 characters in a value. A spec that needs more than [`MOST_PIECES`] pieces is
//! sealed by its hash alone: it is recognised as complete, and import says that it can't rebuild the state.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use platform_composites::Ledger;
use platform_graph::{SEAL_TAG_PREFIX, Tags, seal_piece};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

/// Characters per tag: AWS allows 256.
const PIECE: usize = 250;
/// Tags a seal may take of the 50 that a resource can have.
const MOST_PIECES: usize = 20;
/// A seal larger than this when inflated was not written by us.
const MOST_BYTES: u64 = 1 << 20;
const HASH_ONLY: &str = "sha256:";
/// As many marks as a signature has room for, at four characters each.
const MOST_MARKS: usize = 58;
/// Tags of a run that changes what is sealed, after the seal's prefix.
const BEGUN: &str = "begun";
const ENDED: &str = "ended";

/// What is sealed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sealed {
    /// The configuration as the user wrote it, without what was left out.
    pub spec: Json,
    /// The allocations.
    pub ledger: Ledger,
}

impl Sealed {
    /// The tags that seal this.
    pub fn tags(&self) -> Tags {
        let text = match self.packed() {
            Some(text) if text.len() <= PIECE * MOST_PIECES => text,
            _ => self.hash_only(),
        };
        text.as_bytes()
            .chunks(PIECE)
            .enumerate()
            .map(|(index, piece)| {
                (
                    format!("{SEAL_TAG_PREFIX}/{index}"),
                    String::from_utf8_lossy(piece).into_owned(),
                )
            })
            .collect()
    }

    /// Reads the seal out of the anchor's tags. `Ok(None)` when they hold none.
    ///
    /// # Errors
    /// Says why a seal that is there can't be read.
    pub fn from_tags(tags: &Tags) -> Result<Option<Sealed>, String> {
        let mut pieces: Vec<(usize, &str)> = tags
            .iter()
            .filter_map(|(key, piece)| Some((seal_piece(key)?, piece.as_str())))
            .collect();
        if pieces.is_empty() {
            return Ok(None);
        }
        pieces.sort_unstable();
        if pieces
            .iter()
            .enumerate()
            .any(|(index, (number, _))| index != *number)
        {
            return Err(format!(
                "a piece of its seal (the tags {SEAL_TAG_PREFIX}/*) is missing"
            ));
        }
        let text: String = pieces.into_iter().map(|(_, piece)| piece).collect();
        if text.starts_with(HASH_ONLY) {
            return Err("its configuration is too large to be kept in tags".to_owned());
        }
        let packed = STANDARD_NO_PAD
            .decode(text)
            .map_err(|error| format!("its seal is damaged: {error}"))?;
        let mut plain = Vec::new();
        DeflateDecoder::new(&packed[..])
            .take(MOST_BYTES)
            .read_to_end(&mut plain)
            .map_err(|error| format!("its seal is damaged: {error}"))?;
        serde_json::from_slice(&plain)
            .map(Some)
            .map_err(|error| format!("its seal is damaged: {error}"))
    }

    /// Whether these tags of an anchor say that its composite was complete once, whether or not they can be read.
    pub fn is_in(tags: &Tags) -> bool {
        tags.keys().any(|key| seal_piece(key).is_some())
    }

    fn packed(&self) -> Option<String> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&serde_json::to_vec(self).ok()?).ok()?;
        Some(STANDARD_NO_PAD.encode(encoder.finish().ok()?))
    }

    fn hash_only(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.spec.to_string());
        for (key, value) in &self.ledger.0 {
            hash.update(key);
            hash.update([0]);
            hash.update(value);
            hash.update([0]);
        }
        hash.finalize()
            .iter()
            .fold(HASH_ONLY.to_owned(), |text, byte| {
                format!("{text}{byte:02x}")
            })
    }
}

/// A run that makes parts of a composite that was complete. It signs in beside the seal before it makes anything and signs out
/// with the next seal: between the two something may exist that no state knows, should the run be killed.
///
/// The signature lists marks of what the run makes that can't carry tags, as many as one tag has room for: nothing else
/// would tell it from what others made. Marks of a run that never signed out are taken over into the next signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature(String);

impl Signature {
    /// The signature of a run that seals this and makes the parts at these addresses, of which some have these marks. Before those
    /// come the marks of earlier runs that were never finished.
    pub fn of<'a>(
        sealed: &Sealed,
        made: impl IntoIterator<Item = &'a str>,
        earlier: &BTreeSet<[u8; 3]>,
        marks: &BTreeSet<[u8; 3]>,
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(sealed.hash_only());
        for address in made {
            hash.update([0]);
            hash.update(address);
        }
        let digest = hash.finalize();
        let mut text = digest
            .iter()
            .take(8)
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
        let all = earlier.iter().chain(marks.difference(earlier));
        let marks: Vec<u8> = all.take(MOST_MARKS).flatten().copied().collect();
        if !marks.is_empty() {
            text = format!("{text}:{}", STANDARD_NO_PAD.encode(marks));
        }
        Signature(text)
    }

    /// Whether there was a run that the state knows nothing of, by the tags of the anchor, and the marks that it left: it never
    /// signed out, or it did and is not among those that the state remembers (if it remembers any).
    pub fn unfinished(tags: &Tags, known: &[String]) -> Option<BTreeSet<[u8; 3]>> {
        let tag = |name: &str| tags.get(&format!("{SEAL_TAG_PREFIX}/{name}"));
        let (begun, ended) = (tag(BEGUN), tag(ENDED));
        let is_open = begun.is_some() && begun != ended;
        let is_known = known.is_empty() || known.iter().any(|one| one == Signature::last(tags));
        let is_unknown = !tags.is_empty() && !is_known;
        if !is_open && !is_unknown {
            return None;
        }
        let written = begun.and_then(|text| text.split_once(':'));
        let marks = written.and_then(|(_, marks)| STANDARD_NO_PAD.decode(marks).ok());
        let marks = marks.unwrap_or_default();
        let read = |mark: &[u8]| [mark[0], mark[1], mark[2]];
        Some(marks.chunks_exact(3).map(read).collect())
    }

    /// The last one that was signed out with on the anchor with these tags; empty when there is none.
    pub fn last(tags: &Tags) -> &str {
        let ended = tags.get(&format!("{SEAL_TAG_PREFIX}/{ENDED}"));
        ended.map_or("", String::as_str)
    }

    /// What the state remembers of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag that signs in.
    pub fn begun(&self) -> Tags {
        Tags::from([(format!("{SEAL_TAG_PREFIX}/{BEGUN}"), self.0.clone())])
    }

    /// The tags that sign out, whoever signed in before.
    pub fn ended(&self) -> Tags {
        let mut tags = self.begun();
        tags.insert(format!("{SEAL_TAG_PREFIX}/{ENDED}"), self.0.clone());
        tags
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn sealed(filler: usize) -> Sealed {
        // Text that deflate can't shrink, so that the size is what is asked for.
        let noise: String = (0..filler)
            .map(|index| format!("{:x}", Sha256::digest(index.to_string())))
            .collect();
        Sealed {
            spec: json!({"name": "main", "cidr": "10.0.0.0/16", "tags": {"noise": noise}}),
            ledger: Ledger([("zone/use1-az1".to_owned(), "0".to_owned())].into()),
        }
    }

    #[test]
    fn what_was_sealed_is_unsealed() {
        for filler in [0, 1, 10, 60] {
            let before = sealed(filler);
            let tags = before.tags();
            assert!(tags.len() <= MOST_PIECES);
            assert!(tags.values().all(|value| value.len() <= 256));
            assert_eq!(
                Sealed::from_tags(&tags),
                Ok(Some(before)),
                "with {filler} lines of noise"
            );
        }
    }

    #[test]
    fn a_seal_that_is_too_large_is_still_a_seal() {
        let tags = sealed(500).tags();
        assert_eq!(tags.len(), 1);
        assert!(Sealed::from_tags(&tags).unwrap_err().contains("too large"));
        assert_ne!(
            tags,
            sealed(501).tags(),
            "another configuration has another seal"
        );
    }

    #[test]
    fn a_run_that_did_not_sign_out_shows_and_leaves_the_seal_readable() {
        let sealed = sealed(1);
        let mut tags = sealed.tags();
        assert_eq!(Signature::unfinished(&tags, &[]), None);
        let marks = BTreeSet::from([[0, 1, 2], [255, 254, 253]]);
        let first = Signature::of(&sealed, ["nat/use1-az1"], &BTreeSet::new(), &marks);
        tags.extend(first.begun());
        assert_eq!(Signature::unfinished(&tags, &[]), Some(marks));
        assert_eq!(Sealed::from_tags(&tags), Ok(Some(sealed.clone())));
        tags.extend(first.ended());
        assert_eq!(Signature::unfinished(&tags, &[]), None);
        let none = BTreeSet::new();
        let second = Signature::of(&sealed, ["nat/use1-az2"], &none, &none);
        tags.extend(second.begun());
        assert_eq!(Signature::unfinished(&tags, &[]), Some(none.clone()));
        tags.extend(Signature::of(&sealed, [], &none, &none).ended());
        let unfinished = Signature::unfinished(&tags, &[]);
        assert_eq!(unfinished, None, "a later run puts it right");
        assert_eq!(Sealed::from_tags(&tags), Ok(Some(sealed)));
    }

    /// The run signed out and was killed before Terraform wrote its state.
    #[test]
    fn a_run_that_the_state_does_not_know_shows() {
        let (sealed, none) = (sealed(1), BTreeSet::new());
        let marks = BTreeSet::from([[7, 7, 7]]);
        let mut tags = sealed.tags();
        assert_eq!(Signature::unfinished(&tags, &[String::new()]), None);
        let first = Signature::of(&sealed, ["route/a"], &none, &marks);
        tags.extend(first.ended());
        let before = [String::new()];
        let after = [first.as_str().to_owned(), String::new()];
        assert_eq!(Signature::unfinished(&tags, &before), Some(marks));
        assert_eq!(Signature::unfinished(&tags, &after), None);
        assert_eq!(Signature::unfinished(&tags, &[]), None, "an older state");
        for shown in [Tags::new(), sealed.tags()] {
            let unfinished = Signature::unfinished(&shown, &after);
            assert_eq!(unfinished, None, "AWS shows what was a moment ago");
        }
    }

    #[test]
    fn a_signature_fits_into_a_tag() {
        for count in [MOST_MARKS, MOST_MARKS + 1] {
            let marks: BTreeSet<[u8; 3]> = (0..count)
                .map(|number| [0, 0, u8::try_from(number).unwrap()])
                .collect();
            let begun = Signature::of(&sealed(1), [], &BTreeSet::new(), &marks).begun();
            assert!(begun.values().all(|value| value.len() <= 256));
            let read = Signature::unfinished(&begun, &[]).unwrap();
            assert!(read.is_subset(&marks));
            assert_eq!(read.len(), count.min(MOST_MARKS), "{count}");
        }
    }

    /// One run after the other is killed; what the first one made is there all the same.
    #[test]
    fn marks_of_runs_that_never_signed_out_add_up() {
        let sealed = sealed(1);
        let mut tags = sealed.tags();
        let earlier = |tags: &Tags| Signature::unfinished(tags, &[]).unwrap_or_default();
        let one = BTreeSet::from([[9, 9, 9]]);
        tags.extend(Signature::of(&sealed, ["route/a"], &earlier(&tags), &one).begun());
        let two = BTreeSet::from([[0, 0, 0], [9, 9, 9]]);
        tags.extend(Signature::of(&sealed, ["route/b"], &earlier(&tags), &two).begun());
        assert_eq!(earlier(&tags), two);
        // Where there is no room for all, what is older comes first: it is the likelier to exist.
        let many: BTreeSet<[u8; 3]> = (0..100).map(|number| [1, 1, number]).collect();
        let third = Signature::of(&sealed, [], &earlier(&tags), &many);
        tags.extend(third.begun());
        let read = earlier(&tags);
        assert!(read.is_superset(&two), "{read:?}");
        assert_eq!(read.len(), MOST_MARKS);
        tags.extend(third.ended());
        assert_eq!(Signature::unfinished(&tags, &[]), None, "all is finished");
    }

    #[test]
    fn a_damaged_seal_says_so() {
        let mut tags = sealed(10).tags();
        tags.remove("platform:seal/0");
        assert!(Sealed::from_tags(&tags).unwrap_err().contains("missing"));
        let nonsense = Tags::from([("platform:seal/0".to_owned(), "!!!".to_owned())]);
        assert!(
            Sealed::from_tags(&nonsense)
                .unwrap_err()
                .contains("damaged")
        );
        assert_eq!(Sealed::from_tags(&Tags::new()), Ok(None));
    }
}
