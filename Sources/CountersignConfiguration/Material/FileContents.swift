/// What a file holds, and who else may see it.
package struct FileContents: Sendable {
    /// The bytes of the file.
    package var bytes: [UInt8]

    /// The permissions of the file that was read, the lower nine bits of its mode.
    package var permissions: UInt32

    /// Makes contents from their parts.
    package init(bytes: [UInt8], permissions: UInt32 = 0o600) {
        self.bytes = bytes
        self.permissions = permissions
    }

    /// Whether anyone but the owner may read or write the file.
    package var isOpenToOthers: Bool { permissions & 0o066 != 0 }

    /// The permissions as `chmod` writes them.
    package var permissionsText: String {
        let digits = String(permissions & 0o777, radix: 8)
        return String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }
}
