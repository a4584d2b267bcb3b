import CountersignTransport
import Glibc

/// Puts files out of the way that are not what their names say.
enum SpoolAside {
    /// Renames a file of the spool's folder; nobody touches it any more.
    ///
    /// - Returns: the new name.
    /// - Throws: `SystemError` that names the file.
    static func put(_ name: String, in folder: String) throws(SystemError) -> String {
        var status = stat()
        for number in 1...Self.most {
            let other = "aside-\(number)-\(name)"
            if unsafe lstat("\(folder)/\(other)", &status) == 0 { continue }
            guard unsafe rename("\(folder)/\(name)", "\(folder)/\(other)") == 0 else { break }
            return other
        }
        throw SystemError(action: "rename \(folder)/\(name)")
    }

    private static let most = 1000
}
