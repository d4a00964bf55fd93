import Cryptography
import OpenAIWire
import Primitives
import ProtocolRules
import Testing

@testable import Gateway

/// What counts against a host, for how long, and what does not.
@Suite struct HostStandingTests {
    private static let start = ContinuousClock.now
    private static let (a, b) = (Hash32.sha256(utf8: "a"), Hash32.sha256(utf8: "b"))

    private func after(_ seconds: Int) -> ContinuousClock.Instant { Self.start + .seconds(seconds) }

    // MARK: Quarantine and trial

    @Test func eachFailureDoublesTheTimeUpToItsBound() {
        let seconds = (1...10).map { HostStanding.quarantine(after: $0) / .seconds(1) }
        #expect(seconds == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300])
    }

    @Test func aHostOnTrialGetsOneRequestUntilItAnswers() {
        var standing = HostStanding()
        standing.noteFailure(at: after(0))
        #expect(standing.grade(at: after(4), openRequests: 0) == .quarantined)
        #expect(standing.grade(at: after(5), openRequests: 0) == .clean)
        #expect(standing.isOnTrial(at: after(5)) && !standing.isOnTrial(at: after(4)))
        #expect(standing.grade(at: after(5), openRequests: 1) == .quarantined)
        standing.noteAnswer()
        #expect(standing.grade(at: after(5), openRequests: 1) == .clean)
    }

    @Test func aTrialThatFailsTakesTwiceAsLong() {
        var standing = HostStanding()
        standing.noteFailure(at: after(0))
        standing.noteFailure(at: after(6))
        #expect(standing.grade(at: after(15), openRequests: 0) == .quarantined)
        #expect(standing.grade(at: after(16), openRequests: 0) == .clean)
    }

    @Test func whatBreaksTogetherIsOneFailure() {
        var standing = HostStanding()
        for _ in 0..<30 { standing.noteFailure(at: after(0)) }
        #expect(standing.failures == 1)
        #expect(standing.grade(at: after(5), openRequests: 0) == .clean)
    }

    @Test func oneAnswerDoesNotForgetEverything() {
        var standing = HostStanding()
        for failure in 0..<4 { standing.noteFailure(at: after(1_000 * failure)) }
        standing.noteAnswer()
        #expect(standing.failures == 2)
    }

    // MARK: Suspicion, load, misses

    @Test func oneRequestCannotQuarantine() {
        var standing = HostStanding()
        for second in 0..<100 { standing.noteSuspicion(of: Self.a, at: after(second)) }
        #expect(standing.grade(at: after(100), openRequests: 0) == .suspected)
        #expect(standing.failures == 0)
        #expect(standing.grade(at: after(99 + 5), openRequests: 0) == .clean)
    }

    @Test func aSecondRequestConfirmsUnlessAnAnswerCameBetween() {
        var standing = HostStanding()
        standing.noteSuspicion(of: Self.a, at: after(0))
        standing.noteAnswer()
        standing.noteSuspicion(of: Self.b, at: after(60))
        #expect(standing.failures == 0)
        standing.noteSuspicion(of: Self.a, at: after(120))
        #expect(standing.failures == 1)
        #expect(standing.grade(at: after(121), openRequests: 0) == .quarantined)
    }

    @Test(arguments: [(nil, 1), (3, 3), (600, 10)] as [(UInt32?, Int)])
    func loadIsNoFailure(asked: UInt32?, seconds: Int) {
        var standing = HostStanding()
        standing.noteLoad(at: after(0), retryAfterSeconds: asked)
        #expect(standing.grade(at: after(seconds - 1), openRequests: 0) == .busy)
        #expect(standing.grade(at: after(seconds), openRequests: 0) == .clean)
        #expect(standing.failures == 0)
    }

    @Test func aMissIsRememberedForTenMinutes() {
        var standing = HostStanding()
        standing.noteMiss(at: after(0))
        #expect(standing.grade(at: after(599), openRequests: 0) == .missed)
        #expect(standing.grade(at: after(600), openRequests: 0) == .clean)
    }

    // MARK: Whose fault

    struct Attribution: CustomTestStringConvertible, Sendable {
        let fault: HostFault
        let conduct: HostConduct
        var testDescription: String { "\(fault)" }
    }

    static let attributions: [Attribution] =
        [
            .unreachable("no connection"), .contentType, .malformed(.invalidField("id")), .preambleTooLong, .choice(3),
            .receipt(.signature), .status(404), .status(307), .refused(.invalidAPIKey), .refused(.modelNotFound("x")),
            .refused(.voucherDigestMismatch), .refused(.sessionNotFound(1)),
        ].map { Attribution(fault: $0, conduct: .failed) }
        + [
            .broken("closed"), .timedOut, .unfinished, .status(500), .status(502), .refused(.engineFailed),
            .refused(.internalError), .gaveUp(.engineFailed),
        ].map { Attribution(fault: $0, conduct: .suspect(a)) }
        + [.status(429), .status(503)].map { Attribution(fault: $0, conduct: .busy(nil)) }
        + [.refused(.shuttingDown), .gaveUp(.shuttingDown)].map { Attribution(fault: $0, conduct: .busy(1)) }
        + [Attribution(fault: .refused(.overloaded(retryAfterSeconds: 7)), conduct: .busy(7))]

    @Test(arguments: attributions) func faultsCountAgainstWhoeverCausedThem(attribution: Attribution) {
        #expect(attribution.fault.conduct(for: Self.a) == attribution.conduct)
    }

    // MARK: Pace

    @Test func aRiseCountsAtOnceAndAFallSlowly() {
        var pace = HostPace()
        pace.note(firstToken: .milliseconds(100), .short, openRequests: 0, at: after(0))
        pace.note(firstToken: .milliseconds(900), .short, openRequests: 0, at: after(1))
        #expect(pace.firstToken(.short, at: after(1)) == .milliseconds(500))
        pace.note(firstToken: .milliseconds(100), .short, openRequests: 0, at: after(2))
        #expect(pace.firstToken(.short, at: after(2)) == .milliseconds(400))
        #expect(pace.firstToken(.short, at: after(62)) == .milliseconds(400))
        #expect(pace.firstToken(.short, at: after(63)) == nil)
    }

    @Test func aHostIsNotSlowForWhatOneSendsItOneself() {
        var pace = HostPace()
        pace.note(firstToken: .seconds(4), .short, openRequests: 3, at: after(0))
        pace.note(interval: .milliseconds(40), openRequests: 3, at: after(0))
        #expect(pace.firstToken(.short, at: after(0)) == .seconds(1))
        #expect(pace.interval(at: after(0)) == .milliseconds(10))
    }

    @Test func silenceBesideAFasterHostIsSuspectAndThenAFailure() throws {
        var board = HostBoard()
        let key = HostBoard.Key(host: TestHost(1).address, model: "m")
        board.note(silence: .seconds(2), .short, on: Self.a, of: key, at: after(0))
        let entry = try #require(board[key])
        #expect(entry.standing.grade(at: after(0), openRequests: 0) == .suspected)
        #expect(entry.pace.firstToken(.short, at: after(0)) == .seconds(2))
        board.note(silence: .seconds(2), .short, on: Self.b, of: key, at: after(1))
        #expect(board[key]?.standing.failures == 1)
        #expect(board.hedgeDelay("m", .short) == Limits.hedgeDelayUnknown, "others are no later for it")
    }

    @Test func longPromptsAreNotHeldAgainstShortOnes() {
        var pace = HostPace()
        pace.note(firstToken: .seconds(30), .long, openRequests: 0, at: after(0))
        #expect(pace.firstToken(.short, at: after(0)) == .seconds(30), "nothing nearer is known")
        pace.note(firstToken: .milliseconds(100), .short, openRequests: 0, at: after(0))
        #expect(pace.firstToken(.short, at: after(0)) == .milliseconds(100))
        #expect(pace.firstToken(.long, at: after(0)) == .seconds(30))
    }

    @Test(
        arguments: [(0, PromptSize.short), (2_048, .short), (2_049, .medium), (16_384, .medium), (16_385, .long)]
            as [(UInt64, PromptSize)])
    func promptsHaveThreeSizes(bytes: UInt64, size: PromptSize) { #expect(PromptSize(bytes: bytes) == size) }

    @Test func whatIsLateIsTheSlowestTwentieth() {
        var times = FirstTokenTimes()
        for second in 1..<Limits.firstTokenTimesMin { times.note(.seconds(second)) }
        #expect(times.hedgeDelay == Limits.hedgeDelayUnknown)
        times.note(.seconds(Limits.firstTokenTimesMin))
        #expect(times.hedgeDelay == .seconds(19))
        for _ in 0..<Limits.firstTokenTimesMax { times.note(.milliseconds(5)) }
        #expect(times.hedgeDelay == Limits.hedgeDelayMin, "the old ones are gone")
    }

    // MARK: Bounds

    @Test func theBoardForgetsWhoWasTouchedLongestAgo() {
        var board = HostBoard()
        let host = TestHost(1).address
        for model in 0...Limits.boardHostsMax {
            let key = HostBoard.Key(host: host, model: "\(model)")
            board.note(firstToken: .seconds(1), .short, openRequests: 0, of: key, at: Self.start + .milliseconds(model))
        }
        #expect(board.count == Limits.boardHostsMax)
        #expect(board[HostBoard.Key(host: host, model: "0")] == nil)
        #expect(board[HostBoard.Key(host: host, model: "\(Limits.boardHostsMax)")] != nil)
    }

    @Test func hedgesAreOneInTwentyHoweverMuchIsAsked() {
        var allowance = HedgeAllowance()
        var hedges = 0
        for _ in 0..<10_000 {
            allowance.earn()
            if allowance.take() { hedges += 1 }
        }
        #expect(hedges == 500)
        for _ in 0..<10_000 { allowance.earn() }
        var burst = 0
        while allowance.take() { burst += 1 }
        #expect(burst == Limits.hedgesSavedMax)
    }
}
