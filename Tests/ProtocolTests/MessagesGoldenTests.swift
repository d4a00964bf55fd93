import Messages
import Primitives
import TestSupport
import Testing

/// The wire: wallets, gateways and hosts of other builds must read the same bytes.
@Suite("Golden: messages, statements and records")
struct MessagesGoldenTests {
    @Test("The bytes of one of each", arguments: MessageSamples.all.map(\.name))
    func writesTheSameBytes(name: String) throws {
        let sample = try #require(MessageSamples.all.first { $0.name == name })
        expectGolden("messages/\(name)", sample.bytes)
    }

    @Test("The tables of the state")
    func keepsTables() {
        let lines = StateTable.allCases.map { "\(Hex.encode($0.prefix)) \($0)" }
        expectGolden("messages/state-tables", lines.joined(separator: "\n"))
    }
}
