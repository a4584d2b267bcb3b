/// What an authority would send.
enum RevocationText {
    static func event(_ sequence: Int, serial: String = "0a", reason: String = "keyCompromise") -> String {
        """
        {"type":"revocation","sequence":\(sequence),"serial":"\(serial)","issuer_key_id":"0102",\
        "date":"2026-01-31T09:30:00Z","reason":"\(reason)","not_after":"2099-01-31T09:30:00Z"}
        """
    }

    static func snapshot(_ epoch: String, _ sequence: Int, _ entries: [String] = []) -> String {
        """
        {"type":"snapshot","epoch":"\(epoch)","sequence":\(sequence),"entries":[\(entries.joined(separator: ","))]}
        """
    }

    static func resumed(_ epoch: String, _ sequence: Int) -> String {
        #"{"type":"resumed","epoch":"\#(epoch)","sequence":\#(sequence)}"#
    }

    static let heartbeat = #"{"type":"heartbeat"}"#
}
