/// Why a file could not be read; the cases complete "the file …".
package struct FileReadError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What is wrong, in words that complete "the file …".
    package let description: String

    /// The file does not exist.
    package static let missing = FileReadError(description: "does not exist")

    /// The process may not read the file.
    package static let notPermitted = FileReadError(description: "may not be read by this process")

    /// The path is of a folder, a device or something else that is no file.
    package static let notAFile = FileReadError(description: "is not a regular file")

    /// The file is longer than `maximumBytes`.
    package static func tooLong(_ maximumBytes: Int) -> FileReadError {
        FileReadError(description: "is longer than \(maximumBytes) bytes")
    }

    /// Reading failed with an error number of the system.
    package static func failed(errorNumber: Int32) -> FileReadError {
        FileReadError(description: "cannot be read (system error \(errorNumber))")
    }
}
