/// How much one JSON text may ask of its reader. The defaults are those of a request body of this network.
public struct JSONLimits: Sendable {
    /// The longest text, in bytes.
    public var bytesMax = 10 * 1_048_576
    /// The deepest nesting of arrays and objects; `[1]` is one deep. Reading recurses once a level, so keep it below a
    /// few hundred.
    public var depthMax = 32
    /// The longest number, in characters with sign and exponent.
    public var numberLengthMax = 32
    /// The most values in all, containers included. It bounds memory: `[[],[],[]…` grows twelvefold when it is read.
    public var valuesMax = 262_144

    public init() {}
}
