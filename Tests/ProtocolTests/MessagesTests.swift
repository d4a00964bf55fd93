import Cryptography
import Messages
import Primitives
import TestSupport
import Testing
import WireFormat

@Suite("Messages, statements and records")
struct MessagesTests {
    @Test("What is decoded encodes to the same bytes", arguments: MessageSamples.all.map(\.name))
    func roundTrips(name: String) throws {
        let sample = try #require(MessageSamples.all.first { $0.name == name })
        #expect(try sample.again(sample.bytes) == sample.bytes)
    }

    @Test(
        "Bytes that are cut, lengthened or changed are refused or mean themselves",
        arguments: MessageSamples.all.map(\.name))
    func refusesOtherBytes(name: String) throws {
        let sample = try #require(MessageSamples.all.first { $0.name == name })
        var others = (0..<sample.bytes.count).map { Bytes(sample.bytes.prefix($0)) }
        others.append(sample.bytes + [0])
        // Long samples repeat themselves: one bit of each byte is enough there.
        let bits = sample.bytes.count > 400 ? [3] : Array(0..<8)
        for index in sample.bytes.indices {
            for bit in bits {
                var bytes = sample.bytes
                bytes[index] ^= 1 << bit
                others.append(bytes)
            }
        }
        for bytes in others {
            do throws(WireError) {
                #expect(try sample.again(bytes) == bytes)
            } catch { continue }
        }
    }

    @Test("A statement's signature holds for its key and its purpose alone")
    func bindsSignatures() {
        let (key, other) = (MessageSamples.payer.key, MessageSamples.host.operatorAccount.key)
        let signed = Signed(MessageSamples.voucher, by: key)
        #expect(signed.isValid(under: key.publicKey))
        #expect(!signed.isValid(under: other.publicKey))
        var changed = signed
        changed.statement.amount = Amount(12_346)
        #expect(!changed.isValid(under: key.publicKey))
        var cut = signed
        cut.signature.removeLast()
        #expect(!cut.isValid(under: key.publicKey))
        for domain in SigningDomain.allCases where domain != .voucher {
            let signature = key.sign(domain.digest(MessageSamples.voucher.encoded())).compact
            #expect(!Signed(statement: MessageSamples.voucher, signature: signature).isValid(under: key.publicKey))
        }
    }

    @Test("An item's cached tokens are among its prompt tokens")
    func refusesImpossibleItems() throws {
        var item = MessageSamples.item
        item.cachedTokens = item.promptTokens
        #expect(try WorkItem.decode(item.encoded()) == item)
        item.cachedTokens += 1
        #expect(throws: WireError.invalidValue(number: 8)) { try WorkItem.decode(item.encoded()) }
    }

    @Test(
        "A coin is base coins only in its one canonical spelling",
        arguments: [
            ("0", 0), ("1", 1), ("18446744073709551615", UInt64.max), ("18446744073709551616", nil), ("01", nil),
            ("+1", nil), ("-1", nil), ("", nil), (" 1", nil), ("1.0", nil), ("１", nil), ("0x1", nil),
        ] as [(String, UInt64?)])
    func readsCoins(text: String, value: UInt64?) {
        var coin = Coin(.zero)
        coin.amount = text
        #expect(coin.inBaseCoins == value.map { Amount($0) })
        coin.denomination = "gnk"
        #expect(coin.inBaseCoins == nil)
    }

    @Test("An address has one spelling: in capitals it is refused, wherever it stands")
    func refusesCapitals() {
        var places = 0
        // A transaction body only carries messages; it does not read them.
        for sample in MessageSamples.all where sample.name.hasPrefix("msg-") || sample.name == "allotment-move" {
            for range in sample.bytes.ranges(of: Bytes("gonka1".utf8)) {
                let address = range.lowerBound..<range.lowerBound + MessageSamples.payer.address.bech32.utf8.count
                let capitals = String(decoding: sample.bytes[address], as: UTF8.self).uppercased()
                #expect(Address(bech32: capitals) != nil)
                var bytes = sample.bytes
                bytes.replaceSubrange(address, with: Bytes(capitals.utf8))
                #expect(throws: WireError.self, "\(sample.name)") { try sample.again(bytes) }
                places += 1
            }
        }
        #expect(places >= 15)
    }

    /// Messages, statements and records with `name` wherever something is named.
    private static func named(_ name: String) -> [MessageSamples.Sample] {
        var (voucher, receipt, item) = (MessageSamples.voucher, MessageSamples.receipt, MessageSamples.item)
        (voucher.chainID, receipt.chainID, item.model) = (name, name, name)
        var coins = [Coin(Amount(1)), Coin(Amount(1))]
        (coins[0].denomination, coins[1].amount) = (name, name)
        var claim = MessageSamples.claim
        claim.entries[0].model = name
        let host = MessageSamples.host
        return [
            .init("AnyMessage", AnyMessage(typeURL: name, value: [1])), .init("Voucher", voucher),
            .init("Receipt", receipt), .init("WorkItem", item), .init("MsgCommitClaim", claim),
            .init("Coin", coins[0]), .init("Coin's amount", coins[1]),
            .init("MsgRegisterHost", host.registration(models: [name])),
            .init("MsgUpdateHost", MsgUpdateHost(host: host.address, url: "http://h", models: ["a", name])),
            .init(
                "MsgOpenSession",
                MsgOpenSession(payer: host.address, model: name, deposit: Amount(1), sessionKey: [1])),
            .init("GenesisWeight", GenesisWeight(model: name, weight: 1)),
            .init("ModelRecord", TestLedgerPlan.model(name)),
            .init("ChainRecord", ChainRecord(chainID: name, genesisTimeMilliseconds: 1)),
        ]
    }

    @Test("Names are visible ASCII, so that equal texts are equal bytes", arguments: ["Kelvin", "gonka-1", "~"])
    func readsNames(name: String) {
        for sample in Self.named(name) {
            #expect(throws: Never.self, "\(sample.name)") { try sample.again(sample.bytes) }
        }
    }

    @Test("Other names are refused", arguments: ["\u{212A}elvin", "a b", "\u{7f}", "a\n", "é", "\0"])
    func refusesNames(name: String) {
        for sample in Self.named(name) {
            #expect(throws: WireError.self, "\(sample.name)") { try sample.again(sample.bytes) }
        }
    }

    @Test("No key of the state begins another table's")
    func separatesTables() {
        let prefixes = StateTable.allCases.map(\.prefix)
        #expect(Set(prefixes).count == prefixes.count)
        #expect(prefixes.allSatisfy { $0.count == 2 })
        let long = String(repeating: "m", count: 128)
        #expect(
            !StateKey.weight(model: "ab", host: MessageSamples.payer.address).starts(with: StateKey.weights(model: "a"))
        )
        #expect(StateKey.weight(model: long, host: MessageSamples.payer.address).count == 2 + 1 + 128 + 20)
    }
}
