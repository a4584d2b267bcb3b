import CountersignPKI
import CountersignTransport
import Glibc

/// An address that an option of `countersign dev` names: `HOST:PORT` or `[ADDRESS]:PORT`, where port 0 lets the system
/// choose.
struct DevAddress {
    private let option: String
    private let text: String
    private let host: String
    private let addresses: [SocketAddress]

    /// Parses the option's text and resolves its host.
    ///
    /// - Throws: ``ToolError`` that names the option.
    init(_ text: String, option: String) throws(ToolError) {
        self.option = option
        self.text = PrintableText.escaped(text)
        let fault = ToolError("\(option) '\(self.text)' must be HOST:PORT or [ADDRESS]:PORT, as in 127.0.0.1:8443")
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw fault
        }
        let named = text[..<colon]
        let isBracketed = named.hasPrefix("[") && named.hasSuffix("]")
        self.host = String(isBracketed ? named.dropFirst().dropLast() : named)
        guard !host.isEmpty, host.contains(":") == isBracketed else { throw fault }
        do throws(SystemError) {
            self.addresses = try SocketAddress.resolve(host: host, port: port)
        } catch {
            throw ToolError("\(option) '\(self.text)': the host does not resolve to an address")
        }
    }

    /// The address, and the same with a port that the system chooses.
    ///
    /// - Throws: ``ToolError`` when the host has no address.
    func choices() throws(ToolError) -> (wanted: SocketAddress, free: SocketAddress) {
        guard let address = addresses.first, let free = SocketAddress(numericHost: address.host, port: 0) else {
            throw ToolError("\(option) '\(text)': the host does not resolve to an address")
        }
        return (address, free)
    }

    /// Starts a server there, or on a port that the system chooses when it is taken: trying out must not fail over a port.
    ///
    /// - Throws: ``ToolError`` that names the option when the address cannot be used.
    func start<Server>(_ start: (SocketAddress) throws -> Server) throws -> Server {
        let (wanted, free) = try choices()
        return try naming {
            do {
                return try start(wanted)
            } catch let error as SystemError where error.code == EADDRINUSE {
                return try start(free)
            }
        }
    }

    /// Has errors of the system name the option and what it says.
    ///
    /// - Throws: ``ToolError`` in place of ``SystemError``.
    func naming<Value>(_ body: () throws -> Value) throws -> Value {
        do {
            return try body()
        } catch let error as SystemError {
            throw ToolError("\(option) '\(text)': \(error)")
        }
    }
}
