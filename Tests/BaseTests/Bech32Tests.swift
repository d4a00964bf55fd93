import Cryptography
import Primitives
import Testing

private let bytes = "fc7250a211deddc70ee5a2738de5f07817351cef"
private let account = "gonka1l3e9pgs3mmwuwrh95fecme0s0qtn2880el49wm"

@Suite struct Bech32Tests {
    @Test(arguments: [
        ("A12UEL5L", "a", ""), ("a12uel5l", "a", ""),
        (
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
            "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio", ""
        ), ("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", "abcdef", "00443214c74254b635cf84653a56d7c675be77df"),
        (
            "11qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqc8247j", "1",
            String(repeating: "00", count: 51)
        ),
        (
            "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "split",
            "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"
        ), ("?1ezyfcl", "?", ""),
    ])
    func validStrings(text: String, prefix: String, data: String) throws {
        let decoded = try #require(Bech32.decode(text))
        #expect(decoded.prefix == prefix)
        #expect(Hex.encode(decoded.data) == data)
    }

    /// The invalid strings of BIP-173; then right checksums over data that is not whole bytes.
    @Test(arguments: [
        "\u{20}1nwldj5", "\u{7f}1axkwrx", "\u{80}1eym55h",
        "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx", "pzry9x0s0muk",
        "1pzry9x0s0muk", "x1b4n0q5v", "li1dgmt3", "de1lg7wt\u{ff}", "A1G7SGD8", "10a06t8", "1qzzfhee", "",
        // Left over: a whole character, a bit that is not 0 (twice), a whole character behind a byte.
        "gonka1qe6zv84", "gonka1qp3hqnl0", "gonka1qzly493s", "gonka1qqqs2qgdx",
        // The right checksum of bech32m.
        "a1lqfn3a", "A1LQFN3A",
    ])
    func invalidStrings(text: String) { #expect(Bech32.decode(text) == nil) }

    @Test func prefixesOfTheNetwork() throws {
        let address = try #require(Address(try hex(bytes)))
        #expect(address.bech32 == account)
        #expect(address.bech32(prefix: .hostOperator) == "gonkavaloper1l3e9pgs3mmwuwrh95fecme0s0qtn28809lyzek")
        #expect(address.bech32(prefix: .consensus) == "gonkavalcons1l3e9pgs3mmwuwrh95fecme0s0qtn28803vh74h")
        for written in AddressPrefix.allCases {
            for read in AddressPrefix.allCases {
                let found = Address(bech32: address.bech32(prefix: written), prefix: read)
                #expect(found == (written == read ? address : nil))
            }
        }
    }

    @Test func upperCaseIsReadAndMixedCaseIsNot() throws {
        #expect(Address(bech32: account.uppercased()) == Address(try hex(bytes)))
        #expect(Address(bech32: "Gonka" + account.dropFirst(5)) == nil)
        #expect(Address(bech32: "gonka1L" + account.dropFirst(7)) == nil)
    }

    @Test func dataThatIsNot20BytesIsNoAddress() {
        for count in [0, 19, 21, 32] {
            let text = Bech32.encode(Bytes(repeating: 7, count: count), prefix: .account)
            #expect(Bech32.decode(text)?.data.count == count)
            #expect(Address(bech32: text) == nil)
        }
    }

    /// The code finds every error in up to four characters; here every single one.
    @Test func everyChangedCharacterIsFound() {
        let characters = Bytes(account.utf8)
        for position in characters.indices {
            for replacement in Bytes("qpzry9x8gf2tvdw0s3jn54khce6mua7l".utf8) where replacement != characters[position]
            {
                var changed = characters
                changed[position] = replacement
                #expect(Address(bech32: String(decoding: changed, as: UTF8.self)) == nil)
            }
        }
    }

    @Test func everyLengthComesBack() {
        for count in 0...48 {
            let data = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 89 + count) }
            #expect(Bech32.decode(Bech32.encode(data, prefix: .account))?.data == data)
        }
    }
}
