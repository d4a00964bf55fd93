import Primitives
import ProtocolRules
import Testing
import WireFormat

@Suite struct RoundTimetableTests {
    @Test func aDevnetServingRound() throws {
        let timetable = try timetable(1, .serving, of: .devnet)
        #expect(windows(of: timetable) == [1...15, 16...18, 19...21, 22...31, 32...34, 35...39, 40...49, 50...52])
        #expect(timetable.settleHeight == 53)
        #expect(timetable.nextOpeningHeight == 16)
    }

    @Test func aNetworkSprint() throws {
        let timetable = try timetable(1, .sprint, of: .network)
        #expect(
            windows(of: timetable) == [
                1...120, 121...144, 145...256, 257...496, 497...556, 557...640, 641...880, 881...940,
            ])
        #expect(timetable.settleHeight == 941)
    }

    @Test(arguments: [(RoundKind.sprint, UInt64(8)), (.confirmation, 8), (.serving, 15)])
    func theKindGivesTheLengthOfTheWork(_ kind: RoundKind, _ blocks: UInt64) throws {
        let timetable = try timetable(100, kind, of: .devnet)
        #expect(timetable.kind == kind)
        #expect(timetable.window(.work) == 100...(99 + blocks))
    }

    /// reliability.md C18, over every small vector of window lengths, beacon intervals and opening heights.
    @Test func noWindowOverlapsOrIsSkippedExhaustively() throws {
        let choices: [UInt64] = [1, 2, 4]
        let powers = [1, 3, 9, 27, 81, 243]
        for vector in 0..<729 {
            let lengths = powers.map { choices[vector / $0 % 3] }
            for interval in 1...4 as ClosedRange<UInt64> {
                // Every place that an opening can have in an interval.
                for opening in 1...interval { try check(lengths, interval, opening) }
            }
        }
    }

    @Test func noWindowOverlapsOrIsSkippedAtRandom() throws {
        var random = SplitMix64(seed: 4)
        for _ in 0..<3_000 {
            let lengths = (0..<6).map { _ in 1 + (random.next() >> (48 + random.next() % 16)) }
            let interval = 1 + random.next() % 10_000
            try check(lengths, interval, 1 + (random.next() >> (8 + random.next() % 56)))
        }
    }

    private func check(_ lengths: [UInt64], _ interval: UInt64, _ opening: UInt64) throws {
        var rounds = RoundParameters.devnet
        rounds.servingWorkBlocks = lengths[0]
        rounds.commitBlocks = lengths[1]
        rounds.auditBlocks = lengths[2]
        rounds.openBlocks = lengths[3]
        rounds.appealBlocks = lengths[4]
        rounds.appealOpenBlocks = lengths[5]
        let beacon = BeaconSchedule(length: interval)
        let timetable = try RoundTimetable(
            openingHeight: opening, kind: .serving, windows: rounds, beacon: beacon)
        let faults = faults(in: timetable, lengths, beacon)
        let isKept = try RoundTimetable.decode(timetable.encoded()) == timetable
        // One expectation a vector: there are thousands.
        #expect(
            faults.isEmpty && isKept && timetable.openingHeight == opening && timetable.phase(at: opening - 1) == nil,
            "\(faults) with lengths \(lengths), interval \(interval), opening \(opening)")
    }

    private func faults(in timetable: RoundTimetable, _ lengths: [UInt64], _ beacon: BeaconSchedule) -> [String] {
        var faults: [String] = []
        let given: [RoundPhase] = [.work, .commit, .audit, .open, .appeal, .appealOpen]
        for (phase, length) in zip(given, lengths) where UInt64(timetable.window(phase).count) != length {
            faults.append("\(phase) has another length")
        }
        var next = timetable.openingHeight
        for phase in RoundPhase.allCases {
            let window = timetable.window(phase)
            if window.lowerBound != next { faults.append("\(phase) does not follow the phase before") }
            let phases = [timetable.phase(at: window.lowerBound), timetable.phase(at: window.upperBound)]
            if phases != [phase, phase] { faults.append("\(phase) is not the phase of its heights") }
            next = window.upperBound &+ 1
        }
        for phase in [RoundPhase.draw, .appealDraw] {
            let window = timetable.window(phase)
            // The last whole interval lies in the draw, and no earlier whole one does.
            if !beacon.isLast(window.upperBound) { faults.append("\(phase) ends inside an interval") }
            let blocks = UInt64(window.count)
            if blocks < beacon.length || blocks >= 2 * beacon.length { faults.append("\(phase) holds no one interval") }
        }
        return faults
    }

    @Test func heightsBeyond64BitsAreRefused() {
        for distance in 0...60 as ClosedRange<UInt64> {
            do throws(ArithmeticError) {
                let round = try timetable(.max - distance, .serving, of: .devnet)
                #expect(round.settleHeight > round.openingHeight)
            } catch {
                #expect(error == .overflow)
            }
        }
        #expect(throws: ArithmeticError.overflow) { try timetable(.max, .serving, of: .devnet) }
    }

    static let impossible: [(kind: UInt64, heights: [UInt64])] = [
        (0, Array(1...9)), (4, Array(1...9)), (3, Array(1...8)), (3, Array(1...10)), (3, Array(0...8)), (3, []),
        (3, [1, 2, 3, 4, 4, 6, 7, 8, 9]), (3, [2, 1, 3, 4, 5, 6, 7, 8, 9]),
    ]

    @Test(arguments: impossible)
    func timetablesOutOfOrderAreNotDecoded(_ kind: UInt64, _ heights: [UInt64]) {
        var encoder = ProtobufEncoder()
        encoder.write(kind, field: 1)
        encoder.write(packed: heights, field: 2)
        #expect(throws: WireError.self) { try RoundTimetable.decode(encoder.bytes) }
    }

    private func timetable(
        _ opening: UInt64, _ kind: RoundKind, of parameters: ProtocolParameters
    ) throws(ArithmeticError) -> RoundTimetable {
        try RoundTimetable(
            openingHeight: opening, kind: kind, windows: parameters.rounds, beacon: parameters.beaconSchedule)
    }

    private func windows(of timetable: RoundTimetable) -> [ClosedRange<UInt64>] {
        RoundPhase.allCases.dropLast().map { timetable.window($0) }
    }
}

extension RoundParameters {
    fileprivate static var devnet: RoundParameters { ProtocolParameters.devnet.rounds }
}
