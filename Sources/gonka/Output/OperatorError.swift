import ArgumentParser
import Foundation
import LedgerClient

/// A mistake that the operator can mend: one sentence and what to do. Exit status 2.
struct OperatorError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Exit statuses: 0, 1 where a check failed, 2 for the operator.
enum Exit {
    static let checkFailed = ExitCode(1)
    static let operatorFault = ExitCode(2)

    /// Runs a command's body; what it throws becomes one sentence on standard error and exit status 2,
    /// or 1 where it is a proof that does not hold.
    static func reporting(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch let code as ExitCode {
            throw code
        } catch let error as CleanExit {
            throw error
        } catch let error as LedgerAccessError {
            StandardError.write("gonka: \(error)\n")
            if case .unproven = error { throw checkFailed }
            throw operatorFault
        } catch {
            StandardError.write("gonka: \(error)\n")
            throw operatorFault
        }
    }
}

/// Where progress and errors go; answers go to standard output.
enum StandardError {
    static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

/// Where answers go, at once: a person watches a stream.
enum StandardOutput {
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
