import CountersignHTTP1

/// Reads the input as a request head and as a response head, whole and cut in two.
///
/// A trap is a finding: one in the product, or one of the checks below, which hold for every input.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHTTP1Head(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // SAFETY: the fuzzer passes `size` readable bytes that stay as they are during the call.
    let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    let cut = size == 0 ? 0 : Int(input[size - 1]) * size / 256
    fuzzRequest(input, cut: cut)
    fuzzResponse(input)
    return 0
}

private func fuzzRequest(_ input: [UInt8], cut: Int) {
    var scanner = RequestScanner()
    let result = scanner.scan(input.span)
    let head = scanner.head
    if result == .complete {
        check(scanner.fields, end: head.length, count: input.count)
        precondition(head.methodRange.start == head.start && !head.methodRange.isEmpty, "method out of place")
        precondition(head.target.start == head.methodRange.end + 1 && !head.target.isEmpty, "target out of place")
        precondition(!head.host.isEmpty && head.framing != .untilClose, "no host, or no framing")
        precondition(head.path.start >= head.target.start && head.path.end == head.target.end, "path out of place")
    }
    let part = Array(input[..<cut])
    let partial = scanner.scan(part.span)
    let isWhole = result == .complete && cut >= head.length
    precondition(partial == .needMore || (partial == result && (result != .complete || isWhole)), "the cut matters")
    fuzzBoundary(input, part, result, length: head.length)
}

private func fuzzBoundary(_ input: [UInt8], _ part: [UInt8], _ scanned: ScanResult, length: Int) {
    let limits = HeadLimits()
    var whole = HeadBoundary()
    var pieces = HeadBoundary()
    let expected = whole.advance(input.span, limits: limits)
    let first = pieces.advance(part.span, limits: limits)
    let found = first == .incomplete ? pieces.advance(input.span, limits: limits) : first
    precondition(found == expected, "the boundary depends on the cut")
    switch (expected, scanned) {
    case (.complete(let end), .complete): precondition(end == length, "the boundary and the scanner disagree")
    case (_, .complete): preconditionFailure("the boundary refuses what the scanner takes")
    case (.complete, .needMore): preconditionFailure("the scanner waits past the boundary")
    default: break
    }
}

private func fuzzResponse(_ input: [UInt8]) {
    var scanner = ResponseScanner()
    for method in [RequestMethod.get, .head, .connect] {
        let result = scanner.scan(input.span, requestMethod: method)
        guard result == .complete else {
            continue
        }
        let head = scanner.head
        check(scanner.fields, end: head.length, count: input.count)
        precondition((100...599).contains(head.status), "status out of range")
        precondition(method != .head || head.framing == .none, "content for HEAD")
        precondition(head.framing != .untilClose || !head.keepAlive, "reuse after content without an end")
    }
}

/// The lines follow one another up to the blank line, and every range lies within its line.
private func check(_ fields: [HeaderField], end: Int, count: Int) {
    precondition(end <= count, "the head ends past the input")
    var offset = fields.first?.line.start ?? end - 2
    for field in fields {
        precondition(field.line.start == offset && field.name.start == offset, "a gap between lines")
        precondition(!field.name.isEmpty && field.name.end < field.value.start, "name out of place")
        precondition(field.value.start <= field.value.end, "a value that ends before it begins")
        precondition(field.value.end + 2 <= field.line.end, "value out of place")
        offset = field.line.end
    }
    precondition(offset + 2 == end, "the last line does not end at the blank line")
}
