/// A request target taken apart (RFC 9112 section 3.2).
struct RequestTarget {
    /// Which of the four forms it has.
    let form: TargetForm

    /// The path with its query; see ``RequestHead/path``.
    let path: ByteRange

    /// The authority in it; nil in origin-form and asterisk-form.
    let authority: Authority?

    /// The bytes of the authority with its port; empty without one.
    let authorityRange: ByteRange

    /// Takes apart the target at `range`, whose bytes are all visible ASCII, for `method`.
    ///
    /// - Throws: what is wrong with it, or with it for this method.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ range: ByteRange, method: RequestMethod) throws(ScanInterruption) {
        if method != .connect, bytes[range.start] == 0x2F {
            self.init(form: .origin, path: range)
        } else {
            try self.init(uncommon: bytes, range, method)
        }
    }

    private init(
        form: TargetForm,
        path: ByteRange,
        authority: Authority? = nil,
        authorityRange: ByteRange = .empty
    ) {
        self.form = form
        self.path = path
        self.authority = authority
        self.authorityRange = authorityRange
    }

    @inline(never)
    private init(
        uncommon bytes: Span<UInt8>,
        _ range: ByteRange,
        _ method: RequestMethod
    ) throws(ScanInterruption) {
        if method == .connect {
            guard let authority = Authority(bytes, range), authority.hasPort else {
                throw .violation(.unexpectedTargetForm, at: range.start)
            }
            let nothing = ByteRange(start: range.end, end: range.end)
            self.init(form: .authority, path: nothing, authority: authority, authorityRange: range)
        } else if range.count == 1, bytes[range.start] == 0x2A {
            guard method == .options else {
                throw .violation(.unexpectedTargetForm, at: range.start)
            }
            self.init(form: .asterisk, path: range)
        } else {
            try self.init(absolute: bytes, range)
        }
    }

    private init(absolute bytes: Span<UInt8>, _ range: ByteRange) throws(ScanInterruption) {
        guard let authorityStart = Self.endOfScheme(bytes, range) else {
            let code: ProtocolViolation.Code =
                Authority(bytes, range) == nil ? .malformedTarget : .unexpectedTargetForm
            throw .violation(code, at: range.start)
        }
        var end = authorityStart
        while end < range.end, bytes[end] != 0x2F, bytes[end] != 0x3F {
            end &+= 1
        }
        let authorityRange = ByteRange(start: authorityStart, end: end)
        guard let authority = Authority(bytes, authorityRange) else {
            throw .violation(.malformedHost, at: authorityStart)
        }
        let path = ByteRange(start: end, end: range.end)
        self.init(form: .absolute, path: path, authority: authority, authorityRange: authorityRange)
    }

    /// The offset after `http://` or `https://`; nil for every other beginning.
    private static func endOfScheme(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        for scheme in [7, 8] where range.count >= scheme {
            let beginning = ByteRange(start: range.start, end: range.start &+ scheme)
            if bytes.equalIgnoringCase(beginning, scheme == 7 ? "http://" : "https://") {
                return beginning.end
            }
        }
        return nil
    }
}
