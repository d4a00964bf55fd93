import Cryptography
import Primitives
import ProtocolRules
import Testing

/// Against a list that Python made with integers of any size:
///
///     D = int(Decimal(10)**18 * Decimal('-0.000475').exp())   # at 60 digits
///     r, minted, cap = 323000 * 10**27, 0, 680 * 10**15
///     while minted < cap: R = min(r // 10**18, cap - minted); minted += R; r = r * D // 10**18
@Suite struct EmissionScheduleTests {
    /// Epoch, what it mints, what is minted by its end.
    private static let points: [(epoch: UInt64, emission: UInt64, minted: UInt64)] = [
        (1, 323_000_000_000_000, 323_000_000_000_000),
        (2, 322_846_611_432_668, 645_846_611_432_668),
        (3, 322_693_295_707_605, 968_539_907_140_273),
        (100, 308_162_525_262_256, 31_552_370_771_512_564),
        (1_000, 200_964_308_617_097, 257_179_232_001_523_737),
        (1_459, 161_596_473_463_602, 340_039_202_596_983_411),
        (1_460, 161_519_733_365_923, 340_200_722_330_349_334),
        (1_461, 161_443_029_711_134, 340_362_165_360_060_468),
        (2_919, 80_769_734_571_513, 510_160_347_989_219_978),
        (10_000, 2_795_825_252_248, 674_276_962_687_897_749),
        (17_569, 76_754_161_170, 679_999_963_451_721_485),
        (17_570, 36_548_278_515, 680_000_000_000_000_000),
    ]

    @Test func everyEpochUpToTheLastMatchesTheReference() throws {
        var schedule = EmissionSchedule()
        var minted = Amount.zero
        var hasher = SHA256Hasher()
        var points = EmissionScheduleTests.points[...]
        while minted < EmissionSchedule.cap, schedule.epoch < 20_000 {
            let emission = schedule.emission(after: minted)
            minted = try minted.adding(emission)
            hasher.update(bigEndian: emission.ngonka)
            if let point = points.first, point.epoch == schedule.epoch {
                points.removeFirst()
                #expect(emission == Amount(point.emission) && minted == Amount(point.minted))
            }
            schedule = try schedule.next()
        }
        #expect(points.isEmpty && schedule.epoch == 17_571)
        // SHA-256 of all 17 570 emissions, BE64 each.
        #expect(
            Hex.encode(hasher.finalize().bytes) == "722c93ae00bcb49e14b8a4d646237ab2e0161049407bc580453fc834ec5dd8da")
        #expect(schedule.emission(after: minted) == .zero)
    }

    @Test func itHalvesAboutEvery1459Epochs() throws {
        var schedule = EmissionSchedule()
        let first = schedule.emission(after: .zero)
        var halves: UInt64?
        while halves == nil {
            if schedule.emission(after: .zero).ngonka <= first.ngonka / 2 { halves = schedule.epoch - 1 }
            schedule = try schedule.next()
        }
        #expect(halves == 1_460)
    }

    @Test(arguments: [UInt128(0), 1, 999_999_999_999_999_999, 1 << 64, .max])
    func noRateTrapsOrGrows(_ rate: UInt128) throws {
        let next = try EmissionSchedule(epoch: 7, rate: rate).next()
        #expect(next.epoch == 8 && next.rate <= rate)
        #expect(EmissionSchedule(epoch: 7, rate: rate).emission(after: Amount(.max)) == .zero)
    }

    @Test func theLastNumberedEpochHasNoNext() {
        #expect(throws: ArithmeticError.overflow) { try EmissionSchedule(epoch: .max, rate: 1).next() }
    }
}
