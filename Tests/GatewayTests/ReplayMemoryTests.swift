import Cryptography
import HTTPTypes
import OpenAIWire
import Primitives
import Synchronization
import Testing

@testable import Gateway

@Suite struct ReplayMemoryTests {
    private let time = SetTime(seconds: 1_767_225_600)

    private func signature(at nanoseconds: UInt64, of text: String = "") throws -> RequestSignature {
        let headers = SignedRequest(timestamp: nanoseconds).headers(for: Bytes(text.utf8))
        return try RequestSignature([
            .authorization: headers["authorization"] ?? "", .requesterAddress: headers["x-requester-address"] ?? "",
            .timestamp: headers["x-timestamp"] ?? "",
        ])
    }

    @Test func aSignatureIsTakenOnce() throws {
        let memory = ReplayMemory(clock: time.clock)
        let first = try signature(at: time.nanoseconds)
        try memory.use(first)
        #expect(throws: OpenAIError.requestReplayed) { try memory.use(first) }
        try memory.use(signature(at: time.nanoseconds, of: "another body"))
        time.advance(seconds: 59)
        #expect(throws: OpenAIError.requestReplayed) { try memory.use(first) }
    }

    /// A minute back and half a minute ahead, to the nanosecond.
    @Test func theWindowIsThatOfTheNetwork() throws {
        let memory = ReplayMemory(clock: time.clock)
        time.advance(seconds: 100)
        try memory.use(signature(at: time.nanoseconds - 60_000_000_000))
        #expect(throws: OpenAIError.timestampTooOld) {
            try memory.use(signature(at: time.nanoseconds - 60_000_000_001))
        }
        try memory.use(signature(at: time.nanoseconds + 30_000_000_000))
        #expect(throws: OpenAIError.timestampInFuture) {
            try memory.use(signature(at: time.nanoseconds + 30_000_000_001))
        }
    }

    /// A process knows nothing of what was used before it.
    @Test func whatWasSignedBeforeTheStartIsTooOld() throws {
        let memory = ReplayMemory(clock: time.clock)
        #expect(throws: OpenAIError.timestampTooOld) { try memory.use(signature(at: time.nanoseconds - 1_000_000_000)) }
    }

    @Test func whatCannotBeRememberedIsRefusedAndNothingIsForgotten() throws {
        let memory = ReplayMemory(clock: time.clock, countMax: 2)
        let used = try ["a", "b"].map { try signature(at: time.nanoseconds, of: $0) }
        for signature in used { try memory.use(signature) }
        let refused = try signature(at: time.nanoseconds, of: "c")
        #expect { try memory.use(refused) } throws: { ($0 as? OpenAIError)?.code == .overloaded }
        for signature in used {
            #expect(throws: OpenAIError.requestReplayed) { try memory.use(signature) }
        }
        time.advance(seconds: 62)
        try memory.use(signature(at: time.nanoseconds, of: "d"))
        #expect(memory.count == 1)
    }

    /// A clock that is set back must not open the door to what was forgotten.
    @Test func aClockThatGoesBackBringsNothingBack() throws {
        let memory = ReplayMemory(clock: time.clock)
        let first = try signature(at: time.nanoseconds)
        try memory.use(first)
        time.advance(seconds: 120)
        try memory.use(signature(at: time.nanoseconds))
        time.set(seconds: 1_767_225_600)
        #expect(throws: OpenAIError.timestampTooOld) { try memory.use(first) }
    }
}

/// A time of day that tests set.
final class SetTime: Sendable {
    private let now: Mutex<UInt64>

    init(seconds: UInt64) { now = Mutex(seconds * WallClock.nanosecondsPerSecond) }

    var clock: WallClock { WallClock { self.nanoseconds } }
    var nanoseconds: UInt64 { now.withLock { $0 } }

    func set(seconds: UInt64) { now.withLock { $0 = seconds * WallClock.nanosecondsPerSecond } }
    func advance(seconds: UInt64) { now.withLock { $0 += seconds * WallClock.nanosecondsPerSecond } }
}
