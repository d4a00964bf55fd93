import Primitives
import Testing
import WireFormat

private func randomMessage(_ generator: inout WireFuzzGenerator) -> EveryKindMessage {
    func some<Value>(_ value: Value, _ make: (inout WireFuzzGenerator) -> Value) -> Value {
        Bool.random(using: &generator) ? make(&generator) : value
    }
    func list<Value>(_ make: (inout WireFuzzGenerator) -> Value) -> [Value] {
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in make(&generator) }
    }
    var message = EveryKindMessage(address: EveryKindMessage.zeroAddress)
    message.unsigned = some(0) { $0.next() >> (($0.next() % 64)) }
    message.signed = some(0) { Int64(bitPattern: $0.next()) }
    message.flag = some(false) { _ in true }
    message.data = some([]) { $0.bytes(upTo: 200) }
    message.text = some("") { String(decoding: $0.bytes(upTo: 20), as: UTF8.self) }
    message.hash = some(.zero) { Hash32(Bytes(repeating: UInt8.random(in: 0...255, using: &$0), count: 32)) ?? .zero }
    message.inner = some(nil) { InnerMessage(value: $0.next() % 2) }
    message.inners = list { InnerMessage(value: $0.next() % 3) }
    message.datas = list { $0.bytes(upTo: 3) }
    message.texts = list { String(decoding: $0.bytes(upTo: 3), as: UTF8.self) }
    message.packed = list { $0.next() >> ($0.next() % 64) }
    message.small = some(0) { UInt32(truncatingIfNeeded: $0.next()) }
    return message
}

@Suite struct WireFuzzTests {
    @Test(arguments: 0..<20 as Range<UInt64>) func decodingUndoesEncoding(_ seed: UInt64) throws {
        var generator = WireFuzzGenerator(seed: seed)
        for _ in 0..<100 {
            let message = randomMessage(&generator)
            #expect(try EveryKindMessage.decode(message.encoded()) == message)
        }
    }

    /// Bytes that decode are the bytes that the value encodes to: no two byte strings mean the same.
    @Test(arguments: 0..<20 as Range<UInt64>) func whatIsAcceptedIsCanonical(_ seed: UInt64) {
        var generator = WireFuzzGenerator(seed: seed)
        var accepted = 0
        for _ in 0..<200 {
            let original = randomMessage(&generator).encoded()
            for _ in 0..<10 {
                var bytes = original
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
                guard let message = try? EveryKindMessage.decode(bytes) else { continue }
                accepted += 1
                #expect(message.encoded() == bytes)
            }
        }
        #expect(accepted > 0)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func randomBytesNeverTrap(_ seed: UInt64) {
        var generator = WireFuzzGenerator(seed: seed)
        for _ in 0..<2000 {
            let bytes = generator.bytes(upTo: 60)
            guard let message = try? InnerMessage.decode(bytes) else { continue }
            #expect(message.encoded() == bytes)
        }
    }
}
