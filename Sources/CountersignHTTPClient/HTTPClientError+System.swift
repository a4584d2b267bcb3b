import CountersignTransport
import Glibc

extension HTTPClientError {
    /// What an error number of the system means for a call.
    static func system(_ number: Int32, label: String, while doing: String) -> HTTPClientError {
        let text = "\(label): \(SystemError.text(of: number)) while \(doing)"
        switch number {
        case ECONNREFUSED: return HTTPClientError(.refused, text)
        case ETIMEDOUT: return HTTPClientError(.timeout, text)
        case EHOSTUNREACH, ENETUNREACH, ENETDOWN, EADDRNOTAVAIL, EAFNOSUPPORT, EACCES, EPERM, EINVAL, EMFILE, ENFILE:
            return HTTPClientError(.unreachable, text)
        default: return HTTPClientError(.connectionLost, text)
        }
    }
}
