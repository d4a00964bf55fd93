import Cryptography
import Primitives
import WireFormat

/// The reservations of one chain's sessions in one small file, replaced whole.
///
///     {"format":1,"chain":"gonka-swift-devnet-1",
///      "accounts":[{"session":7,"executor":"gonka1…","sequence":64,"amount_ngonka":"1200"}]}
struct VoucherFile: VoucherStorage {
    private static let format: UInt64 = 1
    private let path: String
    private let chainID: String

    /// - Parameter chainID: part of the file's name: another chain's sessions have the same numbers.
    init(directory: String, chainID: String) {
        path = "\(directory)/vouchers-\(chainID).json"
        self.chainID = chainID
    }

    func load() throws(GatewayError) -> [VoucherBook.Key: VoucherAccount.Reservation] {
        let bytes: Bytes?
        do { bytes = try SmallFile.contents(of: path) } catch { throw .cannotRead(path: path, reason: "\(error)") }
        guard let bytes else { return [:] }
        let value: JSONValue
        do { value = try JSONParser.parse(bytes) } catch { throw .damagedBook(path: path, reason: "\(error)") }
        guard value["format"]?.number?.uint64 == Self.format, let entries = value["accounts"]?.array else {
            throw .damagedBook(path: path, reason: "it has another format")
        }
        guard value["chain"]?.string == chainID else {
            throw .damagedBook(path: path, reason: "it is of another chain")
        }
        var reservations: [VoucherBook.Key: VoucherAccount.Reservation] = [:]
        for entry in entries {
            guard let (key, reservation) = Self.account(entry), reservations[key] == nil else {
                throw .damagedBook(path: path, reason: "an account lacks a field, or is there twice")
            }
            reservations[key] = reservation
        }
        return reservations
    }

    func save(_ reservations: [VoucherBook.Key: VoucherAccount.Reservation]) throws(GatewayError) {
        let accounts = reservations.sorted { $0.key < $1.key }.map { key, reservation -> JSONValue in
            [
                "session": .number(key.session), "executor": .string(key.executor.bech32),
                "sequence": .number(reservation.sequence), "amount_ngonka": .string(String(reservation.amount.ngonka)),
            ]
        }
        let text: JSONValue = [
            "format": .number(Self.format), "chain": .string(chainID), "accounts": .array(accounts),
        ]
        do { try SmallFile.replace(path, with: text.encoded()) } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    private static func account(_ value: JSONValue) -> (VoucherBook.Key, VoucherAccount.Reservation)? {
        guard let session = value["session"]?.number?.uint64,
            let executor = value["executor"]?.string.flatMap({ Address(bech32: $0) }),
            let sequence = value["sequence"]?.number?.uint64,
            let amount = value["amount_ngonka"]?.string.flatMap({ UInt64($0) })
        else { return nil }
        return (
            VoucherBook.Key(session: session, executor: executor),
            VoucherAccount.Reservation(sequence: sequence, amount: Amount(amount))
        )
    }
}
