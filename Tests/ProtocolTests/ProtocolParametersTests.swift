import Primitives
import ProtocolRules
import Testing
import WireFormat

@Suite struct ProtocolParametersTests {
    static let presets = [ProtocolParameters.network, .devnet]

    @Test(arguments: presets) func presetsAreWithinBoundsAndEncodeThereAndBack(_ parameters: ProtocolParameters) throws
    {
        try parameters.check()
        #expect(try ProtocolParameters.decode(parameters.encoded()) == parameters)
    }

    /// protocol.md section 13: name, network, devnet; a confirmation of a devnet by ADR 15.
    @Test(arguments: [
        ("chain.block_time_milliseconds", UInt64(5_000), UInt64(1_000)), ("chain.epoch_blocks", 17_280, 60),
        ("chain.beacon_interval_blocks", 64, 3), ("rounds.serving_work_blocks", 4_320, 15),
        ("rounds.sprint_work_blocks", 120, 8), ("rounds.confirmations_per_epoch", 2, 1),
        ("rounds.confirmation_work_blocks", 12, 8), ("rounds.commit_blocks", 24, 3), ("rounds.audit_blocks", 240, 10),
        ("rounds.open_blocks", 60, 3), ("rounds.appeal_blocks", 240, 10), ("rounds.appeal_open_blocks", 60, 3),
        ("rounds.settlement_claims_per_block", 500, 500), ("rounds.sprint_prompt_tokens", 24, 24),
        ("rounds.sprint_output_tokens", 32, 32), ("rounds.sprint_samples", 8, 8),
        ("rounds.confirmation_samples", 4, 4), ("rounds.serving_samples", 4, 4), ("rounds.samples_per_percent", 1, 0),
        ("sessions.group_size_default", 8, 3), ("sessions.group_size_max", 64, 64), ("sessions.expiry_epochs", 7, 20),
        ("sessions.max_tokens_default", 256, 256), ("economy.serving_tax_parts_per_million", 20_000, 20_000),
    ])
    func presetsHoldTheProtocolsNumbers(_ name: String, _ network: UInt64, _ devnet: UInt64) throws {
        let parameter = try #require(ProtocolParameter.all.first { $0.name == name })
        #expect(ProtocolParameters.network[keyPath: parameter.keyPath] == network)
        #expect(ProtocolParameters.devnet[keyPath: parameter.keyPath] == devnet)
    }

    @Test func everyParameterHasItsOwnNameFieldAndPlace() {
        let all = ProtocolParameter.all
        #expect(all.map(\.field) == Set(all.map(\.field)).sorted())
        #expect(Set(all.map(\.name)).count == all.count)
        var parameters = ProtocolParameters.network
        for (index, parameter) in all.enumerated() { parameters[keyPath: parameter.keyPath] = UInt64(index) }
        for (index, parameter) in all.enumerated() { #expect(parameters[keyPath: parameter.keyPath] == UInt64(index)) }
    }

    @Test func noParameterLeavesItsBounds() throws {
        for parameter in ProtocolParameter.all {
            let outside = [parameter.bounds.lowerBound &- 1, parameter.bounds.upperBound + 1]
            for value in outside where !parameter.bounds.contains(value) {
                var parameters = ProtocolParameters.network
                parameters[keyPath: parameter.keyPath] = value
                let expected = ParameterError.outOfBounds(
                    name: parameter.name, field: parameter.field, value: value, bounds: parameter.bounds)
                #expect(throws: expected) { try parameters.check() }
                #expect(throws: WireError.invalidValue(number: parameter.field)) {
                    try ProtocolParameters.decode(parameters.encoded())
                }
            }
        }
    }

    @Test func parametersMustFitOneAnother() {
        func refused(_ name: String, with other: String, _ change: (inout ProtocolParameters) -> Void) {
            var parameters = ProtocolParameters.devnet
            change(&parameters)
            let error = #expect(throws: ParameterError.self) { try parameters.check() }
            guard case .inconsistent(name, _, other) = error else {
                Issue.record("\(name) beside \(other): \(String(describing: error))")
                return
            }
        }
        refused("chain.epoch_blocks", with: "chain.beacon_interval_blocks") { $0.chain.epochBlocks = 61 }
        // 48 blocks are the longest sprint of devnet up to its settlement.
        refused("rounds.sprint_work_blocks", with: "chain.epoch_blocks") { $0.chain.epochBlocks = 45 }
        refused("sessions.group_size_default", with: "sessions.group_size_max") { $0.sessions.groupSizeMax = 2 }
        refused("sessions.expiry_epochs", with: "sessions.expiry_epochs_max") { $0.sessions.expiryEpochsMax = 19 }
        refused("economy.price_min", with: "economy.price_max") { $0.economy.priceMax = 1 }
    }

    @Test func aSprintSettlesWithinItsEpochAtTheTightest() throws {
        var parameters = ProtocolParameters.devnet
        parameters.chain.epochBlocks = 48
        try parameters.check()
        for epoch in 1...50 as ClosedRange<UInt64> {
            let heights = try parameters.epochSchedule.heights(of: epoch)
            let sprint = try RoundTimetable(
                openingHeight: heights.lowerBound, kind: .sprint, windows: parameters.rounds,
                beacon: parameters.beaconSchedule)
            #expect(heights.contains(sprint.settleHeight))
        }
    }
}
