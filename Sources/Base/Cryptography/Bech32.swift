import Primitives

/// Bech32 of BIP-173 (not bech32m), for data of whole bytes. One pass over the text: every transfer names two addresses.
public enum Bech32 {
    /// The longest text, in characters.
    public static let textLengthMax = 90

    private static let alphabet = Bytes("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8)
    private static let separator = UInt8(ascii: "1")
    private static let checksumLength = 6

    /// The lower-case text for `data` under `prefix`. Longer than `textLengthMax`, and so unreadable, from some 40 bytes on.
    public static func encode(_ data: Bytes, prefix: AddressPrefix) -> String {
        var prefix = prefix.rawValue
        return prefix.withUTF8 { prefix in
            let length = prefix.count + 1 + (data.count * 8 + 4) / 5 + checksumLength
            return String(unsafeUninitializedCapacity: length) { text in
                alphabet.withUnsafeBufferPointer { write(data, prefix: prefix, to: text, alphabet: $0) }
                return length
            }
        }
    }

    /// Writes prefix, separator, data and checksum; `text` has room for them.
    private static func write(
        _ data: Bytes, prefix: UnsafeBufferPointer<UInt8>, to text: UnsafeMutableBufferPointer<UInt8>,
        alphabet: UnsafeBufferPointer<UInt8>
    ) {
        var residue = Bech32Residue(prefix: prefix)
        for position in 0..<prefix.count { text[position] = prefix[position] }
        text[prefix.count] = separator
        var end = prefix.count + 1
        func append(_ value: UInt32) {
            residue.add(UInt8(truncatingIfNeeded: value))
            text[end] = alphabet[Int(value)]
            end += 1
        }
        var (pending, pendingBits) = (UInt32(0), UInt32(0))
        for byte in data {
            pending = pending << 8 | UInt32(byte)
            pendingBits += 8
            while pendingBits >= 5 {
                pendingBits -= 5
                append(pending >> pendingBits & 31)
            }
        }
        if pendingBits > 0 { append(pending << (5 - pendingBits) & 31) }
        let checksum = residue.checksum
        for shift in stride(from: 25, through: 0, by: -5) {
            text[end] = alphabet[Int(checksum >> UInt32(shift) & 31)]
            end += 1
        }
    }

    /// The prefix, in lower case, and the data of `text`; nil for a text that is too long, mixes cases, has no prefix or a
    /// character outside the alphabet, fails the checksum, or whose data is not whole bytes padded with zero bits.
    public static func decode(_ text: String) -> (prefix: String, data: Bytes)? {
        var text = text
        return text.withUTF8 { characters in
            guard characters.count <= textLengthMax, isInOneCase(characters),
                let split = characters.lastIndex(of: separator), split > 0,
                characters.count - split > checksumLength
            else { return nil }
            var residue = Bech32Residue(prefix: UnsafeBufferPointer(rebasing: characters[..<split]))
            guard let data = data(UnsafeBufferPointer(rebasing: characters[(split + 1)...]), &residue) else {
                return nil
            }
            return (String(decoding: characters[..<split].map(lowered), as: UTF8.self), data)
        }
    }

    private static func data(_ characters: UnsafeBufferPointer<UInt8>, _ residue: inout Bech32Residue) -> Bytes? {
        let values = values
        var data = Bytes()
        data.reserveCapacity(characters.count * 5 / 8)
        var pending: UInt32 = 0
        var pendingBits: UInt32 = 0
        for position in 0..<characters.count {
            let value = values[Int(characters[position])]
            guard value < 32 else { return nil }
            residue.add(value)
            if position >= characters.count - checksumLength { continue }
            pending = pending << 5 | UInt32(value)
            pendingBits += 5
            if pendingBits >= 8 {
                pendingBits -= 8
                data.append(UInt8(truncatingIfNeeded: pending >> pendingBits))
                pending &= 1 << pendingBits - 1
            }
        }
        return residue.isOfValidText && pendingBits < 5 && pending == 0 ? data : nil
    }

    /// Whether all characters are printable ASCII, and not both cases among them.
    private static func isInOneCase(_ characters: UnsafeBufferPointer<UInt8>) -> Bool {
        var hasLower = false
        var hasUpper = false
        for character in characters {
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"): hasLower = true
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): hasUpper = true
            case 33...126: continue
            default: return false
            }
        }
        return !(hasLower && hasUpper)
    }

    fileprivate static func lowered(_ character: UInt8) -> UInt8 {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(character) ? character + 32 : character
    }

    /// The value of each character in either case; 255 for those outside the alphabet.
    private static let values: Bytes = (0...UInt8.max).map { character in
        alphabet.firstIndex(of: lowered(character)).map(UInt8.init) ?? 255
    }
}

/// The remainder of a text as a polynomial over GF(32): BIP-173's `bech32_polymod`.
private struct Bech32Residue {
    private var remainder: UInt32 = 1

    /// Begins with a prefix in either case.
    init(prefix: UnsafeBufferPointer<UInt8>) {
        for character in prefix { add(Bech32.lowered(character) >> 5) }
        add(0)
        for character in prefix { add(character & 31) }
    }

    /// Whether all that was added, checksum included, is a valid text.
    var isOfValidText: Bool { remainder == 1 }

    /// The five bits that leave at the top come back multiplied by the generator.
    mutating func add(_ value: UInt8) {
        let top = remainder >> 25
        remainder = (remainder & 0x1ff_ffff) << 5 ^ UInt32(value)
        if top & 1 != 0 { remainder ^= 0x3b6a_57b2 }
        if top & 2 != 0 { remainder ^= 0x2650_8e6d }
        if top & 4 != 0 { remainder ^= 0x1ea1_19fa }
        if top & 8 != 0 { remainder ^= 0x3d42_33dd }
        if top & 16 != 0 { remainder ^= 0x2a14_62b3 }
    }

    /// The six values that make a valid text of what was added, five bits each, the first at the top.
    var checksum: UInt32 {
        var residue = self
        for _ in 0..<6 { residue.add(0) }
        return residue.remainder ^ 1
    }
}
