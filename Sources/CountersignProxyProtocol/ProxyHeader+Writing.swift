extension ProxyHeader {
    /// The header as it is sent, with a checksum.
    ///
    /// Addresses of two families are both written as IPv6. Extras that do not fit into the 65535 bytes that there are in all are
    /// left out, the last ones first.
    package var bytes: [UInt8] {
        var addresses: [UInt8] = []
        var family: UInt8 = 0
        var command: UInt8 = 0x21
        switch source {
        case .local: command = 0x20
        case .unknown: break
        case .tcp(let client, let server):
            let isIPv4 = client.bytes.count == 4 && server.bytes.count == 4
            family = isIPv4 ? 0x11 : 0x21
            addresses += isIPv4 ? client.bytes : client.mapped
            addresses += isIPv4 ? server.bytes : server.mapped
            for port in [client.port, server.port] { addresses += [UInt8(port >> 8), UInt8(port & 0xFF)] }
        }
        var body = addresses
        for extra in extras where body.count + 3 + extra.value.count <= Self.mostBytes { extra.append(to: &body) }
        let checksum = ProxyExtra(type: ProxyExtra.checksum, value: [0, 0, 0, 0])
        checksum.append(to: &body)
        var output = Self.signature + [command, family, UInt8(body.count >> 8), UInt8(body.count & 0xFF)]
        output += body
        var sum = CRC32C()
        sum.add(output.span)
        for (index, shift) in [24, 16, 8, 0].enumerated() {
            output[output.count - 4 + index] = UInt8(truncatingIfNeeded: sum.value >> UInt32(shift))
        }
        return output
    }

    /// What the length field can say, less the checksum.
    private static let mostBytes = 0xFFFF - 7
}
