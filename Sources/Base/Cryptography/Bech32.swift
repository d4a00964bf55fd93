import Primitives

/// Bech32 of BIP-173 (not bech32m), for data of whole bytes.
public enum Bech32 {
    /// The longest text, in characters.
    public static let textLengthMax = 90

    private static let alphabet = Bytes("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let separator = UInt8(ascii: "1")
    private static let checksumLength = 6

    /// The lower-case text for `data` under `prefix`.
    public static func encode(_ data: Bytes, prefix: AddressPrefix) -> String {
        let prefix = Bytes(prefix.rawValue.utf8)
        let groups = regrouped(data, from: 8, to: 5).groups
        let checked = groups + checksum(prefix: prefix, groups: groups)
        return String(decoding: prefix + [separator] + checked.map { alphabet[Int($0)] }, as: UTF8.self)
    }

    /// The prefix, in lower case, and the data of `text`; nil for a text that is too long, mixes cases, has no prefix or a
    /// character outside the alphabet, fails the checksum, or whose data is not whole bytes padded with zero bits.
    public static func decode(_ text: String) -> (prefix: String, data: Bytes)? {
        let characters = Bytes(text.utf8)
        guard characters.count <= textLengthMax, let lowered = loweredWithoutMixing(characters),
            let split = lowered.lastIndex(of: separator), split > 0,
            let groups = values(lowered[(split + 1)...]), groups.count >= checksumLength
        else { return nil }
        let prefix = Bytes(lowered[..<split])
        guard residue(expanded(prefix) + groups) == 1 else { return nil }
        let (data, rest, restBits) = regrouped(Bytes(groups.dropLast(checksumLength)), from: 5, to: 8)
        guard restBits < 5, rest == 0 else { return nil }
        return (String(decoding: prefix, as: UTF8.self), data)
    }

    private static func loweredWithoutMixing(_ characters: Bytes) -> Bytes? {
        guard characters.allSatisfy({ (33...126).contains($0) }) else { return nil }
        let isUpper = { (character: UInt8) in (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(character) }
        let hasLower = characters.contains { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
        if hasLower { return characters.contains(where: isUpper) ? nil : characters }
        return characters.map { isUpper($0) ? $0 + 32 : $0 }
    }

    private static func values(_ characters: ArraySlice<UInt8>) -> Bytes? {
        var values = Bytes()
        for character in characters {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            values.append(UInt8(value))
        }
        return values
    }

    /// Splits a bit string into groups of `outBits`. Going to 5 bits the last group is filled with zero bits; going to 8 the
    /// bits left over are `rest`, `restBits` of them.
    private static func regrouped(
        _ input: Bytes, from inBits: Int, to outBits: Int
    ) -> (groups: Bytes, rest: UInt32, restBits: Int) {
        var groups = Bytes()
        var pending: UInt32 = 0
        var pendingBits = 0
        for value in input {
            pending = pending << UInt32(inBits) | UInt32(value)
            pendingBits += inBits
            while pendingBits >= outBits {
                pendingBits -= outBits
                groups.append(UInt8(pending >> UInt32(pendingBits)))
                pending &= 1 << UInt32(pendingBits) - 1
            }
        }
        if outBits < inBits && pendingBits > 0 { groups.append(UInt8(pending << UInt32(outBits - pendingBits))) }
        return (groups, pending, pendingBits)
    }

    private static func expanded(_ prefix: Bytes) -> Bytes { prefix.map { $0 >> 5 } + [0] + prefix.map { $0 & 31 } }

    private static func checksum(prefix: Bytes, groups: Bytes) -> Bytes {
        let residue = residue(expanded(prefix) + groups + Bytes(repeating: 0, count: checksumLength)) ^ 1
        return (0..<checksumLength).map { UInt8(truncatingIfNeeded: residue >> UInt32(5 * (5 - $0))) & 31 }
    }

    /// The remainder of the values as a polynomial over GF(32), as in BIP-173's `bech32_polymod`.
    private static func residue(_ values: Bytes) -> UInt32 {
        let generator: [UInt32] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3]
        var residue: UInt32 = 1
        for value in values {
            let top = residue >> 25
            residue = (residue & 0x1ff_ffff) << 5 ^ UInt32(value)
            for (bit, term) in generator.enumerated() where top >> UInt32(bit) & 1 == 1 { residue ^= term }
        }
        return residue
    }
}
