/// The bounds of the disk adapter.
enum Limits {
    /// The writes after which the log is copied into the database file. A write takes one to three pages of 4 KiB, so the log
    /// stays within about 400 MiB, and a page that many blocks change is copied once.
    static let changesBetweenCheckpoints = 32_768
}
