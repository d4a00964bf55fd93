import Cryptography
import Messages
import OrderingAPI
import Primitives
import TestSupport
import Testing

@testable import Ledger

@Suite("When a claim's vouchers are checked")
struct ClaimVoucherTests {
    @Test(
        "Signatures are checked last: what is wrong with the last session is found before the first one's voucher is",
        arguments: [
            .part("numbers that do not go on", Refusal("sessions", 13)) { part, _ in part.firstNumber = 2 },
            .part("an unknown session", Refusal("sessions", 6)) { part, _ in part.session = 99 },
            .voucher("another session's voucher") { voucher, _ in voucher.session = 1 },
            .part("nothing", Refusal("sessions", 12)) { _, _ in },
        ] as [ClaimTests.Case])
    func checksSignaturesLast(_ example: ClaimTests.Case) throws {
        let scene = try ClaimTests.Scene()
        var last = scene.claim([scene.part(2)])
        example.change(&last, scene)
        var first = scene.part(1)
        first.voucher.signature[3] ^= 1
        #expect(
            try scene.commit(scene.claim([first] + last.entries[0].sessions)).refusal == example.refusal)
        #expect(try scene.ledger.member(scene.host.address, of: 1)?.lastNumber == 0)
    }
}
