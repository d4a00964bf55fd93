import Testing

@testable import RemoteEngine

@Suite("How long a silent node is left alone")
struct BackOffTests {
    @Test func doublesUpToItsBound() {
        var backOff = BackOff()
        var now = ContinuousClock.now
        #expect(backOff.remaining(at: now) == nil)
        var waits: [Duration] = []
        for _ in 0..<8 {
            backOff.noteFailure(at: now)
            let wait = backOff.remaining(at: now) ?? .zero
            waits.append(wait)
            now += wait
            #expect(backOff.remaining(at: now) == nil)
        }
        #expect(waits.prefix(3) == [.milliseconds(250), .milliseconds(500), .seconds(1)])
        #expect(waits.suffix(2) == [.seconds(10), .seconds(10)])
    }

    @Test func failuresAtOnceCountOnce() {
        var backOff = BackOff()
        let now = ContinuousClock.now
        for _ in 0..<100 { backOff.noteFailure(at: now) }
        #expect(backOff.remaining(at: now) == .milliseconds(250))
    }

    @Test func anAnswerForgetsThem() {
        var backOff = BackOff()
        let now = ContinuousClock.now
        backOff.noteFailure(at: now)
        backOff.noteAnswer()
        #expect(backOff.remaining(at: now) == nil)
        backOff.noteFailure(at: now)
        #expect(backOff.remaining(at: now) == .milliseconds(250))
    }
}
