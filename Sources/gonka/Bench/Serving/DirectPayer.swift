import Cryptography
import HostRoles
import LedgerClient
import Messages
import Primitives
import ProtocolRules

/// A client that pays a host without a gateway: one open session, and a voucher for each request.
actor DirectPayer {
    private static let pause = Duration.milliseconds(20)
    /// More than the two blocks that a group takes to be drawn.
    private static let looksMax = 500

    private let session: UInt64
    private let host: Address
    private let key: PrivateKey
    private let ledger: any LedgerAccess
    private let allotment: Amount
    private let chainID: String
    private var height: UInt64
    private var sequence: UInt64 = 0

    /// Waits until the session's group is drawn.
    init(session: UInt64, host: Address, key: PrivateKey, ledger: any LedgerAccess) async throws {
        (self.session, self.host, self.key, self.ledger) = (session, host, key, ledger)
        for _ in 0..<Self.looksMax {
            if try await ledger.session(session)?.state == .open { break }
            try await Task.sleep(for: Self.pause)
        }
        guard let member = try await ledger.member(host, of: session) else {
            throw OperatorError("the bench's session \(session) got no host; is the machine very busy?")
        }
        allotment = member.allotment
        let status = try await ledger.status()
        (chainID, height) = (status.chainID, status.height)
    }

    /// Headers for requests with this body. Each voucher is for all that the host may earn, so that it covers whatever is open
    /// beside it.
    func vouchers(_ count: Int, for body: Bytes) async throws -> [String] {
        height = try await ledger.status().height
        let digest = Hash32.sha256(body)
        return (0..<count).map { _ in
            sequence += 1
            let voucher = Voucher(
                chainID: chainID, session: session, executor: host, sequence: sequence, height: height,
                requestDigest: digest, amount: allotment)
            return VoucherHeader.text(Signed(voucher, by: key))
        }
    }
}
