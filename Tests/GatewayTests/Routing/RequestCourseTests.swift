import Cryptography
import OpenAIWire
import Primitives
import Testing

@testable import Gateway

/// One request from host to host, event by event.
@Suite struct RequestCourseTests {
    private static let busy = OpenAIError.rateLimitExceeded(retryAfterSeconds: Limits.retryAfterSeconds)
    private static let tooLong = OpenAIError.contextLengthExceeded(contextTokens: 1, requestedTokens: 2)

    /// A course whose first attempts run.
    private func course(_ attempts: Int = 1) -> RequestCourse {
        var course = RequestCourse()
        #expect(course.take(.begin) == .engage(isHedge: false))
        for attempt in 0..<attempts {
            if attempt > 0 { #expect(course.take(.failed(attempt - 1, .timedOut)) == .engage(isHedge: false)) }
            #expect(course.take(.engaged) == .wait)
        }
        return course
    }

    /// A course with a hedge under way.
    private func hedged() -> RequestCourse {
        var course = course()
        #expect(course.take(.late(0)) == .engage(isHedge: true))
        #expect(course.take(.engaged) == .wait)
        #expect(course.hasHedged)
        return course
    }

    @Test func theFirstTokenIsDelivered() {
        var course = course()
        #expect(course.take(.answered(0)) == .deliver(0))
    }

    @Test func threeAttemptsAreTheMost() {
        var course = course(Limits.attemptsMax)
        #expect(course.take(.failed(Limits.attemptsMax - 1, .timedOut)) == .fail(.noHostAvailable))
    }

    @Test func nobodyIsAskedWhenTheTimeIsOver() {
        var course = course()
        course.isOver = true
        #expect(!course.mayHedge(0))
        #expect(course.take(.failed(0, .timedOut)) == .fail(.noHostAvailable))
    }

    @Test func anAnswerInOnePieceThatBreaksIsTriedElsewhere() {
        var course = course()
        #expect(course.take(.answered(0)) == .deliver(0))
        #expect(course.take(.failed(0, .broken("half"))) == .engage(isHedge: false))
    }

    @Test func aSecondWordIsBelieved() {
        var course = course()
        #expect(course.take(.claimed(0, Self.tooLong)) == .engage(isHedge: false))
        #expect(course.take(.engaged) == .wait)
        #expect(course.take(.claimed(1, Self.tooLong)) == .fail(Self.tooLong))
    }

    struct Ending: CustomTestStringConvertible, Sendable {
        let failure: EngagementFailure
        let error: OpenAIError
        var testDescription: String { "\(failure)" }
    }

    static let endings = [
        Ending(failure: .insufficientDeposit, error: .insufficientQuota), Ending(failure: .noRoom, error: busy),
        Ending(failure: .noHostLeft, error: .noHostAvailable),
        Ending(failure: .noSession(.closed), error: .noHostAvailable), Ending(failure: .closed, error: .shuttingDown),
        Ending(failure: .notInGroup(TestHost(1).address), error: .unsupportedHost(TestHost(1).address.bech32)),
    ]

    @Test(arguments: endings) func whyNobodyCouldBeAskedIsTold(ending: Ending) {
        var first = RequestCourse()
        _ = first.take(.begin)
        #expect(first.take(.notEngaged(ending.failure)) == .fail(ending.error))
        var later = course()
        _ = later.take(.failed(0, .refused(.overloaded(retryAfterSeconds: 9))))
        #expect(later.take(.notEngaged(ending.failure)) == .fail(Self.busy), "what a host said comes first")
    }

    // MARK: Hedges

    @Test func whicheverIsFasterIsDelivered() {
        for winner in 0...1 {
            var course = hedged()
            #expect(course.take(.answered(winner)) == .deliver(winner))
        }
    }

    @Test func theOtherIsWaitedForWhereOneFails() {
        for loser in 0...1 {
            var course = hedged()
            #expect(course.take(.failed(loser, .timedOut)) == .wait)
            #expect(course.take(.answered(1 - loser)) == .deliver(1 - loser))
        }
    }

    @Test func whereBothFailAThirdIsAsked() {
        var course = hedged()
        #expect(course.take(.failed(0, .timedOut)) == .wait)
        #expect(course.take(.failed(1, .timedOut)) == .engage(isHedge: false))
    }

    @Test func aRequestIsHedgedOnce() {
        var course = hedged()
        #expect(!course.mayHedge(0) && !course.mayHedge(1))
        _ = course.take(.failed(0, .timedOut))
        #expect(!course.mayHedge(1))
        #expect(course.take(.late(1)) == .wait)
    }

    @Test func whereNobodyElseIsThereTheFirstIsWaitedFor() {
        var course = course()
        #expect(course.take(.late(0)) == .engage(isHedge: true))
        #expect(course.take(.notEngaged(.noHostLeft)) == .wait)
        #expect(course.take(.answered(0)) == .deliver(0))
    }

    @Test func aTimerOfAnEndedAttemptIsNothing() {
        var course = course(2)
        #expect(!course.mayHedge(0) && course.mayHedge(1) && !course.mayHedge(7))
        #expect(course.take(.late(0)) == .wait)
    }

    // MARK: Who was wrong

    @Test func anAnswerShowsWhoWasWrong() {
        var course = course()
        _ = course.take(.claimed(0, Self.tooLong))
        _ = course.take(.engaged)
        _ = course.take(.failed(1, .timedOut))
        _ = course.take(.engaged)
        _ = course.take(.answered(2))
        let refuted = course.refuted(contextBytes: 77)
        #expect(refuted.map(\.attempt) == [0, 1])
        #expect(refuted.map(\.conduct) == [.tooLong(77), .failed])
    }

    /// Who failed for certain was noted then; load is no failure.
    @Test func whatIsCertainIsNotCountedTwice() {
        for fault in [HostFault.unreachable("gone"), .refused(.overloaded(retryAfterSeconds: 1)), .receipt(.signature)]
        {
            var course = course()
            _ = course.take(.failed(0, fault))
            _ = course.take(.engaged)
            _ = course.take(.answered(1))
            #expect(course.refuted(contextBytes: 1).isEmpty)
        }
    }
}
