/// The maxima of what the wallet reads and takes.
enum Limits {
    /// Bytes of a key file; ours have under 600.
    static let keyFileBytesMax = 16_384
    /// Keys in one directory.
    static let keysMax = 10_000
    /// Characters of a key's name.
    static let keyNameLengthMax = 64
    /// Bytes of a typed mnemonic; 24 words have under 240.
    static let mnemonicBytesMax = 1_024
}
