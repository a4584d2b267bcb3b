import Glibc

/// The environment variables of this process.
package enum ProcessEnvironment {
    /// The value of a variable; `nil` when it is not set.
    package static func value(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }
}
