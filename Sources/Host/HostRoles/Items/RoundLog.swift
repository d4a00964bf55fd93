import Cryptography
import DurableFile
import Logging
import Primitives
import WireFormat

/// Append-only files, one for each round, that go when the round is over: what a host has to remember of rounds besides the
/// items that were paid for.
///
/// Each file begins with whose it is, so that no host takes another one's for its own.
struct RoundLog<Record: CanonicalMessage> {
    private let folder: any LogFolder
    private let format: FrameLog.Format
    private let suffix: String
    private let owner: RoundLogOwner
    private var files: [UInt64: FrameLog] = [:]

    /// Reads all files and hands every record to `visit`, with its round and the offset that reads it again.
    ///
    /// - Parameters:
    ///   - magic: what the files of this kind begin with, eight bytes.
    ///   - suffix: how their names end.
    /// - Throws: `ItemLogError`, with the name of the file.
    init(
        folder: any LogFolder, magic: String, suffix: String, identity: HostIdentity, logger: Logger,
        visit: (_ round: UInt64, _ record: Record, _ offset: UInt64) throws -> Void
    ) throws {
        self.folder = folder
        self.suffix = suffix
        owner = RoundLogOwner(chainID: identity.chainID, host: identity.address)
        format = FrameLog.Format(magic: Bytes(magic.utf8), version: 1, recordBytesMax: Limits.recordBytesMax)
        for name in try folder.names() {
            guard let round = round(of: name) else { throw ItemLogError.foreignFile(name) }
            let file = try open(name) { record, offset in try visit(round, record, offset) }
            if file.cutBytes > 0 {
                logger.warning(
                    "took an unfinished record off a round's file",
                    metadata: ["file": "\(name)", "bytes": "\(file.cutBytes)"])
            }
            files[round] = file
        }
    }

    private func open(_ name: String, visit: (Record, UInt64) throws -> Void) throws -> FrameLog {
        var isFirst = true
        do {
            return try FrameLog(storage: try folder.open(name), format: format) { payload, offset in
                guard isFirst else { return try visit(try Record.decode(payload), offset) }
                isFirst = false
                try check(try RoundLogOwner.decode(payload))
            }
        } catch let error as FrameLogError {
            throw ItemLogError.unusable(file: name, reason: error.description)
        } catch let error as WireError {
            throw ItemLogError.unusable(file: name, reason: "a record cannot be read: \(error)")
        } catch let error as SystemCallError {
            throw ItemLogError.unusable(file: name, reason: error.description)
        }
    }

    private func check(_ found: RoundLogOwner) throws(ItemLogError) {
        guard found == owner else {
            throw .otherOwner(found: found.description, expected: owner.description)
        }
    }

    /// The rounds that have a file; ascending.
    var rounds: [UInt64] { files.keys.sorted() }

    /// Writes a group of records with one sync, and returns when it survives a loss of power.
    ///
    /// - Returns: the offset of each.
    mutating func append(_ records: [Record], round: UInt64) throws(ItemLogError) -> [UInt64] {
        let name = name(of: round)
        do {
            if files[round] == nil { files[round] = try open(name) { _, _ in } }
            let head = files[round]?.count == 0 ? [owner.encoded()] : []
            guard let offsets = try files[round]?.append(head + records.map { $0.encoded() }) else { return [] }
            return Array(offsets.dropFirst(head.count))
        } catch let error as ItemLogError {
            throw error
        } catch {
            throw .unusable(file: name, reason: "\(error)")
        }
    }

    /// Reads one record again; nil where the round has no file.
    func record(at offset: UInt64, round: UInt64) throws(ItemLogError) -> Record? {
        guard let file = files[round] else { return nil }
        do { return try Record.decode(try file.read(at: offset)) } catch {
            throw .unusable(file: name(of: round), reason: "\(error)")
        }
    }

    /// Removes the file of a round.
    mutating func remove(_ round: UInt64) throws(ItemLogError) {
        guard files.removeValue(forKey: round) != nil else { return }
        do throws(SystemCallError) { try folder.remove(name(of: round)) } catch {
            throw .unusable(file: name(of: round), reason: error.description)
        }
    }

    private func name(of round: UInt64) -> String {
        let text = String(round)
        return String(repeating: "0", count: max(0, 20 - text.count)) + text + suffix
    }

    private func round(of name: String) -> UInt64? {
        guard name.hasSuffix(suffix), let round = UInt64(name.dropLast(suffix.count)) else { return nil }
        return self.name(of: round) == name ? round : nil
    }
}

/// The first record of each file.
private struct RoundLogOwner: CanonicalMessage, Equatable, CustomStringConvertible {
    let chainID: String
    let host: Address

    init(chainID: String, host: Address) {
        self.chainID = chainID
        self.host = host
    }

    init(from decoder: inout ProtobufDecoder) throws(WireError) {
        var (chainID, host) = ("", Address?.none)
        while let field = try decoder.nextField() {
            switch field {
            case 1: chainID = try decoder.text()
            case 2: host = try decoder.address()
            default: throw decoder.unknownField()
            }
        }
        guard let host else { throw .missingField(number: 2) }
        self.init(chainID: chainID, host: host)
    }

    func encode(to encoder: inout ProtobufEncoder) {
        encoder.write(chainID, field: 1)
        encoder.write(host, field: 2)
    }

    var description: String { "\(host.bech32) of \(chainID)" }
}
