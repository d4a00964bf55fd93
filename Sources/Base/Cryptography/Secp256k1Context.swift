import CSecp256k1

/// The one context of libsecp256k1 in the process.
enum Secp256k1Context {
    /// Passed to every call.
    static var pointer: OpaquePointer { shared.pointer }

    private static let shared = Shared()

    /// @unchecked: the pointer never changes, and libsecp256k1 only reads a context that is passed as `const`, which every
    /// function but `secp256k1_context_randomize` does; that one runs here, before anyone else can have the pointer.
    private struct Shared: @unchecked Sendable {
        let pointer: OpaquePointer

        init() {
            guard let created = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
                preconditionFailure("no memory for libsecp256k1's context")
            }
            // Blinds the arithmetic of signing against timing and power analysis; the results stay the same.
            _ = Secret.random(count: 32).withPointer { secp256k1_context_randomize(created, $0) }
            pointer = created
        }
    }
}
