import Primitives
import ProtocolRules
import Testing

@Suite("Absence from blocks")
struct AbsenceRulesTests {
    /// The heights that a window knows of, told from its bits.
    private func heights(_ window: AbsenceWindow) -> [UInt64] {
        let ages = (0..<200).filter { (age: Int) -> Bool in
            let byte = window.blocks[age / 8]
            return (byte >> UInt8(age % 8)) & 1 == 1
        }
        return ages.reversed().map { window.height - UInt64($0) }
    }

    private static let everyBlock = Array(1...450 as ClosedRange<UInt64>)
    private static let everySeventh = Array(stride(from: 3, to: 900, by: 7) as StrideTo<UInt64>)

    @Test(
        "A window knows the absences of 200 blocks, whatever lies between them",
        arguments: [
            [1], [1, 2, 3], [5, 12, 13, 21, 29], [1, 200], [1, 201], [1, 9, 200, 201, 209], [7, 1_000],
            [.max - 8, .max], everyBlock, everySeventh,
        ] as [[UInt64]])
    func remembers(absences: [UInt64]) throws {
        var window = AbsenceWindow()
        #expect(window.absences == 0)
        for (place, height) in absences.enumerated() {
            window.note(absenceAt: height)
            let known = Array(absences.prefix(place + 1).filter { height - $0 < 200 })
            #expect(heights(window) == known)
            #expect(window.absences == known.count)
            #expect(window.blocks.count == AbsenceWindow.length && AbsenceWindow.length == 25)
            #expect(AbsenceWindow(height: window.height, blocks: window.blocks) == window)
        }
        let same = window
        window.note(absenceAt: absences.last ?? 0)
        #expect(window == same)
    }

    @Test("Other lengths than a window's are refused")
    func refusesLengths() {
        #expect(AbsenceWindow(height: 0, blocks: []) == AbsenceWindow())
        #expect(AbsenceWindow(height: 0, blocks: Bytes(repeating: 0, count: 25)) == nil)
        #expect(AbsenceWindow(height: 3, blocks: []) == nil)
        #expect(AbsenceWindow(height: 3, blocks: Bytes(repeating: 1, count: 26)) == nil)
    }

    struct Removal: Sendable {
        let power: UInt64
        let removed: UInt64?
        let whole: UInt64
        let isAllowed: Bool
    }

    @Test(
        "A fifth of the power, or one validator",
        arguments: [
            Removal(power: 200, removed: 0, whole: 1_000, isAllowed: true),
            Removal(power: 201, removed: 0, whole: 1_000, isAllowed: false),
            Removal(power: 100, removed: 100, whole: 1_000, isAllowed: true),
            Removal(power: 101, removed: 100, whole: 1_000, isAllowed: false),
            Removal(power: 100, removed: 100, whole: 999, isAllowed: false),
            Removal(power: 900, removed: nil, whole: 1_000, isAllowed: true),
            Removal(power: 1, removed: 900, whole: 1_000, isAllowed: false),
            Removal(power: .max, removed: .max, whole: .max, isAllowed: false),
        ])
    func bounds(_ removal: Removal) {
        let isAllowed = AbsenceRules.mayRemove(removal.power, beside: removal.removed, of: removal.whole)
        #expect(isAllowed == removal.isAllowed)
    }
}
