import Cryptography
import Foundation
import Primitives
import Testing

@testable import Gateway

@Suite struct VoucherFileTests {
    private let folder: ScratchFolder
    private let file: VoucherFile
    private let name = "vouchers-\(Fixtures.chainID).json"

    private let old = [
        VoucherBook.Key(session: 1, executor: TestHost(1).address): VoucherAccount.Reservation(
            sequence: 64, amount: Amount(500))
    ]
    private let new = [
        VoucherBook.Key(session: 1, executor: TestHost(1).address): VoucherAccount.Reservation(
            sequence: 128, amount: Amount(.max)),
        VoucherBook.Key(session: .max, executor: TestHost(2).address): VoucherAccount.Reservation(),
    ]

    init() throws {
        folder = try ScratchFolder()
        file = VoucherFile(directory: folder.path, chainID: Fixtures.chainID)
    }

    @Test func whatIsSavedIsLoaded() throws {
        #expect(try file.load().isEmpty)
        try file.save(old)
        #expect(try file.load() == old)
        try file.save(new)
        #expect(try file.load() == new)
        #expect(try folder.mode(of: name) == 0o600)
    }

    @Test func theFileIsForPeopleToo() throws {
        try file.save(old)
        let address = TestHost(1).address.bech32
        #expect(
            try folder.text(of: name)
                == """
                {"format":1,"chain":"gonka-swift-devnet-1","accounts":[{"session":1,"executor":"\(address)",\
                "sequence":64,"amount_ngonka":"500"}]}
                """)
    }

    /// Every state in which a crash can leave the folder while `new` replaces `old`.
    @Test(arguments: [0, 1, 40, 10_000])
    func aReplacementThatWasCutOffLeavesTheOld(bytesWritten: Int) throws {
        try file.save(new)
        let whole = try folder.text(of: name)
        try file.save(old)
        try folder.write(String(whole.prefix(bytesWritten)), to: name + ".new")
        #expect(try file.load() == old)
        try file.save(new)
        #expect(try file.load() == new)
        #expect(try folder.names() == [name])
    }

    @Test(arguments: [
        "", "{", "[]", #"{"format":2,"chain":"gonka-swift-devnet-1","accounts":[]}"#,
        #"{"format":1,"chain":"gonka-swift-other-1","accounts":[]}"#,
        #"{"format":1,"chain":"gonka-swift-devnet-1","accounts":[{"session":1}]}"#,
    ])
    func aDamagedBookIsNotTakenForAnEmptyOne(text: String) throws {
        try folder.write(text, to: name)
        #expect { try file.load() } throws: { error in
            guard case .damagedBook(let path, _) = error as? GatewayError else { return false }
            return path.hasSuffix(name)
        }
    }

    @Test func everyPrefixOfABookIsDamaged() throws {
        try file.save(new)
        let whole = try folder.text(of: name)
        for length in 0..<whole.utf8.count {
            try folder.write(String(whole.prefix(length)), to: name)
            #expect(throws: GatewayError.self) { try file.load() }
        }
    }

    @Test func aFolderThatIsGoneIsAnError() {
        let file = VoucherFile(directory: folder.path + "/gone", chainID: Fixtures.chainID)
        #expect(throws: GatewayError.self) { try file.save(old) }
    }
}
