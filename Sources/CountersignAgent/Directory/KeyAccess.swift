package import Glibc

/// Whose the files of a private key are, and who may read them beside the owner.
///
/// Servers that give up root read their key as another user, or by their group.
package struct KeyAccess: Sendable, Hashable {
    /// The owner; nil leaves the agent's.
    package var userID: uid_t?
    /// The group; nil leaves the agent's.
    package var groupID: gid_t?
    /// Whether the group may read: mode 0640 in place of 0600.
    package var isGroupReadable: Bool

    /// An access.
    package init(userID: uid_t? = nil, groupID: gid_t? = nil, isGroupReadable: Bool = false) {
        self.userID = userID
        self.groupID = groupID
        self.isGroupReadable = isGroupReadable
    }

    /// The permissions of the files.
    package var mode: mode_t { isGroupReadable ? 0o640 : 0o600 }
}
