import Cryptography
import Primitives
import ProtocolRules
import Testing

@Suite struct MissRulesTests {
    private let members = (1...5).compactMap { Address(Bytes(repeating: $0, count: 20)) }

    private func witnesses(_ members: [Address], sequence: UInt64 = 1, seed: Hash32 = .zero) -> [Address] {
        MissRules.witnesses(session: 7, sequence: sequence, executor: members[0], members: members, seed: seed)
    }

    @Test func twoOfTheOthersAreDrawnAndNeverTheExecutor() {
        var drawn: Set<[Address]> = []
        for sequence in 1...50 as ClosedRange<UInt64> {
            let pair = witnesses(members, sequence: sequence)
            #expect(Set(pair).count == 2 && !pair.contains(members[0]) && Set(pair).isSubset(of: members))
            #expect(pair == witnesses([members[0]] + members.dropFirst().reversed(), sequence: sequence))
            drawn.insert(pair)
        }
        #expect(drawn.count > 6, "all pairs come up, in either order")
    }

    @Test(arguments: 1...2) func aGroupOfFewerThanThreeHasNone(size: Int) {
        #expect(witnesses(Array(members.prefix(size))).isEmpty)
    }

    @Test func theSeedIsThatOfTheIntervalBefore() {
        let schedule = BeaconSchedule(length: 10)
        for (height, interval) in [(0, nil), (1, 0), (10, 0), (11, 1), (20, 1), (21, 2)] as [(UInt64, UInt64?)] {
            #expect(MissRules.seedInterval(at: height, of: schedule) == interval)
        }
    }

    @Test func halfOfWhatWasProvenIsEnoughToRefuseTheRest() {
        for (served, proven, may) in [
            (0, 0, true), (0, 1, false), (1, 1, true), (93, 187, false), (94, 187, true), (5, 10, true), (4, 10, false),
            (.max, .max, true),
        ] as [(UInt64, UInt64, Bool)] {
            #expect(MissRules.mayRefuse(served: served, proven: proven) == may, "\(served) of \(proven)")
        }
    }
}
