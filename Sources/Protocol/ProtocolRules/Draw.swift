import Cryptography
import Primitives

/// One named source of choices, the same function for groups, samples, auditors, panels and witnesses.
///
/// The i-th value is the first 16 bytes, big-endian, of SHA256(tag ‖ seed ‖ SHA256(subject) ‖ BE64 i). Each use has its own
/// tag and subject and is made by its own function, so that no two uses share values.
public struct Draw: Hashable, Sendable {
    private let tag: String
    private let subjectHash: Hash32

    private init(tag: String, subject: Bytes) {
        self.tag = tag
        subjectHash = .sha256(subject)
    }

    /// The hosts that serve a session. Subject: BE64 session.
    public static func group(session: UInt64) -> Draw {
        Draw(tag: "gonka/group/v1", subject: .bigEndian(session))
    }

    /// The sampled points of a claim's entry. Subject: BE64 round ‖ claimant ‖ SHA256(model id).
    public static func sample(of entry: ClaimEntryReference) -> Draw {
        Draw(tag: "gonka/sample/v1", subject: entry.bytes)
    }

    /// The auditors of a sample. Subject: the sample.
    public static func auditor(of sample: SampleReference) -> Draw {
        Draw(tag: "gonka/auditor/v1", subject: sample.bytes)
    }

    /// The panel of a disputed sample. Subject: the sample.
    public static func panel(of sample: SampleReference) -> Draw {
        Draw(tag: "gonka/panel/v1", subject: sample.bytes)
    }

    /// The witnesses of a request that its executor left unanswered. Subject: BE64 session ‖ BE64 sequence.
    public static func witness(session: UInt64, sequence: UInt64) -> Draw {
        Draw(tag: "gonka/witness/v1", subject: .bigEndian(session) + .bigEndian(sequence))
    }

    /// The `index`-th value (from 0), in [0, 2¹²⁸).
    public func value(_ index: UInt64, seed: Hash32) -> UInt128 {
        var hasher = SHA256Hasher()
        hasher.update(Bytes(tag.utf8))
        hasher.update(seed)
        hasher.update(subjectHash)
        hasher.update(bigEndian: index)
        return hasher.finalize().firstTwoWords
    }

    /// The `index`-th value modulo `bound`, in [0, bound); nil where `bound` is 0, as then there is nothing to choose from.
    public func point(_ index: UInt64, seed: Hash32, below bound: UInt64) -> UInt64? {
        guard bound > 0 else { return nil }
        return UInt64(value(index, seed: seed) % UInt128(bound))
    }

    /// Up to `count` different entries, each chosen with a chance in proportion to its weight among those still left.
    ///
    /// - Returns: addresses in the order in which they were picked; all that can be picked where they are not more than
    ///   `count`. O(n) once for `entries`, then O(count · (count + log n)).
    public func pick(_ count: Int, from entries: DrawEntries, seed: Hash32) -> [Address] {
        pick(count, from: entries, without: [], seed: seed)
    }

    /// The same among those of `entries` that are not `excluded`: what laying out the others anew would give, but that entries
    /// without weight stay left out.
    public func pick(
        _ count: Int, from entries: DrawEntries, without excluded: [Address], seed: Hash32
    ) -> [Address] {
        var remaining = DrawEntries.Remaining(entries, without: excluded)
        var winners: [Address] = []
        for index in 0..<UInt64(max(0, min(count, remaining.count))) {
            winners.append(remaining.take(value(index, seed: seed)))
        }
        return winners
    }
}
