package import Glibc

/// Users and groups of the system, by their names.
package enum SystemAccount {
    /// The number of a user; nil when there is none of that name.
    ///
    /// - Parameter name: a name, or a number, which need not be anybody's.
    package static func userID(_ name: String) -> uid_t? {
        if let number = uid_t(name), number != .max { return number }
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: maximumEntry)
        guard unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.pw_uid
    }

    /// The number of a group; nil when there is none of that name.
    ///
    /// - Parameter name: a name, or a number, which need not be any group's.
    package static func groupID(_ name: String) -> gid_t? {
        if let number = gid_t(name), number != .max { return number }
        var entry = unsafe group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: maximumEntry)
        guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, unsafe found != nil else {
            return nil
        }
        return unsafe entry.gr_gid
    }

    /// Room for an entry of the largest groups, in bytes.
    private static let maximumEntry = 256 * 1024
}
