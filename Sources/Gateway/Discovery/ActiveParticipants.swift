import Cryptography
import Primitives
import WireFormat

/// Who takes part in one epoch, in the two forms of the network's API: JSON, and protobuf in hex.
struct ActiveParticipants: Sendable {
    let participants: [Participant]
    let epoch: UInt64
    /// The epoch's first height.
    let startHeight: UInt64
    /// Where all of them are asked: a gateway, since hosts themselves answer to vouchers only.
    let inferenceURL: String

    var json: JSONValue {
        [
            "participants": .array(participants.map(entry)), "epoch_group_id": .number(epoch),
            "poc_start_block_height": .number(startHeight), "effective_block_height": .number(startHeight),
            "created_at_block_height": .number(startHeight), "epoch_id": .number(epoch),
        ]
    }

    private func entry(_ participant: Participant) -> JSONValue {
        [
            "index": .string(participant.address.bech32),
            "validator_key": .string(Base64.encode(participant.consensusKey)), "weight": .number(participant.weight),
            "inference_url": .string(inferenceURL), "models": .array(participant.models.map { .string($0) }),
            "seed": .null, "ml_nodes": [],
        ]
    }

    /// The message `ActiveParticipants`.
    var bytes: Bytes {
        var encoder = ProtobufEncoder()
        encoder.write(repeated: participants.map(encoded), field: 1)
        encoder.write(epoch, field: 2)
        for field in [3, 4, 5] as [UInt32] { encoder.write(startHeight, field: field) }
        encoder.write(epoch, field: 6)
        return encoder.bytes
    }

    private func encoded(_ participant: Participant) -> Bytes {
        var encoder = ProtobufEncoder()
        encoder.write(participant.address.bech32, field: 1)
        encoder.write(Base64.encode(participant.consensusKey), field: 2)
        encoder.write(participant.weight, field: 3)
        encoder.write(inferenceURL, field: 4)
        encoder.write(repeated: participant.models, field: 5)
        return encoder.bytes
    }
}
