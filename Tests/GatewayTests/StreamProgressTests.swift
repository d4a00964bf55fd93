import Cryptography
import Messages
import NIOCore
import OpenAIWire
import Primitives
import Testing
import WireFormat

@testable import Gateway

@Suite struct StreamProgressTests {
    private let engagement: Engagement
    private let answer: HonestAnswer

    init() async throws {
        let pool = SessionPool.test()
        engagement = try await pool.engage(try Fixtures.request(streams: true), excluding: [])
        // The first of the group.
        answer = try HonestAnswer(
            TestHost(1),
            to: HostRequest(
                url: engagement.url, voucher: Base64.encode(engagement.voucher.encoded(), .urlSafe),
                body: ByteBuffer(bytes: Fixtures.body(streams: true))))
    }

    private func events(_ answer: HonestAnswer) throws -> [SSEEvent] {
        var parser = SSEParser()
        return try answer.events.flatMap { (bytes) throws in try parser.consume(bytes) }
    }

    /// Takes events until one is refused.
    private func take(_ events: [SSEEvent]) -> (steps: [StreamProgress.Step], fault: HostFault?, fees: Amount) {
        var progress = StreamProgress(ReceiptCheck(engagement: engagement))
        var steps: [StreamProgress.Step] = []
        for event in events {
            do throws(HostFault) { steps.append(try progress.take(event)) } catch {
                return (steps, error, progress.fees)
            }
        }
        return (steps, nil, progress.fees)
    }

    @Test func anAnswerBeginsWithItsFirstTokenAndEndsWithItsReceipt() throws {
        let taken = take(try events(answer))
        #expect(taken.steps == [.preamble, .forward, .forward, .forward, .complete])
        #expect(taken.fault == nil)
        #expect(taken.fees == HonestAnswer.fee)
    }

    @Test func theMaximumIsOwedUntilTheReceiptSaysLess() throws {
        var progress = StreamProgress(ReceiptCheck(engagement: engagement))
        var owed = [progress.owed]
        for event in try events(answer) {
            _ = try progress.take(event)
            owed.append(progress.owed)
        }
        #expect(owed == Array(repeating: Fixtures.maximum, count: 4) + [HonestAnswer.fee, HonestAnswer.fee])
    }

    @Test func anEmptyAnswerIsAnAnswer() throws {
        var answer = answer
        answer.pieces = []
        #expect(take(try events(answer)).steps == [.preamble, .forward, .complete])
    }

    @Test func theReceiptMustBeOfTheTextThatCame() throws {
        var told = answer
        told.pieces = ["Good ", "night"]
        let events = try events(answer)
        let swapped = [events[0], events[1], try self.events(told)[2], events[3], events[4]]
        #expect(take(swapped).fault == .receipt(.answer))
    }

    @Test func anEndBeforeTheFinishReasonIsNone() throws {
        var events = try events(answer)
        events.remove(at: 3)
        #expect(take(events).fault == .unfinished)
    }

    @Test func nothingComesAfterAChoiceHasEnded() throws {
        var events = try events(answer)
        events.insert(events[1], at: 4)
        #expect(take(events).fault == .choice(0))
    }

    @Test func aSecondReceiptForAChoiceIsRefused() throws {
        var events = try events(answer)
        events.insert(events[3], at: 4)
        #expect(take(events).fault == .choice(0))
    }

    @Test func aChoiceNobodyAskedForIsRefused() throws {
        let stream = ChatCompletionStream(id: "1", created: 1, model: Fixtures.model, includesUsage: false)
        let chunk = stream.content("more", choice: 1)
        #expect(take([SSEEvent(data: chunk.encoded())]).fault == .choice(1))
    }

    @Test func whatAHostSaysWhenItGivesUp() {
        let error = SSEEvent(data: OpenAIError.engineFailed.encoded())
        #expect(take([error]).fault == .gaveUp(.engineFailed))
    }

    @Test(arguments: ["", "{}", "[DONE", "null", #"{"error":{"message":"x","code":"unheard_of"}}"#])
    func whatIsNoEvent(text: String) {
        guard case .malformed = take([SSEEvent(data: Bytes(text.utf8))]).fault else {
            Issue.record("\(text) passed")
            return
        }
    }
}
