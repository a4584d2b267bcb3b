import CountersignProxyProtocol

/// What is read can be written and is read as the same; what is said of part of a header holds for the whole.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    switch ProxyHeaderReader.read(input.span) {
    case .needMore:
        precondition(count < ProxyHeaderReader.limit, "a header is waited for beyond its limit")
    case .noHeader, .refused: break
    case .header(let header, let length):
        precondition(length <= count && length <= ProxyHeaderReader.limit)
        for part in [0, 5, length / 2, length - 1] where part < length {
            precondition(ProxyHeaderReader.read(Array(input.prefix(part)).span) == .needMore, "a part was enough")
        }
        let written = header.bytes
        if written.count <= ProxyHeaderReader.limit {
            precondition(ProxyHeaderReader.read(written.span) == .header(header, length: written.count))
        }
        if let value = header.value(ProxyExtra.tls), let tls = ProxyTLS(value.span) {
            precondition(tls.field.value == value, "a value has two spellings")
        }
    }
    return 0
}
