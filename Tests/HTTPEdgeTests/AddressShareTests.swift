import NIOCore
import Testing

@testable import HTTPEdge

/// Row E2 of the threat table: one address cannot take every place.
@Suite("Connections of one address", .timeLimit(.minutes(1)))
struct AddressShareTests {
    private static let two = DeadlineTests.limits {
        $0.connectionsPerAddressMax = 2
        $0.countsLoopback = true
    }

    @Test("One more than allowed is closed unread")
    func bound() async throws {
        try await TestEdge.serving(Self.two) { edge, client in
            try await client.connected { first, outbound in
                try await outbound.write(ByteBuffer(string: DeadlineTests.held))
                #expect(try await RawClient.read(until: "begun", of: &first).hasPrefix("HTTP/1.1 200 "))
                try await client.connected { second, outbound in
                    try await outbound.write(ByteBuffer(string: DeadlineTests.held))
                    #expect(try await RawClient.read(until: "begun", of: &second).hasPrefix("HTTP/1.1 200 "))
                    let third = try? await client.exchange(DeadlineTests.ok)
                    #expect(third?.isEmpty ?? true)
                }
                edge.release.give()
            }
        }
    }

    @Test("This machine's own addresses are not counted")
    func loopback() async throws {
        let limits = DeadlineTests.limits { $0.connectionsPerAddressMax = 0 }
        try await TestEdge.serving(limits) { _, client in
            let answer = try await client.exchange(DeadlineTests.ok)
            #expect(answer.hasSuffix("fine\n"))
        }
    }

    @Test("Places are counted for each address by itself, and given again when they come free")
    func places() {
        let places = AddressPlaces(1)
        #expect(places.take("192.0.2.1"))
        #expect(!places.take("192.0.2.1"))
        #expect(places.take("192.0.2.2"))
        places.giveBack("192.0.2.1")
        #expect(places.take("192.0.2.1"))
    }
}
