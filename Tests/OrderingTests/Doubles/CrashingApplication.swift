import OrderingAPI
import Primitives

/// An application whose process ends at one point of one block. The test drops it and starts again from the disk.
final class CrashingApplication: ReplicatedApplication {
    enum Point: CaseIterable {
        case beforeFinalize, afterFinalize, beforeCommit, afterCommit
    }

    static let crash = ApplicationFailure("The process ended.")

    private let base: any ReplicatedApplication
    private let point: Point
    private let height: UInt64
    private var executed: UInt64 = 0

    init(_ base: any ReplicatedApplication, at point: Point, ofBlock height: UInt64) {
        (self.base, self.point, self.height) = (base, point, height)
    }

    func info() -> ApplicationInfo { base.info() }

    func initChain(_ request: InitChainRequest) throws(ApplicationFailure) -> InitChainResponse {
        try base.initChain(request)
    }

    func checkTransaction(_ bytes: Bytes, isRecheck: Bool) -> TransactionResult {
        base.checkTransaction(bytes, isRecheck: isRecheck)
    }

    func finalizeBlock(_ block: OrderedBlock) throws(ApplicationFailure) -> BlockResult {
        executed = block.height
        try crash(at: .beforeFinalize)
        let result = try base.finalizeBlock(block)
        try crash(at: .afterFinalize)
        return result
    }

    func commit() throws(ApplicationFailure) {
        try crash(at: .beforeCommit)
        try base.commit()
        try crash(at: .afterCommit)
    }

    func query(_ request: QueryRequest) -> QueryResponse { base.query(request) }

    private func crash(at point: Point) throws(ApplicationFailure) {
        if self.point == point && executed == height { throw CrashingApplication.crash }
    }
}
