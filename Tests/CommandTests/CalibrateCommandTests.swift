import ArgumentParser
import Calibration
import Testing
import WireFormat

@testable import gonka

struct CalibrateCommandTests {
    /// A sentence on standard error and the operator's status, before anything is loaded.
    @Test(arguments: [
        ["nowhere.gguf"], ["/"], ["Package.swift"], ["nowhere.gguf", "--items", "0"],
        ["nowhere.gguf", "--threads", "0"],
    ])
    func badArgumentsAreTheOperatorsToMend(arguments: [String]) async throws {
        let command = try CalibrateCommand.parse(arguments)
        await #expect(throws: Exit.operatorFault) { try await command.run() }
    }

    @Test func aModelMustBeNamed() {
        #expect(throws: (any Error).self) { try CalibrateCommand.parse([]) }
    }

    @Test func ratesShowTheirBounds() {
        let part = BenchPart(
            name: "rates", title: "Rates", columns: ["rate"],
            rows: [[.rate(BinomialRate(5, of: 10))], [.rate(BinomialRate(0, of: 0))]])
        #expect(part.text.contains("50.0 (18.7–81.3)"))
        #expect(part.text.contains("–\n"))
        let json = String(decoding: part.json.encoded(), as: UTF8.self)
        #expect(json.contains(#"{"rate":{"count":5,"of":10,"percent":"50.0 (18.7–81.3)"}}"#), "\(json)")
    }

    /// Every table has a cell for each of its columns, also where nothing was measured.
    @Test func tablesOfNothingAreEmpty() {
        let plan = CalibrationPlan(items: 1, threads: 1, seed: 1, isQuick: true)
        let tables = CalibrationTables(CalibrationResult(plan: plan, conditions: [], searches: []))
        for part in tables.parts {
            #expect(part.rows.allSatisfy { $0.count == part.columns.count }, "\(part.name)")
            #expect(Set(part.columns).count == part.columns.count, "\(part.name): columns are keys in JSON")
        }
    }
}
