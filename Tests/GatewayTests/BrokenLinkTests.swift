import FaultyLink
import Messages
import Primitives
import TestSupport
import Testing

@testable import Gateway

/// What a gateway makes of hosts whose connections are slow, break off, fall silent or lie.
@Suite(.serialized, .timeLimit(.minutes(2))) struct BrokenLinkTests {
    // MARK: Cut

    /// The host may hold an item for what it was sent, and claim it: the book keeps the request's maximum, and no more.
    @Test(
        "A host whose connection breaks before the first token is passed over, and booked at the request's maximum",
        arguments: [
            LinkFault.cutsRequest(after: 0), .cutsRequest(after: 200), .cutsAnswer(.byte(0)), .cutsAnswer(.byte(20)),
            .cutsAnswer(.before("Good ")),
        ], [true, false])
    func cutBeforeTheFirstToken(fault: LinkFault, streams: Bool) async throws {
        try await LinkedHosts.run(fault) { scene in
            let answer = try await scene.ask(streams: streams)
            #expect(answer.isWhole(from: 1, streams: streams))
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(try await scene.booked(1) == HonestAnswer.fee)
            #expect(await scene.failures() == 1)
            #expect(scene.link.exchanges == 1, "a connection is not tried again")
        }
    }

    @Test(
        "An answer in one piece that breaks off anywhere comes whole from another host", arguments: ["day", "[DONE]"])
    func cutOfAWholeAnswer(text: String) async throws {
        try await LinkedHosts.run(.cutsAnswer(.before(text))) { scene in
            let answer = try await scene.ask()
            #expect(answer.isWhole(from: 1, streams: false))
            // With the receipt what is owed is known, although the end never came; where it was read before the connection broke.
            let least = text == "day" ? Fixtures.maximum : HonestAnswer.fee
            #expect((least...Fixtures.maximum).contains(try await scene.booked(0)))
        }
    }

    @Test("A stream that breaks off ends with an error, is booked at its maximum, and the next request is answered")
    func cutInTheMiddle() async throws {
        try await LinkedHosts.run(.cutsAnswer(.before("day"), onRelease: true)) { scene in
            let broken = try await scene.askReleasing()
            #expect(broken.isBrokenStream)
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(await scene.failures() == 1)
            let next = try await scene.ask(streams: true)
            #expect(next.isWhole(from: 1, streams: true))
        }
    }

    @Test("However many streams break off, no voucher promises more than the allotment")
    func promises() async throws {
        let allotment = Amount(250)
        try await LinkedHosts.run(deposit: Amount(3 * allotment.ngonka)) { scene in
            scene.link.always(.cutsAnswer(.before("day")))
            for number in 0..<6 {
                let answer = try await scene.ask(streams: true, of: 0)
                #expect(number < 2 || answer.status == 429)
            }
            #expect(scene.link.exchanges == 2)
            #expect(try await scene.booked(0) == Amount(2 * Fixtures.maximum.ngonka))
            #expect(scene.hosts[0].vouchers.map(\.sequence) == [1, 2])
            #expect(scene.hosts[0].vouchers.allSatisfy { $0.amount <= allotment })
            let answer = try await scene.ask()
            #expect(answer.isWhole(from: 1, streams: false))
        }
    }

    // MARK: Silence

    /// The connection's own limit ends the first; the deadline of the first token ends the second, on a clock that is turned.
    @Test("A host that falls silent is given up at its deadline, and another one answers", arguments: [true, false])
    func silence(streams: Bool) async throws {
        let silence = AnswerLimits(silenceTimeout: .milliseconds(300))
        try await LinkedHosts.run(.silences(.byte(0)), limits: silence) { scene in
            let answer = try await scene.ask(streams: streams)
            #expect(answer.isWhole(from: 1, streams: streams))
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(await scene.failures() == 1)
        }
        let clock = ManualClock()
        try await LinkedHosts.run(.silences(.before("Good ")), limits: AnswerLimits(clock: clock)) { scene in
            async let asked = scene.ask(streams: streams)
            await scene.link.wait(for: .silent)
            clock.advance(by: Limits.firstTokenTimeout)
            let answer = try await asked
            #expect(answer.isWhole(from: 1, streams: streams))
            #expect(try await scene.booked(0) == Fixtures.maximum)
        }
    }

    @Test("A stream that falls silent after its first token ends with an error")
    func silenceInTheMiddle() async throws {
        try await LinkedHosts.run(.silences(.before("day")), limits: AnswerLimits(silenceTimeout: .seconds(5))) {
            scene in
            let answer = try await scene.ask(streams: true)
            #expect(answer.isBrokenStream)
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(await scene.failures() == 1)
        }
    }

    // MARK: Dribbling

    @Test("An answer that dribbles is waited for within its limits, and not beyond", arguments: [true, false])
    func dribbling(streams: Bool) async throws {
        // The second stops between the head and the first token; its deadline is over then, and the clock stands still.
        for (pieces, host) in [(Int.max, 0), (14, 1)] {
            let clock = ManualClock()
            try await LinkedHosts.run(.holds(piecesOf: 16), limits: AnswerLimits(clock: clock)) { scene in
                let link = scene.link
                let dribble = Task {
                    var count = 0
                    await link.whenHeld {
                        count += 1
                        guard count <= pieces else { return }
                        clock.advance(by: count == pieces ? Limits.firstTokenTimeout : .seconds(1))
                        link.release()
                    }
                }
                let answer = try await scene.ask(streams: streams)
                dribble.cancel()
                #expect(answer.isWhole(from: host, streams: streams))
                #expect(await scene.failures() == host)
            }
        }
    }

    // MARK: Lies

    static let lies: [LinkFault] = [
        // A token, the receipt's statement, its signature.
        .replaces("Good ", with: "Gold "), .changes(.after(#""receipt":""#, 100)),
        .changes(.after(#""receipt":""#, 560)),
    ]

    @Test("An answer with one byte changed, in its text or in its receipt, is not one", arguments: lies)
    func changed(lie: LinkFault) async throws {
        try await LinkedHosts.run(lie, lie) { scene in
            let whole = try await scene.ask()
            #expect(whole.isWhole(from: 1, streams: false))
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(await scene.failures() == 1)
        }
        try await LinkedHosts.run(lie) { scene in
            let stream = try await scene.ask(streams: true)
            #expect(stream.status == 200 && !stream.body.contains("[DONE]") && stream.body.contains(#"{"error":"#))
            #expect(try await scene.booked(0) == Fixtures.maximum)
            #expect(await scene.failures() == 1)
        }
    }

    @Test("The answer to an earlier request, word for word, is none to a later one", arguments: [true, false])
    func replayed(streams: Bool) async throws {
        try await LinkedHosts.run { scene in
            for host in 0..<3 {
                let answer = try await scene.ask(streams: streams)
                #expect(answer.isWhole(from: host, streams: streams))
            }
            scene.link.next([.replays(scene.link.answer(0))])
            let answer = try await scene.ask(streams: streams)
            if streams {
                #expect(answer.isBrokenStream)
            } else {
                #expect(answer.isWhole(from: 1, streams: false))
            }
            #expect(scene.link.exchanges == 2)
            #expect(try await scene.booked(0) == Amount(HonestAnswer.fee.ngonka + Fixtures.maximum.ngonka))
            #expect(await scene.failures() == 1)
        }
    }
}
