import Glibc

/// How a ``SQLiteStore`` works; the defaults suit an authority.
package struct SQLiteStoreOptions: Sendable {
    /// Where the issuance log is; nil for the database's path with `.log` appended.
    package var logPath: String?
    /// Whether a log that is missing, too short or altered is given up.
    ///
    /// What it held beyond the database is lost: certificates and revocations since the backup among it. The numbers
    /// of revocation lists and revocation events jump by ``numberJump``, so that none is used twice.
    package var acceptLostLog = false
    /// The most transactions that may wait; further ones are refused as `unavailable`.
    package var queueLimit = 65_536
    /// The most changes that are made durable together, where a single transaction has not more.
    package var groupLimit = 4096
    /// A group of at least so many transactions tells that they come in numbers; the writer then waits for company
    /// before the next one, as long as a turn of ``gather`` brings two and more.
    ///
    /// Each group costs two waits for the disk and two changes of threads, whatever its size: under load, fewer and larger
    /// ones leave more of the processor to those who make the transactions. A transaction that comes alone never waits.
    package var crowd = 4
    /// So many transactions that wait are company enough.
    package var company = 64
    /// The most turns of ``gather`` between two groups.
    package var patience = 8
    /// One turn of that wait: 2 ms, in which a processor makes a handful of certificates.
    package var gather: @Sendable () -> Void = { usleep(2_000) }
    /// The writer's page cache in KiB.
    ///
    /// The index of serial numbers takes some 40 bytes a certificate; as long as it
    /// fits, recording a certificate reads nothing.
    package var cacheKibibytes = 65_536
    /// How many serial numbers are kept in memory before they go to the index together.
    ///
    /// They take some 100 bytes each, and are read when the store is opened. The more they are, the fewer pages of the
    /// index are written for each certificate.
    package var indexBatch = 32_768
    /// The time in Unix seconds, for entries that the store itself makes in the audit trail.
    package var now: @Sendable () -> Int64 = { Int64(time(nil)) }
    /// Called on the store's writing thread at each stage of a group; it must not block for long.
    package var observer: (@Sendable (GroupCommitStage) -> Void)?

    /// How far numbers jump when a log is given up.
    package static let numberJump: Int64 = 1_000_000

    package init() {}
}

/// How far a group of transactions has come.
package enum GroupCommitStage: Sendable, Hashable {
    /// The issuance log holds the group and is on disk; the database does not hold it yet.
    case logged(changes: Int, bytes: Int)
    /// The database holds the group and is on disk.
    case committed(changes: Int)
}
