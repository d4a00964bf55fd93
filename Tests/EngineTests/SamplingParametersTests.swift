import ProtocolRules
import Testing
import WireFormat

struct SamplingParametersTests {
    @Test func bytesGiveTheValueBack() throws {
        let parameters = try SamplingParameters(
            temperature: 700_000, topP: 900_000, minP: 50_000, topK: 40, presencePenalty: -2_000_000,
            frequencyPenalty: 1)
        #expect(try SamplingParameters.decode(parameters.encoded()) == parameters)
        #expect(try SamplingParameters.decode(SamplingParameters.greedy.encoded()) == .greedy)
    }

    @Test func refusesEachFieldOutsideItsRange() {
        #expect(throws: SamplingParameters.RangeError.temperature) { try SamplingParameters(temperature: 2_000_001) }
        #expect(throws: SamplingParameters.RangeError.topP) { try SamplingParameters(topP: 1_000_001) }
        #expect(throws: SamplingParameters.RangeError.minP) { try SamplingParameters(minP: 1_000_001) }
        #expect(throws: SamplingParameters.RangeError.presencePenalty) {
            try SamplingParameters(presencePenalty: -2_000_001)
        }
        #expect(throws: SamplingParameters.RangeError.frequencyPenalty) {
            try SamplingParameters(frequencyPenalty: .min)
        }
    }

    @Test func decodingChecksRanges() {
        var encoder = ProtobufEncoder()
        encoder.write(2_000_001, field: 1)
        #expect(throws: WireError.invalidValue(number: 1)) { try SamplingParameters.decode(encoder.bytes) }
        encoder = ProtobufEncoder()
        encoder.write(signed: -3_000_000_000, field: 5)
        #expect(throws: WireError.invalidValue(number: 5)) { try SamplingParameters.decode(encoder.bytes) }
    }
}
