import CountersignSpool

/// Reads the input as a segment of a spool, as it is and between two good records.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSpool(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    _ = payloads(input)
    guard let first = SpoolFormat.record(Array("first".utf8)), let last = SpoolFormat.record(Array("last".utf8)) else {
        preconditionFailure("good records are refused")
    }
    let found = payloads(first + input + last)
    precondition(found.first == Array("first".utf8), "what follows a record hides it")
    precondition(found.last == Array("last".utf8), "what precedes a record hides it")
    if let own = SpoolFormat.record(input) {
        precondition(
            payloads(first + own + last) == [Array("first".utf8), input, Array("last".utf8)],
            "a record is lost"
        )
        precondition(payloads(own + last.dropLast()) == [input], "a record is made up")
    }
    return 0
}

/// The payloads of a segment; the steps go forward, and stay within it.
private func payloads(_ bytes: [UInt8]) -> [[UInt8]] {
    var (found, place) = ([[UInt8]](), 0)
    while place < bytes.count {
        switch SpoolScanner.next(in: bytes.span, from: place, isFinal: true) {
        case .record(let payload):
            precondition(payload.lowerBound == place + SpoolFormat.headerLength && payload.upperBound <= bytes.count)
            found.append(Array(bytes[payload]))
            place = payload.upperBound
        case .damaged(let range):
            precondition(range.lowerBound == place && range.upperBound > place && range.upperBound <= bytes.count)
            place = range.upperBound
        case .cut: return found
        case .lost: preconditionFailure("the end of a segment is taken for that of a piece")
        }
    }
    return found
}
