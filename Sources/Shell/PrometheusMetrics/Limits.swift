/// The bounds of what is kept and told about a process.
public struct Limits: Sendable {
    /// Series, each a name with its labels; more are refused and counted. A scrape is a megabyte or two at most then.
    public var seriesMax = 2_048
    /// Labels of one series; one with more is refused.
    public var labelsMax = 8
    /// The longest value of a label, in bytes; the rest is left out.
    public var labelValueBytesMax = 128
    /// Connections to the server at once.
    public var connectionsMax = 16

    public init() {}
}
