package import CountersignGRPCServer
package import CountersignTransport
package import CountersignWorkload
import Glibc
import Synchronization

/// Finds out what a caller is, from the kernel alone.
///
/// User and group are those with which the caller connected. Its program is looked up by its number, which counts only
/// because the process is held (pidfd) and found alive after the look: a number that was given to another process in
/// between is noticed.
package final class ProcessInspector: Sendable {
    private let digests = Mutex<[ProgramFile.Version: [UInt8]]>([:])

    /// The most digests that are remembered; beyond it, all are found out anew.
    private static let maximumDigests = 1_024

    /// An inspector that remembers nothing yet.
    package init() {}

    /// What a caller is.
    ///
    /// Of a process whose program cannot be looked at, user and group are certain all the same. A program that runs in
    /// another mount namespace has a digest, but no path: what is at a path there is up to who made the namespace.
    ///
    /// - Returns: nil when the process that connected has ended.
    package func inspect(_ peer: GRPCLocalPeer) -> WorkloadEvidence? {
        inspect(peer.credentials, peer.process)
    }

    /// What a process is that is known by its number and held, where the system lets it be.
    ///
    /// - Returns: nil when the process has ended.
    package func inspect(_ credentials: LocalPeer, _ process: ProcessHandle?) -> WorkloadEvidence? {
        guard let process else {
            return WorkloadEvidence(userID: credentials.userID, groupID: credentials.groupID, path: nil) { nil }
        }
        let program = ProgramFile(ofProcess: credentials.processID)
        let isOfThisHost = Self.sharesMounts(credentials.processID)
        // All of it was asked for by number; it is about this process only if it has not ended.
        guard process.isAlive else { return nil }
        return WorkloadEvidence(
            userID: credentials.userID,
            groupID: credentials.groupID,
            path: isOfThisHost ? program?.path : nil,
            sha256: { [self] in program.flatMap(digest) }
        )
    }

    private func digest(of program: ProgramFile) -> [UInt8]? {
        if let known = digests.withLock({ $0[program.version] }) { return known }
        guard let digest = program.sha256() else { return nil }
        digests.withLock { digests in
            if digests.count >= Self.maximumDigests { digests = [:] }
            digests[program.version] = digest
        }
        return digest
    }

    /// Whether a process sees the files of the system as this one does.
    private static func sharesMounts(_ processID: Int32) -> Bool {
        var (theirs, ours) = (stat(), stat())
        return unsafe stat("/proc/\(processID)/ns/mnt", &theirs) == 0 && stat("/proc/self/ns/mnt", &ours) == 0
            && theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino
    }
}
