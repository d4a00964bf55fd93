import Cryptography
import Messages
import OpenAIWire
import Primitives
import ProtocolRules

@testable import Gateway

/// Keys, hosts and requests that all tests share. Every value is fixed.
enum Fixtures {
    static let chainID = "gonka-swift-devnet-1"
    static let model = "test-model"
    /// 1 ngonka per input token and 2 per output token.
    static let prices = TokenPrices(input: 1_000_000_000, cachedInput: 500_000_000, output: 2_000_000_000)

    /// The private key whose 32 bytes are all `byte`.
    static func key(_ byte: UInt8) -> PrivateKey {
        guard let key = PrivateKey(Secret(Bytes(repeating: byte, count: PrivateKey.length))) else {
            preconditionFailure("0x\(byte) repeated is below the order of the curve")
        }
        return key
    }

    static let payer = key(1)
    static let sessionKey = key(2)
    static let hosts = [TestHost(1), TestHost(2), TestHost(3)]

    static func body(streams: Bool = false, maxTokens: Int = 10, content: String = "Hello") -> Bytes {
        Bytes(
            """
            {"model":"\(model)","messages":[{"role":"user","content":"\(content)"}],"max_tokens":\(maxTokens)\
            ,"stream":\(streams)}
            """.utf8)
    }

    static func request(
        streams: Bool = false, maxTokens: Int = 10, content: String = "Hello"
    ) throws -> RelayRequest {
        let body = body(streams: streams, maxTokens: maxTokens, content: content)
        return RelayRequest(try ChatCompletionRequest.parse(body), body: body)
    }

    /// 5 bytes, 1 message, 10 tokens: 5 + 16 + 64 input and 10 output.
    static let maximum = Amount(85 + 20)

    static func session(
        id: UInt64 = 1, deposit: Amount = Amount(30_000), members: [TestHost] = hosts, state: SessionState = .open,
        expiryHeight: UInt64 = 1_000
    ) -> SessionRecord {
        let request = MsgOpenSession(
            payer: payer.publicKey.address, model: model, deposit: deposit,
            sessionKey: sessionKey.publicKey.compressed)
        var record = SessionRecord(
            id: id, request: request, groupSize: UInt64(members.count), openedHeight: 1, expiryHeight: expiryHeight,
            prices: prices, servingTaxPartsPerMillion: 20_000)
        record.state = state
        record.members = members.map(\.address)
        return record
    }

    static let modelRecord = ModelRecord(
        id: model, fileHash: .sha256(utf8: model), vocabulary: 100, contextTokens: 2_048,
        coefficientPartsPerMillion: 1_000_000, prices: prices, thresholds: .smolLM2)
}

/// A host's name, keys and address.
struct TestHost: Sendable {
    let number: UInt8
    let operatorKey: PrivateKey

    init(_ number: UInt8) {
        self.number = number
        operatorKey = Fixtures.key(0x20 + number)
    }

    var address: Address { Fixtures.key(0x10 + number).publicKey.address }
    var url: String { "http://host-\(number).test" }

    var record: HostRecord {
        HostRecord(
            address: address, url: url, operatorKey: operatorKey.publicKey.compressed,
            consensusKey: Bytes(repeating: number, count: 32), models: [Fixtures.model], bond: Amount(1),
            registeredHeight: 1)
    }
}
