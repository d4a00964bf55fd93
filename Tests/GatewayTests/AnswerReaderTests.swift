import AsyncHTTPClient
import NIOCore
import TestSupport
import Testing

@testable import Gateway

/// Bodies that come slowly.
@Suite(.timeLimit(.minutes(1))) struct AnswerReaderTests {
    @Test func aBodyThatDribblesIsLeftAtItsDeadline() async throws {
        let (source, clock) = (EventSource(), ManualClock())
        let reader = AnswerReader(source.response([[1], [2]]).body)
        source.allow(1)
        let reading = Task { try await reader.rest(bytesMax: 10, by: Deadline(in: .seconds(5), on: clock)) }
        await source.waitForLooks(2)
        clock.advance(by: .seconds(5))
        await #expect(throws: HostFault.timedOut) { try await reading.value }
    }

    /// The timer runs on a thread of its own, and may pass as soon as it is set.
    @Test func aDeadlineThatPassesAsItIsSetEndsTheWait() async {
        let pipe = AnswerPipe()
        await #expect(throws: HostFault.timedOut) {
            _ = try await pipe.take(readsAhead: false) { #expect(pipe.expire($0, .timedOut)) }
        }
    }

    @Test func aDeadlineOfAnEarlierWaitEndsNothing() async throws {
        let pipe = AnswerPipe()
        var first: UInt64?
        let taken = try await pipe.take(readsAhead: false) { wait in
            first = wait
            pipe.put(ByteBuffer(bytes: [1]))
            #expect(!pipe.expire(wait, .timedOut))
        }
        #expect(taken == ByteBuffer(bytes: [1]))
        let again = try await pipe.take(readsAhead: false) { _ in
            #expect(!pipe.expire(first ?? 0, .timedOut))
            pipe.put(ByteBuffer(bytes: [2]))
        }
        #expect(again == ByteBuffer(bytes: [2]))
    }

    @Test func aWitnessThatDribblesIsLeft() async throws {
        let (host, clock) = (SocketHost(TestHost(1)), ManualClock())
        try await SocketHost.run([host]) { urls in
            let transport = HTTPHostTransport(limits: AnswerLimits(clock: clock))
            let request = HostRequest(url: urls[0], voucher: "", body: ByteBuffer(string: "{}"))
            let asking = Task { try await transport.askWitness(request) }
            await host.waitForWitnessing()
            // Its head may still be on its way: the deadline is of the whole answer.
            clock.advance(by: Limits.witnessTimeout)
            await #expect(throws: HostFault.timedOut) { try await asking.value }
            try await transport.close()
        }
    }
}
