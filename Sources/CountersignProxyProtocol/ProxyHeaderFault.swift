/// Why a PROXY protocol header is refused.
package enum ProxyHeaderFault: String, Error, Hashable, Sendable {
    /// It is not of version 2.
    case version
    /// Its command is neither LOCAL nor PROXY.
    case command
    /// Its address family or transport does not exist.
    case family
    /// Its addresses are cut off.
    case addresses
    /// It is larger than any header has reason to be.
    case tooLarge = "too_large"
    /// Its fields do not add up.
    case extras
    /// Its checksum is wrong.
    case checksum
}
