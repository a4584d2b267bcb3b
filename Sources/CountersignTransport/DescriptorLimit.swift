import Glibc

/// How many descriptors the process may have open.
package enum DescriptorLimit {
    /// Raises the soft limit to the hard one, as the soft one is low for the sake of programs that use select(2).
    ///
    /// - Returns: the limit that is in force then.
    package static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(resource, &limit) == 0 else { return 0 }
        guard limit.rlim_cur < limit.rlim_max else { return Int(clamping: limit.rlim_cur) }
        var wanted = limit
        wanted.rlim_cur = limit.rlim_max
        let isRaised = unsafe setrlimit(resource, &wanted) == 0
        return Int(clamping: isRaised ? wanted.rlim_cur : limit.rlim_cur)
    }

    /// Whether this process, or the system, has no descriptor left at this moment.
    package static var isReached: Bool {
        let descriptor = unsafe open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard descriptor < 0 else {
            close(descriptor)
            return false
        }
        return errno == EMFILE || errno == ENFILE
    }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
}
