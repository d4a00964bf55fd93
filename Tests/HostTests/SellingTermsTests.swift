import OpenAIWire
import Primitives
import TestSupport
import Testing

@testable import HostRoles

/// What a host sells of what its owner does not need.
@Suite(.timeLimit(.minutes(1))) struct SellingTermsTests {
    private static func address(_ byte: UInt8) throws -> Address {
        try #require(Address(Bytes(repeating: byte, count: Address.length)))
    }

    private static func terms(_ percent: Int, _ from: Int? = nil, _ until: Int? = nil) throws -> SellingTerms {
        var terms = SellingTerms()
        terms.owners = [try address(1)]
        terms.keptFreePercent = percent
        if let from, let until { terms.hours = SellingTerms.Hours(from: from, until: until) }
        return terms
    }

    @Test(arguments: [(0, nil), (1, 7), (25, 6), (50, 4), (99, 0), (100, 0), (900, 0)] as [(Int, Int?)])
    func aShareIsKeptFree(percent: Int, places: Int?) throws {
        let terms = try Self.terms(percent)
        #expect(terms.activeMax(payer: try Self.address(2), places: 8, at: 0) == places)
        #expect(terms.activeMax(payer: try Self.address(1), places: 8, at: 0) == nil, "the owner always gets in")
    }

    @Test(arguments: [
        (8, 18, 7, false), (8, 18, 8, true), (8, 18, 18, false), (20, 6, 23, true), (20, 6, 5, true), (20, 6, 6, false),
    ])
    func hoursAreOfTheDay(from: Int, until: Int, hour: UInt64, isOpen: Bool) throws {
        let terms = try Self.terms(0, from, until)
        let seconds = 86_400 * 20_000 + hour * 3_600 + 59
        #expect(terms.activeMax(payer: try Self.address(2), places: 8, at: seconds) == (isOpen ? nil : 0))
        #expect(terms.activeMax(payer: try Self.address(1), places: 8, at: seconds) == nil)
    }

    @Test func hoursThatAreNone() {
        for (from, until) in [(-1, 3), (3, 25), (4, 4)] { #expect(SellingTerms.Hours(from: from, until: until) == nil) }
        #expect(SellingTerms.Hours(from: 0, until: 24) != nil)
    }

    @Test func anExecutorKeepsItsOwnersPlaces() async throws {
        var limits = Limits()
        limits.selling.keptFreePercent = 100
        let scene = try await HostScene(limits: limits)
        await #expect(throws: OpenAIError.rateLimitExceeded(retryAfterSeconds: limits.retryAfterSeconds)) {
            try await scene.executor.answer(await scene.request())
        }
        #expect(scene.executor.load.reading.running == 0)
        limits.selling.owners = [scene.payer.address]
        let own = try await HostScene(limits: limits)
        _ = try await own.executor.answer(await own.request())
    }
}
