import DurableFile
import Logging
import Messages
import Primitives
import ProtocolRules

/// This host's findings, durable until the windows that they belong to are over: a commitment that cannot be opened is a duty
/// not done.
///
/// Runs on a queue of its own, as it waits for the disk.
public actor AuditLog {
    private struct Key: Hashable {
        /// The round of the windows.
        let round: UInt64
        let sample: SampleName
        let stage: AuditStage
    }

    private let executor = SerialQueueExecutor(label: "audit-log")
    private var log: RoundLog<AuditFinding>
    private var findings: [Key: AuditFinding] = [:]
    private var failure: ItemLogError?

    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Opens the log in `folder`, which must not be open elsewhere, and reads it.
    public init(path: String, identity: HostIdentity, logger: Logger) throws {
        let folder: DiskFolder
        do { folder = try DiskFolder(path: path) } catch let error as DiskFolder.BusyError {
            throw ItemLogError.busy(path: error.path)
        }
        try self.init(folder: folder, identity: identity, logger: logger)
    }

    package init(folder: any LogFolder, identity: HostIdentity, logger: Logger) throws {
        var findings: [Key: AuditFinding] = [:]
        log = try RoundLog(
            folder: folder, magic: "gonkaaud", suffix: ".audits", identity: identity, logger: logger
        ) { round, finding, _ in
            let key = Key(round: round, sample: finding.sample, stage: finding.stage)
            // The first one is what was committed to, if any was.
            if findings[key] == nil { findings[key] = finding }
        }
        self.findings = findings
    }

    func finding(of duty: AuditDuty, in round: UInt64) -> AuditFinding? {
        findings[Key(round: round, sample: duty.name, stage: duty.stage)]
    }

    /// Keeps a finding, and returns when it survives a loss of power. Where there is one already, that one stays.
    func record(_ finding: AuditFinding, in round: UInt64) throws(ItemLogError) {
        if let failure { throw failure }
        let key = Key(round: round, sample: finding.sample, stage: finding.stage)
        guard findings[key] == nil else { return }
        do throws(ItemLogError) { _ = try log.append([finding], round: round) } catch {
            failure = error
            throw error
        }
        findings[key] = finding
    }

    /// Drops the findings of all rounds but these.
    func forget(except rounds: Set<UInt64>) throws(ItemLogError) {
        if let failure { throw failure }
        for round in log.rounds where !rounds.contains(round) { try log.remove(round) }
        findings = findings.filter { rounds.contains($0.key.round) }
    }
}
